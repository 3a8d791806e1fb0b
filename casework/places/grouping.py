"""Long registers in short lists: one row for all facilities of a kind, building by building where that fits.

The rows have the names of `project_facilities()`, so that a drawing and its forms read either.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeAlias

Row: TypeAlias = Mapping[str, Any]
#: 3幢二单元 → 3幢: people walk and hand over building by building.
_BUILDING = re.compile(r"[^幢栋楼座]{1,20}(?:幢|栋|号楼|座)")
#: How facilities are brought together, the finest first; units stay apart, for what is counted is added up.
_LEVELS: tuple[Callable[[Row], tuple[Any, ...]], ...] = (
    lambda row: (row["kind"], row["unit"], building(row)),
    lambda row: (row["kind"], row["unit"]),
    lambda row: (row["kind"],),
)


def building(row: Row) -> str:
    """The building a location names, or nothing."""
    found = _BUILDING.match(str(row.get("location") or ""))
    return found[0].strip() if found else ""


def grouped(rows: Sequence[Row], most: int) -> list[dict[str, Any]]:
    """Rows that stand for all of these: by kind, unit and building, or by less while there are too many."""
    for level in _LEVELS:
        groups: dict[tuple[Any, ...], list[Row]] = {}
        for row in rows:
            groups.setdefault(level(row), []).append(row)
        if len(groups) <= most:
            break
    mark = _mark(rows)
    width = len(str(len(groups)))
    ordered = sorted(groups.values(), key=lambda group: _order(group[0]))
    return [_row(f"{mark}{place:0{width}}", group) for place, group in enumerate(ordered, start=1)]


def _order(row: Row) -> tuple[str, str, int, str]:
    """By kind and unit, the second building before the tenth."""
    where = building(row)
    number = re.search(r"\d+", where)
    return (str(row["kind"]), str(row["unit"]), int(number[0]) if number else 0, where)


def _mark(rows: Sequence[Row]) -> str:
    """What the codes of such rows begin with: nothing on the register begins so."""
    mark, codes = "汇总-", [str(row["code"]) for row in rows]
    while any(code.startswith(mark) for code in codes):
        mark = f"汇{mark}"
    return mark


def _row(code: str, group: Sequence[Row]) -> dict[str, Any]:
    first, units = group[0], {row["unit"] for row in group}
    alike = len(units) == 1
    owner, owner_name = _same(group, "owner"), _same(group, "owner_name")
    return {
        "code": code,
        "kind": first["kind"],
        "kind_name": first["kind_name"],
        "name": f"{first['kind_name']}（{len(group):,} 项）",
        "location": _where(group),
        "quantity": sum((row["quantity"] for row in group), Decimal(0)) if alike else Decimal(len(group)),
        "unit": first["unit"] if alike else "项",
        "owner": owner,
        "owner_name": owner_name,
        "state": _same(group, "state"),
        "state_name": _states(group),
        "next_due": min((row["next_due"] for row in group if row.get("next_due")), default=None),
        "items": len(group),
    }


def _same(group: Iterable[Row], name: str) -> str:
    """What all of them say, or nothing."""
    found = {str(row.get(name) or "") for row in group}
    return found.pop() if len(found) == 1 else ""


def _where(group: Sequence[Row]) -> str:
    places = list(dict.fromkeys(building(row) or str(row.get("location") or "") or "未注明" for row in group))
    return places[0] if len(places) == 1 else f"{places[0]}等 {len(places):,} 处"


def _states(group: Iterable[Row]) -> str:
    """在用 4,990、待修 10; one word where all are alike."""
    counts: dict[str, int] = {}
    for row in group:
        counts[row["state_name"]] = counts.get(row["state_name"], 0) + 1
    if len(counts) == 1:
        return next(iter(counts))
    most_first = sorted(counts.items(), key=lambda each: -each[1])
    return "、".join(f"{name} {count:,} 项" for name, count in most_first)
