"""What papers, notices and letters may read of a case (workflows/README-papers.md)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from casework import clock, files, signoffs
from casework.cases import panel_papers
from casework.cases.model import Case, Step
from casework.cases.turn import Turn
from casework.db import db
from casework.engine.feel import FeelError
from casework.forms.profile import Component
from casework.people import Organisation

VERDICTS = {signoffs.CONFIRM: "确认", signoffs.CONDITION: "有条件确认", signoffs.REFUSE: "不予确认"}


def answers(case: Case) -> dict[str, Any]:
    """The newest answer to every question of the case."""
    rows = db.session.scalars(
        sa.select(Step.answers)
        .where(Step.case_id == case.id, Step.status == "done", Step.answers.is_not(None))
        .order_by(Step.done_at, Step.id)
    )
    found: dict[str, Any] = {}
    for one in rows:
        found |= one
    return found


def context(turn: Turn, variables: Mapping[str, Any]) -> dict[str, Any]:
    """Everything a blank may name."""
    case = turn.case
    scope = turn.scope(variables)
    known = {
        **scope,
        "case": {**(case.facts.get("case") or {}), "title": case.title, "number": case.number},
        "answers": _fingerprinted({**answers(case), **turn.answers}),
        "parties": _parties(turn, scope),
        "deadlines": _deadlines(turn, scope),
        "today": clock.local(turn.now).date(),
    }
    if "fix pool" in turn.procedure.flow.effects.values():
        known |= panel_papers.printed(case)
    if lanes := stamping_lanes(turn):
        known["matrix"] = matrix(turn, lanes)
        known["defects"] = list(signoffs.tally(case.id, lanes).defects)
    return known


def _fingerprinted(said: Mapping[str, Any]) -> dict[str, Any]:
    """Answers as a paper prints them: each attached file with its SHA-256, so that the paper binds it."""
    attached = {key: value for key, value in said.items() if _attached(value)}
    ids = {int(one["id"]) for value in attached.values() for one in value}
    if not ids:
        return dict(said)
    query = sa.select(files.File.id, files.File.sha256).where(files.File.id.in_(ids))
    prints = {str(found): sha256 for found, sha256 in db.session.execute(query)}
    return {
        **said,
        **{k: [{**one, "sha256": prints.get(one["id"], "")} for one in v] for k, v in attached.items()},
    }


def _attached(value: Any) -> bool:
    return (
        isinstance(value, list | tuple)
        and bool(value)
        and all(isinstance(one, Mapping) and set(one) == {"id", "name", "size"} for one in value)
    )


def stamping_lanes(turn: Turn) -> tuple[str, ...]:
    """The parties whose stamps the procedure asks for, in the order of the paper form."""
    return tuple(turn.procedure.about.get("confirms") or ())


def _parties(turn: Turn, scope: Mapping[str, Any]) -> dict[str, Any]:
    """Each lane's organisation, as far as it is known yet."""
    ids: dict[str, int] = {}
    for lane, party in turn.procedure.parties.items():
        try:
            found = party.organisation.evaluate(scope, turn.functions)
        except FeelError:
            continue
        if isinstance(found, int):
            ids[lane] = int(found)
    named = {
        o.id: o for o in db.session.scalars(sa.select(Organisation).where(Organisation.id.in_(ids.values())))
    }
    return {
        lane: {
            "organisation": named[i].name,
            "organisation_en": named[i].name_en,
            "address": named[i].address,
            "phone": named[i].phone,
        }
        for lane, i in ids.items()
        if i in named
    }


def _deadlines(turn: Turn, scope: Mapping[str, Any]) -> dict[str, Any]:
    """The last day of every deadline whose beginning is known."""
    found = {}
    for name in turn.procedure.deadlines:
        try:
            at = turn.deadline(scope, name)
        except FeelError:
            continue
        if at is not None:
            found[name] = {"on": last_day(at)}
    return found


def last_day(at: datetime) -> date:
    """The day at whose end a period ends."""
    return clock.local(at - timedelta(seconds=1)).date()


def matrix(turn: Turn, lanes: tuple[str, ...]) -> list[dict[str, Any]]:
    """One row an item, choices in words, with what each party says of it."""
    columns = _columns(turn)
    found = []
    for index, row in enumerate(signoffs.matrix(turn.case.id, lanes), start=1):
        stamps = {
            lane: {
                "verdict": VERDICTS[s.verdict],
                "person": s.post.user.name,
                "organisation": s.organisation.name,
                "on": clock.local(s.at).date(),
            }
            for lane, s in row.stamps.items()
            if s is not None
        }
        content = {key: _worded(columns.get(key), value) for key, value in row.item.content.items()}
        found.append({**content, "index": index, "stamps": stamps})
    return found


def _columns(turn: Turn) -> dict[str, Component]:
    """The questions of the application's lists, by key."""
    form = turn.procedure.forms[turn.procedure.asks]
    return {each.key: each for own in form.lists for each in own.children if each.key}


def _worded(question: Component | None, value: Any) -> Any:
    if question is None:
        return value
    return next((o.label.zh for o in question.ever if o.value == value), value)
