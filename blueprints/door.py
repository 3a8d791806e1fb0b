"""The door: signing in and out, choosing a post, the look of the pages, and who stands here now."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import (
    Blueprint,
    Flask,
    Request,
    current_app,
    flash,
    g,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_login import LoginManager, current_user

from casework import clock, people
from casework.db import db, row
from casework.errors import Conflict, Refused, Unknown
from casework.people import Locked, agreement, codes, sessions
from casework.people.questions import SignIn
from casework.rules import admits, anyone, signed_in
from casework.words import _, say

bp = Blueprint("door", __name__)

WRONG = _("账号、密码或动态码不正确。签章岗位须同时填写动态码。")
#: The look of the pages that a visitor may choose; anything else is ignored.
LOOKS = {"lang": ("zh", "en"), "big": ("0", "1")}
YEAR = 365 * 24 * 3600
#: What every account of the demo's invented city has; no other installation knows an account with it.
DEMO_PASSWORD = "yunhe-yanshi-2026"  # noqa: S105  public by design, and only the demo asks for it


def keep_door(app: Flask, login: LoginManager) -> None:
    """Tell the house who stands at the door; called once, by `furnish`."""
    app.config.setdefault("SIGNING_ROLES", people.SIGNING_ROLES)
    app.config.setdefault("DEMO_PASSWORD", DEMO_PASSWORD)
    app.config.setdefault("RESET_LINK", app.config["PUBLIC_URL"].rstrip("/") + "/link/")
    login.session_protection = None  # a session is a row of sign_in; nothing else decides
    login.request_loader(_visitor)
    app.before_request(_look_up)


def _look_up() -> None:
    """Public pages know the visitor as well."""
    if request.endpoint != "static":
        current_user.is_authenticated  # noqa: B018  loads the visitor into `g`


def _visitor(_request: Request) -> people.User | None:
    """Who acts: a person with a running session, a post in force, and no duty left before it.

    `g.person` is set even when something must be done first, so that the pages for it know whom they serve.
    """
    g.person, g.post, g.posts, g.duty = None, None, (), None
    user, posts = _person()
    if user is None:
        return None
    g.person, g.posts = user, posts
    g.duty = _duty(user)
    if g.duty is not None:
        return None
    g.post = next((post for post in g.posts if post.id == session.get("post")), g.posts[0])
    return user


def _person() -> tuple[people.User | None, tuple[people.Post, ...]]:
    key, seen, now = session.get("key"), session.get("seen", 0), int(clock.now().timestamp())
    if key is None or now - seen > sessions.IDLE.total_seconds():
        return None, ()
    user, posts = sessions.whose(key)
    if user is not None and now - seen >= 60:
        session["seen"] = now
    return user, posts


def _duty(user: people.User) -> str | None:
    """The page that must be gone through before anything else, or None."""
    if user.must_change:
        return "own.password"
    if not g.posts:
        return "door.no_post"
    if not codes.needed(g.posts, current_app.config["SIGNING_ROLES"]):
        return None
    if user.totp_secret is None:
        return "own.code"
    if session.get("agreed") != agreement.VERSION:
        if agreement.accepted(user) is None:
            return "own.agree"
        session["agreed"] = agreement.VERSION
    return None


def inside(target: str | None) -> str | None:
    """The address if it is a page of this house, else None (open redirects, trust.md 30)."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return None
    if any(ord(sign) < 0x21 or sign in "\\\x7f" for sign in target):
        return None
    parts = urlsplit(target)
    return target if not parts.scheme and not parts.netloc else None


def _onward() -> Any:
    """After signing in: what must be done first, else where the person wanted to go, else home."""
    if g.duty is not None:
        return redirect(url_for(g.duty))
    home = "admin.organisations" if g.post.role == "admin" else "desk.inbox"
    return redirect(session.pop("next", None) or url_for(home))


@bp.route("/sign-in", methods=["GET", "POST"])
@admits(anyone)
def sign_in() -> Any:
    """The page with the three boxes; in the demo also with everybody who can come in."""
    if request.method != "POST":
        if target := inside(request.args.get("next")):
            session["next"] = target
        if g.person is not None:
            return _onward()
        return _sign_in_page(SignIn())
    answers = SignIn(request.form)
    if not answers.validate():
        return _sign_in_page(answers, 422)
    admitted = sessions.attempt(
        answers.login.data or "",
        answers.password.data or "",
        answers.code.data or "",
        address=request.remote_addr or "",
        agent=request.user_agent.string,
    )
    db.session.commit()
    if admitted is None:
        answers.fault("login", WRONG)
        return _sign_in_page(answers, 422)
    return _let_in(admitted)


