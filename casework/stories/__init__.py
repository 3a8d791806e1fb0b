"""Rehearsed cases: one file is a test, a piece of documentation and a part of the demo."""

from casework.stories.cast import Cast
from casework.stories.expectations import differences
from casework.stories.player import Astray, Player, Refusal, organisations
from casework.stories.story import Story, of, read
from casework.stories.town import load_demo, load_town, play_cases, shifted

__all__ = [
    "Astray",
    "Cast",
    "Player",
    "Refusal",
    "Story",
    "differences",
    "load_demo",
    "load_town",
    "of",
    "organisations",
    "play_cases",
    "read",
    "shifted",
]
