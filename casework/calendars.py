"""The official working-day calendar: which days the office works, and how far that is known."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from casework import yaml

FOLDER = Path(__file__).resolve().parent.parent / "workflows" / "calendars"

#: English names of the holidays the State Council lists.
ENGLISH = {
    "元旦": "New Year",
    "春节": "Spring Festival",
    "清明节": "Qingming",
    "劳动节": "Labour Day",
    "端午节": "Dragon Boat Festival",
    "中秋节": "Mid-Autumn Festival",
    "国庆节": "National Day",
    "抗战胜利纪念日": "Victory Day",
}

#: The notice for the next year moved working days in the last days of December six times (2005–2018),
#: never before the 29th; until it is published the days from the 26th on are not certain.
UNSETTLED_FROM = (12, 26)


class BadCalendar(ValueError):
    """A calendar file that cannot be used; says which file and why, in both languages."""

    def __init__(self, name: str, zh: str, en: str) -> None:
        self.zh, self.en = f"{name}：{zh}", f"{name}: {en}"
        super().__init__(f"{self.zh} {self.en}")


@dataclass(frozen=True)
class Year:
    """One year's arrangement, as the State Council's office published it."""

    year: int
    holidays: Mapping[date, str]
    workdays: Mapping[date, str]
    source: str
    version: str


@dataclass(frozen=True)
class Calendar:
    """Years of official data; beyond them only weekends are known."""

    years: Mapping[int, Year]

    def is_working(self, day: date) -> bool:
        """Whether the office works that day: make-up Saturdays and Sundays count (行政许可法 第八十二条)."""
        year = self.years.get(day.year)
        if year is not None:
            if day in year.holidays:
                return False
            if day in year.workdays:
                return True
        return day.weekday() < 5

    def name_of(self, day: date) -> tuple[str, str]:
        """What kind of day it is, in both languages."""
        year = self.years.get(day.year)
        if year is not None and day in year.holidays:
            return year.holidays[day], ENGLISH.get(year.holidays[day], year.holidays[day])
        if year is not None and day in year.workdays:
            return "调休上班日", "make-up working day"
        return ("工作日", "working day") if day.weekday() < 5 else ("周末", "weekend")

    def settled(self, day: date) -> bool:
        """Whether that day's status is published for good."""
        if day.year not in self.years:
            return False
        return day.year + 1 in self.years or (day.month, day.day) < UNSETTLED_FROM

    def next_working(self, day: date) -> date:
        """That day if it is a working day, otherwise the next one."""
        while not self.is_working(day):
            day += timedelta(days=1)
        return day

    def version(self, years: Iterable[int]) -> str:
        """The fingerprint of the data behind these years: `2026:3f9c01ab`, or `2027:unpublished`."""
        return " ".join(
            f"{y}:{self.years[y].version if y in self.years else 'unpublished'}" for y in sorted(set(years))
        )

    def working_days(self, start: date, step: int = 1) -> Iterator[date]:
        """Working days after (or, with step -1, before) a day, nearest first."""
        day = start
        while True:
            day += timedelta(days=step)
            if self.is_working(day):
                yield day


def read_year(text: str, name: str = "calendar") -> Year:
    """Read one year's file; BadCalendar when it contradicts itself or the calendar."""
    try:
        raw = yaml.read(text)
    except yaml.Unreadable as error:
        raise BadCalendar(name, "不是可读的 YAML 文件", "is not readable YAML") from error
    if not isinstance(raw, dict) or not isinstance(raw.get("year"), int) or not raw.get("source"):
        raise BadCalendar(name, "须写明 year 和 source", "must state year and source")
    year = int(raw["year"])
    holidays = {day: span["name"] for span in raw.get("holidays") or [] for day in _days(span, name)}
    workdays = {_date(entry, "date", name): str(entry.get("for", "")) for entry in raw.get("workdays") or []}
    for day in (*holidays, *workdays):
        if day.year != year:
            raise BadCalendar(name, f"{day} 不在 {year} 年", f"{day} is not in {year}")
    if wrong := [day for day in workdays if day.weekday() < 5 or day in holidays]:
        raise BadCalendar(name, f"{wrong[0]} 不能是调休上班日", f"{wrong[0]} cannot be a make-up working day")
    if not holidays:
        raise BadCalendar(name, "没有节假日", "lists no holidays")
    return Year(year, holidays, workdays, str(raw["source"]), _fingerprint(year, holidays, workdays))


def read(*folders: Path) -> Calendar:
    """All years of these folders; a later folder (the city's own) wins."""
    years: dict[int, Year] = {}
    for folder in folders:
        for path in sorted(folder.glob("*.yaml")):
            year = read_year(path.read_text(encoding="utf-8"), path.name)
            years[year.year] = year
    return Calendar(years)


@cache
def official() -> Calendar:
    """The calendar delivered with the product."""
    return read(FOLDER)


def _date(entry: Any, key: str, name: str) -> date:
    day = entry.get(key) if isinstance(entry, dict) else None
    if type(day) is not date:
        raise BadCalendar(name, f"{entry!r} 缺少日期 {key}", f"{entry!r} has no date {key}")
    return day


def _days(span: Any, name: str) -> Iterator[date]:
    day, last = _date(span, "from", name), _date(span, "to", name)
    if not span.get("name") or last < day or (last - day).days > 31:
        raise BadCalendar(name, f"{span!r} 起止或名称有误", f"{span!r} has a wrong span or no name")
    while day <= last:
        yield day
        day += timedelta(days=1)


def _fingerprint(year: int, holidays: Iterable[date], workdays: Iterable[date]) -> str:
    """Depends on the days only: a corrected remark does not change any deadline."""
    text = f"{year}|{','.join(map(str, sorted(holidays)))}|{','.join(map(str, sorted(workdays)))}"
    return hashlib.sha256(text.encode()).hexdigest()[:8]
