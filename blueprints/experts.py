"""The register of evaluation experts, kept by the bureau and shown to nobody else."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, flash, g, redirect, render_template, request, url_for

from blueprints.hall.counter import refused
from casework import clock, letters
from casework import committee as panel
from casework.answers import Answers
from casework.committee import register as roster
from casework.committee.questions import (
    EDUCATION,
    ExpertAnswers,
    FactsAnswers,
    NoteAnswers,
    TieAnswers,
    TurnAnswers,
)
from casework.db import db, row
from casework.errors import NotYet, OfficeError
from casework.people import by_login
from casework.rules import admits
from casework.words import say

bp = Blueprint("experts", __name__, url_prefix="/experts")


@bp.get("/")
@admits(roster.keep)
def register() -> Any:
    """Who is on the register; by name, number, employer, speciality."""
    words, after = request.args.get("q", "").strip()[:60], request.args.get("after", 0, type=row)
    speciality = request.args.get("s", "")
    found = roster.search(g.post, words, speciality=speciality, after=after)
    return render_template(
        "registers/experts.html",
        words=words,
        speciality=speciality,
        names=panel.SPECIALITIES,
        today=clock.today(),
        found=found[: roster.PAGE],
        more=found[roster.PAGE - 1].id if len(found) > roster.PAGE else None,
        after=after,
    )


@bp.route("/add", methods=["GET", "POST"])
@admits(roster.keep)
def add() -> Any:
    """A new expert, with an account of one's own."""
    answers = ExpertAnswers(request.form)
    if request.method == "POST" and answers.validate():
        link = current_app.config["RESET_LINK"]
        try:
            one = roster.add(answers.person(), answers.facts(), by=g.post, link=link, send=letters.send)
        except OfficeError as error:
            taken = "login" if by_login(answers.login.data or "") else "id_number"
            refused(answers, "since" if isinstance(error, NotYet) else taken, error)
        else:
            db.session.commit()
            flash(say("已入库，编号 %(code)s。设置密码的链接已发至本人邮箱。", code=one.code), "ok")
            return redirect(url_for("experts.show", expert_id=one.id))
    page = render_template("registers/expert_form.html", form=answers, one=None)
    return page, 422 if answers.wrong else 200


@bp.get("/<int:expert_id>")
@admits(roster.keep)
def show(expert_id: int) -> Any:
    """One expert: facts, ties, file."""
    return _page(expert_id)


def _page(expert_id: int, wrong: Answers | None = None) -> Any:
    one = roster.find(expert_id, by=g.post)
    asked = {"tie": TieAnswers(), "turn": TurnAnswers(), "noted": NoteAnswers()}
    for name, kind in (("tie", TieAnswers), ("turn", TurnAnswers), ("noted", NoteAnswers)):
        if isinstance(wrong, kind):
            asked[name] = wrong
    page = render_template(
        "registers/expert.html",
        one=one,
        wrong=wrong,
        names=panel.SPECIALITIES,
        kinds=panel.TIES,
        notes=panel.NOTES,
        education=EDUCATION,
        binding=panel.ties.binding,
        history=roster.history(one),
        today=clock.today(),
        **asked,
    )
    return page, 422 if wrong else 200


@bp.route("/<int:expert_id>/change", methods=["GET", "POST"])
@admits(roster.keep)
def change(expert_id: int) -> Any:
    """New facts."""
    one = roster.find(expert_id, by=g.post)
    known = {name: getattr(one, name) for name in ("employer", "title", "education")}
    known |= {"since": one.since.isoformat(), **dict.fromkeys(one.specialities, True)}
    answers = FactsAnswers(request.form, data=known)
    if request.method == "POST" and answers.validate():
        try:
            roster.change(one, answers.facts(), by=g.post)
        except OfficeError as error:
            refused(answers, "since", error)
        else:
            db.session.commit()
            flash(say("已变更，原信息保留在档案中。"), "ok")
            return redirect(url_for("experts.show", expert_id=expert_id))
    page = render_template("registers/expert_form.html", form=answers, one=one)
    return page, 422 if answers.wrong else 200


@bp.post("/<int:expert_id>/tie")
@admits(roster.keep)
def tie(expert_id: int) -> Any:
    """A firm from which the expert stays away."""
    one, answers = roster.find(expert_id, by=g.post), TieAnswers(request.form)
    if answers.validate():
        read = answers.read
        try:
            roster.tie(
                one,
                answers.kind.data or "",
                answers.firm.data or "",
                read["begins"],
                read.get("ends"),
                by=g.post,
            )
        except OfficeError as error:
            refused(answers, "ends", error)
        else:
            return _done(expert_id, say("回避事项已登记。"))
    return _page(expert_id, answers)


@bp.post("/<int:expert_id>/tie/<int:tie_id>/end")
@admits(roster.keep)
def untie(expert_id: int, tie_id: int) -> Any:
    """The tie ends today."""
    roster.untie(roster.find(expert_id, by=g.post), tie_id, clock.today(), by=g.post)
    return _done(expert_id, say("回避事项已终止；任职的，三年内仍应回避。"))


@bp.post("/<int:expert_id>/turn")
@admits(roster.keep)
def turn(expert_id: int) -> Any:
    """Suspended, restored, removed."""
    one, answers = roster.find(expert_id, by=g.post), TurnAnswers(request.form)
    if answers.validate():
        try:
            roster.turn(one, answers.how.data or "", answers.reason.data or "", by=g.post)
        except OfficeError as error:
            refused(answers, "how", error)
        else:
            return _done(expert_id, say("在库状态已变更。"))
    return _page(expert_id, answers)


@bp.post("/<int:expert_id>/note")
@admits(roster.keep)
def note(expert_id: int) -> Any:
    """A training or an assessment."""
    one, answers = roster.find(expert_id, by=g.post), NoteAnswers(request.form)
    if answers.validate():
        says, day = answers.says.data or "", answers.read["on"]
        roster.note(one, answers.kind.data or "", by=g.post, says=says, on=day)
        return _done(expert_id, say("已记入档案。"))
    return _page(expert_id, answers)


def _done(expert_id: int, says: str) -> Any:
    db.session.commit()
    flash(says, "ok")
    return redirect(url_for("experts.show", expert_id=expert_id))
