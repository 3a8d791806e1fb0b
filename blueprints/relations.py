"""Where the bureau keeps who holds, controls or manages whom."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for

from blueprints.hall.counter import kept_paper, refused
from casework import clock, files, people, standing
from casework.db import db, row
from casework.errors import NotYet, Unknown
from casework.people import Organisation
from casework.rules import admits, bureau
from casework.standing.questions import EndAnswers, RelationAnswers
from casework.words import say

bp = Blueprint("relations", __name__)

PAGE = 30


@bp.get("/relations")
@admits(bureau)
def index() -> Any:
    """Relations of the district's companies, the newest first."""
    words, after = request.args.get("q", "").strip()[:60], request.args.get("after", type=row)
    found = standing.relations(g.post, words=words, after=after, limit=PAGE + 1)
    return render_template(
        "registers/relations.html",
        words=words,
        found=found[:PAGE],
        more=found[PAGE - 1].id if len(found) > PAGE else None,
        after=after,
        kinds=standing.RELATIONS,
        today=clock.today(),
    )


@bp.route("/relations/add", methods=["GET", "POST"])
@admits(bureau)
def add() -> Any:
    """A relation as a document shows it."""
    answers = RelationAnswers(request.form)
    answers.offer(_companies(), g.lang)
    if request.method == "POST" and answers.validate():
        try:
            standing.add_relation(
                answers.kind.data or "",
                answers.side("upper"),
                answers.side("lower"),
                by=g.post,
                begins=answers.read["begins"],
                document=answers.document.data or "",
                share=f"{share.normalize():f}" if (share := answers.read.get("share")) else "",
                file_id=kept_paper(answers),
            )
        except NotYet as error:
            refused(answers, "kind", error)
        else:
            db.session.commit()
            flash(say("已登记。"), "ok")
            return redirect(url_for("relations.index"))
    return render_template("registers/add_relation.html", form=answers), 422 if answers.wrong else 200


@bp.route("/relations/<int:relation_id>/end", methods=["GET", "POST"])
@admits(bureau)
def end(relation_id: int) -> Any:
    """The day from which a relation holds no more; what was recorded stays."""
    one = standing.find_relation(relation_id, by=g.post)
    if not standing.keeps(g.post, one):
        raise Unknown
    answers = EndAnswers(request.form)
    if request.method == "POST" and answers.validate():
        try:
            standing.end_relation(
                one,
                by=g.post,
                on=answers.read["on"],
                reason=answers.reason.data or "",
                document=answers.document.data or "",
            )
        except NotYet as error:
            refused(answers, "on", error)
        else:
            db.session.commit()
            flash(say("已注销，原记录保留。"), "ok")
            return redirect(url_for("relations.index"))
    page = render_template("registers/end_relation.html", form=answers, one=one, kinds=standing.RELATIONS)
    return page, 422 if answers.wrong else 200


@bp.get("/relations/<int:relation_id>/file")
@admits(bureau)
def paper(relation_id: int) -> Response:
    """The document a relation was read in."""
    one = standing.find_relation(relation_id, by=g.post)
    file = db.session.get(files.File, one.file_id) if one.file_id is not None else None
    if file is None:
        raise Unknown
    return Response(files.read(file), headers=dict(files.headers(file)))


def _companies() -> Sequence[Organisation]:
    home = people.district(g.post.organisation)
    root = home.id if home else None
    return [one for kind in ("developer", "enterprise", "agency") for one in people.of_kind(kind, root)]
