"""A story as written: who does what when, what is refused, and how things stand afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from casework.clock import SHANGHAI


@dataclass(frozen=True)
class Story:
    """A rehearsed case of one procedure: test, documentation and demo in one."""

    key: str
    name: str
    title: str
    title_en: str
    acceptance: tuple[str, ...]
    project: str
    starts: Mapping[str, Any]
    steps: tuple[Mapping[str, Any], ...]
    then: Mapping[str, Any]
    answers: Mapping[str, Mapping[str, Any]]

    def says(self, part: Mapping[str, Any]) -> dict[str, Any]:
        """What is answered in one step: the shared answers named by `like`, and over them its own."""
        own = dict(part.get("says") or {})
        found: dict[str, Any] = {}
        like = own.pop("like", None)
        if like:
            found = self.says({"says": self.answers[like]})
        return {**found, **own}


@lru_cache(maxsize=200)
def read(file: Path) -> Story:
    """The story in this file; answers.yaml beside it holds what stories share."""
    about = _yaml(file)
    shared = file.parent / "answers.yaml"
    return Story(
        key=file.parent.parent.name,
        name=file.stem,
        title=about["title"],
        title_en=about.get("title_en", ""),
        acceptance=tuple(about.get("cases") or ()),
        project=about["project"],
        starts=about["starts"],
        steps=tuple(about.get("steps") or ()),
        then=about.get("then") or {},
        answers=_yaml(shared) if shared.is_file() else {},
    )


@lru_cache(maxsize=200)
def _yaml(file: Path) -> Any:
    return yaml.safe_load(file.read_text("utf-8"))


def of(folder: Path) -> list[Story]:
    """Every story of a procedure folder."""
    files = sorted((folder / "stories").glob("*.yaml"))
    return [read(file) for file in files if file.name != "answers.yaml"]


def moment(text: Any) -> datetime:
    """A time of the office's wall clock: 2026-03-02 10:00."""
    found = text if isinstance(text, datetime) else datetime.fromisoformat(str(text))
    return found if found.tzinfo else found.replace(tzinfo=SHANGHAI)


def exact(value: Any) -> Any:
    """YAML's numbers as exact ones."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | float):
        return Decimal(repr(value))
    if isinstance(value, Mapping):
        return {k: exact(v) for k, v in value.items()}
    return [exact(v) for v in value] if isinstance(value, list) else value
