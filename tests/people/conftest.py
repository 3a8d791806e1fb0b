"""The city and its clock for the tests of people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from townspeople import City, Postbox, Watch, found

from casework import clock


@pytest.fixture
def watch() -> Iterator[Watch]:
    watch = Watch()
    with clock.at(watch):
        yield watch


@pytest.fixture
def city(db: Any, watch: Watch) -> City:
    return found()


@pytest.fixture
def post() -> Postbox:
    return Postbox()
