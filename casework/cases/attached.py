"""What was attached to a step: the record signs its bytes, not only its name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Original:
    """A paper that people signed by hand, as it was sent last: what it is, its file, who sent it when."""

    title: str
    file: Mapping[str, Any]
    step: Step


def originals(case: Case, steps: Iterable[Step], lang: str) -> list[Original]:
    """Those that the procedure names (`originals`); `steps`: done, newest first, open to the reader."""
    found: dict[str, list[Original]] = {key: [] for key in case.procedure.about.get("originals") or ()}
    for step in steps if found else ():
        form = step.procedure.forms[step.form]
        for key in found.keys() & set(form.uploads):
            sent = (step.answers or {}).get(key) or ()
            title = form.by_key[key].label.of(lang)
            found[key] = found[key] or [Original(title, one, step) for one in sent]
    return [one for some in found.values() for one in some]


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
