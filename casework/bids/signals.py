"""Signs that bids were agreed on: facts for the committee with their basis; none rejects a bid by itself.

招标投标法实施条例 第四十条. What is compared: who handed in, the named manager, contacts, author metadata,
prices and cost lines, texts, attached files. What does exclude is a relation of the register (第三十四条).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations, pairwise
from typing import Any

from casework.bids import traces
from casework.bids.model import OPENED, OpenedBid
from casework.forms import typed

BASIS = "招标投标法实施条例 第四十条"
#: From which share of equal text two bids are called near-equal.
ALIKE = 0.5
#: How far a regular series may be off: half a cent of the price, a ten-thousandth of a ratio.
CENT, RATIO = Decimal("0.005"), Decimal("0.0001")
#: How many equal amounts in two tables of costs are strange.
EQUAL_LINES = 4


@dataclass(frozen=True)
class Signal:
    """One sign, in both languages, with the bids it joins."""

    kind: str
    zh: str
    en: str
    basis: str
    bids: tuple[int, ...]

    def dump(self) -> dict[str, Any]:
        """As a FEEL context."""
        return {"kind": self.kind, "zh": self.zh, "en": self.en, "basis": self.basis, "bids": list(self.bids)}


@dataclass(frozen=True)
class Tied:
    """What the register says ties two bidders."""

    pair: tuple[int, int]
    zh: str
    en: str
    basis: str
    document: str
    excludes: bool


def judge_ties(opened: Sequence[OpenedBid], ties: Iterable[Tied]) -> None:
    """Bidders with the same head, or one under the other, are both out (T40); the others are only shown."""
    by = {bid.organisation_id: bid for bid in opened}
    for tie in ties:
        pair = [by[one] for one in tie.pair if one in by]
        sign = Signal("tied", tie.zh, tie.en, tie.basis, tuple(bid.no for bid in pair)).dump()
        sign |= {"document": tie.document, "excludes": tie.excludes}
        said = f"{tie.zh}（{tie.basis}）" + (f"（{tie.document}）" if tie.document else "")
        for bid in pair:
            if tie.excludes and said not in bid.invalid:
                bid.invalid = f"{bid.invalid}；{said}".strip("；")
            marks = dict(bid.marks or {})
            bid.marks = {**marks, "ties": [*marks.get("ties", ()), sign]}


def among(opened: Iterable[OpenedBid]) -> list[Signal]:
    """Every sign among the opened bids."""
    bids = [bid for bid in opened if bid.outcome == OPENED]
    return [signal for look in _LOOKS for signal in look(bids)] + _registered(bids)


def _registered(bids: Sequence[OpenedBid]) -> list[Signal]:
    found = {}
    for bid in bids:
        for one in (bid.marks or {}).get("ties", ()):
            signal = Signal(one["kind"], one["zh"], one["en"], one["basis"], tuple(one["bids"]))
            found[(signal.zh, signal.bids)] = signal
    return list(found.values())


def _nos(*bids: OpenedBid) -> tuple[int, ...]:
    return tuple(sorted(bid.no for bid in bids))


def _list(bids: Iterable[OpenedBid]) -> str:
    return "、".join(str(no) for no in _nos(*bids))


def _shared(
    bids: Sequence[OpenedBid], kind: str, values: Callable[[OpenedBid], Iterable[Any]], zh: str, en: str
) -> Iterator[Signal]:
    """One sign for every value that several bids have."""
    having: dict[Any, list[OpenedBid]] = {}
    for bid in bids:
        for value in set(values(bid)):
            having.setdefault(value, []).append(bid)
    joined: dict[tuple[int, ...], list[Any]] = {}
    for value, those in having.items():
        if len(those) > 1:
            joined.setdefault(_nos(*those), []).append(value)
    for nos, shared in joined.items():
        said = {"nos": "、".join(map(str, nos)), "what": "、".join(sorted(map(str, shared)))[:200]}
        yield Signal(kind, zh.format(**said), en.format(**said), BASIS, nos)


def _agent(bids: Sequence[OpenedBid]) -> Iterator[Signal]:
    yield from _shared(
        bids, "same_agent", lambda bid: (bid.marks or {}).get("agent", ()),
        "{nos} 号投标由同一账户递交（第二项：委托同一单位或者个人办理投标事宜）",
        "Bids {nos} were handed in from the same account (item 2: the same agent)",
    )  # fmt: skip


def _manager(bids: Sequence[OpenedBid]) -> Iterator[Signal]:
    yield from _shared(
        bids, "same_manager", lambda bid: [m for m in [(bid.marks or {}).get("manager_id")] if m],
        "{nos} 号投标载明的项目负责人为同一人（第三项）",
        "Bids {nos} name the same project manager (item 3)",
    )  # fmt: skip


def _contact(bids: Sequence[OpenedBid]) -> Iterator[Signal]:
    def contacts(bid: OpenedBid) -> Iterator[str]:
        said = bid.answers or {}
        for key in ("contact_phone", "contact_email"):
            if said.get(key):
                yield typed.code(str(said[key])).lower().replace("-", "")

    yield from _shared(
        bids, "same_contact", contacts,
        "{nos} 号投标的联系电话或者电子邮箱相同（第二项）",
        "Bids {nos} give the same phone or e-mail (item 2)",
    )  # fmt: skip


def _author(bids: Sequence[OpenedBid]) -> Iterator[Signal]:
    yield from _shared(
        bids, "same_author", lambda bid: (bid.marks or {}).get("authors", ()),
        "{nos} 号投标的附件作者信息相同：{what}（第一项：由同一单位或者个人编制）",
        "The attachments of bids {nos} were made by the same author: {what} (item 1)",
    )  # fmt: skip


def _same_files(bids: Sequence[OpenedBid]) -> Iterator[Signal]:
    yield from _shared(
        bids, "same_file", lambda bid: (bid.marks or {}).get("files", ()),
        "{nos} 号投标附有完全相同的文件（第四项、第五项：异常一致或者相互混装）",
        "Bids {nos} attach identical files (items 4 and 5)",
    )  # fmt: skip


def _texts(bids: Sequence[OpenedBid]) -> Iterator[Signal]:
    sketches = {bid.no: (bid.marks or {}).get("sketch") or [] for bid in bids}
    common = _common(list(sketches.values()))
    for one, other in combinations(bids, 2):
        share = traces.alike(sketches[one.no], sketches[other.no], common)
        if share >= ALIKE:
            yield Signal(
                "near_equal_text",
                f"{_list((one, other))} 号投标的服务方案文字约 {share:.0%} 相同（第四项：异常一致）",
                f"About {share:.0%} of the service plans of bids {_list((one, other))} is the same (item 4)",
                BASIS,
                _nos(one, other),
            )


def _common(sketches: Sequence[Sequence[int]]) -> frozenset[int]:
    """What more than half of at least four bids have: the wording of the tender documents."""
    if len(sketches) < 4:
        return frozenset()
    count: dict[int, int] = {}
    for one in sketches:
        for each in one:
            count[each] = count.get(each, 0) + 1
    return frozenset(each for each, times in count.items() if times > len(sketches) / 2)


def _costs(bids: Sequence[OpenedBid]) -> Iterator[Signal]:
    """Tables of costs that agree line by line, or differ by one factor throughout."""
    scaled: list[tuple[OpenedBid, OpenedBid]] = []
    for one, other in combinations(bids, 2):
        pairs = list(_lines(one, other))
        equal = sum(a == b for a, b in pairs)
        if equal >= EQUAL_LINES:
            yield Signal(
                "equal_costs",
                f"{_list((one, other))} 号投标的费用构成有 {equal} 项金额相同（第四项：异常一致）",
                f"{equal} cost lines of bids {_list((one, other))} are the same (item 4)",
                BASIS, _nos(one, other),
            )  # fmt: skip
        elif len(pairs) >= 4 and _near({a / b for a, b in pairs}, RATIO * 5):
            scaled.append((one, other))
    for group in _joined(scaled):
        yield Signal(
            "proportional_costs",
            f"{_list(group)} 号投标的各项费用按同一比例增减（第四项：呈规律性差异）",
            f"All cost lines of bids {_list(group)} differ by one factor (item 4)",
            BASIS, _nos(*group),
        )  # fmt: skip


def _joined(pairs: Iterable[tuple[OpenedBid, OpenedBid]]) -> list[list[OpenedBid]]:
    """Pairs that share a bid, as one group."""
    groups: list[list[OpenedBid]] = []
    for pair in pairs:
        near = [group for group in groups if any(bid in group for bid in pair)]
        apart = [group for group in groups if group not in near]
        groups = [*apart, list(dict.fromkeys([*(bid for group in near for bid in group), *pair]))]
    return groups


def _lines(one: OpenedBid, other: OpenedBid) -> Iterator[tuple[Decimal, Decimal]]:
    theirs = {row.get("line"): row.get("amount") for row in (other.answers or {}).get("costs") or ()}
    for row in (one.answers or {}).get("costs") or ():
        mine, yours = row.get("amount"), theirs.get(row.get("line"))
        if isinstance(mine, Decimal | int) and isinstance(yours, Decimal | int) and mine > 0 and yours > 0:
            yield Decimal(mine), Decimal(yours)


def _near(values: Iterable[Decimal], within: Decimal) -> bool:
    ordered = sorted(values)
    return ordered[-1] - ordered[0] <= within


def _prices(bids: Sequence[OpenedBid]) -> Iterator[Signal]:
    """All prices, or at least four in a row, at equal steps or equal ratios."""
    priced = [bid for bid in bids if isinstance((bid.answers or {}).get("price"), Decimal | int)]
    rows = sorted(priced, key=lambda bid: Decimal(bid.answers["price"]))
    for length in range(len(rows), 2, -1):
        found = [
            signal
            for at in range(len(rows) - length + 1)
            if length == len(rows) or length >= 4
            for signal in _series(rows[at : at + length])
        ]
        if found:
            yield from found
            return


def _series(rows: Sequence[OpenedBid]) -> Iterator[Signal]:
    prices = [Decimal(bid.answers["price"]) for bid in rows]
    steps = [b - a for a, b in pairwise(prices)]
    if min(steps) <= 0 or (len(rows) == 3 and not _planned(rows, steps)):
        return
    if _near(steps, CENT):
        yield Signal(
            "regular_prices",
            f"{_list(rows)} 号投标报价依次相差 {steps[0]} 元，呈等差（第四项：呈规律性差异）",
            f"The prices of bids {_list(rows)} differ by {steps[0]} each time (item 4)",
            BASIS, _nos(*rows),
        )  # fmt: skip
    elif _geometric(prices):
        yield Signal(
            "regular_prices",
            f"{_list(rows)} 号投标报价依次为同一倍数 {prices[1] / prices[0]:.3f}（第四项：呈规律性差异）",
            f"The prices of bids {_list(rows)} rise by the same factor (item 4)",
            BASIS, _nos(*rows),
        )  # fmt: skip


def _geometric(prices: Sequence[Decimal]) -> bool:
    """Each price is the next of one series, as far as cents can say."""
    factor = (prices[-1] / prices[0]) ** (Decimal(1) / (len(prices) - 1))
    return all(abs(prices[0] * factor**n - price) <= CENT for n, price in enumerate(prices))


def _planned(rows: Sequence[OpenedBid], steps: Sequence[Decimal]) -> bool:
    """Three prices at equal steps happen by chance; round steps of a tenth seldom do."""
    return all(step >= Decimal("0.05") for step in steps) and (
        (_near(steps, Decimal(0)) and steps[0] % Decimal("0.05") == 0)
        or _geometric([Decimal(bid.answers["price"]) for bid in rows])
    )


_LOOKS: tuple[Callable[[Sequence[OpenedBid]], Iterator[Signal]], ...] = (
    _agent,
    _manager,
    _contact,
    _author,
    _same_files,
    _texts,
    _costs,
    _prices,
)
