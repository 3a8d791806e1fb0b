"""What a procedure.yaml says of a suspension: when a case rests, why, and what may not be done then."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from casework.engine import feel
from casework.engine.findings import Finding

#: What `suspended` says, all of it expressions. `by` is a list of what suspends it, each with `number`
#: (of its case), `says`, `says_en`, `basis` and `basis_en`; `spans` lists when it was suspended by order.
SAYS = ("when", "since", "spans", "by", "rests", "rests_en", "moves", "moves_en")
#: What it may say besides: the messages by which an order begins and ends, the steps and timers that rest,
#: the steps that act on what was upheld (these rest by order only), the dates that move by its days.
MAY = frozenset({"orders", "steps", "acts", "dates"})
#: What `stands_still` says.
HOLDS = frozenset({"steps", "lapsed", "says", "basis"})


@dataclass(frozen=True)
class Suspended:
    """When a case is suspended (`when`), since which day, by what, what rests and which dates move."""

    says: Mapping[str, feel.Expression]
    #: the messages by which an order begins and ends, in whatever step the case stands; "": there are none
    begins: str = ""
    ends: str = ""
    #: its own steps and timers that rest meanwhile, and its dates that move by the days of an order
    steps: frozenset[str] = frozenset()
    #: those that act on a complaint that was upheld: only an order keeps them from it
    acts: frozenset[str] = frozenset()
    dates: tuple[str, ...] = ()


@dataclass(frozen=True)
class StandsStill:
    """The steps that rest while the case this one concerns is suspended, or once its result has `lapsed`."""

    steps: frozenset[str]
    lapsed: feel.Expression | None
    says: str
    basis: str


def findings(about: Mapping[str, Any]) -> Iterator[Finding]:
    """What is missing, or is nothing that can be said."""
    part = about.get("suspended")
    if part is not None and (not isinstance(part, Mapping) or set(part) - MAY != set(SAYS)):
        known, may = "、".join(SAYS), "、".join(sorted(MAY))
        zh, en = f"suspended 应写全：{known}；可加：{may}", f"suspended says all of: {known}; may say: {may}"
        yield _bad("suspended", zh, en)
    elif part is not None and (set(part.get("orders") or ()) not in (set(), {"begins", "ends"})):
        yield _bad("suspended.orders", "orders 应写 begins 和 ends", "orders has begins and ends")
    part = about.get("stands_still")
    if part is None:
        return
    if not isinstance(part, Mapping) or set(part) - HOLDS or not isinstance(part.get("steps"), list):
        known = "、".join(sorted(HOLDS))
        zh, en = f"stands_still 应写 steps，可以写：{known}", f"stands_still has steps, and may have: {known}"
        yield _bad("stands_still", zh, en)
    elif not about.get("concerns") or ("lapsed" in part) != ("says" in part):
        yield _bad(
            "stands_still",
            "stands_still 要有 concerns；lapsed 和 says 要一起写",
            "stands_still needs concerns; lapsed and says go together",
        )


def suspended(part: Mapping[str, Any] | None) -> Suspended | None:
    """Of a checked procedure.yaml."""
    if part is None:
        return None
    orders = part.get("orders") or {}
    return Suspended(
        {name: feel.compile(str(part[name])) for name in SAYS},
        str(orders.get("begins", "")),
        str(orders.get("ends", "")),
        frozenset(part.get("steps") or ()),
        frozenset(part.get("acts") or ()),
        tuple(part.get("dates") or ()),
    )


def stands_still(part: Mapping[str, Any] | None) -> StandsStill | None:
    """Of a checked procedure.yaml."""
    if part is None:
        return None
    lapsed = feel.compile(str(part["lapsed"])) if part.get("lapsed") else None
    return StandsStill(
        frozenset(part["steps"]), lapsed, str(part.get("says", "")), str(part.get("basis", ""))
    )


def _bad(place: str, zh: str, en: str) -> Finding:
    return Finding(0, place, "heading", "error", zh, en)
