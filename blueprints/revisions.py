"""Where the head of the office that issued a paper puts it right, or takes it back."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for

from blueprints.hall.signing import signed
from casework import cases, papers, rules
from casework.cases import lists, revising
from casework.db import db
from casework.errors import NotYet, Unknown
from casework.papers import correcting
from casework.words import Words, say

bp = Blueprint("revisions", __name__, url_prefix="/case")
#: Shorter reasons say nothing.
LEAST, MOST = 5, 500


@bp.route("/<number>/paper/<int:paper_id>/revise", methods=["GET", "POST"])
@rules.admits(rules.staff)
def revise(number: str, paper_id: int) -> Any:
    """Correct with a new paper, or withdraw; with a reason, signed."""
    case = lists.find(number, by=g.post)
    paper = db.session.get(papers.Paper, paper_id)
    if paper is None or paper.case_id != case.id:
        raise Unknown
    papers.may_revise.ask(g.post, paper)
    fault: Words | None = None
    if request.method == "POST":
        try:
            return _carry_out(case, paper)
        except NotYet as error:
            db.session.rollback()
            fault = error.says
    kind = revising.kind_of(case, paper)
    page = render_template(
        "cases/revise.html",
        case=case,
        paper=paper,
        blanks=correcting.correctable(paper, kind),
        names=revising.names(case, g.lang),
        choices=revising.choices(case, g.lang),
        fault=fault,
        most=MOST,
    )
    return page, 422 if fault else 200


def _carry_out(case: cases.Case, paper: papers.Paper) -> Any:
    act, reason = request.form.get("act", ""), " ".join(request.form.get("reason", "").split())
    if act not in {"correct", "withdraw"}:
        raise NotYet(say("请选择更正或者撤回。"))
    if not LEAST <= len(reason) <= MOST:
        raise NotYet(
            say(
                "请写明理由，%(least)s 至 %(most)s 字，现为 %(n)s 字。", least=LEAST, most=MOST, n=len(reason)
            )
        )
    _means, unproven = signed()
    if unproven:
        raise NotYet(unproven)
    if act == "correct":
        typed = {
            key.removeprefix("blank."): value
            for key, value in request.form.items()
            if key.startswith("blank.")
        }
        new = revising.correct(case.id, paper.id, typed, by=g.post, reason=reason, lang=g.lang)
        told = say("已更正，新文书文号 %(number)s。", number=new.number or "—")
    else:
        revising.withdraw(case.id, paper.id, by=g.post, reason=reason)
        told = say("文书已撤回。")
    db.session.commit()
    flash(told, "ok")
    return redirect(url_for("cases.page", number=case.number) + "#papers")
