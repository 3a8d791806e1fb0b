"""How long one completion takes, whole: form check, rules, engine, journal, inbox rows, commit.

In process, and over HTTP from the POST of the form until its redirect is answered (a waitress of its own, a
signed-in session, the token against forgery); on SQLite (WAL, synchronous=FULL) and on PostgreSQL, durable.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import browser, office
from casework.db import db

Act = Callable[[int, str], float]


def whole_cases(count: int, act: Act) -> office.Figures:
    """Play cases to their end; the first two only warm up."""
    took: list[float] = []
    for number in range(count + 2):
        case_id = office.begin()
        while steps := office.waiting(case_id):
            seconds = act(*steps[0])
            if number >= 2:
                took.append(seconds)
        assert office.status(case_id) == "ended"
    return office.Figures.of(took)


def in_process(count: int) -> office.Figures:
    """Each completion from an empty session; who acts is known, as it is to a page."""
    people = {element: office.post(login) for element, login in office.WHO.items()}
    db.session.expunge_all()

    def act(step_id: int, element: str) -> float:
        db.session.remove()
        return office.timed(lambda: office.complete(step_id, people[element], office.SAYS[element]))

    return whole_cases(count, act)


def over_http(count: int, place: Path, uri: str) -> office.Figures:
    """Each completion by its party's own browser."""
    with browser.server(place, uri) as port:
        people = {
            element: office.visitor(browser.Browser(port), login) for element, login in office.WHO.items()
        }

        def act(step_id: int, element: str) -> float:
            page = people[element].ask(f"/step/{step_id}")
            typed = {**page.hidden, **office.SAYS[element], "_submit": "1"}
            answer = people[element].ask(f"/step/{step_id}", typed)
            assert (answer.status, answer.location) == (302, "/inbox")
            return answer.took

        return whole_cases(count, act)


def main() -> None:
    """Print the figures as JSON on the last line."""
    quick = office.arguments(__doc__ or "").quick
    count, few = (3, ["approval"]) if quick else (60, [])
    found = {}
    for name, store in (("sqlite", office.sqlite), ("postgresql", office.postgresql)):
        with store() as (place, uri), office.office(place, uri, *few):
            figures = {"in_process": in_process(count), "http": over_http(count, place, uri)}
            found[name] = {way: asdict(each) for way, each in figures.items()}
    print(json.dumps(found))


if __name__ == "__main__":
    main()
