"""The hard paths of a tender by hand, in browsers of their own: what seldom happens and must go right.

    python tests/walks/hard_tender.py [SCENE …] [--pictures FOLDER] [--seen]

Every scene begins where a story of workflows/ has come so far; from there on people go by hand at real browsers against
the real server, every refusal asserted. Without a scene: all of them, some minutes. It is no part of the gate; the
ordinary way is whole_tender.py.
"""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parents[1])]

import hard_bidders
import hard_bids
import hard_committee
import hard_opening
import hard_result
import hard_secrecy
import hard_seldom
from rehearsed import play_scenes

SCENES = {
    "prequalification": hard_bidders.prequalification,
    "too-many": hard_bidders.too_many,
    "too-few": hard_bidders.too_few,
    "invited": hard_bidders.invited,
    "restrictions": hard_bidders.restrictions,
    "controlled": hard_seldom.controlled,
    "few-invited": hard_seldom.few_of_the_invited,
    "small": hard_seldom.small,
    "draft-key": hard_bids.draft_key,
    "draft-given-up": hard_bids.given_up,
    "deadline": hard_bids.deadline,
    "secrecy": hard_secrecy.secrecy,
    "opening": hard_opening.opening,
    "unopened": hard_opening.unopened,
    "committee": hard_committee.committee,
    "rejected": hard_committee.rejected,
    "objections": hard_result.objections,
    "complaint": hard_result.complaint,
}


def main() -> None:
    """Play them."""
    play_scenes(__doc__, SCENES)


if __name__ == "__main__":
    main()
