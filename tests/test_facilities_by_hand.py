"""A facility entered and changed by hand: checked as a table is, every change a version with its reason."""

from datetime import date

import pytest
import small_register
from small_register import signed_in

from casework import places
from casework.db import db as database

GIVEN = {
    "project": "P-1", "code": "ＤＴ-01", "kind": "lift", "name": "1 幢客梯", "quantity": "１", "unit": "台",
    "owner": "owners", "warranty_until": "2027年3月1日", "state": "use",
}  # fmt: skip


@pytest.fixture
def office(app, db):
    with small_register.at_work(app) as office:
        yield office


def test_the_enterprise_enters_a_facility_and_changes_it_with_a_reason(app, office):
    browser = signed_in(app, office, "enterprise")
    empty = browser.get(f"/registers/facilities/add?project={office.mine.id}").text
    assert 'value="P-1"' in empty
    done = browser.post("/registers/facilities/add", data=GIVEN, follow_redirects=True)
    assert "已登记。" in done.text
    (lift,) = places.facilities_of(office.mine.id)
    assert (lift.code, lift.quantity, lift.warranty_until) == ("DT-01", 1, date(2027, 3, 1))
    way = f"/registers/facilities/{lift.id}/change"
    asked = browser.get(way).text
    assert ('value="2027-03-01"' in asked, 'value="1"' in asked) == (True, True)
    change = {**GIVEN, "state": "repair", "version": "1"}
    assert "请写明变更原因。" in browser.post(way, data=change).text
    done = browser.post(way, data={**change, "reason": "门机故障"}, follow_redirects=True)
    assert ("状态：在用 → <b>待修</b>" in done.text, "门机故障" in done.text) == (True, True)
    late = browser.post(way, data={**change, "state": "use", "reason": "已修复"})
    assert (late.status_code, "已有第 2 版" in late.text, "已修复" in late.text) == (422, True, True)
    database.session.refresh(lift)
    assert (lift.state, lift.version) == ("repair", 2)
    assert [version.reason for version in places.versions(lift)] == ["门机故障", "手工登记"]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"project": "P-2"}, "项目“P-2”不存在，或者不由贵单位登记。"),
        ({"project": "P-9"}, "项目“P-9”不存在，或者不由贵单位登记。"),
        ({"code": "DT 01号!"}, "“DT01号!”不是编号"),
        ({"code": "DT-09"}, "本项目“设施设备台帐”中已有编号“DT-09”。"),
        ({"quantity": "两台"}, "“两台”不是数字。"),
        ({"quantity": "0"}, "应在 0.01 至 9,999,999.99 之间，现为 0。"),
        ({"kind": "飞船"}, "请选择种类。"),
        ({"warranty_until": "2027-02-30"}, "“2027-02-30”不是有效日期"),
        ({"warranty_until": "46500"}, "像是 Excel 的日期序号，即 2027-04-23"),
        ({"name": ""}, "请填写名称。"),
    ],
)
def test_what_is_wrong_is_said_beside_its_question_and_nothing_typed_is_lost(app, office, wrong, says):
    usual = {"kind": "lift", "name": "电梯", "quantity": 1, "unit": "台"}
    row = {**usual, "project_id": office.mine.id, "code": "DT-09"}
    places.add_parts("facility", [row], places.Source(office.post("bureau", "window"), "补登"))
    browser = signed_in(app, office, "enterprise")
    answer = browser.post("/registers/facilities/add", data={**GIVEN, "location": "屋顶", **wrong})
    assert (answer.status_code, says in answer.text, 'value="屋顶"' in answer.text) == (422, True, True)
    assert len(places.facilities_of(office.mine.id)) == 1
