"""A fresh office for every test: real databases, a small city, a clock that can be set."""

from __future__ import annotations

import gc
import os
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import offices
import pytest
import unseen
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, settings
from offices import WORKFLOWS, Models
from playwright.sync_api import Browser, sync_playwright
from xdist.scheduler import LoadFileScheduling

from blueprints.console import keep_loaded
from casework import stories, yaml
from casework.db import db as database

#: What the system's packages bring, and where a missing one is named.
PROGRAMS = {
    "soffice": ("soffice", "libreoffice"),
    "chromium": ("chromium", "chromium-browser", "google-chrome"),
    "pdftoppm": ("pdftoppm",),
    "pdftotext": ("pdftotext",),
}
LEFT_OUT = re.compile(r"left out: (\S+) is not installed")
HOUSE = pytest.StashKey[str]()
#: The gate tries the same inputs in every run, however slow the machine: `--hypothesis-profile=chance` tries others.
settings.register_profile(
    "gate", derandomize=True, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("chance", deadline=None, print_blob=True)
settings.load_profile("gate")
#: Folders whose tests share a town that is dear to build: one worker takes them all.
TOGETHER = ("tests/walks/", "tests/security/")
#: Files and folders whose tests take long.
DEAR = ("walks", "test_stories", "security", "test_benchmarks", "test_page", "test_evaluation", "test_papers_pdf", "test_words", "test_races")  # fmt: skip


# ------------------------------------------------------------------------------ one worker, or several side by side


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--sqlite-only", action="store_true", help="leave PostgreSQL out while developing")


def pytest_configure(config: pytest.Config) -> None:
    """A folder in memory where there is one: the tests check meaning; fsync has tests of its own."""
    if given := getattr(config, "workerinput", {}).get("house"):
        config.stash[HOUSE] = given
        return
    root = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108  only a faster place
    folder = tempfile.TemporaryDirectory(prefix="tendover-", dir=root, ignore_cleanup_errors=True)
    config.stash[HOUSE] = folder.name
    config.add_cleanup(folder.cleanup)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Every worker is told of the folder."""
    node.workerinput["house"] = node.config.stash[HOUSE]


class Portions(LoadFileScheduling):
    """What a worker takes at a time: a file, or a folder of TOGETHER."""

    def _split_scope(self, nodeid: str) -> str:
        return next(
            (folder for folder in TOGETHER if nodeid.startswith(folder)), super()._split_scope(nodeid)
        )


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Portions | None:
    """In the place of xdist's own way of a file at a time."""
    return Portions(config, log) if config.getoption("dist") == "loadfile" else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What is dear is taken first, so that all workers end together."""
    if hasattr(config, "workerinput"):
        items.sort(key=_rank)


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Iterator[Any]:
    """Modules and tests stay till the end: looking for garbage among them, or while they come, took a quarter of all the time."""
    gc.disable()
    try:
        return (yield)
    finally:
        keep_loaded()
        gc.set_threshold(10_000, 10, 20)
        gc.enable()


def _rank(item: pytest.Item) -> int:
    """The place in DEAR of the test's file or folder, or behind it."""
    named = {item.path.parent.name, item.path.stem}
    return next((at for at, name in enumerate(DEAR) if name in named), len(DEAR))


# ------------------------------------------------------------------------------------------- what is left out


@pytest.fixture(scope="session")
def needs() -> Callable[[str], str]:
    """`needs("soffice")` gives the program's path, or leaves the test out and says so at the end."""

    def find(program: str) -> str:
        for name in PROGRAMS.get(program, (program,)):
            if path := shutil.which(name):
                return path
        return pytest.skip(f"left out: {program} is not installed (see `flask doctor`)")

    return find


def _left_out(config: pytest.Config) -> Counter[str]:
    """How many tests were left out for want of which program, whichever worker met them."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", ()) if reporter else ()
    return Counter(found[1] for report in skipped if (found := LEFT_OUT.search(str(report.longrepr))))


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    for program, count in sorted(_left_out(config).items()):
        terminalreporter.write_line(f"left out for want of {program}: {count} tests")


def pytest_sessionfinish(session: pytest.Session) -> None:
    if os.environ.get("CI") and _left_out(session.config):
        session.exitstatus = 1


# ------------------------------------------------------------------------------------------------- databases


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every test that opens the office opens it on both databases."""
    if "dialect" in metafunc.fixturenames:
        one = metafunc.config.getoption("--sqlite-only") or metafunc.definition.get_closest_marker("once")
        both = ["sqlite"] if one else ["sqlite", "postgresql"]
        metafunc.parametrize("dialect", both, indirect=True)


@pytest.fixture
def dialect(request: pytest.FixtureRequest) -> str:
    return getattr(request, "param", "sqlite")


@pytest.fixture(scope="session")
def workplace(request: pytest.FixtureRequest) -> Path:
    """This worker's own folder."""
    name = getattr(request.config, "workerinput", {}).get("workerid", "alone")
    place = Path(request.config.stash[HOUSE]) / name
    place.mkdir()
    return place


@pytest.fixture(scope="session")
def models_on(workplace: Path) -> Iterator[Callable[[str], Models]]:
    """`models_on("postgresql")`: made when first asked for, and kept whatever the tests in between ask for."""
    known: dict[str, Models] = {}
    with ExitStack() as stack:

        def on(dialect: str) -> Models:
            if dialect not in known:
                lock = workplace.parent / "postgres.lock"
                server = offices.postgres(workplace / "postgres", lock) if dialect != "sqlite" else None
                known[dialect] = Models(workplace, stack.enter_context(server) if server else None)
                stack.callback(known[dialect].end)
            return known[dialect]

        yield on


@pytest.fixture
def models(dialect: str, models_on: Callable[[str], Models]) -> Iterator[Models]:
    """Offices to copy from; the copies go with the test."""
    found = models_on(dialect)
    before = len(found.given)
    yield found
    found.clear(before)


# --------------------------------------------------------------------------------------------------- offices


@pytest.fixture
def app(models: Models, workplace: Path) -> Iterator[Flask]:
    """An empty office."""
    with offices.furnished(models, workplace, "empty") as (office, _place):
        yield office


@pytest.fixture
def district(models: Models, workplace: Path) -> Iterator[Flask]:
    """The demo district: organisations, people, projects, procedures; no cases yet."""
    with offices.furnished(models, workplace, "district") as (office, _place):
        yield office


@pytest.fixture
def keys(district: Flask) -> dict[str, int]:
    """The id of each organisation of the district by its key in people.yaml."""
    return stories.organisations(yaml.read((WORKFLOWS / "demo" / "people.yaml").read_text("utf-8")))


@pytest.fixture
def db(app: Flask) -> Any:
    return database


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture(scope="session")
def browser(needs: Callable[[str], str]) -> Iterator[Browser]:
    """One Chromium for all tests of a worker that look at pages."""
    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=needs("chromium"), args=unseen.SWITCHES)
        yield chromium
        chromium.close()
