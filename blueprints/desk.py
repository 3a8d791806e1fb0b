"""Where people work: the inbox, the ledger, and one step with its form."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for

from blueprints.hall.looks import form_look
from blueprints.hall.signing import proven
from casework import cases, clock, forms, procedures, rules
from casework.cases import (
    beforehand,
    begun,
    drafts,
    enclosures,
    links,
    lists,
    persons,
    privacy,
    reading,
    seen,
    sheets,
    standstill,
    tenders,
)
from casework.db import db, row
from casework.errors import NotYet, Refused, Unknown
from casework.words import Words, _, say

bp = Blueprint("desk", __name__)


@dataclass(frozen=True)
class Group:
    """Lines of the inbox that are due at about the same time."""

    name: Words
    tone: str
    lines: tuple[lists.Line, ...]


@bp.get("/inbox")
@rules.admits(rules.staff)
def inbox() -> Any:
    """待办 by deadline, 已办 and 我发起 newest first."""
    box, key = request.args.get("box", "todo"), request.args.get("key", "")[:60]
    before = request.args.get("before", type=row)
    if box == "done":
        return render_template(
            "desk/inbox.html",
            box=box,
            page=lists.done(g.post, before=before),
            apart=privacy.apart,
            **_counts(key),
        )
    if box == "mine":
        found, onward = lists.mine(g.post, before=before)
        return render_template(
            "desk/inbox.html", box=box, cases=found, onward=onward, before=before, **_counts(key)
        )
    last = request.args.get("last") == "1"
    page = lists.inbox(g.post, key=key, after=request.args.get("after", ""), last=last)
    first = not (key or page.back)
    return render_template(
        "desk/inbox.html",
        box="todo",
        page=page,
        groups=_groups(page),
        prepared=begun.prepared(by=g.post) if first else [],
        still=standstill.among((one.case for one in page.lines), clock.now(), g.post),
        **_counts(key),
    )


def _counts(key: str) -> dict[str, Any]:
    kinds = lists.kinds(g.post)
    shown = kinds if len(kinds) > 1 or key else []
    return {
        "key": key,
        "kinds": [
            (k, procedures.of(procedures.current(k)), lists.waiting_count(g.post, key=k)) for k in shown
        ],
        "waiting": lists.waiting_count(g.post),
        "late": lists.waiting_count(g.post, before=clock.now()),
    }


def _groups(page: lists.Inbox) -> list[Group]:
    now = clock.now()
    tonight = clock.day_end(clock.today())
    week = clock.day_end(clock.today() + timedelta(days=6 - clock.today().weekday()))
    bounds = (
        (_("已逾期"), "bad", now),
        (_("今天到期"), "warn", tonight),
        (_("本周到期"), "", week),
        (_("以后到期"), "", lists.NEVER),
    )
    groups, rest = [], list(page.lines)
    for name, tone, bound in bounds:
        mine = [line for line in rest if (line.step.due or lists.NEVER) <= bound and line.step.due]
        rest = [line for line in rest if line not in mine]
        if mine:
            groups.append(Group(name, tone, tuple(mine)))
    if rest:
        groups.append(Group(_("没有期限"), "", tuple(rest)))
    return groups


@bp.get("/cases")
@rules.admits(rules.staff)
def ledger() -> Any:
    """Every case this post may see; an exact number leads straight to the case."""
    words = request.args.get("q", "").strip()[:100]
    before = request.args.get("before", type=row)
    found, onward = lists.ledger(g.post, words=words, before=before)
    if words and len(found) == 1 and found[0].number == words.upper():
        return redirect(url_for("cases.page", number=found[0].number))
    return render_template("desk/ledger.html", cases=found, onward=onward, before=before, words=words)


@bp.route("/step/<int:step_id>", methods=["GET", "POST"])
@rules.admits(rules.staff)
def step(step_id: int) -> Any:
    """One step: what is known on the left, the form and the decision on the right."""
    with enclosures.apart() as shelf:
        try:
            return _step(step_id)
        except enclosures.Unmade:
            db.session.rollback()
            shelf.fill()
            _rewind()
        try:
            return _step(step_id)
        except enclosures.Unmade as changed:
            return _not_yet(step_id, str(changed), 409)


def _rewind() -> None:
    """What was sent can be read once more."""
    for sent in request.files.values():
        sent.stream.seek(0)


def _step(step_id: int) -> Any:
    now, act = clock.now(), request.form.get("_act", "")[:64]
    posted = request.form if request.method == "POST" else None
    found = drafts.step_for(step_id, by=g.post, alone=posted is not None)
    if found.status != "open":
        done = cases.already(act, g.post)
        return redirect(done.leads_to) if done else _too_late(found, now)
    if room := cases.keyrooms.room(found):
        return redirect(url_for(f"rooms.{room}", step_id=step_id))
    turn = cases.Turn(found.case, g.post, now)
    draft = drafts.for_(found, g.post, alone=posted is not None)
    uploads = {key: request.files.getlist(key) for key in request.files}
    part = request.args.get("part", "")
    bound = drafts.bind_step(turn, found, draft, lang=g.lang, formdata=posted, uploads=uploads, part=part)
    if posted is None:
        if "mend" in request.args:
            bound.validate()
        return _show(turn, found, bound, "", persons.stands_aside(found, g.post))
    return _taken(turn, found, draft, bound, act)


def _taken(
    turn: cases.Turn, found: cases.Step, draft: cases.Draft | None, bound: forms.Bound, act: str
) -> Any:
    """What was sent: the step is done with it, or it is kept."""
    now = turn.now
    if bound.uploads:
        draft = drafts.keep(draft, bound, by=g.post, now=now, step=found)
    unproven, onward = "", _turned_to(bound)
    if not onward and bound.wants != "save" and not bound.only_changes and _right(bound):
        proof, unproven = proven(turn, found)
        if not unproven:
            return _complete(found, bound, draft, proof, act)
    drafts.keep(draft, bound, by=g.post, now=now, step=found)
    db.session.commit()
    if bound.wants == "save":
        flash(say("草稿已保存。"), "ok")
    if onward or bound.wants == "save":
        here = request.args.get("part")
        return redirect(url_for("desk.step", step_id=found.id, part=onward or here))
    status = 422 if unproven or (bound.errors() and not bound.only_changes) else 200
    return _show(turn, found, bound, unproven), status


def _right(bound: forms.Bound) -> bool:
    """Whether the page is, and then the parts of the form that are on other pages."""
    return bound.validate() and bound.validate([each.id for each in bound.form.sections])


def _turned_to(bound: forms.Bound) -> str:
    """Of a form filled in part by part, the part to go on with; nobody submits what was never opened."""
    if not bound.form.paged or bound.only_changes or bound.wants == "save":
        return ""
    if bound.wants == "go":
        return request.form["_go"][:60]
    if not {"_submit", "_onward"} & set(request.form):
        return (bound.after(bound.shown[0]) or "") if bound.validate() else ""
    if not (unread := bound.unread()):
        return ""
    flash(say("“%(part)s”还没有打开过，请看过以后再提交。", part=unread[0].label), "warn")
    return unread[0].id


def _not_yet(step_id: int, says: str, status: int) -> Any:
    """A condition is not fulfilled, or somebody else must act: the page again; all typed and sent is kept."""
    db.session.rollback()
    now, found = clock.now(), drafts.step_for(step_id, by=g.post, alone=True)
    turn, draft = cases.Turn(found.case, g.post, now), drafts.for_(found, g.post, alone=True)
    uploads = {key: request.files.getlist(key) for key in request.files}
    _rewind()
    part = request.args.get("part", "")
    bound = drafts.bind_step(
        turn, found, draft, lang=g.lang, formdata=request.form, uploads=uploads, part=part
    )
    drafts.keep(draft, bound, by=g.post, now=now, step=found)
    db.session.commit()
    return _show(turn, found, bound, "", says), status


def _show(turn: cases.Turn, step: cases.Step, bound: Any, unproven: str, refused: str = "") -> str:
    bound.pictures = url_for("desk.step", step_id=step.id) + "/file/FILE/SIZE"
    bound.papers = url_for("cases.page", number=step.case.number) + "/file/FILE"
    bound.cases = _about(step, bound)
    still, shown = standstill.of(step.case, turn.now, g.post), seen.mark(turn, step)
    if not refused and request.form.get("_seen", shown) != shown:
        refused = str(seen.Changed())
    known = cases.known(turn, step, g.lang)
    return render_template(
        "desk/step.html",
        step=step,
        case=step.case,
        procedure=turn.procedure,
        bound=bound,
        signs=bool(turn.sign_level(step.element)),
        unproven=unproven,
        refused=refused,
        warned=persons.forewarns(turn, step, turn.by, g.lang) if turn.by else "",
        known=known,
        recalled=beforehand.recalled(step, known),
        compared=beforehand.compared(turn, step, known, g.lang),
        bids=tenders.beside(step.case, g.post),
        still=still,
        rests=standstill.rests_here(turn, step, still),
        checks=[] if privacy.apart(step) else cases.checks(turn, g.lang, step),
        apart=privacy.apart,
        reads=reading.first(step, g.post, turn.now),
        board=reading.board(step, clock.today()),
        enclosed=[] if privacy.apart(step) else enclosures.of(step.case),
        offered=sheets.offered(step),
        digests=any(q.properties.get("kind") == "digest" for q in bound.form.by_key.values()),
        act=request.form.get("_act") or secrets.token_urlsafe(18),
        mark=shown,
    )


def _about(step: cases.Step, bound: Any) -> dict[str, str]:
    """Where the cases are read that the rows of a form are made of, for those who may read them."""
    sources = [own.rows.source for own in bound.form.lists if own.rows and own.rows.source]
    if not any("concerning" in source.names for source in sources):
        return {}
    return {one: url_for("cases.page", number=one) for one in links.legible(step.case, by=g.post)}


def _complete(
    step: cases.Step, bound: Any, draft: cases.Draft | None, proof: dict[str, Any] | None, act: str
) -> Any:
    name, number = step.case.procedure.says(step.name, g.lang), step.case.number
    act = act or secrets.token_urlsafe(18)
    where = url_for("desk.inbox")
    if done := cases.once(act, g.post, clock.now(), where):
        return redirect(done.leads_to)
    try:
        cases.complete(
            step.id, by=g.post, answers=bound.answers(), proof=proof, shown=request.form.get("_seen", "")
        )
    except cases.Beaten:
        return _beaten(step.id)
    except (NotYet, Refused) as no:
        return _not_yet(step.id, str(no), 422 if isinstance(no, NotYet) else 403)
    if draft is not None:
        drafts.forget(draft)
    if request.form.get("_onward") and (following := lists.inbox(g.post).lines):
        where = url_for("desk.step", step_id=following[0].step.id)
        cases.led(act, where)
    db.session.commit()
    flash(say("已办理：%(name)s（%(number)s）。", name=name, number=number), "ok")
    return redirect(where)


def _beaten(step_id: int) -> Any:
    """Somebody else was first, or it is not to be done any more: what this person wrote is kept and shown."""
    db.session.rollback()
    step, now = drafts.step_for(step_id, by=g.post, alone=True), clock.now()
    turn, draft = cases.Turn(step.case, g.post, now), drafts.for_(step, g.post, alone=True)
    bound = drafts.bind_step(turn, step, draft, lang=g.lang, formdata=request.form)
    drafts.keep(draft, bound, by=g.post, now=now, step=step)
    db.session.commit()
    return _compared(step, bound), 409


def _compared(step: cases.Step, mine: Any) -> str:
    """What counts beside what this person wrote."""
    mine.validate()
    theirs = cases.answered(step, g.lang) if step.status == "done" else None
    beside = {line.key: line for part in theirs.parts() for line in part.lines} if theirs else {}
    told = cases.answered(step, g.lang, mine.answers())
    return render_template("desk/beaten.html", step=step, theirs=theirs, beside=beside, mine=told)


def _too_late(step: cases.Step, now: datetime) -> Any:
    """Done or cancelled meanwhile: say what happened; nothing that was written goes unshown."""
    if request.method == "POST":
        return _beaten(step.id)
    if draft := drafts.for_(step, g.post):
        turn = cases.Turn(step.case, g.post, now)
        return _compared(step, drafts.bind_step(turn, step, draft, lang=g.lang))
    if step.status == "done":
        flash(say("此步骤已办理。"), "ok")
    else:
        flash(say("此步骤已取消，无需办理。"), "warn")
    return redirect(url_for("cases.page", number=step.case.number))


@bp.get("/form/<int:version_id>/<form>.css")
@rules.admits(rules.staff)
def form_css(version_id: int, form: str) -> Response:
    """What shows and hides the conditional questions of a form without scripts; never changes."""
    return _stylesheet(procedures.of(version_id), form)


def _stylesheet(procedure: procedures.Procedure, form: str) -> Response:
    if form not in procedure.forms:
        raise Unknown
    response = Response(form_look(procedure.forms[form]), mimetype="text/css")
    response.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    return response


@bp.post("/step/<int:step_id>/save")
@rules.admits(rules.staff)
def autosave(step_id: int) -> Any:
    """What the script sends now and then; no files."""
    found, now = drafts.step_for(step_id, by=g.post), clock.now()
    turn, draft = cases.Turn(found.case, g.post, now), drafts.for_(found, g.post, alone=True)
    bound = drafts.bind_step(turn, found, draft, lang=g.lang, formdata=request.form)
    drafts.keep(draft, bound, by=g.post, now=now, step=found)
    db.session.commit()
    return {"saved": f"{clock.local(now):%H:%M}"}
