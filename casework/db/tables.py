"""What tables are made of: their base, the session, and how moments and values are kept in both databases."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

from casework.engine import values

#: The largest number of a row: what both databases count to.
LARGEST = 2**31 - 1


class Base(DeclarativeBase):
    """Every table of the office; the naming convention lets migrations name every constraint."""

    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


def stamp(moment: datetime) -> str:
    """A moment as it is kept: 2026-03-01T01:30:00.000000Z."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")[:26] + "Z"


class Moment(TypeDecorator[datetime]):
    """An aware UTC moment, kept as sortable text so that both databases return exactly what was stored."""

    impl = sa.String(27)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a moment without a zone: {value!r}")
        return stamp(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return datetime.fromisoformat(value[:26]).replace(tzinfo=UTC)


def row(text: str) -> int:
    """The number of a row as an address or a form gives it; ValueError when no row can have it.

    For `request.args.get("before", type=row)`: what is no number counts as not given.
    """
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(LARGEST)) and int(text) <= LARGEST):
        raise ValueError(text[:20])
    return int(text)


class Json(TypeDecorator[Any]):
    """A FEEL value (exact numbers, typed dates) as JSON text; never jsonb, which reorders keys (B14)."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else values.dumps(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else values.loads(value)


class Snapshot(Json):
    """What is written once and read again with every act: the same text is read once by a process.

    Whoever gets it changes nothing in it, for others have the same.
    """

    cache_ok = True

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else _snapshot(value)


@lru_cache(maxsize=1000)
def _snapshot(text: str) -> Any:
    return values.loads(text)


db = SQLAlchemy(model_class=Base, disable_autonaming=True)
