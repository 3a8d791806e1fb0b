"""For the town: experts who score the opened bids, and an owners' committee that takes its rooms over."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from casework import cases, places, stories
from casework.committee import Expert
from casework.db import db
from casework.people import Organisation, Post, User
from casework.stories.town import SINCE

WORKFLOWS = Path(__file__).resolve().parents[2] / "workflows"
MONTH = timedelta(days=31)
#: What an expert wrote beside a score; a person and a paper in the application of the owners.
SCORED, ASKED, FILED = "SCORE-TADORNA", "CONTACT-UPUPA", "FILE-VANELLUS"


def fill(keys: Mapping[str, int]) -> tuple[dict[str, dict[str, Any]], dict[str, str]]:
    """Both cases; returns the objects of their pages, and the logins of the two experts."""
    about, experts = _panel(keys)
    return about | _owners(keys), experts


def judges(panel: str, tender: str) -> None:
    """The committee's case is about that tender, whose bids are open."""
    found = {
        number: db.session.scalars(sa.select(cases.Case).where(cases.Case.number == number)).one()
        for number in (panel, tender)
    }
    found[panel].parent_id = found[tender].id


def _panel(keys: Mapping[str, int]) -> tuple[dict[str, dict[str, Any]], dict[str, str]]:
    """Five members; the first has scored, the next is about to."""
    case = _played(_scoring(), keys)
    scored, waiting = (_scores(case, status) for status in ("done", "open"))
    mine = next(step for step in waiting if step.organisation.kind == "expert")
    sitting = {step.organisation_id for step in (*scored, *waiting)}
    far = db.session.scalars(
        sa.select(Expert).where(~Expert.organisation_id.in_(sitting)).order_by(Expert.id)
    ).first()
    assert far is not None
    about = {
        "panel": {"number": case.number},
        "step-exp": {"step_id": mine.id},
        "scores": {"number": case.number, "step_id": scored[0].id},
    }
    return about, {"exp": _login(mine.organisation_id), "exp_far": _login(far.organisation_id)}


def _scoring() -> stories.Story:
    """Until the first of them has scored; a month before, when the town's clock has not come to the day yet."""
    told = stories.read(WORKFLOWS / "committee" / "stories" / "awarded_by_score.yaml")
    answers = deepcopy(told.answers)
    answers["committee"]["scores"]["scores"]["3-1"]["remark"] = SCORED
    until = next(at for at, part in enumerate(told.steps) if part["does"] == "score")
    steps = [part for part in told.steps[:until] if not part.get("refused")]
    steps.append({**told.steps[until], "who": "first"})
    shows = {**told.stands["shows"], "closes_at": told.stands["shows"]["closes_at"] - MONTH}
    starts, steps = _before(told.starts), [_before(part) for part in steps]
    return replace(
        told, answers=answers, stands={**told.stands, "shows": shows}, starts=starts, steps=tuple(steps)
    )


def _before(part: Mapping[str, Any]) -> dict[str, Any]:
    """The same a month earlier; what holds afterwards is the story's own business."""
    return {**part, "at": datetime.fromisoformat(part["at"]) - MONTH, "then": {}}


def _played(told: stories.Story, keys: Mapping[str, int]) -> cases.Case:
    case = stories.Player(told, keys).play()
    assert case is not None
    return case


def _scores(case: cases.Case, status: str) -> list[cases.Step]:
    found = sa.select(cases.Step).where(
        cases.Step.case_id == case.id, cases.Step.element == "score", cases.Step.status == status
    )
    return list(db.session.scalars(found.order_by(cases.Step.id)))


def _login(organisation_id: int) -> str:
    found = sa.select(User.login).join(Post, Post.user_id == User.id)
    return db.session.scalars(found.where(Post.organisation_id == organisation_id)).one()


def committee_beyond(keys: Mapping[str, int], sealed: str, now: datetime) -> None:
    """Another owners' committee of the district, that has no part in anything."""
    home = Organisation(kind="owners", name="听雨轩业主委员会", parent_id=keys["com13"])
    db.session.add(home)
    db.session.flush()
    user = User(login="oc-far", name="远处oc-far", password_hash=sealed, home_id=home.id, made_at=now)
    db.session.add(user)
    db.session.flush()
    db.session.add(Post(user_id=user.id, organisation_id=home.id, role="head", starts_on=SINCE))


def _owners(keys: Mapping[str, int]) -> dict[str, dict[str, Any]]:
    """Rooms that the enterprise has listed and the committee is about to check; a room and a lift of the project."""
    told = stories.read(WORKFLOWS / "rooms_owners" / "stories" / "handed_on.yaml")
    answers = deepcopy(told.answers)
    answers["rooms_owners"]["apply"] |= {"contact": ASKED, "file_filing": [f"{FILED}.pdf"]}
    case = _played(replace(told, answers=answers, steps=told.steps[:1]), keys)
    first = db.session.scalars(
        sa.select(cases.Step).where(cases.Step.case_id == case.id, cases.Step.token == "start")
    ).one()
    file = int(first.answers["file_filing"][0]["id"])
    own, source = {"project_id": case.project_id}, places.Source(_clerk(), "补登")
    room = {**own, "code": "YF-08", "kind": "office", "name": "ROOM-WREN", "area": 90}
    lift = {**own, "code": "DT-08", "kind": "lift", "name": "LIFT-WREN", "quantity": 1, "unit": "台"}
    (room_id,), (lift_id,) = (
        places.add_parts("room", [room], source),
        places.add_parts("facility", [lift], source),
    )
    db.session.commit()  # whoever works next begins with a rollback, and the numbers would be given again
    return {
        "handing-on": {"number": case.number},
        "step-own": {"step_id": cases.lists.open_steps(case.id)[0].id},
        "handing-answers": {"number": case.number, "step_id": first.id},
        "handing-file": {"number": case.number, "file_id": file},
        "owners-procedure": {"key": "rooms_owners"},
        "owners-room": {"room_id": room_id},
        "owners-facility": {"facility_id": lift_id},
        "owners-project": {"project_id": case.project_id},
    }


def _clerk() -> Post:
    return db.session.scalars(
        sa.select(Post).join(User, Post.user_id == User.id).where(User.login == "win1")
    ).one()
