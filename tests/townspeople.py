"""A small city for the tests of people: one district with its bureau, a street, a developer, an enterprise."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pyotp
from argon2 import PasswordHasher
from flask import g
from flask.testing import FlaskClient

from casework.db import db
from casework.people import Organisation, Post, User, codes, sessions
from casework.people.organisations import check_sign

PASSWORD = "a quiet harbour at dawn"
#: Checking a hash takes as long as it says itself, 25 ms where the office made it: in tests people have cheap ones.
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
#: Everybody in the city has the same password.
SEALED = CHEAP.hash(PASSWORD)
LINK = "http://localhost/link/"
NOON = datetime(2026, 3, 5, 4, 0, tzinfo=UTC)
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@dataclass
class City:
    """The organisations by a short name, and the posts by the login of their only holder."""

    organisations: dict[str, Organisation]
    posts: dict[str, Post]

    def __getitem__(self, login: str) -> Post:
        return self.posts[login]

    def user(self, login: str) -> User:
        return self.posts[login].user

    def body(self, name: str) -> Organisation:
        return self.organisations[name]


#: name: (kind, above, Chinese name, credit code)
BODIES = {
    "root": ("system", None, "平台", None),
    "city": ("city", "root", "云州市", None),
    "district": ("district", "city", "云河区", None),
    "other": ("district", "city", "柳湖区", None),
    "bureau": ("bureau", "district", "云河区房产管理局", None),
    "other-bureau": ("bureau", "other", "柳湖区房产管理局", None),
    "street": ("street", "district", "柳桥街道办事处", None),
    "community": ("community", "street", "荷塘社区居委会", None),
    "developer": ("developer", "district", "云河安居开发有限公司", "91999999MA0000001"),
    "enterprise": ("enterprise", "district", "云河安心物业服务有限公司", "91999999MA0000002"),
}
#: login: (organisation, role)
HOLDERS = {
    "root": ("root", "admin"),
    "keeper": ("district", "admin"),
    "other-keeper": ("other", "admin"),
    "clerk": ("bureau", "window"),
    "other-clerk": ("other-bureau", "window"),
    "chief": ("bureau", "head"),
    "handler": ("developer", "handler"),
    "dev-keeper": ("developer", "admin"),
    "seal": ("enterprise", "sealer"),
    "street": ("street", "handler"),
}


def found(on: date = date(2020, 1, 1)) -> City:
    """Write the city down; nobody has a one-time code yet."""
    bodies: dict[str, Organisation] = {}
    for name, (kind, above, title, code) in BODIES.items():
        full = code and code + (check_sign(code) or "")
        body = Organisation(kind=kind, name=title, code=full, parent_id=above and bodies[above].id)
        db.session.add(body)
        db.session.flush()
        bodies[name] = body
    posts = {login: hire(login, bodies[where], role, on=on) for login, (where, role) in HOLDERS.items()}
    db.session.commit()
    return City(bodies, posts)


def hire(login: str, body: Organisation, role: str, *, on: date = date(2020, 1, 1)) -> Post:
    """A person with one post."""
    user = User(
        login=login, name=f"人员{login}", home_id=body.id, email=f"{login}@example.cn", password_hash=SEALED
    )
    db.session.add(user)
    db.session.flush()
    post = Post(user_id=user.id, organisation_id=body.id, role=role, starts_on=on)
    db.session.add(post)
    db.session.flush()
    return post


class Postbox:
    """Takes the place of the post: every letter with its reader."""

    def __init__(self) -> None:
        self.letters: list[tuple[int | str, str, str, str]] = []

    def __call__(self, to: int | str, subject: str, body_zh: str, body_en: str, *, now: Any) -> None:
        self.letters.append((to, subject, body_zh, body_en))

    def link(self) -> str:
        """The token in the newest letter."""
        return next(word for word in self.letters[-1][2].split() if word.startswith("http")).rpartition("/")[
            2
        ]


def sign_in(client: FlaskClient, login: str, password: str = PASSWORD, code: str = "") -> Any:
    """Through the page's form."""
    return client.post("/sign-in", data={"login": login, "password": password, "code": code})


def bind(user: User) -> pyotp.TOTP:
    """Give a person a device."""
    codes.bind(user, SECRET)
    db.session.commit()
    return pyotp.TOTP(SECRET)


class Visitor(FlaskClient):
    """A browser inside a test's application context: each page begins with nothing of the one before."""

    def open(self, *args: Any, **named: Any) -> Any:
        for name in list(g):
            g.pop(name)
        db.session.rollback()
        try:
            answer = super().open(*args, **named)
        finally:
            db.session.rollback()
        if answer.status_code == 422:
            assert misplaced(answer.text) == []
        return answer


def misplaced(page: str) -> list[str]:
    """The fields that the summary of what is wrong names out of the order in which the page asks them."""
    summary = re.search(r'class="sum-err".*?</ul>', page, re.DOTALL)
    named = re.findall(r'href="#([^"]+)"', summary[0]) if summary else []
    there = {name: at for name in named if (at := page.find(f' id="{name}"')) >= 0}
    return [one for one, after in pairwise(there) if there[one] > there[after]]


def seen(answer: Any) -> tuple[int, str]:
    """What a visitor sees: status and page, without the form tokens, which change by the second."""
    return answer.status_code, re.sub(r'name="csrf_token" value="[^"]*"', "", answer.text)


class Watch:
    """A clock that tests wind forward."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now

    def wind(self, **by: float) -> None:
        self.now += timedelta(**by)


def enter(login: str, password: str = PASSWORD, code: str = "", address: str = "10.0.0.1") -> Any:
    """Past the pages, straight to the office's own function."""
    return sessions.attempt(login, password, code, address=address)
