"""The deadline algebra: every date with the reason a court would ask for (民法典 第二百条至第二百零四条)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from casework import clock
from casework.calendars import Calendar, official
from casework.deadlines import words
from casework.deadlines.rules import BadRule, Rule
from casework.deadlines.words import UNIT_WORDS, Text, length

__all__ = [
    "UNIT_WORDS",
    "BadRule",
    "Due",
    "Explanation",
    "Rule",
    "Suspension",
    "Text",
    "add_months",
    "compute",
    "length",
    "recompute",
]


@dataclass(frozen=True)
class Suspension:
    """The clock stands still from the end of `begins` to the end of `ends`; None: it still stands."""

    begins: date
    ends: date | None
    reason: str = ""
    reason_en: str = ""


@dataclass(frozen=True)
class Explanation:
    """Why a date is what it is: all that went in, and the arithmetic in words. Stored with the date."""

    rule: Rule
    start: date | datetime
    steps: tuple[Text, ...]
    warnings: tuple[Text, ...]
    calendar_version: str
    profile_version: str
    provisional: bool
    suspensions: tuple[Suspension, ...] = ()
    extension: int = 0
    day_ends: time | None = None

    @property
    def basis(self) -> str:
        """The article the period rests on."""
        return self.rule.basis

    @property
    def zh(self) -> str:
        """The arithmetic as one Chinese paragraph."""
        return "".join(step.zh for step in (*self.steps, *self.warnings))

    @property
    def en(self) -> str:
        """The arithmetic as one English paragraph."""
        return " ".join(step.en for step in (*self.steps, *self.warnings))

    def dump(self) -> dict[str, Any]:
        """As a FEEL context, to be kept in a Json column."""
        return {
            "rule": self.rule.dump(),
            "start": self.start,
            "steps": [{"zh": s.zh, "en": s.en} for s in self.steps],
            "warnings": [{"zh": s.zh, "en": s.en} for s in self.warnings],
            "calendar_version": self.calendar_version,
            "profile_version": self.profile_version,
            "provisional": self.provisional,
            "suspensions": [
                {"begins": s.begins, "ends": s.ends, "reason": s.reason, "reason_en": s.reason_en}
                for s in self.suspensions
            ],
            "extension": self.extension,
            "day_ends": self.day_ends,
        }

    @classmethod
    def load(cls, kept: dict[str, Any]) -> Explanation:
        """What `dump` kept."""
        return cls(
            **{
                **kept,
                "rule": Rule(**kept["rule"]),
                "steps": tuple(Text(**s) for s in kept["steps"]),
                "warnings": tuple(Text(**s) for s in kept["warnings"]),
                "suspensions": tuple(Suspension(**s) for s in kept["suspensions"]),
            }
        )


@dataclass(frozen=True)
class Due:
    """A date and its moment. `latest`: to be done before `at`; otherwise: not to be done before `at`."""

    day: date
    at: datetime
    latest: bool
    #: The date without suspensions, to be shown beside the real one.
    original: date
    #: The clock stands still; `day` is what it would be if it went on today.
    paused: bool
    explanation: Explanation

    @property
    def provisional(self) -> bool:
        """The date may move when the next official calendar is published."""
        return self.explanation.provisional


@dataclass(frozen=True)
class _Result:
    """The bare outcome of the arithmetic: the last counted day, the day after the move, what it rests on."""

    counted: date
    day: date
    looked_at: frozenset[date]


def add_months(day: date, months: int) -> date:
    """The same day number in another month, or that month's last day (民法典 第二百零二条)."""
    index = day.year * 12 + day.month - 1 + months
    first = date(index // 12, index % 12 + 1, 1)
    following = date((index + 1) // 12, (index + 1) % 12 + 1, 1)
    return min(first + timedelta(days=day.day - 1), following - timedelta(days=1))


def compute(
    rule: Rule,
    start: date | datetime,
    calendar: Calendar | None = None,
    *,
    profile_version: str = "",
    suspensions: Sequence[Suspension] = (),
    extension: int = 0,
    day_ends: time | None = None,
    today: date | None = None,
) -> Due:
    """The date this rule gives from this start, and why.

    `extension` is in the rule's own unit (行政许可法 第四十二条: ten more working days by the head).
    `day_ends`: the end of office hours where the profile sets one; otherwise 24:00 (民法典 第二百零三条).
    """
    rule.checked()
    calendar = calendar or official()
    if rule.unit == "hours":
        return _hours(rule, start, profile_version, extension)
    first = clock.local(start).date() if isinstance(start, datetime) else start
    standing_still = any(s.ends is None for s in suspensions)
    stops = _merge(suspensions, today or clock.today())
    plain = _count(rule, first, rule.days + extension, (), calendar)
    result = _count(rule, first, rule.days + extension, stops, calendar) if stops else plain
    told = words.Told(rule, first, result.counted, result.day, stops, plain.day, extension, day_ends)
    depends = rule.unit == "working_days" or rule.moves
    explanation = Explanation(
        rule=rule,
        start=start,
        steps=words.steps(told, calendar),
        warnings=words.warnings(told, calendar),
        calendar_version=calendar.version({d.year for d in result.looked_at}),
        profile_version=profile_version,
        provisional=depends and not all(map(calendar.settled, result.looked_at)),
        suspensions=tuple(suspensions),
        extension=extension,
        day_ends=day_ends,
    )
    if explanation.provisional:
        warning = words.provisional(max(result.looked_at))
        explanation = replace(explanation, warnings=(*explanation.warnings, warning))
    at = _moment(rule, result.day, day_ends)
    return Due(result.day, at, rule.latest, plain.day, standing_still, explanation)


def recompute(
    explanation: Explanation, calendar: Calendar | None = None, *, today: date | None = None
) -> Due:
    """The same question again, after a calendar was added or corrected."""
    return compute(
        explanation.rule,
        explanation.start,
        calendar,
        profile_version=explanation.profile_version,
        suspensions=explanation.suspensions,
        extension=explanation.extension,
        day_ends=explanation.day_ends,
        today=today,
    )


def _hours(rule: Rule, start: date | datetime, profile_version: str, extension: int) -> Due:
    """Hours run from the moment itself and never move (民法典 第二百零一条第二款)."""
    if not isinstance(start, datetime):
        raise BadRule(rule.name, "按小时计算须有起算时刻", "hours need a starting moment, not a day")
    span = timedelta(hours=rule.days + extension)
    at = start - span if rule.kind == "backward" else start + span
    steps = words.hours(rule, start, at)
    explanation = Explanation(rule, start, steps, (), "", profile_version, False, extension=extension)
    day = clock.local(at).date()
    return Due(day, at, rule.latest, day, False, explanation)


def _moment(rule: Rule, day: date, day_ends: time | None) -> datetime:
    """The moment that matters of the day: its beginning for a floor, its end for everything else."""
    if rule.kind == "floor":
        return clock.at_local(day)
    if rule.latest and day_ends is not None:
        return clock.at_local(day, day_ends.hour, day_ends.minute)
    return clock.day_end(day)


def _merge(suspensions: Iterable[Suspension], today: date) -> tuple[tuple[date, date], ...]:
    """Stops in order, overlapping ones joined: no day is left out twice."""
    merged: list[tuple[date, date]] = []
    for begins, ends in sorted((s.begins, s.ends or max(today, s.begins)) for s in suspensions):
        if merged and begins <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], ends))
        elif begins < ends:
            merged.append((begins, ends))
    return tuple(merged)


