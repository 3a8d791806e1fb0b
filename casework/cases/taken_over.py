"""What an application takes over from an earlier case of its applicant (`takes_over`, workflows/README.md).

Nothing is stored until the applicant saves: it is read from the earlier case whenever the form is shown, and
what has stopped fitting meanwhile is left out with its reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from casework import forms, procedures
from casework.cases import links
from casework.cases.model import Case, Draft, Step
from casework.db import db
from casework.engine.feel import FeelError
from casework.people import Post


@dataclass(frozen=True)
class Source:
    """The earlier case, with its answers under the names of the new application."""

    number: str
    said: Mapping[str, Any]
    sent: Mapping[str, list[forms.Stored]]


def of(draft: Draft, form: forms.Form, *, by: Post) -> Source | None:
    """What this application takes over; None where it is about no such case of the same applicant."""
    case = draft.about
    if case is None or case.starter_organisation_id != by.organisation_id:
        return None
    part = procedures.of(procedures.current(draft.key)).takes_over.get(case.key)
    if part is None:
        return None
    there = _said(case, part.corrected)
    there |= {
        here: text.evaluate({**dict.fromkeys(text.names), **there}, {}) for here, text in part.named.items()
    }
    asked = (each.key for each in (*form.inputs, *form.lists) if each.key not in part.anew)
    said = {key: there[key] for key in asked if there.get(key) is not None}
    sent = {key: [_stored(one) for one in said.pop(key) or ()] for key in form.uploads if key in said}
    return Source(case.number, said, sent)


def _said(case: Case, corrected: frozenset[str]) -> dict[str, Any]:
    """What its application said, as later steps have corrected it."""
    query = (
        sa.select(Step).where(Step.case_id == case.id, Step.status == "done").order_by(Step.done_at, Step.id)
    )
    asks, found = case.procedure.asks, dict[str, Any]()
    for step in db.session.scalars(query):
        if step.form == asks or step.element in corrected:
            found |= step.answers or {}
    return found


def _stored(one: Mapping[str, Any]) -> forms.Stored:
    return forms.Stored(str(one["id"]), str(one["name"]), int(one["size"]))


def before(procedure: procedures.Procedure, project_id: int, *, by: Post, now: datetime) -> Case | None:
    """The case that an application begun by hand follows: this applicant's last one for the project."""
    looked = {key: part.when for key, part in procedure.takes_over.items() if part.when is not None}
    if not looked:
        return None
    query = sa.select(Case).where(
        Case.project_id == project_id,
        Case.key.in_(looked),
        Case.starter_organisation_id == by.organisation_id,
    )
    case = db.session.scalars(query.order_by(Case.id.desc()).limit(1)).first()
    if case is None:
        return None
    try:
        fits = looked[case.key].evaluate(links.concerned(case, now), {})
    except FeelError:
        return None
    return case if fits is True else None
