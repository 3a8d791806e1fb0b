"""Sums of a bid that do not agree: for the committee, with the rule that corrects them; none rejects a bid.

What is compared: the lines of the cost table, and the unit prices times their areas over a year, each
with the yearly total.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from casework.bids.model import OPENED, OpenedBid

#: Words before figures, unit prices before totals, unless the decimal point is plainly misplaced.
BASIS = "评标委员会和评标方法暂行规定 第十九条"
#: Rounding of areas and prices to two decimals is no mistake.
ROUNDED = Decimal(1)
MONTHS = 12


@dataclass(frozen=True)
class Mismatch:
    """One sum that is not the yearly total, in both languages."""

    no: int
    zh: str
    en: str

    def dump(self) -> dict[str, Any]:
        """As a FEEL context."""
        return {"no": self.no, "zh": self.zh, "en": self.en, "basis": BASIS}


def among(opened: Iterable[OpenedBid]) -> list[Mismatch]:
    """Every sum of the opened bids that does not agree with the yearly total."""
    return [one for bid in opened if bid.outcome == OPENED for one in _of(bid.no, bid.answers or {})]


def _of(no: int, said: Mapping[str, Any]) -> Iterator[Mismatch]:
    total = said.get("total_year")
    if total is None:
        return
    lines = [row.get("amount") for row in said.get("costs") or ()]
    if lines and None not in lines and (have := sum(lines, Decimal(0))) != total:
        yield Mismatch(
            no,
            f"费用构成合计 {_yuan(have)} 元，年度总额 {_yuan(total)} 元，相差 {_yuan(abs(have - total))} 元",
            f"cost lines add up to {_yuan(have)} yuan, the yearly total is {_yuan(total)} yuan:"
            f" {_yuan(abs(have - total))} yuan apart",
        )
    months = [_times(row) for row in said.get("prices") or ()]
    if months and None not in months:
        year = sum((one for one in months if one is not None), Decimal(0)) * MONTHS
        if abs(year - total) > ROUNDED:
            yield Mismatch(
                no,
                f"分项单价按收费面积计算全年 {_yuan(year)} 元，年度总额 {_yuan(total)} 元，"
                f"相差 {_yuan(abs(year - total))} 元",
                f"unit prices times areas give {_yuan(year)} yuan, the yearly total is {_yuan(total)} yuan:"
                f" {_yuan(abs(year - total))} yuan apart",
            )


def _times(row: Mapping[str, Any]) -> Decimal | None:
    area, price = row.get("area"), row.get("unit_price")
    return None if area is None or price is None else Decimal(area) * Decimal(price)


def _yuan(amount: Any) -> str:
    return f"{Decimal(amount):,.2f}"


__all__ = ["BASIS", "Mismatch", "among"]