def _count(
    rule: Rule, start: date, length: int, stops: Sequence[tuple[date, date]], calendar: Calendar
) -> _Result:
    if rule.unit == "working_days":
        return _working_days(rule, start, length, stops, calendar)
    sign = -1 if rule.kind == "backward" else 1
    if rule.unit == "days":
        counted = start + timedelta(days=sign * length)
    else:
        counted = add_months(start, sign * length * (12 if rule.unit == "years" else 1))
    for begins, ends in stops if sign > 0 else ():
        if begins < counted and ends > start:
            counted += ends - max(begins, start)
    day = calendar.next_working(counted) if rule.moves else counted
    looked_at = frozenset(counted + timedelta(days=n) for n in range((day - counted).days + 1))
    return _Result(counted, day, looked_at)


def _working_days(
    rule: Rule, start: date, length: int, stops: Sequence[tuple[date, date]], calendar: Calendar
) -> _Result:
    sign = -1 if rule.kind == "backward" else 1
    left, day = length, start
    for day in calendar.working_days(start, sign):
        if sign < 0 or not any(begins < day <= ends for begins, ends in stops):
            left -= 1
        if left == 0:
            break
    looked_at = frozenset(start + timedelta(days=sign * n) for n in range(1, abs((day - start).days) + 1))
    return _Result(day, day, looked_at)
