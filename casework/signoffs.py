"""The matrix of items and stamps: each party confirms each item; a changed item loses its own stamps only.

Seed 5.22 (four objects, four stamps); rules T52–T55. A stamp is never deleted but made void, with its reason.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from casework.db import Base, Json, Moment, db
from casework.engine import values
from casework.people import Organisation, Post

CONFIRM, REFUSE, CONDITION = "confirm", "refuse", "condition"
VERDICTS = frozenset({CONFIRM, REFUSE, CONDITION})


class Item(Base):
    """One thing to be confirmed by every party."""

    __tablename__ = "signoff_item"
    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"), index=True)
    key: Mapped[str] = mapped_column(sa.String(60))
    place: Mapped[int] = mapped_column()
    content: Mapped[Any] = mapped_column(Json)
    digest: Mapped[str] = mapped_column(sa.String(64))
    version: Mapped[int] = mapped_column(default=1)
    removed_at: Mapped[datetime | None] = mapped_column(Moment)
    __table_args__ = (sa.UniqueConstraint("case_id", "key"),)


class Stamp(Base):
    """What one party says of one version of one item."""

    __tablename__ = "stamp"
    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(sa.ForeignKey("signoff_item.id"), index=True)
    item_version: Mapped[int] = mapped_column()
    lane: Mapped[str] = mapped_column(sa.String(60))
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"))
    post_id: Mapped[int] = mapped_column(sa.ForeignKey("post.id"))
    step_id: Mapped[int] = mapped_column(sa.ForeignKey("step.id"))
    verdict: Mapped[str] = mapped_column(sa.String(20))
    reason: Mapped[str] = mapped_column(sa.Text, default="")
    due: Mapped[date | None] = mapped_column()
    at: Mapped[datetime] = mapped_column(Moment)
    void_at: Mapped[datetime | None] = mapped_column(Moment)
    void_reason: Mapped[str] = mapped_column(sa.String(40), default="")
    organisation: Mapped[Organisation] = relationship()
    post: Mapped[Post] = relationship()


@dataclass(frozen=True)
class Tally:
    """Where the matrix stands."""

    needed: int
    given: int
    refused: tuple[str, ...]
    waiting: tuple[str, ...]
    defects: tuple[dict[str, Any], ...]

    @property
    def complete(self) -> bool:
        """Every party has stamped every item, and nobody refuses one."""
        return self.given == self.needed and not self.refused


def digest(content: Mapping[str, Any]) -> str:
    """What a stamp stands under: the exact contents of the item."""
    return hashlib.sha256(values.dumps(dict(sorted(content.items()))).encode()).hexdigest()


def table(case_id: int, rows: Sequence[Mapping[str, Any]], now: datetime) -> list[str]:
    """Lay the items on the table, the first time or again after a correction.

    An item that was refused, or whose contents changed, begins a new round: all its stamps become void
    (T53, T55). Every other stamp stands. Returns the keys of the items that begin anew.
    """
    known = {item.key: item for item in db.session.scalars(sa.select(Item).where(Item.case_id == case_id))}
    standing = _standing(case_id)
    anew = []
    for place, (key, content) in enumerate(_keyed(rows).items(), start=1):
        item = known.pop(key, None)
        if item is None:
            db.session.add(
                Item(case_id=case_id, key=key, place=place, content=content, digest=digest(content))
            )
            continue
        why = _why_anew(item, content, standing.get(item.id, ()))
        item.place, item.removed_at = place, None
        if why:
            item.version += 1
            item.content, item.digest = content, digest(content)
            _void(item, now, why)
            anew.append(key)
    for item in known.values():
        if item.removed_at is None:
            item.removed_at = now
            _void(item, now, "removed")
    db.session.flush()
    return anew


def _keyed(rows: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """The contents of each row by its key; two rows that bear the same number are told apart."""
    found: dict[str, dict[str, Any]] = {}
    for place, row in enumerate(rows, start=1):
        key = str(row.get("key") or row.get("code") or place)
        if key in found:
            key = f"{key} #{place}"
        found[key] = {k: v for k, v in row.items() if k != "key"}
    return found


def _why_anew(item: Item, content: Mapping[str, Any], stamps: Iterable[Stamp]) -> str:
    """Why an item begins a new round; empty when its stamps stand."""
    if item.removed_at is not None:
        return "removed"
    if any(s.verdict == REFUSE for s in stamps):
        return "refused"
    return "changed" if item.digest != digest(content) else ""


def stamp(
    case_id: int,
    verdicts: Iterable[Mapping[str, Any]],
    *,
    lane: str,
    by: Post,
    step_id: int,
    now: datetime,
) -> list[Stamp]:
    """Record what one party says of its pending items; what it was not asked is passed over."""
    open_items = {item.key: item for item in _without(case_id, lane)}
    given = []
    for verdict in verdicts:
        if verdict.get("verdict") not in VERDICTS:
            continue
        item = open_items.pop(str(verdict.get("key")), None)
        if item is None:
            continue
        given.append(
            Stamp(
                item_id=item.id,
                item_version=item.version,
                lane=lane,
                organisation_id=by.organisation_id,
                post_id=by.id,
                step_id=step_id,
                verdict=str(verdict["verdict"]),
                reason=str(verdict.get("reason") or verdict.get("defect") or ""),
                due=verdict.get("due"),
                at=now,
            )
        )
    db.session.add_all(given)
    db.session.flush()
    return given


def pending(case_id: int, lane: str) -> list[dict[str, Any]]:
    """The items this party has still to stamp, as form rows, with what was said against them last time."""
    before = _refused_before(case_id)
    return [
        {**item.content, "key": item.key, "refused_before": before.get((item.id, item.version - 1))}
        for item in _without(case_id, lane)
    ]


def _refused_before(case_id: int) -> dict[tuple[int, int], str]:
    """Who refused which version of an item, and why, where it was corrected since."""
    query = (
        sa.select(Stamp.item_id, Stamp.item_version, Stamp.lane, Stamp.reason)
        .join(Item, Item.id == Stamp.item_id)
        .where(Item.case_id == case_id, Stamp.verdict == REFUSE, Stamp.void_at.is_not(None))
        .order_by(Stamp.id)
    )
    found: dict[tuple[int, int], list[str]] = {}
    for item, version, lane, reason in db.session.execute(query):
        found.setdefault((item, version), []).append(f"{lane}：{reason}")
    return {which: "；".join(says) for which, says in found.items()}


def refused(case_id: int) -> list[dict[str, Any]]:
    """The items somebody refuses, with who and why, as form rows."""
    found = []
    standing = _standing(case_id)
    for item in _items(case_id):
        says = [s for s in standing.get(item.id, ()) if s.verdict == REFUSE]
        if says:
            reasons = "；".join(f"{s.lane}：{s.reason}" for s in says)
            found.append({**item.content, "key": item.key, "reasons": reasons})
    return found


def rows(case_id: int) -> list[dict[str, Any]]:
    """All items as they are now, as form rows."""
    return [{**item.content, "key": item.key} for item in _items(case_id)]


def tally(case_id: int, lanes: Sequence[str]) -> Tally:
    """Count the stamps that stand."""
    items, standing = list(_items(case_id)), _standing(case_id)
    given, no, waiting, defects = 0, [], set(), []
    for item in items:
        stamps = {s.lane: s for s in standing.get(item.id, ()) if s.lane in lanes}
        given += sum(s.verdict != REFUSE for s in stamps.values())
        waiting |= set(lanes) - set(stamps)
        if any(s.verdict == REFUSE for s in stamps.values()):
            no.append(item.key)
        defects += [
            {
                "key": item.key,
                "name": item.content.get("name", item.key),
                "class": item.content.get("class"),
                "location": item.content.get("location"),
                "lane": s.lane,
                "defect": s.reason,
                "due": s.due,
            }
            for s in stamps.values()
            if s.verdict == CONDITION
        ]
    order = tuple(lane for lane in lanes if lane in waiting)
    return Tally(len(items) * len(lanes), given, tuple(no), order, tuple(defects))


@dataclass(frozen=True)
class Row:
    """One item with what each party says of it now (None: not yet)."""

    item: Item
    stamps: Mapping[str, Stamp | None]
    void: tuple[Stamp, ...]


def matrix(case_id: int, lanes: Sequence[str]) -> list[Row]:
    """The matrix as the page and the paper show it."""
    every = _stamps(case_id)
    found = []
    for item in _items(case_id):
        mine = every.get(item.id, ())
        valid = {s.lane: s for s in mine if s.void_at is None}
        void = tuple(s for s in mine if s.void_at)
        found.append(Row(item, {lane: valid.get(lane) for lane in lanes}, void))
    return found


def _items(case_id: int) -> Iterable[Item]:
    query = sa.select(Item).where(Item.case_id == case_id, Item.removed_at.is_(None))
    return list(db.session.scalars(query.order_by(Item.place, Item.id)))


def _stamps(case_id: int) -> dict[int, list[Stamp]]:
    """Every stamp ever given in the case, by item."""
    query = (
        sa.select(Stamp)
        .join(Item, Item.id == Stamp.item_id)
        .where(Item.case_id == case_id)
        .options(joinedload(Stamp.organisation), joinedload(Stamp.post).joinedload(Post.user))
        .order_by(Stamp.id)
    )
    found: dict[int, list[Stamp]] = {}
    for one in db.session.scalars(query):
        found.setdefault(one.item_id, []).append(one)
    return found


def _standing(case_id: int) -> dict[int, list[Stamp]]:
    """The stamps that stand, by item."""
    return {i: [s for s in every if s.void_at is None] for i, every in _stamps(case_id).items()}


def _without(case_id: int, lane: str) -> list[Item]:
    """Items on which this party has no stamp that stands."""
    stamped = sa.select(Stamp.item_id).where(Stamp.lane == lane, Stamp.void_at.is_(None))
    query = sa.select(Item).where(Item.case_id == case_id, Item.removed_at.is_(None), Item.id.not_in(stamped))
    return list(db.session.scalars(query.order_by(Item.place, Item.id)))


def _void(item: Item, now: datetime, why: str) -> None:
    db.session.execute(
        sa.update(Stamp)
        .where(Stamp.item_id == item.id, Stamp.void_at.is_(None))
        .values(void_at=now, void_reason=why)
    )
