"""Who may sit on an evaluation committee, and how many: one function, a sentence for each violation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from casework.words import Words, _

#: No share of experts is asked for.
NONE = Fraction(0)


@dataclass(frozen=True)
class Seat:
    """One member as the law looks at it."""

    kind: str  # expert | representative
    name: str = ""
    #: an official of the administrative body that supervises this tender
    official: bool = False
    #: tied to a bidder or to the tenderer in a way that the law does not allow
    tied: bool = False


@dataclass(frozen=True)
class Demands:
    """What the profile of the place asks of a committee."""

    least: int
    odd: bool
    expert_share: Fraction

    @classmethod
    def of(cls, profile: Mapping[str, Any]) -> Demands:
        """As the case's snapshot of the profile says."""
        share = profile["committee_expert_share"]
        return cls(
            int(profile["committee_min"]),
            bool(profile["committee_odd"]),
            Fraction(int(share["num"]), int(share["den"])),
        )


def planned(size: int, representatives: int) -> list[Seat]:
    """The seats of a committee whose members are not known yet."""
    experts = [Seat("expert")] * max(0, size - representatives)
    return [*experts, *([Seat("representative")] * representatives)]


def violations(seats: Sequence[Seat], demands: Demands) -> list[Words]:
    """Every reason why these people are no lawful committee; empty when they are."""
    return [*_numbers(seats, demands), *_persons(seats)]


def _numbers(seats: Sequence[Seat], demands: Demands) -> Iterable[Words]:
    size, experts = len(seats), sum(seat.kind == "expert" for seat in seats)
    if size < demands.least:
        yield _("评标委员会不得少于 %(least)s 人，现为 %(size)s 人。", least=demands.least, size=size)
    if demands.odd and size % 2 == 0:
        yield _("评标委员会人数应为单数，现为 %(size)s 人。", size=size)
    if size and Fraction(experts, size) < demands.expert_share:
        yield _(
            "评标专家不得少于成员总数的 %(share)s，现为 %(experts)s/%(size)s。",
            share=f"{demands.expert_share.numerator}/{demands.expert_share.denominator}",
            experts=experts,
            size=size,
        )


def _persons(seats: Sequence[Seat]) -> Iterable[Words]:
    for seat in seats:
        if seat.official:
            yield _("%(name)s是行政监督部门的工作人员，不得担任评标委员会成员。", name=seat.name)
        if seat.tied:
            yield _("%(name)s与投标人或者招标人有利害关系，不得担任评标委员会成员。", name=seat.name)
    names = [seat.name for seat in seats if seat.name]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield _("%(name)s只能占一个席位。", name=name)
