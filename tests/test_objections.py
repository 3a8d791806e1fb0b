"""Objections and complaints about a tender: who learns of them, what they leave behind."""

from __future__ import annotations

import re
from typing import Any

import pytest
import sqlalchemy as sa
from acting import browser, elsewhere, post, story
from flask import Flask

from casework import cases, clock, letters, papers, standing, stories
from casework.cases import lists
from casework.db import db


def told(name: str, keys: dict[str, int], after: int | None = None) -> stories.Player:
    player = stories.Player(story(f"objection/{name}"), keys)
    player.play(stop_after=after)
    return player


def test_who_objected_is_known_to_the_tenderer_and_the_bureau_only(
    district: Flask, keys: dict[str, int]
) -> None:
    player = told("in_time_rejected", keys, 1)
    objection, tender = player.of("objection"), player.of("tender")
    for login in ("ent3", "dev1", "exa1", "exa2"):
        assert lists.open_to(post(login), objection), login
    for login in ("ent1", "ent4", "dev2", "str1", "com1", "agt1"):
        assert not lists.open_to(post(login), objection), login
    number, about, name = objection.number, tender.number, post("ent3").organisation.name
    pages = {}
    for login in ("dev1", "str1", "agt1"):
        client = browser(district, login)
        pages[login] = elsewhere(lambda c=client: c.get(f"/case/{about}")).text
    assert number in pages["dev1"]
    tenderer = browser(district, "dev1")
    own = elsewhere(lambda: tenderer.get(f"/case/{number}")).text
    assert "异议不成立" not in own.split('id="flow"')[0], (
        "nothing is said of how it came out before the answer"
    )
    for login in ("str1", "agt1"):
        assert number not in pages[login], login
        assert name not in pages[login], login


def test_a_stranger_meets_an_objection_nowhere(district: Flask, keys: dict[str, int]) -> None:
    number = told("in_time_rejected", keys, 1).of("objection").number
    client = browser(district, "ent4")
    there, none = (elsewhere(lambda n=n: client.get(f"/case/{n}")) for n in (number, "YT-2026-9999"))
    assert (there.status_code, none.status_code) == (404, 404)
    for page in (f"/cases?q={number}", "/notices", "/inbox?box=mine"):
        assert f"/case/{number}" not in elsewhere(lambda p=page: client.get(p)).text, page


def test_the_tenderer_answers_over_its_own_name_and_number(district: Flask, keys: dict[str, int]) -> None:
    player = told("upheld", keys)
    (reply,) = papers.of(player.of("objection").id)
    assert (reply.code, reply.organisation_id) == ("D13", keys["dev1"])
    assert reply.number == "异复〔2026〕1号"


def test_what_the_investigators_found_is_for_the_bureau_until_it_decides(
    district: Flask, keys: dict[str, int]
) -> None:
    case = told("complaint_decided", keys, 4).of("objection")
    found = next(s for s in lists.steps(case.id) if s.element == "investigate" and s.status == "done")
    page = f"/case/{case.number}/step/{found.id}"
    seen = {}
    for login in ("exa1", "exa2", "ent4", "dev1"):
        client = browser(district, login)
        seen[login] = elsewhere(lambda c=client: c.get(page)).status_code
    assert seen == {"exa1": 200, "exa2": 200, "ent4": 404, "dev1": 404}


@pytest.mark.parametrize(("name", "recorded"), [("fabricated", 1), ("complaint_decided", 0)])
def test_forged_evidence_stands_in_the_file_of_the_complainant(
    district: Flask, keys: dict[str, int], name: str, recorded: int
) -> None:
    player = told(name, keys)
    complaint = player.of("objection")
    found = db.session.scalars(sa.select(standing.Record).where(standing.Record.kind == "misconduct")).all()
    assert [r.organisation_id for r in found] == [keys["ent3"]] * recorded
    for record in found:
        decision = next(p for p in papers.of(complaint.id) if p.code == "D14")
        assert record.document == decision.number
        assert complaint.number in record.reason
        assert standing.facts(keys["ent3"], record.begins)["eligible"], (
            "it is recorded; it bars from nothing by itself"
        )


def test_an_enterprise_is_offered_tenders_that_are_out_and_the_tenderer_none(
    district: Flask, keys: dict[str, int]
) -> None:
    player = told("late", keys)
    number, late = player.of("tender").number, player.of("objection").number
    enterprise, public, begin = browser(district, "ent5"), f"/tenders/{number}", f"objection?about={number}"
    page = elsewhere(lambda: enterprise.get("/apply/new/objection"))
    assert page.status_code == 200
    assert number in page.text
    assert begin in elsewhere(lambda: enterprise.get(public)).text
    developer = browser(district, "dev1")
    assert elsewhere(lambda: developer.get("/apply/new/objection")).status_code == 403
    assert begin not in elsewhere(lambda: developer.get(public)).text
    objector = browser(district, "ent3")
    own = elsewhere(lambda: objector.get(f"/case/{late}")).text
    assert f'href="{public}"' in own, "the tender as everybody sees it"
    assert "招标人依法可以不予答复" in own
    tenderers = elsewhere(lambda: developer.get(f"/case/{late}")).text
    for said in ("异议未按期提出，招标人依法可以不予答复", "最晚应当在 2026年3月31日 提出"):
        assert said in tenderers, said
    (written,) = set(re.findall(rf"/case/{late}/step/\d+", tenderers))
    assert "招标文件" in elsewhere(lambda: developer.get(written)).text


