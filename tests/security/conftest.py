"""One town under way for all security tests of a database; whoever changes it brings it back."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from offices import open_office

from casework import clock

sys.path.insert(0, str(Path(__file__).parent))
import town as town_of
from walked import Findings, walk


@pytest.fixture(scope="session")
def town_on(models_on: Callable[[str], Any], workplace: Path) -> Iterator[Callable[[str], town_of.Town]]:
    """`town_on("sqlite")`: built when first asked for."""
    built: dict[str, town_of.Town] = {}

    def on(dialect: str) -> town_of.Town:
        if dialect not in built:
            built[dialect] = _build(models_on(dialect), Path(tempfile.mkdtemp(dir=workplace)))
        return built[dialect]

    yield on
    for town in built.values():
        town.end()


def _build(models: Any, place: Path) -> town_of.Town:
    app = open_office(place, models.copy("district", place), SIGNING_ROLES=frozenset())
    with clock.at(town_of.NOW):
        town = town_of.build(app, place)
        town.keep()
    return town


@pytest.fixture
def _standing_town(dialect: str, town_on: Callable[[str], town_of.Town]) -> town_of.Town:
    return town_on(dialect)


@pytest.fixture
def town(_standing_town: town_of.Town) -> Iterator[town_of.Town]:
    """The town with its clock standing still."""
    with clock.at(town_of.NOW):
        yield _standing_town
        if _standing_town.changed():
            _standing_town.again()


@pytest.fixture(scope="session")
def walks() -> dict[str, Findings]:
    """What was found on each database; nobody walks there twice."""
    return {}


@pytest.fixture
def walked(dialect: str, walks: dict[str, Findings], _standing_town: town_of.Town) -> Findings:
    if dialect not in walks:
        walks[dialect] = walk(_standing_town)
    return walks[dialect]
