"""What an office watches over the cases of a procedure: rates with a goal, and lists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from casework.engine import feel
from casework.engine.findings import Finding

#: What a rate and a list may say; all but the goal and the basis are needed.
RATE = frozenset({"title", "of", "counts", "goal", "basis"})
LIST = frozenset({"title", "when", "says", "says_en"})


@dataclass(frozen=True)
class Rate:
    """How many of the cases that count have come so far, in a hundred; the goal, and where it is written."""

    title: str
    of: feel.Expression
    counts: feel.Expression
    goal: int | None
    basis: str


@dataclass(frozen=True)
class Listed:
    """The cases for which something holds, each with one line."""

    title: str
    when: feel.Expression
    says: feel.Expression
    says_en: feel.Expression


@dataclass(frozen=True)
class Watching:
    """Rates and lists of one procedure, over what its cases show."""

    rates: tuple[Rate, ...]
    lists: tuple[Listed, ...]


def findings(part: Any) -> Iterator[Finding]:
    """What would not work in `watched`."""
    if part is None:
        return
    if not isinstance(part, Mapping) or set(part) - {"rates", "lists"}:
        yield _bad("watched", "watched 可以写 rates 和 lists", "watched has rates and lists")
        return
    for name, keys, may_lack in (("rates", RATE, {"goal", "basis"}), ("lists", LIST, set[str]())):
        for at, one in enumerate(part.get(name) or ()):
            place = f"watched.{name}.{at + 1}"
            if not isinstance(one, Mapping) or set(one) - keys or keys - set(one) - may_lack:
                known = "、".join(sorted(keys))
                yield _bad(place, f"应写：{known}", f"says: {known}")
                continue
            yield from _readable(one, place)


def _readable(one: Mapping[str, Any], place: str) -> Iterator[Finding]:
    for key in sorted({"of", "counts", "when", "says", "says_en"} & set(one)):
        if not str(one[key]).startswith("="):
            yield _bad(f"{place}.{key}", "应为以 = 开头的表达式", "must be an expression that begins with =")
    goal = one.get("goal")
    if goal is not None and (isinstance(goal, bool) or not isinstance(goal, int) or not 0 < goal <= 100):
        yield _bad(
            f"{place}.goal", "目标应为 1 到 100 的整数（百分之几）", "the goal is a percentage, 1 to 100"
        )


def read(part: Any) -> Watching | None:
    """The checked `watched` of a procedure.yaml."""
    if not part:
        return None
    rates = tuple(
        Rate(
            str(one["title"]),
            feel.compile(str(one["of"])),
            feel.compile(str(one["counts"])),
            one.get("goal"),
            str(one.get("basis") or ""),
        )
        for one in part.get("rates") or ()
    )
    lists = tuple(
        Listed(str(one["title"]), *(feel.compile(str(one[key])) for key in ("when", "says", "says_en")))
        for one in part.get("lists") or ()
    )
    return Watching(rates, lists)


def _bad(place: str, zh: str, en: str) -> Finding:
    return Finding(0, place, "heading", "error", zh, en)
