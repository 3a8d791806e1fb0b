"""Whether an old case gets slower: the last dozen completions against the first, after 20 and 200 returns."""

from __future__ import annotations

import json
import statistics
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import office
from casework.db import db
from casework.people import Post

DOZEN = 12


def play(returns: int, people: dict[str, Post]) -> list[float]:
    """One case that is returned so many times before it is approved: the seconds of each completion."""
    took, left, case_id = [], returns, office.begin()
    while steps := office.waiting(case_id):
        step_id, element = steps[0]
        says = office.SAYS[element]
        if element == "decide" and left:
            says, left = office.RETURN, left - 1
        db.session.remove()
        took.append(office.timed(lambda: office.complete(step_id, people[element], says)))  # noqa: B023
    assert office.status(case_id) == "ended"
    return took


def ratio(returns: int, cases: int) -> float:
    """Median of the last dozens of some cases over the median of their first dozens."""
    people = {element: office.post(login) for element, login in office.WHO.items()}
    db.session.expunge_all()
    play(2, people)
    played = [play(returns, people) for _ in range(cases)]
    first = statistics.median(seconds for took in played for seconds in took[:DOZEN])
    last = statistics.median(seconds for took in played for seconds in took[-DOZEN:])
    return round(last / first, 2)


def main() -> None:
    """Print the figures as JSON on the last line."""
    quick = office.arguments(__doc__ or "").quick
    few = ["approval"] if quick else []
    with office.sqlite() as (place, uri), office.office(place, uri, *few):
        found = {f"ratio_{n}": ratio(3 if quick else n, 1 if quick else 5) for n in (20, 200)}
    print(json.dumps(found))


if __name__ == "__main__":
    main()