def test_a_tender_that_is_not_out_cannot_be_objected_to(district: Flask, keys: dict[str, int]) -> None:
    first = story("tender/suspended")
    player = stories.Player(first, keys)
    filed = player.play(stop_after=1)
    assert filed is not None
    number = filed.number
    client = browser(district, "ent5")
    answers: list[Any] = [
        elsewhere(lambda n=n: client.post("/apply/new/objection", data={"number": n}))
        for n in (number, "ZB-2026-9999")
    ]
    assert [a.status_code for a in answers] == [422, 422]
    unknown, filed_only = (re.sub(r'name="csrf_token" value="[^"]*"', "", a.text) for a in answers[::-1])
    assert filed_only.replace(number, "ZB-2026-9999") == unknown  # the token changes with every second


def test_the_application_says_the_last_day_before_it_is_signed(district: Flask, keys: dict[str, int]) -> None:
    number = told("late", keys).of("tender").number
    client = browser(district, "ent5")
    where = elsewhere(lambda: client.post("/apply/new/objection", data={"about": number})).headers["Location"]
    sections = ["Part_matter", "Part_facts", "Part_contact"]
    data = {"_section": sections, "request": "objection", "kind": "documents"}
    elsewhere(lambda: client.post(f"{where}/save", data=data))
    assert "2026年3月31日" in elsewhere(lambda: client.get(where)).text


@pytest.mark.parametrize(
    ("told", "element", "said"),
    [
        (("two_objections", 19), "remedy", "YY-2026-0002：重新评标"),
        (("void_reselected", 18), "void_award", "中通〔2026〕1号"),
    ],
)
def test_who_acts_on_what_was_upheld_reads_what_it_concerns(
    district: Flask, keys: dict[str, int], told: tuple[str, int], element: str, said: str
) -> None:
    player = stories.Player(story(f"tender/{told[0]}"), keys)
    player.play(stop_after=told[1])
    done = lists.steps(player.of("tender").id)
    client, step = browser(district, "dev1"), next(one.id for one in done if one.element == element)
    assert said in elsewhere(lambda: client.get(f"/step/{step}")).text
    if element == "remedy":  # the publicity that a new evaluation overtakes is in force no more
        where, day = f"/tenders/{player.of('tender').number}", "中标候选人公示期满"
        page = elsewhere(lambda: client.get(where)).text
        assert f"<dt>{day}" not in page
        assert "元，服务等级二级，服务期限3年，" in page  # 公示和公告办法 第六条
        assert "项目经理甲" not in page
        cases.complete(
            step, by=post("dev1"), answers={"remedy_step": "evaluate", "remedy_reason": "影响评分。"}
        )
        db.session.commit()
        page = elsewhere(lambda: client.get(where)).text
        assert page.count(day) == page.count(f'<dt>{day}</dt><dd><s class="muted">') == 1
        assert "不再有效" in page


def test_a_complaint_upheld_when_all_is_over_acts_on_nothing_and_says_so(
    district: Flask, keys: dict[str, int]
) -> None:
    number = told("upheld_ended", keys).of("objection").number
    sent = db.session.scalars(
        sa.select(letters.Letter).where(letters.Letter.subject.contains("招标已经结束"))
    )
    assert {one.user.login for one in sent} >= {"dev1", "exa1", "exa2", "head1"}
    client = browser(district, "dev1")
    assert "不会自动变更中标结果和合同备案" in elsewhere(lambda: client.get(f"/case/{number}")).text


def test_what_was_upheld_after_the_page_was_made_is_read_before_it_is_acted_on(
    district: Flask, keys: dict[str, int]
) -> None:
    player = stories.Player(story("tender/void_reselected"), keys)
    player.play(stop_after=18)
    tender = player.of("tender")
    step = next(one.id for one in lists.steps(tender.id) if one.element == "void_award")
    client, typed = browser(district, "dev1"), "处理决定认定评分笔误不影响结果，已经更正。"

    def mark() -> str:
        page = elsewhere(lambda: client.get(f"/step/{step}")).text
        return re.findall(r'name="_seen" value="(\w+)"', page)[0]

    def sent(seen: str) -> Any:
        data = {"_section": "Part_void", "void_step": "keep", "void_reason": typed, "_seen": seen}
        data |= {"_submit": "1", "_password": district.config["DEMO_PASSWORD"]}
        return elsewhere(lambda: client.post(f"/step/{step}", data=data))

    before = mark()
    dismissed, upheld = ({"number": f"YT-2026-000{n}", "upheld": n == 3, "measure": ""} for n in (2, 3))
    cases.tell("complaint decided", dismissed, tender.number, clock.now())
    db.session.commit()
    assert mark() == before, "what is dismissed asks for nothing"
    cases.tell("complaint decided", upheld, tender.number, clock.now())
    db.session.commit()
    for stale in (before, ""):
        refused = sent(stale)
        assert refused.status_code == 422
        for said in ("需要处理的内容有了变动", "YT-2026-0003", typed):
            assert said in refused.text, said
    assert sent(mark()).status_code == 302
    assert (player.of("tender").variables or {})["remedied"] == [
        "YT-2026-0001",
        "YT-2026-0002",
        "YT-2026-0003",
    ]
