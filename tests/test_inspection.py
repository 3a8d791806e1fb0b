"""The takeover inspection: its dates by id (T61–T64), the second pair of eyes, the delivery gate, leads, papers."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from acting import applied, browser, elsewhere, played, post
from docx import Document
from flask import Flask

from casework import cases, clock, papers, people, profiles, violations
from casework.cases import links, persons
from casework.cases.context import last_day
from casework.db import db
from casework.errors import Refused
from casework.papers import printing
from casework.stories.story import moment


def due(case: cases.Case, element: str) -> date:
    """The last day of an open step."""
    step = next(s for s in cases.lists.open_steps(case.id) if s.element == element)
    assert step.due is not None
    return last_day(step.due)


def open_step(case: cases.Case, element: str) -> cases.Step:
    """The open step at this place of the drawing."""
    return next(s for s in cases.lists.open_steps(case.id) if s.element == element)


def says(case: cases.Case, element: str, login: str, at: str, **answers: Any) -> str:
    """What the form of a step answers to this person at that time."""
    with clock.at(moment(at)):
        step = open_step(case, element)
        turn = cases.Turn(cases.lock(case.id), post(login), clock.now())
        bound = cases.drafts.bind_step(
            turn, step, None, lang="zh", formdata={k: [v] for k, v in answers.items()}
        )
        bound.validate()
        db.session.rollback()
    return "；".join(error.text for error in bound.errors())


def printed(case: cases.Case, code: str) -> str:
    """Every word of a paper."""
    paper = next(one for one in papers.of(case.id) if one.code == code)
    word = Document(io.BytesIO(printing.docx(printing.order(paper.id))))
    cells = [cell.text for table in word.tables for row in table.rows for cell in row.cells]
    return "\n".join([p.text for p in word.paragraphs] + cells)


def page_of(app: Flask, login: str, where: str) -> Any:
    """A page as this person sees it."""
    client = browser(app, login)
    return elsewhere(lambda: client.get(where))


# ------------------------------------------------------------------------------------------------ dates


@pytest.fixture
def planned(keys: dict[str, int]) -> cases.Case:
    """Delivery on 2026-06-30, site check on 2026-06-05, the plan agreed."""
    return played("inspection/withdrawn", keys, after=1)


def test_t61_delivery_on_30_june_asks_for_the_inspection_by_15_june(planned: cases.Case) -> None:
    turn = cases.Turn(planned, None, moment("2026-05-08 09:00"))
    for name in ("inspect", "agree"):
        at = turn.deadline(turn.scope(), name)
        assert at is not None
        assert last_day(at) == date(2026, 6, 15)
        assert "2026年6月30日" in str(turn.explanations[at])


def test_t61_a_check_later_than_15_june_is_not_planned(planned: cases.Case) -> None:
    profile = planned.facts["profile"]
    assert profile["inspection_before_delivery_days"] == 15
    form = planned.procedure.forms["apply"]
    for day, wrong in ((date(2026, 6, 15), False), (date(2026, 6, 16), True)):
        given = {"scope": "whole", "delivery_on": date(2026, 6, 30), "check_on": day}
        bound = form.bind("zh", values=given, facts=dict(planned.facts), today=date(2026, 5, 6))
        bound.validate([section.id for section in form.sections])
        said = [e.text for e in bound.errors() if e.key == "check_on"]
        assert bool(said) is wrong
        assert all("查验应当在交付15日前完成" in text for text in said)


def test_t62_papers_are_due_on_16_may_and_what_is_missing_carries_a_date(planned: cases.Case) -> None:
    assert due(planned, "hand_papers") == date(2026, 5, 16)
    every = ("1", "2", "3", "4", "5", "6", "YH1", "YH2", "YH3")
    rows = {f"paper_states-{no}-state": "已移交" for no in every}
    rows |= {f"paper_states-{no}-copies": "1" for no in every} | {
        f"paper_states-{no}-form": "纸质" for no in every
    }
    missing = {**rows, "paper_states-4-state": "未移交", "_section": "Part_papers"}
    said = says(planned, "hand_papers", "dev7", "2026-05-15 10:00", **missing)
    assert "承诺移交日期" in said
    assert "供水、供电" in said
    late = {**missing, "paper_states-4-promised_on": "2026-07-01", "paper_states-4-why": "待出具"}
    assert "应当在交付之前移交" in says(planned, "hand_papers", "dev7", "2026-05-15 10:00", **late)


def test_t63_an_agreement_of_9_june_is_handed_over_by_22_june(keys: dict[str, int]) -> None:
    case = played("inspection/solution_agreed", keys, after=21)
    assert case.variables["agreed_on"] == date(2026, 6, 9)
    assert due(case, "handover") == date(2026, 6, 22)  # 19 June is a holiday, 20 and 21 a weekend


def test_t64_a_handover_of_20_june_is_filed_by_20_july(keys: dict[str, int]) -> None:
    case = played("inspection/through", keys, after=19)
    assert case.variables["handed_on"] == date(2026, 6, 20)
    assert due(case, "file") == date(2026, 7, 20)
    assert due(case, "announce") == date(2026, 7, 20)


@pytest.mark.parametrize("place", ["beijing", "qingdao", "zibo", "hangzhou", "national"])
def test_problems_are_mended_within_30_days(place: str) -> None:
    assert profiles.of(place, date(2026, 6, 1)).values["rectify_days"] == 30


@pytest.mark.parametrize(
    ("place", "papers"),
    [
        ("shandong", {"分户验收资料", "业主名册"}),
        ("zhejiang", {"分幢分层平面图和套型图"}),
        ("beijing", {"物业管理区域划分文件"}),
        ("ningbo", {"物业管理区域划分文件", "商品房买卖合同范本", "人防工程竣工图", "临时管理规约"}),
        ("national", set()),
    ],
)
def test_a_place_may_ask_for_more_papers(place: str, papers: set[str]) -> None:
    extra = profiles.of(place, date(2026, 6, 1)).values["inspection_papers"] or []
    assert {one["name"] for one in extra} >= papers
    assert bool(extra) is bool(papers)


# --------------------------------------------------------------------------------------- another person


def test_whoever_found_a_problem_does_not_check_its_repair(district: Flask, keys: dict[str, int]) -> None:
    case = played("inspection/solution_agreed", keys, after=8)
    step = open_step(case, "recheck")
    with pytest.raises(Refused, match="复查须由另一人进行"):
        persons.ask(step, post("ent1"))
    assert persons.stands_aside(step, post("ins1")) == ""
    page = page_of(district, "ent1", f"/step/{step.id}")
    assert "复查须由另一人进行" in page.text
    page = page_of(district, "ins1", f"/step/{step.id}")
    assert page.status_code == 200
    assert "复查须由另一人进行" not in page.text


# ----------------------------------------------------------------------------------------------- the gate


def test_delivery_waits_for_both_and_names_what_is_missing(keys: dict[str, int]) -> None:
    ticks = {"has_certificate": "y", "has_handover": "y", "_section": "Part_gate"}
    without = played("inspection/no_certificate", keys, after=1)
    said = says(without, "deliver", "dev7", "2026-06-30 10:00", **ticks)
    assert "尚缺《竣工验收配套设施设备确认书》" in said
    assert "尚缺《交接记录》" in said
    confirmed = played("inspection/withdrawn", keys, after=1)
    said = says(confirmed, "deliver", "dev7", "2026-06-30 10:00", **ticks)
    assert "确认书" not in said
    assert "尚缺《交接记录》" in said


def test_the_day_of_delivery_is_told_to_other_cases(keys: dict[str, int]) -> None:
    case = played("inspection/through", keys, after=21)
    found = links.progress(case, clock.now())
    assert [one["delivered_on"] for one in found["inspection"]] == [date(2026, 6, 30)]
    assert found["acceptance"][0]["certificate"]


def begun() -> set[tuple[str, str]]:
    """Applications that a case has begun, each with the kind of case that did."""
    return {
        (draft.key, draft.about.key) for draft in db.session.scalars(sa.select(cases.Draft)) if draft.about
    }


def test_the_four_confirmations_begin_the_inspection(keys: dict[str, int]) -> None:
    played("acceptance/all_confirmed", keys, after=99)
    assert ("inspection", "acceptance") in begun()


def test_the_inspection_begins_the_rooms_and_is_no_more_waited_for(keys: dict[str, int]) -> None:
    played("inspection/through", keys, after=23)
    assert ("rooms", "inspection") in begun()
    assert ("inspection", "acceptance") not in begun(), "it was begun, by hand"


# ------------------------------------------------------------------------------------------------- leads


def test_papers_withheld_and_early_delivery_become_leads(district: Flask, keys: dict[str, int]) -> None:
    played("inspection/withheld", keys, after=9)
    played("inspection/early_delivery", keys)
    found = {v.kind: v for v in db.session.scalars(sa.select(violations.Violation))}
    assert set(found) == {"papers_withheld", "early_delivery"}
    assert {v.finding.outcome for v in found.values() if v.finding} == {"confirmed"}
    page = page_of(district, "exa1", "/violations").text
    assert "物业管理条例 第二十九条、第五十八条" in page
    assert "未完成配套确认和承接查验即交付使用" in page


def test_what_the_parties_agree_on_opens_a_rectification_with_its_date(keys: dict[str, int]) -> None:
    case = played("inspection/solution_agreed", keys, after=21)
    opened = db.session.scalars(sa.select(cases.Case).where(cases.Case.parent_id == case.id)).all()
    assert [(one.key, applied(one)["due_on"]) for one in opened] == [("rectification", date(2026, 9, 30))]


# ------------------------------------------------------------------------------------------------ papers


def test_the_papers_name_problems_solutions_dates_and_what_was_handed_over(keys: dict[str, int]) -> None:
    case = played("inspection/solution_agreed", keys, after=26)
    words = printed(case, "D25")
    for part in ("雨季后统一更换防水层", "2026年9月30日", "违约责任", "云房约〔2026〕1号", "补充协议"):
        assert part in words
    record = printed(case, "D24")
    for part in ("儿童游乐场地面", "希望尽快修好门厅地砖", "复查", "请在雨季前采取临时防渗措施"):
        assert part in record
    handed = printed(case, "D26")
    for part in ("应急照明手电", "排烟口已清理", "业主名册", "仍未移交", "2026年7月31日"):
        assert part in handed


def test_who_drafts_learns_before_that_nobody_else_could_sign(district: Flask, keys: dict[str, int]) -> None:
    case = played("inspection/early_delivery", keys, after=0)
    step, head = open_step(case, "verify"), post("head1")
    also = people.Post(
        user_id=head.user_id,
        organisation_id=head.organisation_id,
        role="examiner",
        starts_on=date(2020, 1, 1),
    )
    db.session.add(also)
    db.session.flush()
    with clock.at(moment("2026-06-05 10:00")):
        turn = cases.Turn(case, also, clock.now())
        assert "“负责人签发责令”须由另一人办理" in str(persons.forewarns(turn, step, also, "zh"))
        assert persons.forewarns(turn, step, post("exa1"), "zh") == ""
        second = people.User(login="head2", name="局长乙", home_id=head.organisation_id, password_hash="x")
        db.session.add(second)
        db.session.flush()
        another = people.Post(
            user_id=second.id, organisation_id=head.organisation_id, role="head", starts_on=date(2020, 1, 1)
        )
        db.session.add(another)
        db.session.flush()
        assert persons.forewarns(turn, step, also, "zh") == ""
    page = page_of(district, "exa1", f"/step/{step.id}")
    assert (page.status_code, "须由另一人办理" in page.text) == (200, False)


def test_who_reviews_learns_before_that_nobody_else_could_review_beside(keys: dict[str, int]) -> None:
    case = played("exemption/banned_enterprise", keys, after=2)
    step, first = open_step(case, "review"), post("exa1")
    with clock.at(moment("2026-03-05 09:00")):
        turn = cases.Turn(case, first, clock.now())
        assert persons.forewarns(turn, step, first, "zh") == ""
        for other in ("exa2", "exa3"):
            post(other).ends_on = date(2026, 3, 4)
        db.session.flush()
        assert "的另一份须由另一人办理" in str(persons.forewarns(turn, step, first, "zh"))
        step.status = "done"
        db.session.flush()
        last = open_step(case, "review")
        assert last.id != step.id
        assert persons.forewarns(turn, last, first, "zh") == ""
