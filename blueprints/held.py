"""What was typed into a page whose session has ended meanwhile: nothing of it is written, nothing is lost.

The token against forgery in every form names, signed, the person for whom the page was made
(`sessions.mark`). A page that is sent too late comes back with everything that was typed, to be sent once
more by the same person, with a token of the session that runs then. A form that another site has made up
has no such token and is never shown. The forms that anybody may send are nobody's: they come back to the
browser that had them from us, into the form first.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, current_app, g, render_template, request
from flask_login import current_user
from itsdangerous import BadData, URLSafeTimedSerializer

from casework import rules
from casework.forms import edits
from casework.people import sessions
from casework.words import Words, _

bp = Blueprint("held", __name__)

#: What Flask-WTF signs its tokens with.
SALT = "wtf-csrf-token"
#: Never shown again: proofs of who signs, and the buttons that would submit before it was read once more.
DROPPED = frozenset({"csrf_token", "_password", "_code", "_submit", "_onward", "_next"})
#: Sent along: show the form with what was typed, and do nothing else.
BACK = "_back"
#: Places whose forms hold passwords and one-time codes.
SECRETIVE = frozenset({"door", "own"})
#: What is said instead of "saved", by the reason why it was not.
GONE = _("登录已结束，尚未保存。请勿关闭本页，提交后按提示重新登录，所填内容不会丢失。")


def _token() -> str:
    """What the token of the page says; nothing when we have not signed it."""
    reader = URLSafeTimedSerializer(current_app.secret_key or "", salt=SALT)
    try:
        return str(reader.loads(request.form.get("csrf_token", "")))
    except BadData:
        return ""


def _anybodys() -> bool:
    """A form that anybody may send, sent from a page of ours: a stranger could fetch a token for himself."""
    who = getattr(current_app.view_functions.get(request.endpoint or ""), "admits", None)
    ours = {request.host, urlsplit(current_app.config["PUBLIC_URL"]).netloc}
    return who is rules.anyone and urlsplit(request.headers.get("Origin", "")).netloc in ours


def _typed() -> Iterator[tuple[str, str]]:
    """Everything that is to be sent once more."""
    for name, value in request.form.items(multi=True):
        if name not in DROPPED:
            yield name, value
    if edits.SECTION in request.form and "_save" not in request.form:
        yield "_save", "1"  # back into the form first; it is submitted from there


def page(busy: Words | None = None) -> Any:
    """The page that has everything that was sent; None when nothing was typed, or the page was not ours.

    `busy`: the session runs, but nothing could be written (disk full, database held from outside): why.
    """
    if request.method != "POST" or request.blueprint in SECRETIVE:
        return None
    partial = request.headers.get("X-Partial", "")
    if partial != "saved" and request.headers.get("Sec-Fetch-Mode", "navigate") != "navigate":
        return None  # a script that knows itself what to do
    typed = [pair for pair in _typed() if pair[1]]
    sent = any(file.filename for file in request.files.values())
    if not sent and all(name.startswith("_") for name, _value in typed):
        return None
    said = _token()
    whose, anybodys = sessions.marked(said), bool(said) and _anybodys()
    if whose is None and not anybodys:
        return None
    if partial == "saved":
        return None if busy else ({"lost": str(GONE)}, 400)
    signed_in = current_user.is_authenticated  # the token is looked at before the visitor is: sets g.person
    return render_template(
        "held.html",
        whose=whose,
        anybodys=anybodys,
        here=anybodys or (signed_in and g.person == whose),
        other=not anybodys and g.person is not None and g.person != whose,
        typed=[*typed, (BACK, "1")] if anybodys and BACK not in request.form else typed,
        old=request.form["csrf_token"],
        to=request.full_path.rstrip("?"),
        asked=anybodys or edits.SECTION in request.form,
        files=sent,
        busy=busy,
    ), 503 if busy else 400


@bp.get("/signed-in")
@rules.admits(rules.signed_in)
def back() -> Any:
    """The window in which somebody has signed in again; what was typed stands in the other one."""
    return render_template("held_back.html")
