"""The early service contract: held to the award (T35, T36, T37), refused without one (T49), entered when filed."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import awarded
import pytest
import sqlalchemy as sa
from acting import browser, elsewhere, played, post
from docx import Document
from flask import Flask
from offices import WORKFLOWS

from casework import bids, cases, clock, papers, people, places, procedures, standing, stories, violations
from casework.cases import beforehand, links, lists
from casework.cases.model import Case
from casework.db import db
from casework.papers import printing
from casework.people import Organisation
from casework.stories.story import moment
from casework.violations import NeverChanged

START = "starts: {who: dev1, at: %s 10:00, says: {like: apply}, then: {due: {draft: %s}}}\nsteps:\n"
#: What the folder's shared answers leave to a contract after a tender.
DRAFT = "like: draft, fee_system: lump, performance_bond: 126900, performance_form: guarantee"
SIGNED = """
  - {who: dev1, does: draft, at: %(draft)s 10:00, says: {like: draft, fee_system: lump, performance_bond: 126900, performance_form: guarantee}}
  - {who: ent1, does: confirm, at: %(draft)s 15:00, says: {like: agree}}
  - {who: dev1, does: sign_developer, at: %(sign)s 09:00, says: {like: dev_signs}}
  - {who: ent1, does: sign_enterprise, at: %(sign)s 10:00, says: {like: ent_signs}}
"""


@pytest.fixture
def root(district: Flask, tmp_path: Path) -> Iterator[Path]:
    """The demo district with a tender that is awarded at once."""
    for key, folder in awarded.folders(tmp_path).items():
        procedures.install(key, folder, clock.now())
    db.session.commit()
    stories.read.cache_clear()
    yield tmp_path
    stories.read.cache_clear()


def told(root: Path, keys: dict[str, int], name: str, text: str, on: str, **given: Any) -> stories.Player:
    """The story played, every `then` of it checked."""
    found: list[str] = []

    def watch(part: Any, case: Any) -> None:
        if part.get("then") and case is not None:
            found.extend(stories.differences(part["then"], case))

    story = awarded.story(root, name, text, on=on, **given)
    player = stories.Player(story, keys, watch)
    case = player.play()
    assert case is not None
    assert found + stories.differences(story.then, case) == []
    return player


def test_t35_the_contract_is_due_thirty_days_after_the_award_notice(root: Path, keys: dict[str, int]) -> None:
    text = (
        START % ("2026-09-07", "2026-10-08")
        + "  - {until: 2026-10-09 00:10}\nthen: {letters: [overdue], open: [draft]}\n"
    )
    told(root, keys, "t35", text, on="2026-09-05")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("price: 2.36", "合同综合单价与中标综合单价不一致"),
        ("price: 2.34", "合同综合单价与中标综合单价不一致"),
        ("total_year: 846000.01", "合同年度总额与中标年度总额不一致"),
        ("level: 一级", "合同服务等级与中标（批准）的服务等级不一致"),
        ("years: 2, ends_on: 2029-06-30", "合同期限与中标（批准）的期限不一致"),
        ("staff: [{post: 项目负责人, count: 1}, {post: 秩序维护, count: 8}]", "岗位或者人数与中标（批准）"),
        ("fees: [{house_type: 高层住宅, unit_price: 2.45}]", "分类单价与中标（批准）"),
        ("performance_bond: 253800.01, performance_form: cash", "10%"),
    ],
)
def test_t36_a_contract_that_departs_from_the_winning_bid_is_refused(
    root: Path, keys: dict[str, int], change: str, says: str
) -> None:
    refused = f"  - {{who: dev1, does: draft, at: 2026-09-08 10:00, says: {{{DRAFT}, {change}}}, refused: {says}}}\n"
    told(
        root,
        keys,
        "t36",
        START % ("2026-09-07", "2026-10-08") + refused + "then: {open: [draft], papers: []}\n",
        on="2026-09-05",
    )


def test_t37_each_bidder_reads_the_return_of_his_own_bond_within_five_days(
    root: Path, keys: dict[str, int]
) -> None:
    text = (
        START % ("2026-04-20", "2026-05-18")
        + SIGNED % {"draft": "2026-04-21", "sign": "2026-04-30"}
        + """
  - {until: 2026-05-06 12:00}
  - {case: bond, who: dev1, does: refund, at: 2026-05-06 13:00, says: {outcome: returned, way: money, received_on: 2026-03-20, returned_on: 2026-05-06, interest: 32.50, file_slip: [退款回单.pdf]}}
  - {until: 2026-05-07 00:10}
