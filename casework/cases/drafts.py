"""What somebody has typed and not yet submitted: kept raw, with its files, until the act is done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from casework import clock, files, forms, places, procedures, rules
from casework.cases import asking, links, taken_over
from casework.cases.context import answers
from casework.cases.facts import for_application, for_step
from casework.cases.model import Case, Draft, Step
from casework.cases.rows import locked
from casework.cases.turn import Turn
from casework.db import Moment, Objects, db
from casework.errors import Conflict, NotYet, Unknown
from casework.people import Post
from casework.words import _

#: Drafts one person may have open; more are forgotten things.
MOST = 50
_NEW_FOR_STEP = sa.text(
    "INSERT INTO draft (user_id, step_id, key, saved_at) VALUES (:user_id, :step_id, '', :saved_at) "
    "ON CONFLICT DO NOTHING"
).bindparams(sa.bindparam("saved_at", type_=Moment()))
_MINE = sa.select(Draft).where(Draft.user_id == sa.bindparam("user"), Draft.step_id == sa.bindparam("step"))
_HERE, _ALONE = Objects(_MINE), Objects(_MINE.with_for_update())
_STEP = (
    sa.select(Step).where(Step.id == sa.bindparam("id")).options(joinedload(Step.case).joinedload(Case.kept))
)


def begin(
    key: str, *, by: Post, project_id: int | None, now: datetime, about: str = "", anew: bool = False
) -> Draft:
    """A new application, or the one this person has already begun for the project or about the other case.

    `anew`: beside the one that the drawing of the other case has begun.
    """
    procedure = procedures.of(procedures.current(key))
    rules.start.ask(by, procedure.about.get("starts"))
    other = links.find(about, procedure, by=by, now=now) if about else None
    if other is None and not anew and project_id is not None and procedure.concerns is None:
        other = taken_over.before(procedure, project_id, by=by, now=now)
    about_id = other.id if other else None
    project_id = _project_of(procedure, other, project_id, by)
    if procedure.subject == "case" and other is None:
        raise NotYet(_("请先选择所针对的案件。"))
    same = sa.select(Draft).where(
        Draft.user_id == by.user_id,
        Draft.key == key,
        Draft.project_id == project_id,
        Draft.about_id == about_id,
        Draft.step_id.is_(None),
    )
    if anew:
        same = same.where(Draft.begun_at.is_(None))
    draft = db.session.scalars(same).first()
    if draft is None:
        count = sa.select(sa.func.count()).select_from(Draft).where(Draft.user_id == by.user_id)
        count = count.where(Draft.step_id.is_(None))
        if (db.session.scalar(count) or 0) >= MOST:
            raise NotYet(_("您的草稿已有 %(n)s 份，请先提交或删除不用的草稿。", n=MOST))
        draft = Draft(
            user_id=by.user_id,
            key=key,
            project_id=project_id,
            about_id=about_id,
            raw={},
            files={},
            saved_at=now,
        )
        db.session.add(draft)
        db.session.flush()
    return draft


def _project_of(
    procedure: procedures.Procedure, other: Case | None, project_id: int | None, by: Post
) -> int | None:
    """Where the procedure is about one: the project chosen, or that of the case chosen; never two."""
    if procedure.subject != "project":
        return None
    of_other = other.project_id if other is not None else None
    if project_id is not None and of_other not in (None, project_id):
        raise NotYet(_("所针对的案件不是这个项目的案件，请重新选择。"))
    if (chosen := project_id or of_other) is None:
        raise NotYet(_("请先选择项目。"))
    return places.find(chosen, by=by).id


def of(by: Post) -> list[Draft]:
    """Applications this person has begun, the newest first."""
    query = sa.select(Draft).where(Draft.user_id == by.user_id, Draft.step_id.is_(None))
    return list(db.session.scalars(query.order_by(Draft.saved_at.desc()).limit(MOST)))


def find(draft_id: int, *, by: Post, alone: bool = False) -> Draft:
    """One's own draft; anybody else's is as if it were not there. `alone`: locked."""
    draft = db.session.get(Draft, draft_id, with_for_update=alone)
    if draft is None or draft.user_id != by.user_id or draft.step_id is not None:
        raise Unknown
    return draft


def for_(step: Step, by: Post, *, alone: bool = False) -> Draft | None:
    """What this person has typed for a step; `alone`: no other window of theirs has it meanwhile."""
    found = (_ALONE if alone else _HERE).first(user=by.user_id, step=step.id)
    return found[0] if found else None


def _begin_for(step: Step, by: Post, now: datetime) -> Draft:
    """The person's only draft for the step, also when another window began it at the same moment."""
    db.session.execute(_NEW_FOR_STEP, {"user_id": by.user_id, "step_id": step.id, "saved_at": now})
    draft = for_(step, by, alone=True)
    if draft is None:  # that other window has submitted it in between
        raise Conflict
    return draft


