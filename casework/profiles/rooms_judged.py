"""Rooms offered or delivered against what the place requires: what counts, what is short, what bridges it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from casework.profiles import rooms
from casework.profiles.book import Profile

#: The general kind of a space of which nothing special is said.
PLAIN = "普通用房"


@dataclass(frozen=True)
class Row:
    """One room of a list: its code, what counts of it, and how long it is there."""

    code: str
    space: rooms.Space
    bridging: bool
    until: Any


@dataclass(frozen=True)
class Judged:
    """The requirement beside what a list of rooms gives; only allotted rooms fulfil it."""

    need: rooms.Requirement
    given: tuple[Row, ...]
    left_out: tuple[tuple[Row, str, str], ...]

    def area(self, kinds: Iterable[str] = rooms.KINDS, *, bridging: bool = False) -> Fraction:
        """The area that counts, of rooms allotted for good or of those rented or lent."""
        found = (one.space for one in self.given if one.bridging is bridging)
        return sum((Fraction(space.area) for space in found if space.use in kinds), Fraction(0))

    def short(self, part: rooms.Part) -> Fraction:
        """What a part lacks in allotted rooms."""
        return max(Fraction(part.least) - self.area(part.kinds), Fraction(0))

    @property
    def shortage(self) -> Fraction:
        """What is lacking in all; a part within the others counts by itself only if nothing else lacks."""
        outer = sum((self.short(part) for part in self.need.parts if not part.within), Fraction(0))
        return outer or sum((self.short(part) for part in self.need.parts), Fraction(0))

    @property
    def bridged(self) -> bool:
        """Whether some room is rented or lent until a day (old-area plan, seed 1.19)."""
        return any(one.bridging and one.until is not None for one in self.given)

    def facts(self) -> dict[str, Any]:
        """As a FEEL context; areas are decimals, sentences in both languages."""
        zh, en = self._sentences()
        parts = [
            {
                **part.facts(),
                "delivered": _two(self.area(part.kinds)),
                "short": _two(self.short(part)),
                "enough": not self.short(part),
            }
            for part in self.need.parts
        ]
        return {
            **self.need.facts(),
            "parts": parts,
            "delivered": _two(self.area()),
            "bridging": _two(self.area(bridging=True)),
            "bridged": self.bridged,
            "shortage": _two(self.shortage),
            "enough": not self.need.missing and not self.shortage,
            "left_out": [{"code": row.code, "zh": why, "en": why_en} for row, why, why_en in self.left_out],
            "zh": zh,
            "en": en,
        }

    def _sentences(self) -> tuple[str, str]:
        """The arithmetic, then what was found: one paragraph."""
        if self.need.missing:
            return self.need.zh, self.need.en
        zh = [f"计入面积 {_said(self.area())} 平方米"]
        en = [f"Counted: {_said(self.area())} m²"]
        for row, why, why_en in self.left_out:
            zh.append(f"{row.code} {why}")
            en.append(f"{row.code}: {why_en}")
        if bridging := self.area(bridging=True):
            zh.append(f"另有租赁、借用 {_said(bridging)} 平方米")
            en.append(f"besides {_said(bridging)} m² rented or lent")
        for part in self.need.parts:
            if lack := self.short(part):
                zh.append(f"{part.name}缺 {_said(lack)} 平方米")
                en.append(f"{part.name_en}: {_said(lack)} m² short")
        if not self.shortage:
            zh.append("满足要求")
            en.append("the requirement is met")
        return f"{self.need.zh}{'，'.join(zh)}。", f"{self.need.en} {'; '.join(en)}."


def judged(profile: Profile, project: Mapping[str, Any], rows: Iterable[Mapping[str, Any]]) -> Judged:
    """A list of rooms as forms and registers write them, against the requirement of the place."""
    given, left_out = [], []
    for row in filter(None, map(_row, rows)):
        if row.space.use not in rooms.KINDS:
            continue
        if (why := rooms.excluded(profile, row.space)) is None:
            given.append(row)
        else:
            left_out.append((row, *why))
    return Judged(rooms.required(profile, project), tuple(given), tuple(left_out))


def _row(said: Mapping[str, Any]) -> Row | None:
    """None while the area is not written yet."""
    if said.get("area") is None:
        return None
    height = said.get("height")
    space = rooms.Space(
        said.get("space") or PLAIN,
        Decimal(said["area"]),
        None if height is None else int(Decimal(height) * 100),
        str(said.get("kind") or "office"),
        said.get("above_ground") is not False,
    )
    return Row(
        str(said.get("code") or ""), space, said.get("mode") in ("rented", "lent"), said.get("mode_until")
    )


def _two(area: Fraction) -> Decimal:
    return rooms.hundredths(area)


def _said(area: Fraction) -> str:
    return f"{_two(area).normalize():,f}"
