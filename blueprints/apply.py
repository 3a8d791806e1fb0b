"""Where an application begins: choose the service and the project, fill in, check, submit."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict

from casework import cases, clock, forms, places, procedures, rules
from casework.cases import drafts, links
from casework.db import db, row
from casework.errors import NotYet, Unknown
from casework.words import say

bp = Blueprint("apply", __name__, url_prefix="/apply")
#: Who applies for projects of its own, and for no others.
OWN = frozenset({"developer", "enterprise", "owners"})


@bp.get("/")
@rules.admits(rules.staff)
def services() -> Any:
    """What this post may apply for, and what this person has begun."""
    offered = [p for p in procedures.offered() if _may(p)]
    begun = [(d, procedures.of(procedures.current(d.key))) for d in drafts.of(g.post) if d.key]
    names = {d.id: _project(d) for d, _p in begun}
    return render_template("apply/services.html", offered=offered, begun=begun, projects=names)


def _may(procedure: procedures.Procedure) -> bool:
    starts = procedure.about.get("starts") or {}
    return rules.start(g.post, tuple(starts.get("kinds", ())), tuple(starts.get("roles", ())))


@bp.route("/new/<key>", methods=["GET", "POST"])
@rules.admits(rules.staff)
def new(key: str) -> Any:
    """Which project or which other case it is about."""
    procedure, now = procedures.of(procedures.current(key)), clock.now()
    if not _may(procedure):
        rules.start.ask(None, (), ())
    if request.method == "GET":
        number = request.args.get("about", "").strip()[:40]
        return _choose(procedure, links.find(number, procedure, by=g.post, now=now) if number else None)
    number = (request.form.get("number") or request.form.get("about") or "").strip()[:40]
    try:
        draft = drafts.begin(
            key, by=g.post, project_id=request.form.get("project", type=row), about=number, now=now
        )
    except Unknown:
        if not number or request.form.get("project"):
            raise
        return _choose(procedure, None, number), 422
    db.session.commit()
    return redirect(url_for("apply.fill", draft_id=draft.id))


def _choose(procedure: procedures.Procedure, about: cases.Case | None, missing: str = "") -> str:
    """The choice of the project, or of the case; `missing`: a case number that names none for this post."""
    of_project = procedure.subject == "project"
    chosen = about.project_id if about and of_project else request.args.get("project", type=row)
    offered = links.offered(procedure, by=g.post, now=clock.now())
    if of_project and chosen:
        offered = [one for one in offered if one.project_id == chosen]
    if about is not None and about not in offered:
        offered.insert(0, about)
    return render_template(
        "apply/new.html",
        procedure=procedure,
        projects=_projects(about) if of_project else [],
        project=chosen,
        offered=offered,
        about=about,
        missing=missing,
    )


def _projects(about: cases.Case | None) -> Sequence[places.Project]:
    """The projects to choose from: the other case's; one's own; for an office where it came from, or all."""
    if about is not None and about.project is not None:
        return [about.project]
    if g.post.organisation.kind in OWN:
        return places.choices(g.post.organisation, own=True)
    chosen = request.args.get("project", type=row)
    return [places.find(chosen, by=g.post)] if chosen else places.search(g.post)


@bp.route("/draft/<int:draft_id>", methods=["GET", "POST"])
@rules.admits(rules.staff)
def fill(draft_id: int) -> Any:
    """The form, in one page; every button keeps what was typed."""
    draft = drafts.find(draft_id, by=g.post, alone=request.method == "POST")
    now = clock.now()
    bound = drafts.bind_application(
        draft, by=g.post, lang=g.lang, now=now, formdata=_posted(), uploads=_uploads()
    )
    if request.method == "POST":
        drafts.keep(draft, bound, by=g.post, now=now)
        db.session.commit()
        if bound.wants == "save":
            flash(say("草稿已保存，可以随时回来继续填写。"), "ok")
            return redirect(url_for("apply.fill", draft_id=draft.id))
        if not bound.only_changes and bound.validate():
            return redirect(url_for("apply.check", draft_id=draft.id))
    status = 422 if bound.errors() and not bound.only_changes else 200
    return _form(draft, bound), status


def _form(draft: cases.Draft, bound: forms.Bound) -> str:
    version_id = procedures.current(draft.key)
    bound.pictures = url_for("apply.fill", draft_id=draft.id) + "/file/FILE/SIZE"
    return render_template(
        "apply/fill.html",
        draft=draft,
        bound=bound,
        procedure=procedures.of(version_id),
        version_id=version_id,
        project_name=_project(draft),
    )


def _project(draft: cases.Draft) -> str:
    project = drafts.project_of(draft, g.post)
    if project is None:
        return ""
    return project.name_en or project.name if g.lang == "en" else project.name


@bp.post("/draft/<int:draft_id>/save")
@rules.admits(rules.staff)
def autosave(draft_id: int) -> Any:
    """What the script sends now and then; no files."""
    draft, now = drafts.find(draft_id, by=g.post, alone=True), clock.now()
    bound = drafts.bind_application(draft, by=g.post, lang=g.lang, now=now, formdata=_posted())
    drafts.keep(draft, bound, by=g.post, now=now)
    db.session.commit()
    return {"saved": f"{clock.local(now):%H:%M}"}


@bp.route("/draft/<int:draft_id>/check", methods=["GET", "POST"])
@rules.admits(rules.staff)
def check(draft_id: int) -> Any:
    """Everything once more before it is submitted; submitting opens the case, once."""
    act, now = request.form.get("_act", "")[:64] or secrets.token_urlsafe(18), clock.now()
    if request.method == "POST" and (done := cases.once(act, g.post, now)):
        return redirect(done.leads_to)
    draft = drafts.find(draft_id, by=g.post, alone=request.method == "POST")
    bound = drafts.bind_application(draft, by=g.post, lang=g.lang, now=now)
    if not bound.validate([s.id for s in bound.form.sections]):
        return _form(draft, bound), 422
    if request.method == "GET":
        return render_template("apply/check.html", draft=draft, bound=bound, procedure=_of(draft), act=act)
    try:
        case = cases.open_case(
            draft.key,
            by=g.post,
            answers=bound.answers(),
            project_id=draft.project_id,
            about=draft.about,
            now=now,
        )
    except NotYet as no:
        said = str(no)
        db.session.rollback()
        flash(said, "warn")
        return redirect(url_for("apply.fill", draft_id=draft_id))
    where = url_for("cases.page", number=case.number, submitted=1)
    drafts.forget(draft)
    cases.led(act, where)
    db.session.commit()
    return redirect(where)


@bp.post("/draft/<int:draft_id>/delete")
@rules.admits(rules.staff)
def throw_away(draft_id: int) -> Any:
    """The person does not want it any more."""
    drafts.forget(drafts.find(draft_id, by=g.post))
    db.session.commit()
    flash(say("草稿已删除。"), "ok")
    return redirect(url_for("apply.services"))


def _of(draft: cases.Draft) -> procedures.Procedure:
    return procedures.of(procedures.current(draft.key))


def _posted() -> MultiDict[str, str] | None:
    return request.form if request.method == "POST" else None


def _uploads() -> dict[str, list[Any]]:
    return {key: request.files.getlist(key) for key in request.files}
