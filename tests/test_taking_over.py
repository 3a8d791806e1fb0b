"""An application that follows an earlier one of the same applicant: what it takes over, and what it leaves out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
import sqlalchemy as sa
from acting import browser, elsewhere, post, story
from flask import Flask

from casework import cases, clock, procedures, stories
from casework.cases import drafts, taken_over
from casework.db import db

#: After the last day that the withdrawn application named.
LATER = datetime.fromisoformat("2026-03-16T09:00+08:00")
#: The application, the street's opinion, what the window asks to correct, and the correction that is taken.
CORRECTED = 5


@pytest.fixture
def withdrawn(district: Flask, keys: dict[str, int]) -> Iterator[cases.Case]:
    """A tender whose papers were corrected, and which its applicant has then withdrawn."""
    told = story("tender/corrected")
    says = {**told.starts["says"], "finish_by": "2026-03-10", "file_other": ["说明.pdf"]}
    case = stories.Player(replace(told, starts={**told.starts, "says": says}), keys).play(CORRECTED)
    assert case is not None
    with clock.at(LATER):
        cases.withdraw(case.id, by=post("dev1"), reason="改后重新报送")
        db.session.commit()
        yield case


def fields(page: str) -> dict[str, str]:
    """Each question or list of the page with all that is said of it, by its key."""
    found = re.split(r'(?=<div class="field)', page)
    named = re.compile(r' (?:data-rows|name)="([a-z][a-z_0-9]*)"')
    return {name[1]: part for part in found if (name := named.search(part))}


def test_what_was_said_is_taken_over_marked_and_what_has_passed_is_left_out_with_its_reason(
    district: Flask, withdrawn: cases.Case
) -> None:
    client, number, project = browser(district, "dev1"), withdrawn.number, withdrawn.project_id
    with clock.at(LATER):
        answer = elsewhere(lambda: client.post("/apply/new/tender", data={"project": project, "about": ""}))
        where = answer.headers["Location"]
        page = elsewhere(lambda: client.get(where)).text
    assert number in page
    asked = fields(page)
    mark = "带入，请核对"
    said = {
        "scope": "日常维护养护",
        "price_cap": '"3.10"',
        "third_holder": " selected",
        "rooms": "3 幢一层东侧",
    }
    said["criteria"] = 'value="40"'  # as it was corrected, not as first applied for
    for key, says in said.items():
        assert says in asked[key], key
        assert mark in asked[key], key
    for key, name in {"file_plan": "总平面图.pdf", "file_contract": "合同和规约草案.pdf"}.items():
        assert name in asked[key], key
        assert mark in asked[key], key
    assert "以前填的是 2026年3月10日，没有带入" in asked["finish_by"]
    assert mark not in asked["finish_by"]
    [why] = re.findall(r'<p class="hint warnish" id="([^"]+)">', asked["finish_by"])
    assert why in re.findall(r'aria-describedby="([^"]+)"', asked["finish_by"])[0].split()
    for key in ("file_other", "criteria_fair", "declare_true"):  # asked anew; a confirmation is given anew
        assert mark not in asked[key], key
        assert "说明.pdf" not in asked[key], key
        assert " checked" not in asked[key], key


def saved(draft_id: int, **typed: str) -> cases.Draft:
    """What a page that is saved keeps, read anew."""
    by = post("dev1")
    draft = drafts.find(draft_id, by=by)
    bound = drafts.bind_application(draft, by=by, lang="zh", now=LATER, formdata=typed)
    drafts.keep(draft, bound, by=by, now=LATER)
    db.session.commit()
    return drafts.find(draft_id, by=by)


def test_what_is_saved_stays_and_what_is_changed_is_marked_no_more(withdrawn: cases.Case) -> None:
    by = post("dev1")
    draft = drafts.begin("tender", by=by, project_id=withdrawn.project_id, now=LATER)
    assert draft.about_id == withdrawn.id
    draft = saved(draft.id, _section="Part_service", scope="另一种说法，长得足够作为服务范围和内容。")
    bound = drafts.bind_application(draft, by=by, lang="zh", now=LATER)
    marks = {one.key: one.taken_over for section in bound.page() for one in _questions(section)}
    assert not marks["scope"]
    assert marks["permit_no"]
    assert [one.name for one in bound.files["file_plan"]] == ["建设工程规划许可证.pdf", "总平面图.pdf"]
    dropped = {"_section": "Part_papers", "_drop": f"file_plan:{bound.files['file_plan'][0].id}"}
    bound = drafts.bind_application(saved(draft.id, **dropped), by=by, lang="zh", now=LATER)
    assert [one.name for one in bound.files["file_plan"]] == ["总平面图.pdf"]


def _questions(section: Any) -> Iterator[Any]:
    for block in section.parts:
        yield from {"field": [block.question], "cols": block.parts}.get(block.kind, ())


def test_a_colleague_of_another_house_and_one_who_begins_anew_find_nothing_of_it(
    withdrawn: cases.Case,
) -> None:
    now, project = LATER, withdrawn.project_id
    assert drafts.begin("tender", by=post("dev1"), project_id=project, now=now, anew=True).about_id is None
    draft = drafts.begin("tender", by=post("dev1"), project_id=project, now=now)
    form = procedures.of(procedures.current("tender")).forms["apply"]
    assert taken_over.of(draft, form, by=post("dev1")) is not None
    assert taken_over.of(draft, form, by=post("dev2")) is None
    withdrawn.status = "open"
    db.session.commit()
    db.session.execute(sa.delete(cases.Draft))
    assert drafts.begin("tender", by=post("dev1"), project_id=project, now=now).about_id is None
