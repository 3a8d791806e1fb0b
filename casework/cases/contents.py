"""What the archive package of a case holds: all that was said, signed, issued, and the drawing it followed.

The same case gives the same bytes: nothing here depends on who exports it or when (the export's own record
and the manifest are written beside, casework/packages.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import joinedload

from casework import (
    archive_verify,
    bids,
    checkpoints,
    committee,
    files,
    journal,
    letters,
    notices,
    packages,
    papers,
    people,
    procedures,
    signoffs,
)
from casework.cases import attached, bidding, enclosures, keeping, shown, tenders, written
from casework.cases.lists import steps
from casework.cases.model import Case, Party, Step
from casework.db import db
from casework.engine import values
from casework.errors import Busy, NotYet
from casework.packages import Part
from casework.papers.model import Template
from casework.people import Post
from casework.words import _, say_in

#: The entries that the archive itself writes into the record; they end no case.
EXPORTED, FETCHED, APPRAISED = "archived", "fetched", "appraised"
AFTER_THE_END = frozenset({EXPORTED, FETCHED, APPRAISED})
HUNG = ("kind", "title", "title_en", "body", "body_en", "published_at", "until", "withdrawn_at")
SENT = ("subject", "body", "written_at")
STAMPED = (
    *("lane", "step_id", "item_version", "verdict", "reason", "due"),
    *("at", "void_at", "void_reason"),
)
README = Path(__file__).resolve().parents[2] / "workflows" / "shared" / "archive-readme.txt"


class Missing(NotYet):
    """Something that belongs into the package is not there: the package is refused."""


@dataclass(frozen=True)
class Closing:
    """Where the record of the case ends, exports left aside."""

    entries: list[dict[str, Any]]

    @property
    def seq(self) -> int:
        return len(self.entries)

    @property
    def head(self) -> str:
        return str(self.entries[-1]["hash"]) if self.entries else journal.GENESIS


def closing(case: Case) -> Closing:
    """The record up to the last entry that is not the archive's own."""
    entries = journal.stored(case.id)
    while entries and entries[-1]["what"] in AFTER_THE_END:
        entries.pop()
    return Closing(entries)


@dataclass(frozen=True)
class Contents:
    """The files of the package, and what this machine could not make."""

    parts: tuple[Part, ...]
    lacks: tuple[str, ...]


def of(case: Case, *, by: Post, now: datetime) -> Contents:
    """Everything about the case; raises Missing when a part of it cannot be had."""
    end, issued = closing(case), papers.of(case.id)
    proof = checkpoints.proof(case.id, end.seq)
    if proof is None:
        raise Busy(_("办理记录的末条尚未签名，请稍后重试。"))
    lasting = _lasting([paper.id for paper in issued])
    lacks = tuple(_paper_folder(at, one) for at, one in enumerate(issued, 1) if one.id not in lasting)
    answered, attachments = _answers(case)
    parts = [
        *_heading(case, end, issued, answered, lacks),
        Part("record/journal.jsonl", written.lines(end.entries)),
        Part("record/checkpoint.json", written.plain(proof)),
        Part("answers.json", written.rows("steps", answered)),
        *attachments,
        *_enclosures(case),
        *_papers(issued, lasting),
        *_said(case),
        *_drawing(case, now),
        *_bids(case, by),
        Part("verify.py", packages.verifier()),
        Part("README.txt", README.read_bytes()),
    ]
    return Contents(tuple(parts), lacks)


# -- the case -----------------------------------------------------------------------------------------------


def _heading(
    case: Case, end: Closing, issued: list[papers.Paper], answered: list[dict[str, Any]], lacks: Iterable[str]
) -> Iterator[Part]:
    """What the case is: for people and programs, as JSON and, with the same contents, as XML."""
    about = _about(case, end, lacks)
    yield Part("case.json", written.plain(about))
    yield Part("facts.json", values.dumps({"facts": case.facts, "variables": case.variables}).encode())
    listed = [
        {k: str(step[k] or "") for k in ("id", "name", "organisation", "person", "done_at")}
        for step in answered
    ]
    paper_list = [
        {"code": p.code, "title": p.title, "number": p.number, "issued_at": written.moment(p.issued_at)}
        for p in issued
    ]
    yield Part("metadata.xml", written.xml({**about, "steps": listed, "papers": paper_list}))


