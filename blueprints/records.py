"""Where the bureau writes into an enterprise's file, and ends what stands there."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for

from blueprints.hall.counter import kept_paper, refused
from casework import clock, profiles, standing
from casework.db import db
from casework.errors import NotYet, Unknown
from casework.rules import admits, bureau
from casework.standing.questions import ASKED, LiftAnswers, RecordAnswers
from casework.words import say

bp = Blueprint("records", __name__)


@bp.route("/enterprises/<int:enterprise_id>/records/add/<kind>", methods=["GET", "POST"])
@admits(bureau)
def add(enterprise_id: int, kind: str) -> Any:
    """A new record; each kind asks what it needs."""
    enterprise = standing.find(enterprise_id)
    if kind not in ASKED:
        raise Unknown
    standing.keep.ask(g.post, enterprise)
    if kind in standing.DECISIONS:
        standing.decide.ask(g.post)
    answers = RecordAnswers(request.form, kind=kind)
    if request.method == "POST" and answers.validate():
        profile = profiles.here(clock.today())
        try:
            new = standing.record(
                kind,
                enterprise,
                by=g.post,
                file_id=kept_paper(answers),
                publish_years=profile.values["credit_publish_years"],
                **answers.facts(),
            )
        except NotYet as error:
            refused(answers, "reason", error)
        else:
            db.session.commit()
            flash(say("已登记。"), "ok")
            if new.unfounded:
                flash(say("提示：该决定未引用法律条文，请核实依据。"), "warn")
            return redirect(url_for("registers.enterprise", enterprise_id=enterprise.id))
    page = render_template(
        "registers/add_record.html", form=answers, enterprise=enterprise, kind=kind, name=standing.KINDS[kind]
    )
    return page, 422 if answers.wrong else 200


@bp.route("/enterprises/<int:enterprise_id>/records/<int:record_id>/lift", methods=["GET", "POST"])
@admits(bureau)
def lift(enterprise_id: int, record_id: int) -> Any:
    """The end of a record: the record stays, its end is a new entry."""
    one = standing.find_record(enterprise_id, record_id, by=g.post, on=clock.today())
    standing.keep.ask(g.post, one.organisation)
    if one.kind in standing.DECISIONS:
        standing.decide.ask(g.post)
    answers = LiftAnswers(request.form)
    if request.method == "POST" and answers.validate():
        try:
            standing.lift(one, by=g.post, file_id=kept_paper(answers), **answers.facts())
        except NotYet as error:
            refused(answers, "reason", error)
        else:
            db.session.commit()
            flash(say("已解除，原记录保留。"), "ok")
            return redirect(url_for("registers.enterprise", enterprise_id=enterprise_id))
    page = render_template("registers/lift_record.html", form=answers, one=one, name=standing.KINDS[one.kind])
    return page, 422 if answers.wrong else 200
