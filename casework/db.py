"""The one module that opens the database and knows which of the two it is (SQLite or PostgreSQL)."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

from casework.engine import values

try:  # the interpreter's own SQLite may be older than 3.51.3, which can lose commits at a WAL reset
    import pysqlite3.dbapi2 as sqlite_module
except ImportError:  # no wheel for this platform: `flask doctor` names the version and what it costs
    sqlite_module = sqlite3


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


class Moment(TypeDecorator[datetime]):
    """An aware UTC moment, kept as sortable text so that both databases return exactly what was stored."""

    impl = sa.String(27)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a moment without a zone: {value!r}")
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return datetime.fromisoformat(value[:26]).replace(tzinfo=UTC)


class Json(TypeDecorator[Any]):
    """A FEEL value (numbers exact, dates typed) as JSON text; never jsonb, which reorders keys (finding B14)."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else values.dumps(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else values.loads(value)


db = SQLAlchemy(model_class=Base, disable_autonaming=True)
