"""How the archive writes things down: JSON with exact numbers, XML of the same, moments of the office."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape

from casework import clock
from casework.engine import values


def moment(value: datetime | None) -> str | None:
    """A moment in the office's time."""
    return clock.local(value).isoformat(timespec="microseconds") if value else None


def columns(one: Any, names: Iterable[str]) -> dict[str, Any]:
    """Some columns of a row; moments in the office's time."""
    found = {name: getattr(one, name) for name in names}
    return {k: moment(value) if isinstance(value, datetime) else value for k, value in found.items()}


def plain(value: Any) -> bytes:
    """JSON for people to read."""
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()


def rows(name: str, rows: Iterable[Any]) -> bytes:
    """A list under a name, one row a line, with exact numbers."""
    lines = ",\n".join(values.dumps(values.feel(row)) for row in rows)
    return f'{{"{name}":[\n{lines}\n]}}\n'.encode()


def lines(rows: Iterable[Mapping[str, Any]]) -> bytes:
    """A row of JSON a line."""
    return "".join(json.dumps(dict(row), ensure_ascii=False) + "\n" for row in rows).encode()


def xml(about: Mapping[str, Any]) -> bytes:
    """The same as XML: a member is an element, a member of a list an <item>."""
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<case>\n{"".join(_elements(about, 1))}</case>\n'.encode()


def _elements(part: Any, depth: int) -> Iterator[str]:
    pairs = part.items() if isinstance(part, Mapping) else (("item", one) for one in part)
    for name, value in pairs:
        pad = " " * depth
        if isinstance(value, Mapping | list):
            yield f"{pad}<{name}>\n{''.join(_elements(value, depth + 1))}{pad}</{name}>\n"
        elif value is not None:
            yield f"{pad}<{name}>{escape(str(value))}</{name}>\n"
