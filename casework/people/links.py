"""One-time links: to set a password after forgetting it, or the first one of a new account."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from casework import clock
from casework.db import Base, Moment, db
from casework.people import log, passwords, texts, throttle
from casework.people.sessions import end_all, login_key, prove
from casework.people.users import User, by_email

RESET = timedelta(minutes=30)
INVITATION = timedelta(days=7)


class Link(Base):
    """One link; only the hash of its token is kept, so that the table opens no door."""

    __tablename__ = "one_time_link"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"), index=True)
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    ends_at: Mapped[datetime] = mapped_column(Moment, index=True)
    used_at: Mapped[datetime | None] = mapped_column(Moment)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def make(user: User, life: timedelta) -> str:
    """A new link's token (256 random bits); older links of the same person stop working."""
    db.session.flush()
    now = clock.now()
    older = sa.update(Link).where(Link.user_id == user.id, Link.used_at.is_(None))
    db.session.execute(older.values(used_at=now))
    token = secrets.token_urlsafe(32)
    db.session.add(Link(user_id=user.id, token_hash=_hash(token), ends_at=now + life))
    return token


def ask(email: str, *, from_address: str, link: str, send: texts.Send) -> None:
    """Send a link to every open account with this e-mail address; nothing tells whether there is one.

    `link` is the whole address but for the token; its host comes from the settings only.
    Raises Locked when one network address, or one mailbox, has been asked for too often.
    """
    for key in (f"ask:{from_address}", "mailbox:" + _hash(email.strip().lower())[:40]):
        throttle.failed(throttle.count(key, throttle.PUBLIC), throttle.PUBLIC)
    passwords.fits("", email)  # most of the time goes here, known or not
    for user in by_email(email):
        texts.password_link(user.login, link + make(user, RESET)).go(user, send)
        log.note("link sent", user)


def invite(user: User, organisation: str, *, link: str, send: texts.Send) -> None:
    """Send the letter with which a person sets the first, or a new, password; `link` lacks only the token."""
    texts.invitation(user.login, organisation, link + make(user, INVITATION)).go(user, send)


def holder(token: str) -> User | None:
    """Whose link this is, while it works; reading does not use it up."""
    found = (
        sa.select(User)
        .join(Link, Link.user_id == User.id)
        .where(Link.token_hash == _hash(token), Link.used_at.is_(None), Link.ends_at > clock.now())
    )
    return db.session.scalars(found.where(User.active.is_(True))).first()


def set_password(token: str, password: str, *, send: texts.Send) -> bool:
    """Use the link up: the new password holds, every session ends; False when it no longer works."""
    user = holder(token)
    used = sa.update(Link).where(Link.token_hash == _hash(token), Link.used_at.is_(None))
    row = db.session.execute(used.values(used_at=clock.now()).returning(Link.id)).first()
    if user is None or row is None:
        return False
    _change(user, password, "password reset", send)
    throttle.forget(login_key(user.login))
    return True


def change_password(user: User, old: str, new: str, *, send: texts.Send) -> bool:
    """The person's own change; False when the old password is wrong. Raises Locked."""
    if not prove(user, password=old):
        return False
    _change(user, new, "password changed", send)
    return True


def _change(user: User, password: str, what: str, send: texts.Send) -> None:
    user.password_hash = passwords.seal(password)
    user.must_change = False
    end_all(user)
    log.note(what, user)
    texts.password_changed().go(user, send)


def sweep() -> int:
    """Remove links that ran out a month ago; how many."""
    old = clock.now() - timedelta(days=30)
    gone = db.session.execute(sa.delete(Link).where(Link.ends_at < old).returning(Link.id))
    return len(gone.all())
