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


def test_the_newest_cases_are_those_the_ledger_may_show(district: Flask, keys: dict[str, int]) -> None:
    """Read off the parties of an organisation: each case once, though it has several lanes there."""
    for _turn in range(2):
        played("acceptance/all_confirmed", keys)
    played("exemption/small_approved", keys, after=2)
    for login in ("exa1", "dev7", "ent1", "aud1"):
        by = post(login)
        rule = db.session.scalars(
            sa.select(cases.Case.id).where(lists.visible(by)).order_by(cases.Case.id.desc())
        )
        ids = list(rule)
        assert len(ids) >= 2, login
        assert list(db.session.scalars(lists.newest(by, 10))) == ids, login
        assert list(db.session.scalars(lists.newest(by, 1, ids[0]))) == [ids[1]], login
        assert [case.id for case in lists.ledger(by)[0]] == ids, login
        of_one = lists.newest(by, 10, holding=lambda case_id, wanted=ids[1]: case_id == wanted)
        assert list(db.session.scalars(of_one)) == [ids[1]], login


def test_a_page_of_the_ledger_reads_no_more_of_the_parties_than_it_shows(
    district: Flask, keys: dict[str, int]
) -> None:
    by = post("exa1")
    query = str(lists.newest(by, 25).compile(db.engine, compile_kwargs={"literal_binds": True}))
    if db.engine.dialect.name == "sqlite":
        plan = " ".join(row[3] for row in db.session.execute(sa.text(f"EXPLAIN QUERY PLAN {query}")))
        assert "ix_party_cases" in plan
        assert "TEMP B-TREE" not in plan, plan


def test_an_auditor_searches_the_ledger_and_the_register_of_papers(
    district: Flask, keys: dict[str, int]
) -> None:
    number = played("exemption/small_approved", keys, after=6).number
    client = browser(district, "aud1")
    for where in (
        f"/cases?q={number}",
        f"/registers/papers?q={number}",
        f"/registers/papers.xlsx?q={number}",
    ):
        answer = elsewhere(lambda where=where: client.get(where, follow_redirects=True))
        assert answer.status_code == 200, where
        assert where.endswith(".xlsx?q=" + number) or number in answer.text
