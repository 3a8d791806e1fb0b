"""A database as it stood, to tell whether anybody wrote since, and to go back to it: on both kinds."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa


class KeptFile:
    """SQLite: the file is copied; it counts the commits of others itself."""

    def __init__(self, place: Path, close: Callable[[], None]) -> None:
        self.place, self.close = place, close
        close()
        shutil.copy(place / "tendover.db", place / "kept.db")
        self._look()

    def changed(self) -> bool:
        return self._version() != self.version

    def again(self) -> None:
        self._eye.close()
        self.close()
        for leftover in ("tendover.db-wal", "tendover.db-shm"):
            (self.place / leftover).unlink(missing_ok=True)
        shutil.copy(self.place / "kept.db", self.place / "tendover.db")
        self._look()

    def end(self) -> None:
        self._eye.close()

    def _look(self) -> None:
        self._eye = sqlite3.connect(self.place / "tendover.db")
        self.version = self._version()

    def _version(self) -> int:
        return int(self._eye.execute("PRAGMA data_version").fetchone()[0])


class KeptDatabase:
    """PostgreSQL: the database is a model of itself; whoever writes takes a number, also to give it up.

    The server is this worker's own: nobody else takes numbers. When one was taken the rows decide.
    """

    def __init__(self, url: sa.URL, close: Callable[[], None], prints: Callable[[], dict[str, str]]) -> None:
        self.name, self.close, self.prints = str(url.database), close, prints
        self.engine = sa.create_engine(url.set(database="postgres"), isolation_level="AUTOCOMMIT")
        self._eye = self.engine.connect()
        self.rows = prints()
        close()
        self._eye.execute(sa.text(f"CREATE DATABASE kept TEMPLATE {self.name} STRATEGY FILE_COPY"))
        self.version = self._version()

    def changed(self) -> bool:
        now = self._version()
        if now == self.version:
            return False
        self.version = now
        return self.prints() != self.rows

    def again(self) -> None:
        self.close()
        self._eye.execute(sa.text(f"DROP DATABASE {self.name} WITH (FORCE)"))
        self._eye.execute(sa.text(f"CREATE DATABASE {self.name} TEMPLATE kept STRATEGY FILE_COPY"))
        self.version = self._version()

    def end(self) -> None:
        self._eye.close()
        self.engine.dispose()

    def _version(self) -> int:
        return int(self._eye.scalar(sa.text("SELECT pg_snapshot_xmax(pg_current_snapshot())::text")))
