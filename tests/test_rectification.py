"""Rectification files and exits: checked by another (T94), what bars an enterprise (T79), days to leave by (T96)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from acting import WORKFLOWS, played, post
from flask import Flask
from statements import counted

from casework import cases, clock, letters, papers, profiles, standing, yaml
from casework.cases import effects
from casework.db import db
from casework.deadlines import BadRule, Rule, compute
from casework.engine.position import Effect
from casework.errors import NotYet, Refused
from casework.people import Organisation, Post

CHECKED: dict[str, Any] = {
    "recheck_result": "pass",
    "checked_by": "复验甲",
    "checked_on": date(2026, 3, 21),
    "findings": "现场查看，没有积水。",
}


def second_post(login: str, organisation_id: int, role: str) -> Post:
    """The same person in another organisation."""
    own = post(login)
    new = Post(user_id=own.user_id, organisation_id=organisation_id, role=role, starts_on=date(2026, 1, 1))
    db.session.add(new)
    db.session.commit()
    return new


def waits(case: cases.Case, element: str) -> cases.Step:
    mine = sa.select(cases.Step).where(cases.Step.case_id == case.id, cases.Step.status == "open")
    return next(step for step in db.session.scalars(mine) if step.element == element)


def test_t94_nobody_checks_what_he_has_mended_himself(district: Flask, keys: dict[str, int]) -> None:
    """A person with a post on both sides mends it for the enterprise and then comes for the bureau."""
    both = second_post("exa2", keys["ent1"], "handler")
    case = played("rectification/closed", keys, after=3)
    done = {
        "report": "done",
        "result": "已更换两台潜水泵并试运行，积水排除。",
        "fixed_by": "整改甲",
        "fixed_on": date(2026, 3, 20),
    }
    with clock.at(clock.at_local(date(2026, 3, 20), 16)):
        cases.complete(waits(case, "fix").id, by=both, answers=done)
        db.session.commit()
    with clock.at(clock.at_local(date(2026, 3, 21), 9)):
        step = waits(case, "recheck").id
        with pytest.raises(Refused, match="另一单位的另一人"):
            cases.complete(step, by=post("exa2"), answers=CHECKED)
        db.session.rollback()
        with pytest.raises(Refused):  # a colleague of the responsible unit
            cases.complete(step, by=post("ent1"), answers=CHECKED)
        db.session.rollback()
        assert cases.complete(step, by=post("exa1"), answers=CHECKED).status == "ended"


def test_a_file_is_read_once_in_a_turn_and_anew_after_an_effect(
    district: Flask, keys: dict[str, int]
) -> None:
    case, today = played("rectification/serious", keys, after=3), date(2026, 3, 17)
    with clock.at(clock.at_local(today, 9)):
        turn = cases.Turn(case, post("head1"), clock.now())
        asks = (("standing", keys["ent1"]), ("eligible", keys["ent1"], keys["dev1"]))
        for name, *enterprises in asks:
            ask = turn.functions[name]
            assert not ask({}, *enterprises)["eligible"]
            with counted() as asked:
                assert not ask({}, *enterprises)["eligible"]
            assert asked == []
        lifts = {
            "organisation": keys["ent1"],
            "of": papers.of(case.id)[0].number,
            "how": "revoked",
            "reason": "撤销",
        }
        effects.carrier(turn)(Effect("lift standing", "lift", "撤销", None, lifts), turn.scope())
        for name, *enterprises in asks:
            assert turn.functions[name]({}, *enterprises)["eligible"]


def test_a_file_bars_by_its_notice_and_frees_by_its_close_out(district: Flask, keys: dict[str, int]) -> None:
    case = played("rectification/serious", keys, after=3)
    notice = papers.of(case.id)[0].number
    with clock.at(clock.at_local(date(2026, 3, 17), 9)):
        found = standing.of(keys["ent1"])
        assert not found.eligible
        assert [(one.kind, one.document) for one in found.reasons] == [("rectification", notice)]
        assert standing.of(keys["ent2"]).eligible
    other = played("rectification/serious", keys, after=9)
    db.session.expire_all()
    with clock.at(clock.at_local(date(2026, 3, 20), 9)):
        [still] = standing.of(keys["ent1"]).reasons
        assert still.document == notice, "the close-out of another file ends only what that file began"
    [lifted] = [one for one in standing.history(keys["ent1"]) if one.lift]
    assert lifted.lift is not None
    assert (lifted.document, lifted.lift.document) == tuple(paper.number for paper in papers.of(other.id))


def elsewhere(keys: dict[str, int]) -> tuple[Organisation, Organisation]:
    """A bureau of another district with an enterprise on its register."""
    district = Organisation(kind="district", name="邻河区", name_en="Linhe District", parent_id=keys["city"])
    db.session.add(district)
    db.session.flush()
    office = Organisation(kind="bureau", name="邻河区房管局", name_en="Linhe Bureau", parent_id=district.id)
    far = Organisation(
        kind="enterprise",
        name="邻河远山物业有限公司",
        name_en="Far",
        parent_id=district.id,
        code="91999999MA0000999X",
    )
    db.session.add_all([office, far])
    db.session.flush()
    second_post("win1", office.id, "head")
    return office, far


def test_an_enterprise_of_another_district_mends_too_and_its_own_bureau_is_told(
    district: Flask, keys: dict[str, int]
) -> None:
    office, far = elsewhere(keys)
    assert standing.keepers(far.id) == [office.id]
    assert standing.keepers(keys["ent1"]) == [keys["bureau"]]
    assert standing.keepers(keys["dev7"]) == []
    case = played("rectification/serious", {**keys, "ent1": far.id}, after=3)
    assert case.incident is None
    assert waits(case, "fix").organisation_id == far.id
    assert (case.variables["barred"], case.variables["told_home"]) == (False, True)
    assert standing.of(far.id, date(2026, 3, 17)).eligible, "only its own bureau writes into its file"
    told = {one.user_id: one for one in letters.of(case.id)}[post("win1").user_id]
    assert far.name in told.subject
    assert papers.of(case.id)[0].number in told.body
    [said] = [
        one
        for one in cases.checks(cases.Turn(case, None, clock.now()), "zh")
        if one.title == "对企业承接的影响"
    ]
    assert "抄告" in said.says


@pytest.mark.parametrize("told", ["closed", "supervised_twice"])
def test_what_is_ordinary_and_in_time_or_a_developers_bars_nobody(
    district: Flask, keys: dict[str, int], told: str
) -> None:
    case = played(f"rectification/{told}", keys, after=2)
    assert case.variables["barred"] is False
    assert not [one for one in standing.history(keys["ent1"]) if one.kind == "rectification"]


def test_a_report_taken_up_by_another_unit_always_leaves_exactly_one_responsible(
    district: Flask, keys: dict[str, int]
) -> None:
    case = played("rectification/transferred", keys, after=9)
    assert case.variables["unit"] == keys["dev7"]
    steps = sa.select(cases.Step.organisation_id).where(
        cases.Step.case_id == case.id, cases.Step.status == "open"
    )
    assert db.session.scalars(steps).all() == [keys["dev7"]]


def test_a_day_that_was_set_is_that_day_and_has_no_length() -> None:
    due = compute(Rule.read({"kind": "fixed", "from": "=due", "event": "e", "basis": "x"}), date(2026, 10, 4))
    assert due.day == date(2026, 10, 4)  # a Sunday of the holidays: it was set, it does not move
    assert due.at == clock.at_local(date(2026, 10, 5))
    assert "不另行计算" in due.explanation.zh
    with pytest.raises(BadRule):
        compute(Rule("fixed", 3, "x", "e"), date(2026, 10, 4))


@pytest.mark.parametrize(
    ("place", "day"),
    [
        ("hangzhou", "2026-10-15"),
        ("shanghai", "2026-10-10"),
        ("beijing", "2026-10-30"),
        ("qingdao", "2026-10-30"),
        ("zibo", "2026-10-30"),
        ("qingyuan", "2026-10-30"),
        ("national", "2026-10-30"),
        ("henan", "2026-09-30"),
    ],
)
def test_t96_the_day_to_leave_by_is_that_of_the_place(place: str, day: str) -> None:
    folder = yaml.read((WORKFLOWS / "exit" / "procedure.yaml").read_text("utf-8"))["deadlines"]
    days = profiles.of(place, date(2026, 9, 1)).values["exit_days"]
    rule = Rule.read(folder["exit"] if days else folder["exit_at_once"])
    assert compute(rule.settle(days), date(2026, 9, 30)).day == date.fromisoformat(day)


def test_the_register_names_the_receiver_or_nobody(district: Flask, keys: dict[str, int]) -> None:
    case = played("exit/in_time", keys, after=99)
    assert case.project is not None
    db.session.refresh(case.project)
    assert case.project.enterprise_id == keys["ent3"]
    assert case.project.facts["service_contract"]["number"] == "HT-2026-017"


def test_a_project_has_one_handover_at_a_time(district: Flask, keys: dict[str, int]) -> None:
    first = played("exit/in_time", keys, after=0)
    again = {**(first_answers(first)), "contact": "联系人丁"}
    with pytest.raises(NotYet, match="正在办理，办结或者撤回之前不能再次申报"):
        cases.open_case("exit", by=post("exa1"), answers=again, project_id=first.project_id)
    db.session.rollback()
    cases.withdraw(first.id, by=post("exa1"), reason="日期写错")
    second = cases.open_case("exit", by=post("exa1"), answers=again, project_id=first.project_id)
    assert (second.status, second.incident) == ("open", None)


def first_answers(case: cases.Case) -> dict[str, Any]:
    """What was applied for."""
    query = sa.select(cases.Step.answers).where(cases.Step.case_id == case.id, cases.Step.status == "done")
    return dict(db.session.scalars(query.order_by(cases.Step.id)).first() or {})


def test_where_the_community_takes_over_no_enterprise_is_named(district: Flask, keys: dict[str, int]) -> None:
    case = played("exit/refused", keys, after=99)
    assert case.project is not None
    db.session.refresh(case.project)
    assert case.project.enterprise_id is None
    assert db.session.get(Organisation, case.variables["new_unit"]).kind == "community"  # type: ignore[union-attr]
