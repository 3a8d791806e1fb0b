"""The heavy pages of steps stay light: what a phone loads of a step for the first time, compressed."""

from __future__ import annotations

import gzip
import re
from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from acting import WORKFLOWS, elsewhere, played, post, story
from flask import Flask
from flask.testing import FlaskClient

from casework import cases, clock, procedures, stories
from casework.cases import lists
from casework.db import db
from casework.people import codes

#: What a page weighs is the same on both databases.
pytestmark = pytest.mark.once
#: Bytes and requests of a whole page (tests/walks/test_pages.py holds the others to the same).
WEIGHT, REQUESTS = 20 * 1024, 5
#: Stories with the steps that ask and show the most.
HEAVY = {
    "inspection/through": ("hand_papers", "site_check", "recheck", "handover"),
    "contract/from_award": ("draft", "confirm"),
    "exit/in_time": ("list", "sign"),
}
FOLDERS = sorted(each.parent.name for each in WORKFLOWS.glob("*/process.bpmn"))
#: The parts of a form that is filled in part by part.
PARTS = re.compile(r'name="_go" value="(\w+)"')
LOADS = re.compile(r'(?:<link rel="stylesheet" href|<(?:script|img)[^>]* src)="([^"]+)"')


@pytest.mark.parametrize("told", HEAVY)
def test_a_step_with_many_rows_and_much_before_it_is_light(
    district: Flask, keys: dict[str, int], told: str
) -> None:
    found: dict[str, tuple[int, int]] = {}

    def weigh(_part: Mapping[str, Any], case: cases.Case | None) -> None:
        """What waits after each act, as whoever has it opens it."""
        for step in lists.steps(case.id) if case else ():
            if step.status == "open" and step.element in set(HEAVY[told]) - set(found):
                found[step.element] = loaded(district, f"/step/{step.id}", next(iter(logins(step))))

    stories.Player(story(told), keys, weigh).play()
    assert set(found) == set(HEAVY[told]), "a step of the story has another name: change HEAVY"
    heavy = {name: each for name, each in found.items() if each[0] > WEIGHT or each[1] > REQUESTS}
    assert not heavy, f"bytes and requests: {heavy}"


@pytest.mark.parametrize("key", FOLDERS)
def test_a_form_to_apply_with_is_light(district: Flask, keys: dict[str, int], key: str) -> None:
    names = sorted(each.stem for each in (WORKFLOWS / key / "stories").glob("*.yaml"))
    told = (story(f"{key}/{name}") for name in names if name != "answers")
    player = stories.Player(next(each for each in told if not each.starts.get("refused")), keys)
    player.play(stop_after=0)
    login, case = player.story.starts["who"], player.of(key)
    of_project = procedures.of(case.version_id).subject == "project"
    like = {
        "project_id": case.project_id if of_project else None,
        "about_id": player.cast.names.get("before"),
    }
    draft = cases.Draft(user_id=post(login).user_id, key=key, raw={}, files={}, saved_at=clock.now(), **like)
    db.session.add(draft)
    db.session.commit()
    weight, requests = loaded(district, f"/apply/draft/{draft.id}", login)
    assert (weight <= WEIGHT, requests <= REQUESTS) == (True, True), (
        f"bytes and requests: {weight}, {requests}"
    )


@pytest.mark.parametrize(("day", "page", "requests"), [(8, "bid", 4), (8, "bid/fill", 4), (11, "bid", 3)])
def test_a_bidder_loads_the_form_only_to_fill_it_in_and_too_late_no_script(
    district: Flask, keys: dict[str, int], day: int, page: str, requests: int
) -> None:
    """The scripts that judge and seal come with the first act in the form."""
    case = played("tender/awarded", keys, after=8)
    with clock.at(clock.at_local(date(2026, 4, day), 9)):
        weight, asked = loaded(district, f"/tenders/{case.number}/{page}", "ent1")
    assert (weight <= WEIGHT, asked) == (True, requests), f"bytes and requests: {weight}, {asked}"


def logins(step: cases.Step) -> list[str]:
    """Who may do the step."""
    parts = (story(told) for told in HEAVY)
    named = {part["who"] for one in parts for part in one.steps if part.get("does") == step.element}
    return [login for login in named if post(login).organisation_id == step.organisation_id]


def loaded(app: Flask, address: str, login: str) -> tuple[int, int]:
    """Bytes and requests of the heaviest of the form's pages with all it asks for, at the story's own moment."""
    now, client = clock.now(), FlaskClient(app, app.response_class)
    user = post(login).user
    codes.rewind(user)
    db.session.commit()
    said = {"login": login, "password": app.config["DEMO_PASSWORD"], "code": codes.current(user)}

    def one(at: str) -> tuple[int, int]:
        page = client.get(at)
        assert page.status_code == 200, page.text
        asked = {each.replace("&amp;", "&") for each in LOADS.findall(page.text)}
        bodies = [page.data, *(client.get(each).data for each in asked)]
        return sum(len(gzip.compress(each)) for each in bodies), len(bodies)

    def load() -> tuple[int, int]:
        with clock.at(now):
            client.post("/sign-in", data=said)
            parts = PARTS.findall(client.get(address).text)
            return max(map(one, [address, *(f"{address}?part={each}" for each in parts)]))

    return elsewhere(load)
