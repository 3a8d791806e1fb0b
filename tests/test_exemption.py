"""Selection by agreement (P03): what its pages say at each moment, and to the contract that rests on it."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import yaml
from acting import browser, elsewhere, played, post, waiting
from docx import Document
from flask import Flask

from casework import cases, clock, papers
from casework.cases import links, lists
from casework.cases.shown import outcome
from casework.db import db
from casework.engine import feel
from casework.papers import printing
from casework.places import Project

FOLDER = Path(__file__).resolve().parents[1] / "workflows"
#: The parts of a form that a page has sent.
SECTIONS = re.compile('name="_section" value="([^"]+)"')


def opinion(case: cases.Case, lang: str = "zh") -> tuple[str, bool | None]:
    """What the street has said, as the checks of the case show it."""
    return checked(case, "街道办事处意见" if lang == "zh" else "Opinion of the street office", lang)


def checked(case: cases.Case, title: str, lang: str = "zh") -> tuple[str, bool | None]:
    [found] = [c for c in cases.checks(cases.Turn(case, None, clock.now()), lang) if c.title == title]
    return found.says, found.ok


@pytest.mark.parametrize(
    ("story", "after", "says"),
    [
        ("small_approved", 0, ("尚未征求", None)),
        ("small_approved", 1, ("已征求，尚未答复", None)),
        ("street_silent", 5, ("期满未答复，按无意见办理", True)),
        ("small_approved", 2, ("同意", True)),
    ],
)
def test_the_street_is_silent_only_when_it_was_asked_and_its_time_is_over(
    district: Flask, keys: dict[str, int], story: str, after: int, says: tuple[str, bool | None]
) -> None:
    case = played(f"exemption/{story}", keys, after=after)
    assert opinion(case) == says
    assert re.search("[一-鿿]", opinion(case, "en")[0]) is None
    if says != ("期满未答复，按无意见办理", True):
        assert checked(case, "审查人结论") == ("尚未审查", None), "nobody has examined it yet"


def test_a_contract_after_an_approval_shows_the_approved_charges_and_no_winning_price(
    district: Flask, keys: dict[str, int]
) -> None:
    case = played("contract/from_approval", keys)
    step, client = waiting(case.id, "dev1"), browser(district, "dev1")
    page = elsewhere(lambda where=f"/step/{step.id}": client.get(where).text)
    assert "中标综合单价" not in page
    assert "中标年度总额" not in page
    assert "高层住宅 2.85；车位 1.20" in page


def test_whoever_decides_reads_what_each_of_the_two_examiners_found(
    district: Flask, keys: dict[str, int]
) -> None:
    half = played("exemption/small_approved", keys, after=3)
    assert checked(half, "审查人结论") == ("符合条件，另一名审查人尚未审查", None)
    case, head = played("exemption/small_approved", keys, after=5), post("head1")
    turn = cases.Turn(case, head, clock.now())
    names = [s.step.done_post.user.login for s in cases.known(turn, waiting(case.id, "head1"), "zh")]
    assert names == ["dev1", "win1", "exa1", "exa2", "str2"]
    assert "符合条件；符合条件" in [c.says for c in cases.checks(turn, "zh")]
    beside = [[c.title for c in cases.checks(turn, "zh", s)] for s in lists.steps(case.id)]
    assert min(map(len, beside)) == 0, (
        "an application has no checks beside it; neither have the steps after the decision"
    )
    assert max(map(len, beside)) == 5


def test_an_approval_that_has_lapsed_is_struck_out_and_the_case_says_so(
    district: Flask, keys: dict[str, int]
) -> None:
    case = played("exemption/lapsed", keys, after=99)
    [approval] = [one for one in papers.of(case.id) if one.code == "D17"]
    assert (approval.state, str(approval.state_name)) == ("lapsed", "已失效")
    assert "自行失效" in approval.reason
    assert "批复已经失效" in str(outcome(cases.Turn(case, None, clock.now())))


def test_what_a_clerk_typed_ends_with_one_full_stop_on_paper(district: Flask, keys: dict[str, int]) -> None:
    case = played("exemption/corrected_once", keys, after=1)
    [notice] = papers.of(case.id)
    word = Document(io.BytesIO(printing.docx(printing.order(notice.id))))
    lines = [p.text for p in word.paragraphs if re.match(r"\d．", p.text)]
    assert lines == [
        "1．服务费用测算：补充人工成本和能耗的测算依据。",
        "2．总平面图：标注物业管理用房位置并加盖公章。",
    ]


def test_the_name_for_the_decision_stands_on_the_application_once_an_enterprise_is_saved(
    district: Flask, keys: dict[str, int]
) -> None:
    project = db.session.scalars(sa.select(Project.id).where(Project.code == "YH-001")).one()
    client = browser(district, "dev1")
    begun = elsewhere(lambda: client.post("/apply/new/exemption", data={"project": project, "about": ""}))
    where = begun.headers["Location"]
    page = elsewhere(lambda: client.get(where)).text
    assert "企业名称（写入批复）" not in page
    [about] = re.findall("<select[^>]*name=.candidate.*?</select>", page, re.DOTALL)
    [enterprise] = re.findall('value="([0-9]+)">云河青禾物业服务有限公司<', about)
    form = {"_section": SECTIONS.findall(page), "candidate": enterprise, "_save": "1"}
    elsewhere(lambda: client.post(where, data=form))
    page = elsewhere(lambda: client.get(where)).text
    assert re.search("企业名称（写入批复）<output[^>]*>云河青禾物业服务有限公司<", page)


def test_the_record_of_a_tender_held_here_lies_beside_the_steps(
    district: Flask, keys: dict[str, int]
) -> None:
    case = played("exemption/own_tender", keys, after=99)
    client, at = browser(district, "exa1"), f"/step/{waiting(case.id, 'exa1').id}"
    beside = elsewhere(lambda: client.get(at)).text.partition('id="reads"')[2]
    assert "前期物业服务招标文件" in beside
    assert "招标失败公告" in beside
    second, first = case.parent, played("tender/few_qualified", keys, after=99)
    second.parent_id = first.id  # held again after a failure
    second.facts = {**second.facts, "concerned": links.concerned(first, clock.now())}
    assert links.concerned(second, clock.now())["too_few"] == [first.number, second.number]
    db.session.commit()
    beside = elsewhere(lambda: client.get(at)).text.partition('id="reads"')[2]
    assert beside.index("资格预审公告") < beside.index("招标失败公告"), (
        "the first tender's record, then the second's"
    )


FEW, AGAIN = {"stage": "failed", "failure": "few"}, ["retender", "stop"]


@pytest.mark.parametrize(
    ("first", "concerned", "ways"),
    [
        (False, None, ["retender", "agreement", "stop"]),
        (True, None, AGAIN),
        (True, {"procedure": "registration"}, AGAIN),
        (True, {"stage": "filed"}, AGAIN),  # withdrawn before its notice
        (True, {"stage": "cancelled"}, AGAIN),
        (True, {"stage": "failed", "failure": "keys_lost"}, AGAIN),
        (True, {"stage": "failed", "failure": "few_qualified"}, ["retender", "agreement", "stop"]),
        (True, FEW, ["retender", "agreement", "stop"]),
        (True, {"stage": "filed", "concerned": FEW}, ["retender", "agreement", "stop"]),
    ],
)
def test_where_a_tender_must_be_held_again_first_the_second_that_fails_leads_to_an_agreement(
    first: bool, concerned: dict[str, Any] | None, ways: list[str]
) -> None:
    form = json.loads((FOLDER / "tender" / "forms" / "after_failure.form").read_text("utf-8"))
    fields = {c.get("key") or c["id"]: c for part in form["components"] for c in part["components"]}
    known = {"profile": {"agreement_retender_first": first}, "concerned": before(concerned)}
    scope = {**known, "failure": "few", "decisions": [], "remedied": []}
    offered = feel.compile(fields["next_step"]["valuesExpression"]).evaluate(scope)
    assert [one["value"] for one in offered] == ways
    text = fields["Text_failure"]
    said = [
        feel.compile(one.strip("{}")).evaluate(scope) for one in (text["text"], text["properties"]["text.en"])
    ]
    assert [("协议方式" in said[0]), ("by agreement" in said[1])] == ["agreement" in ways] * 2


def before(tender: dict[str, Any] | None) -> dict[str, Any] | None:
    """What an earlier tender in this state shows the next one."""
    if tender is None or "procedure" in tender:
        return tender
    known = {"failure": None, "case": {"number": "1"}, **tender, "concerned": before(tender.get("concerned"))}
    shows = yaml.safe_load((FOLDER / "tender" / "procedure.yaml").read_text("utf-8"))["shows"]
    return {"procedure": "tender", "too_few": feel.compile(shows["too_few"]).evaluate(known)}
