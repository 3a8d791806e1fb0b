"""The beginning of an installation: city, district, bureau, and the first person who may add others."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from casework import clock
from casework.db import db
from casework.errors import NotYet
from casework.people import links, log
from casework.people.organisations import Organisation
from casework.people.posts import Post
from casework.people.users import User, plain_login
from casework.words import _


@dataclass(frozen=True)
class Founded:
    """The first administrator, and the token of the link with which the password is set."""

    user: User
    token: str


def found(city: str, district: str, bureau: str, *, login: str, name: str, email: str = "") -> Founded:
    """Make an empty installation usable; NotYet when somebody lives here already. The caller commits."""
    if db.session.scalar(sa.select(sa.func.count()).select_from(Organisation)):
        raise NotYet(_("系统中已有单位，不能重复初始化；请由系统管理员登录后添加。"))
    parent: Organisation | None = None
    made = []
    for kind, called in (("system", "系统"), ("city", city), ("district", district), ("bureau", bureau)):
        parent = Organisation(kind=kind, name=called.strip(), parent=parent)
        db.session.add(parent)
        made.append(parent)
    db.session.flush()
    home = made[2]
    user = User(login=plain_login(login), name=name.strip(), email=email.strip().lower(), home_id=home.id)
    user.made_at = clock.now()
    db.session.add(user)
    db.session.flush()
    post = Post(user_id=user.id, organisation_id=home.id, role="admin", starts_on=clock.today())
    db.session.add(post)
    token = links.make(user, links.INVITATION)
    log.note("founded", user)
    return Founded(user, token)
