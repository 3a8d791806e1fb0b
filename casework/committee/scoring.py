"""Scores, totals, ranks: exact numbers, and for every tie a rule that was there before it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

import sqlalchemy as sa

from casework.committee.model import Sheet
from casework.db import db
from casework.errors import NotYet
from casework.words import Words, _, say

#: 招标投标法实施条例 第五十一条: the seven reasons for which a bid must be rejected, in its order and words.
GROUNDS: dict[str, tuple[str, str]] = {
    "1": (
        "投标文件未经投标单位盖章和单位负责人签字",
        "The bid is neither sealed by the bidder nor signed by its head",
    ),
    "2": ("投标联合体没有提交共同投标协议", "A consortium has handed in no joint bidding agreement"),
    "3": (
        "投标人不符合国家或者招标文件规定的资格条件",
        "The bidder does not meet the qualifications set by the State or the tender documents",
    ),
    "4": (
        "同一投标人提交两个以上不同的投标文件或者投标报价，但招标文件要求提交备选投标的除外",
        "One bidder has handed in two or more different bids or prices, unless alternatives were asked for",
    ),
    "5": (
        "投标报价低于成本或者高于招标文件设定的最高投标限价",
        "The price is below cost or above the maximum price set in the tender documents",
    ),
    "6": (
        "投标文件没有对招标文件的实质性要求和条件作出响应",
        "The bid does not respond to the essential requirements and conditions of the tender documents",
    ),
    "7": (
        "投标人有串通投标、弄虚作假、行贿等违法行为",
        "The bidder has colluded, deceived, bribed or otherwise broken the law",
    ),
}
CENT = Decimal("0.01")


def over_cap(bids: Sequence[Mapping[str, Any]], cap: Any) -> list[int]:
    """The bids above the published maximum: they must be rejected, and nobody can decide otherwise (T26)."""
    if cap is None:
        return []
    return [int(b["no"]) for b in bids if b.get("price") is not None and Decimal(b["price"]) > Decimal(cap)]


def must_extend(members: int, too_short: int) -> bool:
    """More than a third of the members find the time too short (实施条例 第四十八条)."""
    return Fraction(too_short, members) > Fraction(1, 3) if members else False


def too_many(candidates: int, most: int) -> Words | None:
    """The sentence that refuses a report with too many candidates (实施条例 第五十三条)."""
    if candidates > most:
        return _("中标候选人不得超过 %(most)s 个，并应标明排序；现为 %(n)s 个。", most=most, n=candidates)
    return None


# ------------------------------------------------------------------------------------- sheets


def keep(case_id: int, member_id: int, lines: Sequence[Mapping[str, Any]], *, now: datetime) -> Sheet:
    """The one valid sheet of a member."""
    if any(sheet.member_id == member_id for sheet in valid(case_id)):
        raise NotYet(_("您的评分已经提交，不能重复提交。"))
    sheet = Sheet(case_id=case_id, member_id=member_id, lines=[dict(one) for one in lines], at=now)
    db.session.add(sheet)
    db.session.flush()
    return sheet


def valid(case_id: int) -> list[Sheet]:
    """The sheets that count, by member."""
    found = sa.select(Sheet).where(Sheet.case_id == case_id, Sheet.void_at.is_(None))
    return list(db.session.scalars(found.order_by(Sheet.member_id)))


def blank(
    bids: Sequence[Mapping[str, Any]], criteria: Sequence[Mapping[str, Any]], evaluation: str
) -> list[dict[str, Any]]:
    """The rows a member fills in: every criterion of every bid, or for the lowest price one row a bid."""
    if evaluation == "lowest_price":
        return [{"key": f"{b['no']}", "no": b["no"], "bidder": b["name"], "price": b["price"]} for b in bids]
    return [
        {
            "key": f"{b['no']}-{place}",
            "no": b["no"],
            "bidder": b["name"],
            "bidder_en": b.get("name_en") or b["name"],
            "place": place,
            "criterion": c["criterion"],
            "most": c["points"],
        }
        for b in bids
        for place, c in enumerate(criteria, start=1)
    ]


def check_lines(
    lines: Sequence[Mapping[str, Any]], rows: Sequence[Mapping[str, Any]], evaluation: str
) -> list[dict[str, Any]]:
    """The lines of a sheet in the order of its rows; NotYet when one is missing or exceeds its points."""
    given = {str(one.get("key")): one for one in lines}
    found = []
    for row in rows:
        mine = given.get(str(row["key"]), {})
        value = mine.get("evaluated" if evaluation == "lowest_price" else "points")
        if value is None and not (evaluation == "lowest_price" and mine.get("complies") == "no"):
            raise NotYet(_("评分表没有填完：%(bidder)s。", bidder=row["bidder"]))
        most = row.get("most")
        if most is not None and value is not None and not 0 <= Decimal(value) <= Decimal(most):
            raise NotYet(
                say("“%(criterion)s”的得分应在 0 至 %(most)s 之间。", criterion=row["criterion"], most=most)
            )
        found.append({**row, **mine})
    return found


# ------------------------------------------------------------------------------------- totals


@dataclass(frozen=True)
class Rank:
    """One bid with what it came to. `exact` decides, `shown` is printed."""

    no: int
    rank: int
    exact: Fraction
    bid: Mapping[str, Any]
    members: Mapping[int, Decimal]

    def facts(self) -> dict[str, Any]:
        """As papers and messages carry it."""
        about = {key: self.bid.get(key) for key in ("enterprise", "name", "name_en", "price")}
        return {**about, "rank": self.rank, "no": self.no, "score": rounded(self.exact)}


def rounded(exact: Fraction) -> Decimal:
    """To the second decimal, halves up, from the exact value."""
    value = Decimal(exact.numerator) / Decimal(exact.denominator)
    return value.quantize(CENT, rounding=ROUND_HALF_UP)


def ranking(bids: Sequence[Mapping[str, Any]], sheets: Sequence[Sheet], evaluation: str) -> list[Rank]:
    """The bids in their order: arithmetic mean of the members, exact.

    Equal scores (or evaluated prices): the lower price first; equal prices: the bid received first.
    """
    lowest = evaluation == "lowest_price"
    found = []
    for order, bid in enumerate(bids):
        by_member = {s.member_id: _given(s, bid["no"], lowest) for s in sheets}
        given = {member: value for member, value in by_member.items() if value is not None}
        if not given or (lowest and 2 * len(given) <= len(sheets)):
            continue  # more than half of the members find that it does not comply
        mean = sum((Fraction(v) for v in given.values()), Fraction(0)) / len(given)
        found.append((mean if lowest else -mean, Fraction(Decimal(bid["price"])), order, mean, bid, given))
    found.sort(key=lambda one: one[:3])
    return [
        Rank(int(bid["no"]), rank, mean, bid, given)
        for rank, (_key, _price, _order, mean, bid, given) in enumerate(found, start=1)
    ]


def _given(sheet: Sheet, no: Any, lowest: bool) -> Decimal | None:
    """What a member gives a bid in all; None where the member finds that it does not comply."""
    mine = [line for line in sheet.lines if line["no"] == no]
    if not lowest:
        return sum((Decimal(line["points"]) for line in mine), Decimal(0))
    complies = [line for line in mine if line.get("complies") != "no"]
    return Decimal(complies[0]["evaluated"]) if complies else None
