"""Numbers without gaps: taken in the transaction that uses them, so that a rollback gives them back."""

from __future__ import annotations

import sqlalchemy as sa

from casework.cases.model import Numbered
from casework.db import db


def take(series: str, year: int) -> int:
    """The next number of a series in a year, from 1; whoever else wants one waits for this transaction."""
    taken = db.session.execute(
        sa.text(
            "INSERT INTO numbered (series, year, last) VALUES (:series, :year, 1) "
            "ON CONFLICT (series, year) DO UPDATE SET last = numbered.last + 1 RETURNING last"
        ),
        {"series": series, "year": year},
    )
    return int(taken.scalar_one())


def case_number(code: str, year: int) -> str:
    """The number of a new case, like XP-2026-0117."""
    return f"{code}-{year}-{take(code, year):04d}"


__all__ = ["Numbered", "case_number", "take"]
