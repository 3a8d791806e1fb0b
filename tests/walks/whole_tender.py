"""A whole tender by hand, in browsers of their own, from the registration of the project to the filed contract.

    python tests/walks/whole_tender.py [--pictures FOLDER] [--seen]

Developer, agency, bureau (window, examiner, head), street, community, six enterprises and the experts as they are
drawn; every refusal on the way is asserted. It takes some minutes and is no part of the gate.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parents[1])]

import tender_until_opening as before
from office import Office
from playing import Person, Play, by_hand, words_of
from retold import fill
from visitor import said

from casework import clock

SEATS = (("A01", "2"), ("A02", "1"), ("A03", "1"))


def committee(play: Play, number: str) -> str:
    """P04: a plan that the law forbids, the draw by commit and reveal, one expert who cannot come, the head."""
    found = play.newest("committee")
    examiner = play.at("exa1", found, "plan")
    examiner.answer({"size": "5", "representatives": "2", "witness": "柳桥街道办事处 街道乙",
                     "seats": [{"speciality": "A01", "count": "3"}]})  # fmt: skip
    play.submit(examiner, refused="不得少于成员总数的 2/3")
    assert examiner.page.input_value("[name=witness]"), "nothing typed is lost"
    examiner.answer({"representatives": "1"})
    for row, (speciality, count) in enumerate(SEATS):
        if row:
            examiner.page.click("[name=_add][value=seats]")
            examiner.page.wait_for_selector(f"[name='seats-{row}-speciality']")
        examiner.answer({f"seats-{row}-speciality": speciality, f"seats-{row}-count": count})
    play.submit(examiner)
    developer = play.at("dev1", found, "name_people")
    developer.page.select_option("[name='people-0-person']", index=1)
    developer.answer({"people-0-duty": "项目经理"})
    play.submit(developer)
    secrets = {login: commit(play, login, found) for login in ("exa1", "dev1")}
    for login, secret in secrets.items():
        person = play.at(login, found, "reveal")
        person.answer({"reveals": "yes", "secret": "not-the-secret-at-all"})
        play.submit(person, refused="密数与本方先前提交的承诺值不符")
        person.answer({"secret": secret})
        play.submit(person)
    step, login = play.desks(found, "call")[0]
    expert = play.who(login)
    expert.go(f"/step/{step}")
    expert.answer({"comes": "no", "why": "当日在外地出差，不能到场参加评标。"})
    play.submit(expert)
    while play.desks(found, "call"):  # the reserve is called in the place of the first
        play.every(found, "call", lambda one, _n: one.answer({"comes": "yes"}))
    play.every(found, "statement", lambda one, _n: one.answer({"conflict": "none", "promise": True}))
    play.every(found, "elect", lambda one, _n: one.page.select_option("[name=vote]", index=1))
    return found


def commit(play: Play, login: str, number: str) -> str:
    """The secret is made on the page and never sent; its digest is."""
    person = play.at(login, number, "commit")
    person.press("生成密数")
    secret = person.page.input_value("input[id$=-secret]")
    play.submit(person)
    return secret


def evaluation(play: Play, number: str, tender: str) -> None:
    """Formal check with a written question, scores apart, a dissent, the signed report."""
    ((_step, head),) = play.desks(number, "formal")
    expert = play.at(head, number, "formal")
    assert expert.page.locator(f"#bids a[href='/tenders/{tender}/bids/1']").count(), "the bids are at hand"
    for row in expert.page.locator("[name$='-verdict'][value=pass]").all():
        row.check()
    expert.answer({"checks-3-verdict": "ask", "checks-3-question": "请书面说明管家人员是否全部为专职。",
                   "formal_minutes": "各投标文件签字盖章齐全，资格条件符合招标文件要求。"})  # fmt: skip
    play.submit(expert)
    ((_step, asked),) = play.desks(number, "clarify")
    bidder = play.at(asked, number, "clarify")
    bidder.answer({"answer": "管家人员全部为专职，不兼任其他项目。"})
    play.submit(bidder, refused="不改变投标文件的实质性内容")
    bidder.answer({"not_substance": True})
    play.submit(bidder)
    expert = play.at(head, number, "formal")
    for row in expert.page.locator("[name$='-verdict'][value=pass]").all():
        row.check()
    play.submit(expert)
    play.every(number, "score", scores)
    expert = play.at(head, number, "report")
    expert.answer({"recommendation": "第二号投标人报价最低、方案具体，综合得分最高，推荐为第一中标候选人。"})
    play.picture(expert, "report")
    play.submit(expert)
    play.every(number, "sign", sign)
    assert play.open(number) == []


def scores(expert: Person, _place: int) -> None:
    """The cheapest gets the most for its price."""
    expert.answer({"time": "enough"})
    for one in expert.page.locator("[name$='-points']").all():
        name = str(one.get_attribute("name"))
        one.fill("14" if name.startswith("scores-2-") else "12")


def sign(expert: Person, place: int) -> None:
    """One of them dissents."""
    expert.answer({"opinion": "dissent" if place == 1 else "agree"})
    if place == 1:
        expert.page.locator("textarea:visible").first.fill("对第三号投标人服务方案的评分偏低，保留个人意见。")


def award(play: Play, number: str) -> None:
    """Publicity with an objection that blocks the award; no skipping without a reason; letters, filing."""
    developer = play.at("dev1", number, "publicity")
    developer.rule({"as_reported": True})
    play.submit(developer)
    objected = before.objection(play, number, "result", "2026-04-16 10:00")
    play.until("2026-04-18 10:00")
    assert play.open(number) == [], "the publicity is over, the objection is not"
    before.answered(
        play, objected, "经核实，拟派项目经理仅任职本项目，其他项目已交接并备案，异议的理由不成立。"
    )
    developer = play.at("dev1", number, "fix_winner")
    developer.page.locator("[name=winner_no]").nth(1).check()
    play.submit(developer, refused="请选择不确定最高排名候选人的法定情形")
    developer.page.locator("[name=winner_no]").first.check()
    play.submit(developer)
    developer = play.at("dev1", number, "report")
    developer.answer(said("tender", "award_report"))
    play.submit(developer)
    window = play.at("win1", number, "file_award")
    window.answer(said("tender", "award_filed"))
    play.submit(window)
    assert play.open(number) == ["contract"]


def contract(play: Play, tender: str) -> None:
    """P06: begun by the award; another price is refused; signed by both, bonds returned, filed before sale."""
    developer = play.who("dev1")
    developer.go("/apply")
    developer.press("前期物业服务合同订立和备案：")
    number = play.apply(developer, said("contract", "apply"), "contract")
    developer = play.at("dev1", number, "draft")
    answers = said("contract", "won", delivery_on="2028-06-30", inspect_by="2028-06-15", starts_on="2028-07-01",
                   ends_on="2031-06-30", performance_bond="75850", spaces_owned=300, spaces_civil=120, spaces_common=60,
                   parts=buildings())  # fmt: skip
    known = {"land_area", "east", "south", "west", "north", "parking_owned"}  # the area and the bid say them
    by_parts(play, developer, {key: value for key, value in answers.items() if key not in known})
    enterprise = play.at("ent1", number, "confirm")
    for one in enterprise.page.locator("[name$='-same'][value=yes]").all():
        one.check()
    enterprise.answer({key: value for key, value in said("contract", "agree").items() if key != "compared"})
    play.picture(enterprise, "contract-confirm")
    play.submit(enterprise)
    for login, element, like in (
        ("dev1", "sign_developer", "dev_signs"),
        ("ent1", "sign_enterprise", "ent_signs"),
    ):
        person = play.at(login, number, element)
        person.answer(said("contract", like))
        play.submit(person)
    play.until("2026-04-22 10:00")
    for bond in play.about(number, "bond"):
        developer = play.at("dev1", bond, "refund")
        developer.answer(said("bond", "returned", received_on="2026-04-08", returned_on="2026-04-22"))
        play.submit(developer)
    developer = play.at("dev1", number, "file")
    developer.answer(said("contract", "file", performance_state="awaited"))
    play.submit(developer)
    window = play.at("win1", number, "receive")
    for one in window.page.locator("[name$='-same'][value=yes]").all():
        one.check()
    window.answer({"intake": "accept", "verified": ["contract", "covenant", "list"]})
    play.submit(window)
    assert (play.open(number), play.open(tender)) == ([], []), "the tender ends with the filed contract"
    window.go(f"/case/{number}")
    play.picture(window, "contract-filed")


def buildings() -> list[dict[str, Any]]:
    """What the register of projects has: seven buildings, 46,200.50 m², 312 households."""
    high = {"use": "高层住宅", "floors": 18, "units": 2, "area": "8260"}
    low = {"use": "商业", "floors": 3, "units": 1, "households": 0}
    homes = [{"building": f"{n} 幢", **high, "households": 63 if n < 3 else 62} for n in range(1, 6)]
    return [
        *homes,
        {"building": "6 幢", **low, "area": "2900.50"},
        {"building": "7 幢", **low, "area": "2000"},
    ]


def by_parts(play: Play, developer: Person, answers: Mapping[str, Any]) -> None:
    """The draft of the contract is filled in part by part; another price than the winning one leads back to it."""
    page = developer.page
    fill(developer, {**answers, "price": "2.50"})
    developer.press("保存，继续下一部分")
    assert "合同综合单价与中标综合单价不一致" in page.inner_text(".sum-err")
    page.locator(".leaves button").nth(1).click()
    for part in range(1, 8):
        page.wait_for_url("**part=*")
        fill(developer, answers)
        play.picture(developer, f"contract-draft-{part + 1}")
        if part < 7:
            developer.press("保存，继续下一部分")
            page.wait_for_load_state()
            assert not page.locator(".sum-err").count(), page.inner_text(".sum-err")
    play.submit(developer, refused="合同综合单价与中标综合单价不一致")
    page.locator(".sum-err a").first.click()
    page.wait_for_selector("#price-err")
    developer.answer({"price": "2.55"})
    page.locator(".leaves button").last.click()
    page.wait_for_selector("[name=_submit]")
    play.submit(developer)


def main() -> None:
    """Play it; say what was reached when."""
    given = words_of(__doc__).parse_args()
    with by_hand(given) as (browser, place):
        play = Play(browser, Office(place, lived_in=False), given.pictures)
        whole(play)
        for person in play.people.values():
            person.close()
        play.office.close()


def whole(play: Play) -> None:
    """Every part in its turn."""

    def reached(what: str) -> None:
        print(f"{clock.local(play.office.now()):%Y-%m-%d %H:%M}  {what}", flush=True)

    reached(f"area decided: {before.registration(play)}")
    tender = before.filing(play)
    codes = before.announcing(play, tender)
    reached(f"announced: {tender}")
    before.questions(play, tender)
    objected = before.objection(play, tender, "documents", "2026-03-30 09:00")
    play.until("2026-03-31 14:00")
    before.answered(play, objected, "评分标准不限分支机构的年限，与招标文件原文不符，异议的理由不成立。")
    before.bidding(play, tender)
    before.opening(play, tender, codes)
    reached("opened")
    evaluated = committee(play, tender)
    evaluation(play, evaluated, tender)
    reached(f"evaluated: {evaluated}")
    award(play, tender)
    contract(play, tender)
    reached("contract filed")


if __name__ == "__main__":
    main()
