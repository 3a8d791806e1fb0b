"""The hard paths of a committee: a representative steps aside, a reserve follows, a removal, dissent, silence."""

from __future__ import annotations

from datetime import date
from typing import Any

from playing import Person, Play
from rehearsed import WORKFLOWS, Town

from casework import clock, stories
from casework.committee import seats
from casework.db import db
from casework.people import Post, User, by_login


def committee(town: Town) -> None:
    """From the draw to the signed report, with everything that may go wrong with its members."""
    with town.after("tender/evaluated", 21) as (play, _tender):
        found = play.newest("committee")
        colleague(play)
        play.every(found, "call", lambda one, _n: one.answer({"comes": "yes"}))
        recused = recusals(play, found)
        developer = play.at("dev1", found, "name_again")
        play.picture(developer, "name-again")
        developer.page.select_option("[name='successors-0-person']", label="建设甲")
        play.submit(developer, refused="已经声明回避或者退出评标委员会")
        developer.page.select_option("[name='successors-0-person']", label="接替人")
        play.submit(developer)
        play.every(found, "statement", lambda one, _n: free(one))
        assert "watch" in play.open(found), "the committee is formed"
        expert = play.who(recused)
        expert.go(f"/case/{found}")
        assert "没有找到" in expert.read(), "whoever stepped aside sees the case no more"
        removed(play, found)
        report(play, found)


def rejected(town: Town) -> None:
    """Signs of collusion are shown to the committee; it rejects every bid on a statutory ground: tendered again."""
    told = stories.read(WORKFLOWS / "tender" / "stories" / "evaluated.yaml")
    mine = told.answers["tender"]
    bid = {**mine["bid"], "plan": mine["bid"]["plan"] * 4}  # shorter texts are not compared
    alike = {key: bid[key] for key in ("manager", "manager_id", "plan", "contact_phone")}
    answers = {
        **told.answers,
        "tender": {**mine, "bid": bid, "cheap": {**mine["cheap"], **alike, "price": 2.95}},
    }
    with town.after("tender/evaluated", 24, answers=answers) as (play, number):
        found = play.newest("committee")
        ((step, head),) = play.desks(found, "formal")
        person = play.who(head)
        person.go(f"/step/{step}")
        read = person.read()
        for words in ("视为串通投标的线索", "同一人", "文字约", "呈等差", "由评标委员会判断"):
            assert words in read, (words, read)
        play.picture(person, "signals")
        for row in person.page.locator("[name$='-verdict'][value=reject]").all():
            row.check()
        person.answer({"formal_minutes": "三份投标文件的项目负责人为同一人、方案雷同、报价呈规律性差异。"})
        play.submit(person, refused="请")
        for ground in person.page.locator("[name$='-ground']:visible").all():
            ground.select_option("7")
        for why in person.page.locator("[name$='-why']:visible").all():
            why.fill("不同投标人的项目负责人为同一人，服务方案雷同，报价呈规律性差异，视为串通投标。")
        play.picture(person, "all-rejected")
        play.submit(person)
        person = play.at(head, found, "report")
        person.answer({"recommendation": "全部投标均被否决，建议招标人依法重新招标。"})
        play.submit(person)
        play.every(found, "sign", lambda one, _n: one.answer({"opinion": "agree"}))
        developer = play.at("dev1", number, "publicity")
        developer.page.locator("[name=rejected_as_reported]").check()
        play.submit(developer)
        developer = play.at("dev1", number, "after_rejected")
        ways = developer.page.locator("[name=next_step]").evaluate_all("all => all.map(one => one.value)")
        assert ways == ["retender", "stop"], "no agreement where three have bid (T38)"
        developer.answer(
            {
                "next_step": "retender",
                "failure_analysis": "投标人涉嫌串通投标，全部投标被否决。",
            }
        )
        play.submit(developer)
        developer.go(f"/tenders/{number}")
        assert "否决" in developer.read()
        play.picture(developer, "rejected-public")


def colleague(play: Play) -> None:
    """The tenderer has a second person with an account."""
    with play.inside():
        first = by_login("dev1")
        assert first is not None
        other = User(login="devx1", name="接替人", home_id=first.home_id, made_at=clock.now())
        other.password_hash = first.password_hash
        db.session.add(other)
        db.session.flush()
        own = {"user_id": other.id, "organisation_id": first.home_id, "role": "handler"}
        db.session.add(Post(**own, starts_on=date(2026, 1, 1)))
        db.session.commit()


