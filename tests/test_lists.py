"""What the inbox shows: every case that waits, once, on whichever page."""

from __future__ import annotations

import sqlalchemy as sa
from acting import applied, browser, elsewhere, played, post
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


def test_titles_and_letters_are_english_for_who_reads_english(district: Flask, keys: dict[str, int]) -> None:
    case = played("exemption/small_approved", keys, after=6)
    assert (case.title, case.title_en) == ("协议方式选聘：柳岸雅苑", "Selection by agreement: Liuan Court")
    assert (case.says_title("zh"), case.names("zh"), case.names("en")) == (
        case.title,
        "柳岸雅苑",
        "Liuan Court",
    )
    number = case.number
    found, _onward = lists.ledger(post("head1"), words="liuan")
    assert [c.number for c in found] == [number]
    head = browser(district, "head1")
    head.set_cookie("lang", "en")
    page = elsewhere(lambda: head.get(f"/case/{number}").text)
    assert "<h1>Selection by agreement: Liuan Court</h1>" in page
    assert "Application accepted: Liuan Court" in page
    assert "申请已受理" not in page
    assert "Selection by agreement: Liuan Court" in elsewhere(lambda: head.get("/cases").text)


def test_a_case_without_an_english_title_shows_the_chinese_one(district: Flask, keys: dict[str, int]) -> None:
    case = played("exemption/small_approved", keys, after=1)
    case.title_en = ""
    assert (case.says_title("en"), case.names("en")) == (case.title, "柳岸雅苑")
    db.session.rollback()
