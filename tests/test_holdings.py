"""The pages of the registers: rooms, facilities, records, contracts and papers, and what each visitor reads there."""

import io
import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
import small_register
import sqlalchemy as sa
from openpyxl import load_workbook
from small_register import signed_in
from statements import counted

from casework import places
from casework.db import db as database
from casework.places import listing
from casework.places.listing import Wanted

DAY = small_register.DAY


@pytest.fixture
def office(app, db):
    with small_register.at_work(app) as office:
        yield office


def source(office):
    return places.Source(office.post("bureau", "window"), "补登")


def room(project, code, **more):
    usual = {"kind": "office", "name": f"用房{code}", "area": Decimal(100)}
    return {"project_id": project.id, "code": code, **usual, **more}


def lift(project, code, **more):
    return {
        "project_id": project.id,
        "code": code,
        "kind": "lift",
        "name": f"电梯{code}",
        "quantity": 1,
        "unit": "台",
        **more,
    }


def through(page, by, wanted=None):
    """Every row of a list, page by page, two at a time."""
    found, after = [], 0
    while after is not None:
        rows, after = page(by, Wanted(**{**(wanted or {}), "after": after}), 2)
        assert len(rows) <= 2
        found += rows
    return found


# ----------------------------------------------------------------------------------------------------- lists


def test_a_list_is_read_page_by_page_each_row_once_and_in_order(office):
    rows = [room(p, f"YF-{n:02d}") for p in (office.other, office.mine) for n in (3, 1, 2)]
    places.add_parts("room", rows, source(office))
    by = office.post("bureau", "window")
    codes = [(one.project.code, one.code) for one in through(listing.room_page, by)]
    assert codes == [(p, f"YF-{n:02d}") for p in ("P-1", "P-2") for n in (1, 2, 3)]
    own = through(listing.room_page, office.post("developer", "handler"))
    assert {one.project.code for one in own} == {"P-1"}
    assert through(listing.room_page, office.post("other_bureau", "window")) == []


def test_what_is_due_comes_first_and_what_is_not_stays_away(office):
    ids = places.add_parts("facility", [lift(office.mine, f"DT-{n}") for n in range(4)], source(office))
    days = (DAY + timedelta(days=100), DAY - timedelta(days=5), DAY + timedelta(days=20))
    records = [
        {"project_id": office.mine.id, "facility_id": i, "kind": "check", "on": date(2026, 1, 1), "what": "x", "next_due": day}
        for i, day in zip(ids, days, strict=False)
    ]  # fmt: skip
    places.add_parts("record", records, source(office))
    places.reckon_due(ids)
    by = office.post("enterprise", "handler")
    assert [one.code for one in through(listing.facility_page, by, {"due": "soon"})] == ["DT-1", "DT-2"]
    assert [one.code for one in through(listing.facility_page, by, {"due": "late"})] == ["DT-1"]


def test_filters_narrow_by_project_kind_mode_and_words(office):
    rows = [
        room(office.mine, "YF-01", name="物业办公"),
        room(office.mine, "YF-02", kind="business", mode="rented", mode_until=DAY + timedelta(days=30)),
        room(office.other, "YF-01", mode="lent", mode_until=DAY + timedelta(days=90)),
    ]
    places.add_parts("room", rows, source(office))
    by = office.post("bureau", "window")

    def found(**wanted):
        return [(one.project.code, one.code) for one in through(listing.room_page, by, wanted)]

    assert found(project=office.mine.id) == [("P-1", "YF-01"), ("P-1", "YF-02")]
    assert found(kind="business") == found(mode="rented") == found(due="soon") == [("P-1", "YF-02")]
    assert found(words="办公") == [("P-1", "YF-01")]
    assert found(words="河口 YF") == [("P-2", "YF-01")]
    assert found(words="100%") == []


def test_a_page_asks_as_little_of_a_long_register_as_of_a_short_one(office):
    by = office.post("bureau", "window")

    def statements(page):
        database.session.expire_all()
        with counted() as asked:
            page(by, Wanted(), 5)
        return len(asked)

    places.add_parts("room", [room(office.mine, f"A-{n:03d}") for n in range(10)], source(office))
    places.add_parts("facility", [lift(office.mine, f"A-{n:03d}") for n in range(10)], source(office))
    before = [statements(listing.room_page), statements(listing.facility_page)]
    places.add_parts("room", [room(office.mine, f"B-{n:03d}") for n in range(300)], source(office))
    places.add_parts("facility", [lift(office.mine, f"B-{n:03d}") for n in range(300)], source(office))
    assert [statements(listing.room_page), statements(listing.facility_page)] == before


# ----------------------------------------------------------------------------------------------------- pages


def test_the_rooms_required_stand_beside_those_registered_and_handed_over(app, db, office):
    held = {"held_by": office.enterprise.id, "held_since": DAY}
    rows = [
        room(office.mine, "YF-01", area=Decimal("187.50"), **held),
        room(office.mine, "YF-02", area=Decimal("0.01")),
    ]
    places.add_parts("room", rows, source(office))
    browser = signed_in(app, office, "developer")
    text = re.sub(r"(<[^>]+>|\s)+", " ", browser.get("/registers/rooms/required").text)
    assert re.search(
        r"应配置 200\.00 平方米 .*已登记 187\.51 平方米 .*已移交 187\.50 平方米 .*缺 12\.49 平方米", text
    )
    sheet = load_workbook(io.BytesIO(browser.get("/registers/required.xlsx").data)).active
    assert [cell.value for cell in sheet[2]][:7] == ["P-1", "江南里雅苑", 200, 187.51, 187.5, 12.49, 0]


