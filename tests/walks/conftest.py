"""A district that lives, an empty one, and people who walk through them."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from office import Office
from offices import Models
from playwright.sync_api import Browser
from visitor import Visitor


@pytest.fixture(scope="session")
def office(workplace: Path) -> Iterator[Office]:
    """The demo district with its cases."""
    opened = Office(Path(tempfile.mkdtemp(dir=workplace)), lived_in=True)
    yield opened
    opened.close()


@pytest.fixture
def quiet_office(workplace: Path, models_on: Callable[[str], Models]) -> Iterator[Office]:
    """The district before anybody has applied for anything."""
    place = Path(tempfile.mkdtemp(dir=workplace))
    opened = Office(place, lived_in=False, furnished=models_on("sqlite").copy("district", place))
    yield opened
    opened.close()


@pytest.fixture
def person(browser: Browser, office: Office) -> Iterator[Callable[..., Visitor]]:
    """`person("win1")` sits down at a browser of their own; nobody's console may show an error."""
    came: list[Visitor] = []

    def come(login: str = "", at: Office | None = None, **look: Any) -> Visitor:
        came.append(Visitor(browser, (at or office).url, login, **look))
        return came[-1]

    yield come
    for visitor in came:
        visitor.close()
