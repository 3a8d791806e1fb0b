"""Keeping the register: administrators add, change and close organisations, accounts and posts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from casework import clock
from casework.db import db
from casework.errors import Conflict, NotYet, Unknown
from casework.people import links, log, may, texts
from casework.people.organisations import Organisation, by_code, subtree
from casework.people.posts import Post
from casework.people.sessions import end_all
from casework.people.users import User, by_login, plain_login
from casework.words import _

PAGE = 30


@dataclass(frozen=True)
class OrganisationFacts:
    """What the register says about an organisation."""

    name: str
    name_en: str = ""
    code: str | None = None
    representative: str = ""
    address: str = ""
    contact: str = ""
    phone: str = ""
    email: str = ""


@dataclass(frozen=True)
class PersonFacts:
    """What the register says about a person."""

    name: str
    name_en: str = ""
    email: str = ""
    phone: str = ""


# -- finding: what is not in the administrator's part of the tree does not exist for them


def organisation(by: Post, organisation_id: int) -> Organisation:
    """An organisation of the administrator's own part of the tree, or Unknown."""
    found = db.session.get(Organisation, organisation_id)
    if found is None or not may.keep_organisation(by, found):
        raise Unknown
    return found


def person(by: Post, user_id: int) -> User:
    """A person of the administrator's own part of the tree, or Unknown."""
    found = db.session.get(User, user_id)
    if found is None or not may.keep_person(by, found):
        raise Unknown
    return found


def post(by: Post, post_id: int) -> Post:
    """A post in the administrator's own part of the tree, or Unknown."""
    found = db.session.get(Post, post_id)
    if found is None or not may.keep_organisation(by, found.organisation):
        raise Unknown
    return found


def _like(words: str) -> str:
    escaped = words.strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def organisations(
    by: Post, *, below: int | None = None, words: str = "", after: int = 0
) -> Sequence[Organisation]:
    """The next PAGE organisations: those directly below one, or all of the own tree that bear the words."""
    found = sa.select(Organisation).where(Organisation.id > after)
    if below is not None:
        found = found.where(Organisation.parent_id == below)
    else:
        found = found.where(Organisation.id.in_(subtree(by.organisation_id)))
    if words:
        like = _like(words)
        named = Organisation.name.like(like, escape="\\") | Organisation.name_en.ilike(like, escape="\\")
        found = found.where(named | Organisation.code.ilike(like, escape="\\"))
    return db.session.scalars(found.order_by(Organisation.id).limit(PAGE + 1)).all()


def persons(by: Post, *, home: int | None = None, words: str = "", after: int = 0) -> Sequence[User]:
    """The next PAGE persons of one organisation, or of the whole own tree."""
    found = sa.select(User).where(User.id > after).options(joinedload(User.home))
    found = found.where(User.home_id == home if home else User.home_id.in_(subtree(by.organisation_id)))
    if words:
        like = _like(words)
        found = found.where(User.name.like(like, escape="\\") | User.login.ilike(like, escape="\\"))
    return db.session.scalars(found.order_by(User.id).limit(PAGE + 1)).all()


def posts_for(persons: Sequence[User]) -> dict[int, list[Post]]:
    """The posts in force of several people, by person."""
    day = clock.today()
    found = (
        sa.select(Post)
        .where(Post.user_id.in_([one.id for one in persons]), Post.starts_on <= day)
        .where(sa.or_(Post.ends_on.is_(None), Post.ends_on >= day))
        .options(joinedload(Post.organisation))
    )
    held: dict[int, list[Post]] = {one.id: [] for one in persons}
    for one in db.session.scalars(found.order_by(Post.id)):
        held[one.user_id].append(one)
    return held


def posts_of(user: User) -> Sequence[Post]:
    """Every post a person has or had, newest first."""
    found = sa.select(Post).where(Post.user_id == user.id).options(joinedload(Post.organisation))
    return db.session.scalars(found.order_by(Post.id.desc()).limit(100)).all()


# -- organisations


def add_organisation(by: Post, parent: Organisation, kind: str, facts: OrganisationFacts) -> Organisation:
    """A new organisation directly below another."""
    may.add_organisation.ask(by, parent, kind)
    _free_code(facts.code, None)
    new = Organisation(kind=kind, parent_id=parent.id, state="active", **asdict(facts))
    db.session.add(new)
    log.note("organisation added", new, by=by, kind=kind, parent=parent.id)
    return new


def change_organisation(by: Post, one: Organisation, facts: OrganisationFacts) -> None:
    """New facts; the log keeps what they replaced."""
    may.change_organisation.ask(by, one)
    _free_code(facts.code, one)
    log.note("organisation changed", one, by=by, **_replace(one, asdict(facts)))


