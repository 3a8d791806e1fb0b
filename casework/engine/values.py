"""The values of the office's expression language (FEEL, DMN 1.3 clause 10.3.2.3), and their exact JSON text.

A number is an int or a `Decimal`, a days and time duration a `timedelta`, a years and months duration
`Months`, a range `Range`, a context a dict with text keys; text, truth, null, date, list are Python's own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

#: Nesting of lists and contexts that is stored; forms and tables need four or five.
MAX_DEPTH = 100
#: DMN 1.3 clause 10.3.2.3.1: numbers have 34 decimal digits.
DIGITS = 34
_EXACT = 10**DIGITS


@dataclass(frozen=True, slots=True, order=True)
class Months:
    """A years and months duration, in whole months; negative runs backwards."""

    count: int

    def __str__(self) -> str:
        """ISO 8601: P1Y2M, -P3M, P0M."""
        years, months = divmod(abs(self.count), 12)
        text = (f"{years}Y" if years else "") + (f"{months}M" if months or not years else "")
        return ("-P" if self.count < 0 else "P") + text


@dataclass(frozen=True, slots=True)
class Range:
    """From `low` to `high`; None at one side: no bound there. Closed: the end itself belongs to it."""

    low: Any
    high: Any
    low_closed: bool = True
    high_closed: bool = True


def number(value: Decimal) -> int | Decimal:
    """The plainest form of a number: an int where it is whole, no zeros at its end (1.0 → 1, 2.50 → 2.5)."""
    if not value.is_finite():
        raise ValueError("not a finite number")
    if not value:
        return 0
    if -1 <= value.adjusted() < DIGITS:
        whole = value.to_integral_value()
        if whole == value:
            return int(whole)
    return value.normalize() if len(value.as_tuple().digits) <= DIGITS - 6 else value


def feel(value: Any) -> Any:
    """Any plain Python value as a FEEL value: floats exactly as printed, tuples as lists, at every depth.

    Raises TypeError for what FEEL has no value for, ValueError for infinities and nesting over `MAX_DEPTH`.
    """
    return _walk(value, MAX_DEPTH, _as_value)


def dumps(value: Any) -> str:
    """Exact JSON text of a FEEL value. Raises TypeError, ValueError as `feel` does."""
    plain = _walk(value, MAX_DEPTH, _as_json, escape=True)
    text = _WRITER.encode(plain)
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:  # half a surrogate pair: typed by nobody, sent by somebody
            return json.dumps(plain, separators=(",", ":"))
    return text


def loads(text: str) -> Any:
    """The value whose text `dumps` gave; also reads any other JSON (its fractions become Decimals)."""
    return (_TAGGED_READER if '"@' in text else _READER).decode(text)


def zoned(moment: datetime | time) -> str:
    """ISO text that keeps a named zone: 10:00:00@Asia/Shanghai."""
    if isinstance(moment.tzinfo, ZoneInfo) and moment.tzinfo.key != "UTC":
        return f"{moment.isoformat()}@{moment.tzinfo.key}"
    return moment.isoformat()


def _walk(value: Any, depth: int, leaf: Callable[[Any], Any], *, escape: bool = False) -> Any:
    kind = type(value)
    if kind is str or value is None or kind is bool or (kind is int and -_EXACT < value < _EXACT):
        return value
    if depth < 0:
        raise ValueError("nested too deeply")
    if kind is int:
        return leaf(value)
    if kind is dict or isinstance(value, Mapping):
        return {
            _key(key, escape=escape): item
            if type(item) is str
            else _walk(item, depth - 1, leaf, escape=escape)
            for key, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [item if type(item) is str else _walk(item, depth - 1, leaf, escape=escape) for item in value]
    return leaf(value)


def _key(key: Any, *, escape: bool) -> str:
    if not isinstance(key, str):
        raise TypeError(f"a context's key must be text, not {type(key).__name__}")
    return "@" + key if escape and key[:1] == "@" else str(key)


def _as_value(value: Any) -> Any:
    if isinstance(value, float):
        return number(Decimal(repr(value)))
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise ValueError("not a finite number")
        return value
    if isinstance(value, Range):
        return Range(feel(value.low), feel(value.high), value.low_closed, value.high_closed)
    if isinstance(value, str):
        return str(value)
    if isinstance(value, int | date | time | timedelta | Months):
        return value
    raise TypeError(f"no FEEL value: {type(value).__name__}")


def _as_json(value: Any) -> Any:
    if isinstance(value, float | Decimal):
        exact = number(Decimal(repr(value)) if isinstance(value, float) else value)
        return exact if isinstance(exact, int) else {"@n": str(exact)}
    if isinstance(value, int):
        return value if -_EXACT < value < _EXACT else {"@n": str(Decimal(value))}
    if isinstance(value, str):
        return str(value)
    if isinstance(value, Range):
        ends = [_walk(end, MAX_DEPTH, _as_json, escape=True) for end in (value.low, value.high)]
        return {"@r": [*ends, value.low_closed, value.high_closed]}
    return _time_as_json(value)


def _time_as_json(value: Any) -> dict[str, Any]:
    if isinstance(value, datetime):
        return {"@dt": zoned(value)}
    if isinstance(value, date):
        return {"@d": value.isoformat()}
    if isinstance(value, time):
        return {"@t": zoned(value)}
    if isinstance(value, timedelta):
        return {"@td": [value.days, value.seconds, value.microseconds]}
    if isinstance(value, Months):
        return {"@m": value.count}
    raise TypeError(f"no FEEL value: {type(value).__name__}")


_ZONED = re.compile(r"([^@]+)@(.+)")


def _moment(text: str) -> datetime:
    if match := _ZONED.fullmatch(text):
        offset = datetime.fromisoformat(match[1])
        try:
            return offset.astimezone(ZoneInfo(match[2])) if offset.tzinfo else offset
        except ZoneInfoNotFoundError:  # stored on a machine that knew the zone: the offset still says when
            return offset
    return datetime.fromisoformat(text)


def _clock(text: str) -> time:
    if match := _ZONED.fullmatch(text):
        return time.fromisoformat(match[1]).replace(tzinfo=ZoneInfo(match[2]))
    return time.fromisoformat(text)


def _whole(text: str) -> int | Decimal:
    try:
        exact = Decimal(text)
    except InvalidOperation:
        raise ValueError(f"no number: {text[:40]!r}") from None
    return int(exact) if exact.as_tuple().exponent == 0 and exact.adjusted() < 4000 else exact


_TAGS: dict[str, Callable[[Any], Any]] = {
    "@n": _whole,
    "@d": date.fromisoformat,
    "@t": _clock,
    "@dt": _moment,
    "@td": lambda parts: timedelta(*parts),
    "@m": Months,
    "@r": lambda parts: Range(*parts),
}


def _untagged(found: dict[str, Any]) -> Any:
    if len(found) == 1:
        ((key, value),) = found.items()
        if key in _TAGS:
            return _TAGS[key](value)
    return {key[1:] if key[:1] == "@" else key: value for key, value in found.items()}


#: Made once: `json.dumps` and `json.loads` make their own for every text with such wishes.
_WRITER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_READER = json.JSONDecoder(parse_float=Decimal)
_TAGGED_READER = json.JSONDecoder(parse_float=Decimal, object_hook=_untagged)
