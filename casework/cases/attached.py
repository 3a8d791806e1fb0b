"""What was attached to a step: the record signs its bytes, not only its name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from casework import forms
from casework.cases import privacy
from casework.cases.model import Case, Step
from casework.db import db
from casework.files import File


def named(
    form: forms.Form | None, answers: Mapping[str, Any] | None
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The files that the answers of a form name, with the question they answer."""
    for key in form.uploads if form is not None else ():
        for one in (answers or {}).get(key) or ():
            yield key, one


def of_case(case: Case, now: datetime) -> dict[str, list[Mapping[str, Any]]]:
    """By question, what was sent last; nothing of a step whose answers are kept from others."""
    done = sa.select(Step).where(Step.case_id == case.id, Step.status == "done", Step.form != "")
    found: dict[str, list[Mapping[str, Any]]] = {}
    for step in db.session.scalars(done.order_by(Step.done_at, Step.id)):
        form = step.procedure.forms.get(step.form)
        if form is not None and form.uploads and not privacy.hidden(step, None, now):
            found |= {key: list((step.answers or {}).get(key) or ()) for key in form.uploads}
    return found


def signed(form: forms.Form | None, answers: Mapping[str, Any] | None) -> dict[str, dict[str, str]]:
    """For the record of a step: the SHA-256 of every file it brings; nothing where there is none."""
    ids = [int(one["id"]) for _key, one in named(form, answers)]
    return {"files": hashes(ids)} if ids else {}


def hashes(file_ids: Iterable[int]) -> dict[str, str]:
    """The SHA-256 of kept files by id."""
    rows = db.session.execute(sa.select(File.id, File.sha256).where(File.id.in_(list(file_ids))))
    return {str(file_id): digest for file_id, digest in rows}
