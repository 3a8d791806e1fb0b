"""What happened, by whom: append-only, hash-chained per case, checkable by anyone without this program.

The hash covers the exact stored text of an entry (trust.md 3.5), so that both databases and the offline
script (casework/offline_verify.py) compute the same.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from casework.db import Base, Moment, Prepared, db, stamp
from casework.engine import values

#: What a chain begins with.
GENESIS = "0" * 64
#: How the stored texts of an entry are joined before they are hashed.
_LIST = json.JSONEncoder(ensure_ascii=False)
#: How entries are hashed from now on; older ones keep the form they were written in.
VERSION = 2


class Entry(Base):
    """One line of the record."""

    __tablename__ = "journal"
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment)
    what: Mapped[str] = mapped_column(sa.String(40))
    element: Mapped[str] = mapped_column(sa.String(120), default="")
    post_id: Mapped[int | None] = mapped_column(sa.ForeignKey("post.id"))
    who: Mapped[str] = mapped_column(sa.String(300), default="")
    detail: Mapped[str] = mapped_column(sa.Text)
    #: what its hash covers: 1 without the post, 2 with it
    version: Mapped[int] = mapped_column(server_default="1")
    previous: Mapped[str] = mapped_column(sa.String(64))
    hash: Mapped[str] = mapped_column(sa.String(64))

    @property
    def facts(self) -> dict[str, Any]:
        """The detail, as values."""
        found: dict[str, Any] = values.loads(self.detail)
        return found


_APPEND = Prepared(sa.insert(Base.metadata.tables["journal"]), *Entry.__table__.columns.keys())


class Chain(Protocol):
    """What carries the head of a record: the case."""

    id: Any
    journal_seq: Any
    journal_head: Any


class Actor(Protocol):
    """Who acted."""

    id: Any


@dataclass(frozen=True)
class Fault:
    """A place where the record does not hold."""

    case_id: int
    seq: int
    says: str


def digest(*stored: int | str | None) -> str:
    """The hash of one entry over its stored texts, as a JSON list.

    In this order: version, case id, number, moment, what, element, post, who, detail, hash of the entry
    before. Version 1 had neither the version nor the post.
    """
    return hashlib.sha256(_LIST.encode(stored).encode()).hexdigest()


def write(
    case: Chain,
    what: str,
    *,
    at: datetime,
    by: Actor | None = None,
    who: str = "",
    element: str = "",
    detail: dict[str, Any] | None = None,
) -> str:
    """Append one entry to the case's record, under the lock of the case; returns its hash."""
    seq, previous = case.journal_seq + 1, case.journal_head or GENESIS
    text = values.dumps(detail or {})
    post = by.id if by else None
    head = digest(VERSION, case.id, seq, stamp(at), what, element, post, who, text, previous)
    _APPEND.run(
        case_id=case.id,
        seq=seq,
        at=at,
        what=what,
        element=element,
        post_id=post,
        who=who,
        detail=text,
        version=VERSION,
        previous=previous,
        hash=head,
    )
    case.journal_seq, case.journal_head = seq, head
    return head


def last_of(cases: Sequence[int], what: str) -> list[Entry]:
    """The newest entry that says this of each of these cases."""
    if not cases:
        return []
    said = sa.select(Entry.case_id, sa.func.max(Entry.seq)).where(
        Entry.case_id.in_(cases), Entry.what == what
    )
    query = sa.select(Entry).where(sa.tuple_(Entry.case_id, Entry.seq).in_(said.group_by(Entry.case_id)))
    return list(db.session.scalars(query))


def of(case_id: int, *, limit: int = 200, before: int | None = None) -> list[Entry]:
    """The record of a case, newest first."""
    query = sa.select(Entry).where(Entry.case_id == case_id).order_by(Entry.seq.desc()).limit(limit)
    if before is not None:
        query = query.where(Entry.seq < before)
    return list(db.session.scalars(query))


def verify(heads: dict[int, tuple[int, str]]) -> Iterator[Fault]:
    """Every fault in the records of the given cases; `heads` is what each case says of its own record."""
    for case_id, (length, head) in heads.items():
        yield from _verify_one(case_id, length, head)


_CHECKED = sa.select(
    Entry.seq,
    sa.cast(Entry.at, sa.String(27)).label("at"),
    Entry.what,
    Entry.element,
    Entry.post_id,
    Entry.who,
    Entry.detail,
    Entry.version,
    Entry.previous,
    Entry.hash,
).order_by(Entry.seq)


def stored(case_id: int) -> list[dict[str, Any]]:
    """The record as it is stored, oldest first: what the offline scripts read."""
    rows = db.session.execute(_CHECKED.where(Entry.case_id == case_id)).mappings()
    return [{"case_id": case_id, **row} for row in rows]


def _verify_one(case_id: int, length: int, head: str) -> Iterator[Fault]:
    previous, version, count = GENESIS, 1, 0
    for row in db.session.execute(_CHECKED.where(Entry.case_id == case_id)):
        count += 1
        if row.seq != count:
            yield Fault(case_id, count, "entry missing or out of order")
            return
        if row.previous != previous:
            yield Fault(case_id, row.seq, "does not follow the entry before it")
        if row.version < version or row.hash != _recomputed(case_id, row):
            yield Fault(case_id, row.seq, "changed after it was written")
        previous, version = row.hash, row.version
    if count != length or previous != (head or GENESIS):
        yield Fault(case_id, count, "the end of the record is not the one the case remembers")


def _recomputed(case_id: int, row: Any) -> str:
    """The hash of an entry in the form it says it was written in; none for a form nobody knows."""
    if row.version == 1:
        stored = (case_id, row.seq, row.at, row.what, row.element, row.who, row.detail, row.previous)
        return digest(*stored)
    if row.version != VERSION:
        return ""
    named = (row.version, case_id, row.seq, row.at, row.what, row.element, row.post_id)
    return digest(*named, row.who, row.detail, row.previous)
