"""Cases: opened, completed, taken back, once each, by those whose turn it is; nothing half, nothing lost."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from acting import (
    STAMPERS,
    applied,
    changed,
    faults,
    opened,
    played,
    post,
    stamp,
    story,
    told,
    verdicts,
    waiting,
)
from flask import Flask, g

from blueprints.cases import find
from casework import cases, clock, letters, outbox, papers, procedures, standing, stories
from casework.cases import lists, record
from casework.cases.model import Numbered
from casework.db import db
from casework.errors import Conflict, NotYet, Refused, Unknown
from casework.people import Organisation, Post

NOW = clock.at_local(date(2026, 3, 11), 9)


@pytest.fixture
def case(district: Flask, keys: dict[str, int]) -> cases.Case:
    """Four parties have four items to stamp."""
    return played("acceptance/all_confirmed", keys)


def count(table: type) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(table)) or 0


# ------------------------------------------------------------------------------------- open and complete


def test_an_application_opens_a_case_with_its_number_steps_desks_and_record(case: cases.Case) -> None:
    assert (case.number, case.status, case.title) == ("YS-2026-0001", "open", "竣工验收四方确认：柳桥华庭")
    steps = lists.open_steps(case.id)
    assert [s.organisation.name for s in steps] == [post(login).organisation.name for login in STAMPERS]
    assert all(s.due and s.explanation["rule"]["length"] == 10 and s.explanation["steps"] for s in steps)
    assert [line.case.number for line in lists.inbox(post("ent1")).lines] == [case.number]
    assert [e.what for e in (*told(case.id, "opened"), *told(case.id, "submitted"))] == [
        "opened",
        "submitted",
    ]
    assert faults() == []


def test_the_last_stamp_issues_the_paper_and_ends_the_case(case: cases.Case) -> None:
    for login in STAMPERS:
        assert not papers.of(case.id)
        stamp(case.id, login)
        db.session.commit()
    assert case.status == "ended"
    assert case.ended_at
    assert [p.code for p in papers.of(case.id)] == ["D23"]
    assert not lists.open_steps(case.id)
    assert lists.waiting_count(post("ent1")) == 0
    assert [line.step.done_user_id for line in lists.done(post("ent1")).lines] == [post("ent1").user_id]
    assert told(case.id, "ended")[0].facts == {"ends": ["done"]}


def test_whoever_comes_second_is_told_what_the_first_did(case: cases.Case) -> None:
    step = waiting(case.id, "exa1")
    answers = verdicts(step)
    cases.complete(step.id, by=post("exa1"), answers=answers)
    db.session.commit()
    with pytest.raises(cases.Beaten, match="已由他人办理") as beaten:
        cases.complete(step.id, by=post("exa2"), answers={})
    assert beaten.value.step.done_user_id == post("exa1").user_id
    assert beaten.value.step.answers == answers
    db.session.rollback()
    assert len(told(case.id, "completed")) == 1


def test_a_step_is_refused_to_those_whose_it_is_not(case: cases.Case) -> None:
    step = waiting(case.id, "str2")
    answers = verdicts(step)
    for login in ("str1", "ent2", "win1", "dev7", "aud1", "admin1"):
        with pytest.raises(Refused, match="指定单位的指定岗位"):
            cases.complete(step.id, by=post(login), answers=answers)
        db.session.rollback()
    assert [s.status for s in lists.open_steps(case.id)] == ["open"] * 4


def test_a_cancelled_step_and_one_that_never_was(case: cases.Case) -> None:
    step = waiting(case.id, "str2")
    cases.withdraw(case.id, by=post("dev7"), reason="清单有误")
    db.session.commit()
    with pytest.raises(Conflict):
        cases.complete(step.id, by=post("str2"), answers={})
    db.session.rollback()
    with pytest.raises(Unknown):
        cases.complete(999_999, by=post("str2"), answers={})
    with pytest.raises(Unknown):
        cases.lock(999_999)


def test_half_a_matrix_is_not_a_stamp(case: cases.Case) -> None:
    step = waiting(case.id, "str2")
    some = {"verdicts": verdicts(step)["verdicts"][:3]}
    with pytest.raises(NotYet, match="还有项目未签署"):
        cases.complete(step.id, by=post("str2"), answers=some)
    db.session.rollback()
    assert waiting(case.id, "str2").status == "open"
    assert told(case.id, "completed") == []


def test_the_applicant_may_not_decide(case: cases.Case) -> None:
    """Also not in another post: the person counts (行政许可法 第三十四条)."""
    bureau = db.session.get_one(Organisation, case.facts["district"]["bureau"])
    second = Post(
        user_id=post("dev7").user_id, organisation_id=bureau.id, role="examiner", starts_on=date(2020, 1, 1)
    )
    db.session.add(second)
    db.session.commit()
    step = waiting(case.id, "exa1")
    with pytest.raises(Refused, match="申请人不得审批"):
        cases.complete(step.id, by=second, answers=verdicts(step))


def test_two_officials_examine_not_one_of_them_twice(district: Flask, keys: dict[str, int]) -> None:
    case = played("exemption/small_approved", keys, after=3)
    step = next(s for s in lists.open_steps(case.id) if s.element == "review")
    with pytest.raises(Refused, match="两名以上"):
        cases.complete(step.id, by=post("exa1"), answers={"finding": "meets"})
    db.session.rollback()
    cases.complete(step.id, by=post("exa2"), answers={"finding": "meets"})
    db.session.commit()
    assert [s.element for s in lists.open_steps(case.id)] == ["decide"]


def test_a_second_round_may_be_examined_by_the_same_two(district: Flask, keys: dict[str, int]) -> None:
    case = played("exemption/returned_to_examiners", keys, after=6)
    for login in ("exa1", "exa2"):
        step = next(s for s in lists.open_steps(case.id) if s.element == "rework")
        cases.complete(step.id, by=post(login), answers={"finding": "meets"})
        db.session.commit()
    assert [s.element for s in lists.open_steps(case.id)] == ["decide"]


# --------------------------------------------------------------------------------------------- withdrawal


def test_only_the_applicant_takes_an_application_back(case: cases.Case) -> None:
    for login in ("str2", "exa1", "dev6", "admin1"):
        with pytest.raises(Refused, match="只有申请单位"):
            cases.withdraw(case.id, by=post(login), reason="不是我的")
    db.session.rollback()
    cases.withdraw(case.id, by=post("dev7"), reason="清单有误")
    db.session.commit()
    assert (case.status, lists.open_steps(case.id)) == ("withdrawn", [])
    assert db.session.scalars(sa.select(cases.Timer).where(cases.Timer.case_id == case.id)).all() == []
    assert lists.waiting_count(post("str2")) == 0
    entry = told(case.id, "withdrawn")[0]
    assert entry.facts == {"reason": "清单有误"}
    assert record.reader(case.procedure, post("exa1"), []).says(entry) == "撤回申请：清单有误"
    assert faults() == []
    with pytest.raises(Conflict):
        cases.withdraw(case.id, by=post("dev7"), reason="再来一次")


def test_after_the_decision_nothing_is_taken_back(district: Flask, keys: dict[str, int]) -> None:
    case = played("exemption/small_approved", keys, after=6)
    assert case.variables["decided"] is True
    with pytest.raises(Refused, match="不能撤回"):
        cases.withdraw(case.id, by=post("dev1"), reason="后悔了")
    assert case.status == "open"


# --------------------------------------------------------------------------------------------- once each


def test_the_same_key_twice_leads_to_the_same_place(case: cases.Case) -> None:
    by, other = post("exa1"), post("exa2")
    assert cases.already("key", by) is None
    assert cases.once("key", by, NOW) is None
    cases.led("key", "/inbox")
    db.session.commit()
    again, known = cases.once("key", by, NOW), cases.already("key", by)
    assert again is not None
    assert known is not None
    assert again.leads_to == known.leads_to == "/inbox"
    assert cases.already("", by) is None
    assert cases.already("key", other) is None
    with pytest.raises(Conflict):
        cases.once("key", other, NOW)


def test_a_key_whose_act_failed_may_be_used_again(case: cases.Case) -> None:
    assert cases.once("key", post("exa1"), NOW) is None
    db.session.rollback()
    assert cases.once("key", post("exa1"), NOW) is None


def test_numbers_have_no_gaps_by_procedure_and_year(case: cases.Case) -> None:
    def another(year: int) -> str:
        by, now = post("dev7"), clock.at_local(date(year, 5, 6), 9)
        with clock.at(now):
            return cases.open_case(
                case.key, by=by, answers=applied(case), project_id=case.project_id, now=now
            ).number

    assert another(2026) == "YS-2026-0002"
    db.session.rollback()
    assert another(2026) == "YS-2026-0002", "a rolled-back opening gives its number back"
    assert another(2026) == "YS-2026-0003"
    assert another(2025) == "YS-2025-0001"
    db.session.commit()
    given = sa.select(Numbered.year, Numbered.last).where(Numbered.series == "YS")
    assert dict(db.session.execute(given).all()) == {2025: 1, 2026: 3}


# ---------------------------------------------------------------------------- the version a case began with


def test_a_case_keeps_its_drawing_forms_and_rules_when_the_folder_changes(
    case: cases.Case, tmp_path: Path
) -> None:
    version = changed(
        "acceptance",
        tmp_path,
        process_bpmn=('name="逐项确认盖章"', 'name="四方逐项盖章"'),
        forms_stamp_form=("确认并盖章", "盖章"),
        procedure_yaml=("code: YS", "code: YX"),
    )
    db.session.commit()
    new = opened(case)
    db.session.commit()
    assert case.version_id < new.version_id == version
    assert new.number.startswith("YX-")
    assert {s.name for s in lists.open_steps(case.id)} == {"逐项确认盖章"}
    assert {s.name for s in lists.open_steps(new.id)} == {"四方逐项盖章"}
    assert "确认并盖章".encode() in case.procedure.files["forms/stamp.form"]
    assert "确认并盖章".encode() not in new.procedure.files["forms/stamp.form"]
    for login in STAMPERS:
        stamp(case.id, login)
    db.session.commit()
    assert case.status == "ended", "the old drawing is still complete"


def test_installing_the_same_folder_again_makes_no_new_version(case: cases.Case, tmp_path: Path) -> None:
    assert changed("acceptance", tmp_path) == procedures.current("acceptance") == case.version_id


def test_a_case_keeps_the_rule_values_of_its_place_and_day(case: cases.Case, district: Flask) -> None:
    before = dict(case.facts["profile"])
    district.config["PLACE"] = "shaoxing"
    new = opened(case)
    db.session.commit()
    db.session.expire_all()
    assert case.facts["profile"] == before
    assert new.facts["profile"]["version"] != before["version"]
    assert cases.Turn(case, None, NOW).scope()["profile"] == before


def test_a_case_keeps_the_project_as_it_was_when_it_began(case: cases.Case) -> None:
    assert case.project is not None
    case.project.name = "改名小区"
    db.session.commit()
    assert case.facts["project"]["name"] == "柳桥华庭"
    assert opened(case).title.endswith("改名小区")


# ------------------------------------------------------------------------------------------------ incidents


def test_an_effect_that_fails_is_an_incident_leaves_nothing_behind_and_can_be_tried_again(
    case: cases.Case, keys: dict[str, int], tmp_path: Path
) -> None:
    """The letter names the stars of an enterprise that has none yet: the head records them, and it goes on."""
    letter = ("确认书附后。", "确认书附后。物业企业 {{ standing(project.enterprise).stars }} 星。")
    changed("acceptance", tmp_path, letters_confirmed_md=letter)
    db.session.commit()
    early = stories.shifted(story("acceptance/all_confirmed"), clock.day_end(date(2026, 1, 20)))
    stuck = stories.Player(early, keys).play()
    assert stuck is not None
    assert (stuck.status, [i["element"] for i in stuck.incident]) == ("open", ["certify"])
    assert "stars" in stuck.incident[0]["zh"] + (stuck.incident[0]["expression"] or "")
    assert papers.of(stuck.id) == [], "no paper, and no number used up"
    assert letters.of(stuck.id) == []
    assert db.session.scalars(sa.select(outbox.Job).where(outbox.Job.case_id == stuck.id)).all() == []
    assert told(stuck.id, "issued") == told(stuck.id, "ended") == []
    assert len(told(stuck.id, "incident")) == 1
    assert len(told(stuck.id, "completed")) == 4, "what the parties did stands"

    with clock.at(clock.at_local(date(2026, 1, 16), 9)):
        head, now = post("head1"), clock.now()
        cases.retry(stuck.id, by=head, now=now)
        db.session.commit()
        assert stuck.incident
        assert len(told(stuck.id, "incident")) == 1, "the same incident is told once"
        standing.record(
            "star",
            db.session.get_one(Organisation, keys["ent1"]),
            by=head,
            begins=date(2026, 1, 5),
            value=3,
            reason="考核",
            document="云房考〔2026〕1号",
            basis="区物业管理工作方案 第三条",
        )
        cases.retry(stuck.id, by=head, now=now)
        db.session.commit()
    assert (stuck.status, stuck.incident) == ("ended", None)
    assert [(p.code, p.number.endswith("1号")) for p in papers.of(stuck.id)] == [("D23", True)]
    assert "3 星" in letters.of(stuck.id)[0].body
    assert len(told(stuck.id, "retried")) == 2
    assert faults() == []


def test_a_party_nobody_knows_is_said_and_no_case_is_opened(case: cases.Case) -> None:
    """The project has no property-service enterprise yet: there is nobody to stamp in its place."""
    assert case.project is not None
    case.project.enterprise_id = None
    db.session.commit()
    before = count(cases.Case)
    with pytest.raises(NotYet, match="物业服务企业"):
        opened(case)
    db.session.rollback()
    assert count(cases.Case) == before


# ----------------------------------------------------------------------------------------- who sees what


def test_parties_and_auditors_see_a_case_and_for_everybody_else_it_is_not_there(case: cases.Case) -> None:
    for login in ("dev7", "win1", "head1", "str2", "com6", "ent1", "aud1"):
        g.post = post(login)
        assert find(case.number).id == case.id
        assert case.id in [c.id for c in lists.ledger(g.post)[0]]
    for login in ("dev6", "str1", "com5", "ent2", "admin1"):
        g.post = post(login)
        for number in (case.number, "YS-2026-9999"):
            with pytest.raises(Unknown, match="没有找到"):
                find(number)
        assert lists.mine(g.post)[0] == []
        assert lists.ledger(g.post)[0] == []
        assert lists.inbox(g.post).lines == ()


def test_the_moment_of_an_act_is_exact_in_both_databases(case: cases.Case) -> None:
    now = datetime.fromisoformat("2026-03-11T09:30:15.123456+08:00")
    step = waiting(case.id, "exa1")
    cases.complete(step.id, by=post("exa1"), answers=verdicts(step), now=now)
    db.session.commit()
    db.session.expire_all()
    assert step.done_at == now
    assert faults() == []
