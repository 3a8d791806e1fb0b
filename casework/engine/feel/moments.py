"""Dates, times and durations from and to their ISO text (DMN 1.3 clauses 10.3.2.3.4–10.3.2.3.8, 10.3.4.1).

Python's calendar holds the years 1–9999 and microseconds; texts beyond that have no value here.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from casework.engine.values import Months

_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)", re.ASCII)
_TIME = re.compile(
    r"(\d\d):(\d\d):(\d\d)(?:\.(\d{1,12}))?(?:([Zz])|([+-])(\d\d):(\d\d)(?::(\d\d))?|@([A-Za-z0-9_+/-]{1,60}))?",
    re.ASCII,
)
_DAYS = re.compile(
    r"(-)?P(?:(\d{1,10})D)?(?:T(?=\d)(?:(\d{1,12})H)?(?:(\d{1,12})M)?(?:(\d{1,14})(?:\.(\d{1,12}))?S)?)?",
    re.ASCII,
)
_MONTHS = re.compile(r"(-)?P(?:(\d{1,10})Y)?(?:(\d{1,10})M)?", re.ASCII)


def literal(text: str) -> Any:
    """The value of @"…": the first of date, date and time, time, duration that the text is; else None."""
    for read in (read_date, read_moment, read_time, read_duration):
        if (value := read(text)) is not None:
            return value
    return None


def read_date(text: str) -> date | None:
    """2026-01-31."""
    match = _DATE.fullmatch(text)
    try:
        return date(*map(int, match.groups())) if match else None
    except ValueError:
        return None


def read_time(text: str) -> time | None:
    """10:30:00, with Z, +08:00, @Asia/Shanghai or nothing behind it; ISO 8601's T may stand before it."""
    match = _TIME.fullmatch(text.removeprefix("T"))
    if match is None:
        return None
    hour, minute, second, fraction = match.group(1, 2, 3, 4)
    try:
        zone = _zone(match)
        return time(int(hour), int(minute), int(second), _micro(fraction), zone)
    except (ValueError, OSError, KeyError):  # no such time, or no such zone
        return None


def read_moment(text: str) -> datetime | None:
    """2026-01-31T10:30:00, with a zone or without."""
    day, sign, clock = text.partition("T")
    on = read_date(day)
    at = read_time(clock) if sign and not clock.startswith("T") else None
    return datetime.combine(on, at) if on is not None and at is not None else None


def read_duration(text: str) -> timedelta | Months | None:
    """P1DT2H30M, or P1Y2M."""
    try:
        if (match := _MONTHS.fullmatch(text)) and any(match.groups()[1:]):
            count = int(match[2] or 0) * 12 + int(match[3] or 0)
            return Months(-count if match[1] else count)
        if (match := _DAYS.fullmatch(text)) and any(match.groups()[1:]):
            days, hours, minutes, seconds = (int(part or 0) for part in match.group(2, 3, 4, 5))
            length = timedelta(days, seconds, _micro(match[6]), 0, minutes, hours)
            return -length if match[1] else length
    except OverflowError:
        return None
    return None


def zone_named(name: str) -> tzinfo | None:
    """The zone of a name as in Asia/Shanghai; None: there is none."""
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return None


def _micro(fraction: str | None) -> int:
    return int((fraction or "0")[:6].ljust(6, "0"))


def _zone(match: re.Match[str]) -> tzinfo | None:
    if match[5]:
        return UTC
    if match[10]:
        return ZoneInfo(match[10])
    if not match[6]:
        return None
    length = timedelta(hours=int(match[7]), minutes=int(match[8]), seconds=int(match[9] or 0))
    if length > timedelta(hours=18) or int(match[8]) > 59:
        raise ValueError("no such offset")
    return timezone(-length if match[6] == "-" else length)


def text(value: date | time | timedelta) -> str:
    """As FEEL's string() prints it: no zero fraction, Z for UTC, @zone for a named zone."""
    if isinstance(value, timedelta):
        return _duration_text(value)
    if not isinstance(value, datetime | time):
        return value.isoformat()
    plain = value.replace(tzinfo=None).isoformat()
    plain = plain.rstrip("0") if "." in plain else plain
    if value.tzinfo is None:
        return plain
    if isinstance(value.tzinfo, ZoneInfo):
        return f"{plain}@{value.tzinfo.key}"
    offset = value.utcoffset() or timedelta(0)
    return plain + (_offset_text(offset) if offset else "Z")


def _offset_text(offset: timedelta) -> str:
    seconds = abs(int(offset.total_seconds()))
    hours, minutes, rest = seconds // 3600, seconds // 60 % 60, seconds % 60
    sign = "-" if offset < timedelta(0) else "+"
    return f"{sign}{hours:02}:{minutes:02}" + (f":{rest:02}" if rest else "")


def _duration_text(value: timedelta) -> str:
    length = abs(value)
    hours, minutes, seconds = length.seconds // 3600, length.seconds // 60 % 60, length.seconds % 60
    fraction = f"{seconds}.{length.microseconds:06}".rstrip("0") if length.microseconds else str(seconds)
    clock = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "")
    clock += f"{fraction}S" if fraction != "0" else ""
    days = f"{length.days}D" if length.days else ""
    if not days and not clock:
        return "PT0S"
    return ("-P" if value < timedelta(0) else "P") + days + (f"T{clock}" if clock else "")
