"""T41–T45, T50: what the rules of a place mean, as people read it on their pages."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
import sqlalchemy as sa
from acting import browser, elsewhere, post, story, waiting
from flask import Flask

from casework import cases, clock, stories
from casework.cases import lists
from casework.db import db
from casework.places import Project

#: The rules and figures are the same on both databases.
pytestmark = pytest.mark.once
#: Case, whose rules, the project's figures, whether a small size is a ground, which ways the developer may choose.
SIZES = [
    ("T41", "shaoxing", {"gfa_total": "39999.99"}, True, ""),
    ("T41", "shaoxing", {"gfa_total": "40000.00"}, False, ""),
    ("T42", "jinhua", {"gfa_total": "20000"}, True, "agreement"),
    ("T42", "jinhua", {"gfa_total": "20000.01"}, False, "invited"),
    ("T42", "jinhua", {"gfa_total": "50000"}, False, "invited"),
    ("T42", "jinhua", {"gfa_total": "50000.01"}, False, "public"),
    ("T43", "chengdu", {"gfa_total": "29999"}, True, "agreement"),
    ("T43", "chengdu", {"gfa_total": "30000"}, False, "invited"),
    ("T43", "chengdu", {"gfa_total": "49999"}, False, "invited"),
    ("T43", "chengdu", {"gfa_total": "50000"}, False, "public"),
    ("T43", "chengdu", {"gfa_total": "40000", "state_share": "50"}, False, "public"),
    ("T44", "qingdao", {"gfa_residential": "29999", "gfa_total": "60000"}, True, ""),
    ("T44", "qingdao", {"gfa_residential": "30000", "gfa_total": "60000"}, False, ""),
    ("T45", "national", {"gfa_total": "1000"}, False, ""),
    ("T45", "hangzhou", {"gfa_total": "1000"}, False, ""),
]
WAYS = {"agreement": {"public", "invited"}, "invited": {"public", "invited"}, "public": {"public"}}


def test_what_the_size_of_a_project_allows_is_what_developer_and_examiner_read(
    district: Flask, keys: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    told = story("exemption/small_approved")
    developer, examiner = browser(district, "dev1"), browser(district, "exa1")
    draft = None
    for row in SIZES:
        _, place, figures, yes, way = row
        monkeypatch.setitem(district.config, "PLACE", place)
        project = db.session.scalars(sa.select(Project).where(Project.code == told.project)).one()
        for name, figure in figures.items():
            setattr(project, name, Decimal(figure))
        if draft is None:
            about = {"user_id": post("dev1").user_id, "key": "tender", "project_id": project.id}
            draft = cases.Draft(raw={}, files={}, saved_at=clock.now(), **about)
            db.session.add(draft)
        db.session.commit()
        if way:
            form = elsewhere(lambda at=draft.id: developer.get(f"/apply/draft/{at}")).text
            offered = set(re.findall(r'name="method" value="(\w+)"', form))
            assert offered == WAYS[way], row
            assert ("本项目在本地规定的较小规模以内" in form) is (way == "agreement"), row
        case = stories.Player(told, keys).play(stop_after=1)
        assert case is not None
        step = next(one for one in lists.open_steps(case.id) if one.element == "review")
        page = elsewhere(lambda at=step.id: examiner.get(f"/step/{at}")).text
        line = re.search(r"<li>(?:(?!</li>).)*适用条件.*?</li>", page)
        assert line, row
        assert line[0].count("不符合</span>") == (0 if yes else 1), row
        assert (">符合</span>" in line[0]) is yes, row
        assert ("没有配置" in line[0]) is (row[0] == "T45"), row


def test_t50_a_bureau_of_three_working_days_decides_after_the_holiday(
    district: Flask, keys: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(district.config, "PLACE", "tianjin")
    told = story("exemption/small_approved")
    days = {"receive": "2026-04-30 09:30", "opinion": "2026-04-30 15:00", "review": "2026-05-06 10:00"}
    parts = [part for part in told.steps if part["does"] in days and not part.get("refused")]
    told = replace(
        told,
        starts={**told.starts, "at": "2026-04-30 09:00"},
        steps=[{**part, "at": days[part["does"]]} for part in parts],
    )
    case = stories.Player(told, keys).play()
    assert case is not None
    at, head = waiting(case.id, "head1").id, browser(district, "head1")

    def read() -> str:
        with clock.at(clock.at_local(date(2026, 5, 6), 11)):
            return head.get(f"/step/{at}").text

    page = elsewhere(read)
    assert re.search(r"请于 <b>(2026年)?5月8日</b> 前办理", page), re.sub(r"<[^>]+>", "", page)[:3000]
    assert "计3个工作日" in page, "how the day is reckoned"
