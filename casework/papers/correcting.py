"""What may be put right in an issued paper: the blanks it prints, one by one, each in its own kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from casework.errors import NotYet
from casework.papers import blanks
from casework.papers.model import Kind, Paper
from casework.words import Words, _

#: What a paper says of itself and of its office is not typed.
OWN = ("paper", "office", "case", "deadlines", "parties", "profile", "district")
LONGEST = 5000


@dataclass(frozen=True)
class Blank:
    """One blank of the paper and what it says now, as it would be typed."""

    path: str
    value: Any

    @property
    def typed(self) -> str:
        """As a person types it: a day as 2026-03-02, a number in full."""
        return str(self.value)

    @property
    def long(self) -> bool:
        """Whether it takes more than a line."""
        return len(self.typed) > 60 or "\n" in self.typed


def correctable(paper: Paper, kind: Kind) -> list[Blank]:
    """The blanks with a text, a day or a number, in the order of their names."""
    fields = sorted(blanks.read(kind.docx).fields)
    return [Blank(path, value) for path, value in _said(paper, fields) if _plain(value)]


def _said(paper: Paper, fields: list[str]) -> Iterator[tuple[str, Any]]:
    for path in fields:
        value: Any = paper.data
        for name in path.split("."):
            value = value.get(name) if isinstance(value, Mapping) else None
        if path.split(".")[0] not in OWN:
            yield path, value


def _plain(value: Any) -> bool:
    return isinstance(value, str | date | Decimal | int) and not isinstance(value, bool)


def corrected(
    paper: Paper, kind: Kind, typed: Mapping[str, str], names: Mapping[str, Words]
) -> tuple[dict[str, Any], dict[str, list[Any]]]:
    """What the new paper says, and what has changed: path → before and after; NotYet for a bad day."""
    data = {k: deepcopy(v) for k, v in paper.data.items() if k not in {"paper", "office"}}
    changes: dict[str, list[Any]] = {}
    for blank in correctable(paper, kind):
        text = typed.get(blank.path, blank.typed).replace("\r\n", "\n").strip()
        value = _read(text, blank.value, names.get(blank.path, blank.path))
        if value != blank.value:
            changes[blank.path] = [blank.value, value]
            _put(data, blank.path.split("."), value)
    return data, changes


def _read(text: str, before: Any, name: Words) -> Any:
    if len(text) > LONGEST:
        says = _("“%(name)s”最多 %(most)s 个字，现为 %(n)s 个字。", name=name, most=LONGEST, n=len(text))
        raise NotYet(says)
    if isinstance(before, str):
        return text
    try:
        return date.fromisoformat(text) if isinstance(before, date) else Decimal(text)
    except (ValueError, InvalidOperation):
        if isinstance(before, date):
            says = _("“%(name)s”应为日期，例如 2026-03-02，现为“%(text)s”。", name=name, text=text)
        else:
            says = _("“%(name)s”应为数字，现为“%(text)s”。", name=name, text=text)
        raise NotYet(says) from None


def _put(data: dict[str, Any], path: list[str], value: Any) -> None:
    for name in path[:-1]:
        data = data[name]
    data[path[-1]] = value
