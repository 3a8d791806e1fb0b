"""The dossier of a project: its line, what is open and who holds it, each reader's own part of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from io import BytesIO
from typing import Any

import docx
import pytest
import sqlalchemy as sa
from acting import browser, elsewhere, post, story
from flask import Flask
from flask.testing import FlaskClient
from statements import counted

from casework import clock, places, stories
from casework.cases import dossier
from casework.cases.model import Party
from casework.db import db
from casework.stories.town import cast


def project(code: str) -> places.Project:
    return db.session.scalars(sa.select(places.Project).where(places.Project.code == code)).one()


def seen(code: str, login: str | None, at: str = "2026-04-15") -> dossier.Dossier:
    now = clock.at_local(date.fromisoformat(at), 10)
    with clock.at(now):
        return dossier.of(project(code), by=post(login) if login else None, now=now)


def line(found: dossier.Dossier) -> dict[str, tuple[str, date | None]]:
    return {stage.label("zh"): (stage.state, stage.on) for stage in found.stages}


def on(
    name: str, code: str, keys: Mapping[str, int], roles: Mapping[str, str], after: int | None = None
) -> Any:
    """A story played on another project by other people."""
    return stories.Player(cast(story(name), roles, code), keys).play(stop_after=after)


def visit(office: Flask, login: str | None, code: str, kind: str = "") -> Any:
    client = browser(office, login) if login else FlaskClient(office, office.response_class)
    address = f"/projects/{project(code).id}/dossier{kind}"
    return elsewhere(lambda: client.get(address))


DEV1 = {"dev7": "dev1", "com6": "com5", "ent1": "ent8"}


def test_the_line_is_made_of_what_the_procedures_say_and_the_cases_did(
    district: Flask, keys: Mapping[str, int]
) -> None:
    on("exemption/small_approved", "YH-021", keys, {}, after=7)
    on("acceptance/all_confirmed", "YH-021", keys, DEV1, after=2)
    found = seen("YH-021", "head1")
    stages = line(found)
    assert list(stages)[:4] == ["区域划分", "选聘企业", "合同备案", "四方确认"]
    assert stages["选聘企业"] == ("done", date(2026, 3, 2))
    assert stages["合同备案"] == ("none", None)
    assert stages["四方确认"] == ("late", date(2026, 3, 9)), "two parties have not stamped in time"
    assert [stage.label("en") for stage in found.stages][:2] == ["Area", "Selection"]


def test_who_holds_what_since_when_and_until_when(district: Flask, keys: Mapping[str, int]) -> None:
    on("acceptance/all_confirmed", "YH-021", keys, DEV1, after=2)
    held = next(
        one for one in seen("YH-021", "head1", "2026-03-20").waiting if one.steps[0].element == "stamp"
    )
    assert {one.id for one in held.holders} == {keys["com5"], keys["ent8"]}
    assert clock.local(held.since).date() == date(2026, 3, 9)
    assert held.state == "open"
    assert held.explanation is not None
    assert held.explanation["rule"]["basis"] == "本局办事指南"
    (clock_,) = [one for one in seen("YH-021", "head1", "2026-03-16").clocks if one.watches]
    assert (clock_.watches, clock_.name) == ("逐项确认盖章", "临期")
    assert clock_.explanation is not None
    assert clock_.explanation["rule"]["length"] == 7


def test_what_was_done_in_time_and_what_was_not_stays_on_the_list(
    district: Flask, keys: Mapping[str, int]
) -> None:
    on("exemption/small_approved", "YH-021", keys, {}, after=7)
    past = {one.name: one.state for one in seen("YH-021", "head1").past}
    assert past["审查协议选聘申请"] == "kept"
    on(
        "acceptance/overdue",
        "YH-022",
        keys,
        {"dev7": "dev2", "str2": "str4", "com6": "com13", "ent1": "ent9"},
    )
    assert "missed" in {one.state for one in seen("YH-022", "head1", "2026-06-01").past}


def test_a_refused_and_a_withdrawn_application_complete_no_stage(
    district: Flask, keys: Mapping[str, int]
) -> None:
    case = on("exemption/refused_with_reasons", "YH-004", keys, {})
    assert case.status == "ended"
    assert line(seen("YH-004", "head1"))["选聘企业"] == ("none", None)
    on("exemption/withdrawn", "YH-011", keys, {"dev6": "dev1"})
    assert line(seen("YH-011", "head1"))["选聘企业"] == ("none", None)


def test_each_reader_meets_the_cases_of_the_ledger_and_no_others(
    district: Flask, keys: Mapping[str, int]
) -> None:
    approval = on("exemption/small_approved", "YH-021", keys, {}, after=7)
    stamping = on("acceptance/all_confirmed", "YH-021", keys, DEV1, after=2)
    numbers = {
        login: {c.number for c in seen("YH-021", login).cases.values()} for login in ("dev1", "com5", "aud1")
    }
    assert numbers == {
        "dev1": {approval.number, stamping.number},
        "com5": {stamping.number},
        "aud1": {approval.number, stamping.number},
    }
    for login in ("com5", None, "ent8"):
        page = visit(district, login, "YH-021")
        assert page.status_code == 200
        assert approval.number not in page.text
        assert "尚未完成" in page.text
    public = seen("YH-021", None)
    assert (public.cases, public.waiting, public.papers, public.violations) == ({}, (), (), ())
    assert line(public)["选聘企业"] == ("done", date(2026, 3, 2)), "the approval hung on the board"
    assert line(public)["四方确认"][0] == "unknown"


def test_who_supervises_reads_that_a_stage_goes_on_though_its_case_is_not_for_him(
    district: Flask, keys: Mapping[str, int]
) -> None:
    stamping = on("acceptance/all_confirmed", "YH-021", keys, DEV1, after=2)
    bureau = post("exa1").organisation_id
    db.session.execute(sa.delete(Party).where(Party.organisation_id == bureau, Party.case_id == stamping.id))
    found = seen("YH-021", "exa1")
    assert (line(found)["四方确认"][0], stamping.id in found.cases) == ("open", False)
    assert line(seen("YH-021", None))["四方确认"] == ("unknown", None)


def test_a_project_nobody_serves_has_no_public_dossier(district: Flask, keys: Mapping[str, int]) -> None:
    assert project("YH-001").enterprise_id is None
    assert visit(district, None, "YH-001").status_code == 404
    assert visit(district, "dev2", "YH-001").status_code == 404
    assert visit(district, "dev1", "YH-001").status_code == 200


def test_leads_are_for_the_bureau(district: Flask, keys: Mapping[str, int]) -> None:
    on("contract/found_by_bureau", "YH-006", keys, {}, after=0)
    assert len(seen("YH-006", "head1").violations) == 1
    assert seen("YH-006", "dev6").violations == ()


def test_a_stage_beside_the_line_is_shown_when_there_is_a_case(
    district: Flask, keys: Mapping[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    case = on("acceptance/all_confirmed", "YH-021", keys, DEV1, after=2)
    aside = replace(case.procedure, life=replace(case.procedure.life, aside=True))
    others = [one for one in dossier.procedures.offered() if one.key != "acceptance"]
    monkeypatch.setattr(dossier.procedures, "offered", lambda: [*others, aside])
    assert "四方确认" in line(seen("YH-021", "head1"))
    assert "四方确认" not in line(seen("YH-022", "head1"))


def test_the_word_file_says_what_its_reader_may_see_and_names_him(
    district: Flask, keys: Mapping[str, int]
) -> None:
    approval = on("exemption/small_approved", "YH-021", keys, {}, after=7)
    stamping = on("acceptance/all_confirmed", "YH-021", keys, DEV1)
    held = {login: printed(district, login) for login in ("head1", "com5")}
    for text in held.values():
        assert stamping.number in text
        assert "物业办公用房" in text
        assert "应配置：不少于124.3平方米" in text
        assert "竣工验收配套设施设备确认书（云房验〔2026〕1号）" in text
        assert "开始的当日不计入" in text, "the arithmetic of the deadlines"
    assert approval.number in held["head1"]
    assert approval.number not in held["com5"]
    assert "柳岸社区居民委员会" in held["com5"].rpartition("查阅人")[2]
    assert "云河区住房和城乡建设局 局长甲（负责人）" in held["head1"]
    assert visit(district, None, "YH-021", ".docx").status_code == 302, "the public reads the page"


def printed(office: Flask, login: str) -> str:
    answer = visit(office, login, "YH-021", ".docx")
    assert answer.status_code == 200
    word = docx.Document(BytesIO(answer.data))
    cells = (cell.text for table in word.tables for row in table.rows for cell in row.cells)
    return "\n".join([*cells, *(paragraph.text for paragraph in word.paragraphs)])


def test_a_project_with_many_cases_costs_as_many_queries_as_one_with_few(
    district: Flask, keys: Mapping[str, int]
) -> None:
    def asked(code: str) -> int:
        now, one, by = clock.at_local(date(2026, 4, 15), 10), project(code), post("head1")
        db.session.rollback()
        db.session.expunge_all()
        one, by = db.session.merge(one), db.session.merge(by)
        with counted() as statements:
            found = dossier.of(one, by=by, now=now)
            assert [held.holders for held in (*found.waiting, *found.past)]
        return len(statements)

    on("acceptance/all_confirmed", "YH-007", keys, {}, after=1)
    on("acceptance/all_confirmed", "YH-021", keys, DEV1, after=1)
    on("acceptance/all_confirmed", "YH-021", keys, DEV1)
    on("exemption/small_approved", "YH-021", keys, {}, after=7)
    db.session.commit()
    asked("YH-007")
    assert asked("YH-021") <= asked("YH-007") + 1