def _let_in(admitted: sessions.Admitted, post: int | None = None) -> Any:
    """A new session with nothing of the old one but where the person wanted to go."""
    target = session.get("next")
    session.clear()
    session["key"], session["seen"] = admitted.key, int(clock.now().timestamp())
    session["csrf_token"] = sessions.mark(admitted.user)
    if target:
        session["next"] = target
    if post is not None:
        session["post"] = post
        return redirect(url_for("door.sign_in"))
    posts = people.in_force(admitted.user, clock.today())
    return redirect(url_for("door.posts" if len(posts) > 1 else "door.sign_in"))


def _sign_in_page(answers: SignIn, status: int = 200) -> Any:
    everybody = people.everybody(clock.today()) if current_app.config["DEMO"] else []
    shown = {post.user_id: codes.current(post.user) for _kind, posts in everybody for post in posts}
    return render_template("door/sign_in.html", form=answers, people=everybody, codes=shown), status


@bp.post("/sign-out")
@admits(anyone)
def sign_out() -> Any:
    """Ends this session for good: its key is worth nothing any more."""
    who = g.person.id if g.person is not None else 0
    if key := session.get("key"):
        sessions.end(key)
        db.session.commit()
    session.clear()
    if request.cookies.get("sheets"):  # this device holds offline sheets: what shall become of them
        return redirect(url_for("sheets.index", left=who))
    flash(say("您已退出登录。"), "ok")
    return redirect(url_for("door.sign_in"))


@bp.route("/posts", methods=["GET", "POST"])
@admits(anyone)
def posts() -> Any:
    """Whoever holds several posts says which one acts."""
    if g.person is None:
        raise Refused(say("请先登录。"), basis="login")
    if request.method != "POST":
        return render_template("door/posts.html")
    chosen = request.form.get("post", "")
    if chosen not in {str(post.id) for post in g.posts}:
        raise Unknown
    session["post"] = int(chosen)
    return redirect(url_for("door.sign_in"))


@bp.get("/no-post")
@admits(anyone)
def no_post() -> Any:
    """The account is good but holds no post today."""
    if g.person is None:
        raise Refused(say("请先登录。"), basis="login")
    return redirect(url_for("door.sign_in")) if g.posts else render_template("door/no_post.html")


@bp.get("/me")
@admits(signed_in)
def me() -> Any:
    """One's own account: posts, security, running sessions."""
    running = sessions.running(g.person)
    agreed = agreement.accepted(g.person)
    signs = codes.needed(g.posts, current_app.config["SIGNING_ROLES"])
    return render_template("door/me.html", running=running, agreed=agreed, signs=signs)


@bp.post("/look")
@admits(anyone)
def look() -> Any:
    """Language and size of letters, kept in the browser."""
    target = inside(request.form.get("next", "").rstrip("?"))
    answer = redirect(target or url_for("door.sign_in"))
    for name, values in LOOKS.items():
        if (value := request.form.get(name)) in values:
            secure = current_app.config["SESSION_COOKIE_SECURE"]
            answer.set_cookie(name, value, max_age=YEAR, secure=secure, httponly=True, samesite="Lax")
    return answer


@bp.app_errorhandler(Locked)
def wait(error: Locked) -> Any:
    """Too many failures: when to try again."""
    db.session.rollback()
    seconds = max(1, int((error.until - clock.now()).total_seconds()) + 1)
    return render_template("error.html", status=429, error=error), 429, {"Retry-After": str(seconds)}


# -- the demo


@bp.post("/demo")
@admits(anyone)
def demo() -> Any:
    """One click in the demo: the same sign-in with the demo's password and the person's present code."""
    if not current_app.config["DEMO"]:
        raise Unknown
    chosen = request.form.get("post", type=row)
    post = db.session.get(people.Post, chosen) if chosen else None
    if post is None or not post.active(clock.today()):
        raise Unknown
    user = post.user
    codes.rewind(user)
    admitted = sessions.attempt(
        user.login,
        current_app.config["DEMO_PASSWORD"],
        codes.current(user) or "",
        address=request.remote_addr or "",
        agent=request.user_agent.string,
    )
    db.session.commit()
    if admitted is None:
        raise Conflict(say("此人员不能以演示方式登录：其密码或动态码设备已由使用者更换。"))
    return _let_in(admitted, post.id)
