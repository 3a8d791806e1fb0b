"""Items and stamps as the rows of a form: one row an item, one cell a party (配套设施验收确认书)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

#: What stands in a cell of the form.
VERDICTS = {"confirm": "确认", "condition": "有条件确认", "refuse": "不予确认"}


def matrix(items: Sequence[Mapping[str, Any]], stamps: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rows for a template: the item's own answers, `index`, and `stamps.<party>.verdict / person / on`.

    `items` carry their `key` and the Chinese labels of their options; `stamps` name `item` and `party`.
    """
    found: dict[str, dict[str, Any]] = {}
    for stamp in stamps:
        words = VERDICTS.get(str(stamp.get("verdict")), stamp.get("verdict"))
        found.setdefault(str(stamp["item"]), {})[str(stamp["party"])] = {**stamp, "verdict": words}
    return [
        {**item, "index": index, "stamps": found.get(str(item.get("key")), {})}
        for index, item in enumerate(items, 1)
    ]
