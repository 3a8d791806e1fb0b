"""Posts: who acts for which organisation, in which role, from when until when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from casework.db import Base, db
from casework.people.organisations import COMPANIES, KINDS, Organisation
from casework.people.users import User
from casework.words import Words, _, say_in, spoken_in

#: Roles as the office calls them.
ROLES: dict[str, Words] = {
    "handler": _("经办人"),
    "window": _("窗口"),
    "examiner": _("审查人"),
    "head": _("负责人"),
    "sealer": _("用章人"),
    "admin": _("系统管理员"),
    "auditor": _("审计员"),
    "archivist": _("归档员"),
    "member": _("专家本人"),
}
#: Roles whose step is a signature, and whoever takes whole cases out: they sign in with a one-time code.
SIGNING_ROLES = frozenset({"head", "sealer", "examiner", "member", "archivist"})
#: A company hands in, signs and seals; examining and auditing belong to offices.
COMPANY_ROLES = ("handler", "head", "sealer", "admin")


class Post(Base):
    """One person in one organisation with one role, from one day to another (both included)."""

    __tablename__ = "post"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"), index=True)
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    role: Mapped[str] = mapped_column(sa.String(20))
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]

    user: Mapped[User] = relationship()
    organisation: Mapped[Organisation] = relationship()

    def active(self, at: date) -> bool:
        """Whether the post is held on this day, by an open account, for an active organisation."""
        held = self.starts_on <= at and (self.ends_on is None or at <= self.ends_on)
        return held and self.user.active and self.organisation.active

    @property
    def role_name(self) -> Words:
        """The role in the reader's language."""
        return ROLES[self.role]


def signature(by: Post) -> str:
    """How a record names a person: organisation, person, role, as they were at the time."""
    return f"{by.organisation.name} {by.user.name}（{_role(by.role)}）"


def spoken(written: str, post_id: int | None) -> str:
    """Who acted, as it was written down: the name of a person acting alone once, not as its own employer.

    In English where organisation and person still bear the names of that time and have English ones.
    """
    organisation, _space, person = written.partition(" ")
    alone = person.partition("（")[0] == organisation
    post = db.session.get(Post, post_id) if post_id and spoken_in() == "en" else None
    own = f"{post.organisation.name} {post.user.name}" if post else ""
    if post is None or not written.startswith(own):
        return person if alone else written
    name, role = post.user.label("en"), f" ({post.role_name})" if written != own else ""
    return f"{name}{role}" if alone else f"{post.organisation.label('en')}, {name}{role}"


@lru_cache
def _role(role: str) -> str:
    return say_in("zh", ROLES[role])


def roles_for(kind: str) -> tuple[str, ...]:
    """The roles an organisation of this kind can give."""
    if kind == "expert":  # a person acting alone
        return ("member",)
    if kind in COMPANIES:
        return COMPANY_ROLES
    alone = {"member"} if kind == "bureau" else {"member", "archivist"}
    return tuple(role for role in ROLES if role not in alone)


def held_on(at: Any) -> sa.ColumnElement[bool]:
    """Whether a post is held on a day: the condition of a statement."""
    return sa.and_(Post.starts_on <= at, sa.or_(Post.ends_on.is_(None), Post.ends_on >= at))


def in_force(user: User, at: date) -> tuple[Post, ...]:
    """The posts a person holds on a day, first given first."""
    found = (
        sa.select(Post)
        .where(Post.user_id == user.id, held_on(at))
        .options(joinedload(Post.organisation), joinedload(Post.user))
        .order_by(Post.id)
    )
    return tuple(post for post in db.session.scalars(found) if post.active(at))


def everybody(at: date) -> list[tuple[Words, list[Post]]]:
    """Every post in force under the name of its kind of organisation: the demo's list."""
    found = sa.select(Post).where(held_on(at)).options(joinedload(Post.organisation), joinedload(Post.user))
    order = list(KINDS)
    held = [post for post in db.session.scalars(found) if post.active(at)]
    held.sort(key=lambda post: (order.index(post.organisation.kind), post.organisation_id, post.id))
    return [
        (KINDS[kind], list(group)) for kind, group in groupby(held, key=lambda post: post.organisation.kind)
    ]


def holders(organisation_id: int, roles: Sequence[str], at: date) -> tuple[Post, ...]:
    """Who holds one of the roles at an organisation on a day: the people a step waits for."""
    found = (
        sa.select(Post)
        .where(Post.organisation_id == organisation_id, Post.role.in_(roles), held_on(at))
        .options(joinedload(Post.organisation), joinedload(Post.user))
        .order_by(Post.id)
    )
    return tuple(post for post in db.session.scalars(found) if post.active(at))


def circle(kind: str, roles: Sequence[str], at: date, only: frozenset[int] | None = None) -> list[int]:
    """The persons who hold one of the roles at any organisation of a kind, or at any of these alone."""
    found = sa.select(Post).join(Post.organisation).where(Organisation.kind == kind, Post.role.in_(roles))
    if only is not None:
        found = found.where(Post.organisation_id.in_(only))
    found = found.where(held_on(at)).options(joinedload(Post.organisation), joinedload(Post.user))
    return sorted({post.user_id for post in db.session.scalars(found) if post.active(at)})
