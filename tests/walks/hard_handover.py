"""The handover by hand, in browsers of their own: inspection, rooms, exit, with what is refused, returned and late.

    python tests/walks/hard_handover.py [SCENE …] [--pictures FOLDER] [--seen]

Every scene is a story of workflows/, whose steps people do at real browsers against the real server, at 1280 and 360
pixels. Without a scene: all of them, some minutes. It is no part of the gate.
"""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parents[1])]

import retold
from rehearsed import Town, play_scenes

#: a scene's story, and how many of its steps have passed before people go by hand
SCENES = {
    "inspection": ("inspection/through", 0),
    "repaired-again": ("inspection/solution_agreed", 0),
    "community-room": ("rooms/community_refused", 0),
    "to-the-assembly": ("rooms_owners/handed_on", 0),
    "account-not-clear": ("rooms_owners/account_not_clear", 0),
    "change-of-use": ("rooms_use/changed", 0),
    "exit": ("exit/in_time", 9),
    "exit-refused": ("exit/refused", 0),
    "exit-late": ("exit/late", 0),
    "closed-out": ("rectification/closed", 0),
}


def main() -> None:
    """Play them."""
    play_scenes(
        __doc__, {name: partial(by_people, told=told, first=first) for name, (told, first) in SCENES.items()}
    )


def by_people(town: Town, told: str, first: int) -> None:
    """The story, by hand from that step on."""
    with town.after(told, first) as (play, number):
        retold.rest(play, number, told, first)


if __name__ == "__main__":
    main()
