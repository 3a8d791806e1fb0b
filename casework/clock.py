"""The office's clock: UTC inside, Asia/Shanghai on the page, settable in tests and stories."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")

_read: ContextVar[Callable[[], datetime] | None] = ContextVar("clock", default=None)


def now() -> datetime:
    """The present moment, aware, in UTC, whole milliseconds (both databases keep them exactly)."""
    read = _read.get()
    moment = (read() if read else datetime.now(UTC)).astimezone(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def today() -> date:
    """The calendar day in the office."""
    return now().astimezone(SHANGHAI).date()


def local(moment: datetime) -> datetime:
    """The same moment as the office's wall clock shows it."""
    return moment.astimezone(SHANGHAI)


def day_end(day: date) -> datetime:
    """24:00 of a day in the office, as UTC (民法典 第二百零三条: the last day ends at 24:00)."""
    return datetime.combine(day + timedelta(days=1), datetime.min.time(), SHANGHAI).astimezone(UTC)


def at_local(day: date, hour: int = 0, minute: int = 0) -> datetime:
    """A wall-clock time of the office, as UTC."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=SHANGHAI).astimezone(UTC)


@contextmanager
def at(moment: datetime | Callable[[], datetime]) -> Iterator[None]:
    """Inside the block the clock shows `moment` (stories, tests)."""
    read = moment if callable(moment) else (lambda: moment)
    token = _read.set(read)
    try:
        yield
    finally:
        _read.reset(token)