then: {open: [file], facts: {has_bonds: true, signed_on: 2026-04-30}}
"""
    )
    contract = told(root, keys, "t37", text, on="2026-04-16").case
    assert contract is not None
    bonds = db.session.scalars(sa.select(Case).where(Case.parent_id == contract.id)).all()
    assert [one.variables["bidder"] for one in bonds] == [
        str(b["enterprise"]) for b in contract.variables["bidders"]
    ]
    assert {one.variables["due_on"] for one in bonds} == {date(2026, 5, 6)}
    assert [one.variables["stage"] for one in bonds] == ["late", "returned"], "the last was returned in time"
    tender = contract.parent
    assert tender is not None
    for one in bonds:
        bidder = db.session.get_one(Organisation, int(one.variables["bidder"]))
        by = next(p for p in people.holders(bidder.id, ("handler", "head"), date(2026, 5, 7)))
        assert [c.id for c in bonds if lists.open_to(by, c)] == [one.id]
        assert one in links.ours(tender, by=by)
        assert lists.open_to(by, contract) == (one is bonds[1])


def filed(root: Path, keys: dict[str, int]) -> stories.Player:
    text = (
        START % ("2026-03-05", "2026-04-01")
        + SIGNED % {"draft": "2026-03-06", "sign": "2026-03-10"}
        + """
  - {who: dev1, does: file, at: 2026-03-11 10:00, says: {like: file, performance_state: awaited}}
  - {who: win1, does: receive, at: 2026-03-12 10:00, says: {like: accept}}
