"""A company applies, the bureau's window decides."""

from __future__ import annotations

import re
from typing import Any

import pytest
import sqlalchemy as sa
from townspeople import LINK, City, Postbox, enter

from casework import clock
from casework.errors import Conflict, Refused, Unknown
from casework.people import (
    Locked,
    User,
    applications,
    by_login,
    links,
)
from casework.people import organisations as tree
from casework.people import posts as held

ASKED = applications.Asked(
    kind="enterprise",
    name="云河和顺物业服务有限公司",
    name_en="Heshun",
    code="91999999MA0000003" + (tree.check_sign("91999999MA0000003") or ""),
    representative="李一",
    address="云河区柳桥路 1 号",
    contact="李二",
    phone="000-0000-0003",
    email="Heshun@example.cn",
)


def ask(city: City, post: Postbox, asked: applications.Asked = ASKED) -> applications.AccountApplication:
    return applications.apply(
        city.body("district"),
        asked,
        keep_licence=lambda: applications.Licence(7, "执照.pdf"),
        from_address="10.0.0.8",
        send=post,
    )


def test_an_approved_company_gets_a_first_user_who_keeps_its_people(city: City, post: Postbox) -> None:
    application = ask(city, post)
    assert re.fullmatch(r"KH-2026-\d{4}", application.number)
    assert application.organisation.state == "applied"
    user = applications.approve(city["clerk"], application, link=LINK, send=post)
    assert application.organisation.active
    assert {one.role for one in held.in_force(user, clock.today())} == {"handler", "admin"}
    assert links.set_password(post.link(), "another quiet harbour", send=post)
    assert enter(ASKED.code.lower(), "another quiet harbour") is not None
    assert by_login(ASKED.code) is user


def test_before_the_bureau_agrees_nothing_works(city: City, db: Any, post: Postbox) -> None:
    application = ask(city, post)
    assert db.session.scalars(sa.select(User).where(User.home_id == application.organisation_id)).all() == []
    assert application.organisation not in tree.of_kind("enterprise")


def test_a_refused_company_reads_why_and_may_apply_again(city: City, post: Postbox) -> None:
    application = ask(city, post)
    applications.refuse(city["clerk"], application, "营业执照已过期", send=post)
    assert post.letters[-1][0] == "heshun@example.cn"
    assert "营业执照已过期" in post.letters[-1][2]
    assert application.organisation.state == "closed"
    assert ask(city, post).id != application.id


def test_an_application_is_decided_once(city: City, post: Postbox) -> None:
    application = ask(city, post)
    applications.refuse(city["clerk"], application, "营业执照已过期", send=post)
    with pytest.raises(Conflict):
        applications.approve(city["clerk"], application, link=LINK, send=post)


def test_only_the_window_of_the_district_decides(city: City, post: Postbox) -> None:
    application = ask(city, post)
    for who in ("other-clerk", "chief", "keeper", "handler", "street"):
        with pytest.raises(Unknown):
            applications.one(city[who], application.id)
        with pytest.raises(Refused):
            applications.approve(city[who], application, link=LINK, send=post)
        with pytest.raises(Refused):
            applications.refuse(city[who], application, "无", send=post)
    assert applications.waiting(city["other-clerk"]) == []
    assert [one.id for one in applications.waiting(city["clerk"])] == [application.id]


def test_the_same_company_cannot_apply_twice_nor_when_it_is_registered(city: City, post: Postbox) -> None:
    ask(city, post)
    with pytest.raises(Conflict):
        ask(city, post)
    registered = applications.Asked(**{**vars(ASKED), "code": city.body("developer").code or ""})
    with pytest.raises(Conflict):
        ask(city, post, registered)


def test_nobody_applies_to_be_an_office(city: City, post: Postbox) -> None:
    for kind in ("bureau", "district", "system", "police"):
        with pytest.raises(Unknown):
            ask(city, post, applications.Asked(**{**vars(ASKED), "kind": kind}))


def test_one_address_cannot_flood_the_bureau(city: City, post: Postbox) -> None:
    for number in range(10):
        first = f"91999999MB000{number:04d}"
        ask(city, post, applications.Asked(**{**vars(ASKED), "code": first + (tree.check_sign(first) or "")}))
    with pytest.raises(Locked):
        ask(city, post)
