"""The rest of a story told in browsers: each of its steps done by hand by whoever does it, refusals asserted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from playing import Person, Play
from rehearsed import WORKFLOWS

from casework import stories
from casework.stories.story import Story, moment


def story(told: str) -> Story:
    """`rooms/handed_over`: as it is written."""
    key, _, name = told.partition("/")
    return stories.read(WORKFLOWS / key / "stories" / f"{name}.yaml")


def rest(play: Play, number: str, told: str, first: int = 0) -> None:
    """The steps of the story from `first` on, at their own moments."""
    tale = story(told)
    for part in tale.steps[first:]:
        play.until(f"{moment(part.get('at') or part['until']):%Y-%m-%d %H:%M}")
        about = play.newest(part["case"]) if "case" in part else number
        if "does" in part:
            does(play, about, tale, part)
        elif "withdraw" in part:
            takes_back(play, about, part)
        if (wanted := (part.get("then") or {}).get("open")) is not None:
            assert play.open(about) == sorted(wanted), (part, play.open(about))


def does(play: Play, number: str, tale: Story, part: Mapping[str, Any]) -> None:
    """Somebody opens the step, answers, hands in; the page before and after."""
    refused = part.get("refused")
    if refused is True:  # the step is somebody else's, or does not take that answer: the gate plays it
        return
    person = play.at(part["who"], number, part["does"])
    fill(person, tale.says(part, str(part.get("case") or "")))
    play.picture(person, f"{part['does']}{'-refused' if refused else ''}")
    play.submit(person, refused=refused or "")
    if refused:  # a rule says no with 403; the browser notes it
        person.faults[:] = [fault for fault in person.faults if "403" not in fault]
    play.picture(person, f"{part['does']}-after")


def takes_back(play: Play, number: str, part: Mapping[str, Any]) -> None:
    """Who may not withdraw any more is offered no button for it."""
    assert part.get("refused"), "stories that end so are played by the gate"
    person = play.who(part["withdraw"]["who"])
    person.go(f"/case/{number}")
    assert not person.page.locator("button:visible,a:visible").filter(has_text="撤回").count()


def fill(person: Person, says: Mapping[str, Any]) -> None:
    """Answer as the story does what the page asks, then what the answers bring up."""
    left = {key: value for key, value in says.items() if value not in (None, [])}
    for _ in range(2):
        for key in [key for key in left if asked(person, key)]:
            value = left.pop(key)
            if isinstance(value, Mapping) and "organisation" not in value:
                table(person, key, value)
            else:
                person.answer({key: value})


def asked(person: Person, key: str) -> bool:
    """Whether the question stands on the page: what another answer makes needless is hidden."""
    found = f"[name='{key}']:visible, [name^='{key}-']:visible, [name=_add][value='{key}']:visible"
    return bool(person.page.locator(found).count())


def table(person: Person, key: str, verdicts: Mapping[str, Any]) -> None:
    """Fill the rows that the office gave."""
    for row in person.page.locator(f"tr.tf-row:has([name^='{key}-'])").all():
        text = row.inner_text()
        own = [verdict for name, verdict in verdicts.items() if name != "all" and name in text]
        for column, value in {**verdicts.get("all", {}), **(own[0] if own else {})}.items():
            control = row.locator(f"[name$='-{column}']:visible")
            if value is not None and control.count():
                person._set(control, value)
