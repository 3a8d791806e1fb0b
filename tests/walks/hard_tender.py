"""The hard paths of a tender by hand, in browsers of their own: what seldom happens and must go right.

    python tests/walks/hard_tender.py [SCENE …] [--pictures FOLDER] [--seen]

Every scene begins where a story of workflows/ has come so far; from there on people go by hand at real browsers against
the real server, every refusal asserted. Without a scene: all of them, some minutes. It is no part of the gate; the
ordinary way is whole_tender.py.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parents[1])]

import hard_bidders
import hard_bids
import hard_committee
import hard_opening
import hard_result
import hard_secrecy
from playwright.sync_api import sync_playwright
from rehearsed import Town

SCENES = {
    "prequalification": hard_bidders.prequalification,
    "too-many": hard_bidders.too_many,
    "too-few": hard_bidders.too_few,
    "invited": hard_bidders.invited,
    "restrictions": hard_bidders.restrictions,
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
    """Play them; say how long each took."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("scenes", nargs="*", choices=[[], *SCENES], help="default: all", metavar="SCENE")
    words.add_argument("--pictures", type=Path, help="keep a picture of every page here")
    words.add_argument("--seen", action="store_true", help="show the browsers")
    given = words.parse_args()
    if given.pictures:
        given.pictures.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as place:
        path = next((p for p in ("/usr/bin/chromium", "/usr/bin/chromium-browser") if Path(p).exists()), None)
        browser = playwright.chromium.launch(
            executable_path=path, headless=not given.seen, args=["--no-sandbox"]
        )
        town = Town(browser, Path(place), given.pictures)
        for name in given.scenes or SCENES:
            began = time.monotonic()
            SCENES[name](town)
            print(f"{name}: {time.monotonic() - began:.0f} s", flush=True)


if __name__ == "__main__":
    main()
