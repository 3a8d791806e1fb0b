"""What stands in the registers of a project's rooms and facilities, as expressions read it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from casework.db import db
from casework.places.kinds import FACILITY_KINDS, MANAGEMENT, MODES, OWNERS, ROOM_KINDS, STATES
from casework.places.parts import KEPT, Facility, Room
from casework.words import Words, say_in, speaking


def rooms_of(project_id: int) -> Sequence[Room]:
    """Every room of a project, by code."""
    found = sa.select(Room).where(Room.project_id == project_id).options(joinedload(Room.holder))
    return db.session.scalars(found.order_by(Room.code)).all()


def facilities_of(project_id: int) -> Sequence[Facility]:
    """Every facility of a project, by code."""
    found = sa.select(Facility).where(Facility.project_id == project_id)
    return db.session.scalars(found.order_by(Facility.code)).all()


def room_facts(project_id: int) -> list[dict[str, Any]]:
    """The FEEL list `project_rooms()`: the rooms that are there, words in Chinese beside each key."""
    return [room_fact(room) for room in rooms_of(project_id) if room.state == "kept"]


def room_fact(room: Room) -> dict[str, Any]:
    """One room, as expressions read it."""
    return {
        **{name: getattr(room, name) for name in KEPT["room"]},
        "kind_name": _word(ROOM_KINDS, room.kind),
        "owner_name": _word(OWNERS, room.owner),
        "mode_name": _word(MODES, room.mode),
        "place": room.place,
        "management": room.kind in MANAGEMENT,
        "held_by_name": room.holder.name if room.holder else "",
    }


def facility_facts(project_id: int) -> list[dict[str, Any]]:
    """The FEEL list `project_facilities()`."""
    words = _said()
    return [_facility(one, words) for one in facilities_of(project_id)]


def facility_fact(project_id: int, code: str) -> dict[str, Any] | None:
    """One row of it: `project_facility(code)`; null where the register has no such code."""
    found = sa.select(Facility).where(Facility.project_id == project_id, Facility.code == code)
    one = db.session.scalar(found)
    return _facility(one, _said()) if one else None


def _facility(one: Facility, words: dict[str, dict[str, str]]) -> dict[str, Any]:
    return {
        **{name: getattr(one, name) for name in KEPT["facility"]},
        "next_due": one.next_due,
        **{f"{name}_name": said.get(getattr(one, name), getattr(one, name)) for name, said in words.items()},
    }


def _said() -> dict[str, dict[str, str]]:
    """The words of facilities in Chinese, looked up once for a long list."""
    with speaking("zh"):
        return {
            name: {key: str(word) for key, word in words.items()}
            for name, words in (("kind", FACILITY_KINDS), ("owner", OWNERS), ("state", STATES))
        }


def _word(words: dict[str, Words], key: str) -> str:
    return say_in("zh", words[key]) if key in words else key


def delivered(projects: Sequence[int]) -> dict[int, dict[str, Decimal]]:
    """Areas of these projects' rooms: `registered` and `delivered` for the management, `community` for it.

    A room that is rented or lent bridges a shortage and makes up for nothing (rules.md T60).
    """
    of_management = sa.and_(Room.kind.in_(MANAGEMENT), Room.mode == "allotted")
    sums = sa.select(
        Room.project_id,
        sa.func.sum(sa.case((of_management, Room.area), else_=0)).cast(Room.area.type),
        sa.func.sum(sa.case((sa.and_(of_management, Room.held_since.is_not(None)), Room.area), else_=0)).cast(
            Room.area.type
        ),
        sa.func.sum(sa.case((Room.kind == "community", Room.area), else_=0)).cast(Room.area.type),
    ).where(Room.project_id.in_(projects), Room.state == "kept")
    return {
        project: {"registered": registered, "delivered": handed_over, "community": community}
        for project, registered, handed_over, community in db.session.execute(sums.group_by(Room.project_id))
    }


#: What is rented or lent until a day, and not given back yet.
_ENDS = (Room.mode != "allotted", Room.mode_until.is_not(None), Room.state == "kept")


def ending_rooms(after: int = 0, limit: int = 200) -> Sequence[Room]:
    """Rooms of every project that somebody has to give back on a day, after the one with id `after`."""
    found = sa.select(Room).where(*_ENDS, Room.id > after).options(joinedload(Room.project))
    return db.session.scalars(found.order_by(Room.id).limit(limit)).all()


def ending(projects: Sequence[int]) -> dict[int, date]:
    """The next end of a rented or lent room of each project that has one."""
    ends = sa.select(Room.project_id, sa.func.min(Room.mode_until)).where(
        Room.project_id.in_(projects), *_ENDS
    )
    return {project: day for project, day in db.session.execute(ends.group_by(Room.project_id)) if day}
