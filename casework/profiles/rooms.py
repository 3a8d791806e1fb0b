"""Management rooms: the area a place requires, what counts towards it, and what may bridge a shortage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from casework.profiles.book import Profile

BASES = {
    "gfa_total": ("总建筑面积", "total floor area"),
    "gfa_above": ("地上建筑面积", "floor area above ground"),
}
#: English for the spaces that some places leave out.
SPACES = {
    "电梯井": "lift shaft", "管道井": "pipe shaft", "楼梯间": "stairwell", "垃圾房": "waste room",
    "变电室": "substation", "设备间": "equipment room", "公共门厅": "lobby", "过道": "passage",
    "地下室": "basement", "车库": "garage", "门卫室": "gatehouse", "人防工程": "civil-defence shelter",
}  # fmt: skip
#: What the requirement counts; community rooms are owed to the community, not counted here.
KINDS = {
    "office": ("物业办公用房", "office"),
    "business": ("物业经营用房", "business room"),
    "committee": ("业主委员会用房", "owners' committee room"),
}


@dataclass(frozen=True)
class Part:
    """One kind of room and the least area of it, in exact square metres, with the arithmetic."""

    name: str
    name_en: str
    area: Fraction
    zh: str
    en: str
    #: Part of the areas already counted, not to be added to them.
    within: bool = False
    #: Which rooms count towards it.
    kinds: tuple[str, ...] = tuple(KINDS)

    @property
    def least(self) -> Decimal:
        """The least area a survey can state: two decimals, rounded up in the owners' favour."""
        return hundredths(self.area)

    def facts(self) -> dict[str, Any]:
        """As a FEEL context: the exact area, the least one to two decimals, the arithmetic."""
        return {
            "name": self.name,
            "name_en": self.name_en,
            "area": _decimal(self.area),
            "least": self.least,
            "within": self.within,
            "kinds": list(self.kinds),
            "zh": self.zh,
            "en": self.en,
        }


@dataclass(frozen=True)
class Requirement:
    """What the place asks of this project; `missing` names the figure without which nothing can be said."""

    parts: tuple[Part, ...]
    basis: str
    missing: str = ""
    missing_en: str = ""

    @property
    def total(self) -> Fraction:
        """Least area of all kinds together, in square metres."""
        return sum((part.area for part in self.parts if not part.within), Fraction(0))

    @property
    def least(self) -> Decimal:
        """The same as a survey can state it."""
        return sum((part.least for part in self.parts if not part.within), Decimal(0))

    @property
    def _least(self) -> str:
        return metres(self.least)

    @property
    def zh(self) -> str:
        """The arithmetic as one Chinese paragraph."""
        return (
            self.missing or "；".join(part.zh for part in self.parts) + f"。合计不少于 {self._least} 平方米。"
        )

    @property
    def en(self) -> str:
        """The arithmetic as one English paragraph."""
        said = "; ".join(part.en for part in self.parts)
        return self.missing_en or f"{said}. In all at least {self._least} m²."

    def facts(self) -> dict[str, Any]:
        """As a FEEL context; areas are exact decimals."""
        return {
            "known": not self.missing,
            "required": _decimal(self.total),
            "least": self.least,
            "parts": [part.facts() for part in self.parts],
            "zh": self.zh,
            "en": self.en,
            "basis": self.basis,
        }


@dataclass(frozen=True)
class Space:
    """One room as built: what it is, its area (m²), its clear height (cm) where it is known, its use."""

    kind: str
    area: Decimal
    height_cm: int | None = None
    use: str = "office"
    above_ground: bool = True


def required(profile: Profile, project: Mapping[str, Any]) -> Requirement:
    """The areas that a project of these figures (m²) needs at a place, with the arithmetic shown.

    `project`: at least `places.SIZES`; a FEEL context of a project holds them too.
    """
    formula, basis = profile.values.get("rooms"), profile.source("rooms")
    if not formula:
        return Requirement(
            (),
            basis,
            f"{profile.name}未规定配置比例，以规划许可载明的面积为准。",
            f"{profile.name_en} sets no ratio; the area stated in the planning permit applies.",
        )
    base = project.get(formula["base"])
    name_zh, name_en = BASES[formula["base"]]
    if base is None:
        return Requirement(
            (), basis, f"缺少{name_zh}，无法计算。", f"The {name_en} is missing; nothing can be computed."
        )
    area = _exact(base)
    alone = project.get("gfa_residential") == 0 and "nonresidential_only" in formula
    raw = formula["nonresidential_only"] if alone else formula["parts"]
    parts = [_part(one, area, name_zh, name_en) for one in raw]
    parts += [_part(one, area, name_zh, name_en, within=True) for one in formula.get("within", ())]
    return Requirement(tuple(parts), basis)