then: {status: ended, ends: [done], papers: [D19, D20, D21, D22], facts: {before_sale: true}}
beside: {tender: {status: ended, ends: [done]}}
"""
    )
    player = told(root, keys, "filed", text, on="2026-03-02")
    assert stories.differences({"status": "ended", "ends": ["done"]}, player.of("tender")) == []
    return player


def test_a_filed_contract_stands_in_the_register_of_projects(
    root: Path, keys: dict[str, int], district: Flask
) -> None:
    case = filed(root, keys).case
    assert case is not None
    project = db.session.get_one(places.Project, case.project_id)
    assert project.enterprise_id == keys["ent1"]
    kept = project.facts["service_contract"]
    number = next(p.number for p in papers.of(case.id) if p.code == "D19")
    assert (kept["number"], kept["case"]) == (number, case.number)
    assert (kept["starts_on"], kept["ends_on"]) == (date(2027, 7, 1), date(2030, 6, 30))
    page = page_of(district, "dev1", f"/projects/{project.id}").text
    assert number in page
    assert re.search("2030-06-30|2030年6月30日", page)


def test_the_contract_says_in_words_and_figures_what_was_awarded(root: Path, keys: dict[str, int]) -> None:
    case = filed(root, keys).case
    assert case is not None
    texts = {}
    for paper in papers.of(case.id):
        word = Document(io.BytesIO(printing.docx(printing.order(paper.id))))
        cells = [c.text for t in word.tables for r in t.rows for c in r.cells]
        texts[paper.code] = "\n".join([p.text for p in word.paragraphs] + cells)
        assert not re.search(r"\{[{%]|None|××|待定", texts[paper.code]), paper.code
    contract, covenant = texts["D19"], texts["D20"]
    assert "每平方米每月2.35元（大写：贰元叁角伍分）" in contract
    assert "846,000.00元（大写：捌拾肆万陆仟元整）" in contract
    assert "本合同期限为3年，自2027年7月1日起至2030年6月30日止" in contract
    assert "云房招中〔2026〕1号" in contract
    assert "秩序维护\n9" in contract
    for annex in (
        "物业构成明细",
        "规划总平面图",
        "共用部位明细",
        "共用设施设备明细",
        "质量标准",
        "移交资料清单",
    ):
        assert annex in contract
    assert "代为查验本物业的共用部位、共用设施设备" in covenant, "165号 第七条"
    assert "买受人承诺书" in covenant
    assert "销售前签订并报送" in texts["D21"]
    assert "现予备案" in texts["D22"]


def test_prices_by_type_and_costs_come_from_the_winning_bid_itself(
    district: Flask, keys: dict[str, int]
) -> None:
    """What is not read out at the opening: the contract may not depart from it either."""
    told = stories.read(WORKFLOWS / "contract" / "stories" / "from_award.yaml")
    case = stories.Player(replace(told, steps=()), keys).play()
    assert case is not None
    award = case.facts["concerned"]["award"]
    won = next(one for one in bids.opening.of(case.parent_id) if one.no == award["no"])
    prices, costs = won.answers["prices"], won.answers["costs"]
    assert len(prices) == 3
    assert len(costs) == 11
    basis = case.variables["basis"]
    assert [row["unit_price"] for row in basis["fees"]] == [row["unit_price"] for row in prices]
    assert [row["amount"] for row in case.variables["costs"]] == [row["amount"] for row in costs]
    assert (basis["satisfaction"], basis["staff_total"]) == (92, 28)


def test_whoever_signs_reads_both_papers_first_and_an_enterprise_that_is_barred_is_not_signed_with(
    root: Path, keys: dict[str, int], district: Flask
) -> None:
    text = START % ("2026-03-05", "2026-04-01") + "\n".join(
        (SIGNED % {"draft": "2026-03-06", "sign": "2026-03-10"}).splitlines()[:3]
    )
    case = told(
        root, keys, "barred", text + "\nthen: {open: [sign_developer, sign_enterprise]}\n", on="2026-03-02"
    ).case
    assert case is not None
    enterprise = db.session.get_one(Organisation, keys["ent1"])
    with clock.at(moment("2026-03-09 09:00")):
        head = post("head1")
        bar = standing.record(
            "rectification", enterprise, by=head, begins=date(2026, 3, 9), ends=None,
            reason="限期整改", document="云房整〔2026〕9号", basis="区物业管理工作方案 第三条",
        )  # fmt: skip
        db.session.commit()
        assert "不能签署" in signing(case, "ent1")
        assert "不能签署" in signing(case, "dev1")
        standing.lift(
            bar, by=head, how="cleared", on=date(2026, 3, 9), reason="整改合格", document="云房整〔2026〕9号"
        )
        db.session.commit()
        assert signing(case, "ent1") == ""
    step = next(s for s in cases.lists.open_steps(case.id) if s.organisation_id == keys["ent1"])
    page = page_of(district, "ent1", f"/step/{step.id}").text.partition('id="reads"')[2]
    assert all(paper.number in page.partition("</section>")[0] for paper in papers.of(case.id))


def test_what_was_asked_and_what_was_changed_stands_beside_the_step_of_whoever_goes_on(
    district: Flask, keys: dict[str, int]
) -> None:
    said: list[tuple[str, int, Any]] = []

    def look(_part: Any, case: cases.Case | None) -> None:
        """What earlier steps say to each draft and each confirmation."""
        for step in cases.lists.open_steps(case.id) if case else ():
            turn = cases.Turn(step.case, post({"draft": "dev1"}.get(step.element, "ent1")), clock.now())
            known = cases.known(turn, step, "zh")
            changed = beforehand.compared(turn, step, known, "zh")
            asked = beforehand.recalled(step, known)
            said.append((step.element, len(asked), changed and [one.label for one in changed.changes]))

    player = stories.Player(stories.read(WORKFLOWS / "contract/stories/changes_asked.yaml"), keys, look)
    case = player.play(stop_after=4)
    assert said == [
        ("draft", 0, None), ("confirm", 0, None), ("draft", 1, None), ("confirm", 1, ["装饰装修施工时间"]),
        ("confirm", 1, ["装饰装修施工时间"]),
    ]  # fmt: skip
    assert case is not None
    (step,) = cases.lists.open_steps(case.id)
    page = page_of(district, "ent1", f"/step/{step.id}").text
    assert page.count("建议改为工作日") == 1
    changed = page.partition('id="changed"')[2].partition("</section>")[0]
    for hours in ("工作日八时至十二时、十四时至十八时", "工作日九时至十二时、十四时至十八时"):
        assert changed.count(hours) == 1


def test_whoever_examines_a_corrected_filing_opens_each_paper_at_its_tick(
    district: Flask, keys: dict[str, int]
) -> None:
    case = played("contract/filed_late", keys, after=9)
    (step,) = cases.lists.open_steps(case.id)
    page = page_of(district, "win1", f"/step/{step.id}").text
    ticks = page.partition('id="verified-0"')[2].partition("</fieldset>")[0]
    links = re.findall(rf'href="/case/{case.number}/file/\d+">([^<]+)<', ticks)
    corrected = "补正材料：设施设备清单及产权归属.pdf"
    assert links == [
        "前期物业服务合同.pdf", corrected, "临时管理规约.pdf", corrected, "设施设备清单及产权归属.pdf", corrected
    ]  # fmt: skip
    asked, _head, checks = page.partition("系统核验")
    assert "已补充人防车位的产权归属说明" in asked
    differs = re.search(r"物业构成与项目登记一致.*?</li>", checks, re.DOTALL)
    assert differs
    assert "云规变〔2026〕3号" in differs[0]
    assert "待核" in differs[0]


def page_of(app: Flask, login: str, where: str) -> Any:
    """A page as this person sees it."""
    client = browser(app, login)
    return elsewhere(lambda: client.get(where))


def signing(case: cases.Case, login: str) -> str:
    """What the form of signing says to this person."""
    by = post(login)
    step = next(s for s in cases.lists.open_steps(case.id) if s.organisation_id == by.organisation_id)
    turn = cases.Turn(cases.lock(case.id), by, clock.now())
    party = "dev" if login.startswith("dev") else "ent"
    typed = {f"{party}_signer": ["签署人"], f"{party}_capacity": ["representative"], f"{party}_read": ["y"]}
    bound = cases.drafts.bind_step(turn, step, None, lang="zh", formdata=typed)
    bound.validate()
    db.session.rollback()
    return "；".join(error.text for error in bound.errors())


def test_a_tender_without_an_award_cannot_be_named(root: Path, keys: dict[str, int]) -> None:
    text = "starts: {who: dev1, at: 2026-03-05 10:00, says: {like: apply}, refused: 还没有发出中标通知书}\n"
    story = awarded.story(root, "none", text, on="2026-03-02", winner="null")
    assert stories.Player(story, keys).play() is None
    assert not db.session.scalar(
        sa.select(sa.func.count()).select_from(cases.Case).where(cases.Case.key == "contract")
    )


# ------------------------------------------------------------------------------------------------ leads


def test_t49_the_bureau_sees_the_lead_and_nobody_else_does(district: Flask, keys: dict[str, int]) -> None:
    case = played("contract/no_basis", keys, after=1)
    lead = violations.of_project(case.project_id)[0]
    assert (lead.case_number, lead.source, lead.finding) == (case.number, "attempt", None)
    assert lead.signed_on == date(2026, 2, 20)
    assert lead.project.enterprise_id is None
    page = page_of(district, "exa1", "/violations")
    assert page.status_code == 200
    assert case.number in page.text
    assert "待核实" in page.text
    assert "直接与该企业商定" in page.text
    assert page_of(district, "dev4", "/violations").status_code == 403
    assert page_of(district, "ent1", "/violations").status_code == 403


def test_a_lead_is_settled_once_and_never_changed(district: Flask, keys: dict[str, int]) -> None:
    case = played("contract/no_basis", keys, after=2)
    lead = violations.of_project(case.project_id)[0]
    assert lead.finding is not None
    assert lead.finding.outcome == "confirmed"
    assert case.status == "ended"
    lead.facts = "另一种说法"
    with pytest.raises(NeverChanged):
        db.session.flush()
    db.session.rollback()
    db.session.delete(db.session.get_one(violations.Violation, lead.id))
    with pytest.raises(NeverChanged):
        db.session.flush()
    db.session.rollback()


def test_the_bureau_begins_a_lead_from_the_page_of_a_project(district: Flask, keys: dict[str, int]) -> None:
    project = db.session.scalars(sa.select(places.Project).where(places.Project.code == "YH-006")).one()
    page = page_of(district, "win1", f"/projects/{project.id}").text
    ways = re.findall(r'href="(/apply/new/contract\?project=\d+)"', page)
    assert len(ways) == 1
    assert f'value="{project.id}" required checked' in page_of(district, "win1", ways[0]).text
    assert "/apply/new/contract" not in page_of(district, "str1", f"/projects/{project.id}").text
