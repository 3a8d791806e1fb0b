"""One's own secrets: password, one-time code, usage agreement; and the link for who forgot."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, flash, g, redirect, render_template, request, session, url_for

from casework import letters, people
from casework.db import db
from casework.errors import Refused
from casework.people import agreement, codes, links, sessions
from casework.people.questions import ChangePassword, Code, Forgotten, NewPassword, Proof
from casework.rules import admits, anyone
from casework.words import _, say

bp = Blueprint("own", __name__)

WRONG_PASSWORD = _("原密码不正确。")
WRONG_CODE = _("动态码不正确或已使用过。请核对设备时间，等待下一组 6 位数字后再试。")


def _me() -> people.User:
    """The person of this session, also before everything is done that must be done first."""
    if g.person is None:
        raise Refused(say("请先登录。"), basis="login")
    return g.person  # type: ignore[no-any-return]


def _again(words: str) -> Any:
    """Every session has ended: to the door, with the reason."""
    session.clear()
    flash(words, "ok")
    return redirect(url_for("door.sign_in"))


@bp.route("/me/password", methods=["GET", "POST"])
@admits(anyone)
def password() -> Any:
    """Change it; every session ends."""
    user = _me()
    answers = ChangePassword(request.form, login=user.login)
    if request.method == "POST" and answers.validate():
        changed = links.change_password(
            user, answers.old.data or "", answers.new.data or "", send=letters.send
        )
        db.session.commit()
        if changed:
            return _again(say("密码已修改，所有登录均已退出，请用新密码登录。"))
        answers.fault("old", WRONG_PASSWORD)
    return render_template("door/password.html", form=answers), 422 if answers.wrong else 200


@bp.get("/me/code")
@admits(anyone)
def code() -> Any:
    """Where a device is bound, or bound anew."""
    user = _me()
    setup = codes.offered(user)
    return render_template("door/code.html", user=user, setup=setup, form=Code(), proof=Proof())


@bp.post("/me/code/begin")
@admits(anyone)
def begin_code() -> Any:
    """Offer a secret; whoever has a device already shows password and code first."""
    user = _me()
    if user.totp_secret is not None:
        proof = Proof(request.form)
        proven = proof.validate() and people.prove(user, password=proof.password.data, code=proof.code.data)
        db.session.commit()
        if not proven:
            if not proof.wrong:
                proof.fault("password", say("密码或动态码不正确。"))
            return render_template("door/code.html", user=user, setup=None, form=Code(), proof=proof), 422
    codes.begin(user)
    db.session.commit()
    return redirect(url_for("own.code"))


@bp.post("/me/code")
@admits(anyone)
def confirm_code() -> Any:
    """Bind the device that shows the right code."""
    user = _me()
    answers = Code(request.form)
    if answers.validate():
        if codes.confirm(user, answers.code.data or "", send=letters.send):
            db.session.commit()
            flash(say("动态码已绑定。"), "ok")
            return redirect(url_for("door.sign_in" if g.duty else "door.me"))
        answers.fault("code", WRONG_CODE)
    setup = codes.offered(user)
    return render_template("door/code.html", user=user, setup=setup, form=answers, proof=Proof()), 422


@bp.route("/me/agreement", methods=["GET", "POST"])
@admits(anyone)
def agree() -> Any:
    """The usage agreement, accepted once for each version."""
    user = _me()
    if request.method == "POST" and request.form.get("agree") == agreement.VERSION:
        agreement.accept(user)
        db.session.commit()
        return redirect(url_for("door.sign_in"))
    missing = request.method == "POST"
    page = render_template(
        "door/agreement.html",
        clauses=agreement.CLAUSES,
        version=agreement.VERSION,
        accepted=agreement.accepted(user),
        missing=missing,
    )
    return page, 422 if missing else 200


@bp.post("/me/sign-out-everywhere")
@admits(anyone)
def sign_out_everywhere() -> Any:
    """Every session of this person ends, this one too."""
    sessions.end_all(_me())
    db.session.commit()
    return _again(say("所有登录均已退出。"))


@bp.route("/forgotten", methods=["GET", "POST"])
@admits(anyone)
def forgotten() -> Any:
    """Ask for a link; the answer is the same whether there is such an address or not."""
    answers = Forgotten(request.form)
    asked = request.method == "POST" and answers.validate()
    if asked:
        link = current_app.config["RESET_LINK"]
        links.ask(
            answers.email.data or "", from_address=request.remote_addr or "", link=link, send=letters.send
        )
        db.session.commit()
    return render_template("door/forgotten.html", form=answers, asked=asked), 422 if answers.wrong else 200


@bp.route("/link/<token>", methods=["GET", "POST"])
@admits(anyone)
def link(token: str) -> Any:
    """Set a password with a one-time link; only sending the form uses it up."""
    user = links.holder(token)
    if user is None:
        return render_template("door/link_dead.html"), 410
    answers = NewPassword(request.form, login=user.login)
    if request.method == "POST" and answers.validate():
        if links.set_password(token, answers.new.data or "", send=letters.send):
            db.session.commit()
            return _again(say("密码已设置，请登录。"))
        return render_template("door/link_dead.html"), 410
    page = render_template("door/link.html", form=answers, login=user.login)
    return page, 422 if answers.wrong else 200, {"Referrer-Policy": "no-referrer"}
