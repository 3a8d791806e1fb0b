"""The hard paths after the evaluation: objections and complaints that hold the award, a winner who gives up."""

from __future__ import annotations

import json
from typing import Any

from playing import Person, Play
from rehearsed import Town
from visitor import said


def objections(town: Town) -> None:
    """Two objections to the result, the later answered first and upheld; a complaint suspends what is left."""
    with town.after("tender/gave_up", 14) as (play, number):
        play.until("2026-04-17 09:00")
        first, second = (objects(play, login, number, "objection-result") for login in ("ent3", "ent1"))
        answers(play, second, "upheld")
        play.until("2026-04-20 09:00")
        assert play.open(number) == [], "the publicity is over, the first objection is not"
        answers(play, first, "rejected")
        developer = play.at("dev1", number, "remedy")
        assert second in developer.read(), "what was upheld is named"
        assert said("objection", "upheld")["measure"].rstrip("。") in developer.read(), "and its measures"
        play.picture(developer, "remedy")
        developer.answer(
            {"remedy_step": "evaluate", "remedy_reason": "项目经理任职情况影响评分，组织重新评标。"}
        )
        play.submit(developer)
        assert play.newest("committee"), "evaluated again"


def complaint(town: Town) -> None:
    """An objection is rejected, a complaint follows: suspended, investigated by two, decided, the award goes on."""
    with town.after("tender/gave_up", 14) as (play, number):
        play.until("2026-04-17 09:00")
        first = objects(play, "ent3", number, "objection-result")
        answers(play, first, "rejected")
        play.until("2026-04-20 09:00")
        assert play.open(number) == ["fix_winner"]
        complained = complains(play, "ent3", number, first)
        examiner = play.at("exa1", complained, "accept")
        play.picture(examiner, "complaint-accept")
        examiner.answer(said("objection", "suspended"))
        play.submit(examiner)
        assert play.open(number) == [], "the award is suspended"
        developer = play.who("dev1")
        developer.go(f"/case/{number}")
        play.picture(developer, "suspended")
        developer = play.at("dev1", complained, "statement")
        developer.answer(said("objection", "statement"))
        play.submit(developer)
        for login in ("exa1", "exa2"):
            examiner = play.at(login, complained, "investigate")
            examiner.answer(said("objection", "investigation", finding="rejected"))
            play.submit(examiner)
        head = play.at("head1", complained, "decide")
        play.picture(head, "complaint-decide")
        head.answer(said("objection", "dismissal"))
        play.submit(head)
        assert play.open(number) == ["fix_winner"], "it goes on"
        gives_up(play, number)


def objects(play: Play, login: str, number: str, name: str) -> str:
    enterprise = play.who(login)
    enterprise.go(f"/apply/new/objection?about={number}")
    enterprise.press("下一步")
    return play.apply(enterprise, said("objection", "result"), name)


def complains(play: Play, login: str, number: str, prior: str) -> str:
    enterprise = play.who(login)
    enterprise.go(f"/apply/new/objection?about={number}")
    enterprise.press("下一步")
    answers = said("objection", "complaint", matter="result", known_on="2026-04-16", prior=prior,
                   facts="第一中标候选人拟派项目经理同时在其他在管项目任职，招标人答复后仍未核实。")  # fmt: skip
    return play.apply(enterprise, answers, "complaint")


def answers(play: Play, objected: str, like: str) -> None:
    developer = play.at("dev1", objected, "answer")
    developer.answer(said("objection", like))
    play.submit(developer)


def gives_up(play: Play, number: str) -> None:
    """No skipping without a reason; the winner gives up, the next candidate follows; each act is published as data."""
    developer = play.at("dev1", number, "fix_winner")
    play.picture(developer, "fix-winner")
    developer.page.check("[name=winner_no][value='2']")
    play.submit(developer)
    developer = play.at("dev1", number, "contract")
    developer.answer({"give_up": "gave_up", "give_up_facts": "中标人书面表示因人员不足放弃中标项目。",
                      "file_give_up": ["放弃中标函.pdf"]})  # fmt: skip
    play.picture(developer, "gave-up")
    play.submit(developer)
    developer = play.at("dev1", number, "fix_winner")
    ways = developer.page.locator("[name=winner_no]").evaluate_all("all => all.map(one => one.value)")
    assert ways == ["1", "none"], "whoever gave up is not offered again"
    developer.page.check("[name=winner_no][value='1']")
    play.submit(developer)
    developer.go(f"/case/{number}")
    read = developer.read()
    assert read.count("中标通知书") >= 2, read[:800]
    play.picture(developer, "next-awarded")
    developer.go(f"/tenders/{number}")
    play.picture(developer, "next-awarded-public")
    states = {
        one["id"][-1]: one["status"] for one in published(developer, number)["compiledRelease"]["awards"]
    }
    assert states == {"1": "active", "2": "cancelled"}, states


def published(person: Person, number: str) -> dict[str, Any]:
    """What stands now of a tender, as anybody reads it."""

    def read(address: str) -> Any:
        return json.loads(person.context.request.get(address).text())

    known = read(f"{person.url}/ocds/")["processes"]
    return read(next(one["record"] for one in known if one["ocid"].endswith(number)))["records"][0]  # type: ignore[no-any-return]
