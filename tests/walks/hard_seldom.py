"""What seldom happens to bidders: common control, invitees who do not bid, a small project that needs no tender."""

from __future__ import annotations

from datetime import date

import tender_until_opening as before
from hard_bidders import head
from hard_opening import released
from playing import Play
from rehearsed import Town
from visitor import said

from casework import standing
from casework.db import db
from casework.people import Organisation, by_login


def controlled(town: Town) -> None:
    """Two bidders, one holding the other: both bids are void, the third is not, and everybody reads why."""
    with town.after("tender/gave_up", 9) as (play, number):
        with play.inside():
            tie("ent1", "ent2", "holding", "60")
        play.until("2026-04-10 10:01")
        for login in ("dev1", "agt1"):
            released(play, login, number)
        play.work()
        for login in ("ent1", "dev1"):
            person = play.who(login)
            person.go(f"/tenders/{number}/opening")
            assert "投标无效" in person.read(), login
            play.picture(person, f"controlled-{login}")
            assert "Invalid bid" in play.english(person, f"controlled-{login}")
        with play.inside():
            bids = (play.case(number).variables or {})["bids"]
            invalid = {one["no"]: one["invalid"] for one in bids}
        assert all("第三十四条" in invalid[no] for no in (1, 2)), invalid
        assert not invalid[3], invalid


def firm(login: str) -> Organisation:
    user = by_login(login)
    assert user is not None
    return db.session.get_one(Organisation, user.home_id)


def tie(one: str, other: str, kind: str, share: str) -> None:
    """The bureau enters on the register what joins two enterprises."""
    bodies = (standing.Body("", organisation_id=firm(login).id) for login in (one, other))
    told = {"begins": date(2025, 1, 1), "document": "企业信用信息公示报告", "share": share}
    standing.add_relation(kind, *bodies, by=head(), **told)
    db.session.commit()


def few_of_the_invited(town: Town) -> None:
    """Three are invited and two do not bid: nothing is opened, tendered again or an agreement applied for."""
    with town.after("tender/invited", 5) as (play, number):
        play.until("2026-03-12 09:10")
        developer = play.at("dev9", number, "publish")
        developer.answer(said("tender", "publish"))
        play.submit(developer)
        play.until("2026-03-26 09:00")
        before.seal(play, "ent1", number)
        play.until("2026-04-10 10:01")
        for login in ("ent1", "dev9", "win1"):
            person = play.who(login)
            person.go(f"/tenders/{number}/opening")
            assert "依法不予开标" in person.read(), login
            play.picture(person, f"few-invited-{login}")
        developer = play.at("dev9", number, "after_failure")
        ways = developer.page.locator("[name=next_step]").evaluate_all("all => all.map(one => one.value)")
        assert ways == ["retender", "agreement", "stop"], ways
        assert "招标投标法第二十八条" in developer.read()
        play.picture(developer, "few-invited-next")
        assert "art. 28" in play.english(developer, "few-invited-next")


def small(town: Town) -> None:
    """A project under the limit needs no tender: its developer is told of the agreement and applies for it."""
    with town.after("tender/awarded", 1) as (play, _number):
        developer = play.who("dev1")
        developer.apply("tender", "柳岸雅苑")
        assert "申请采用协议方式选聘" in developer.read(), "a tender is not the only way"
        play.picture(developer, "small-tender")
        assert "within the small size" in play.english(developer, "small-tender")
        developer.apply("exemption", "柳岸雅苑")
        play.picture(developer, "small-agreement")
        number = agreed(play)
        developer.go(f"/case/{number}")
        play.picture(developer, "small-applied")


def agreed(play: Play) -> str:
    developer = play.people["dev1"]
    answers = said("exemption", "small", candidate={"label": "云河青禾物业服务有限公司"})
    return play.apply(developer, answers, "small")