def excluded(profile: Profile, space: Space) -> tuple[str, str] | None:
    """Why a room does not count at this place, in both languages; None: it counts."""
    least = profile.values.get("rooms_min_height_cm")
    if space.kind in (profile.values.get("rooms_excluded") or ()):
        return f"{space.kind}不计入", f"{SPACES.get(space.kind, space.kind)}: not counted"
    if (profile.values.get("rooms") or {}).get("above_ground") and not space.above_ground:
        return "不在地上，不计入", "not above ground: not counted"
    if least is not None and space.height_cm is not None and space.height_cm < least:
        return (
            f"层高 {space.height_cm} 厘米，低于 {least} 厘米，不计入",
            f"clear height {space.height_cm} cm is below {least} cm: not counted",
        )
    return None


def metres(area: Fraction | Decimal) -> str:
    """An exact area as people write it: 331.02; never rounded."""
    return f"{_decimal(Fraction(area)):,}"


def hundredths(area: Fraction) -> Decimal:
    """An area to two decimals, rounded up."""
    return Decimal(-(-area.numerator * 100 // area.denominator)).scaleb(-2)


def _exact(value: Any) -> Fraction:
    if isinstance(value, float):
        raise TypeError("an area is an exact number, never a float")
    return Fraction(value)


def _decimal(area: Fraction) -> Decimal:
    """Exact: per mille of an area with two decimals has at most five."""
    value = (Decimal(area.numerator) / Decimal(area.denominator)).normalize()
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value


def _part(raw: Mapping[str, Any], base: Fraction, zh: str, en: str, *, within: bool = False) -> Part:
    name, name_en, of = raw["name"], raw["en"], metres(base)
    rule, shown = (_bracket(raw["brackets"], base)) if "brackets" in raw else (raw, ("", ""))
    if "permille" not in rule:
        area = Fraction(rule["fixed_m2"])
        told = f"{shown[0]}不少于 {area} 平方米", f"{shown[1]}at least {area} m²"
    else:
        share, least = base * rule["permille"] / 1000, Fraction(rule.get("min_m2", 0))
        area = max(share, least)
        upper = f"（上限 {rule['permille_max']}‰）" if "permille_max" in rule else ""
        upper_en = f" (up to {rule['permille_max']}‰)" if "permille_max" in rule else ""
        sum_ = f"{of} × {rule['permille']}‰"
        told = (
            f"{shown[0]}{zh} {sum_}{upper} = {metres(share)} 平方米",
            f"{shown[1]}{en} {sum_}{upper_en} = {metres(share)} m²",
        )
        if area > share:
            told = (
                f"{told[0]}，低于下限，取 {least} 平方米",
                f"{told[1]}, below the minimum, hence {least} m²",
            )
    if (rounded := hundredths(area)) != _decimal(area):
        told = (
            f"{told[0]}，按两位小数进位为 {rounded:,} 平方米",
            f"{told[1]}, rounded up to {rounded:,} m²",
        )
    inner = ("（含在上述面积内）", " (within the above)") if within else ("", "")
    kinds = tuple(raw.get("kinds", KINDS))
    return Part(
        name, name_en, area, f"{name}{inner[0]}：{told[0]}", f"{name_en}{inner[1]}: {told[1]}", within, kinds
    )


def _bracket(
    brackets: Sequence[Mapping[str, Any]], base: Fraction
) -> tuple[Mapping[str, Any], tuple[str, str]]:
    """The bracket a size falls into; its upper bound is included (以下, 民法典 第一千二百五十九条)."""
    above: int | None = None
    for bracket in brackets:
        upto = bracket.get("upto")
        if upto is None or base <= upto:
            break
        above = upto
    if upto is None:
        return bracket, (f"超过 {above:,} 平方米档，", f"bracket above {above:,} m², ")
    zh = f"超过 {above:,} 至 {upto:,} 平方米（含）档" if above else f"{upto:,} 平方米以下（含）档"
    en = f"bracket above {above:,} up to {upto:,} m²" if above else f"bracket up to {upto:,} m²"
    return bracket, (f"{zh}，", f"{en}, ")
