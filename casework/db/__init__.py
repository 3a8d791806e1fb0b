"""The one module that opens the database and knows which of the two it is (SQLite or PostgreSQL)."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.engine.url import make_url
from sqlalchemy.exc import DisconnectionError

from casework.db.objects import Objects
from casework.db.prepared import Prepared
from casework.db.tables import LARGEST, Base, Json, Moment, Snapshot, db, row, stamp
from casework.db.turnstile import PATIENCE, HeldUp, Turnstile

try:  # the interpreter's own SQLite may be older than 3.51.3, which can lose commits at a WAL reset
    import pysqlite3.dbapi2 as sqlite_module
except ImportError:  # no wheel for this platform: `flask doctor` names the version and what it costs
    sqlite_module = sqlite3

_reads_only: ContextVar[bool] = ContextVar("reads_only", default=False)


@contextmanager
def reading() -> Iterator[None]:
    """Inside the block transactions only read: on SQLite they take no write lock."""
    token = _reads_only.set(True)
    try:
        yield
    finally:
        _reads_only.reset(token)


def read_only(yes: bool) -> None:
    """The same for the rest of this context (a page that is asked for with GET)."""
    _reads_only.set(yes)


#: After so many seconds of rest a connection is asked whether it is still there.
RESTED = 1.0


def settings(uri: str) -> dict[str, Any]:
    """Engine options for this address."""
    if make_url(uri).get_backend_name() == "sqlite":
        return {
            "pool_use_lifo": True,  # the connection used last has the most pages at hand
            "module": sqlite_module,
            "connect_args": {
                "timeout": PATIENCE,
                "isolation_level": None,
                "check_same_thread": False,
                "cached_statements": 500,  # an office has more than the 128 that SQLite keeps ready
            },
        }
    return {
        "pool_size": 5,
        "max_overflow": 10,
        "pool_use_lifo": True,
        "pool_recycle": 1800,
        "connect_args": {
            "application_name": "tendover",
            "options": "-c statement_timeout=60000 -c idle_in_transaction_session_timeout=60000",
        },
    }


def open_database(app: Flask) -> None:
    """Bind the database to the application; call once, before any page."""
    uri = app.config["SQLALCHEMY_DATABASE_URI"]
    app.config.setdefault("SQLALCHEMY_ENGINE_OPTIONS", settings(uri))
    db.init_app(app)
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            _prepare_sqlite(db.engine)
        else:
            _ask_whether_alive(db.engine)
            _keep_prepared(db.engine)


def _ask_whether_alive(engine: Engine) -> None:
    """Ask a connection that has rested whether it is still there; one just used has said so."""

    @sa.event.listens_for(engine, "checkin")
    def _checkin(_dbapi: Any, record: Any) -> None:
        record.info["used"] = time.monotonic()

    @sa.event.listens_for(engine, "checkout")
    def _checkout(dbapi: Any, record: Any, _lent: Any) -> None:
        used = record.info.get("used")
        if used is None or time.monotonic() - used < RESTED:
            return
        try:
            engine.dialect.do_ping(dbapi)
        except engine.dialect.loaded_dbapi.Error as error:
            raise DisconnectionError from error  # the pool takes another one


#: Statements that a connection to PostgreSQL keeps planned; an office has more than the driver's 100.
PLANNED = 300


def _keep_prepared(engine: Engine) -> None:
    """Roll back past the driver, whose own way forgets every statement it has prepared.

    It does so for the sake of tables made in the transaction that is undone; ours are made by migrations. A
    page that only reads ends with a rollback, so that no statement would ever be planned but anew.
    """

    @sa.event.listens_for(engine, "connect")
    def _connect(dbapi: Any, _record: Any) -> None:
        dbapi.prepared_max = PLANNED

    @sa.event.listens_for(engine, "rollback")
    def _rollback(connection: Connection) -> None:
        if not (connection.closed or connection.invalidated):
            dbapi: Any = connection.connection.driver_connection
            if not dbapi.closed:
                dbapi.pgconn.exec_(b"ROLLBACK")  # the driver finds nothing left to undo


_TO_READ, _TO_WRITE = Prepared(sa.text("BEGIN")), Prepared(sa.text("BEGIN IMMEDIATE"))


def _prepare_sqlite(engine: Engine) -> None:
    path = engine.url.database or ":memory:"
    turnstile = Turnstile(Path(path + ".turn"))

    @sa.event.listens_for(engine, "connect")
    def _connect(dbapi: Any, record: Any) -> None:
        dbapi.execute("PRAGMA journal_mode=WAL")
        dbapi.execute("PRAGMA synchronous=FULL")
        dbapi.execute("PRAGMA foreign_keys=ON")
        dbapi.execute(f"PRAGMA busy_timeout={int(PATIENCE * 1000)}")
        dbapi.execute("PRAGMA cache_size=-16000")

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        if _reads_only.get():
            _TO_READ.on(connection)
            return
        if not connection.info.get("turn"):  # one migration after the other keeps its turn
            turnstile.enter()
            connection.info["turn"] = True
        _TO_WRITE.on(connection)

    @sa.event.listens_for(engine, "engine_disposed")
    def _disposed(_engine: Engine) -> None:
        turnstile.close()

    @sa.event.listens_for(engine, "checkin")
    def _checkin(dbapi: Any, record: Any) -> None:
        # after COMMIT or ROLLBACK: the pool has reset the connection
        if record.info.pop("turn", False):
            turnstile.leave()


__all__ = [
    "LARGEST",
    "Base",
    "HeldUp",
    "Json",
    "Moment",
    "Objects",
    "Prepared",
    "Snapshot",
    "Turnstile",
    "db",
    "open_database",
    "read_only",
    "reading",
    "row",
    "settings",
    "stamp",
]
