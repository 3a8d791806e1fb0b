"""Stories and the demo district speak of steps, questions, people and projects that exist."""

from __future__ import annotations

import re
from datetime import date, datetime
from pathlib import Path
from typing import Any

from folders import (
    CHINESE,
    STORIES,
    THEN,
    WORKFLOWS,
    about,
    demo,
    folder_of,
    folders,
    opened,
    stories,
    story,
    variables,
)

from casework import forms, yaml
from casework.engine import drawing
from casework.people.organisations import KINDS as ORGANISATION_KINDS
from casework.people.organisations import code_holds
from casework.people.posts import ROLES
from casework.stories import sealing


@stories
def test_a_story_speaks_of_steps_questions_and_people_that_exist(path: Path) -> None:
    told, home = story(path), path.parent.parent
    logins = {user["login"] for user in demo("people")["users"]}
    assert told["title"]
    assert told["title_en"]
    assert not CHINESE.search(told["title_en"])
    assert all(re.fullmatch(r"T\d\d", case) for case in told["cases"])
    known = {p["code"] for p in demo("projects")["projects"]}
    if about(home).get("subject", "none") != "none":
        assert told.get("project") in known or told["concerns"]["story"]
    moments = []
    for step in (told["starts"], *told.get("steps", ())):
        folder = folder_of(step.get("case") or step.get("opens") or home.name, told, home)
        procedure, flow = about(folder), opened(folder)
        moments.append(datetime.fromisoformat(step.get("until") or step["at"]))
        who = step.get("who") or (step.get("withdraw") or {}).get("who")
        assert who is None or who in logins | {"first", "all"}
        form = procedure["asks"] if step is told["starts"] or "opens" in step else None
        if "does" in step:
            form = flow.elements[step["does"]].form
        if form:
            says = dict(step.get("says") or {})
            while like := says.pop("like", None):
                says = {**answers(folder)[like], **says}
            assert set(says) <= asked(folder)[form], f"{form} does not ask all of this"
        check_then(step.get("then") or {}, folder, flow)
    assert moments == sorted(moments)
    check_then(told.get("then") or {}, home, opened(home))
    for name, then in (told.get("beside") or {}).items():
        folder = folder_of(name, told, home)
        check_then(then, folder, opened(folder))


def answers(folder: Path) -> dict[str, Any]:
    """What the stories of a folder share."""
    return yaml.read((folder / "stories" / "answers.yaml").read_text(encoding="utf-8"))


def asked(folder: Path) -> dict[str, frozenset[str]]:
    """The questions of each form."""
    return {p.stem: forms.read(p.read_text(encoding="utf-8")).keys for p in folder.glob("forms/*.form")}


def check_then(then: dict[str, Any], folder: Path, flow: drawing.Drawing) -> None:
    procedure = about(folder)
    assert set(then) <= THEN
    assert set(then.get("open") or ()) <= set(flow.elements)
    assert set(then.get("ends") or ()) <= {e.id for e in flow.elements.values() if e.kind == "endEvent"}
    for kind in ("papers", "notices", "letters"):
        assert set(then.get(kind) or ()) <= set(procedure.get(kind) or ())
    assert set(then.get("facts") or ()) <= variables(folder)
    for element, due in (then.get("due") or {}).items():
        assert element in flow.elements
        assert isinstance(due, date)
    assert set(then.get("pending") or ()) <= set(procedure.get("confirms") or ())


def beside(flow: drawing.Drawing) -> set[str]:
    """The ends of what never ends a case: nothing leads there but events that leave their step going on."""
    into = {one: e.id for e in flow.elements.values() for one in e.incoming}
    on = [e.id for e in flow.elements.values() if e.kind == "startEvent"]
    met: set[str] = set()
    while on:
        met.add(here := on.pop())
        follow = [into[one] for one in flow.elements[here].outgoing]
        follow += [e.id for e in flow.elements.values() if e.attached == here and e.interrupting]
        on += [one for one in follow if one not in met]
    ends = {e.id for e in flow.elements.values() if e.kind == "endEvent" and e.event != "terminate"}
    return ends - met


@folders
def test_every_end_of_the_drawing_is_reached_in_some_story(folder: Path) -> None:
    """Ends of reminders, and of what is done while something else goes on, come beside another end."""
    flow = opened(folder)
    aside = beside(flow) | {"reported_end", "removed_told", "reminded_end"}  # one of several ways at once
    ends = {e.id for e in flow.elements.values() if e.kind == "endEvent"} - aside
    reached = set()
    for path in (p for p in STORIES if p.parent.parent == folder):
        reached |= set((story(path).get("then") or {}).get("ends") or ())
    for path in STORIES:  # and in the stories of cases that this one is linked with
        for name, then in (story(path).get("beside") or {}).items():
            if folder_of(name, story(path), path.parent.parent) == folder:
                reached |= set(then.get("ends") or ())
    assert reached == ends


