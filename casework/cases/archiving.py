"""Exporting a closed case: ordered by a person, made by the worker, checked before it is kept."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from casework import checkpoints, clock, files, journal, outbox, packages, papers
from casework.cases import contents, keeping, lists, privacy
from casework.cases.model import Case, Step
from casework.cases.rows import lock
from casework.db import db
from casework.errors import Busy, NotYet, Unknown
from casework.packages import ORDERED, READY, REFUSED, LastingPdf, Package
from casework.people import Post, signature
from casework.words import _, say_in

#: Word files that have not been made yet are waited for.
PENDING = _("案件还有文书正在生成，请稍后重试。")


def closed(case: Case) -> None:
    """Whether the case is over; NotYet says what is still open."""
    if case.status == "open" or case.ended_at is None:
        raise NotYet(_("案件尚未办结，不能归档。"))
    if case.incident:
        raise NotYet(_("案件办理受阻，排除后才能归档。"))


def order(case: Case, *, by: Post, now: datetime, later: bool = True) -> Package:
    """Ask for the package of a case; one that is being made already is that one."""
    packages.export.ask(by)
    case = lock(case.id)
    closed(case)
    _kept_secret(case, by, now)
    waiting = next((one for one in packages.of(case.id) if one.state == ORDERED), None)
    if waiting is not None:
        return waiting
    term = keeping.term(case)
    made = Package(
        case_id=case.id,
        case_number=case.number,
        title=case.title,
        title_en=case.title_en,
        post_id=by.id,
        who=signature(by),
        organisation_id=by.organisation_id,
        ordered_at=now,
        state=ORDERED,
        retention=term.name if term else "",
        destroy_after=term.until if term else None,
    )
    db.session.add(made)
    db.session.flush()
    if later:
        outbox.put("archive", {"package": made.id}, due=now, case_id=case.id)
    return made


def _kept_secret(case: Case, by: Post, now: datetime) -> None:
    """The record of a case holds its answers: while some are secret, nothing of it leaves the office."""
    done = sa.select(Step).where(Step.case_id == case.id, Step.status == "done")
    for step in db.session.scalars(done):
        if privacy.hidden(step, by, now):
            raise NotYet(_("步骤“%(name)s”的内容仍须保密，解密后才能归档。", name=step.name))


@dataclass(frozen=True)
class Unmade:
    """An issued paper whose PDF/A is yet to be made."""

    paper_id: int
    name: str
    docx: bytes


def unwritten(package_id: int) -> list[int]:
    """The papers of the case whose Word files nobody has made yet."""
    package = _waiting(package_id)
    return [one.id for one in papers.of(package.case_id) if one.docx_id is None] if package else []


def unmade(package_id: int) -> Unmade | None:
    """The next paper of the case without a PDF/A; Busy while its Word file is not there."""
    package = _waiting(package_id)
    if package is None:
        return None
    issued = papers.of(package.case_id)
    made = sa.select(LastingPdf.paper_id).where(LastingPdf.paper_id.in_([paper.id for paper in issued]))
    known = set(db.session.scalars(made))
    paper = next((one for one in issued if one.id not in known), None)
    if paper is None:
        return None
    file = db.session.get(files.File, paper.docx_id) if paper.docx_id else None
    if file is None:
        raise Busy(PENDING)
    return Unmade(paper.id, f"{paper.number} {paper.title}".strip(), files.read(file))


def keep_pdf(one: Unmade, pdf: bytes) -> None:
    """Keep the PDF/A of a paper; the first one made is the one."""
    if db.session.get(LastingPdf, one.paper_id) is None:
        kept = files.store(files.clean_name(f"{one.name}.pdf"), "pdf", pdf)
        db.session.add(LastingPdf(paper_id=one.paper_id, file_id=kept.id))
        db.session.flush()


def signed(package_id: int) -> bool:
    """Whether a checkpoint stands over the end of the record."""
    package = _waiting(package_id)
    if package is None:
        return True
    case = db.session.get_one(Case, package.case_id)
    return checkpoints.proof(case.id, contents.closing(case).seq) is not None


@dataclass(frozen=True)
class Built:
    """A package written to the disk, not yet kept."""

    path: Path
    made: packages.Made
    lacks: tuple[str, ...]
    revision: tuple[int, int]


def build(package_id: int, now: datetime) -> Built | None:
    """Write the package and check it, without any lock; None: it is there already."""
    package = _waiting(package_id)
    if package is None:
        return None
    case = db.session.get_one(Case, package.case_id)
    found = contents.of(case, by=package.post, now=now)
    about = {
        "exported_by": package.who,
        "ordered_at": clock.local(package.ordered_at).isoformat(),
        "made_at": clock.local(now).isoformat(),
    }
    with tempfile.NamedTemporaryFile(dir=files.workroom(), suffix=".zip", delete=False) as part:
        target = Path(part.name)
    try:
        made = packages.write(target, case.number, found.parts, about, checkpoints.seal)
    except OSError as error:
        target.unlink(missing_ok=True)
        raise files.NoRoom from error
    return Built(target, made, found.lacks, (case.revision, contents.closing(case).seq))


def file(package_id: int, built: Built, now: datetime) -> None:
    """Keep the package and write it into the record; refused when a fault was found. The caller commits."""
    package = db.session.get_one(Package, package_id)
    case = lock(package.case_id)
    if package.state != ORDERED:
        built.path.unlink(missing_ok=True)
        return
    if (case.revision, contents.closing(case).seq) != built.revision:
        built.path.unlink(missing_ok=True)
        raise Busy(_("案件在导出期间有变动，稍后自动重试。"))
    if built.made.faults:
        built.path.unlink(missing_ok=True)
        listed = "；".join(built.made.faults[:5])
        raise NotYet(_("归档包核验未通过，未予保存：%(faults)s", faults=listed))
    kept = files.adopt(built.path, f"{case.number}.zip", "zip", post_id=package.post_id)
    package.state, package.made_at, package.file_id = READY, now, kept.id
    package.sha256, package.size, package.content = kept.sha256, kept.size, built.made.content
    package.lacks = list(built.lacks)
    detail = {"package": package.id, "sha256": kept.sha256, "content": package.content}
    journal.write(case, contents.EXPORTED, at=now, by=package.post, who=package.who, detail=detail)


def fetch(package: Package, *, by: Post, now: datetime) -> None:
    """Somebody takes a package out of the office: it stands in the record of the case, for auditors too."""
    packages.export.ask(by)
    case = lock(package.case_id)
    detail = {"package": package.id, "sha256": package.sha256}
    journal.write(case, contents.FETCHED, at=now, by=by, who=signature(by), detail=detail)


@dataclass(frozen=True)
class Fetched:
    """How often a package was taken out, and by whom last."""

    times: int
    who: str
    at: datetime


def fetched(found: Sequence[Package]) -> dict[int, Fetched]:
    """Of each package that was taken out."""
    about = sa.select(journal.Entry).where(
        journal.Entry.case_id.in_([one.case_id for one in found]), journal.Entry.what == contents.FETCHED
    )
    told: dict[int, Fetched] = {}
    for entry in db.session.scalars(about.order_by(journal.Entry.at, journal.Entry.seq)):
        package = entry.facts["package"]
        times = told[package].times + 1 if package in told else 1
        told[package] = Fetched(times, entry.who, entry.at)
    return told


def refuse(package_id: int, error: NotYet | Unknown, now: datetime) -> None:
    """Nothing was exported: the register says why."""
    package = db.session.get_one(Package, package_id)
    if package.state == ORDERED:
        package.state, package.made_at = REFUSED, now
        package.fault = {"zh": say_in("zh", error.says), "en": say_in("en", error.says)}


def _waiting(package_id: int) -> Package | None:
    package = db.session.get(Package, package_id)
    if package is None:
        raise Unknown
    return package if package.state == ORDERED else None


def due(by: Post, *, limit: int = 25) -> Sequence[Case]:
    """Closed cases of this bureau of which no package has been made, the oldest first."""
    made = sa.exists().where(Package.case_id == Case.id, Package.state == READY)
    query = sa.select(Case).where(lists.visible(by), Case.ended_at.is_not(None), ~made)
    heavy: list[Any] = [sa.orm.defer(each) for each in (Case.variables, Case.state)]
    return db.session.scalars(query.options(*heavy).order_by(Case.ended_at, Case.id).limit(limit)).all()
