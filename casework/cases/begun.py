"""Applications that the drawing of a case has begun for its starter: who finds them, who goes on with them.

They belong to the organisation rather than to one person: whoever begins the same by hand is told,
and may go on with the one that waits. Whether it is still wanted is for a person to say; what nobody has
touched goes by itself once what its case asked for has happened. Where the other case no longer stands as the
procedure asks (the award it was prepared for has fallen away), nobody is led to it any more, and where it is
opened it says that it is overtaken; it holds again once that case stands as asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, joinedload

from casework import clock, procedures, rules
from casework.cases import links, lists
from casework.cases.model import Case, Draft
from casework.db import db
from casework.errors import NotYet, Unknown
from casework.people import Post
from casework.words import _

#: How many are named at once, on a page where one is chosen.
SHOWN = 10


def waiting(key: str, *, by: Post, project_id: int | None = None, about: Case | None = None) -> list[Draft]:
    """Those of one procedure that wait for this organisation, the newest first.

    `project_id`: only for this project. `about`: only about this case.
    """
    query = _ours(by).where(Draft.key == key)
    if project_id is not None:
        query = query.where(Draft.project_id == project_id)
    if about is not None:
        query = query.where(Draft.about_id == about.id)
    found = list(db.session.scalars(query.order_by(Draft.id.desc()).limit(SHOWN)))
    procedure = procedures.of(procedures.current(key))
    gone = overtaken([(one, procedure) for one in found], by=by)
    return [one for one in found if one.id not in gone]


def overtaken(several: Sequence[tuple[Draft, procedures.Procedure]], *, by: Post) -> dict[int, NotYet]:
    """Of these, each that its other case no longer bears, by its id; with the reason the procedure gives."""
    now, known = clock.now(), links.numbers(draft.about for draft, _p in several if draft.about)
    return {
        draft.id: why
        for draft, procedure in several
        if draft.about and (why := links.unfit(procedure, draft.about, by.organisation, now, known))
    }


def prepared(*, by: Post, about: Case | None = None) -> list[tuple[Draft, procedures.Procedure]]:
    """Those of every procedure this post may apply for, the newest first. `about`: only about this case."""
    ours = {one.key: one for one in procedures.offered() if rules.start(by, one.about.get("starts"))}
    if not ours:
        return []
    query = _ours(by).where(Draft.key.in_(ours)).options(joinedload(Draft.user))
    if about is not None:
        query = query.where(Draft.about_id == about.id)
    found = list(db.session.scalars(query.order_by(Draft.id.desc()).limit(SHOWN)))
    all_of_them = [(one, ours[one.key]) for one in found]
    gone = overtaken(all_of_them, by=by)
    return [(one, procedure) for one, procedure in all_of_them if one.id not in gone]


def _ours(by: Post) -> sa.Select[Draft]:
    whole = contains_eager(Draft.about).options(joinedload(Case.kept), joinedload(Case.starter))
    query = sa.select(Draft).join(Draft.about).options(whole)
    return query.where(
        Draft.begun_at.is_not(None), Case.starter_organisation_id == by.organisation_id
    ).execution_options(populate_existing=True)


def take(draft_id: int, *, by: Post, now: datetime) -> Draft:
    """Go on with one that waits: one's own, or a colleague's in which nothing has been typed."""
    draft = db.session.scalars(_ours(by).where(Draft.id == draft_id).with_for_update(of=Draft)).first()
    if draft is None:
        raise Unknown
    procedure = procedures.of(procedures.current(draft.key))
    rules.start.ask(by, procedure.about.get("starts"))
    if gone := overtaken([(draft, procedure)], by=by):
        raise gone[draft.id]
    if draft.user_id != by.user_id:
        if draft.touched:
            raise NotYet(_("这份申请已由%(who)s填写，不能接手。", who=draft.user.name))
        draft.user_id = by.user_id
        draft.begun_at = draft.saved_at = now
        db.session.flush()
    return draft


def spare(draft: Draft, *, by: Post) -> list[Draft]:
    """What else waits for the project of an application that is about to be sent, and nobody has typed in."""
    if draft.project_id is None:
        return []
    found = waiting(draft.key, by=by, project_id=draft.project_id)
    return [one for one in found if one.id != draft.id and not one.touched]


def forget(ids: Sequence[int], *, by: Post) -> None:
    """Those of `spare` that the application just sent has made superfluous, as its sender says."""
    for draft in db.session.scalars(_ours(by).where(Draft.id.in_(ids))):
        if not draft.touched:
            db.session.delete(draft)


def alike(draft: Draft, *, by: Post) -> Case | None:
    """What may make it superfluous: a case of the same kind, begun since, as far as one may see it.

    For the same project; where the procedure knows no project, about the same case.
    """
    if draft.begun_at is None or draft.about is None:
        return None
    same = Case.parent_id == draft.about_id
    if draft.project_id is not None:
        same = Case.project_id == draft.project_id
    query = sa.select(Case).where(
        Case.key == draft.key,
        Case.id != draft.about_id,  # a tender that failed has begun the next one
        same,
        Case.status != "withdrawn",
        Case.opened_at >= draft.about.opened_at,
        lists.visible(by),
    )
    return db.session.scalars(query.order_by(Case.id.desc()).limit(1)).first()


def happened(case: Case) -> None:
    """A case is opened: what another case's drawing had begun to the same end, and nobody touched, goes."""
    if case.parent_id is None:
        return
    query = (
        sa.select(Draft)
        .join(Draft.about)
        .where(
            Draft.key == case.key,
            Draft.about_id == case.parent_id,
            Draft.begun_at == Draft.saved_at,
            Case.starter_organisation_id == case.starter_organisation_id,
        )
    )
    for draft in db.session.scalars(query):
        db.session.delete(draft)