def keep(
    draft: Draft | None, bound: forms.Bound, *, by: Post, now: datetime, step: Step | None = None
) -> Draft:
    """Store what was typed and what was sent with it; a file that is unfit is named beside its question."""
    if draft is None:
        if step is None:
            raise Unknown
        draft = _begin_for(step, by, now)
    kept: dict[str, list[dict[str, Any]]] = {
        key: [{"id": f.id, "name": f.name, "size": f.size} for f in bound.files.get(key, ())]
        for key in bound.form.uploads
    }
    for key, uploads in list(bound.uploads.items()):
        with_place = bound.form.by_key[key].keeps_place
        for upload in uploads:
            try:
                file = files.keep(upload.name, upload.stream.read(), post_id=by.id, with_place=with_place)
            except files.Unfit as unfit:
                bound.bad_files[key] = str(unfit)
            else:
                kept[key].append({"id": str(file.id), "name": file.name, "size": file.size})
        fault = bound.bad_files.get(key, "")
        bound.keep(key, [Kept(**f) for f in kept[key]])
        if fault:
            bound.bad_files[key] = fault
    draft.raw, draft.files, draft.saved_at = bound.raw(), kept, now
    db.session.flush()
    return draft


class Kept:
    """A stored file as the form layer reads it."""

    def __init__(self, id: str, name: str, size: int) -> None:  # noqa: A002  the name forms read
        self.id, self.name, self.size = id, name, size


def bind_application(
    draft: Draft,
    *,
    by: Post,
    lang: str,
    now: datetime,
    formdata: Any = None,
    uploads: Mapping[str, Sequence[Any]] | None = None,
    sections: Sequence[str] | None = None,
) -> forms.Bound:
    """The application form with what this person has typed so far."""
    procedure = procedures.of(procedures.current(draft.key))
    form = procedure.forms[procedure.asks]
    facts = for_application(by, project_of(draft, by), now, draft.about, draft.key)
    today, functions = clock.local(now).date(), asking.functions(now, procedure)
    taken, source = None, taken_over.of(draft, form, by=by)
    if source is not None:
        then = form.bind(lang, values=source.said, facts=facts, today=today, functions=functions)
        taken = forms.fitting(then, source.number, source.sent)
    bound = form.bind(
        lang,
        formdata=formdata,
        draft=draft.raw or None,
        values=taken.values if taken else None,
        facts=facts,
        files=_sent(draft, taken.files if taken else {}),
        uploads=uploads,
        sections=sections,
        today=today,
        functions=functions,
    )
    bound.taken_over = taken
    return bound


def kept_with_application(draft: Draft, *, by: Post) -> Mapping[str, Sequence[Any]]:
    """The files that stand in an application: this person's; until it is saved, those taken over."""
    procedure = procedures.of(procedures.current(draft.key))
    source = taken_over.of(draft, procedure.forms[procedure.asks], by=by)
    return _sent(draft, source.sent if source else {})


def project_of(draft: Draft, by: Post) -> places.Project | None:
    """The project of an application: one's own, or that of the case it concerns."""
    if draft.project_id is not None:
        return places.find(draft.project_id, by=by)
    return draft.about.project if draft.about is not None else None


