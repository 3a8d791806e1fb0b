"""Reckoning with dates, times and durations (DMN 1.3 tables 52–55) and their properties (table 65)."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from casework.engine.feel import exact
from casework.engine.values import Months

_DAY = timedelta(days=1)
_MICRO = timedelta(microseconds=1)


def plus_months(day: Any, by: Months) -> Any:
    """The same day so many months on, or the month's last (31 January + P1M = 28 February)."""
    years, month = divmod(day.year * 12 + day.month - 1 + by.count, 12)
    if not 1 <= years <= 9999:
        raise OverflowError
    return day.replace(year=years, month=month + 1, day=min(day.day, monthrange(years, month + 1)[1]))


def plus(moment: datetime, by: timedelta) -> datetime:
    """Elapsed time, also across a change of summer time."""
    if isinstance(moment.tzinfo, ZoneInfo):
        return (moment.astimezone(UTC) + by).astimezone(moment.tzinfo)
    return moment + by


def _day_plus(day: date, by: timedelta) -> date:
    """A date counts as its midnight; the result is a date again (clause 10.3.2.13, note to table 53)."""
    return (datetime.combine(day, time()) + by).date()


def _minus_months(day: Any, by: Months) -> Any:
    return plus_months(day, Months(-by.count))


def elapsed(a: datetime | date, b: datetime | date) -> timedelta:
    """A - b; a date counts as midnight UTC beside a moment with a zone."""
    return _midnight(a, b) - _midnight(b, a)


def _midnight(value: datetime | date, other: datetime | date) -> datetime:
    if isinstance(value, datetime):
        return value.astimezone(UTC) if value.tzinfo else value
    zone = UTC if isinstance(other, datetime) and other.tzinfo else None
    return datetime.combine(value, time(), zone)


def of_day(clock: time) -> timedelta:
    """Since midnight, in UTC if the time has an offset."""
    length = timedelta(
        hours=clock.hour, minutes=clock.minute, seconds=clock.second, microseconds=clock.microsecond
    )
    return length - (offset(clock) or timedelta(0))


def offset(value: Any) -> timedelta | None:
    """The distance from UTC; a time in a named zone has that of 1970 (a zone needs a date)."""
    if value.tzinfo is not None and isinstance(value, time):
        return datetime.combine(date(1970, 1, 1), value).utcoffset()
    length: timedelta | None = value.utcoffset() if isinstance(value, datetime) else None
    return length


def same(a: Any, b: Any) -> bool:
    """Equal moments, equal times; with a zone and without are never equal (clause 10.3.2.3.5)."""
    if (a.tzinfo is None) is not (b.tzinfo is None):
        return False
    return of_day(a) == of_day(b) if isinstance(a, time) else bool(a == b)


def _clock_plus(clock: time, by: timedelta) -> time:
    start = datetime.combine(date(2000, 1, 1), clock.replace(tzinfo=None))
    return (start + by % _DAY).time().replace(tzinfo=clock.tzinfo)


def _clock_minus(a: time, b: time) -> timedelta:
    if (a.tzinfo is None) is not (b.tzinfo is None):
        raise TypeError
    return of_day(a) - of_day(b)


def _times(length: timedelta, factor: int | Decimal) -> timedelta:
    product = exact.multiply(length // _MICRO, factor)
    return timedelta(microseconds=_rounded(product))


def _over(length: timedelta, divisor: int | Decimal) -> timedelta:
    return timedelta(microseconds=_rounded(exact.divide(length // _MICRO, divisor)))


def _rounded(value: int | Decimal) -> int:
    if not -(10**20) < value < 10**20:
        raise OverflowError
    return int(value)


def _ratio(a: timedelta, b: timedelta) -> int | Decimal:
    return exact.divide(a // _MICRO, b // _MICRO)


#: Operator, kind of the left, kind of the right → what it does.
ARITHMETIC: Mapping[tuple[str, type, type], Callable[[Any, Any], Any]] = {
    ("+", timedelta, timedelta): lambda a, b: a + b,
    ("-", timedelta, timedelta): lambda a, b: a - b,
    ("+", Months, Months): lambda a, b: Months(a.count + b.count),
    ("-", Months, Months): lambda a, b: Months(a.count - b.count),
    ("+", date, timedelta): _day_plus,
    ("+", timedelta, date): lambda a, b: _day_plus(b, a),
    ("-", date, timedelta): lambda a, b: _day_plus(a, -b),
    ("+", datetime, timedelta): plus,
    ("+", timedelta, datetime): lambda a, b: plus(b, a),
    ("-", datetime, timedelta): lambda a, b: plus(a, -b),
    ("+", time, timedelta): _clock_plus,
    ("+", timedelta, time): lambda a, b: _clock_plus(b, a),
    ("-", time, timedelta): lambda a, b: _clock_plus(a, -b),
    ("+", date, Months): plus_months,
    ("+", Months, date): lambda a, b: plus_months(b, a),
    ("-", date, Months): _minus_months,
    ("+", datetime, Months): plus_months,
    ("+", Months, datetime): lambda a, b: plus_months(b, a),
    ("-", datetime, Months): _minus_months,
    ("-", date, date): elapsed,
    ("-", datetime, datetime): elapsed,
    ("-", date, datetime): elapsed,
    ("-", datetime, date): elapsed,
    ("-", time, time): _clock_minus,
    ("*", timedelta, int): _times,
    ("*", int, timedelta): lambda a, b: _times(b, a),
    ("/", timedelta, int): _over,
    ("/", timedelta, timedelta): _ratio,
    ("*", Months, int): lambda a, b: Months(_rounded(exact.multiply(a.count, b))),
    ("*", int, Months): lambda a, b: Months(_rounded(exact.multiply(b.count, a))),
    ("/", Months, int): lambda a, b: Months(_rounded(exact.divide(a.count, b))),
    ("/", Months, Months): lambda a, b: exact.divide(a.count, b.count),
}


def _signed(length: timedelta, part: int | Decimal) -> int | Decimal:
    """Parts of a duration have its sign."""
    return -part if length < timedelta(0) else part


def _seconds(length: timedelta) -> int | Decimal:
    return exact.divide((abs(length) % timedelta(minutes=1)) // _MICRO, 1_000_000)


def _zone(value: Any) -> str | None:
    return value.tzinfo.key if isinstance(value.tzinfo, ZoneInfo) else None


def _second(value: Any) -> int | Decimal:
    return exact.add(value.second, exact.divide(value.microsecond, 1_000_000))


_DATE = {
    "year": lambda d: d.year, "month": lambda d: d.month, "day": lambda d: d.day,
    "weekday": lambda d: d.isoweekday(),
}  # fmt: skip
_TIME = {
    "hour": lambda t: t.hour, "minute": lambda t: t.minute, "second": _second,
    "time offset": offset, "timezone": _zone,
}  # fmt: skip
#: Properties by kind of value (DMN 1.3 table 65).
PROPERTIES: Mapping[type, Mapping[str, Callable[[Any], Any]]] = {
    date: _DATE,
    time: _TIME,
    datetime: {**_DATE, **_TIME},
    timedelta: {
        "days": lambda d: _signed(d, abs(d).days),
        "hours": lambda d: _signed(d, abs(d).seconds // 3600),
        "minutes": lambda d: _signed(d, abs(d).seconds // 60 % 60),
        "seconds": lambda d: _signed(d, _seconds(d)),
    },
    Months: {
        "years": lambda m: abs(m.count) // 12 * (-1 if m.count < 0 else 1),
        "months": lambda m: abs(m.count) % 12 * (-1 if m.count < 0 else 1),
    },
}
