"""Stories one after the other: what several begin with alike is played once, and each goes on from a copy of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from functools import partial
from itertools import takewhile
from pathlib import Path
from typing import Any

from offices import WORKFLOWS, Models, furnished

from casework import stories, yaml
from casework.cases import Case


def written(story: stories.Story) -> list[str]:
    """The acts of a story, as they are written."""
    return [act for act, _do in stories.Player(story, {}).acts()]


def alike(one: Sequence[str], other: Sequence[str]) -> int:
    """With how many acts both begin."""
    pairs = zip(one, other, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


@dataclass(frozen=True)
class Beginning:
    """An office as it stood after so many acts, who took part, and what had gone otherwise than written."""

    acts: Sequence[str]
    model: str
    cast: stories.Cast
    found: Sequence[str]


class Telling:
    """Tells stories, best in the order of what is written in them: those that begin alike one after the other."""

    def __init__(self, told: Sequence[stories.Story], models: Models, workplace: Path) -> None:
        self.left, self.models, self.workplace = list(map(written, told)), models, workplace
        self.kept: list[Beginning] = []

    @contextmanager
    def play(self, story: stories.Story) -> Iterator[tuple[stories.Player, list[str]]]:
        """The story in an office of its own, with what each `then` in it found, from where it is told alone.

        A beginning is kept only as far as it went: an act that fails is tried by every story that has it.
        """
        acts = written(story)
        self.left = [other for other in self.left if other != acts]
        begun = self._begun(acts)
        with furnished(self.models, self.workplace, begun.model) as (_app, place):
            player = stories.Player(story, keys(), partial(look, found := [*begun.found]))
            player.cast = deepcopy(begun.cast)
            worth = {alike(acts, other) for other in self.left}
            for at, (_written, do) in enumerate(player.acts(), 1):
                if at > len(begun.acts):
                    do()
                    if at in worth and at > 1:
                        self._keep(acts[:at], place, player.cast, found)
            yield player, found

    def end(self) -> None:
        """Nothing more is told: all that was kept goes."""
        self._begun(())

    def _begun(self, acts: Sequence[str]) -> Beginning:
        """The longest beginning of this story; those of others are done with."""
        while self.kept and alike(acts, self.kept[-1].acts) < len(self.kept[-1].acts):
            self.models.forget(self.kept.pop().model)
        return self.kept[-1] if self.kept else Beginning((), "district", stories.Cast(), ())

    def _keep(self, acts: Sequence[str], place: Path, cast: stories.Cast, found: Sequence[str]) -> None:
        model = self.models.keep(place)
        self.kept.append(Beginning(acts, model, deepcopy(cast), tuple(found)))


def look(found: list[str], part: Mapping[str, Any], case: Case | None) -> None:
    """What is otherwise than the story says after one of its acts."""
    if part.get("then") and case is not None:
        where = part.get("does") or part.get("until") or "the application"
        found.extend(f"after {where}: {one}" for one in stories.differences(part["then"], case))


def keys() -> dict[str, int]:
    """The id of each organisation of the open district by its key in people.yaml."""
    return stories.organisations(yaml.read((WORKFLOWS / "demo" / "people.yaml").read_text("utf-8")))
