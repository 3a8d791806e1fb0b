"""Moments and deadlines as the reader's language says them, in the office's time."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

from casework import clock
from casework.forms.messages import size
from casework.words import say
from casework.words import spoken_in as lang


def day(value: date | datetime | None) -> str:
    """2026年11月23日 / 2026-11-23."""
    if value is None:
        return "—"
    one = clock.local(value).date() if isinstance(value, datetime) else value
    return f"{one.year}年{one.month}月{one.day}日" if lang() == "zh" else one.isoformat()


def short_day(value: date | datetime | None) -> str:
    """11月23日 in this year, with the year in any other."""
    if value is None:
        return "—"
    one = clock.local(value).date() if isinstance(value, datetime) else value
    if one.year != clock.today().year:
        return day(one)
    return f"{one.month}月{one.day}日" if lang() == "zh" else f"{one.day} {one:%b}"


def moment(value: datetime | None) -> str:
    """2026年11月23日 09:30 / 2026-11-23 09:30."""
    return "—" if value is None else f"{day(value)} {clock.local(value):%H:%M}"


def instant(value: datetime) -> str:
    """2026年11月23日 09:30:07 / 2026-11-23 09:30:07: where a second decides."""
    return f"{day(value)} {clock.local(value):%H:%M:%S}"


def last_date(due: datetime | None) -> date | None:
    """The day at whose end a period ends: 24:00 belongs to the day before (民法典 第二百零三条)."""
    if due is None:
        return None
    wall = clock.local(due)
    midnight = (wall.hour, wall.minute) == (0, 0)
    return date.fromordinal(wall.date().toordinal() - 1) if midnight else wall.date()


def last_day(due: datetime | None) -> str:
    """The day at whose end a period ends: 24:00 belongs to the day before (民法典 第二百零三条)."""
    if due is None:
        return "—"
    wall = clock.local(due)
    if (wall.hour, wall.minute) == (0, 0):
        return short_day(date.fromordinal(wall.date().toordinal() - 1))
    return f"{short_day(due)} {wall:%H:%M}"


class Left(NamedTuple):
    """How much time is left, in words, and how urgent it is (class of the tag)."""

    words: str
    tone: str


def left(due: datetime | None) -> Left:
    """逾期 1 天 / 今天到期 / 剩 3 天; days are calendar days of the office."""
    if due is None:
        return Left(say("无期限"), "")
    last = clock.local(due).date()
    if clock.local(due).time().isoformat("minutes") == "00:00":
        last = date.fromordinal(last.toordinal() - 1)
    days = (last - clock.today()).days
    if due <= clock.now():
        return Left(say("逾期 %(n)s 天", n=max(1, -days)), "bad")
    if days == 0:
        return Left(say("今天到期"), "warn")
    return Left(say("剩 %(n)s 天", n=days), "run" if days <= 3 else "")


FILTERS = {
    "day": day,
    "instant": instant,
    "short_day": short_day,
    "moment": moment,
    "last_day": last_day,
    "left": left,
    "filesize": size,
    "filesizeformat": size,
}
