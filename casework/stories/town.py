"""The demo district: its organisations, people, projects, standing, and the cases that are under way."""

from __future__ import annotations

import hashlib
from base64 import b32encode
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import current_app

from casework import clock, places, standing, yaml
from casework.committee import register as roster
from casework.db import db
from casework.people import Organisation, Post, User, agreement, codes, passwords
from casework.people.posts import SIGNING_ROLES
from casework.stories import holdings
from casework.stories import story as stories
from casework.stories.player import Player
from casework.stories.story import Story

#: The district was there before its stories.
SINCE = date(2020, 1, 1)
WEEK = timedelta(weeks=1)


def load_demo(workflows: Path) -> None:
    """Load the demo district unless somebody already lives here; commits as it goes, like the stories."""
    if db.session.scalar(sa.select(sa.func.count()).select_from(User)):
        return
    keys = load_town(workflows / "demo")
    db.session.commit()
    play_cases(workflows, keys)


def load_town(folder: Path) -> dict[str, int]:
    """Organisations, people, projects and standing; returns organisation ids by key. The caller commits."""
    people = _read(folder / "people.yaml")
    keys = _organisations(people["organisations"])
    _people(people["users"], keys)
    _projects(_read(folder / "projects.yaml")["projects"], keys)
    _standing(_read(folder / "standing.yaml"), keys)
    _experts(_read(folder / "experts.yaml")["experts"], keys)
    clerk = db.session.scalars(sa.select(Post).where(Post.role == "window").order_by(Post.id)).first()
    if clerk is not None:
        holdings.enter(_read(folder / "holdings.yaml"), clerk)
    return keys


