"""Rows and envelopes that are no bids: they blur how many there are and how large each is.

A tender begins with a pool of decoys. A bid takes the place of one. With every act, and once a day though
nobody did anything, some decoys come and go, some get another envelope under their old name (as a replaced
bid does) and half of them keep theirs (as most bids do); all rows get new numbers and new hidden notes. So
neither one look at the database nor a comparison of two says how many bids there are, only that rows are not
fewer.
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
#: How many of the decoys made with an act lie under the name of one that is there already.
AGAIN = 0.75
DRAFTS, DRAFT_SIZES = 24, (16 * KIB, 32 * KIB, 64 * KIB)
#: How many names the drafts of nobody have: some come when others go.
CROWD = 10 * DRAFTS
_random = SystemRandom()


@dataclass(frozen=True)
class Laid:
    """An envelope on the disk whose row is yet to be written."""

    pseudonym: str
    digest: str
    size: int


@dataclass(frozen=True)
class Row:
    """A row as it lies there now."""

    id: str
    case_id: int
    pseudonym: str
    note: str
    size: int


def begin(terms: Terms) -> None:
    """The pool of a new tender."""
    for _each in range(POOL):
        put(terms.case_id, make(terms, _random.choice(SIZES)), {})
    begin_drafts(terms.tender, terms.case_id)


def make(terms: Terms, size: int, name: str = "") -> Laid:
    """One decoy on the disk: a true envelope to the true keys with nothing in it."""
    name = name or secrets.token_hex(32)
    binding = Binding(terms.tender, name, terms.form, terms.documents)
    blob = seal(secrets.token_bytes(padded_size(size)), binding, terms.publics, terms.needed)
    return Laid(name, vault.lay(terms.case_id, blob), len(blob))


def restless(case_id: int) -> list[tuple[str, int]]:
    """The decoys that get another envelope now and then, by name and size, in no order."""
    found = [(row.pseudonym, under(row.size)) for row in _of(case_id) if not _keeps(row.pseudonym)]
    _random.shuffle(found)
    return found


def _keeps(name: str) -> bool:
    """Whether the decoy of this name keeps its envelope, as a bid that is never replaced does."""
    return int(secret.mark("keeps", name), 16) % 2 == 0


def company(terms: Terms, there: Iterable[tuple[str, int]], like: int = 0) -> list[Laid]:
    """Decoys to go in with an act: small ones, some of the size of what came; most with names of `there`."""
    sizes, left = [_random.choice(SIZES) for _each in range(_random.randint(1, 3))], list(there)
    if like:
        least = 1 if like > SIZES[-1] else 0
        sizes += [like] * _random.randint(least, least + 1)
    return [make(terms, size, _name(left, size)) for size in sizes]


def _name(left: list[tuple[str, int]], size: int) -> str:
    """The name of one that is there, small or large as this; empty: it comes under a name of its own."""
    fit = [one for one in left if (one[1] > SIZES[-1]) == (size > SIZES[-1])]
    if not fit or _random.random() > AGAIN:
        return ""
    left.remove(fit[0])
    return fit[0][0]


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


def note(row: Sealed | Row) -> dict[str, Any] | None:
    """What the hidden note of a row says: {} for a decoy, None when it was tampered with."""
    return secret.reveal(row.note, f"{row.case_id}|{row.pseudonym}")


def mingle(case_id: int, fresh: Iterable[Laid], room: int = 0) -> None:
    """Put in fresh decoys for old small ones; a new bid of size `room` takes the place of one of its size.

    So the number of rows says nothing. When bids have taken nearly all places, they take none any more and
    chance decides how many old ones go: bids never stand alone.
    """
    fresh, told = list(fresh), [(row, note(row)) for row in _rows(case_id)]
    there = [row for row, said in told if said == {}]
    names = {one.pseudonym for one in fresh}
    again = [row for row in there if row.pseudonym in names]
    small = [row for row in there if padded_size(under(row.size)) <= SIZES[-1]]
    old = [row for row in small if row.pseudonym not in names]
    _random.shuffle(old)
    gone = [row for row in old if under(row.size) == room][:1] or old[: room > 0]
    old = sorted((row for row in old if row not in gone), key=lambda row: _keeps(row.pseudonym))
    come = sum(under(one.size) <= SIZES[-1] for one in fresh) - sum(row in small for row in again)
    if len(small) > LEAST:
        gone += old[: max(0, come)]
    else:
        gone = old[: _random.randint(0, max(0, come))]
    out = {row.id for row in (*again, *gone)}
    if out:
        db.session.execute(sa.delete(Sealed).where(Sealed.id.in_(out)))
    _write_anew((row, said) for row, said in told if row.id not in out)
    for one in fresh:
        put(case_id, one, {})


def _write_anew(told: Iterable[tuple[Row, dict[str, Any] | None]]) -> None:
    """Number and hidden note of rows that stay: a bid whose note has changed is like all the others."""
    anew = [
        {
            "old": row.id,
            "new": secrets.token_hex(16),
            "said": secret.hide(said, f"{row.case_id}|{row.pseudonym}"),
        }
        for row, said in told
        if said is not None  # one that was tampered with stays as it is
    ]
    renewed = sa.update(Sealed).where(Sealed.id == sa.bindparam("old"))
    renewed = renewed.values(id=sa.bindparam("new"), note=sa.bindparam("said"))
    if anew:
        db.session.connection().execute(renewed, anew)


def under(size: int) -> int:
    """The padded content in an envelope of this size."""
    return max(bound for bound in (*SMALL, size // SMALL[-1] * SMALL[-1]) if bound <= size)


def _rows(case_id: int) -> list[Row]:
    columns = (Sealed.id, Sealed.case_id, Sealed.pseudonym, Sealed.note, Sealed.size)
    return [Row(*row) for row in db.session.execute(sa.select(*columns).where(Sealed.case_id == case_id))]


def _of(case_id: int) -> list[Row]:
    return [row for row in _rows(case_id) if note(row) == {}]


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
    """Make some drafts of nobody anew, mostly under their names; a new draft takes the place of one, while
    there are enough.
    """
    named = {secret.mark("nobody", tender, place): place for place in range(CROWD)}
    query = sa.select(BidDraft.pseudonym).where(
        BidDraft.case_id == case_id, BidDraft.pseudonym.in_(list(named))
    )
    held = list(db.session.scalars(query))
    _random.shuffle(held)
    gone = [held.pop()] if newcomer and len(held) > LEAST else []
    free = _random.sample([place for name, place in named.items() if name not in {*held, *gone}], count)
    for name in sorted(held, key=_keeps)[:count]:
        if _random.random() > AGAIN:
            gone.append(name)
            _put_nobody(tender, case_id, free.pop())
        else:
            _put_nobody(tender, case_id, named[name])
    gone_ = sa.delete(BidDraft).where(BidDraft.case_id == case_id, BidDraft.pseudonym.in_(gone))
    db.session.execute(gone_)


def _put_nobody(tender: str, case_id: int, place: int) -> None:
    name, size = secret.mark("nobody", tender, place), _random.choice(DRAFT_SIZES)
    put_draft(case_id, name, secrets.token_bytes(size))
