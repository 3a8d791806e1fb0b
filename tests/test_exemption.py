"""Selection by agreement (P03): what its pages say at each moment, and to the contract that rests on it."""

from __future__ import annotations

import re

import pytest
from acting import browser, elsewhere, played, post, waiting
from flask import Flask

from casework import cases, clock


def opinion(case: cases.Case, lang: str = "zh") -> tuple[str, bool | None]:
    """What the street has said, as the checks of the case show it."""
    title = "街道办事处意见" if lang == "zh" else "Opinion of the street office"
    [found] = [c for c in cases.checks(cases.Turn(case, None, clock.now()), lang) if c.title == title]
    return found.says, found.ok


@pytest.mark.parametrize(
    ("story", "after", "says"),
    [
        ("small_approved", 0, ("尚未征求", None)),
        ("small_approved", 1, ("已征求，尚未答复", None)),
        ("street_silent", 5, ("期满未答复，按无意见办理", True)),
        ("small_approved", 2, ("同意", True)),
    ],
)
def test_the_street_is_silent_only_when_it_was_asked_and_its_time_is_over(
    district: Flask, keys: dict[str, int], story: str, after: int, says: tuple[str, bool | None]
) -> None:
    case = played(f"exemption/{story}", keys, after=after)
    assert opinion(case) == says
    assert re.search("[一-鿿]", opinion(case, "en")[0]) is None


def test_a_contract_after_an_approval_shows_the_approved_charges_and_no_winning_price(
    district: Flask, keys: dict[str, int]
) -> None:
    case = played("contract/from_approval", keys)
    step, client = waiting(case.id, "dev1"), browser(district, "dev1")
    page = elsewhere(lambda where=f"/step/{step.id}": client.get(where).text)
    assert "中标综合单价" not in page
    assert "中标年度总额" not in page
    assert "高层住宅 2.85；车位 1.20" in page


def test_whoever_decides_reads_what_each_of_the_two_examiners_found(
    district: Flask, keys: dict[str, int]
) -> None:
    case, head = played("exemption/small_approved", keys, after=5), post("head1")
    turn = cases.Turn(case, head, clock.now())
    names = [s.step.done_post.user.login for s in cases.known(turn, waiting(case.id, "head1"), "zh")]
    assert names == ["dev1", "win1", "exa1", "exa2", "str2"]
    assert "符合条件；符合条件" in [c.says for c in cases.checks(turn, "zh")]
