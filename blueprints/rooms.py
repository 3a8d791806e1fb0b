"""Steps with a page of their own: a holder makes the key of a tender, and releases it after the deadline."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for

from blueprints.hall.signing import proven
from casework import bids, cases, clock, rules
from casework.cases import drafts, keyrooms, standstill
from casework.db import db
from casework.errors import NotYet, Unknown
from casework.words import say

bp = Blueprint("rooms", __name__, url_prefix="/step/<int:step_id>")


def _step(step_id: int, room: str) -> cases.Step:
    found = drafts.step_for(step_id, by=g.post)
    if keyrooms.room(found) != room:
        raise Unknown
    return found


def _show(step: cases.Step, room: str, fault: str = "", bound: Any = None) -> Any:
    if step.status != "open":
        flash(say("此步骤已办理。"), "ok")
        return redirect(url_for("cases.page", number=step.case.number))
    turn = cases.Turn(step.case, g.post, clock.now())
    key = bids.keys.mine(step.case_id, g.post.organisation_id)
    shown = render_template(
        f"rooms/{room}.html",
        step=step,
        case=step.case,
        procedure=turn.procedure,
        bound=bound or _bound(turn, step),
        key=key,
        riddle=bids.keys.riddle(key) if key and not key.proved_at else None,
        bidding=db.session.get(bids.Bidding, step.case_id),
        signs=bool(turn.sign_level(step.element)),
        still=standstill.of(step.case, turn.now, g.post),
        fault=fault,
    )
    return (shown, 422) if fault else shown


def _bound(turn: cases.Turn, step: cases.Step) -> Any:
    posted = request.form if request.method == "POST" else None
    return drafts.bind_step(turn, step, None, lang=g.lang, formdata=posted)


@bp.get("/key")
@rules.admits(rules.staff)
def key(step_id: int) -> Any:
    """Make the key, write the paper code down, unlock once."""
    return _show(_step(step_id, "key"), "key")


@bp.post("/key/deposit")
@rules.admits(rules.staff)
def deposit(step_id: int) -> Any:
    """The public key, and the private one under its passphrase and its paper code."""
    _step(step_id, "key")
    given = request.get_json(silent=True)
    given = given if isinstance(given, dict) else {}
    wrapped = given.get("wrapped")
    riddle = keyrooms.deposit(
        step_id, str(given.get("public", "")), wrapped if isinstance(wrapped, dict) else {},
        by=g.post, now=clock.now(),
    )  # fmt: skip
    db.session.commit()
    return riddle


@bp.post("/key")
@rules.admits(rules.staff)
def prove(step_id: int) -> Any:
    """The practice unlock has worked: the step is done."""
    return _finish(_step(step_id, "key"), "key")


@bp.get("/release")
@rules.admits(rules.staff)
def release(step_id: int) -> Any:
    """Unlock the key with passphrase or paper code and hand it over."""
    return _show(_step(step_id, "release"), "release")


@bp.post("/release")
@rules.admits(rules.staff)
def released(step_id: int) -> Any:
    """The key has come; with the last one needed the bids are opened."""
    return _finish(_step(step_id, "release"), "release")


def _finish(step: cases.Step, room: str) -> Any:
    if step.status != "open":
        return _show(step, room)
    step_id, number, now = step.id, step.case.number, clock.now()
    turn = cases.Turn(step.case, g.post, now)
    bound = _bound(turn, step)
    proof, fault = proven(turn, step)
    if fault or not bound.validate():
        return _show(step, room, fault or "；".join(str(e.text) for e in bound.errors()), bound)
    answers = bound.answers()
    try:
        told = _hand_over(step_id, room, answers, {"by": g.post, "now": now, "proof": proof})
    except NotYet as no:
        said = str(no)
        db.session.rollback()
        if room == "release" and isinstance(no, bids.keys.Wrong):
            keyrooms.note_wrong(step_id, by=g.post, now=now)
            db.session.commit()
        return _show(_step(step_id, room), room, said)
    db.session.commit()
    flash(told, "ok")
    where = "cases.page" if room == "key" else "tenders.opening"
    return redirect(url_for(where, number=number))


def _hand_over(step_id: int, room: str, answers: dict[str, Any], act: dict[str, Any]) -> Any:
    """The practice unlock, the key itself, or the word that it is lost; what is told afterwards."""
    secret = request.form.get("_secret", "")
    if room == "key":
        keyrooms.prove(step_id, secret, answers, **act)
        return say("开标密钥已生成并验证。")
    if answers.get(keyrooms.LOST):
        keyrooms.lose(step_id, answers, **act)
        return say("已记录开标密钥遗失。")
    keyrooms.prepare(step_id, secret, by=g.post)
    keyrooms.release(step_id, secret, answers, **act)
    return say("开标密钥已释放。")
