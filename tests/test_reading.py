"""The report of an evaluation (D10) and the record of its draw (D08): who may open them, who may not."""

from __future__ import annotations

from datetime import date

import pytest
import sqlalchemy as sa
from acting import browser, elsewhere, played, post
from flask import Flask

from casework import cases, clock, papers
from casework.cases import dossier, lists, reading
from casework.cases.model import Party
from casework.db import db
from casework.people import Post, by_login, in_force

NOW = clock.at_local(date(2026, 4, 12), 9)


@pytest.fixture
def evaluated(district: Flask, keys: dict[str, int]) -> cases.Case:
    """A committee that has handed in its report; the street has taken a part in the draw."""
    case = played("committee/awarded_by_score", keys, after=99)
    db.session.add(Party(case_id=case.id, organisation_id=keys["str1"], lane="街道办事处"))
    db.session.commit()
    return case


def closed(case: cases.Case, by: Post) -> set[str]:
    issued = papers.of(case.id)
    shut = reading.closed(case, issued, by, NOW)
    return {one.code for one in issued if one.id in shut}


def test_before_the_award_each_reads_what_the_law_gives_him(
    evaluated: cases.Case, keys: dict[str, int]
) -> None:
    somebody = by_login("dev2")
    colleague = Post(
        user_id=somebody.id, organisation_id=keys["dev1"], role="head", starts_on=date(2026, 1, 1)
    )
    db.session.add(colleague)
    db.session.flush()
    member = next(one for one in lists.steps(evaluated.id) if one.element == "sign")
    assert closed(evaluated, db.session.get_one(Post, member.done_post_id)) == set()
    assert closed(evaluated, post("exa1")) == set()
    assert closed(evaluated, colleague) == {"D08"}, "the report is the tenderer's, the names are not"
    assert closed(evaluated, post("win1")) == {"D08", "D10"}
    assert closed(evaluated, post("str1")) == {"D08", "D10"}


def test_who_files_the_award_reads_the_report(district: Flask, keys: dict[str, int]) -> None:
    """招标投标法 第四十七条: the tenderer reports to the bureau, whose window files what it has read."""
    tender = played("tender/evaluated", keys, after=99)
    committee = db.session.scalars(sa.select(cases.Case).where(cases.Case.parent_id == tender.id)).one()
    assert {one.code for one in papers.of(committee.id)} == {"D08", "D10"}
    assert closed(committee, post("win1")) == set(), "the names are known by now"
    assert closed(committee, post("str1")) == {"D10"}


def test_a_closed_paper_is_refused_with_its_article(district: Flask, evaluated: cases.Case) -> None:
    report = next(one for one in papers.of(evaluated.id) if one.code == "D10")
    street = browser(district, "str1")
    number = evaluated.number
    at = f"/case/{number}/paper/{report.id}.docx"
    refused = elsewhere(lambda: street.get(at))
    assert refused.status_code == 403
    page = elsewhere(lambda: street.get(f"/case/{number}")).text
    for text in (refused.text, page):
        assert "第四十四条第三款" in text
    assert f"paper/{report.id}." not in page
    street_reads = dossier.of(evaluated.project, by=in_force(by_login("str1"), clock.today())[0], now=NOW)
    assert report.id in street_reads.closed
    stranger = browser(district, "ent4")
    assert elsewhere(lambda: stranger.get(at)).status_code == 404
