"""What the inbox shows: every case that waits, once, on whichever page."""

from __future__ import annotations

import sqlalchemy as sa
from acting import applied, browser, played, post
from flask import Flask

from casework import cases
from casework.cases import lists
from casework.db import db


def reviews(login: str, **asked: object) -> list[tuple[str, int]]:
    return [(line.case.number, line.count) for line in lists.inbox(post(login), **asked).lines]


def test_a_case_with_two_open_reviews_is_one_line_that_says_so(district: Flask, keys: dict[str, int]) -> None:
    case = played("exemption/small_approved", keys, after=2)
    assert reviews("exa1") == [(case.number, 2)]
    assert reviews("exa1", last=True) == [(case.number, 2)]
    assert lists.waiting_count(post("exa1")) == 2
    first, second = (s for s in lists.open_steps(case.id) if s.element == "review")
    (line,) = lists.inbox(post("exa1")).lines
    assert line.step.id == first.id < second.id
    page = browser(district, "exa1").get("/inbox").text
    assert page.count(f'href="/step/{first.id}"') == 1
    assert f"/step/{second.id}" not in page
    assert "共 2 份" in page


def test_after_the_first_review_the_second_is_left(district: Flask, keys: dict[str, int]) -> None:
    case = played("exemption/small_approved", keys, after=3)
    assert reviews("exa2") == [(case.number, 1)]


def test_a_page_never_parts_the_reviews_of_a_case(district: Flask, keys: dict[str, int]) -> None:
    """Thirty cases with two reviews each: every case once, twenty-five a page."""
    first = played("exemption/small_approved", keys, after=2)
    answers = applied(first)
    received = db.session.scalars(
        sa.select(cases.Step).where(cases.Step.case_id == first.id, cases.Step.element == "receive")
    ).one()
    numbers = [first.number]
    for _ in range(29):
        another = cases.open_case("exemption", by=post("dev1"), answers=answers, project_id=first.project_id)
        step = next(s for s in lists.open_steps(another.id) if s.element == "receive")
        cases.complete(step.id, by=post("win1"), answers=received.answers)
        numbers.append(another.number)
    db.session.commit()
    by, seen, after = post("exa1"), list[tuple[str, int]](), ""
    sizes = []
    while True:
        page = lists.inbox(by, after=after)
        sizes.append(len(page.lines))
        seen += [(line.case.number, line.count) for line in page.lines]
        if not (after := page.onward):
            break
    assert sizes == [25, 5]
    assert sorted(seen) == [(number, 2) for number in sorted(numbers)]
    tail = lists.inbox(by, last=True)
    assert [(line.case.number, line.count) for line in tail.lines] == seen[-25:]