def _read(file: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.read(file.read_text("utf-8"))
    return found


def _organisations(given: list[dict[str, Any]]) -> dict[str, int]:
    keys: dict[str, int] = {}
    for one in given:
        about = {k: v for k, v in one.items() if k not in {"key", "parent"}}
        organisation = Organisation(**about, parent_id=keys.get(one.get("parent", "")))
        db.session.add(organisation)
        db.session.flush()
        keys[one["key"]] = organisation.id
    return keys


def _people(given: list[dict[str, Any]], keys: Mapping[str, int]) -> None:
    """Everybody has the demo's public password; whoever signs also has a code, shown on the demo's pages."""
    hashed = passwords.seal(current_app.config["DEMO_PASSWORD"])
    for one in given:
        user = db.session.scalars(sa.select(User).where(User.login == one["login"])).first()
        if user is None:
            user = User(
                login=one["login"],
                name=one["name"],
                name_en=one.get("name_en", ""),
                email=one.get("email", ""),
                password_hash=hashed,
                home_id=keys[one["organisation"]],
                made_at=clock.now(),
            )
            db.session.add(user)
            db.session.flush()
        post = Post(
            user_id=user.id, organisation_id=keys[one["organisation"]], role=one["role"], starts_on=SINCE
        )
        db.session.add(post)
        if one["role"] in SIGNING_ROLES and user.totp_secret is None:
            codes.bind(user, _device(one["login"]))
            agreement.accept(user)
    db.session.flush()


def _projects(given: list[dict[str, Any]], keys: Mapping[str, int]) -> None:
    clerk = db.session.scalars(sa.select(Post).where(Post.role == "window").order_by(Post.id)).first()
    if clerk is None:
        return
    for one in given:
        about = {k: v for k, v in one.items() if k not in {"parties", "sizes", "area"}}
        parties = {f"{name}_id": keys[key] for name, key in one["parties"].items() if key}
        measures = {name: Decimal(str(value)) for name, value in one["sizes"].items()}
        project = places.register({**about, **parties, **measures}, by=clerk)
        if one.get("area"):
            _area(project, one["area"], clerk)


def _area(project: places.Project, given: Mapping[str, Any], clerk: Post) -> None:
    """The area as it was decided on paper, before there was this office; `together`: codes of projects."""
    decided = {k: v for k, v in given.items() if k != "together"}
    decided |= {"land_area": Decimal(given["land_area"]), "valid_from": given["decided_on"]}
    others = sa.select(places.Project).where(places.Project.code.in_(given.get("together") or ()))
    places.record_area(project, decided, by=clerk, together=db.session.scalars(others).all())


def _standing(given: Mapping[str, Any], keys: Mapping[str, int]) -> None:
    head = db.session.scalars(sa.select(Post).where(Post.role == "head").order_by(Post.id)).first()
    if head is None:
        return
    for one in given.get("relations") or ():
        upper, lower = (standing.Body("", organisation_id=keys[one[side]]) for side in ("upper", "lower"))
        share, document = str(one.get("share", "")), str(one["document"])
        standing.add_relation(
            one["kind"], upper, lower, by=head, begins=one["from"], document=document, share=share
        )
    for one in given["records"]:
        enterprise = db.session.get_one(Organisation, keys[one["enterprise"]])
        standing.record(
            one["kind"],
            enterprise,
            by=head,
            begins=one["from"],
            ends=one.get("until"),
            reason=one["reason"],
            reason_en=one.get("reason_en", ""),
            basis=one.get("basis", ""),
            document=one.get("document", ""),
            value=one.get("stars"),
        )


def _experts(given: list[dict[str, Any]], keys: Mapping[str, int]) -> None:
    """The register of experts; each has the demo's password and a code, as whoever signs."""
    home = db.session.get_one(Organisation, keys["district"])
    hashed = passwords.seal(current_app.config["DEMO_PASSWORD"])
    for one in given:
        person = roster.Person(
            one["name"], one["name_en"], one["id"], one["login"], f"{one['login']}@yunhe.example"
        )
        facts = roster.Facts(
            one["employer"], one["title"], tuple(one["specialities"]), one["since"], one["education"]
        )
        expert = roster.enter(person, facts, home=home, by=None, since=SINCE)
        user = db.session.get_one(User, expert.user_id)
        user.password_hash = hashed
        codes.bind(user, _device(one["login"]))
        agreement.accept(user)
        for tie in one.get("ties") or ():
            firm = db.session.get_one(Organisation, keys[tie["firm"]])
            roster.tie(expert, tie["kind"], firm.name, tie["from"], tie.get("until"), by=None)
    db.session.flush()


def _device(login: str) -> str:
    """The secret of the demo's one-time codes."""
    return b32encode(hashlib.sha256(login.encode()).digest()[:20]).decode()


# ------------------------------------------------------------------------------------- cases under way


def play_cases(workflows: Path, keys: Mapping[str, int]) -> None:
    """Play every case of demo/cases.yaml up to where it stands, in the order of their beginnings."""
    plays, unsent = [], []
    for one in _read(workflows / "demo" / "cases.yaml")["cases"]:
        told, now = _as_cast(workflows, one), clock.now() - timedelta(days=one.get("ago", 0))
        if "leaves" in one:
            unsent.append((shifted(replace(told, steps=()), now), one["leaves"]))
        else:
            plays.append(on_the_day(told, now) if one.get("same_day") else shifted(told, now))
    mail, current_app.config["SMTP"] = current_app.config["SMTP"], "none:"
    try:
        for told in sorted(plays, key=lambda t: t.begins):
            Player(told, keys).play()
        for told, leaves in unsent:
            Player(told, keys).prepare(leaves)
    finally:
        current_app.config["SMTP"] = mail


def _as_cast(workflows: Path, one: Mapping[str, Any]) -> Story:
    """The story of one case as far as it has come, on its project, with its people and its figures."""
    told = _told(workflows, one["story"], one.get("after"))
    if concerns := one.get("concerns"):
        first = _told(workflows, concerns["story"], concerns["after"])
        told = replace(told, before=_later(first, _weeks(first, stories.moment(told.starts["at"]))))
    told = cast(told, one.get("as") or {}, one.get("project") or told.project)
    return _with_figures(_answering(told, one.get("answers") or {}), one.get("says") or {})


def _told(workflows: Path, story: str, after: int | None) -> Story:
    key, _, name = story.partition("/")
    told = stories.read(workflows / key / "stories" / f"{name}.yaml")
    return replace(told, steps=told.steps[:after])


def _answering(told: Story, own: Mapping[str, Mapping[str, Any]]) -> Story:
    """The same story, where shared answers say these things of its own project."""
    shared = told.answers.get(told.key) or {}
    changed = {name: {**shared[name], **said} for name, said in own.items()}
    return replace(told, answers={**told.answers, told.key: {**shared, **changed}})


def _with_figures(told: Story, says: Mapping[str, Any]) -> Story:
    """The same story, where the first application of all says these things of its own project."""
    if told.before is not None:
        return replace(told, before=_with_figures(told.before, says))
    return replace(told, starts={**told.starts, "says": {**(told.starts.get("says") or {}), **says}})


def cast(told: Story, roles: Mapping[str, str], project: str) -> Story:
    """The same story with other people and other words, on another project."""

    def other(value: Any) -> Any:
        if isinstance(value, str):
            return roles.get(value, value)
        if isinstance(value, Mapping):
            return {k: other(v) for k, v in value.items()}
        return [other(v) for v in value] if isinstance(value, list) else value

    before = cast(told.before, roles, project) if told.before else None
    steps, answers = tuple(map(other, told.steps)), other(told.answers)
    return replace(
        told, starts=other(told.starts), steps=steps, answers=answers, project=project, before=before
    )


def shifted(told: Story, last: datetime) -> Story:
    """The story moved by whole weeks, so that weekdays stay: it ends within the week before `last`."""
    return _later(told, _weeks(told, last))


def on_the_day(told: Story, last: datetime) -> Story:
    """The story moved so that it ends on the day of `last`; what has not come yet is left to come."""
    moved, now = _later(told, clock.local(last).date() - clock.local(_ends(told)).date()), clock.now()
    return replace(moved, steps=tuple(part for part in moved.steps if _at(part) <= now))


def _weeks(told: Story, last: datetime) -> timedelta:
    return (last - _ends(told)) // WEEK * WEEK


def _ends(told: Story) -> datetime:
    return max(map(_at, (told.starts, *told.steps)))


def _at(part: Mapping[str, Any]) -> datetime:
    return stories.moment(part.get("at") or part["until"])


def _later(told: Story, by: timedelta) -> Story:
    return replace(
        told,
        starts=_moved(told.starts, by),
        steps=tuple(_moved(part, by) for part in told.steps),
        answers=_moved(told.answers, by),
        before=_later(told.before, by) if told.before else None,
    )


def _moved(value: Any, by: timedelta) -> Any:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value + by
    if isinstance(value, Mapping):
        return {
            k: (stories.moment(v) + by if k in {"at", "until"} else _moved(v, by)) for k, v in value.items()
        }
    return [_moved(v, by) for v in value] if isinstance(value, list) else value
