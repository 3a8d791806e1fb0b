"""Two answers to one form, question by question: what was changed between them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest

from casework.forms.messages import around
from casework.forms.table import Line, Part

#: Of longer texts only what differs is said, with a little around it.
LONG, AROUND = 160, 24


@dataclass(frozen=True)
class Change:
    """One question, or one row of a list, before and after; a dash where there was or is none."""

    label: str
    before: str
    after: str


def changes(before: Sequence[Part], after: Sequence[Part], lang: str) -> list[Change]:
    """What is not the same, in the order of the form."""
    one, other = _lines(before), _lines(after)
    order = {line.key: None for part in (*after, *before) for line in part.lines}
    none, found = around("none", lang), list[Change]()
    for key in order:
        old, new = one.get(key), other.get(key)
        line = new or old
        if line is None or (old and new and _same(old, new)):
            continue
        if line.columns:
            found += _rows(old, new, line.label, lang)
        else:
            pair = _narrowed(old.value if old else none, new.value if new else none)
            found.append(Change(line.label, *pair))
    return found


def _lines(parts: Sequence[Part]) -> dict[str, Line]:
    return {line.key: line for part in parts for line in part.lines}


def _same(old: Line, new: Line) -> bool:
    """Files are the same by what was sent, not by their names."""
    return (old.value, old.files, old.columns, old.rows) == (new.value, new.files, new.columns, new.rows)


def _rows(old: Line | None, new: Line | None, label: str, lang: str) -> Iterator[Change]:
    """A row that stands in both is no change, wherever it stands; one that was changed says what in it."""
    one, other = _told(old), _told(new)
    match = SequenceMatcher(None, [tuple(row.items()) for row in one], [tuple(row.items()) for row in other])
    colon = "：" if lang == "zh" else ": "
    for what, a, b, c, d in match.get_opcodes():
        if what == "equal":
            continue
        for was, now in zip_longest(one[a:b], other[c:d]):
            name = next(iter((now or was or {"": ""}).values()))
            yield Change(f"{label}{colon}{name}", _cells(was, now, lang), _cells(now, was, lang))


def _told(line: Line | None) -> list[dict[str, str]]:
    """The rows of a list with what each of their cells is called."""
    if line is None:
        return []
    return [dict(zip((head for head, _figure in line.columns), row, strict=True)) for row in line.rows]


def _cells(row: Mapping[str, str] | None, other: Mapping[str, str] | None, lang: str) -> str:
    """What of a row is not so in the other one."""
    none, colon = around("none", lang), "：" if lang == "zh" else ": "
    if row is None:
        return none
    said = [
        f"{head}{colon}{text}"
        for head, text in row.items()
        if text != (other or {}).get(head, "" if other else none)
    ]
    return "\n".join(said) or none


def _narrowed(before: str, after: str) -> tuple[str, str]:
    """Of two long texts the part that differs."""
    if max(len(before), len(after)) <= LONG:
        return before, after
    start = _shared(before, after)
    end = _shared(before[start:][::-1], after[start:][::-1])
    return _around(before, start, end), _around(after, start, end)


def _shared(one: str, other: str) -> int:
    """How many characters both begin with."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, (a, b) in pairs if a != b), min(len(one), len(other)))


def _around(text: str, start: int, end: int) -> str:
    first, last = max(start - AROUND, 0), min(len(text) - end + AROUND, len(text))
    return ("…" if first else "") + text[first:last] + ("…" if last < len(text) else "")
