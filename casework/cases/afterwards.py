"""What the worker does for a case after the commit: the next application, begun; a case about it, opened."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from casework import clock, journal, places, procedures
from casework.cases import asking, enclosures
from casework.cases.drafts import Kept
from casework.cases.facts import for_application
from casework.cases.model import Case, Draft
from casework.cases.rows import lock
from casework.cases.settle import call_bureau
from casework.cases.steps import open_case
from casework.db import db
from casework.engine.feel import FeelError
from casework.errors import NotYet, OfficeError
from casework.people import ROLES, Post, holders
from casework.words import _, both, say_in


def begin_application(key: str, case_id: int, values: Mapping[str, Any], now: datetime) -> None:
    """The applicant finds the application for the next procedure begun, with what is known already."""
    case = db.session.get_one(Case, case_id)
    if case.starter_user_id is None:
        return
    same = sa.select(Draft.id).where(
        Draft.user_id == case.starter_user_id, Draft.key == key, Draft.about_id == case.id
    )
    done = sa.select(Case.id).where(  # somebody was quicker by hand
        Case.parent_id == case.id,
        Case.key == key,
        Case.starter_organisation_id == case.starter_organisation_id,
        Case.status != "withdrawn",
    )
    if db.session.scalar(same) is None and db.session.scalar(done) is None:
        of_project = procedures.of(procedures.current(key)).subject == "project"
        known = {k: v for key, value in values.items() if key != "procedure" for k, v in _typed(key, value)}
        db.session.add(
            Draft(
                user_id=case.starter_user_id,
                key=key,
                project_id=case.project_id if of_project else None,
                about_id=case.id,
                raw=known,
                files={},
                saved_at=now,
                begun_at=now,
            )
        )


def _typed(key: str, value: Any) -> Iterator[tuple[str, list[str]]]:
    """An answer as somebody would have typed it; a list row by row."""
    if isinstance(value, list | tuple):
        for at, row in enumerate(value):
            for column, each in row.items():
                yield from _typed(f"{key}-{at}-{column}", each)
    elif value is not None:
        yield key, [str(value)]


def open_concerning(wanted: Mapping[str, Any], now: datetime) -> None:
    """Open the case that another one's drawing asks for; what stands in the way is that one's incident."""
    parent = lock(wanted["case"])
    try:
        with db.session.begin_nested():
            _open(parent, str(wanted["procedure"]), dict(wanted.get("answers") or {}), now)
    except enclosures.Unmade:
        raise
    except (OfficeError, FeelError) as no:
        says = no.says if isinstance(no, OfficeError) else both(no.zh, no.en)
        zh, en = say_in("zh", says), say_in("en", says)
        incident = {"element": "", "token": "", "zh": zh, "en": en, "expression": None, "again": dict(wanted)}
        journal.write(parent, "incident", at=now, detail={k: incident[k] for k in ("zh", "en")})
        parent.incident = [*(parent.incident or []), incident]
        call_bureau(parent)


def _open(parent: Case, key: str, given: Mapping[str, Any], now: datetime) -> Case:
    """In the name of the parent's starter, by the answers that the application form finds good."""
    by = _starter(parent, now)
    answers = found_good(key, given, by=by, project=parent.project, about=parent, now=now)
    return open_case(key, by=by, answers=answers, about=parent, itself=True, now=now)


def found_good(
    key: str,
    given: Mapping[str, Any],
    *,
    by: Post,
    project: places.Project | None,
    about: Case | None,
    now: datetime,
) -> dict[str, Any]:
    """What the application form makes of answers that nobody typed; NotYet names what is wrong with them."""
    procedure = procedures.of(procedures.current(key))
    form, known = procedure.forms[procedure.asks], for_application(by, project, now, about, key)
    files = {k: [_kept(one) for one in given[k] or ()] for k in form.uploads if k in given}
    values = {k: v for k, v in given.items() if k not in form.uploads}
    bound, english = (
        form.bind(
            lang,
            values=values,
            facts=known,
            files=files,
            today=clock.local(now).date(),
            functions=asking.functions(now, procedure),
        )
        for lang in ("zh", "en")
    )
    every = [section.id for section in form.sections]
    if not bound.validate(every):
        english.validate(every)
        zh, en = ("；".join(e.text for e in bound.errors()), "; ".join(e.text for e in english.errors()))
        title = both(procedure.title, procedure.says(procedure.title, "en"))
        raise NotYet(_("未能建立“%(title)s”：%(why)s", title=title, why=both(zh, en)))
    return bound.answers()


def _kept(one: Mapping[str, Any]) -> Kept:
    return Kept(str(one["id"]), str(one["name"]), int(one["size"]))


def _starter(case: Case, now: datetime) -> Post:
    """Who stands for the starter: the person who applied, or whoever holds a post there today."""
    posts = holders(case.starter_organisation_id, tuple(ROLES), clock.local(now).date())
    if not posts:
        raise NotYet(_("申请单位现在没有在岗人员。"))
    return next((post for post in posts if post.user_id == case.starter_user_id), posts[0])
