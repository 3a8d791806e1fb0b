"""Where the archivist stands: which closed cases are still to be archived, and every package exported."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import Any

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for

from blueprints.hall.downloads import spreadsheet
from casework import appraisals, checkpoints, clock, files, packages
from casework.cases import appraising, archiving, lists
from casework.db import db, row
from casework.errors import NotYet, Unknown
from casework.forms import typed
from casework.rules import admits, anyone
from casework.words import Words, _, say
from casework.workbooks import Column, Day, Sheet, Text

bp = Blueprint("archives", __name__)

PAGE = 30


@bp.get("/archives")
@admits(packages.export)
def index() -> Any:
    """The register of packages, and what waits."""
    before = request.args.get("before", type=row)
    found = packages.search(g.post, before=before, limit=PAGE + 1)
    return render_template(
        "archives/index.html",
        found=found[:PAGE],
        onward=found[PAGE - 1].id if len(found) > PAGE else None,
        before=before,
        due=[] if before else archiving.due(g.post),
        fetched=archiving.fetched(found),
        newest=checkpoints.newest(),
        script=hashlib.sha256(packages.verifier()).hexdigest(),
    )


@bp.post("/case/<number>/archive")
@admits(packages.export)
def order(number: str) -> Any:
    """Ask for the package of a closed case; the worker makes it."""
    case = lists.find(number, by=g.post)
    archiving.order(case, by=g.post, now=clock.now())
    db.session.commit()
    flash(say("归档包正在生成，核验通过后可以下载。"), "ok")
    return redirect(url_for("cases.page", number=number) + "#archive")


@bp.post("/archives/<int:package_id>.zip")
@admits(packages.export)
def download(package_id: int) -> Any:
    """One package, as it was made; who takes it out stands in the record of the case."""
    found = packages.find(package_id, by=g.post)
    kept = db.session.get(files.File, found.file_id) if found and found.file_id else None
    if found is None or kept is None:
        raise Unknown
    archiving.fetch(found, by=g.post, now=clock.now())
    db.session.commit()
    return Response(files.open(kept), headers=dict(files.headers(kept)), direct_passthrough=True)


@bp.get("/archives/verify.py")
@admits(anyone)
def script() -> Response:
    """The offline verifier, for whoever does not trust the copy inside a package."""
    head = {
        "Content-Disposition": 'attachment; filename="archive_verify.py"',
        "Content-Security-Policy": "sandbox; default-src 'none'",
    }
    return Response(packages.verifier(), mimetype="text/x-python", headers=head)


# -- kept long enough -------------------------------------------------------------------------------------

#: The list of what may be destroyed (销毁清册).
DESTROYED = Sheet(
    _("销毁清册"),
    (
        Text("number", _("案号"), width=18),
        Text("title", _("案件"), width=40),
        Day("ended", _("办结日期"), width=12),
        Text("retention", _("保管期限"), width=10),
        Day("until", _("期满日期"), width=12),
        Text("reason", _("鉴定理由"), width=40),
        Text("who", _("提出人"), width=30),
        Text("decided_by", _("决定人"), width=30),
        Day("decided", _("决定日期"), width=12),
        Column("destroyed", _("销毁日期、监销人（签字）"), width=24),
    ),
)


@bp.get("/archives/retention")
@admits(packages.export)
def retention() -> Any:
    """Ended cases by the end of their term, and what is decided about those that have passed it."""
    return _retention()


def _retention(wrong: Words = "", at: int = 0) -> Any:
    asked = request.args.get("of", "over")
    today = clock.today()
    days = {"over": today, "soon": date(today.year + 1, 1, 1)}
    after = request.args.get("after", 0, type=row)
    found, onward = appraising.ended(g.post, due=days.get(asked), after=after)
    return render_template(
        "archives/retention.html",
        asked=asked if asked in days else "all",
        found=found,
        onward=onward,
        waiting=appraising.waiting(g.post),
        opinions=appraisals.OPINIONS,
        may_propose=appraisals.propose(g.post),
        may_decide=appraisals.decide(g.post),
        today=today,
        wrong=wrong,
        at=at,
        typed=request.form,
    )


@bp.post("/case/<number>/appraisal")
@admits(appraisals.propose)
def propose(number: str) -> Any:
    """The archivist says what should become of a case."""
    case, text = lists.find(number, by=g.post), request.form.get("until", "").strip()
    try:
        until = typed.date(text) if text else None
        opinion, reason = request.form.get("opinion", ""), request.form.get("reason", "")
        appraising.propose(case, opinion, reason, until, by=g.post)
    except typed.Unreadable:
        db.session.rollback()
        return _retention(
            _("“%(given)s”不是有效日期，应为 2026-03-05 的样式。", given=text[:20]), case.id
        ), 422
    except NotYet as error:
        db.session.rollback()
        return _retention(error.says, case.id), 422
    db.session.commit()
    flash(say("已提交负责人决定。"), "ok")
    return redirect(url_for("archives.retention"))


@bp.post("/archives/appraisal/<int:appraisal_id>")
@admits(appraisals.decide)
def settle(appraisal_id: int) -> Any:
    """The head decides."""
    agreed = request.form.get("agreed") == "1"
    appraising.settle(appraisal_id, agreed=agreed, by=g.post, now=clock.now())
    db.session.commit()
    flash(say("已决定，并记入办理记录。"), "ok")
    return redirect(url_for("archives.retention"))


@bp.get("/archives/destroy.xlsx")
@admits(packages.export)
def to_destroy() -> Any:
    """The list of what may be destroyed, to be signed by those who do it."""
    return spreadsheet(DESTROYED, (_line(one) for one in appraising.to_destroy(g.post)))


def _line(one: appraising.Kept) -> list[Any]:
    case, said, term = one.case, one.last, one.term
    ended = clock.local(case.ended_at).date() if case.ended_at else None
    decided = clock.local(said.decided_at).date() if said and said.decided_at else None
    told = [said.reason, said.who, said.decided_by] if said else ["", "", ""]
    kept = [term.name, term.until] if term else ["", None]
    return [case.number, case.title, ended, *kept, *told, decided, None]