def test_the_rooms_required_of_many_projects_are_asked_for_at_once(app, db, office):
    browser = signed_in(app, office, "bureau")

    def statements(last):
        with counted() as asked:
            assert last in browser.get("/registers/rooms/required").text
        return len(asked)

    few = statements("P-2")
    for n in range(3, 20):
        office.project(code=f"P-{n}")
    database.session.commit()
    assert statements("P-19") == few


def test_a_room_shows_every_version_in_words(app, db, office):
    (room_id,) = places.add_parts("room", [room(office.mine, "YF-01")], source(office))
    one = database.session.get(places.Room, room_id)
    change = {
        "mode": "rented",
        "mode_until": date(2026, 4, 1),
        "held_by": office.enterprise.id,
        "held_since": DAY,
    }
    places.change_parts([(one, change)], places.Source(office.post("bureau", "window"), "过渡安排"))
    browser = signed_in(app, office, "street")
    text = browser.get(f"/registers/rooms/{room_id}").text
    for said in (
        "第 2 版",
        "提供方式：配置 → <b>租赁</b>",
        "持有单位：（空） → <b>安居物业服务有限公司</b>",
        "过渡安排",
    ):
        assert said in text
    browser.post("/look", data={"lang": "en"})
    assert "Provided as: Allotted → <b>Rented</b>" in browser.get(f"/registers/rooms/{room_id}").text


def test_the_enterprise_enters_a_record_and_a_wrong_day_keeps_what_was_typed(app, db, office):
    (lift_id,) = places.add_parts("facility", [lift(office.mine, "DT-01")], source(office))
    browser, page = signed_in(app, office, "enterprise"), f"/registers/facilities/{lift_id}"
    given = {
        "kind": "upkeep",
        "on": "2026-03-03",
        "what": "半月保养，加油",
        "result": "good",
        "next_due": "2026.3.18",
    }
    answer = browser.post(page, data=given)
    assert answer.status_code == 422
    assert "日期不能晚于今天（2026年3月2日）" in answer.text
    assert "半月保养，加油" in answer.text
    for _twice in range(2):
        assert browser.post(page, data={**given, "on": "2026-03-02"}).status_code == 302
    found = database.session.scalars(
        sa.select(places.FacilityRecord).order_by(places.FacilityRecord.no)
    ).all()
    assert [(one.no, one.next_due) for one in found] == [(1, date(2026, 3, 18)), (2, date(2026, 3, 18))]
    assert database.session.get(places.Facility, lift_id, populate_existing=True).next_due == date(
        2026, 3, 18
    )
    assert "2026年3月18日" in browser.get("/registers/facilities?due=soon").text
    developer = signed_in(app, office, "developer")
    assert developer.post(page, data=given).status_code == 403
    assert "登记一条记录" not in developer.get(page).text


def contract(office, project, enterprise, number, until):
    term = {"number": number, "starts_on": date(2023, 1, 1), "ends_on": until, "case": "HT-2026-0001"}
    places.entrust(project, enterprise.id, by=office.post("bureau", "window"), contract=term)


def test_contracts_stand_by_their_end_and_an_enterprise_keeps_sight_of_its_own(app, db, office):
    contract(office, office.mine, office.other_enterprise, "甲〔2023〕1号", DAY - timedelta(days=1))
    contract(office, office.mine, office.enterprise, "甲〔2026〕2号", DAY + timedelta(days=80))
    contract(office, office.other, office.enterprise, "乙〔2026〕3号", DAY + timedelta(days=400))
    by = office.post("bureau", "window")
    numbers = [one.number for one in through(listing.contract_page, by)]
    assert numbers == ["甲〔2026〕2号", "乙〔2026〕3号"]
    assert [one.number for one in through(listing.contract_page, by, {"due": "soon"})] == numbers[:1]
    past = through(listing.contract_page, office.post("other_enterprise", "handler"), {"due": "late"})
    assert [one.number for one in past] == ["甲〔2023〕1号"]
    browser = signed_in(app, office, "developer")
    text = browser.get("/registers/contracts").text
    assert ("甲〔2026〕2号" in text, "乙〔2026〕3号" in text, "剩 80 天" in text) == (True, False, True)
    sheet = load_workbook(io.BytesIO(browser.get("/registers/contracts.xlsx").data)).active
    assert [cell.value for cell in sheet[2]][:4] == [
        "P-1",
        "江南里雅苑",
        office.enterprise.name,
        "甲〔2026〕2号",
    ]


def test_a_list_goes_out_as_it_is_narrowed(app, db, office):
    rows = [room(office.mine, "YF-01", name="=1+1"), room(office.mine, "YF-02", kind="business")]
    places.add_parts("room", rows, source(office))
    browser = signed_in(app, office, "bureau", "window")
    answer = browser.get("/registers/room.xlsx?kind=office")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    sheet = load_workbook(io.BytesIO(answer.data)).active
    assert [
        [row[2].value, row[4].value, row[4].data_type, row[8].data_type] for row in sheet.iter_rows(min_row=2)
    ] == [["YF-01", "=1+1", "s", "n"]]
    assert browser.get("/registers/nothing.xlsx").status_code == 404
    assert browser.get(f"/registers/rooms?project={office.other.id + 99}").status_code == 404
