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
#: Fewer signs than these explain nothing.
EXPLAINED = 5
#: An evaluated price so many times the bid's own, or its part, is a slipped decimal point.
SLIP = 10


def item(ground: str) -> str:
    """A ground as article 51 numbers it."""
    return dict(zip(GROUNDS, "一二三四五六七", strict=True)).get(ground, "")


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
        return [{"key": f"{b['no']}", **_named(b), "price": b["price"]} for b in bids]
    return [
        {
            "key": f"{b['no']}-{place}",
            **_named(b),
            "place": place,
            "criterion": c["criterion"],
            "most": c["points"],
        }
        for b in bids
        for place, c in enumerate(criteria, start=1)
    ]


def _named(bid: Mapping[str, Any]) -> dict[str, Any]:
    return {"no": bid["no"], "bidder": bid["name"], "bidder_en": bid.get("name_en") or bid["name"]}


def check_lines(
    lines: Sequence[Mapping[str, Any]], rows: Sequence[Mapping[str, Any]], evaluation: str
) -> list[dict[str, Any]]:
    """The lines of a sheet in the order of its rows; NotYet when one is missing or out of bounds."""
    given = {str(one.get("key")): one for one in lines}
    check = _check_price if evaluation == "lowest_price" else _check_points
    found = []
    for row in rows:
        mine = given.get(str(row["key"]), {})
        check(row, mine)
        found.append({**row, **mine})
    return found


def _check_points(row: Mapping[str, Any], line: Mapping[str, Any]) -> None:
    if line.get("points") is None:
        raise NotYet(_("评分表没有填完：%(bidder)s。", bidder=row["bidder"]))
    most = row["most"]
    if not 0 <= Decimal(line["points"]) <= Decimal(most):
        raise NotYet(
            say("“%(criterion)s”的得分应在 0 至 %(most)s 之间。", criterion=row["criterion"], most=most)
        )


def _check_price(row: Mapping[str, Any], line: Mapping[str, Any]) -> None:
    """A lawful ground and the facts against a bid, or a likely price, explained where it differs."""
    bidder, explained = row["bidder"], len(str(line.get("price_remark") or "").strip()) >= EXPLAINED
    if line.get("complies") == "no":
        if str(line.get("ground")) not in GROUNDS:
            raise NotYet(_("认定%(bidder)s不符合的，应当选择法定的否决情形。", bidder=bidder))
        if not explained:
            raise NotYet(
                _("认定%(bidder)s不符合的，应当写明事实，不少于 %(n)s 个字。", bidder=bidder, n=EXPLAINED)
            )
        return
    value, price = line.get("evaluated"), Decimal(row["price"])
    if value is None or line.get("complies") != "yes":
        raise NotYet(_("评分表没有填完：%(bidder)s。", bidder=bidder))
    if not price / SLIP <= Decimal(value) <= price * SLIP:
        raise NotYet(
            _(
                "%(bidder)s的报价为 %(price)s 元，经评审的投标价应在报价的十分之一至十倍之间，请核对小数点。",
                bidder=bidder,
                price=price,
            )
        )
    if Decimal(value) != price and not explained:
        raise NotYet(
            _(
                "%(bidder)s的评审价与报价不同，应当写明折算的依据和方法，不少于 %(n)s 个字。",
                bidder=bidder,
                n=EXPLAINED,
            )
        )


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
        about = {key: self.bid.get(key) for key in ("enterprise", "name", "price")}
        about["name_en"] = self.bid.get("name_en") or self.bid["name"]
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
        if not given or (lowest and not _most(len(given), sheets)):
            continue  # see `failing`
        mean = sum((Fraction(v) for v in given.values()), Fraction(0)) / len(given)
        found.append((mean if lowest else -mean, Fraction(Decimal(bid["price"])), order, mean, bid, given))
    found.sort(key=lambda one: one[:3])
    return [
        Rank(int(bid["no"]), rank, mean, bid, given)
        for rank, (_key, _price, _order, mean, bid, given) in enumerate(found, start=1)
    ]


@dataclass(frozen=True)
class Failing:
    """A bid that does not comply: how many members found so, the facts by ground, the decisive first."""

    bid: Mapping[str, Any]
    against: int
    members: int
    facts: Mapping[str, Sequence[str]]


def failing(bids: Sequence[Mapping[str, Any]], sheets: Sequence[Sheet]) -> list[Failing]:
    """By the sheets of the lowest price: the bids that no majority finds to comply.

    The ground that most of them name comes first; named equally often, the law's order.
    """
    found = []
    for bid in bids:
        lines = [one for sheet in sheets for one in sheet.lines if one["no"] == bid["no"]]
        against = [one for one in lines if one.get("complies") == "no"]
        if _most(len(lines) - len(against), sheets):
            continue
        facts: dict[str, list[str]] = {}
        for one in against:
            facts.setdefault(str(one.get("ground")), []).append(str(one.get("price_remark") or ""))
        order = sorted(facts, key=lambda ground: (-len(facts[ground]), ground))
        found.append(Failing(bid, len(against), len(sheets), {ground: facts[ground] for ground in order}))
    return found


def _most(so_many: int, sheets: Sequence[Sheet]) -> bool:
    return 2 * so_many > len(sheets)


def _given(sheet: Sheet, no: Any, lowest: bool) -> Decimal | None:
    """What a member gives a bid in all; None where the member finds that it does not comply."""
    mine = [line for line in sheet.lines if line["no"] == no]
    if not lowest:
        return sum((Decimal(line["points"]) for line in mine), Decimal(0))
    complies = [line for line in mine if line.get("complies") != "no"]
    return Decimal(complies[0]["evaluated"]) if complies else None
