"""Every story of every procedure, on both databases: as written, step by step."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from casework import journal, procedures, stories

WORKFLOWS = Path(__file__).resolve().parent.parent / "workflows"
TOLD = [s for folder in procedures.folders(WORKFLOWS).values() for s in stories.of(folder)]


def test_every_procedure_tells_stories_of_success_and_refusal() -> None:
    for key in procedures.folders(WORKFLOWS):
        assert sum(s.key == key for s in TOLD) >= 3, f"{key}: write stories/"


@pytest.mark.parametrize("story", TOLD, ids=lambda s: f"{s.key}-{s.name}")
def test_the_story_goes_as_it_is_written(story: stories.Story, district: Flask, keys: dict[str, int]) -> None:
    found: list[str] = []

    def watch(part: Any, case: Any) -> None:
        if part.get("then") and case is not None:
            where = part.get("does") or part.get("until") or "the application"
            found.extend(f"after {where}: {one}" for one in stories.differences(part["then"], case))

    player = stories.Player(story, keys, watch)
    case = player.play()
    if case is not None:
        found += stories.differences(story.then, case)
        for name, then in story.beside.items():
            found += [f"{name}: {one}" for one in stories.differences(then, player.of(name))]
        heads = {case.id: (case.journal_seq, case.journal_head)}
        found += [str(fault) for fault in journal.verify(heads)]
    assert not found