# ---------------------------------------------------------------------------------------------- demo


def test_the_demo_district_is_whole_and_synthetic() -> None:
    people, projects = demo("people"), demo("projects")["projects"]
    organisations = {one["key"]: one for one in people["organisations"]}
    count = {kind: sum(o["kind"] == kind and not o.get("state") for o in organisations.values())
             for kind in ORGANISATION_KINDS}  # fmt: skip
    assert (count["street"], count["community"], count["developer"], count["enterprise"]) == (6, 24, 10, 22)
    for one in organisations.values():
        assert one["name_en"]
        assert not CHINESE.search(one["name_en"])
        assert "parent" not in one or one["parent"] in organisations
        if one["kind"] in {"developer", "enterprise"}:
            assert one["code"].startswith("91999999")
            assert code_holds(one["code"])
    assert all(user["organisation"] in organisations for user in people["users"])
    assert all(user["role"] in ROLES for user in people["users"])
    for project in projects:
        assert set(project["parties"].values()) <= set(organisations)
        assert organisations[project["parties"]["community"]]["parent"] == project["parties"]["street"]
    sizes = {project["sizes"]["gfa_total"] for project in projects}
    assert {"19999.99", "20000.00", "20000.01", "29999.99", "30000.00", "30000.01"} <= sizes
    assert {"39999.99", "40000.00", "40000.01", "49999.99", "50000.00", "50000.01"} <= sizes


def test_the_demo_enterprises_stand_as_rules_md_says() -> None:
    kinds: dict[Any, int] = {}
    for record in demo("standing")["records"]:
        key = record.get("stars", record["kind"])
        kinds[key] = kinds.get(key, 0) + 1
    assert kinds == {3: 4, 2: 6, 1: 5, 0: 3, "rectification": 2, "blacklist": 1, "ban": 1}


def test_every_live_case_of_the_demo_is_a_story_with_people_of_its_project() -> None:
    people = {user["login"]: user for user in demo("people")["users"]}
    projects = {project["code"]: project for project in demo("projects")["projects"]}
    kinds = {one["key"]: one["kind"] for one in demo("people")["organisations"]}
    for case in demo("cases")["cases"]:
        key, _, name = case["story"].partition("/")
        if "leaves" in case:  # nothing is played of it; loading refuses whoever has no such project
            continue
        told = story(WORKFLOWS / key / "stories" / f"{name}.yaml")
        steps = told.get("steps", [])[: case.get("after")]
        parties = concerned(case, told, projects)
        others = {step["as"] for step in steps if "opens" in step and "as" in step}
        for step in (told["starts"], *steps):
            if "opens" in step or step.get("case") in others:
                continue  # a case of somebody else about this one
            who = step.get("who") or (step.get("withdraw") or {}).get("who")
            if who is not None and who not in {"all", "first"} and not set(step) & set(sealing.ACTS):
                user = people[case.get("as", {}).get(who, who)]
                home = user["organisation"]
                anywhere = kinds[home] in {"bureau", "agency", "association"}
                assert anywhere or home in parties, f"{case['story']}: {who}"


def concerned(case: dict[str, Any], told: dict[str, Any], projects: dict[str, Any]) -> set[str]:
    """The parties of the case's project, or of the project that its application would make."""
    key, swap = case["story"].partition("/")[0], case.get("as", {})
    if "project" in case:
        first = case.get("concerns") or told.get("concerns") or {}
        free = outsider(key, told, swap) | bidders(first.get("story", ""))
        return {*projects[case["project"]]["parties"].values(), *free}
    says = dict(told["starts"]["says"])
    says = {**answers(WORKFLOWS / key)[says.pop("like")], **says}
    return {swap.get(one, one) for one in (told["starts"]["who"], *says["place"].values())}


def bidders(story_of: str) -> set[str]:
    """Whoever bid in the story that comes first: one of them may have won."""
    key, _, name = story_of.partition("/")
    steps = story(WORKFLOWS / key / "stories" / f"{name}.yaml")["steps"] if name else ()
    return {step["who"] for step in steps if "bids" in step}


def outsider(key: str, told: dict[str, Any], swap: dict[str, str]) -> set[str]:
    """Whoever may begin a case about another's case need not be a party of that one's project."""
    heading = yaml.read((WORKFLOWS / key / "procedure.yaml").read_text(encoding="utf-8"))
    free = (heading.get("concerns") or {}).get("open_to") == "starts"
    homes = {user["login"]: user["organisation"] for user in demo("people")["users"]}
    return {homes[swap.get(told["starts"]["who"], told["starts"]["who"])]} if free else set()
