"""Who has to stay away from a tender, a code for each reason (招标投标法 第三十七条；实施条例 第四十六条)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from casework import deadlines
from casework.committee.model import Expert, Tie
from casework.words import Words, _

#: The reasons as the record of the draw prints them.
REASONS: dict[str, Words] = {
    "R1": _("在投标人处任职，或者离职不满三年"),
    "R2": _("在招标人处任职，或者离职不满三年"),
    "R3": _("近亲属在投标人或者招标人处任职、持股"),
    "R4": _("与投标人、招标人的关联企业有任职或者利害关系"),
    "R5": _("与投标人、招标人有其他利害关系"),
    "R6": _("负责监督本项目的行政部门工作人员"),
    "R7": _("已暂停抽取或者出库"),
    "R8": _("从事相关领域工作不满八年"),
    "R9": _("已在本项目中被抽取、拒绝参加或者被更换"),
}
#: An employment binds for three years after its end (暂行规定 第十二条; the period is the register's).
YEARS_AFTER = 3
YEARS_NEEDED = 8


@dataclass(frozen=True)
class Around:
    """The firms of one tender by their names on the register, ids where they have one."""

    bidders: Mapping[int, str]
    tenderer: Mapping[int, str]
    #: firms related to a bidder or to the tenderer
    related: Mapping[int, str] = field(default_factory=dict)
    #: the supervising office, and the users who hold a post there
    office: Mapping[int, str] = field(default_factory=dict)
    officials: frozenset[int] = frozenset()


def binding(tie: Tie, on: date) -> bool:
    """Whether the tie still counts that day; an employment counts three years longer."""
    if tie.begins > on:
        return False
    if tie.ends is None:
        return True
    last = deadlines.add_months(tie.ends, 12 * YEARS_AFTER) if tie.kind == "employer" else tie.ends
    return on <= last


def reasons(expert: Expert, around: Around, on: date) -> list[str]:
    """Every code under which this expert is out of the draw that day."""
    found = set(_of_the_person(expert, around, on)) | set(_of_the_employer(expert, around))
    for tie in expert.ties:
        if binding(tie, on):
            found |= set(_of_the_tie(tie, around))
    return sorted(found)


def _of_the_person(expert: Expert, around: Around, on: date) -> Iterable[str]:
    if expert.user_id in around.officials:
        yield "R6"
    if expert.state != "active":
        yield "R7"
    if expert.years(on) < YEARS_NEEDED:
        yield "R8"


def _of_the_employer(expert: Expert, around: Around) -> Iterable[str]:
    for code, firms in (("R1", around.bidders), ("R2", around.tenderer), ("R4", around.related)):
        if _named(expert.employer, firms):
            yield code
    if _named(expert.employer, around.office):
        yield "R6"


def _of_the_tie(tie: Tie, around: Around) -> Iterable[str]:
    where = next(
        (
            name
            for name, firms in (
                ("bidder", around.bidders),
                ("tenderer", around.tenderer),
                ("related", around.related),
                ("office", around.office),
            )
            if tie.organisation_id in firms or _named(tie.firm, firms)
        ),
        "",
    )
    if not where:
        return
    if where == "office":
        yield "R6"
    elif where == "related":
        yield "R4"
    elif tie.kind == "employer":
        yield "R1" if where == "bidder" else "R2"
    else:
        yield "R3" if tie.kind == "relative" else "R5"


def _named(name: str, firms: Mapping[int, str]) -> bool:
    plain = "".join(name.split())
    return bool(plain) and any(plain == "".join(firm.split()) for firm in firms.values())
