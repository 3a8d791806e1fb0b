"""One-time codes (TOTP, RFC 6238): six digits, thirty seconds, each step accepted once."""

from __future__ import annotations

import hmac
import io
import logging
from collections.abc import Iterable
from dataclasses import dataclass

import pyotp
import segno
import sqlalchemy as sa

from casework import clock
from casework.db import db
from casework.people import log, may, sealing, texts
from casework.people.organisations import plain
from casework.people.posts import SIGNING_ROLES, Post
from casework.people.users import User

_log = logging.getLogger("tendover.codes")
SECONDS = 30
ISSUER = "Tendover"


@dataclass(frozen=True)
class Setup:
    """What a person needs to enrol: the secret in groups of four and the same as a QR picture."""

    secret: str
    picture: str


def needed(posts: Iterable[Post], roles: frozenset[str] = SIGNING_ROLES) -> bool:
    """Whether one of a person's posts signs, so that a code is compulsory."""
    return any(post.role in roles for post in posts)


def step_now() -> int:
    """The number of the running thirty seconds."""
    return int(clock.now().timestamp()) // SECONDS


def _matching(secret: str, code: str) -> int | None:
    """The step (running, one before, one after) whose code this is."""
    typed = "".join(plain(code).split())
    if len(typed) != 6 or not (typed.isascii() and typed.isdigit()):
        return None
    totp, now = pyotp.TOTP(secret), step_now()
    return next((at for at in (now, now - 1, now + 1) if hmac.compare_digest(_code(totp, at), typed)), None)


def _code(totp: pyotp.TOTP, step: int) -> str:
    return totp.generate_otp(step)


def accept(user: User, code: str) -> bool:
    """Whether the code is right and newer than the last one used; a right code is used up."""
    secret = _open(user, user.totp_secret)
    step = _matching(secret, code) if secret else None
    if secret is None or step is None:
        return False
    used = sa.update(User).where(User.id == user.id, User.totp_step < step).values(totp_step=step)
    return db.session.execute(used.returning(User.id)).first() is not None


def bind(user: User, secret: str) -> None:
    """The secret of the person's device, sealed for this person."""
    db.session.flush()
    user.totp_secret = sealing.seal(secret, _about(user))


def _about(user: User) -> str:
    return f"one-time codes of user {user.id}"


def _open(user: User, stored: str | None) -> str | None:
    """The secret as devices know it; None when there is none or its key is gone."""
    if not stored:
        return None
    secret = sealing.unseal(stored, _about(user))
    if secret is None:
        _log.error("the one-time code of user %s cannot be opened: SECRET_KEY is another one", user.id)
    return secret


def seal_all() -> int:
    """Seal every secret that was stored before there was a seal, or under an older key; how many."""
    count = 0
    for user in db.session.scalars(sa.select(User).where(User.totp_secret.is_not(None)).order_by(User.id)):
        stored = str(user.totp_secret)
        if sealing.current(stored, _about(user)):
            continue
        if (secret := _open(user, stored)) is not None:
            bind(user, secret)
            count += 1
    pending = sa.update(User).where(User.totp_pending.is_not(None))
    db.session.execute(
        pending.where(User.totp_pending.not_like(f"{sealing.FORM}%")).values(totp_pending=None)
    )
    return count


def unreadable() -> int:
    """How many bound devices are of no use because the key is another one than when they were bound."""
    bound = sa.select(User).where(User.totp_secret.is_not(None), User.active.is_(True))
    return sum(sealing.unseal(str(u.totp_secret), _about(u)) is None for u in db.session.scalars(bound))


def current(user: User) -> str | None:
    """The code the person's device shows, or the next unused one: for the demo's pages only."""
    secret = _open(user, user.totp_secret)
    if secret is None:
        return None
    now = step_now()
    step = next((at for at in (now, now + 1, now - 1) if at > user.totp_step), None)
    return None if step is None else _code(pyotp.TOTP(secret), step)


def rewind(user: User) -> None:
    """Let the running half minute be used again: in the demo people come and go faster than codes."""
    user.totp_step = min(user.totp_step, step_now() - 2)


def begin(user: User) -> None:
    """Offer a new secret to enrol with."""
    user.totp_pending = sealing.seal(pyotp.random_base32(32), _about(user))


def offered(user: User) -> Setup | None:
    """The offered secret, while it waits to be confirmed."""
    secret = _open(user, user.totp_pending)
    if secret is None:
        return None
    uri = pyotp.TOTP(secret).provisioning_uri(name=user.login, issuer_name=ISSUER)
    picture = io.BytesIO()
    segno.make(uri, error="m").save(
        picture, kind="svg", xmldecl=False, svgns=False, omitsize=True, light="#fff", border=4
    )
    groups = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
    return Setup(groups, picture.getvalue().decode("ascii"))


def confirm(user: User, code: str, *, send: texts.Send) -> bool:
    """Bind the offered secret when the person's device shows the right code."""
    secret = _open(user, user.totp_pending)
    step = _matching(secret, code) if secret else None
    if step is None:
        return False
    user.totp_secret, user.totp_pending, user.totp_step = user.totp_pending, None, step
    log.note("code set up", user)
    texts.code_set_up().go(user, send)
    return True


def reset(by: Post, user: User, reason: str, *, send: texts.Send) -> None:
    """A lost device: the administrator writes why, every session ends, the person enrols again."""
    may.keep_person.ask(by, user)
    may.not_oneself.ask(by, user)
    user.totp_secret = user.totp_pending = None
    user.session_epoch += 1
    log.note("code reset", user, by=by, reason=reason)
    texts.code_reset(reason).go(user, send)
