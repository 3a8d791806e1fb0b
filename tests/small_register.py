"""A street, its community, the bureau, two developers and an enterprise: enough for the registers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from flask import Flask
from townspeople import SEALED, Visitor, sign_in

from casework import clock, people, places
from casework.db import db
from casework.people.organisations import check_sign

#: The Monday on which the small office is at work.
DAY = date(2026, 3, 2)


def credit_code(number: int) -> str:
    """A well-made credit code with the prefix that marks it as invented."""
    first = f"91999999MA{number:07d}"
    return f"{first}{check_sign(first)}"


@dataclass
class Register:
    """The people and bodies by short names: `office.bureau`, `office.post("bureau", "head")`."""

    bodies: dict[str, people.Organisation]
    posts: dict[tuple[str, str], people.Post]

    def __getattr__(self, name: str) -> people.Organisation:
        return self.bodies[name]

    def post(self, body: str, role: str) -> people.Post:
        key = (body, role)
        if key not in self.posts:
            user = people.User(
                login=f"{body}_{role}",
                name=f"{body} {role}",
                home_id=self.bodies[body].id,
                password_hash=SEALED,
            )
            db.session.add(user)
            db.session.flush()
            post = people.Post(
                user_id=user.id,
                organisation_id=self.bodies[body].id,
                role=role,
                starts_on=date(2020, 1, 1),
                ends_on=None,
            )
            db.session.add(post)
            db.session.flush()
            self.posts[key] = post
        return self.posts[key]

    def project(self, **given: Any) -> places.Project:
        """A registered project of 39,999.99 m² unless told otherwise."""
        usual = {
            "name": "江南里雅苑",
            "name_en": "Jiangnanli Court",
            "address": "云河路 1 号",
            "developer_id": self.developer.id,
            "street_id": self.street.id,
            "community_id": self.community.id,
            "gfa_total": Decimal("39999.99"),
        }
        return places.register({**usual, **given}, by=self.post("bureau", "window"))


def build() -> Register:
    """Put the small register into the open database."""
    bodies: dict[str, people.Organisation] = {}

    def add(key: str, kind: str, name: str, parent: str | None, code: int | None = None) -> None:
        bodies[key] = people.Organisation(
            kind=kind,
            name=name,
            parent_id=bodies[parent].id if parent else None,
            code=credit_code(code) if code else None,
            state="active",
        )
        db.session.add(bodies[key])
        db.session.flush()

    add("city", "city", "某市", None)
    add("district", "district", "云河区", "city")
    add("other_district", "district", "邻区", "city")
    add("bureau", "bureau", "云河区住房和城乡建设局", "district")
    add("other_bureau", "bureau", "邻区住房和城乡建设局", "other_district")
    add("street", "street", "柳桥街道办事处", "district")
    add("other_street", "street", "东关街道办事处", "district")
    add("community", "community", "江南社区居委会", "street")
    add("developer", "developer", "江南置业有限公司", "district", 1)
    add("other_developer", "developer", "河口置业有限公司", "district", 2)
    add("enterprise", "enterprise", "安居物业服务有限公司", "district", 3)
    add("other_enterprise", "enterprise", "乐邻物业服务有限公司", "district", 4)
    return Register(bodies, {})


@contextmanager
def at_work(app: Flask) -> Iterator[Register]:
    """The register on DAY with two projects: `mine` of the enterprise and `other` of everybody else."""
    app.config["SIGNING_ROLES"] = frozenset()
    app.test_client_class = Visitor
    with clock.at(clock.at_local(DAY, 9)):
        office = build()
        others = {
            "developer_id": office.other_developer.id,
            "street_id": office.other_street.id,
            "community_id": None,
            "enterprise_id": office.other_enterprise.id,
        }
        office.mine = office.project(code="P-1", enterprise_id=office.enterprise.id)
        office.other = office.project(code="P-2", name="河口里", name_en="", **others)
        yield office


def signed_in(app: Flask, office: Register, body: str, role: str = "handler") -> Any:
    """A browser in which the holder of this post has signed in."""
    office.post(body, role)
    db.session.commit()
    browser = app.test_client()
    sign_in(browser, f"{body}_{role}")
    return browser
