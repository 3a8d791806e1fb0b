"""Signed checkpoints: one hash over the ends of all records, with the office's signature (trust.md 3.5).

Whoever keeps the database could write a whole record anew, with hashes that fit. What was signed before
stands against it, and whoever has noted a published checkpoint holds the proof. A checkpoint keeps only the
ends that are new since the one before; the tree is over all of them, in the order of the cases.
"""

from __future__ import annotations

import hashlib
import json
import os
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from flask import current_app
from sqlalchemy.orm import Mapped, mapped_column

from casework import merkle
from casework.db import Base, Moment, db
from casework.journal import GENESIS, Entry

#: The signing key in the data folder: made once, in every backup, never in the database.
KEY_FILE = "checkpoint.key"
FORM = "tendover checkpoint 1"


class Checkpoint(Base):
    """One signature over the ends of all records at a moment."""

    __tablename__ = "checkpoint"
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(Moment)
    cases: Mapped[int]
    root: Mapped[str] = mapped_column(sa.String(64))
    #: SHA-256 of the text of the checkpoint before
    previous: Mapped[str] = mapped_column(sa.String(64))
    key: Mapped[str] = mapped_column(sa.String(64))
    signature: Mapped[str] = mapped_column(sa.String(128))

    @property
    def text(self) -> str:
        """What exactly is signed."""
        stamp = self.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        return f"{FORM}\n{self.number}\n{stamp}\n{self.cases}\n{self.root}\n{self.previous}\n"

    @property
    def digest(self) -> str:
        """What the next checkpoint says of this one."""
        return hashlib.sha256(self.text.encode()).hexdigest()


class Leaf(Base):
    """The end of one record, as a checkpoint was the first to sign it."""

    __tablename__ = "checkpoint_leaf"
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    head: Mapped[str] = mapped_column(sa.String(64))
    number: Mapped[int] = mapped_column(sa.ForeignKey("checkpoint.number"), index=True)


@dataclass(frozen=True)
class End:
    """Where the record of a case ends; `new`: no checkpoint has signed this end yet."""

    case_id: int
    seq: int
    head: str
    new: bool = False

    @property
    def record(self) -> bytes:
        """As it stands in the tree."""
        return json.dumps([self.case_id, self.seq, self.head]).encode()


@dataclass(frozen=True)
class Fault:
    """A checkpoint that does not hold."""

    number: int
    says: str


def newest() -> Checkpoint | None:
    """The last checkpoint: what the public page shows."""
    return db.session.scalars(sa.select(Checkpoint).order_by(Checkpoint.number.desc()).limit(1)).first()


def sign(ends: Sequence[End], now: datetime) -> Checkpoint | None:
    """Sign these ends, all there are, by case; None when nothing is new. The caller commits."""
    if not any(end.new for end in ends):
        return None
    before, secret = newest(), _key()
    made = Checkpoint(
        number=before.number + 1 if before else 1,
        at=now,
        cases=len(ends),
        root=merkle.Tree(end.record for end in ends).root,
        previous=before.digest if before else GENESIS,
        key=_public(secret.public_key()),
    )
    made.signature = secret.sign(made.text.encode()).hex()
    db.session.add(made)
    db.session.flush()
    new = [{"case_id": e.case_id, "seq": e.seq, "head": e.head, "number": made.number} for e in ends if e.new]
    db.session.execute(sa.insert(Leaf), new)
    return made


def seal(text: bytes) -> tuple[str, str]:
    """The office's public key and its signature under a text."""
    secret = _key()
    return _public(secret.public_key()), secret.sign(text).hex()


