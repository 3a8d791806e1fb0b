"""Administrators keep their own part of the tree and nothing else."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from townspeople import LINK, City, Postbox, enter, hire

from casework import clock
from casework.errors import Conflict, NotYet, Refused, Unknown
from casework.people import (
    links,
    log,
    may,
    register,
)
from casework.people import posts as held

FACTS = register.PersonFacts("王小明", "Wang Xiaoming", "wang@example.cn", "000-0000-0001")


def test_a_new_account_gets_a_link_and_can_do_nothing_without_a_post(city: City, post: Postbox) -> None:
    user = register.add_person(city["keeper"], city.body("street"), "Wang", FACTS, link=LINK, send=post)
    assert user.login == "wang"
    assert enter("wang", "") is None
    assert links.set_password(post.link(), "another quiet harbour", send=post)
    assert enter("wang", "another quiet harbour") is not None
    assert held.in_force(user, clock.today()) == ()
    register.give_post(city["keeper"], user, city.body("street"), "handler", starts_on=clock.today())
    assert len(held.in_force(user, clock.today())) == 1
    with pytest.raises(Conflict):
        register.give_post(city["keeper"], user, city.body("street"), "handler", starts_on=clock.today())
    with pytest.raises(Conflict):
        register.add_person(city["keeper"], city.body("street"), "WANG", FACTS, link=LINK, send=post)


def test_an_administrator_keeps_only_the_own_part_of_the_tree(city: City, post: Postbox) -> None:
    mine, theirs = city["dev-keeper"], city.body("enterprise")
    for look in (
        lambda: register.organisation(mine, theirs.id),
        lambda: register.person(mine, city.user("seal").id),
        lambda: register.post(mine, city["seal"].id),
        lambda: register.organisation(mine, 10**9),
    ):
        with pytest.raises(Unknown):
            look()
    for act in (
        lambda: register.add_person(mine, theirs, "spy", FACTS, link=LINK, send=post),
        lambda: register.change_person(mine, city.user("seal"), FACTS),
        lambda: register.close_person(mine, city.user("seal"), "无"),
        lambda: register.open_person(mine, city.user("seal")),
        lambda: register.sign_out_person(mine, city.user("seal")),
        lambda: register.send_link(mine, city.user("seal"), link=LINK, send=post),
        lambda: register.give_post(mine, city.user("handler"), theirs, "handler", starts_on=clock.today()),
        lambda: register.give_post(
            mine, city.user("seal"), city.body("developer"), "head", starts_on=clock.today()
        ),
        lambda: register.end_post(mine, city["seal"]),
        lambda: register.close_organisation(mine, theirs, "无"),
        lambda: register.open_organisation(mine, theirs),
        lambda: register.change_organisation(mine, theirs, register.OrganisationFacts("改名")),
        lambda: register.add_organisation(mine, theirs, "community", register.OrganisationFacts("新")),
    ):
        with pytest.raises(Refused):
            act()
    assert {one.login for one in register.persons(mine)} == {"handler", "dev-keeper"}
    assert [one.id for one in register.organisations(mine)] == [city.body("developer").id]


def test_only_administrators_keep_the_register(city: City) -> None:
    for who in ("clerk", "chief", "handler", "seal", "street"):
        own = city[who].organisation
        assert not may.keep_organisation(city[who], own)
        assert not may.keep_person(city[who], city[who].user)
        assert not may.change_organisation(city[who], own)


def test_nobody_gives_or_ends_the_own_posts(city: City) -> None:
    with pytest.raises(Refused):
        register.give_post(
            city["dev-keeper"],
            city.user("dev-keeper"),
            city.body("developer"),
            "head",
            starts_on=clock.today(),
        )
    with pytest.raises(Refused):
        register.end_post(city["dev-keeper"], city["dev-keeper"])


def test_a_company_has_no_examiners(city: City) -> None:
    for role in ("examiner", "auditor", "window", "emperor", ""):
        with pytest.raises(Refused):
            register.give_post(
                city["keeper"], city.user("handler"), city.body("developer"), role, starts_on=clock.today()
            )


def test_a_company_does_not_change_its_own_entry_but_the_district_does(city: City) -> None:
    facts = register.OrganisationFacts("云河安居置业有限公司")
    with pytest.raises(Refused):
        register.change_organisation(city["dev-keeper"], city.body("developer"), facts)
    register.change_organisation(city["keeper"], city.body("developer"), facts)
    entry = log.entries(city.body("district").id)[0]
    assert entry.detail["before"]["name"] == "云河安居开发有限公司"
    assert entry.detail["after"]["name"] == "云河安居置业有限公司"


def test_only_fitting_kinds_stand_below(city: City) -> None:
    for above, kind in (("street", "bureau"), ("bureau", "bureau"), ("district", "city")):
        with pytest.raises(Refused):
            register.add_organisation(
                city["root"], city.body(above), kind, register.OrganisationFacts("新单位")
            )


def test_a_company_cannot_add_a_bureau_below_itself(city: City) -> None:
    with pytest.raises(Refused):
        register.add_organisation(
            city["dev-keeper"], city.body("developer"), "bureau", register.OrganisationFacts("冒名局")
        )


def test_a_credit_code_stands_once_on_the_register(city: City) -> None:
    code = city.body("developer").code
    with pytest.raises(Conflict):
        register.add_organisation(
            city["keeper"], city.body("district"), "enterprise", register.OrganisationFacts("重复", code=code)
        )
    register.close_organisation(city["keeper"], city.body("developer"), "注销")
    register.add_organisation(
        city["keeper"], city.body("district"), "enterprise", register.OrganisationFacts("新", code=code)
    )
    with pytest.raises(Conflict):
        register.open_organisation(city["keeper"], city.body("developer"))


def test_the_own_organisation_cannot_be_closed(city: City) -> None:
    with pytest.raises(NotYet):
        register.close_organisation(city["root"], city.body("root"), "误操作")


def test_an_ended_post_is_gone_today(city: City) -> None:
    register.end_post(city["keeper"], city["handler"])
    assert held.in_force(city.user("handler"), clock.today()) == ()
    with pytest.raises(NotYet):
        register.give_post(
            city["keeper"],
            city.user("handler"),
            city.body("developer"),
            "handler",
            starts_on=date(2026, 5, 2),
            ends_on=date(2026, 5, 1),
        )


def test_searching_takes_percent_and_underscore_literally(city: City) -> None:
    assert register.organisations(city["keeper"], words="%") == []
    assert register.organisations(city["keeper"], words="_") == []
    assert [one.name for one in register.organisations(city["keeper"], words="安心")] == [
        "云河安心物业服务有限公司"
    ]
    assert [one.login for one in register.persons(city["keeper"], words="SEAL")] == ["seal"]


def test_lists_come_in_pages(city: City, db: Any) -> None:
    for number in range(35):
        hire(f"helper{number:02d}", city.body("community"), "handler")
    db.session.commit()
    first = register.persons(city["keeper"], home=city.body("community").id)
    assert len(first) == register.PAGE + 1
    rest = register.persons(city["keeper"], home=city.body("community").id, after=first[register.PAGE - 1].id)
    assert len(rest) == 5
    assert len(register.posts_for(first)) == len(first)