def _about(case: Case, end: Closing, lacks: Iterable[str]) -> dict[str, Any]:
    term, procedure = keeping.term(case), case.procedure
    parties = db.session.scalars(
        sa.select(Party).where(Party.case_id == case.id).options(joinedload(Party.organisation))
    )
    children = sa.select(Case.number).where(Case.parent_id == case.id).order_by(Case.id)
    project = case.project
    return {
        "form": archive_verify.FORM,
        "id": case.id,
        "number": case.number,
        "title": case.title,
        "title_en": case.says_title("en"),
        "status": case.status,
        "opened_at": written.moment(case.opened_at),
        "ended_at": written.moment(case.ended_at),
        "starter": _organisation(case.starter),
        "project": {"code": project.code, "name": project.name, "address": project.address}
        if project
        else None,
        "procedure": {
            "key": case.key,
            "code": procedure.code,
            "title": procedure.title,
            "title_en": procedure.says(procedure.title, "en"),
            "version_sha256": procedure.sha256,
            "basis": list(procedure.about.get("basis") or ()),
        },
        "parties": [
            {"lane": one.lane, **_organisation(one.organisation)}
            for one in sorted(parties, key=lambda one: (one.lane, one.organisation_id))
        ],
        "concerns": case.parent.number if case.parent else None,
        "concerned_by": list(db.session.scalars(children)),
        "retention": {
            "class": term.name if term else None,
            "destroy_after": term.until.isoformat() if term and term.until else None,
        },
        "record": {"entries": end.seq, "head": end.head},
        "office": str(current_app.config["OFFICE"]),
        "lacks": [f"{place}: PDF/A-2b" for place in lacks],
    }


def _organisation(one: people.Organisation) -> dict[str, Any]:
    return {"id": one.id, "name": one.name, "name_en": one.name_en, "code": one.code, "kind": one.kind}


def _answers(case: Case) -> tuple[list[dict[str, Any]], list[Part]]:
    """Every step with its answers as signed, and the attachments it brought."""
    told, parts = [], []
    for step in reversed(steps(case.id, limit=100_000)):
        kept = [*_attachments(case, step)]
        parts += [Part(one["path"], path) for one, path in kept]
        told.append({**_step(case, step), "attachments": [one for one, _path in kept]})
    return told, parts


def _step(case: Case, step: Step) -> dict[str, Any]:
    post = step.done_post
    return {
        "id": step.id,
        "element": step.element,
        "name": step.name,
        "name_en": step.procedure.says(step.name, "en"),
        "lane": step.lane,
        "organisation": step.organisation.name,
        "person": post.user.name if post else None,
        "role": say_in("zh", post.role_name) if post else None,
        "form": step.form,
        "status": step.status,
        "opened_at": written.moment(step.opened_at),
        "due": written.moment(step.due),
        "explanation": step.explanation,
        "done_at": written.moment(step.done_at),
        "answers": step.answers,
        "proof": step.proof,
    }


def _attachments(case: Case, step: Step) -> Iterator[tuple[dict[str, Any], Path]]:
    """The files that the answers name, where they lie; Missing when one is gone or damaged."""
    for key, one in attached.named(step.procedure.forms.get(step.form), step.answers):
        file = db.session.get(files.File, int(one["id"]))
        path = f"attachments/{step.id}-{step.element}/{one['id']}-{one['name']}"
        about = {"id": one["id"], "key": key, "name": one["name"], "path": path, "size": one["size"]}
        yield {**about, "sha256": file.sha256 if file else ""}, _lies(file, one["name"])


def _enclosures(case: Case) -> Iterator[Part]:
    """The registers that stand behind lists of the case; the record names the SHA-256 of each."""
    for one in enclosures.of(case):
        file = db.session.get(files.File, one.file_id)
        yield Part(f"enclosures/{one.file_id}-{one.name}", _lies(file, one.name))


def _lies(file: files.File | None, name: str) -> Path:
    """Where a file's bytes lie, once they are known to be those that were kept."""
    if file is None or not files.whole(file):
        raise Missing(_("文件“%(name)s”缺失或已损坏，请先从备份恢复。", name=name))
    return files.path(file)


# -- papers -------------------------------------------------------------------------------------------------


def _paper_folder(at: int, paper: papers.Paper) -> str:
    return f"papers/{at:02}-{paper.code}"


def _lasting(paper_ids: list[int]) -> dict[int, files.File]:
    """The PDF/A of papers, where it was made."""
    made = packages.LastingPdf
    rows = sa.select(made.paper_id, files.File).join(files.File, files.File.id == made.file_id)
    return dict(db.session.execute(rows.where(made.paper_id.in_(paper_ids))).all())


def _papers(issued: list[papers.Paper], lasting: Mapping[int, files.File]) -> Iterator[Part]:
    """Each paper as issued (Word), as PDF, as PDF/A, with its scan; and what it says, as data."""
    told = []
    for at, paper in enumerate(issued, 1):
        place, named = _paper_folder(at, paper), {}
        kept = {"docx": paper.docx_id, "pdf": paper.pdf_id, "scan": paper.scan_id}
        for name, file_id in kept.items():
            file = db.session.get(files.File, file_id) if file_id else None
            if file is not None:
                named[name] = f"{place}/{'stamped' if name == 'scan' else 'paper'}.{file.kind}"
                yield Part(named[name], _lies(file, f"{paper.number} {paper.title}"))
        if "docx" not in named:
            raise Missing(
                _("文书“%(title)s”尚未生成，请稍后重试。", title=f"{paper.number} {paper.title}".strip())
            )
        if paper.id in lasting:
            named["pdfa"] = f"{place}/archive.pdf"
            yield Part(named["pdfa"], _lies(lasting[paper.id], f"{paper.title} PDF/A"))
        told.append(_paper(paper, named))
    for digest in sorted({paper.template_sha256 for paper in issued}):
        template = db.session.get(Template, digest)
        yield Part(f"papers/templates/{digest}.docx", template.docx if template else b"")
    yield Part("papers.json", written.rows("papers", told))