def proof(case_id: int, seq: int) -> dict[str, Any] | None:
    """That this end of a record was signed: end, path in the tree, checkpoint. None: it was not signed."""
    leaf = db.session.get(Leaf, (case_id, seq))
    made = db.session.get(Checkpoint, leaf.number) if leaf else None
    if leaf is None or made is None:
        return None
    last = sa.select(Leaf.case_id, sa.func.max(Leaf.seq).label("seq")).where(Leaf.number <= made.number)
    newest_of = last.group_by(Leaf.case_id).subquery()
    same = sa.and_(Leaf.case_id == newest_of.c.case_id, Leaf.seq == newest_of.c.seq)
    rows = sa.select(Leaf.case_id, Leaf.seq, Leaf.head).join(newest_of, same).order_by(Leaf.case_id)
    ends = [End(*row) for row in db.session.execute(rows)]
    at = next((place for place, end in enumerate(ends) if (end.case_id, end.seq) == (case_id, seq)), None)
    if at is None:
        return None
    return {
        "checkpoint": {
            **{
                name: getattr(made, name)
                for name in ("number", "cases", "root", "previous", "key", "signature")
            },
            "at": made.text.split("\n")[2],
        },
        "end": {"case_id": case_id, "seq": seq, "head": leaf.head},
        "path": merkle.Tree(end.record for end in ends).path(at),
    }


def verify(numbers: Mapping[int, str]) -> Iterator[Fault]:
    """Every checkpoint that does not hold, and every signed end that is no longer in its record.

    `numbers`: what each case is called.
    """
    own = _public(_key().public_key()) if _key_path().is_file() else ""
    replay, previous = _Replay(), GENESIS
    for count, made in enumerate(db.session.scalars(sa.select(Checkpoint).order_by(Checkpoint.number)), 1):
        if made.number != count:
            yield Fault(count, "checkpoint missing or out of order")
            return
        if made.previous != previous:
            yield Fault(count, "does not follow the checkpoint before it")
        if made.key != own:
            yield Fault(count, "signed with another key than this office's")
        if not _signed(made):
            yield Fault(count, "changed after it was signed")
        replay.take_in(made.number)
        if (made.cases, made.root) != (len(replay.ids), replay.tree.root):
            yield Fault(count, "the ends of the records are not those that were signed")
        previous = made.digest
    yield from _rewritten(numbers)


class _Replay:
    """The tree as it grew, checkpoint by checkpoint."""

    def __init__(self) -> None:
        self.tree, self.ids, self.ends = merkle.Tree(), list[int](), dict[int, End]()

    def take_in(self, number: int) -> None:
        """The ends that this checkpoint was the first to sign."""
        rows = sa.select(Leaf.case_id, Leaf.seq, Leaf.head).where(Leaf.number == number)
        for row in db.session.execute(rows.order_by(Leaf.case_id)):
            self._put(End(*row))

    def _put(self, end: End) -> None:
        at, known = bisect_left(self.ids, end.case_id), end.case_id in self.ends
        self.ends[end.case_id] = end
        if not known:
            self.ids.insert(at, end.case_id)
        if known or at == len(self.ids) - 1:
            self.tree.put(at, end.record)
        else:  # on PostgreSQL a case may be committed after one with a higher number
            self.tree = merkle.Tree(self.ends[each].record for each in self.ids)


def _rewritten(numbers: Mapping[int, str]) -> Iterator[Fault]:
    """Ends that were signed and that the records no longer have: a record was written anew."""
    same = sa.and_(Entry.case_id == Leaf.case_id, Entry.seq == Leaf.seq)
    lost = (
        sa.select(Leaf.number, Leaf.case_id, Leaf.seq)
        .outerjoin(Entry, same)
        .where(sa.or_(Entry.hash.is_(None), Entry.hash != Leaf.head))
    )
    for number, case_id, seq in db.session.execute(lost.order_by(Leaf.case_id, Leaf.seq)):
        yield Fault(
            number, f"case {numbers.get(case_id, case_id)}, entry {seq}: not the entry that was signed"
        )


def _signed(made: Checkpoint) -> bool:
    try:
        public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(made.key))
        public.verify(bytes.fromhex(made.signature), made.text.encode())
    except (InvalidSignature, ValueError):
        return False
    return True


def _key_path() -> Path:
    return Path(current_app.instance_path) / KEY_FILE


def _key() -> Ed25519PrivateKey:
    """The office's signing key, made when it is first asked for, readable by its owner only."""
    path = _key_path()
    if not path.is_file():
        part = path.with_suffix(f".{os.getpid()}")
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(Ed25519PrivateKey.generate().private_bytes_raw().hex())
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(part, path)
        except FileExistsError:  # another process was first: its key is the office's
            pass
        finally:
            part.unlink()
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(path.read_text("ascii").strip()))


def _public(key: Ed25519PublicKey) -> str:
    return key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw).hex()
