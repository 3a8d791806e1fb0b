"""What the office knows when a case opens; it keeps this snapshot, whatever changes later (rules.md B.3)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from casework import clock, papers, places, procedures, profiles, signoffs
from casework.cases import attached, bidding, choices, links, panel, panel_records
from casework.cases.model import Case, Step
from casework.cases.turn import Turn
from casework.people import Organisation, Post, bureau, district


def at_opening(
    by: Post,
    project: places.Project | None,
    number: str,
    now: datetime,
    *,
    about: Case | None = None,
    key: str = "",
) -> dict[str, Any]:
    """The facts of a new case of a procedure: project, starter, district, profile, and the case it concerns.

    It is decided where the project lies (物业管理条例 第二十四条), wherever the starter is at home; without a
    project, in the district of the case it concerns, or in the starter's.
    """
    today = clock.local(now).date()
    placed = district(project.street) if project else None
    home = placed or district(about.starter if about else by.organisation)
    office = bureau(home) if home else None
    return {
        "project": places.facts(project) if project else None,
        "starter": organisation(by.organisation),
        "district": {**organisation(home), "bureau": office.id if office else None},
        "profile": profiles.here(today).snapshot(),
        "case": {"number": number, "opened_on": today},
        "concerned": links.facts(about, key, by.organisation_id, now),
    }


def organisation(one: Organisation | None) -> dict[str, Any]:
    """An organisation as expressions read it."""
    if one is None:
        return {}
    return {"id": one.id, "name": one.name, "name_en": one.name_en, "code": one.code, "kind": one.kind}


def for_application(
    by: Post, project: places.Project | None, now: datetime, about: Case | None = None, key: str = ""
) -> dict[str, Any]:
    """What the application form may read before there is a case."""
    known = at_opening(by, project, "", now, about=about, key=key)
    if not key:
        return known
    procedure = procedures.of(procedures.current(key))
    return {**known, **choices.of(by, procedure.forms[procedure.asks])}


def for_step(turn: Turn, step: Step) -> dict[str, Any]:
    """What the form of a step may read; what would have to be looked up, only if this form reads it."""
    form = turn.procedure.forms[step.form]
    return {
        **turn.scope(),
        "party": step.item if step.item is not None else step.lane,
        "item": step.item,
        **choices.of(step, form),
        **{name: look_up(step) for name, look_up in _LOOKED_UP.items() if name in form.reads | form.keys},
    }


#: Facts that a query answers, by the name under which forms read them.
_LOOKED_UP: dict[str, Callable[[Step], Any]] = {
    "pending": lambda step: signoffs.pending(step.case_id, step.lane),
    "refused": lambda step: signoffs.refused(step.case_id),
    "items": lambda step: signoffs.rows(step.case_id),
    "concerning": lambda step: links.concerning(step.case, clock.now()),
    "attached": lambda step: attached.of_case(step.case, clock.now()),
    "papers": lambda step: papers.numbers_of([step.case_id]).get(step.case_id, {}),
    "progress": lambda step: links.progress(step.case, clock.now()),
    "questions": lambda step: bidding.questions(step.case),
    "opened_bids": lambda step: bidding.opened_bids(step.case),
    "said_at_opening": lambda step: bidding.said_at_opening(step.case),
    "signals": lambda step: bidding.signs(step.case),
    "colleagues": lambda step: panel_records.people(step.case),
    "sitting": lambda step: panel_records.sitting(step.case_id),
    "ballot": lambda step: panel_records.sitting(step.case_id, experts=True),
    "sheet": lambda step: panel.sheet(step.case_id, {**step.case.facts, **step.case.variables}),
    "specialities": lambda _step: panel_records.specialities(),
    "rejection_grounds": lambda _step: panel_records.grounds(),
}
