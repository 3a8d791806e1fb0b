"""Organisations as a tree, posts from one day to another."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from townspeople import LINK, City, Postbox, Watch, enter

from casework import clock
from casework.people import (
    Organisation,
    Post,
    links,
    sessions,
    throttle,
)
from casework.people import organisations as tree
from casework.people import posts as held


@pytest.mark.parametrize(
    ("code", "right"),
    [
        ("91350100M000100Y43", True),
        ("91350100M000100Y44", False),
        ("91350100M000100Y4", False),
        ("9135O100M000100Y43", False),
        ("", False),
    ],
)
def test_a_credit_code_needs_its_check_sign(code: str, right: bool) -> None:
    assert tree.code_holds(code) is right


def test_the_tree_knows_what_is_below_and_which_bureau_is_in_charge(city: City, db: Any) -> None:
    below = set(db.session.scalars(tree.subtree(city.body("district").id)))
    assert city.body("community").id in below
    assert city.body("other-bureau").id not in below
    community = city.body("community")
    assert tree.district(community) is city.body("district")
    assert tree.bureau(city.body("district")) is city.body("bureau")
    assert tree.district(city.body("city")) is None
    assert [one.name for one in tree.of_kind("enterprise", city.body("district").id)] == [
        "云河安心物业服务有限公司"
    ]


def test_a_circle_in_the_tree_does_not_hang(city: City, db: Any) -> None:
    city.body("root").parent_id = city.body("community").id
    db.session.commit()
    assert len(tree.above(city.body("community"))) == 5


def test_a_post_holds_on_its_first_and_last_day_and_not_outside(city: City, db: Any) -> None:
    post = city["handler"]
    post.starts_on, post.ends_on = date(2026, 3, 5), date(2026, 3, 6)
    db.session.commit()
    days = [date(2026, 3, day) for day in (4, 5, 6, 7)]
    assert [post.active(day) for day in days] == [False, True, True, False]
    assert [len(held.in_force(post.user, day)) for day in days] == [0, 1, 1, 0]


def test_a_closed_organisation_or_account_has_no_posts(city: City, db: Any) -> None:
    city.body("developer").state = "closed"
    city.user("street").active = False
    db.session.commit()
    assert held.in_force(city.user("handler"), clock.today()) == ()
    assert held.in_force(city.user("street"), clock.today()) == ()
    assert held.holders(city.body("developer").id, ("handler",), clock.today()) == ()


def test_sweeping_removes_only_what_is_old(city: City, db: Any, watch: Watch, post: Postbox) -> None:
    enter("nobody", "wrong")
    enter("handler")
    links.ask("handler@example.cn", from_address="10.0.0.9", link=LINK, send=post)
    db.session.commit()
    assert (throttle.sweep(), sessions.sweep(), links.sweep()) == (0, 0, 0)
    watch.wind(days=200)
    assert (throttle.sweep(), sessions.sweep(), links.sweep()) == (4, 1, 1)


def test_everybody_stands_under_the_name_of_their_kind(city: City) -> None:
    kinds = [str(kind) for kind, _posts in held.everybody(clock.today())]
    assert kinds == ["系统", "区（县）", "房产主管部门", "街道办事处（乡镇政府）", "建设单位", "物业服务企业"]


def test_names_follow_the_reader(city: City) -> None:
    body = Organisation(kind="bureau", name="云河区房产管理局", name_en="Yunhe Housing Bureau")
    assert (body.label("zh"), body.label("en")) == ("云河区房产管理局", "Yunhe Housing Bureau")
    assert Post(role="head").role_name == "负责人"
    assert city.body("bureau").label("en") == "云河区房产管理局"
