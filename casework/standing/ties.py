"""What ties two bodies to each other on a day, and whether that keeps a bidder out of a tender.

招标投标法实施条例 第三十四条: who has an interest in the tenderer that may touch fairness may not bid; bodies
with the same head, or of which one holds or manages the other, may not bid for the same section. Two
subsidiaries of one parent are not named there: among bidders that is shown to the committee and bars nobody;
towards the tenderer it is an interest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations

from casework import clock
from casework.db import db
from casework.people import Organisation
from casework.people.organisations import plain
from casework.standing.relations import OVER, Node, Relation, all_in_force

BASIS = "招标投标法实施条例 第三十四条"
REGISTER = "名录登记"
WORDS = {"holding": ("控股", "holds"), "control": ("实际控制", "controls"), "management": ("管理", "manages")}
#: A chain of holdings longer than this is not followed.
LONGEST = 12


@dataclass(frozen=True)
class Tie:
    """One thing that ties two bodies, with the document that shows it."""

    #: same_head, over (one holds, controls or manages the other), common (both are under a third)
    kind: str
    zh: str
    en: str
    document: str
    basis: str = BASIS

    @property
    def excludes(self) -> bool:
        """Whether the two may not both bid for one section."""
        return self.kind != "common"


class Web:
    """The relations in force on a day."""

    def __init__(self, on: date) -> None:
        self.apart: set[frozenset[Node]] = set()
        self.below: dict[Node, list[Relation]] = {}
        self._reached: dict[Node, dict[Node, tuple[Relation, ...]]] = {}
        for one in all_in_force(on):
            upper, lower = one.nodes
            if one.kind in OVER:
                self.below.setdefault(upper, []).append(one)
            else:
                self.apart.add(frozenset((upper, lower)))

    def reach(self, top: Node) -> Mapping[Node, tuple[Relation, ...]]:
        """Everything below a body, each with the shortest chain that leads there."""
        if top not in self._reached:
            self._reached[top] = self._walk(top)
        return self._reached[top]

    def _walk(self, top: Node) -> dict[Node, tuple[Relation, ...]]:
        found: dict[Node, tuple[Relation, ...]] = {top: ()}
        edge = [top]
        for _round in range(LONGEST):
            steps = [(upper, one) for upper in edge for one in self.below.get(upper, ())]
            edge = []
            for upper, one in steps:
                lower = one.nodes[1]
                if lower not in found:
                    found[lower] = (*found[upper], one)
                    edge.append(lower)
        return found


def ties(one: Organisation, other: Organisation, on: date | None = None) -> tuple[Tie, ...]:
    """Everything that ties two bodies to each other on a day."""
    return _ties(Web(on or clock.today()), one, other)


def conflicts(
    organisation_ids: Iterable[int], on: date | None = None
) -> Mapping[tuple[int, int], Sequence[Tie]]:
    """The pairs among several bidders that are tied, with what ties them (T40)."""
    web = Web(on or clock.today())
    bodies = [db.session.get_one(Organisation, i) for i in sorted(set(organisation_ids))]
    found = {(a.id, b.id): _ties(web, a, b) for a, b in combinations(bodies, 2)}
    return {pair: tied for pair, tied in found.items() if tied}


def _ties(web: Web, one: Organisation, other: Organisation) -> tuple[Tie, ...]:
    a, b = ("id", one.id), ("id", other.id)
    found: list[Tie] = []
    head = plain(one.representative)
    if head and head == plain(other.representative) and frozenset((a, b)) not in web.apart:
        found.append(
            Tie(
                "same_head",
                f"“{one.name}”与“{other.name}”登记的单位负责人同为“{head}”",
                f"{one.label('en')} and {other.label('en')} are registered with the same head: {head}",
                REGISTER,
            )
        )
    for top, bottom in ((a, b), (b, a)):
        if chain := web.reach(top).get(bottom):
            found.append(_over(chain))
    if not any(tie.kind == "over" for tie in found):
        found += _common(web, a, b)
    return tuple(found)


def _over(chain: tuple[Relation, ...]) -> Tie:
    return Tie("over", _chain_zh(chain), _chain_en(chain), _documents(chain))


def _common(web: Web, a: Node, b: Node) -> list[Tie]:
    """The nearest body that stands over both."""
    found = []
    for top in web.below:
        reached = web.reach(top)
        if a in reached and b in reached and top not in (a, b):
            found.append((reached[a], reached[b]))
    if not found:
        return []
    left, right = min(found, key=lambda chains: len(chains[0]) + len(chains[1]))
    zh = f"同受“{left[0].upper_name}”控制：{_chain_zh(left)}；{_chain_zh(right)}"
    en = f"both are under {left[0].upper_name}: {_chain_en(left)}; {_chain_en(right)}"
    return [Tie("common", zh, en, _documents((*left, *right)))]


def _chain_zh(chain: tuple[Relation, ...]) -> str:
    return "，".join(
        f"“{one.upper_name}”{WORDS[one.kind][0]}“{one.lower_name}”{f'（{one.share}%）' if one.share else ''}"
        for one in chain
    )


def _chain_en(chain: tuple[Relation, ...]) -> str:
    return ", ".join(
        f"{one.upper_name} {WORDS[one.kind][1]} {one.lower_name}{f' ({one.share}%)' if one.share else ''}"
        for one in chain
    )


def _documents(chain: tuple[Relation, ...]) -> str:
    return "；".join(dict.fromkeys(one.document for one in chain))
