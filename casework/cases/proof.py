"""Whether what the case shows is still what was signed; where every record ends, to be signed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import sqlalchemy as sa

from casework import clock, papers, places
from casework.cases import attached, enclosures
from casework.cases.model import Case, Step
from casework.checkpoints import End, Leaf
from casework.db import db
from casework.engine import values
from casework.files import File
from casework.journal import Entry, Fault
from casework.papers.model import Paper

#: Entries that hold the answers of a step as they were signed.
SIGNED = ("submitted", "completed")
#: Entries that say what a paper was when it was issued.
ISSUED = ("issued", "corrected")
#: The entry that says which area was decided.
RECORDED = "area"
#: What is no longer the JSON that was written: said as a fault of its place, never an accident of the check.
UNREADABLE = object()


def told(fault: Fault) -> str:
    """A fault as the office looks for it: the number of the case, and which entry of its record it is."""
    number = db.session.scalar(sa.select(Case.number).where(Case.id == fault.case_id)) or fault.case_id
    entry = db.session.get(Entry, (fault.case_id, fault.seq))
    about = ""
    if entry is not None:
        at = f"{clock.local(entry.at):%Y-%m-%d %H:%M}"
        about = f" ({', '.join(part for part in (entry.what, entry.element, at, entry.who) if part)})"
    return f"case {number}, entry {fault.seq}{about}: {fault.says}"


def _differing(now: Mapping[str, Any], signed: Mapping[str, Any]) -> str:
    """The questions whose answers are not those of the record."""
    return ", ".join(key for key in sorted({*now, *signed}) if now.get(key) != signed.get(key))


def altered(case_ids: Iterable[int]) -> Iterator[Fault]:
    """Every completed step, paper, area and attachment that is no longer as the record has it."""
    for case_id in case_ids:
        entries = db.session.execute(
            sa.select(Entry.seq, Entry.what, Entry.detail).where(
                Entry.case_id == case_id, Entry.what.in_((*SIGNED, *ISSUED, RECORDED, enclosures.LISTED))
            )
        )
        read = ((seq, what, _read(detail)) for seq, what, detail in entries)
        told = [one for one in read if one[2] is not UNREADABLE]  # which the chain has told
        yield from _reissued(case_id, {f["paper"]: (seq, f) for seq, what, f in told if what in ISSUED})
        yield from _moved(case_id, [(seq, f) for seq, what, f in told if what == RECORDED and "bounds" in f])
        facts = [(seq, fact) for seq, what, fact in told if what in SIGNED]
        recorded = {fact["step"]: (seq, fact["answers"]) for seq, fact in facts}
        yield from _exchanged(case_id, [(seq, fact) for seq, _what, fact in told])
        written = sa.type_coerce(Step.answers, sa.Text)
        steps = sa.select(Step.id, written).where(Step.case_id == case_id, Step.status == "done")
        for step_id, text in db.session.execute(steps):
            answers = _read(text)
            seq, signed = recorded.pop(step_id, (0, None))
            if answers is UNREADABLE:
                yield Fault(case_id, seq, "the answers are not those that were signed: they cannot be read")
            elif answers != signed:
                which = _differing(answers or {}, signed or {})
                yield Fault(case_id, seq, f"the answers are not those that were signed: {which}")
        for seq, _signed in recorded.values():
            yield Fault(case_id, seq, "the step that was signed is gone")


def _read(text: str | None) -> Any:
    try:
        return None if text is None else values.loads(text)
    except (ValueError, TypeError, ArithmeticError):
        return UNREADABLE


def _reissued(case_id: int, issued: Mapping[int, tuple[int, Any]]) -> Iterator[Fault]:
    """Papers whose contents no longer give the fingerprint that was recorded when they were issued."""
    said = sa.type_coerce(Paper.data, sa.Text)
    rows = sa.select(Paper.id, Paper.number, Paper.template_sha256, said.label("said"))
    now = {row.id: row for row in db.session.execute(rows.where(Paper.case_id == case_id))}
    for paper_id, (seq, fact) in issued.items():
        row = now.get(paper_id)
        same = row is not None and papers.fingerprint(row.said, row.template_sha256) == fact["fingerprint"]
        if row is None or not same or row.number != fact["number"]:
            name = f"{fact.get('code', '')} {fact['number']}".strip()
            yield Fault(case_id, seq, f"paper {name} does not say what was issued")


def _moved(case_id: int, facts: list[tuple[int, Any]]) -> Iterator[Fault]:
    """Areas whose bounds or sizes are no longer those that were decided, for any project of theirs."""
    for seq, fact in facts:
        for one in (fact, *fact.get("shared", ())):
            project, version = one["project"], one["version"]
            if places.bounds(project, version) != one["bounds"]:
                says = f"version {version} of the area of project {project} is not the one that was decided"
                yield Fault(case_id, seq, says)


def _exchanged(case_id: int, facts: list[tuple[int, Any]]) -> Iterator[Fault]:
    """Attachments whose bytes are no longer those that were signed."""
    signed = {
        file_id: (seq, digest) for seq, fact in facts for file_id, digest in fact.get("files", {}).items()
    }
    now = attached.hashes(map(int, signed)) if signed else {}
    for file_id, (seq, digest) in signed.items():
        if now.get(file_id) != digest:
            name = db.session.scalar(sa.select(File.name).where(File.id == int(file_id))) or ""
            yield Fault(case_id, seq, f"attachment {file_id} {name} is not the one that was signed")


def ends() -> list[End]:
    """Where every record ends now, by case, in one statement: one moment for all of them."""
    signed = sa.and_(Leaf.case_id == Case.id, Leaf.seq == Case.journal_seq)
    rows = sa.select(Case.id, Case.journal_seq, Case.journal_head, Leaf.seq).outerjoin(Leaf, signed)
    return [
        End(i, seq, head, known is None) for i, seq, head, known in db.session.execute(rows.order_by(Case.id))
    ]
