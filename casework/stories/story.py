"""A story as written: who does what when, what is refused, and how things stand afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from casework import yaml
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
    #: how other cases of the story stand at its end, by their names in it
    beside: Mapping[str, Mapping[str, Any]]
    #: shared answers of each procedure that takes part
    answers: Mapping[str, Mapping[str, Mapping[str, Any]]]
    #: the story of the case that this one concerns, as far as it is told first
    before: Story | None = None
    #: the case it concerns, where nobody has to play it: of which procedure, and what it shows
    stands: Mapping[str, Any] | None = None

    def says(self, part: Mapping[str, Any], key: str = "") -> dict[str, Any]:
        """What is answered in one step: the shared answers named by `like`, and over them its own."""
        own = dict(part.get("says") or {})
        found: dict[str, Any] = {}
        like = own.pop("like", None)
        if like:
            found = self.says({"says": self.answers[key or self.key][like]}, key)
        return {**found, **own}

    @property
    def begins(self) -> datetime:
        """When the first of its cases is opened."""
        return self.before.begins if self.before else moment(self.starts["at"])


@lru_cache(maxsize=200)
def read(file: Path) -> Story:
    """The story in this file; answers.yaml beside it holds what stories share."""
    about, key = _yaml(file), file.parent.parent.name
    before = _before(file, about.get("concerns"))
    return Story(
        key=key,
        name=file.stem,
        title=about["title"],
        title_en=about.get("title_en", ""),
        acceptance=tuple(about.get("cases") or ()),
        project=about.get("project") or (before.project if before else ""),
        starts=about["starts"],
        steps=tuple(about.get("steps") or ()),
        then=about.get("then") or {},
        beside=about.get("beside") or {},
        answers=_answers(file, key, about.get("steps") or ()),
        before=before,
        stands=_stands(file, about.get("concerns")),
    )


def _before(file: Path, concerns: Mapping[str, Any] | None) -> Story | None:
    """`concerns: {story: tender/open, after: 4}`: that story, so many steps of it."""
    if not concerns or "story" not in concerns:
        return None
    key, _, name = str(concerns["story"]).partition("/")
    told = read(file.parents[2] / key / "stories" / f"{name}.yaml")
    return replace(told, steps=told.steps[: concerns.get("after")])


def _stands(file: Path, concerns: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """`concerns: {stands: tender, shows: {like: opened}}`: a case of that procedure that shows just this."""
    if not concerns or "stands" not in concerns:
        return None
    shows = dict(concerns.get("shows") or {})
    if like := shows.pop("like", None):
        shows = {**_yaml(file.parent / "answers.yaml")[like], **shows}
    return {"procedure": str(concerns["stands"]), "shows": shows}


def _answers(file: Path, key: str, steps: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """answers.yaml of this procedure and of every other one whose cases take part in the story."""
    named = {str(step[verb]) for step in steps for verb in ("opens", "case") if verb in step}
    shared = {one: file.parents[2] / one / "stories" / "answers.yaml" for one in {key, *named}}
    return {one: _yaml(path) if path.is_file() else {} for one, path in shared.items()}


@lru_cache(maxsize=200)
def _yaml(file: Path) -> Any:
    return yaml.read(file.read_text("utf-8"))


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
