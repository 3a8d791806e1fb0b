"""Who of a party may not do a step because of what the same person did before in the case.

Properties of a user task (workflows/README.md): `different_persons`, its instances are done by different
persons; `other_than`, whoever completed one of the steps named may not complete this one; `checks`, neither
may anybody of the organisation that completed the step named.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

import sqlalchemy as sa

from casework import clock, rules
from casework.cases.model import Step
from casework.cases.turn import Turn
from casework.db import db
from casework.errors import Refused
from casework.people import Post, holders
from casework.words import Words, _


def ask(step: Step, by: Post) -> None:
    """Go on, or Refused because this person has done the other part already."""
    properties = step.case.procedure.flow.elements[step.element].properties
    if properties.get("different_persons") == "true":
        rules.different.ask(_done(step, by, (step.element,), Step.opened_at == step.opened_at))
    if others := properties.get("other_than", "").split():
        rules.another.ask(_done(step, by, others))
    if checked := properties.get("checks"):
        done = sa.select(Step).where(
            Step.case_id == step.case_id, Step.element == checked, Step.status == "done"
        )
        rules.apart.ask(by, db.session.scalars(done).all())


def seat(step: Step) -> str:
    """Which of several persons who must each do the same step this one is done for; nothing elsewhere."""
    element = step.procedure.flow.elements.get(step.element)
    several = element is not None and element.properties.get("different_persons") == "true"
    return str(step.item) if several else ""


def stands_aside(step: Step, by: Post) -> str:
    """What the page tells whoever may not do this step, before anything is typed; nothing to the others."""
    try:
        ask(step, by)
    except Refused as no:
        return str(no)
    return ""


def forewarns(turn: Turn, step: Step, by: Post, lang: str) -> Words:
    """What whoever is about to do this step reads when nobody would be left for a later one; else nothing.

    Four eyes that an office does not have would be found out only when the case stands still.
    """
    flow, today = turn.procedure.flow, clock.local(turn.now).date()
    own = flow.elements[step.element]
    twice = own.properties.get("different_persons") == "true" and _shared(step, by)
    if twice and _alone(by, step.roles.split(","), today):
        return _(
            "由您办理本步骤后，“%(name)s”的另一份须由另一人办理，贵单位现在没有其他人可以办理；请先增设岗位。",
            name=turn.procedure.says(own.name, lang),
        )
    for element in flow.elements.values():
        properties = element.properties
        party = turn.procedure.parties.get(properties.get("party") or element.lane or "")
        barred = step.element in properties.get("other_than", "").split()
        if party is None or not barred or turn.value(party.organisation) != by.organisation_id:
            continue
        if _alone(by, party.roles, today):
            return _(
                "由您办理本步骤后，“%(name)s”须由另一人办理，贵单位现在没有其他人可以办理；"
                "请先增设岗位，或者由他人办理本步骤。",
                name=turn.procedure.says(element.name, lang),
            )
    return ""


def _alone(by: Post, roles: Sequence[str], today: date) -> bool:
    """Whether the office has nobody else who could do what these roles do."""
    return all(post.user_id == by.user_id for post in holders(by.organisation_id, roles, today))


def _shared(step: Step, by: Post) -> bool:
    """Whether the office has to do this step once more, beside this one."""
    query = sa.select(sa.func.count()).where(
        Step.case_id == step.case_id,
        Step.element == step.element,
        Step.organisation_id == by.organisation_id,
        Step.opened_at == step.opened_at,
        Step.status == "open",
        Step.id != step.id,
    )
    return bool(db.session.scalar(query))


def _done(step: Step, by: Post, elements: Iterable[str], *more: sa.ColumnElement[bool]) -> int:
    """How many steps at these places of the drawing this person has completed in the case."""
    query = sa.select(sa.func.count()).where(
        Step.case_id == step.case_id,
        Step.element.in_(tuple(elements)),
        Step.done_user_id == by.user_id,
        *more,
    )
    return db.session.scalar(query) or 0
