"""Sums of a bid that do not agree are named with both figures; rounding is no mistake."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from casework.bids import sums
from casework.bids.model import OPENED, REVOKED, OpenedBid

RIGHT: dict[str, Any] = {
    "total_year": Decimal("120000.00"),
    "costs": [{"line": "清洁卫生费", "amount": Decimal(100000)}, {"line": "利润", "amount": Decimal(20000)}],
    "prices": [
        {"house_type": "高层住宅", "area": Decimal(4000), "unit_price": Decimal("2.50"), "amount": None}
    ],
}


def opened(outcome: str = OPENED, **changes: Any) -> OpenedBid:
    return OpenedBid(no=3, outcome=outcome, answers={**RIGHT, **changes})


def said(**changes: Any) -> list[str]:
    return [one.zh for one in sums.among([opened(**changes)])]


def test_sums_that_agree_are_not_mentioned() -> None:
    assert said() == []
    assert said(total_year=None) == []
    assert said(costs=[], prices=[]) == []


def test_both_sums_and_their_difference_are_named() -> None:
    assert said(costs=[{"line": "清洁卫生费", "amount": Decimal("99999.99")}]) == [
        "费用构成合计 99,999.99 元，年度总额 120,000.00 元，相差 20,000.01 元"
    ]
    (one,) = sums.among([opened(prices=[{"area": Decimal(5000), "unit_price": Decimal("2.50")}])])
    assert one.zh == "分项单价按收费面积计算全年 150,000.00 元，年度总额 120,000.00 元，相差 30,000.00 元"
    assert one.dump()["basis"] == "评标委员会和评标方法暂行规定 第十九条"
    assert "30,000.00 yuan apart" in one.en


def test_a_cent_in_the_costs_counts_and_rounded_areas_do_not() -> None:
    assert said(total_year=Decimal("120000.01"))  # the lines are whole amounts: no rounding there
    assert said(prices=[{"area": Decimal("4000.03"), "unit_price": Decimal("2.50")}]) == []


def test_a_bid_that_was_not_opened_is_not_reckoned() -> None:
    assert sums.among([opened(REVOKED, total_year=Decimal(1))]) == []
