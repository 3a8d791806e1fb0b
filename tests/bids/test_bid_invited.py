"""Whose papers a tender's page shows: to those invited their invitation, to those who lost their result, to nobody another's."""

from __future__ import annotations

from datetime import date

from acting import browser, elsewhere, played, post
from flask import Flask
from flask.testing import FlaskClient

from casework import clock, papers
from casework.cases import releasing, tenders
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

    found = {who: elsewhere(lambda who=who: shows(who)) for who in clients}
    assert found == {"ent1": True, "ent2": False, "ent3": True, "ent4": False}
