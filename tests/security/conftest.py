"""One town under way for all security tests of a database; whoever changes it brings it back."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app import create_app
from casework import clock

sys.path.insert(0, str(Path(__file__).parent))
import town as town_of


@pytest.fixture(scope="session")
def _standing_town(models: Any, workplace: Path) -> Iterator[town_of.Town]:
    place = Path(tempfile.mkdtemp(dir=workplace))
    app = create_app(
        place,
        SQLALCHEMY_DATABASE_URI=models.copy("district", place),
        TESTING=True,
        WTF_CSRF_ENABLED=False,  # test_forgery.py switches it on
        PUBLIC_URL="http://localhost",
        SIGNING_ROLES=frozenset(),
    )
    with clock.at(town_of.NOW):
        town = town_of.build(app, place)
        if town.on_sqlite:
            town.keep()
    yield town
    town.end()


@pytest.fixture
def town(_standing_town: town_of.Town) -> Iterator[town_of.Town]:
    """The town with its clock standing still."""
    with clock.at(town_of.NOW):
        yield _standing_town
        if _standing_town.on_sqlite and _standing_town.changed():
            _standing_town.again()
