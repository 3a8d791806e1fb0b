"""Rented and lent rooms on the register: each has a case that watches its end, however it came there.

A procedure says so in its folder (`ending_rooms`): in whose name the case is opened, and what it is told.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from casework import clock, places, procedures
from casework.cases import asking
from casework.cases.afterwards import found_good
from casework.cases.model import Case
from casework.cases.steps import open_case
from casework.db import db
from casework.engine import feel
from casework.errors import NotYet, OfficeError, Unknown
from casework.people import Post, holders
from casework.words import Words, _


def watchers() -> list[procedures.Procedure]:
    """The procedures whose cases watch such rooms."""
    return [one for one in procedures.offered() if one.about.get("ending_rooms")]


def watching(room: places.Room) -> Case | None:
    """The case under way that watches a room."""
    keys = [one.key for one in watchers()]
    query = sa.select(Case).where(
        Case.project_id == room.project_id, Case.key.in_(keys), Case.status == "open"
    )
    return next(
        (case for case in db.session.scalars(query) if (case.variables or {}).get("code") == room.code), None
    )


def unwatched() -> Iterator[tuple[str, int]]:
    """The procedure and the id of each room that nobody watches yet."""
    for procedure in watchers():
        after = 0
        while some := places.ending_rooms(after):
            after = some[-1].id
            yield from ((procedure.key, room.id) for room in some if watching(room) is None)


def watch(key: str, room_id: int, now: datetime) -> Case | None:
    """Open the case of one room, unless it has one by now."""
    room = db.session.get(places.Room, room_id)
    if room is None:
        raise Unknown
    places.hold([room.project_id])
    if watching(room) is not None:
        return None
    by, answers = _application(key, room, now)
    return open_case(key, by=by, answers=answers, project_id=room.project_id, itself=True, now=now)


def hindrance(room: places.Room, now: datetime) -> Words:
    """Why no case can watch a room that nobody watches; nothing where the next round will open it."""
    for procedure in watchers():
        try:
            _application(procedure.key, room, now)
        except feel.FeelError:
            return _("用房没有持有单位，项目没有登记物业服务企业或者社区，无法确定使用单位。")
        except OfficeError as error:
            return str(error)
    return ""


def _application(key: str, room: places.Room, now: datetime) -> tuple[Post, dict[str, Any]]:
    """In whose name the case of a room is opened, and what it is told."""
    part = procedures.of(procedures.current(key)).about["ending_rooms"]
    scope = {"room": places.room_fact(room), "project": places.facts(room.project)}
    said = {name: asking.read(text, scope, {}) for name, text in part["says"].items()}
    by = _starter(key, [_value(text, scope) for text in part["starters"]], now)
    return by, found_good(key, said, by=by, project=room.project, about=None, now=now)


def _value(text: Any, scope: dict[str, Any]) -> Any:
    """An organisation that may be missing."""
    return feel.compile(str(text)).evaluate(scope, {})


def _starter(key: str, organisations: list[Any], now: datetime) -> Post:
    """Whoever may apply at the first of these organisations that has somebody."""
    roles = tuple((procedures.of(procedures.current(key)).about.get("starts") or {}).get("roles", ()))
    for organisation in organisations:
        if organisation and (posts := holders(int(organisation), roles, clock.local(now).date())):
            return posts[0]
    raise NotYet(_("建设单位、街道现在都没有在岗人员，无法以其名义建档。"))
