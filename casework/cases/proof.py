"""Whether what the case shows is still what was signed; where every record ends, to be signed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import sqlalchemy as sa

from casework import clock
from casework.cases import attached, enclosures
from casework.cases.model import Case, Step
from casework.checkpoints import End, Leaf
from casework.db import db
from casework.engine import values
from casework.files import File
from casework.journal import Entry, Fault

#: Entries that hold the answers of a step as they were signed.
SIGNED = ("submitted", "completed")


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
    """Every completed step whose answers are no longer those in the record."""
    for case_id in case_ids:
        entries = db.session.execute(
            sa.select(Entry.seq, Entry.what, Entry.detail).where(
                Entry.case_id == case_id, Entry.what.in_((*SIGNED, enclosures.LISTED))
            )
        )
        told = [(seq, what, values.loads(detail)) for seq, what, detail in entries]
        facts = [(seq, fact) for seq, what, fact in told if what in SIGNED]
        recorded = {fact["step"]: (seq, fact["answers"]) for seq, fact in facts}
        yield from _exchanged(case_id, [(seq, fact) for seq, _what, fact in told])
        steps = sa.select(Step.id, Step.answers).where(Step.case_id == case_id, Step.status == "done")
        for step_id, answers in db.session.execute(steps):
            seq, signed = recorded.pop(step_id, (0, None))
            if answers != signed:
                which = _differing(answers or {}, signed or {})
                yield Fault(case_id, seq, f"the answers are not those that were signed: {which}")
        for seq, _signed in recorded.values():
            yield Fault(case_id, seq, "the step that was signed is gone")


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
