"""Conversion and boolean functions (DMN 1.3 tables 72 and 73)."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any

from casework.engine.feel import exact, moments, operators, reckoning
from casework.engine.feel.builtins.signature import Table, define
from casework.engine.feel.scope import Null, Routine, Run
from casework.engine.values import Months, Range

FUNCTIONS: Table = {}

_NUMBER = re.compile(r"[+-]?(?:\d{1,400}(?:\.\d{0,400})?|\.\d{1,400})(?:[eE][+-]?\d{1,5})?", re.ASCII)


def _no(zh: str, en: str, value: Any) -> Null:
    shown = str(value)[:40]
    return Null(f"“{shown}”不是有效的{zh}", f"“{shown}” is no {en}")


def _whole(value: Any) -> int:
    found = exact.whole(value)
    if found is None or abs(found) > 10**9:
        raise Null("应为整数", "a whole number is needed")
    return found


@define(FUNCTIONS, "date", "from: any")
def to_date(run: Run, source: Any) -> date:
    if type(source) is datetime:
        return source.date()
    if type(source) is date:
        return source
    if type(source) is str and (found := moments.read_date(source)):
        return found
    raise _no("日期", "date", source if type(source) is str else "…")


@define(FUNCTIONS, "date", "year: number, month: number, day: number")
def date_of(run: Run, year: Any, month: Any, day: Any) -> date:
    try:
        return date(_whole(year), _whole(month), _whole(day))
    except (ValueError, OverflowError):
        raise Null("没有这一天", "there is no such day") from None


@define(FUNCTIONS, "date and time", "from: any")
def to_moment(run: Run, source: Any) -> datetime:
    if type(source) is datetime:
        return source
    if type(source) is date:
        return datetime.combine(source, time())
    if type(source) is str:
        if found := moments.read_moment(source):
            return found
        if day := moments.read_date(source):
            return datetime.combine(day, time())
    raise _no("日期时间", "date and time", source if type(source) is str else "…")


@define(FUNCTIONS, "date and time", "date: date, time: time")
def moment_of(run: Run, day: date, clock: time) -> datetime:
    return datetime.combine(day, clock)


@define(FUNCTIONS, "date and time", "date: date, timezone: string")
def moment_in(run: Run, day: date, zone: str) -> datetime:
    found = moments.zone_named(zone)
    if found is None or type(day) is not datetime:
        raise _no("时区", "time zone", zone)
    return day.astimezone(found) if day.tzinfo else day.replace(tzinfo=found)


@define(FUNCTIONS, "time", "from: any")
def to_time(run: Run, source: Any) -> time:
    if type(source) is time:
        return source
    if type(source) is datetime:
        return source.timetz()
    if type(source) is date:
        return time(tzinfo=UTC)
    if type(source) is str and (found := moments.read_time(source)):
        return found
    raise _no("时间", "time", source if type(source) is str else "…")


@define(FUNCTIONS, "time", "hour: number, minute: number, second: number, offset: duration?")
def time_of(run: Run, hour: Any, minute: Any, second: Any, offset: Any = None) -> time:
    seconds = Decimal(second)
    if not 0 <= seconds < 60:
        raise Null("没有这一时间", "there is no such time")
    micro = int(seconds * 1_000_000) % 1_000_000
    try:
        zone = timezone(offset) if type(offset) is timedelta else None
        return time(_whole(hour), _whole(minute), int(seconds), micro, zone)
    except ValueError:
        raise Null("没有这一时间", "there is no such time") from None


@define(FUNCTIONS, "number", "from: any, grouping separator: string?, decimal separator: string?")
def to_number(run: Run, source: Any, grouping: str | None = None, point: str | None = None) -> Any:
    if exact.is_number(source):
        return source
    signs = (
        grouping in (None, " ", ",", "."),
        point in (None, ",", "."),
        grouping is None or grouping != point,
    )
    if type(source) is not str or not all(signs):
        raise _no("数值", "number", source if type(source) is str else "…")
    run.characters(len(source))
    plain = source.replace(grouping, "") if grouping else source
    plain = plain.replace(point, ".") if point else plain
    if not _NUMBER.fullmatch(plain):
        raise _no("数值", "number", source)
    return exact.literal(plain)


@define(FUNCTIONS, "string", "from: any")
def to_string(run: Run, source: Any) -> str | None:
    return None if source is None else as_text(source, run)


def as_text(value: Any, run: Run, *, inside: bool = False) -> str:
    """How a value is written: at top level a string is itself, inside a list or context it is quoted."""
    text = _plain(value, run, inside=inside)
    run.characters(len(text))
    return text


def _plain(value: Any, run: Run, *, inside: bool) -> str:
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"' if inside else value
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if exact.is_number(value):
        return exact.text(value)
    if isinstance(value, date | time | timedelta):
        return moments.text(value)
    if isinstance(value, Months):
        return str(value)
    return _nested(value, run)


def _nested(value: Any, run: Run) -> str:
    if isinstance(value, list):
        return "[" + _joined((as_text(item, run, inside=True) for item in value), run) + "]"
    if isinstance(value, dict):
        return (
            "{"
            + _joined((f"{key}: {as_text(item, run, inside=True)}" for key, item in value.items()), run)
            + "}"
        )
    if isinstance(value, Range):
        low = "" if value.low is None else as_text(value.low, run, inside=True)
        high = "" if value.high is None else as_text(value.high, run, inside=True)
        return f"{'[' if value.low_closed else '('}{low}..{high}{']' if value.high_closed else ')'}"
    if isinstance(value, Routine):
        return "function"
    raise Null("此类值没有文本形式", "such a value has no text")


def _joined(parts: Any, run: Run) -> str:
    found, length = [], 0
    for part in parts:
        length += len(part) + 2
        run.characters(length)
        found.append(part)
    return ", ".join(found)


@define(FUNCTIONS, "duration", "from: any")
def to_duration(run: Run, source: Any) -> timedelta | Months:
    if isinstance(source, timedelta | Months):
        return source
    found = moments.read_duration(source) if type(source) is str else None
    if found is None:
        raise _no("时长", "duration", source if type(source) is str else "…")
    return found


@define(FUNCTIONS, "years and months duration", "from: date, to: date")
def months_between(run: Run, start: date, end: date) -> Months:
    """Whole months from one day to the other; an unfinished month does not count."""
    count = (end.year - start.year) * 12 + end.month - start.month
    if count > 0 and end.day < start.day:
        count -= 1
    elif count < 0 and end.day > start.day:
        count += 1
    return Months(count)


@define(FUNCTIONS, "not", "negand: any")
def negated(run: Run, negand: Any) -> bool | None:
    return not negand if type(negand) is bool else None


@define(FUNCTIONS, "is", "value1: any, value2: any")
def identical(run: Run, value1: Any, value2: Any) -> bool:
    """The same element of the value space: also the same zone (DMN 1.3 table 73)."""
    if operators.family(value1) is not operators.family(value2):
        return False
    if isinstance(value1, time | datetime) and reckoning.offset(value1) != reckoning.offset(value2):
        return False
    return operators.alike(value1, value2, run)