def close_organisation(by: Post, one: Organisation, reason: str) -> None:
    """It acts no more: every post in it stops working at once; nothing is deleted."""
    may.change_organisation.ask(by, one)
    if one.id == by.organisation_id:
        raise NotYet(_("不能停用本单位。"))
    one.state, one.closed_at = "closed", clock.now()
    log.note("organisation closed", one, by=by, reason=reason)


def open_organisation(by: Post, one: Organisation) -> None:
    """It may act again."""
    may.change_organisation.ask(by, one)
    _free_code(one.code, one)
    one.state, one.closed_at = "active", None
    log.note("organisation opened", one, by=by)


def _free_code(code: str | None, one: Organisation | None) -> None:
    holder = by_code(code) if code else None
    if holder is not None and holder is not one:
        raise Conflict(_("统一社会信用代码 %(code)s 已登记在另一单位名下。", code=code))


def _replace(thing: Organisation | User, facts: dict[str, str | None]) -> dict[str, dict[str, str | None]]:
    """Set the facts; what was there before and what is there now, for each that changed."""
    changed = {key: new for key, new in facts.items() if getattr(thing, key) != new}
    before = {key: getattr(thing, key) for key in changed}
    for key, new in changed.items():
        setattr(thing, key, new)
    return {"before": before, "after": changed}


# -- persons


def add_person(
    by: Post, home: Organisation, login: str, facts: PersonFacts, *, link: str, send: texts.Send
) -> User:
    """A new account; the person sets the password through a link, no administrator ever knows one."""
    may.keep_organisation.ask(by, home)
    if by_login(login) is not None:
        raise Conflict(_("账号 %(login)s 已被使用，请换一个。", login=login))
    user = User(login=plain_login(login), home_id=home.id, made_at=clock.now(), **asdict(facts))
    user.email = user.email.lower()
    db.session.add(user)
    log.note("person added", user, by=by)
    links.invite(user, home.name, link=link, send=send)
    return user


def change_person(by: Post, user: User, facts: PersonFacts) -> None:
    """New facts; the log keeps what they replaced."""
    may.keep_person.ask(by, user)
    log.note("person changed", user, by=by, **_replace(user, {**asdict(facts), "email": facts.email.lower()}))


def close_person(by: Post, user: User, reason: str) -> None:
    """The account is closed and every session ends at once."""
    may.keep_person.ask(by, user)
    may.not_oneself.ask(by, user)
    user.active = False
    end_all(user)
    log.note("person closed", user, by=by, reason=reason)


def open_person(by: Post, user: User) -> None:
    """The account may be used again."""
    may.keep_person.ask(by, user)
    may.not_oneself.ask(by, user)
    user.active = True
    log.note("person opened", user, by=by)


def sign_out_person(by: Post, user: User) -> None:
    """End every session of a person."""
    may.keep_person.ask(by, user)
    end_all(user)
    log.note("signed out", user, by=by)


def send_link(by: Post, user: User, *, link: str, send: texts.Send) -> None:
    """Send a link to set the password; it goes to the person's own mailbox, never to the administrator."""
    may.keep_person.ask(by, user)
    if not user.active:
        raise NotYet(_("账号已停用，请先恢复。"))
    home = user.home.name if user.home else ""
    links.invite(user, home, link=link, send=send)
    log.note("link sent", user, by=by)


# -- posts


def give_post(
    by: Post, user: User, at: Organisation, role: str, *, starts_on: date, ends_on: date | None = None
) -> Post:
    """A person gets a role in an organisation, from one day to another (both included)."""
    may.give_post.ask(by, user, at, role)
    if ends_on is not None and ends_on < starts_on:
        raise NotYet(_("岗位的截止日期不能早于起始日期。"))
    day = max(starts_on, clock.today())
    doubled = sa.select(Post.id).where(
        Post.user_id == user.id, Post.organisation_id == at.id, Post.role == role
    )
    if db.session.scalars(doubled.where(sa.or_(Post.ends_on.is_(None), Post.ends_on >= day))).first():
        raise Conflict(_("该人员已有此岗位。"))
    new = Post(user_id=user.id, organisation_id=at.id, role=role, starts_on=starts_on, ends_on=ends_on)
    db.session.add(new)
    log.note("post given", user, by=by, organisation=at.name, role=role)
    return new


def end_post(by: Post, one: Post) -> None:
    """The post ends: today is no longer part of it."""
    may.keep_organisation.ask(by, one.organisation)
    may.not_oneself.ask(by, one.user)
    yesterday = clock.today() - timedelta(days=1)
    one.ends_on = min(one.ends_on or yesterday, yesterday)
    log.note("post ended", one.user, by=by, organisation=one.organisation.name, role=one.role)
