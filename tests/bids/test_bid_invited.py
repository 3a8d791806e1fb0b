"""Whose papers a tender's page shows: to those invited their invitation, to those who lost their result, to nobody another's."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from datetime import date

import sqlalchemy as sa
from acting import WORKFLOWS, browser, elsewhere, played, post, story
from flask import Flask
from flask.testing import FlaskClient
from statements import counted

from casework import bids, cases, clock, letters, papers, stories
from casework.cases import links, privy, reading, releasing, tenders
from casework.db import db


def test_each_enterprise_invited_finds_its_own_invitation_and_nobody_else_does(
    district: Flask, keys: dict[str, int]
) -> None:
    case = played("tender/invited", keys, after=6)
    own = {
        who: [p.id for p in tenders.own_papers(case, post(who))] for who in ("ent1", "ent2", "ent4", "dev9")
    }
    assert [len(found) for found in own.values()] == [1, 1, 0, 0]
    assert own["ent1"] != own["ent2"]
    to = tenders.addressees(case, papers.of(case.id))
    assert {own[who][0]: post(who).organisation for who in ("ent1", "ent2")}.items() <= to.items()
    assert len(to) == 3, "each invitation in the list says to whom it goes"
    assert tenders.own_papers(case, None) == []
    address, now = f"/tenders/{case.number}", clock.at_local(date(2026, 3, 20), 9)

    clients = {who: browser(district, who) for who in ("ent1", "ent4", "dev9", "agt1", "win1", "dev2")}
    clients["nobody"] = FlaskClient(district, district.response_class)

    def page(who: str, path: str = "", data: dict[str, str] | None = None) -> tuple[int, str]:
        with clock.at(now):
            method = "GET" if data is None else "POST"
            answer = clients[who].open(address + path, method=method, data=data)
        said = answer.status_code, answer.text
        answer.close()
        return said

    inside, outside = (elsewhere(lambda who=who: page(who)) for who in ("ent1", "ent4"))
    assert ("贵单位在其列" in inside[1], f"{address}/bid" in inside[1], "投标邀请书" in inside[1]) == (
        True,
    ) * 3
    assert ("贵单位不在其列" in outside[1], f"{address}/bid" in outside[1], "投标邀请书" in outside[1]) == (
        True,
        False,
        False,
    )
    # papers, dates and what was answered are for those invited and those who run it, by any address
    public = "；".join(elsewhere(lambda who=who: page(who))[1] for who in ("nobody", "dev2")) + outside[1]
    public += elsewhere(lambda: clients["nobody"].get("/tenders/")).text
    public += elsewhere(lambda: clients["nobody"].get("/notices.xml")).text
    said = case.variables or {}
    for kept in (
        "统一踏勘",
        "2026年4月",
        "招标文件领取",
        "前期物业服务招标文件",
        str(said["closes_on"]),
        "不需要登录",
    ):
        assert kept not in public, kept
    assert ("邀请招标" in public, "第十条、第十七条" in public, "受理投诉" in public) == (True,) * 3
    issued = {p.code: p for p in papers.of(case.id)}
    kept_files = [one.id for one in tenders.attachments(case, post("dev9"))]
    theirs = next(p for p in papers.of(case.id) if p.id == own["ent2"][0])
    issued["D06"].docx_id = theirs.docx_id = kept_files[0]  # the worker has made the Word files
    addresses = [f"/paper/{issued['D06'].id}.docx", f"/paper/{theirs.id}.docx"]
    addresses += [f"/file/{one}" for one in kept_files]
    db.session.commit()

    def status(who: str, path: str) -> int:
        return elsewhere(lambda: page(who, path))[0]

    for who in ("nobody", "ent4", "dev2"):
        assert {status(who, path) for path in addresses} == {404}, who
    assert {status(who, addresses[0]) for who in ("ent1", "dev9", "agt1", "win1")} == {200}
    assert (status("ent1", addresses[1]), status("dev9", addresses[2])) == (404, 200)
    record = f"/ocds/records/{releasing.ocid(case)}"
    released = elsewhere(lambda: clients["nobody"].get(record)).text
    assert "limited" in released
    for kept in ("tenderPeriod", "biddingDocuments", "clarifications", "eligibilityCriteria"):
        assert kept not in released, kept
    assert elsewhere(lambda: page("ent4", "/ask", {"question": "电梯检验费由谁承担？"}))[0] == 403
    with zipfile.ZipFile(WORKFLOWS / "tender" / "papers" / "invitation.docx") as parts:
        printed = parts.read("word/document.xml").decode()
    assert ("登录办事系统" in printed, "不需要登录" in printed) == (True, False), (
        "the documents are not public"
    )
    body = {who: letter(case, who, "投标邀请") for who in ("ent1", "ent2")}
    assert all(said.startswith(f"{post(who).organisation.name}：") for who, said in body.items())


def letter(case: cases.Case, who: str, subject: str) -> str:
    """What somebody was written under this subject."""
    own = sa.select(letters.Letter).where(
        letters.Letter.case_id == case.id, letters.Letter.user_id == post(who).user_id
    )
    return next(one.body for one in db.session.scalars(own) if one.subject.startswith(subject))


def test_an_outsider_who_objects_to_an_invited_tender_learns_no_date_and_no_price(
    district: Flask, keys: dict[str, int]
) -> None:
    told = story("objection/in_time_rejected")
    before = replace(story("tender/invited"), steps=story("tender/invited").steps[:6])
    about = replace(told, before=before, starts={**told.starts, "who": "ent4", "then": {}}, steps=(), then={})
    player = stories.Player(about, keys)
    player.play()
    objection, tender = player.of("objection"), player.of("tender")
    known = objection.facts["concerned"]
    withheld = ("closes_at", "price_cap", "bid_count", "criteria", "bid_bond")
    assert [known[name] for name in withheld] == [None] * len(withheld)
    assert (known["withheld"], known["objectable"]) == (True, True)
    at = clock.at_local(date(2026, 3, 31), 23, 40)
    inside = links.facts(tender, "objection", post("ent1").organisation_id, at)
    assert (inside["withheld"], inside["closes_at"]) == (False, tender.variables["closes_at"])
    where, client = f"/case/{objection.number}", browser(district, "ent4")
    page = elsewhere(lambda: client.get(where)).text
    said = objection.variables["timeliness"]
    assert (said["ok"], said["reason"]) == (True, "提出时尚在对招标文件提出异议的期限以内")
    assert not any(day in page for day in ("4月10日", "2026-04-10")), "the day on which bids close"

    both = [tender, played("tender/invited", keys, after=6)]
    with counted() as asked:
        assert privy.shut(both, post("ent4")) == {one.id for one in both}
    assert len([one for one in asked if "FROM party" in one]) == 1, "once for all of a page"
    assert not [one for one in asked if "case_facts" in one]


def test_who_lost_finds_the_notice_of_the_result_and_the_winner_does_not(
    district: Flask, keys: dict[str, int]
) -> None:
    case = played("tender/awarded", keys, after=25)  # the winner is fixed
    address, now = f"/tenders/{case.number}", clock.at_local(date(2026, 10, 14), 9)
    clients = {who: browser(district, who) for who in ("ent1", "ent2", "ent3", "ent4")}

    def shows(who: str) -> bool:
        with clock.at(now):
            page = clients[who].get(address).text
        assert ("本单位的投标" in page) == (who != "ent4"), "who placed no bid is shown none"
        assert "统一踏勘" in page, "the timetable names the visit"
        return "中标结果通知书" in page

    results = [one for one in papers.of(case.id) if one.code == "D12"]
    mine = {reading.addressee(case, one): one.id for one in results}
    shut = {
        who: set(reading.closed(case, results, post(who), now))
        for who in ("ent1", "ent2", "ent3", "dev1", "agt1", "win1", "head1", "exa1", "aud1", "str1")
    }
    every = set(mine.values())
    running = {"dev1", "agt1", "win1", "head1", "exa1", "aud1"}
    assert {who for who, closed in shut.items() if not closed} == running
    assert shut["ent1"] == every - {mine[post("ent1").organisation_id]}
    assert shut["ent2"] == shut["str1"] == every, "neither the winner nor another party reads a loser's"

    # a bid withdrawn before the deadline makes no bidder: it objects to no opening (实施条例 第四十四条)
    bidding = tenders.find(case.number).bidding
    objects = {who: bids.hearing.object_rule(post(who), bidding) for who in ("ent1", "ent2", "ent4", "ent5")}
    assert objects == {"ent1": True, "ent2": True, "ent4": False, "ent5": False}
    assert not tenders.present(tenders.find(case.number), post("ent4"))

    found = {who: elsewhere(lambda who=who: shows(who)) for who in clients}
    assert found == {"ent1": True, "ent2": False, "ent3": True, "ent4": False}
