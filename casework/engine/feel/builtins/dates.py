"""Date and time functions (DMN 1.3 table 77). `now()` and `today()` come from the host: here is no clock."""

from __future__ import annotations

from datetime import date
from typing import Any

from casework.engine.feel.builtins.signature import Table, define
from casework.engine.feel.scope import Run

FUNCTIONS: Table = {}

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


@define(FUNCTIONS, "day of year", "date: date")
def day_of_year(run: Run, day: date) -> int:
    return day.timetuple().tm_yday


@define(FUNCTIONS, "day of week", "date: date")
def day_of_week(run: Run, day: date) -> str:
    """In English, as the standard has it; `.weekday` is the number (Monday 1)."""
    return _DAYS[day.weekday()]


@define(FUNCTIONS, "month of year", "date: date")
def month_of_year(run: Run, day: date) -> str:
    return _MONTHS[day.month - 1]


@define(FUNCTIONS, "week of year", "date: date")
def week_of_year(run: Run, day: date) -> Any:
    """ISO 8601 (GB/T 7408): the week with the year's first Thursday is the first."""
    return day.isocalendar().week
