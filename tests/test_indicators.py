"""What a head of the bureau watches: rates with their goal, the overdue and who holds them."""

from __future__ import annotations

from datetime import date

import pytest
from acting import browser, elsewhere, played, post
from flask import Flask
from statements import counted

from casework import clock
from casework.cases import indicators
from casework.cases.indicators import Rate
from casework.db import db
from casework.procedures import watching


def seen(login: str, on: date, lang: str = "zh", key: str = "rectification") -> indicators.Watched:
    """What this person watches of the year in one procedure, on this day."""
    now = clock.at_local(on, 9)
    with clock.at(now):
        found = indicators.watched(
            post(login), since=date(2026, 1, 1), until=date(2027, 1, 1), now=now, lang=lang
        )
    return next(one for one in found if one.procedure.key == key)


def test_a_case_closed_counts_one_late_is_listed_with_whom_it_waits_for(
    district: Flask, keys: dict[str, int]
) -> None:
    played("rectification/closed", keys, after=99)
    played("rectification/not_opened", keys, after=99)
    late = played("rectification/overdue", keys, after=4)
    found = seen("head1", date(2026, 4, 13))
    assert [(one.title, one.counts, one.of, one.reached) for one in found.rates] == [
        ("整改销号率", 1, 2, False),
        ("按期整改率", 1, 2, False),
    ]
    (title, lines, total), (_second, checks, none) = found.lists
    assert (title, total, none) == ("逾期未完成", 1, 0)
    assert [(one.case.id, one.holders[0].id) for one in lines] == [(late.id, keys["ent1"])]
    assert "应于 2026年4月10日 完成，逾期 3 日" in lines[0].says
    assert checks == ()
    english = seen("head1", date(2026, 4, 13), "en")
    assert "3 days late" in english.lists[0][1][0].says


def test_a_contract_filed_after_the_presale_permit_counts_against_the_goal(
    district: Flask, keys: dict[str, int]
) -> None:
    """Seed 4.04: every contract signed and filed before sale."""
    late = played("contract/filed_late", keys, after=99)
    found = seen("head1", date(2026, 4, 13), key="contract")
    assert [(one.counts, one.of, one.reached) for one in found.rates] == [(0, 1, False)]
    (title, [line], _total), (_signed, in_time, _none), (_filed, [overdue], _one), (_last, unfiled, _no) = (
        found.lists
    )
    assert (title, line.case.id) == ("取得预售许可之后才备案", late.id)
    assert "云房约〔2026〕1号，2026年4月3日 备案" in line.says
    assert (in_time, unfiled) == ((), ())
    assert overdue.case.id == late.id, "due on the 27th of March, filed on the 30th"


def test_a_street_watches_what_lies_in_its_own_area(district: Flask, keys: dict[str, int]) -> None:
    played("rectification/closed", keys, after=99)
    assert seen("str2", date(2026, 4, 13)).cases == 1
    assert seen("str4", date(2026, 4, 13)).cases == 0


def test_four_cases_are_watched_with_the_statements_of_one(district: Flask, keys: dict[str, int]) -> None:
    def asked() -> int:
        db.session.expire_all()
        with counted() as said:
            seen("head1", date(2026, 4, 13))
        return len(said)

    played("rectification/overdue", keys, after=4)
    asked()  # what is read once and kept
    one = asked()
    for _turn in range(3):
        played("rectification/overdue", keys, after=4)
    assert asked() == one


def test_the_page_says_goal_and_shortfall(district: Flask, keys: dict[str, int]) -> None:
    played("rectification/overdue", keys, after=4)
    client = browser(district, "head1")
    page = elsewhere(lambda: client.get("/indicators?year=2026")).text
    assert "0.0%" in page
    assert "90%" in page
    assert "未达到" in page
    assert "逾期未完成（1 件）" in page


@pytest.mark.parametrize(
    ("counts", "of", "percent", "reached"),
    [(9, 10, 90.0, True), (8999, 10000, 89.9, False), (0, 0, None, None), (899, 1000, 89.9, False)],
)
def test_a_rate_is_never_rounded_up_to_its_goal(
    counts: int, of: int, percent: float | None, reached: bool | None
) -> None:
    one = Rate("销号率", counts, of, 90, "")
    assert (one.percent, one.reached) == (percent, reached)


@pytest.mark.parametrize(
    "part",
    [
        {"rate": []},
        {"rates": [{"title": "销号率", "of": "=true"}]},
        {"rates": [{"title": "销号率", "of": "=true", "counts": "stage"}]},
        {"rates": [{"title": "销号率", "of": "=true", "counts": "=true", "goal": 101}]},
        {"lists": [{"title": "逾期", "when": "=true", "says": "=place"}]},
    ],
)
def test_what_cannot_be_watched_is_named(part: object) -> None:
    assert list(watching.findings(part))
