"""Rows and envelopes that are no bids: they blur how many there are and how large each is.

A tender begins with a pool of decoys. A bid takes the place of one; with every act some decoys are made
anew and some are added, and once a day some are made anew though nobody did anything. So neither one look
at the database nor a comparison of two says how many bids there are, only that there are not more than rows.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from random import SystemRandom
from typing import Any

import sqlalchemy as sa

from casework.bids import secret, vault
from casework.bids.container import KIB, SMALL, padded_size
from casework.bids.envelope import Binding, seal
from casework.bids.model import BidDraft, Sealed
from casework.bids.terms import Terms
from casework.db import db

#: Decoys a tender begins with, and of which sizes they are drawn.
POOL, SIZES = 16, SMALL[:5]
#: With so few left, bids and drafts take the place of none.
LEAST = 6
DRAFTS, DRAFT_SIZES = 24, (16 * KIB, 32 * KIB, 64 * KIB)
_random = SystemRandom()


@dataclass(frozen=True)
class Laid:
    """An envelope on the disk whose row is yet to be written."""

    pseudonym: str
    digest: str
    size: int


def begin(terms: Terms) -> None:
    """The pool of a new tender."""
    for _each in range(POOL):
        put(terms.case_id, make(terms, _random.choice(SIZES)), {})
    begin_drafts(terms.tender, terms.case_id)


def make(terms: Terms, size: int) -> Laid:
    """One decoy on the disk: a true envelope to the true keys with nothing in it."""
    name = secrets.token_hex(32)
    binding = Binding(terms.tender, name, terms.form, terms.documents)
    blob = seal(secrets.token_bytes(padded_size(size)), binding, terms.publics, terms.needed)
    return Laid(name, vault.lay(terms.case_id, blob), len(blob))


def company(terms: Terms, like: int = 0) -> list[Laid]:
    """Decoys to go in with an act: some small ones, and some of the size of what came."""
    sizes = [_random.choice(SIZES) for _each in range(_random.randint(1, 3))]
    if like:
        least = 1 if like > SIZES[-1] else 0
        sizes += [like] * _random.randint(least, least + 1)
    return [make(terms, size) for size in sizes]


def put(case_id: int, laid: Laid, note: dict[str, Any]) -> None:
    """A row, real or not, under a number that says nothing of when it came."""
    db.session.execute(
        sa.insert(Sealed).values(
            id=secrets.token_hex(16),
            case_id=case_id,
            pseudonym=laid.pseudonym,
            note=secret.hide(note, f"{case_id}|{laid.pseudonym}"),
            sha256=laid.digest,
            size=laid.size,
        )
    )


def note(row: Sealed) -> dict[str, Any] | None:
    """What the hidden note of a row says: {} for a decoy, None when it was tampered with."""
    return secret.reveal(row.note, f"{row.case_id}|{row.pseudonym}")


def mingle(case_id: int, fresh: Iterable[Laid], room: int = 0) -> None:
    """Put in fresh decoys for old small ones; a new bid of size `room` takes the place of one of its size.

    So the number of rows says nothing. When bids have taken nearly all places, they take none any more and
    chance decides how many old ones go: bids never stand alone.
    """
    fresh = list(fresh)
    old = [row for row in _of(case_id) if padded_size(under(row.size)) <= SIZES[-1]]
    _random.shuffle(old)
    small = sum(under(one.size) <= SIZES[-1] for one in fresh)
    if len(old) > LEAST:
        same = [row for row in old if under(row.size) == room] or old * (room > 0)
        gone = {row.id for row in [*same[:1], *old[:small]]}
    else:
        gone = {row.id for row in old[: _random.randint(0, small)]}
    if gone:
        db.session.execute(sa.delete(Sealed).where(Sealed.id.in_(gone)))
    for one in fresh:
        put(case_id, one, {})


def under(size: int) -> int:
    """The padded content in an envelope of this size."""
    return max(bound for bound in (*SMALL, size // SMALL[-1] * SMALL[-1]) if bound <= size)


def _of(case_id: int) -> list[Sealed]:
    rows = db.session.scalars(sa.select(Sealed).where(Sealed.case_id == case_id))
    return [row for row in rows if note(row) == {}]


def put_draft(case_id: int, name: str, data: bytes) -> bool:
    """A draft under a number that says nothing of when it came; whether there was none of this name."""
    old = sa.delete(BidDraft).where(BidDraft.case_id == case_id, BidDraft.pseudonym == name)
    new = not db.session.execute(old.returning(BidDraft.id)).all()
    number = secrets.token_hex(16)
    db.session.execute(sa.insert(BidDraft).values(id=number, case_id=case_id, pseudonym=name, data=data))
    return new


def begin_drafts(tender: str, case_id: int) -> None:
    """The drafts of nobody with which a tender begins."""
    for place in range(DRAFTS):
        _put_nobody(tender, case_id, place)


def stir_drafts(tender: str, case_id: int, count: int = 1, *, newcomer: bool = False) -> None:
    """Make some drafts of nobody anew; a new draft takes the place of one, as long as there are enough."""
    named = {secret.mark("nobody", tender, place): place for place in range(DRAFTS)}
    query = sa.select(BidDraft.pseudonym).where(
        BidDraft.case_id == case_id, BidDraft.pseudonym.in_(list(named))
    )
    held = list(db.session.scalars(query))
    _random.shuffle(held)
    if newcomer and len(held) > LEAST:
        gone = BidDraft.pseudonym == held.pop()
        db.session.execute(sa.delete(BidDraft).where(BidDraft.case_id == case_id, gone))
    for name in held[:count]:
        _put_nobody(tender, case_id, named[name])


def _put_nobody(tender: str, case_id: int, place: int) -> None:
    name, size = secret.mark("nobody", tender, place), _random.choice(DRAFT_SIZES)
    put_draft(case_id, name, secrets.token_bytes(size))
