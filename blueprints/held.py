"""What was typed into a page whose session has ended meanwhile: nothing of it is written, nothing is lost.

The token against forgery in every form names, signed, the person for whom the page was made
(`sessions.mark`). A page that is sent too late comes back with everything that was typed, to be sent once
more by the same person, with a token of the session that runs then. A form that another site has made up
has no such token and is never shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Blueprint, current_app, g, render_template, request
from flask_login import current_user
from itsdangerous import BadData, URLSafeTimedSerializer

from casework import people, rules
from casework.forms import edits
from casework.people import sessions
from casework.words import _

bp = Blueprint("held", __name__)

#: What Flask-WTF signs its tokens with.
SALT = "wtf-csrf-token"
#: Never shown again: proofs of who signs, and the buttons that would submit before it was read once more.
DROPPED = frozenset({"csrf_token", "_password", "_code", "_submit", "_onward", "_next"})
#: Places whose forms hold passwords and one-time codes.
SECRETIVE = frozenset({"door", "own"})
#: What is said instead of "saved", by the reason why it was not.
GONE = _("登录已结束，尚未保存。请勿关闭本页，提交后按提示重新登录，所填内容不会丢失。")


def _made_for() -> people.User | None:
    """For whom the page was made, as its token says."""
    reader = URLSafeTimedSerializer(current_app.secret_key or "", salt=SALT)
    try:
        said = reader.loads(request.form.get("csrf_token", ""))
    except BadData:
        return None
    return sessions.marked(str(said))


def _typed() -> Iterator[tuple[str, str]]:
    """Everything that is to be sent once more."""
    for name, value in request.form.items(multi=True):
        if name not in DROPPED:
            yield name, value
    if edits.SECTION in request.form and "_save" not in request.form:
        yield "_save", "1"  # back into the form first; it is submitted from there


def page() -> Any:
    """The page that has everything that was sent; None when nothing was typed, or the page was not ours."""
    if request.method != "POST" or request.blueprint in SECRETIVE:
        return None
    partial = request.headers.get("X-Partial", "")
    if partial != "saved" and request.headers.get("Sec-Fetch-Mode", "navigate") != "navigate":
        return None  # a script that knows itself what to do
    typed = [pair for pair in _typed() if pair[1]]
    sent = any(file.filename for file in request.files.values())
    if not sent and all(name.startswith("_") for name, _value in typed):
        return None
    whose = _made_for()
    if whose is None:
        return None
    if partial == "saved":
        return {"lost": str(GONE)}, 400
    return render_template(
        "held.html",
        whose=whose,
        here=current_user.is_authenticated and g.person.id == whose.id,
        other=g.person is not None and g.person.id != whose.id,
        typed=typed,
        old=request.form["csrf_token"],
        to=request.full_path.rstrip("?"),
        asked=edits.SECTION in request.form,
        files=sent,
    ), 400


@bp.get("/signed-in")
@rules.admits(rules.signed_in)
def back() -> Any:
    """The window in which somebody has signed in again; what was typed stands in the other one."""
    return render_template("held_back.html")
