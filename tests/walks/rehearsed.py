"""An office in which a story has been played up to some step: from there on people go by hand."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from office import BEGIN, WORKFLOWS, Office
from playing import Play, by_hand, words_of
from playwright.sync_api import Browser

from blueprints.door import DEMO_PASSWORD
from casework import clock, stories, yaml
from casework.db import db
from casework.stories.story import Story, moment

#: The passphrase of the keys that stories make.
WORD = DEMO_PASSWORD


class Town:
    """The district without its cases, furnished once; every scene begins in a copy of it."""

    def __init__(self, browser: Browser, place: Path, pictures: Path | None = None) -> None:
        self.browser, self.place, self.pictures, self.scenes = browser, place, pictures, 0
        first = Office(place / "town", lived_in=False)
        first.close()
        with first.app.app_context():
            db.engine.dispose()

    @contextmanager
    def after(
        self, told: str, steps: int | None = None, *, first: int = 0, also: Sequence[Mapping[str, Any]] = (),
        **other: Any,
    ) -> Iterator[tuple[Play, str]]:  # fmt: skip
        """People at their browsers, where `tender/awarded` has come so many steps far, with the case's number.

        `also`: further steps of the same story; `other`: parts of the story that are different here.
        """
        key, _, name = told.partition("/")
        story = stories.read(WORKFLOWS / key / "stories" / f"{name}.yaml")
        played = replace(story, steps=(*story.steps[:steps], *also), **other)
        self.scenes += 1
        here = self.place / f"scene{self.scenes}"
        shutil.copytree(self.place / "town", here)
        office = Office(here, lived_in=False, furnished=f"sqlite:///{here / 'tendover.db'}")
        play = Play(self.browser, office, self.pictures, shown=100 * self.scenes)
        try:
            number = rehearse(play, played)
            yield play, number
            for person in play.people.values():
                person.close()
        finally:
            office.close()
            with office.app.app_context():
                db.engine.dispose()


def play_scenes(about: str | None, scenes: Mapping[str, Callable[[Town], None]]) -> None:
    """The command that plays the scenes named, or all of them, and says how long each took."""
    words = words_of(about)
    words.add_argument("scenes", nargs="*", choices=[[], *scenes], help="default: all", metavar="SCENE")
    given = words.parse_args()
    with by_hand(given) as (browser, place):
        town = Town(browser, place, given.pictures)
        for name in given.scenes or scenes:
            began = time.monotonic()
            scenes[name](town)
            print(f"{name}: {time.monotonic() - began:.0f} s", flush=True)


def rehearse(play: Play, story: Story) -> str:
    """Play the story in the office; its clock shows the story's last moment afterwards."""
    parts = (story.starts, *story.steps)
    last = max(moment(part.get("at") or part["until"]) for part in parts)
    office = play.office
    with office.app.app_context():
        keys = stories.organisations(_people())
        case = stories.Player(story, keys).play()
        number = case.number if case else ""
        db.session.remove()
    office.offset = timedelta()
    office.offset = last + timedelta(minutes=1) - clock.local(office.now())
    assert office.now() >= BEGIN - timedelta(days=10)
    return number


def _people() -> Mapping[str, Any]:
    return yaml.read((WORKFLOWS / "demo" / "people.yaml").read_text("utf-8"))
