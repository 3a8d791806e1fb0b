"""When a timer is due: ISO 8601 texts and FEEL values, counted from a given moment, in the office's time
zone.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from casework.engine.script import Failure
from casework.engine.values import Months

SHANGHAI = ZoneInfo("Asia/Shanghai")
FOREVER = -1

_DURATION = re.compile(
    r"P(?=.)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?=.)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:[.,]\d+)?)S)?)?"
)
_CYCLE = re.compile(r"R(\d*)/(?:([^/]+)/)?(P[^/]+)")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class Interval:
    """A duration whose months are calendar months and whose rest is exact."""

    months: int = 0
    rest: timedelta = timedelta()

    def after(self, moment: datetime) -> datetime:
        """Give the moment one interval later; 31 January and a month is the last of February, office time."""
        local = moment.astimezone(SHANGHAI)
        year, month = divmod(local.year * 12 + local.month - 1 + self.months, 12)
        try:
            day = min(local.day, monthrange(year, month + 1)[1])
            return (local.replace(year=year, month=month + 1, day=day) + self.rest).astimezone(UTC)
        except (ValueError, OverflowError) as error:
            raise Failure("期限超出可表示的日期范围。", "The time lies beyond all calendars.") from error


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a timer fires next (UTC), how often still (-1: for ever), and how long lies between."""

    due: datetime
    left: int = 1
    every: Interval | None = None

    def following(self, now: datetime) -> Schedule | None:
        """Give what remains after firing at `now`. What was missed while nobody looked is not made up for."""
        left = self.left if self.left == FOREVER else self.left - 1
        if self.every is None or left == 0:
            return None
        due = self.every.after(self.due)
        if due <= now and not self.every.months:
            due += (now - due) // self.every.rest * self.every.rest + self.every.rest
        while due <= now:
            due = self.every.after(due)
        return replace(self, due=due, left=left)


def schedule(value: Any, now: datetime, told: str) -> Schedule:
    """Read what a timer's expression gave: duration, date (its 24:00), date-time, or ISO text, also R3/PT1H.

    `told` is the expression as drawn, for the sentence. Raises Failure.
    """
    if isinstance(value, str):
        return _text(value.strip(), now, told)
    if isinstance(value, datetime):
        return Schedule(utc(value))
    if isinstance(value, date):
        return Schedule(utc(datetime.combine(value, time())) + timedelta(days=1))
    if isinstance(value, timedelta):
        return Schedule(Interval(rest=value).after(now))
    if isinstance(value, Months):
        return Schedule(Interval(value.count).after(now))
    raise Failure(
        "定时的结果不是日期、时刻或期间。", "The timer gives neither a date nor a time nor a duration.", told
    )


def interval(text: str) -> Interval | None:
    """Read an ISO duration, weeks included; None when it is none."""
    match = _DURATION.fullmatch(text.upper())
    if match is None:
        return None
    years, months, weeks, days, hours, minutes = (int(part or 0) for part in match.groups()[:6])
    seconds = float((match[7] or "0").replace(",", "."))
    try:
        rest = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    except OverflowError:
        return None
    return Interval(years * 12 + months, rest)


def _text(text: str, now: datetime, told: str) -> Schedule:
    if text[:1] in {"R", "r"}:
        return _cycle(text, now, told)
    if found := interval(text):
        return Schedule(found.after(now))
    try:
        if DAY.fullmatch(text):
            return schedule(date.fromisoformat(text), now, told)
        return Schedule(utc(datetime.fromisoformat(text)))
    except ValueError:
        raise Failure(
            f"“{text}”不是日期、时刻或期间。", f"“{text}” is neither a date nor a time nor a duration.", told
        ) from None


def _cycle(text: str, now: datetime, told: str) -> Schedule:
    match = _CYCLE.fullmatch(text.upper())
    every = interval(match[3]) if match else None
    endless = every is None or (not every.months and every.rest <= timedelta())
    if match is None or every is None or endless or match[1] == "0":
        raise Failure(f"“{text}”不是有效的周期（如 R3/P1D）。", f"“{text}” is no cycle such as R3/P1D.", told)
    first = _text(match[2], now, told).due if match[2] else every.after(now)
    return Schedule(first, int(match[1]) if match[1] else FOREVER, every)


def utc(moment: datetime) -> datetime:
    """A time without a zone is the office's (SpiffWorkflow takes the server's, fixed at import)."""
    return (moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)).astimezone(UTC)
