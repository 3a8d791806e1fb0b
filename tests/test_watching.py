"""Rooms that are rented or lent until a day: each is watched, however it came onto the register; some are gone."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from acting import browser, elsewhere, played, post
from flask import Flask

from casework import cases, clock, people, places, worker
from casework.cases import lists, watching
from casework.db import db
from casework.places import tables
from casework.words import say_in

KEY = "rooms_bridge"


def project(code: str) -> places.Project:
    return db.session.scalars(sa.select(places.Project).where(places.Project.code == code)).one()


def enter(code: str, of: str = "YH-007", **more: Any) -> places.Room:
    """A room as an imported table would enter it."""
    one = project(of)
    row = {"project_id": one.id, "code": code, "kind": "office", "name": "过渡办公用房", "area": Decimal(96)}
    row |= {"mode": "rented", "mode_until": clock.today() + timedelta(days=30), **more}
    places.add_parts("room", [row], places.Source(post("win1"), "导入"))
    db.session.commit()
    return places.find_parts(places.Room, one.id, [code])[code]


def watched(room: places.Room) -> list[cases.Case]:
    query = sa.select(cases.Case).where(cases.Case.key == KEY, cases.Case.project_id == room.project_id)
    return [one for one in db.session.scalars(query) if one.variables["code"] == room.code]


def test_a_rented_room_that_came_by_a_table_gets_the_case_that_watches_it_once(district: Flask) -> None:
    room = enter("GL-01")
    for _again in range(2):
        worker.watch_rooms()
    (case,) = watched(room)
    step = lists.open_steps(case.id)[0]
    assert case.parent_id is None
    assert (step.organisation_id, step.due.date() - room.mode_until) == (
        room.project.developer_id,
        timedelta(days=0),
    )
    assert case.variables["holder"] == str(room.project.enterprise_id), (
        "nobody holds it: whoever serves there"
    )


def test_in_an_old_community_without_a_developer_the_street_is_asked(district: Flask) -> None:
    one = project("YH-007")
    one.developer_id = None
    db.session.commit()
    room = enter("GL-01", mode="lent", held_by=one.community_id, held_since=date(2024, 6, 28))
    worker.watch_rooms()
    (case,) = watched(room)
    assert (case.starter_organisation_id, case.variables["holder"]) == (one.street_id, str(one.community_id))


def test_what_is_allotted_gone_or_without_an_end_is_not_watched(district: Flask) -> None:
    before = set(watching.unwatched())
    enter("GL-01", mode="allotted", mode_until=None)
    enter("GL-02", state="returned", gone_on=clock.today())
    enter("GL-03", mode_until=None)
    assert set(watching.unwatched()) == before


def test_a_room_that_a_handover_brought_has_its_case_already(district: Flask, keys: dict[str, int]) -> None:
    case = played("rooms/old_area_lent", keys, after=5)
    (room,) = (one for one in places.rooms_of(case.project_id or 0) if one.mode == "lent" and one.held_by)
    (watch,) = watched(room)
    assert (watch.parent_id, watching.watching(room)) == (case.id, watch)
    assert room.id not in {room_id for _key, room_id in watching.unwatched()}


def test_one_that_cannot_be_watched_stops_no_other(district: Flask) -> None:
    nobody = project("YH-001")
    nobody.developer_id, nobody.street_id = None, nobody.street.parent_id
    db.session.commit()
    first, second = enter("GL-01", "YH-001"), enter("GL-01")
    worker.watch_rooms()
    assert [len(watched(room)) for room in (first, second)] == [0, 1]


def test_a_room_that_was_given_back_counts_for_nothing_and_keeps_its_history(district: Flask) -> None:
    room = enter("GL-01")
    before = places.ending([room.project_id])
    gone = {"state": "returned", "gone_on": clock.today()}
    places.change_parts([(room, gone)], places.Source(post("win1"), "退租"))
    db.session.commit()
    assert room.project_id in before
    assert places.ending([room.project_id]) == {}
    assert "GL-01" not in {fact["code"] for fact in places.room_facts(room.project_id)}
    assert [v.says["state"] for v in places.versions(room)] == ["returned", "kept"]
    where = f"/registers/rooms/{room.id}"
    client = browser(district, "win1")
    page = elsewhere(lambda: client.get(where)).text
    assert "已退还" in page
    assert "到期管理" not in page


def test_the_page_of_a_room_leads_to_the_case_that_watches_it(district: Flask) -> None:
    room = enter("GL-01")
    worker.watch_rooms()
    number, where = watched(room)[0].number, f"/registers/rooms/{room.id}"
    client = browser(district, "win1")
    assert number in elsewhere(lambda: client.get(where)).text


@pytest.mark.parametrize(
    ("says", "column"),
    [
        ({"mode": "allotted", "state": "returned", "gone_on": date(2026, 1, 5)}, "state"),
        ({"mode": "allotted", "state": "lost", "gone_on": None}, "gone_on"),
        ({"mode": "allotted", "state": "kept", "gone_on": date(2026, 1, 5)}, "gone_on"),
        ({"mode": "allotted", "state": "lost", "gone_on": date(2099, 1, 5)}, "gone_on"),
    ],
)
def test_a_table_says_when_and_how_a_room_has_gone(app: Flask, says: dict[str, Any], column: str) -> None:
    wrong = tables.TABLES["room"].sound(says)
    assert set(wrong) == {column}
    assert say_in("en", wrong[column]) != say_in("zh", wrong[column])


def test_the_bureau_reads_on_the_room_why_nobody_can_watch_it(district: Flask) -> None:
    one = project("YH-007")
    one.developer_id = None
    ended = sa.update(people.Post).where(people.Post.organisation_id == one.street_id)
    db.session.execute(ended.values(ends_on=date(2020, 1, 2)))
    room = enter("GL-09")
    worker.watch_rooms()
    assert watched(room) == []
    where, told = f"/registers/rooms/{room.id}", "此用房的到期没有建档管理"
    bureau, enterprise = browser(district, "win1"), browser(district, "ent1")
    page = elsewhere(lambda: bureau.get(where)).text
    assert (told in page, "建设单位、街道现在都没有在岗人员" in page) == (True, True)
    assert told not in elsewhere(lambda: enterprise.get(where)).text


def test_where_no_enterprise_serves_the_community_uses_the_room(district: Flask) -> None:
    one = project("YH-007")
    one.enterprise_id = None
    room = enter("GL-10")
    worker.watch_rooms()
    (case,) = watched(room)
    assert case.variables["holder"] == str(one.community_id)
