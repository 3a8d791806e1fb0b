"""A long form that is filled in part by part: each page keeps what was typed, all of it is judged at the end."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import pytest
from acting import browser, elsewhere, played, story
from flask import Flask
from flask.testing import FlaskClient

from casework import clock
from casework.cases import lists
from casework.stories.story import moment

TOLD = "contract/from_approval"
Turn = Callable[..., Any]


class Page(HTMLParser):
    """What stands in the controls of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.stands: dict[str, str] = {}
        self.inside = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {key: value or "" for key, value in attrs}
        if tag in {"select", "textarea"}:
            self.inside = given["name"]
            self.stands[self.inside] = ""
        elif tag == "option" and "selected" in given:
            self.stands[self.inside] = given["value"]
        elif (
            tag == "input"
            and "name" in given
            and ("checked" in given or given.get("type") not in {"radio", "checkbox"})
        ):
            self.stands[given["name"]] = given.get("value", "")

    def handle_data(self, data: str) -> None:
        if self.inside and self.lasttag == "textarea":
            self.stands[self.inside] += data

    def handle_endtag(self, tag: str) -> None:
        self.inside = "" if tag in {"select", "textarea"} else self.inside


def typed(says: Mapping[str, Any]) -> dict[str, str]:
    """The answers of a story as a page sends them."""
    found = {}
    for key, value in says.items():
        for row, cells in enumerate(value if isinstance(value, list) else ()):
            found |= {f"{key}-{row}-{name}": str(cell) for name, cell in cells.items()}
        if not isinstance(value, list):
            found[key] = "y" if value is True else str(value)
    return found


@pytest.fixture
def turn(district: Flask, keys: dict[str, int]) -> Turn:
    """The developer's browser at the draft of a contract: what a part answers, to be read or to a button."""
    case, tale = played(TOLD, keys), story(TOLD)
    step = next(one for one in lists.steps(case.id) if one.status == "open")
    client: FlaskClient = browser(district, "dev1")
    address, answers = f"/step/{step.id}", typed(tale.says(tale.steps[0]))

    def at(part: str, button: str = "", value: str = "1", **other: str) -> Any:
        where = f"{address}?part={part}"

        def act() -> Any:
            with clock.at(moment("2026-03-09 10:00")):
                page = client.get(where)
                stands = Page(page.text).stands
                return (
                    client.post(where, data={**stands, **answers, **other, button: value}) if button else page
                )

        return elsewhere(act)

    return at


def test_a_long_form_is_filled_in_part_by_part_and_judged_whole(turn: Turn) -> None:
    page = turn("").text
    parts = list(dict.fromkeys(re.findall(r'name="_go" value="(\w+)"', page)))
    assert re.findall(r'<section class="card" id="(Part_\w+)"', page) == parts[:1], "one part a page"
    assert "_submit" not in page

    wrong = turn(parts[2], "_next", satisfaction="101")
    assert (wrong.status_code, wrong.text.count('class="err"')) == (422, 1), "its own mistakes, no others"
    assert turn(parts[2], "_go", parts[-1], satisfaction="101").location.endswith(f"?part={parts[-1]}")
    unread = turn(parts[-1], "_submit")
    assert unread.location.endswith(f"?part={parts[0]}"), "nobody submits what was never opened"
    for part, onward in pairwise(parts):
        wanted = {"satisfaction": "101"} if part == parts[2] else {}
        assert turn(part, "_go", onward, **wanted).status_code == 302

    page = turn(parts[-1], "_submit")
    assert page.status_code == 422
    leads = re.findall(r'href="[^"]*part=(\w+)&amp;mend=1#satisfaction"', page.text)
    assert leads == [parts[2]], "a mistake on another page leads there"
    there = turn(f"{parts[2]}&mend=1").text
    assert 'value="101"' in there
    assert 'id="satisfaction-err"' in there
    assert turn(parts[2], "_next").location.endswith(f"?part={parts[3]}")
    assert turn(parts[-1], "_submit").location == "/inbox"