def free(person: Person) -> None:
    person.answer({"conflict": "none", "promise": True})


def recusals(play: Play, number: str) -> str:
    """The representative and one expert step aside, the others declare; the reserve is called. The expert's login."""
    first = ""
    for step, login in play.desks(number, "statement"):
        person = play.who(login)
        person.go(f"/step/{step}")
        expert = login != "dev1"
        if not expert or not first:
            person.answer({"conflict": "recuse", "why": "配偶在第二名投标人处任职，主动回避。"})
            first = login if expert else first
            play.picture(person, "recuse")
        else:
            free(person)
        play.submit(person)
    while play.desks(number, "call"):
        play.every(number, "call", lambda one, _n: one.answer({"comes": "yes"}))
    while play.desks(number, "statement"):
        play.every(number, "statement", lambda one, _n: free(one))
    return first


def removed(play: Play, number: str) -> None:
    """A tie is found after scoring has begun: the member's sheet is void, the reserve judges, all begin again."""
    play.every(number, "elect", lambda one, _n: one.page.select_option("[name=vote]", index=1))
    formal(play, number)
    ((step, login), *_rest) = play.desks(number, "score")
    person = play.who(login)
    person.go(f"/step/{step}")
    scores(person, 0)
    play.submit(person)
    examiner = play.at("exa1", number, "watch")
    examiner.page.select_option("[name=member]", label=name(play, login))
    examiner.answer({"cause": "tied", "reason": "群众反映其二〇二五年曾在投标人处任职，经核实属实。"})
    play.picture(examiner, "remove")
    play.submit(examiner)
    while play.desks(number, "call"):
        play.every(number, "call", lambda one, _n: one.answer({"comes": "yes"}))
    play.every(number, "statement", lambda one, _n: free(one))
    play.every(number, "elect", lambda one, _n: one.page.select_option("[name=vote]", index=1))
    formal(play, number)


def formal(play: Play, number: str) -> None:
    ((step, head),) = play.desks(number, "formal")
    person = play.who(head)
    person.go(f"/step/{step}")
    for row in person.page.locator("[name$='-verdict'][value=pass]").all():
        row.check()
    person.answer({"formal_minutes": "各投标文件签字盖章齐全，资格条件符合招标文件要求。"})
    play.submit(person)


def scores(person: Person, _place: int) -> None:
    person.answer({"time": "enough"})
    for one in person.page.locator("[name$='-points']").all():
        one.fill("12")


def report(play: Play, number: str) -> None:
    """One dissents with a reason, one does not sign: silence counts as consent, and the report says both."""
    play.every(number, "score", scores)
    ((step, head),) = play.desks(number, "report")
    person = play.who(head)
    person.go(f"/step/{step}")
    person.answer({"recommendation": "三家投标均符合要求，按综合得分和报价推荐中标候选人。"})
    play.submit(person)
    for place, (step, login) in enumerate(play.desks(number, "sign")[:-1]):
        person = play.who(login)
        person.go(f"/step/{step}")
        person.answer({"opinion": "dissent" if place == 1 else "agree"})
        if place == 1:
            play.submit(person, refused="理由")
            person.page.locator("textarea:visible").first.fill(
                "对第三号投标人服务方案的评分偏低，保留个人意见。"
            )
            play.picture(person, "dissent")
        play.submit(person)
    assert play.open(number) == ["sign", "watch"], "one has not signed"
    play.until("2026-04-14 00:10")
    assert play.open(number) == []
    with play.inside():
        signed: list[dict[str, Any]] = (play.case(number).variables or {})["signatures"]
        kinds = sorted(one["opinion"] for one in signed)
        sitting = len(seats.seated(play.case(number).id))
    assert kinds.count("dissent") == 1, kinds
    assert len(kinds) == sitting == 5, kinds
    print("signed:", kinds)
    head = play.who("exa1").go(f"/case/{number}")
    assert "评标报告" in head.inner_text("main")
    play.picture(play.who("exa1"), "inbox-after")


def name(play: Play, login: str) -> str:
    with play.inside():
        user = by_login(login)
        assert user is not None
        return user.name
