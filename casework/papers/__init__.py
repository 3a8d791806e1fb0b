"""Official papers and forms: issued under a number, provable by a code, never changed afterwards.

`issue` writes rows in the caller's transaction; casework.papers.printing makes the files after the commit.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa
from flask import current_app

from casework import clock
from casework.db import db
from casework.engine import values
from casework.errors import Conflict, NotYet, Unknown
from casework.papers import blanks, codes, numbering
from casework.papers.blanks import BadTemplate
from casework.papers.codes import mark
from casework.papers.comparing import Comparison, compare
from casework.papers.filled import Incomplete, missing
from casework.papers.model import STATES, Kind, Office, Paper, Unalterable
from casework.people import Post
from casework.rules import rule
from casework.words import _

__all__ = [
    "STATES",
    "BadTemplate",
    "Comparison",
    "Incomplete",
    "Kind",
    "Office",
    "Paper",
    "Unalterable",
    "attach_scan",
    "check",
    "compare",
    "find",
    "issue",
    "mark",
    "may_revise",
    "numbers_of",
    "of",
    "predecessor",
    "successor",
    "withdraw",
]


@rule(_("只有出具文书的单位可以登记其盖章件。"))
def may_tend(by: Post, paper: Paper) -> bool:
    """The office that issued it, by a clerk who handles papers."""
    return by.organisation_id == paper.organisation_id and by.role in {"window", "examiner", "head"}


@rule(_("只有出具文书的单位负责人可以更正或者撤回该文书。"), basis=_("行政许可法 第六十九条"))
def may_revise(by: Post, paper: Paper) -> bool:
    """The head of the office that issued it: what an office has said, its head answers for."""
    return by.organisation_id == paper.organisation_id and by.role == "head"


def check(kind: Kind) -> frozenset[str]:
    """The fields a template prints; raises BadTemplate when it holds anything else."""
    found = blanks.read(kind.docx).fields
    if absent := [name for name in kind.requires if name not in found]:
        raise BadTemplate(_("模板缺少必备内容：%(names)s。", names="、".join(absent)))
    return found


def issue(
    *,
    case_id: int,
    kind: Kind,
    office: Office,
    data: Mapping[str, Any],
    by: Post | None = None,
    supersedes: Paper | None = None,
    reason: str = "",
) -> Paper:
    """Issue a paper in the caller's transaction: complete data, number, code, fingerprint.

    Raises Incomplete when a blank that must be filled is empty, BadTemplate, and for a correction Conflict.
    """
    template = blanks.read(kind.docx)
    today, moment = clock.today(), clock.now()
    if supersedes is not None:
        _retire(supersedes, "superseded", reason, by)
    code = codes.new()
    _remember(template.sha256, kind.docx)
    said = {
        **values.feel(data),
        "office": asdict(office),
        "paper": _about(kind, code) | {"number": "-", "date": today},
    }
    shown = said | {"paper": said["paper"] | {"fingerprint": "-"}}  # known only when all else is said
    if gaps := missing(template, shown, kind.requires):
        raise Incomplete(kind.title, gaps)
    serial = numbering.take(office.organisation_id, kind.series, today.year) if kind.series else None
    said["paper"]["number"] = numbering.written(kind.series, today.year, serial) if serial else ""
    paper = Paper(
        case_id=case_id,
        code=kind.code,
        title=kind.title,
        template=kind.template,
        template_sha256=template.sha256,
        organisation_id=office.organisation_id,
        series=kind.series,
        year=today.year,
        serial=serial,
        number=said["paper"]["number"],
        data=said,
        fingerprint=fingerprint(said, template.sha256),
        verification=code,
        issued_at=moment,
        post_id=by.id if by else None,
        supersedes_id=supersedes.id if supersedes else None,
    )
    db.session.add(paper)
    db.session.flush()
    return paper


def _remember(sha256: str, docx: bytes) -> None:
    db.session.execute(
        sa.text("INSERT INTO paper_template (sha256, docx) VALUES (:sha256, :docx) ON CONFLICT DO NOTHING"),
        {"sha256": sha256, "docx": docx},
    )


def _about(kind: Kind, code: str) -> dict[str, Any]:
    url = f"{str(current_app.config.get('PUBLIC_URL', '')).rstrip('/')}/verify/{code}"
    return {"title": kind.title, "code": codes.shown(code), "verify_url": url, "qr": url}


def fingerprint(said: Mapping[str, Any] | str, template_sha256: str) -> str:
    """SHA-256 over everything the paper says, or the text that is kept of it, and its template."""
    text = said if isinstance(said, str) else values.dumps(said)
    return hashlib.sha256(f"{template_sha256}\n{text}".encode()).hexdigest()


def attach_scan(paper: Paper, file_id: int, sha256: str, *, by: Post) -> None:
    """Lay the scan of the stamped paper copy beside its number; a better scan takes its place."""
    may_tend.ask(by, paper)
    paper.scan_id, paper.scan_sha256 = file_id, sha256


def withdraw(paper: Paper, reason: str, *, by: Post | None) -> None:
    """Take an issued paper back; its number stays used and its code answers “withdrawn”."""
    _retire(paper, "withdrawn", reason, by)


def lapse(paper: Paper, reason: str) -> None:
    """Its time ran out unused: nobody takes it back, its code answers “lapsed”."""
    _retire(paper, "lapsed", reason, None)


def _retire(paper: Paper, state: str, reason: str, by: Post | None) -> None:
    if by is not None:
        may_revise.ask(by, paper)
    if not reason.strip():
        raise NotYet(_("请说明更正或撤回的理由。"))
    db.session.refresh(paper, ["state"], with_for_update=True)
    if paper.state != "genuine":
        raise Conflict(_("该文书%(state)s，不能再次更正或撤回。", state=paper.state_name))
    paper.state, paper.reason, paper.state_at = state, reason.strip(), clock.now()


def find(typed: str) -> Paper:
    """The paper of a verification code as somebody typed it; Unknown for slips and inventions alike."""
    code = codes.read(typed)
    paper = db.session.scalar(sa.select(Paper).where(Paper.verification == code)) if code else None
    if paper is None:
        raise Unknown(_("没有与此核验码相符的文书，请核对 16 位核验码。"))
    return paper


def of(case_id: int) -> list[Paper]:
    """The papers of a case, in the order of issue."""
    return list(db.session.scalars(sa.select(Paper).where(Paper.case_id == case_id).order_by(Paper.id)))


def genuine(case_id: int, codes: Iterable[str]) -> list[Paper]:
    """The papers of these kinds that stand, in the order of issue."""
    return list(db.session.scalars(sa.select(Paper).where(*_stands(case_id, codes)).order_by(Paper.id)))


def in_force(case_id: int, codes: Iterable[str]) -> list[str]:
    """Their fingerprints alone: whole papers are large."""
    query = sa.select(Paper.fingerprint).where(*_stands(case_id, codes))
    return list(db.session.scalars(query.order_by(Paper.id)))


def _stands(case_id: int, codes: Iterable[str]) -> tuple[sa.ColumnElement[bool], ...]:
    return Paper.case_id == case_id, Paper.code.in_(list(codes)), Paper.state == "genuine"


def numbers_of(case_ids: Iterable[int]) -> dict[int, dict[str, str | None]]:
    """The numbers of papers by their kind, of each of these cases; of one kind the last that was issued."""
    columns = (Paper.case_id, Paper.code, Paper.number)
    query = sa.select(*columns).where(Paper.case_id.in_(list(case_ids))).order_by(Paper.id)
    found: dict[int, dict[str, str | None]] = {}
    for case_id, code, number in db.session.execute(query):
        found.setdefault(case_id, {})[code] = number
    return found


def predecessor(paper: Paper) -> Paper | None:
    """The paper that this one has taken the place of."""
    return db.session.get(Paper, paper.supersedes_id) if paper.supersedes_id else None


def successor(paper: Paper) -> Paper | None:
    """The paper that stands in the place of a superseded one."""
    return db.session.scalar(sa.select(Paper).where(Paper.supersedes_id == paper.id))