def _paper(paper: papers.Paper, named: dict[str, str]) -> dict[str, Any]:
    return {
        "id": paper.id,
        "code": paper.code,
        "title": paper.title,
        "number": paper.number,
        "issued_at": written.moment(paper.issued_at),
        "state": paper.state,
        "reason": paper.reason,
        "supersedes": paper.supersedes_id,
        "verification": paper.verification,
        "fingerprint": paper.fingerprint,
        "template_sha256": paper.template_sha256,
        "data": values.dumps(paper.data),
        "files": named,
    }


# -- what else was said, and the drawing --------------------------------------------------------------------


def _said(case: Case) -> Iterator[Part]:
    """Notices, letters, stamps and draws."""
    hung = [written.columns(one, HUNG) for one in notices.of(case.id)]
    sent = [{"to": _reader(one), **written.columns(one, SENT)} for one in reversed(letters.of(case.id))]
    yield Part("notices.json", written.rows("notices", hung))
    yield Part("letters.json", written.rows("letters", sent))
    lanes = list(case.procedure.about.get("confirms") or ())
    if lanes:
        yield Part(
            "stamps.json", written.rows("items", [_row(one) for one in signoffs.matrix(case.id, lanes)])
        )
    for draw in committee.draw.draws(case.id):
        if draw.state != "fixed":
            text = committee.draw.published(draw, case.number, case.procedure.texts)
            yield Part(f"draws/{draw.number}.json", text.encode())


def _row(one: signoffs.Row) -> dict[str, Any]:
    stamps = [*(s for s in one.stamps.values() if s is not None), *one.void]
    return {
        "key": one.item.key,
        "content": one.item.content,
        "version": one.item.version,
        "sha256": one.item.digest,
        "stamps": [
            {"organisation": s.organisation.name, "person": s.post.user.name, **written.columns(s, STAMPED)}
            for s in sorted(stamps, key=lambda s: s.id)
        ],
    }


def _reader(letter: letters.Letter) -> str:
    """Whom a letter went to; one that went round names nobody."""
    if letter.circle:
        return say_in("zh", letter.circle)
    user = db.session.get(people.User, letter.user_id) if letter.user_id else None
    return letter.address or (f"{user.name} <{user.email}>" if user else "")


def _drawing(case: Case, now: datetime) -> Iterator[Part]:
    """The procedure as it was for this case, earlier too when it was moved, and the drawing with its way."""
    for name, data in case.procedure.files.items():
        yield Part(f"procedure/{name}", data)
    for former in _formerly(case):
        for name, data in former.files.items():
            yield Part(f"procedure-before/{former.sha256[:12]}/{name}", data)
    for lang in ("zh", "en"):
        drawn = shown.drawing(case, lang, now, style=shown.style())
        yield Part(f"procedure/drawing.{lang}.svg", drawn.encode())


def _formerly(case: Case) -> list[procedures.Procedure]:
    """The versions under which steps of the case were done before it moved."""
    done = sa.select(Step.version_id).where(Step.case_id == case.id, Step.version_id.is_not(None))
    return [procedures.of(each) for each in sorted({each for each in db.session.scalars(done) if each})]


def _bids(case: Case, by: Post) -> Iterator[Part]:
    """What was read out of the bids, and whole bids where this bureau may read them; nothing of what was
    never opened but its hash, no key, no name of who asked or tried.
    """
    row = db.session.get(bids.Bidding, case.id)
    if row is None:
        return
    closes = written.moment(row.closes_at)
    told: dict[str, Any] = {"status": row.status, "closes_at": closes, "root": row.root}
    if row.status == "opened":
        told |= {"count": row.count, "leaves": row.leaves, "bids": bidding.opened_bids(case)}
        whole = tenders.readable(case, bids.opening.of(case.id), by)
        told["whole"] = [{"no": one.no, "answers": one.answers} for one in whole]
        form = case.procedure.forms[str(case.procedure.about["bidding"]["form"])]
        for one in whole:
            yield from _bid_files(one, form.uploads)
    yield Part("bids/bids.json", values.dumps(values.feel(told)).encode())


def _bid_files(one: bids.OpenedBid, keys: Iterable[str]) -> Iterator[Part]:
    for key in keys:
        for each in (one.answers or {}).get(key) or ():
            file = db.session.get(files.File, int(each["id"]))
            yield Part(f"bids/{one.no}/{each['id']}-{each['name']}", _lies(file, each["name"]))
