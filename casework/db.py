"""The one module that opens the database and knows which of the two it is (SQLite or PostgreSQL)."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.engine import Connection, Dialect, Engine
from sqlalchemy.engine.url import make_url
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

from casework.engine import values
from casework.errors import Busy
from casework.words import _

try:  # the interpreter's own SQLite may be older than 3.51.3, which can lose commits at a WAL reset
    import pysqlite3.dbapi2 as sqlite_module
except ImportError:  # no wheel for this platform: `flask doctor` names the version and what it costs
    sqlite_module = sqlite3
try:
    import fcntl
except ImportError:  # Windows runs one process; the lock among its threads is enough there
    fcntl = None  # type: ignore[assignment]

#: The largest number of a row: what both databases count to.
LARGEST = 2**31 - 1
#: How long an act waits for its turn before it answers "busy" (seconds).
PATIENCE = 15.0


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


db = SQLAlchemy(model_class=Base, disable_autonaming=True)


def execute(statement: sa.Executable, given: Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> Any:
    """Run a statement on tables in the session's transaction, past its unit of work.

    What is pending in the session stays pending. A third cheaper than `db.session.execute`, which asks of
    every statement which database it is for and what is to be written first.
    """
    return db.session.connection().execute(statement, given)


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


class HeldUp(Busy):
    """Another process has the turn and does not give it back: it hangs, or is stopped."""

    says = _("另一个程序占用数据库已超过 %(n)s 秒，您的内容未提交，请稍后重试。", n=int(PATIENCE))


class Place:
    """A place in the queue of processes. A thread stands in it, for flock knows no limit of time."""

    def __init__(self, file: int) -> None:
        self.file = file
        self._lock, self._called = threading.Lock(), threading.Event()
        self._wanted, self.given_up = True, False
        threading.Thread(target=self._stand, name="turn", daemon=True).start()

    def _stand(self) -> None:
        fcntl.flock(self.file, fcntl.LOCK_EX)
        with self._lock:
            if self._wanted:
                self._called.set()
            else:  # nobody waits here any more: the next process, please
                os.close(self.file)
                self.given_up = True

    def wait(self, seconds: float) -> bool:
        """Whether the turn came in time; if not, the place is kept for whoever comes next."""
        with self._lock:
            self._wanted = not self.given_up
        if self.given_up or self._called.wait(seconds):
            return not self.given_up
        with self._lock:
            self._wanted = self._called.is_set()
            return self._wanted


class Turnstile:
    """Lets one writer in at a time, in order.

    SQLite's own busy handler sleeps and is unfair; taking turns before BEGIN IMMEDIATE makes the slowest
    writer 14 times faster (trust.md 3.3). The kernel drops the file lock of a process that dies.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._threads = threading.Lock()
        self._file: int | None = None
        self._place: Place | None = None

    def enter(self) -> None:
        """Wait for the turn; Busy after PATIENCE seconds."""
        began = time.monotonic()
        if not self._threads.acquire(timeout=PATIENCE):
            raise Busy
        entered = False
        try:
            entered = fcntl is None or self._among_processes(began + PATIENCE)
        finally:
            if not entered:
                self._threads.release()
        if not entered:
            raise HeldUp

    def _among_processes(self, until: float) -> bool:
        if self._place is None or self._place.given_up:
            if self._file is None:
                self._file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                self._place, self._file = Place(self._file), None
            else:
                self._place = None
                return True
        if not self._place.wait(max(until - time.monotonic(), 0)):
            return self._place.given_up and self._among_processes(until)
        self._file, self._place = self._place.file, None
        return True

    def leave(self) -> None:
        """Let the next one in."""
        if fcntl is not None and self._file is not None:
            fcntl.flock(self._file, fcntl.LOCK_UN)
        self._threads.release()

    def close(self) -> None:
        """No more turns: the engine has been disposed of."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


def settings(uri: str) -> dict[str, Any]:
    """Engine options for this address."""
    if make_url(uri).get_backend_name() == "sqlite":
        return {
            "pool_use_lifo": True,  # the connection used last has the most pages at hand
            "module": sqlite_module,
            "connect_args": {"timeout": PATIENCE, "isolation_level": None, "check_same_thread": False},
        }
    return {
        "pool_size": 5,
        "max_overflow": 10,
        "pool_use_lifo": True,
        "pool_pre_ping": True,
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
            connection.exec_driver_sql("BEGIN")
            return
        if not connection.info.get("turn"):  # one migration after the other keeps its turn
            turnstile.enter()
            connection.info["turn"] = True
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    @sa.event.listens_for(engine, "engine_disposed")
    def _disposed(_engine: Engine) -> None:
        turnstile.close()

    @sa.event.listens_for(engine, "checkin")
    def _checkin(dbapi: Any, record: Any) -> None:
        # after COMMIT or ROLLBACK: the pool has reset the connection
        if record.info.pop("turn", False):
            turnstile.leave()
