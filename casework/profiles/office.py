"""The rules of the place where this office is: the files delivered, and the city's own in their place."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path

from flask import current_app

from casework.profiles.book import FOLDER, Book, Profile, read


def book() -> Book:
    """Every place; of two files with one name the city's own (instance/workflows/profiles) counts."""
    return _read(Path(current_app.instance_path) / "workflows" / "profiles")


@cache
def _read(own: Path) -> Book:
    return read(FOLDER, own)


def here(on: date) -> Profile:
    """What holds at this office's place that day."""
    return book().of(current_app.config["PLACE"], on)
