"""Prequalification (P02, step 4): who applied is known to the applicant, the tenderer and the bureau alone."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from acting import browser, elsewhere, played, post
from flask import Flask

from casework import cases, clock, procedures
from casework.cases import links, lists, privacy
from casework.db import db
from casework.errors import NotYet
from casework.stories.story import moment

#: The steps of the story up to the four applications, to their last day, and to the tender published after the result.
APPLIED, CLOSED, DECIDED = 13, 17, 21


def step(case: cases.Case, element: str) -> cases.Step:
    return db.session.scalars(sa.select(cases.Step).filter_by(case_id=case.id, element=element)).one()


@pytest.fixture
def decided(district: Flask, keys: dict[str, int]) -> cases.Case:
    """Four have applied, one again after a withdrawal; three have qualified."""
    return played("tender/prequalified", keys, after=DECIDED)


def test_the_cases_that_concern_another_one_are_looked_up_in_their_order(
    district: Flask, keys: dict[str, int]
) -> None:
    tender = played("tender/prequalified", keys, after=APPLIED)
    found = links.concerning(tender, clock.now())
    assert [one["starter"]["id"] for one in found] == [keys[f"ent{n}"] for n in (1, 2, 3, 4)]
    assert {one["procedure"] for one in found} == {"qualification"}
    assert [one["projects_count"] for one in found] == [2, 2, 2, 0]
    assert found[0]["opened_on"] == moment("2026-03-13 09:00").date()
    for login, begins, own in (("ent1", False, True), ("ent6", True, False), ("dev1", False, False)):
        client, at = browser(district, login), f"/tenders/{tender.number}"
        form = f"/apply/new/qualification?about={tender.number}"

        def then(client: Any = client, at: str = at) -> Any:
            with clock.at(moment("2026-03-20 20:00")):
                return client.get(at)

        page = elsewhere(then).text
        assert (form in page, "本单位的申请" in page) == (begins, own), login
    assert "登录后申请" in public(district, tender.number, "2026-03-20 20:00")
    procedure = procedures.of(procedures.current("qualification"))
    with clock.at(moment("2026-03-20 20:00")), pytest.raises(NotYet, match="请先撤回原申请"):
        links.find(tender.number, procedure, by=post("ent1"), now=clock.now())


def public(district: Flask, number: str, when: str) -> str:
    """The page of a tender as somebody reads it who has not signed in."""
    with clock.at(moment(when)):
        return str(district.test_client().get(f"/tenders/{number}").text)


@pytest.mark.once
def test_nobody_is_asked_to_apply_while_an_objection_is_open(district: Flask, keys: dict[str, int]) -> None:
    tender = played("objection/prequalification", keys).parent
    assert tender is not None
    page = public(district, tender.number, "2026-03-19 10:00")
    assert ("资格预审已暂停" in page, "登录后申请" in page) == (True, False)


def test_an_application_is_seen_by_the_applicant_the_tenderer_and_the_bureau_alone(
    decided: cases.Case,
) -> None:
    first = db.session.scalars(sa.select(cases.Case).filter_by(parent_id=decided.id).order_by("id")).first()
    assert first is not None
    may = {who: lists.open_to(post(who), first) for who in ("ent1", "dev1", "win1", "ent2", "agt1", "str1")}
    assert may == {"ent1": True, "dev1": True, "win1": True, "ent2": False, "agt1": False, "str1": False}
    assert not links.around(decided, by=post("agt1")).concerned_by


def test_the_other_parties_of_the_tender_do_not_read_who_qualified(decided: cases.Case) -> None:
    done = step(decided, "qualify")
    hidden = {who: privacy.hidden(done, post(who), clock.now()) for who in ("dev1", "win1", "agt1", "str1")}
    assert hidden == {"dev1": False, "win1": False, "agt1": True, "str1": True}


def test_the_pages_keep_the_secret_and_show_the_tenderer_the_rows_as_they_were(
    district: Flask, decided: cases.Case
) -> None:
    case = f"/case/{decided.number}"
    where = f"{case}/step/{step(decided, 'qualify').id}"
    mine: Any = browser(district, "dev1")
    theirs: Any = browser(district, "agt1")
    read = elsewhere(lambda: mine.get(where))
    assert read.status_code == 200
    linked = elsewhere(lambda: mine.get(case)).text
    assert f'href="{case.replace("/case", "/tenders")}"' in linked
    ends = [linked.count(f'<span class="tag">{end}</span>') for end in ("通过资格预审", "未通过资格预审")]
    assert ends == [3, 1]
    for said in (
        "依据：",
        "招标投标法实施条例 第十六条",
        "云河青禾物业服务有限公司",
        "云河和煦物业服务有限公司",
        "近三年没有五万平方米以上的住宅项目",
    ):
        assert said in read.text
    assert elsewhere(lambda: theirs.get(case)).status_code == 200
    refused = elsewhere(lambda: theirs.get(where))
    assert "云河青禾物业服务有限公司" not in refused.text
    assert refused.status_code in {403, 404}


def test_the_tenderer_opens_each_application_from_where_it_examines_them(
    district: Flask, keys: dict[str, int]
) -> None:
    tender = played("tender/prequalified", keys, after=CLOSED)
    query = sa.select(cases.Case).filter_by(parent_id=tender.id, status="open")
    numbers = [one.number for one in db.session.scalars(query)]
    client, at = browser(district, "dev1"), f"/step/{step(tender, 'qualify').id}"
    page = elsewhere(lambda: client.get(at)).text
    assert len(numbers) == 4
    assert [n for n in numbers if f'<a href="/case/{n}">{n}</a></output>' not in page] == []
    number = tender.number
    public = [district.test_client().get(at).text for at in ("/tenders/", f"/tenders/{number}")]
    assert all("资格预审申请截止" in page and number in page for page in public)
    assert all("预审申请已截止" in page for page in public)
    assert not any(secret in page for page in public for secret in (*numbers, "云河青禾", "云河安澜"))
    assert elsewhere(lambda: client.get(f"/case/{numbers[0]}")).status_code == 200
    applicant = browser(district, "ent1")
    assert f'href="/tenders/{number}"' in elsewhere(lambda: applicant.get(f"/case/{numbers[0]}")).text


def test_an_applicant_reads_on_its_own_page_why_it_failed_and_nobody_elses(
    district: Flask, decided: cases.Case
) -> None:
    query = sa.select(cases.Case).filter_by(parent_id=decided.id, status="ended").order_by("id")
    pages: dict[str, str] = {}
    for case in db.session.scalars(query):
        login = next(f"ent{n}" for n in range(1, 5) if post(f"ent{n}").organisation_id == case.starter.id)
        client, where = browser(district, login), f"/case/{case.number}"
        pages[login] = elsewhere(lambda c=client, at=where: c.get(at)).text
    why = "未通过资格预审。理由：近三年没有五万平方米以上的住宅项目"
    assert [who for who, page in pages.items() if why in page] == ["ent4"]
    refused, at = browser(district, "ent4"), f"/tenders/{decided.number}/bid"
    room = elsewhere(lambda: refused.get(at)).text
    for said in (why, "2026年4月2日以前向区房管局投诉", "第六十条"):
        assert said in room, said
    assert all("通过资格预审。" in pages[who] and "资格预审结果通知书" in pages[who] for who in pages)
    assert not [who for who in ("ent1", "ent2", "ent3") if "近三年没有五万平方米" in pages[who]]


def test_only_the_qualified_are_invited_to_bid(decided: cases.Case, keys: dict[str, int]) -> None:
    said = {one["enterprise"] for one in decided.variables["applicants"] if one["verdict"] == "go"}
    assert {int(one) for one in said} == {keys["ent1"], keys["ent2"], keys["ent3"]}


def test_a_paper_without_a_number_is_told_by_its_name(district: Flask, keys: dict[str, int]) -> None:
    number = played("tender/prequalified", keys, after=1).number
    client = browser(district, "dev1")
    assert "出具文书：前期物业服务招标申请表" in elsewhere(lambda: client.get(f"/case/{number}")).text
