"""Where the bureau's window checks who asked for an account."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, current_app, flash, g, redirect, render_template, request, url_for

from casework import files, letters
from casework.db import db, row
from casework.errors import Unknown
from casework.people import applications, may
from casework.people.questions import Reason
from casework.rules import admits
from casework.words import say

bp = Blueprint("accounts", __name__, url_prefix="/accounts")


@bp.get("/")
@admits(may.window)
def waiting() -> Any:
    """Applications of the own district by state."""
    state = request.args.get("state", "applied")
    if state not in applications.STATES:
        raise Unknown
    after = request.args.get("after", 0, type=row)
    shown = applications.waiting(g.post, state=state, after=after)
    more = shown[applications.PAGE - 1].id if len(shown) > applications.PAGE else None
    states = applications.STATES
    shown = shown[: applications.PAGE]
    return render_template("accounts/waiting.html", shown=shown, more=more, state=state, states=states)


@bp.get("/<int:application_id>")
@admits(may.window)
def show(application_id: int) -> Any:
    """One application, with what to do."""
    return render_template("accounts/show.html", it=applications.one(g.post, application_id), form=Reason())


@bp.get("/<int:application_id>/licence")
@admits(may.window)
def licence(application_id: int) -> Response:
    """The scan of the licence, to be saved, never shown in the page."""
    file = db.session.get(files.File, applications.one(g.post, application_id).licence_id)
    if file is None:
        raise Unknown
    return Response(files.read(file), headers=dict(files.headers(file)))


@bp.post("/<int:application_id>/approve")
@admits(may.window)
def approve(application_id: int) -> Any:
    """The company is on the register; its first user gets a link."""
    application = applications.one(g.post, application_id)
    applications.approve(g.post, application, link=current_app.config["RESET_LINK"], send=letters.send)
    db.session.commit()
    flash(say("已开户，设置密码的链接已发至 %(email)s。", email=application.organisation.email), "ok")
    return redirect(url_for("accounts.waiting"))


@bp.post("/<int:application_id>/refuse")
@admits(may.window)
def refuse(application_id: int) -> Any:
    """No account, with the reason."""
    application = applications.one(g.post, application_id)
    answers = Reason(request.form)
    if not answers.validate():
        return render_template("accounts/show.html", it=application, form=answers), 422
    applications.refuse(g.post, application, answers.reason.data or "", send=letters.send)
    db.session.commit()
    flash(say("已告知申请单位不予开户及原因。"), "ok")
    return redirect(url_for("accounts.waiting"))
