"""Offline sheets: a step that is filled in where there is no signal, and comes back as the step's draft.

The page itself (`/sheet/…`) is the same for everybody and knows nothing; what a sheet holds is fetched by
the person whose step it is, and lies on the device encrypted (static/offline.js, SECURITY.md).
"""

from __future__ import annotations

import hashlib
import io
import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, g, render_template, request, url_for
from flask_login import current_user
from flask_wtf.csrf import generate_csrf

from blueprints.hall.looks import asset, form_look
from casework import cases, clock, forms, rules, spoken
from casework.cases import drafts, privacy, sheets
from casework.db import db
from casework.errors import NotYet, Unknown
from casework.words import say

bp = Blueprint("sheets", __name__, url_prefix="/sheet")
DEVICE = re.compile(r"[0-9a-f]{32}")
SCRIPT = Path(__file__).resolve().parent.parent / "static" / "sheet-worker.js"


@bp.get("/")
@rules.admits(rules.anyone)
def index() -> Any:
    """The sheets kept on this device: found by the script, no server knows them."""
    return _shell()


@bp.get("/<int:step_id>")
@rules.admits(rules.anyone)
def sheet(step_id: int) -> Any:
    """One sheet: the same empty page whatever the number is."""
    return _shell()


def _shell() -> str:
    return render_template(
        "sheets/shell.html", photos=sheets.MOST_PHOTOS, bytes=sheets.MOST_BYTES, side=sheets.LONGEST_SIDE
    )


@bp.get("/worker.js")
@rules.admits(rules.anyone)
def worker() -> Response:
    """The service worker: it has the pages under this folder and their files, nothing else of the house."""
    files = ("app.css", "sheets.css", "app.js", "offline-store.js", "offline.js", "icon.svg")
    kept = [url_for("sheets.index"), *map(asset, files)]
    script = SCRIPT.read_text("utf-8")
    page = _shell()
    version = hashlib.sha256("\n".join((*kept, page, script)).encode()).hexdigest()[:12]
    head = f"const VERSION = {json.dumps(version)}, FILES = {json.dumps(kept)};\n"
    response = Response(head + script, mimetype="text/javascript")
    response.headers["Service-Worker-Allowed"] = url_for("sheets.index")
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.get("/who")
@rules.admits(rules.anyone)
def who() -> Any:
    """Who is signed in, with a fresh token, and what opens this person's sheets on the device meanwhile."""
    device = request.args.get("device", "")
    if not current_user.is_authenticated or g.post is None:
        return {"user": 0}
    key = sheets.key_half(g.post, device) if DEVICE.fullmatch(device) else ""
    return {"user": g.post.user_id, "name": current_user.label(g.lang), "csrf": generate_csrf(), "key": key}


@bp.get("/<int:step_id>/form")
@rules.admits(rules.staff)
def form(step_id: int) -> Any:
    """What is taken along: the form with the draft so far, and what was answered before."""
    step, now = sheets.find(step_id, by=g.post), clock.now()
    if step.status != "open":
        raise Unknown
    turn, draft = cases.Turn(step.case, g.post, now), drafts.for_(step, g.post)
    bound = drafts.bind_step(turn, step, draft, lang=g.lang)
    html = render_template(
        "sheets/form.html",
        bound=sheets.with_blank_rows(turn.procedure.forms[step.form], bound),
        known=cases.known(turn, step, g.lang),
        procedure=turn.procedure,
    )
    name = step.case.procedure.says(step.name, g.lang)
    return {
        "step": step.id,
        "user": g.post.user_id,
        "name": name,
        "case": step.case.names(g.lang),
        "number": "" if privacy.apart(step) else step.case.number,
        "due": spoken.last_day(step.due) if step.due else "",
        "state": sheets.state(bound),
        "html": html,
        "css": form_look(turn.procedure.forms[step.form]),
    }


@bp.post("/<int:step_id>/photo")
@rules.admits(rules.staff)
def photo(step_id: int) -> Any:
    """One photograph for the draft; the same one again is the one that is there."""
    step, now = sheets.find(step_id, by=g.post, alone=True), clock.now()
    if step.status != "open":
        return _gone(step, None, now)
    key, upload = request.form.get("key", ""), request.files.get("file")
    turn, draft = cases.Turn(step.case, g.post, now), drafts.for_(step, g.post, alone=True)
    asked = turn.procedure.forms[step.form]
    if key not in asked.uploads or upload is None:
        raise Unknown
    name = upload.filename or ""
    with upload.stream as stream:
        data = stream.read()
    sheets.arrived(data, request.form.get("sha256", ""))
    with_place = asked.by_key[key].keeps_place
    before = sheets.sent_before(draft, key, name, data, with_place=with_place)
    if before:
        return before
    sheets.room_for_one(draft)
    bound = drafts.bind_step(turn, step, draft, lang=g.lang, uploads={key: [(name, io.BytesIO(data))]})
    draft = drafts.keep(draft, bound, by=g.post, now=now, step=step)
    if key in bound.bad_files:
        raise NotYet(bound.bad_files[key])
    db.session.commit()
    return dict(draft.files[key][-1])


@bp.post("/<int:step_id>/answers")
@rules.admits(rules.staff)
def answers(step_id: int) -> Any:
    """What was filled in becomes the step's draft; what has changed meanwhile is shown first, row by row."""
    step, now = sheets.find(step_id, by=g.post, alone=True), clock.now()
    if step.status != "open":
        return _gone(step, request.form, now)
    turn, draft = cases.Turn(step.case, g.post, now), drafts.for_(step, g.post, alone=True)
    theirs = drafts.bind_step(turn, step, draft, lang=g.lang)
    said = sheets.settled(dict(request.form.lists()), theirs.raw(), request.form.getlist("_theirs"))
    mine = drafts.bind_step(turn, step, draft, lang=g.lang, formdata=said)
    state = sheets.state(theirs)
    typed = bool(draft and draft.raw)
    if state != request.form.get("_base") and (found := sheets.differences(theirs, mine, typed=typed)):
        return {"state": state, "differences": [each.dump() for each in found]}, 409
    drafts.keep(draft, mine, by=g.post, now=now, step=step)
    db.session.commit()
    return {"next": url_for("desk.step", step_id=step_id)}


def _gone(step: cases.Step, sent: Any, now: datetime) -> Any:
    """Done by a colleague or cancelled meanwhile: what was answered there beside what the device holds."""
    if step.status != "done":
        return {"gone": say("此步骤已取消，无需办理。"), "differences": []}, 409
    who = step.done_post.user.label(g.lang) if step.done_post else step.organisation.label(g.lang)
    said = say("此步骤已由%(who)s于 %(when)s 办理。", who=who, when=spoken.moment(step.done_at))
    return {"gone": said, "differences": [each.dump() for each in _beside(step, sent, now)]}, 409


def _beside(step: cases.Step, sent: Any, now: datetime) -> list[sheets.Difference]:
    if sent is None:
        return []
    mine: forms.Bound = drafts.bind_step(
        cases.Turn(step.case, g.post, now), step, None, lang=g.lang, formdata=sent
    )
    return sheets.differences(cases.answered(step, g.lang), mine)
