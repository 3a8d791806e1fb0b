"""Signing in and out: one row for each session, so that ending one, or all at once, is certain."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm.attributes import set_committed_value

from casework import clock
from casework.db import Base, Moment, Objects, db
from casework.people import codes, log, passwords, throttle
from casework.people.organisations import Organisation
from casework.people.posts import Post, held_on
from casework.people.users import User, by_login, plain_login

#: A session ends after this time however busy it is, and after this time without a page.
LONGEST = timedelta(hours=12)
IDLE = timedelta(minutes=60)
#: What browsers and systems call themselves; the first that is found counts.
BROWSERS = {"MicroMessenger": "WeChat", "Edg/": "Edge", "QQBrowser": "QQ", "Firefox/": "Firefox"} | {
    "Chrome/": "Chrome",
    "Safari/": "Safari",
}
SYSTEMS = {"Windows": "Windows", "HarmonyOS": "HarmonyOS", "Android": "Android", "iPhone": "iOS"} | {
    "Mac OS": "macOS",
    "Linux": "Linux",
}


class SignIn(Base):
    """One session of one person: the browser holds the key, the table only its hash."""

    __tablename__ = "sign_in"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"), index=True)
    key_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    epoch: Mapped[int]
    began_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    address: Mapped[str] = mapped_column(sa.String(64), default="")
    agent: Mapped[str] = mapped_column(sa.String(200), default="")

    @property
    def browser(self) -> str:
        """The browser and the system as far as they can be told, so that a strange one is noticed."""
        program = next((name for sign, name in BROWSERS.items() if sign in self.agent), "")
        system = next((name for sign, name in SYSTEMS.items() if sign in self.agent), "")
        return " / ".join(part for part in (program, system) if part) or self.agent[:40]


@dataclass(frozen=True)
class Admitted:
    """Who has been let in, and the key of the new session."""

    user: User
    key: str


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def login_key(login: str) -> str:
    """The counter's key of an account name, known or not; hashed, for people type passwords there."""
    return "login:" + hashlib.sha256(plain_login(login).encode()).hexdigest()[:40]


def attempt(login: str, password: str, code: str = "", *, address: str, agent: str = "") -> Admitted | None:
    """Let a person in who knows the password and, where bound, the one-time code.

    None whatever was wrong: account, password, code or a closed account take the same time and the same
    answer. Raises Locked. The caller commits after a no as well: failures count.
    """
    by_address = throttle.count(f"address:{address}", throttle.ADDRESS)
    by_account = throttle.count(login_key(login), throttle.ACCOUNT)
    user = by_login(login)
    right = passwords.fits(user.password_hash if user else "", password)
    if user is None or not (right and user.active and _code_right(user, code)):
        throttle.failed(by_address, throttle.ADDRESS)
        if throttle.failed(by_account, throttle.ACCOUNT) and user is not None:
            log.note("locked", user, address=address)
        return None
    throttle.passed(by_account)
    user.totp_pending = None  # an offer that was never confirmed ends with the session it was made in
    key = secrets.token_urlsafe(32)
    row = SignIn(user_id=user.id, key_hash=_hash(key), epoch=user.session_epoch, began_at=clock.now())
    row.address, row.agent = address[:64], agent[:200]
    db.session.add(row)
    log.note("signed in", user, address=address)
    return Admitted(user, key)


def _code_right(user: User, code: str) -> bool:
    return user.totp_secret is None or codes.accept(user, code)


#: Every page asks.
_WHOSE = Objects(
    sa.select(User, Post, Organisation)
    .join(SignIn, SignIn.user_id == User.id)
    .outerjoin(Post, sa.and_(Post.user_id == User.id, held_on(sa.bindparam("at"))))
    .outerjoin(Post.organisation)
    .where(SignIn.key_hash == sa.bindparam("key"), SignIn.ended_at.is_(None))
    .where(SignIn.epoch == User.session_epoch, SignIn.began_at > sa.bindparam("since"), User.active.is_(True))
    .order_by(Post.id)
)


def whose(key: str) -> tuple[User | None, tuple[Post, ...]]:
    """The person of a running session, and the posts held today, first given first.

    Running: not ended, not older than LONGEST, the account open and its epoch unchanged.
    """
    now = clock.now()
    today = clock.local(now).date()
    found = _WHOSE.all(key=_hash(key), since=now - LONGEST, at=today)
    for user, post, organisation in found:
        if post is not None:
            set_committed_value(post, "user", user)
            set_committed_value(post, "organisation", organisation)
    posts = tuple(post for _user, post, _at in found if post is not None and post.active(today))
    return found[0][0] if found else None, posts


def mark(user: User) -> str:
    """What the forms of a new session prove themselves with; signed by the house, it says whose they are."""
    return f"{user.id}-{secrets.token_hex(20)}"


def marked(said: str) -> User | None:
    """Whose session it was that made the form; the caller has looked at the signature."""
    who, _dash, rest = said.partition("-")
    return db.session.get(User, int(who)) if rest and who.isdigit() else None


def end(key: str) -> None:
    """Sign out: this session's key is worth nothing from now on."""
    ended = sa.update(SignIn).where(SignIn.key_hash == _hash(key), SignIn.ended_at.is_(None))
    db.session.execute(ended.values(ended_at=clock.now()))


def end_all(user: User) -> None:
    """Sign out everywhere at once."""
    user.session_epoch += 1


def running(user: User) -> list[SignIn]:
    """The person's sessions that are still good, newest first."""
    found = sa.select(SignIn).where(
        SignIn.user_id == user.id,
        SignIn.epoch == user.session_epoch,
        SignIn.ended_at.is_(None),
        SignIn.began_at > clock.now() - LONGEST,
    )
    return list(db.session.scalars(found.order_by(SignIn.id.desc()).limit(20)))


def prove(user: User, *, password: str | None = None, code: str | None = None) -> bool:
    """Whether whoever sits there is still the person: password or code again (rules.md F.2, level S1).

    Everything that is given must be right. Raises Locked; the caller commits after a no as well.
    """
    counter = throttle.count(f"prove:{user.id}", throttle.ACCOUNT)
    given = [password is not None, code is not None]
    right = (password is None or passwords.fits(user.password_hash, password)) and (
        code is None or codes.accept(user, code)
    )
    if not (any(given) and right):
        if throttle.failed(counter, throttle.ACCOUNT):
            log.note("locked", user)
        return False
    throttle.passed(counter)
    return True


def sweep() -> int:
    """Remove sessions that ended or ran out half a year ago (网络安全法 第二十一条); how many."""
    old = clock.now() - timedelta(days=184)
    gone = db.session.execute(sa.delete(SignIn).where(SignIn.began_at < old).returning(SignIn.id))
    return len(gone.all())
