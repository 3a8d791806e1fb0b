"""Who may open which attachment: of a case whoever may read the answer, of a draft whoever wrote it."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from casework import files
from casework.cases import drafts, enclosures, privacy
from casework.cases.model import Case, Draft, Step
from casework.cases.turn import Turn
from casework.db import db
from casework.errors import Unknown
from casework.people import Post


def of_case(case: Case, file_id: int, *, by: Post, now: datetime) -> files.File:
    """An attachment of a completed step that this post may read, or what the office has enclosed."""
    if enclosed := enclosures.file(case, file_id):
        return enclosed
    steps = db.session.scalars(sa.select(Step).where(Step.case_id == case.id, Step.status == "done"))
    readable = (step for step in steps if not privacy.hidden(step, by, now))
    return _kept(file_id, any(_holds(step, str(file_id)) for step in readable))


def of_application(draft: Draft, file_id: int, *, by: Post) -> files.File:
    """A file of one's own application that is not submitted yet."""
    kept = drafts.kept_with_application(draft, by=by)
    return _kept(file_id, any(one.id == str(file_id) for sent in kept.values() for one in sent))


def of_step(step: Step, file_id: int, *, by: Post, now: datetime) -> files.File:
    """A file this person has sent with a step that is not submitted yet, or that was sent before."""
    kept = drafts.kept_with(Turn(step.case, by, now), step, drafts.for_(step, by))
    return _kept(file_id, any(one.id == str(file_id) for sent in kept.values() for one in sent))


def _holds(step: Step, file_id: str) -> bool:
    """Whether a question for files holds it; an answer that only looks like one opens nothing."""
    form, given = step.procedure.forms.get(step.form), step.answers or {}
    return form is not None and any(
        one["id"] == file_id for key in form.uploads for one in given.get(key) or ()
    )


def _kept(file_id: int, held: bool) -> files.File:
    kept = db.session.get(files.File, file_id) if held else None
    if kept is None:
        raise Unknown
    return kept
