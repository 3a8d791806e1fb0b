"""Where an application begins: choose the service and the project, fill in, check, submit."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict

from casework import cases, clock, forms, places, procedures, rules
from casework.cases import begun, drafts, enclosures, links
from casework.db import db, row
from casework.errors import NotYet, Unknown
from casework.words import say

bp = Blueprint("apply", __name__, url_prefix="/apply")


@bp.get("/")
@rules.admits(rules.staff)
def services() -> Any:
    """What this post may apply for, and what this person has begun."""
    offered = [p for p in procedures.offered() if _may(p)]
    mine = [(d, procedures.of(procedures.current(d.key))) for d in drafts.of(g.post) if d.key]
    names = {d.id: _project(d) for d, _p in mine}
    alike = {d.id: case for d, _p in mine if (case := begun.alike(d, by=g.post))}
    return render_template(
        "apply/services.html",
        offered=offered,
        begun=mine,
        projects=names,
        alike=alike,
        overtaken=begun.overtaken(mine, by=g.post),
    )


def _may(procedure: procedures.Procedure) -> bool:
    return rules.start(g.post, procedure.about.get("starts"))


@bp.route("/new/<key>", methods=["GET", "POST"])
@rules.admits(rules.staff)
def new(key: str) -> Any:
    """Which project or which other case it is about: the project first, then a case of it."""
    procedure, now = procedures.of(procedures.current(key)), clock.now()
    if not _may(procedure):
        rules.start.ask(None, None)
    if request.method != "POST":
        number = _number(request.args)
        return _choose(procedure, links.find(number, procedure, by=g.post, now=now) if number else None)
    number, project = _number(request.form), request.form.get("project", type=row)
    unasked = project and "about" not in request.form
    if unasked and links.offered(procedure, by=g.post, now=now, project_id=project):
        return redirect(url_for("apply.new", key=key, project=project))
    anew = "anew" in request.form
    try:
        about = links.find(number, procedure, by=g.post, now=now) if number else None
        if not anew and (found := _waiting(procedure, project, about)):
            return _choose(procedure, about, waiting=found, asked=True)
        draft = drafts.begin(key, by=g.post, project_id=project, about=number, now=now, anew=anew)
    except Unknown:
        if not number or project:
            raise
        return _choose(procedure, None, missing=number), 422
    except NotYet as no:
        return _choose(procedure, None, fault=str(no)), 422
    db.session.commit()
    return redirect(url_for("apply.fill", draft_id=draft.id))


def _number(said: Mapping[str, str]) -> str:
    """The case's number that was chosen or typed."""
    return (said.get("number") or said.get("about") or "").strip()[:40]


def _waiting(
    procedure: procedures.Procedure, project: int | None, about: cases.Case | None
) -> list[cases.Draft]:
    """The same application, where the drawing of a case has begun it."""
    if procedure.subject == "case":
        return begun.waiting(procedure.key, by=g.post, about=about)
    if about is not None and project is None:
        project = about.project_id
    return begun.waiting(procedure.key, by=g.post, project_id=project)


def _choose(
    procedure: procedures.Procedure,
    about: cases.Case | None,
    *,
    missing: str = "",
    fault: str = "",
    waiting: Sequence[cases.Draft] | None = None,
    asked: bool = False,
) -> str:
    """The choice of the project, then of the case.

    `missing`: a case number that names none for this post. `fault`: what was wrong with the choice.
    `asked`: the same application waits; is that the one that is meant?
    """
    of_project, words = procedure.subject == "project", request.args.get("q", "").strip()[:60]
    chosen = about.project_id if about and of_project else request.values.get("project", type=row)
    projects = _projects(about, chosen, words) if of_project else []
    only = projects[0].id if len(projects) == 1 and not words else None
    offered = _offered(procedure, chosen or only, words) if chosen or only or not of_project else []
    if about is not None and about not in offered:
        offered.insert(0, about)
    return render_template(
        "apply/new.html",
        procedure=procedure,
        projects=projects[: links.OFFERED],
        more_projects=len(projects) > links.OFFERED,
        project=chosen or only,
        single=only is not None and not chosen,
        offered=offered[: links.OFFERED],
        more=len(offered) > links.OFFERED,
        about=about,
        missing=missing,
        fault=fault,
        words=words,
        waiting=_waiting(procedure, chosen, about) if waiting is None else waiting,
        asked=asked,
        project_name=_named,
    )


def _offered(procedure: procedures.Procedure, project: int | None, words: str) -> list[cases.Case]:
    of = project if procedure.subject == "project" else None
    return links.offered(procedure, by=g.post, now=clock.now(), project_id=of, words=words)


def _projects(about: cases.Case | None, chosen: int | None, words: str) -> Sequence[places.Project]:
    """The projects to choose from: the other case's; the one chosen; one's own; an office's all it knows."""
    if about is not None and about.project is not None:
        return [about.project]
    if chosen:
        return [places.find(chosen, by=g.post)]
    own = g.post.organisation.kind not in places.may.OFFICES
    return places.search(g.post, words, own=own, limit=links.OFFERED + 1)


@bp.post("/draft/<int:draft_id>/take")
@rules.admits(rules.staff)
def take(draft_id: int) -> Any:
    """Go on with what the drawing of a case has begun."""
    draft = begun.take(draft_id, by=g.post, now=clock.now())
    db.session.commit()
    return redirect(url_for("apply.fill", draft_id=draft.id))


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
    procedure = procedures.of(version_id)
    bound.pictures = url_for("apply.fill", draft_id=draft.id) + "/file/FILE/SIZE"
    return render_template(
        "apply/fill.html",
        draft=draft,
        bound=bound,
        procedure=procedure,
        version_id=version_id,
        project_name=_project(draft),
        alike=begun.alike(draft, by=g.post),
        overtaken=begun.overtaken([(draft, procedure)], by=g.post).get(draft.id),
    )


def _project(draft: cases.Draft) -> str:
    return _named(drafts.project_of(draft, g.post))


def _named(project: places.Project | None) -> str:
    return project.label(g.lang) if project is not None else ""


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
    return enclosures.unlocked(lambda: _check(draft_id))


def _check(draft_id: int) -> Any:
    act, now = request.form.get("_act", "")[:64] or secrets.token_urlsafe(18), clock.now()
    if request.method == "POST" and (done := cases.once(act, g.post, now)):
        return redirect(done.leads_to)
    draft = drafts.find(draft_id, by=g.post, alone=request.method == "POST")
    bound = drafts.bind_application(draft, by=g.post, lang=g.lang, now=now)
    if not bound.validate([s.id for s in bound.form.sections]):
        return _form(draft, bound), 422
    if request.method != "POST":
        spare = begun.spare(draft, by=g.post)
        return render_template("apply/check.html", draft=draft, bound=bound, spare=spare, act=act)
    drafts.forget(draft)
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
    begun.forget(request.form.getlist("spare", type=row), by=g.post)
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


def _posted() -> MultiDict[str, str] | None:
    return request.form if request.method == "POST" else None


def _uploads() -> dict[str, list[Any]]:
    return {key: request.files.getlist(key) for key in request.files}
