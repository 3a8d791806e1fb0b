"""A room entered and changed by hand by the bureau: judged as a table is, every change a version with its reason."""

from datetime import date

import pytest
import small_register
from small_register import signed_in

from casework import places
from casework.db import db as database

GIVEN = {
    "project": "P-1", "code": "ＹＦ-01", "kind": "office", "name": "物业办公室", "building": "1 幢",
    "area": "１８８.５", "height": "2.8", "above_ground": "yes", "water": "yes", "power": "", "ventilation": "no",
    "lighting": "", "owner": "owners", "mode": "allotted", "state": "kept",
}  # fmt: skip
RENTED = {"mode": "rented", "mode_until": "2026年12月31日"}


@pytest.fixture
def office(app, db):
    with small_register.at_work(app) as office:
        yield office


def test_the_bureau_enters_a_room_and_changes_it_with_a_reason(app, office):
    browser = signed_in(app, office, "bureau", "window")
    assert "登记用房" in browser.get("/registers/rooms").text
    empty = browser.get(f"/registers/rooms/add?project={office.mine.id}").text
    assert 'value="P-1"' in empty
    done = browser.post("/registers/rooms/add", data=GIVEN, follow_redirects=True)
    assert ("已登记。" in done.text, "变更用房" in done.text) == (True, True)
    (room,) = places.rooms_of(office.mine.id)
    assert (room.code, str(room.area), room.above_ground, room.power, room.ventilation) == (
        "YF-01", "188.50", True, None, False,
    )  # fmt: skip
    way = f"/registers/rooms/{room.id}/change"
    asked = browser.get(way).text
    assert ('value="188.5"' in asked, '<option value="no" selected' in asked) == (True, True)
    handed = {"holder": office.enterprise.code, "held_since": "2026-03-01"}
    change = {**GIVEN, **RENTED, **handed, "version": "1"}
    assert "请写明变更原因。" in browser.post(way, data=change).text
    done = browser.post(way, data={**change, "reason": "补登租赁合同"}, follow_redirects=True)
    assert ("提供方式：配置 → <b>租赁</b>" in done.text, "补登租赁合同" in done.text) == (True, True)
    late = browser.post(way, data={**change, "reason": "再改"})
    assert (late.status_code, "已有第 2 版" in late.text, "再改" in late.text) == (422, True, True)
    database.session.refresh(room)
    assert (room.mode_until, room.held_by) == (date(2026, 12, 31), office.enterprise.id)
    assert [version.reason for version in places.versions(room)] == ["补登租赁合同", "手工登记"]


@pytest.mark.parametrize(
    ("wrong", "beside", "says"),
    [
        ({"project": "P-9"}, "project", "项目“P-9”不存在，或者不由贵单位登记。"),
        ({"code": "YF-09"}, "code", "本项目“用房登记簿”中已有编号“YF-09”。"),
        ({"area": "两百"}, "area", "“两百”不是数字。"),
        ({"height": "0"}, "height", "应在 0.01 至 99.99 之间，现为 0。"),
        ({"mode": "rented"}, "mode_until", "租赁、借用的用房须写明截止日期。"),
        ({"mode_until": "2026-12-31"}, "mode_until", "配置的用房没有截止日期"),
        ({"holder": "没有这家"}, "holder", "名录上没有单位“没有这家”。"),
        ({"held_since": "2026-03-01"}, "holder", "持有单位和移交日期须一并填写。"),
        ({"state": "returned", "gone_on": "2026-03-01"}, "state", "配置的用房不能填已退还"),
        ({"state": "lost"}, "gone_on", "已退还、已灭失的须写明日期"),
    ],
)
def test_what_is_wrong_is_said_beside_its_question_and_nothing_typed_is_lost(
    app, office, wrong, beside, says
):
    row = {"kind": "office", "name": "旧房", "area": 1, "project_id": office.mine.id, "code": "YF-09"}
    places.add_parts("room", [row], places.Source(office.post("bureau", "window"), "补登"))
    browser = signed_in(app, office, "bureau", "examiner")
    answer = browser.post("/registers/rooms/add", data={**GIVEN, "use": "值班", **wrong})
    assert (answer.status_code, 'value="值班"' in answer.text) == (422, True)
    assert says in answer.text.split(f'id="{beside}-err"')[1][:200]
    assert len(places.rooms_of(office.mine.id)) == 1


def test_only_the_bureau_of_the_district_enters_rooms(app, office):
    for body in ("enterprise", "developer", "street"):
        browser = signed_in(app, office, body)
        assert browser.get("/registers/rooms/add").status_code == 403
        assert "/registers/rooms/add" not in browser.get("/registers/rooms").text
    other = signed_in(app, office, "other_bureau", "window")
    answer = other.post("/registers/rooms/add", data=GIVEN)
    assert "项目“P-1”不存在，或者不由贵单位登记。" in answer.text
    assert not places.rooms_of(office.mine.id)
