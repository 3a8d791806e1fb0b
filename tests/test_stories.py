"""Every story of every procedure, on both databases: as written, step by step."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from beginnings import Telling, written
from offices import WORKFLOWS, Models

from casework import clock, journal, letters, notices, procedures, stories
from casework.cases import Case, Turn, shown
from casework.db import db
from casework.words import say_in

#: In the order of their acts: those that begin alike stand together.
TOLD = sorted(
    (s for folder in procedures.folders(WORKFLOWS).values() for s in stories.of(folder)), key=written
)
#: 2026-03-05 in a sentence; not in the name of a file, nor in a moment of a computer.
RAW_DAY = re.compile(r"(?<![\w/-])\d{4}-\d{2}-\d{2}(?![\w./-])")


@pytest.fixture(scope="session")
def tellings(models_on: Callable[[str], Models], workplace: Path) -> Callable[[str], Telling]:
    """`tellings("sqlite")`: one for each database."""
    known: dict[str, Telling] = {}

    def on(dialect: str) -> Telling:
        if dialect not in known:
            known[dialect] = Telling(TOLD, models_on(dialect), workplace)
        return known[dialect]

    return on


@pytest.fixture
def telling(dialect: str, tellings: Callable[[str], Telling], models: Models) -> Telling:
    """Of this database; `models` takes the copies away after each story."""
    return tellings(dialect)


def test_every_procedure_tells_stories_of_success_and_refusal() -> None:
    for key in procedures.folders(WORKFLOWS):
        assert sum(s.key == key for s in TOLD) >= 3, f"{key}: write stories/"


@pytest.mark.parametrize("story", TOLD, ids=lambda s: f"{s.key}-{s.name}")
def test_the_story_goes_as_it_is_written(story: stories.Story, telling: Telling) -> None:
    with telling.play(story) as (player, found):
        case = player.case
        if case is not None:
            found.extend(stories.differences(story.then, case))
            for name, then in story.beside.items():
                found.extend(f"{name}: {one}" for one in stories.differences(then, player.of(name)))
            heads = {case.id: (case.journal_seq, case.journal_head)}
            found.extend(str(fault) for fault in journal.verify(heads))
        found.extend(f"a day as no office writes it: {said}" for said in spoken() if RAW_DAY.search(said))
    assert not found


def spoken() -> Iterator[str]:
    """Every Chinese sentence that the cases of an office have told: letters, notices, checks, outcomes."""
    for letter in db.session.scalars(sa.select(letters.Letter)):
        yield from (letter.subject, letter.body.partition("———")[0])  # its English follows
    for notice in db.session.scalars(sa.select(notices.Notice)):
        yield from (notice.title, notice.body)
    for case in db.session.scalars(sa.select(Case)):
        turn = Turn(case, None, clock.now())
        yield from (check.says or "" for check in shown.checks(turn, "zh"))
        yield say_in("zh", shown.outcome(turn) or "")


@pytest.mark.once
def test_a_story_goes_on_from_a_beginning_that_is_kept_and_fails_by_itself(
    models: Models, workplace: Path
) -> None:
    told = stories.read(WORKFLOWS / "exemption" / "stories" / "withdrawn.yaml")
    receives, withdraws = told.steps
    first = replace(told, name="first", steps=({**receives, "then": {"open": []}}, withdraws))
    second = replace(first, name="second", steps=(first.steps[0], {**withdraws, "refused": True}))
    telling, found = Telling([first, second], models, workplace), []
    for _once_and_again in range(2):
        with telling.play(first) as (player, faults):
            assert player.of("exemption").status == "withdrawn"
            found.append(faults)
    assert found[0] == found[1] != []
    for name in ("second", "third"):
        with pytest.raises(stories.Astray, match=f"^{name}, .* was not refused"):
            _play(telling, replace(second, name=name))
    assert [len(one.acts) for one in telling.kept] == [2]
    telling.end()


def _play(telling: Telling, story: stories.Story) -> None:
    with telling.play(story):
        pass
