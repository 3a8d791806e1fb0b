"""Where a person shows again who signs."""

from __future__ import annotations

from typing import Any

from flask import current_app, request
from flask_login import current_user

from casework.cases import Step, Turn
from casework.db import db
from casework.people import codes, sessions
from casework.words import say


def signed() -> tuple[str, str]:
    """The person shows again who signs: by what ("code" or "password"), or "" and why not.

    Level S1 (电子签名法 第十三条; rules.md F.2). A wrong proof is counted, whatever becomes of the page; an
    empty one is not.
    """
    password, code = request.form.get("_password", ""), request.form.get("_code", "").strip()
    if not password and not code:
        return "", say("请输入密码或动态码，以确认由您本人签署。")
    if not sessions.prove(current_user, password=password or None, code=code or None):
        db.session.commit()
        return "", say("密码或动态码不正确，签署未完成。")
    return "code" if code else "password", ""


def proven(turn: Turn, step: Step) -> tuple[dict[str, Any] | None, str]:
    """What the record keeps of the proof, where the step asks for one; or None and why it is not signed."""
    level = turn.sign_level(step.element)
    if not level:
        return None, ""
    means, unproven = signed()
    return ({"level": level, "means": means} if means else None), unproven


def demo_code() -> str:
    """The visitor's one-time code, on the demo's pages only."""
    if not current_app.config["DEMO"] or not current_user.is_authenticated:
        return ""
    return codes.current(current_user) or ""