def bind_step(
    turn: Turn,
    step: Step,
    draft: Draft | None,
    *,
    lang: str,
    formdata: Any = None,
    uploads: Mapping[str, Sequence[Any]] | None = None,
    part: str | None = None,
) -> forms.Bound:
    """The form of a step with what this person has typed so far.

    `part`: the section the page shows, where the form is filled in part by part.
    """
    if step.status == "open":
        turn.procedure.ask_known()  # nobody is to fill in what cannot be submitted
    form = turn.procedure.forms[step.form]
    facts = for_step(turn, step)
    said, sent = earlier(turn, step)
    return form.bind(
        lang,
        formdata=formdata,
        draft=draft.raw if draft and draft.raw else None,
        values=stands(turn, step, facts | said),
        facts=facts,
        files=_sent(draft, sent),
        uploads=uploads,
        sections=None if part is None else form.part(part),
        today=clock.local(turn.now).date(),
        functions=turn.functions,
        rows=_rows_then(step, form),
    )


def stands(turn: Turn, step: Step, known: Mapping[str, Any]) -> dict[str, Any]:
    """What stands in the form before anybody has typed: data that is known. What decides is decided anew.

    No confirmation (a single tick) stands, and no choice, whatever it was the time before. A step that asks
    `again` corrects: there choices are data, but for those by which the drawing goes its way. An application
    that is corrected keeps them all.
    """
    procedure, again = turn.procedure, _asks_again(turn, step)
    form, ways = procedure.forms[step.form], () if step.form == procedure.asks else procedure.flow.ways
    found = {key: known[key] for key in form.keys if key in known}
    for each in form.inputs:
        if each.type == "checkbox" or (each.type == "radio" and (not again or each.key in ways)):
            found.pop(each.key, None)
    for own in () if again else form.lists:
        chosen = {each.key for each in own.children if each.type == "radio"}
        if chosen and isinstance(rows := found.get(own.key), list):
            found[own.key] = [{k: v for k, v in row.items() if k not in chosen} for row in rows]
    return found


def _asks_again(turn: Turn, step: Step) -> bool:
    return turn.procedure.flow.elements[step.element].properties.get("again") == "true"


def _rows_then(step: Step, form: forms.Form) -> dict[str, Any]:
    """Of a step that somebody has completed meanwhile: the rows that the office gave, for both answers."""
    given = step.answers if step.status == "done" else {}
    return {own.key: given.get(own.key) or [] for own in form.lists if own.rows and own.rows.source and given}


def earlier(turn: Turn, step: Step) -> tuple[dict[str, Any], dict[str, list[Kept]]]:
    """What was answered and sent before, for a step that asks it `again`: to be corrected, not typed anew."""
    if not _asks_again(turn, step):
        return {}, {}
    form, said = turn.procedure.forms[step.form], answers(turn.case)
    sent = {
        key: [Kept(str(f["id"]), str(f["name"]), int(f["size"])) for f in said.get(key) or ()]
        for key in form.uploads
    }
    return {key: said[key] for key in form.keys if key in said and key not in sent}, sent


def kept_with(turn: Turn, step: Step, draft: Draft | None) -> Mapping[str, Sequence[Any]]:
    """The files that stand in the form of a step: this person's, or those sent before."""
    return _sent(draft, earlier(turn, step)[1])


def _sent(draft: Draft | None, before: Mapping[str, Sequence[Any]]) -> Mapping[str, Sequence[Any]]:
    return _files(draft) if draft and draft.files else before


def _files(draft: Draft) -> dict[str, list[Kept]]:
    return {key: [Kept(**f) for f in kept] for key, kept in (draft.files or {}).items()}


def forget(draft: Draft) -> None:
    """The act is done, or the person has thrown it away."""
    db.session.delete(draft)


def step_for(step_id: int, *, by: Post, alone: bool = False) -> Step:
    """An open step on this post's desk, or one that was; anybody else's is as if it were not there.

    `alone`: nobody else moves its case meanwhile.
    """
    step = locked(step_id) if alone else db.session.scalars(_STEP, {"id": step_id}).first()
    if step is None or not rules.complete(by, step):
        raise Unknown
    return step
