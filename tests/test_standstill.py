"""A suspended tender (招标投标法实施条例 第六十二条): the contract rests, and every page says so."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from acting import browser, elsewhere, played, post, story, waiting
from flask import Flask
from flask.testing import FlaskClient

from casework import bids, blanks, cases, clock, journal, letters, papers, procedures, stories
from casework.cases import keyrooms, links, standstill
from casework.db import db
from casework.errors import NotYet

#: The steps of the story up to the signatures that are asked of both.
TO_SIGN = 3
#: The steps of the story up to the complaint that is accepted and suspends the tender.
TO_ACCEPT = 4
#: The steps of the story up to the experts who are asked whether they come.
TO_CALL = 21
#: What the filing of a contract tells the tender.
FILED = {"signed_on": date(2026, 10, 20), "starts_on": date(2026, 11, 1), "ends_on": date(2028, 10, 31)}
DISMISSED = {"number": "YT-2026-0009", "upheld": False, "measure": ""}


@pytest.fixture
def signing(district: Flask, keys: dict[str, int]) -> stories.Player:
    """A contract that waits for both signatures; the tender it rests on."""
    player = stories.Player(story("contract/from_award"), keys)
    player.play(stop_after=TO_SIGN)
    return player


def told(player: stories.Player, message: str, **payload: Any) -> None:
    number = player.of("tender").number
    assert cases.tell(message, {"number": "YT-2026-0009", **payload}, number, clock.now())
    db.session.commit()


def still_open(case: cases.Case) -> list[cases.Step]:
    mine = sa.select(cases.Step).where(cases.Step.case_id == case.id, cases.Step.status == "open")
    return list(db.session.scalars(mine))


def signs(player: stories.Player, login: str) -> None:
    step = waiting(player.of("contract").id, login)
    turn = cases.Turn(step.case, None, clock.now())
    standstill.ask(turn, step, post(login))


def test_a_contract_is_not_signed_while_its_tender_is_suspended(signing: stories.Player) -> None:
    told(signing, "complaint suspends")
    for login in ("dev1", "ent2"):
        with pytest.raises(NotYet) as no:
            signs(signing, login)
        for said in ("因投诉责令暂停", blanks.day(clock.today(), "zh"), "不得签订合同", "第六十二条"):
            assert said in str(no.value)


def test_a_period_that_stands_still_is_never_over(signing: stories.Player) -> None:
    contract = signing.of("contract")
    with clock.at(clock.at_local(date(2026, 10, 24), 9)):
        told(signing, "complaint suspends")
    last_day = clock.at_local(date(2026, 11, 12), 9)
    assert contract.id in cases.unsettled(last_day)
    cases.recompute(contract.id, last_day)
    db.session.commit()
    assert waiting(contract.id, "dev1").due == clock.day_end(date(2026, 12, 1)), "nineteen days so far"
    assert contract.id not in cases.unsettled(last_day)


def test_a_contract_filed_while_the_order_was_on_its_way_is_not_lost(signing: stories.Player) -> None:
    told(signing, "complaint suspends")
    told(signing, "contract filed", **FILED)
    assert standstill.of(signing.of("tender"), clock.now(), None) is not None, "the complaint is still open"
    told(signing, "complaint decided", upheld=False, measure="")
    tender = signing.of("tender")
    assert tender.variables["stage"] == "contracted"
    assert tender.variables["service_contract"]["signed_on"] == FILED["signed_on"]
    assert "contract" not in {one.element for one in still_open(tender)}


def test_a_void_award_carries_no_contract(signing: stories.Player) -> None:
    with clock.at(clock.at_local(date(2026, 10, 24), 9)):
        told(signing, "complaint suspends")
        told(signing, "complaint decided", upheld=True, measure="")
    tender = signing.of("tender")
    tender.variables = {**tender.variables, "stage": "award"}
    db.session.commit()
    with pytest.raises(NotYet, match="不再有效"):
        signs(signing, "ent2")
    key = procedures.of(procedures.current("contract"))
    with pytest.raises(NotYet, match="中标结果已不再有效"):
        links.find(signing.of("tender").number, key, by=post("dev1"), now=clock.now())
    cases.tick(signing.of("contract").id, clock.at_local(date(2026, 12, 30), 9))
    sent = list(db.session.scalars(sa.select(letters.Letter.subject)))
    assert not [one for one in sent if "签订合同期限已到" in one], "nobody is urged to sign what is void"


def test_a_withdrawn_award_notice_says_so_to_all_and_why_to_the_parties(
    district: Flask, signing: stories.Player
) -> None:
    turn, reason = cases.Turn(signing.of("tender"), None, clock.now()), "投诉成立，中标无效"
    said = {"paper": "D11 D12", "reason": reason, "reason_en": "the award is void"}
    cases.EFFECTS["withdraw paper"](turn, said, turn.scope())
    db.session.commit()
    issued = papers.of(turn.case.id)
    taken_back = {one.code for one in issued if one.state == "withdrawn"}
    assert taken_back == {"D11", "D12"} < {one.code for one in issued}
    code = next(one.verification for one in issued if one.code == "D11")
    stranger = FlaskClient(district, district.response_class)
    assert "此文书真实，但已撤回" in elsewhere(lambda: stranger.get(f"/verify/{code}")).text
    number, tenderer = turn.case.number, browser(district, "dev1")
    assert reason in elsewhere(lambda: tenderer.get(f"/case/{number}")).text
    tenderer.set_cookie("lang", "en")
    assert ": the award is void" in elsewhere(lambda: tenderer.get(f"/case/{number}")).text


def test_every_page_says_that_the_tender_is_suspended(district: Flask, signing: stories.Player) -> None:
    told(signing, "complaint suspends")
    tender, contract = signing.of("tender").number, signing.of("contract")
    step = waiting(contract.id, "ent2")
    client = browser(district, "ent2")
    pages = {
        where: elsewhere(lambda at=where: client.get(at)).text
        for where in (f"/case/{contract.number}", f"/step/{step.id}", "/inbox", f"/tenders/{tender}")
    }
    for where, page in pages.items():
        assert "已暂停" in page, where
        assert "区房管局因投诉责令暂停" in page, where
        assert "YT-2026-0009" not in page, where
    for where in (f"/case/{contract.number}", f"/step/{step.id}", "/inbox"):
        assert "期限暂停计算" in pages[where], where
    assert 'name="_submit"' not in pages[f"/step/{step.id}"], "nothing is sent in vain"
    assert 'name="_save"' in pages[f"/step/{step.id}"]
    for where in (f"/case/{contract.number}", f"/step/{step.id}", f"/tenders/{tender}"):
        assert "不得签订合同、不得办理合同备案" in pages[where]
        assert "恢复后顺延" in pages[where]


def test_the_number_of_a_complaint_is_read_by_its_parties_only(district: Flask, keys: dict[str, int]) -> None:
    player = stories.Player(story("objection/complaint_upheld"), keys)
    player.play(stop_after=TO_ACCEPT)
    number, tender = player.of("complaint").number, player.of("tender").number
    titles = [one.facts.get("title", "") for one in journal.of(player.of("tender").id)]
    assert any(title.startswith("责令暂停，文号云房投〔") for title in titles)
    for login, may in (("ent3", True), ("dev1", True), ("exa1", True), ("ent4", False), ("", False)):
        client = browser(district, login) if login else FlaskClient(district, district.response_class)
        page = elsewhere(lambda c=client: c.get(f"/tenders/{tender}")).text
        for said in ("已暂停", "区房管局因投诉责令暂停", "第六十二条"):
            assert said in page, login
        assert "，文号云房投〔" in page, login
        assert (f"号（{number}）" in page) is may, login
        assert may or number not in page, login


def test_no_key_is_asked_for_while_the_opening_rests(district: Flask, keys: dict[str, int]) -> None:
    player = stories.Player(story("objection/stayed_opening"), keys)
    player.play(stop_after=1)
    tender = player.of("tender")
    step = waiting(tender.id, "agt1")
    pages = (f"/step/{step.id}/release", f"/tenders/{tender.number}/opening")
    client = browser(district, "agt1")
    room, opening = (elsewhere(lambda at=at: client.get(at)).text for at in pages)
    for page in (room, opening):
        assert "已暂停" in page
        assert "不得释放开标密钥" in page
    assert 'id="release"' not in room, "the key is not unlocked in vain"
    with pytest.raises(NotYet, match="文号云房投"):
        keyrooms.prepare(step.id, "00", by=post("agt1"))


def test_the_hours_to_answer_the_draw_stand_still_too(district: Flask, keys: dict[str, int]) -> None:
    player = stories.Player(story("tender/evaluated"), keys)
    player.play(stop_after=TO_CALL)
    tender, committee = player.case, player.of("committee")
    assert tender is not None
    kept = ("bids", "signals")
    asked = {
        key: links.facts(tender, key, post("ent4").organisation_id, clock.now())
        for key in ("objection", "bond")
    }
    assert [[told[name] for name in kept] for told in asked.values() if told] == [[None, None]] * 2
    assert all(committee.facts["concerned"][name] is not None for name in kept), "the committee's case knows"
    (called, other, *_rest) = still_open(committee)
    assert called.due is not None
    other.element = "watch"  # another step, with no timer that ends it, due at the same moment by chance
    db.session.commit()
    with clock.at(called.due - timedelta(hours=1)):
        assert cases.tell("complaint suspends", {"number": "YT-2026-0009"}, tender.number, clock.now())
    was = called.due
    with clock.at(was + timedelta(days=2)):
        assert cases.tell("complaint decided", DISMISSED, tender.number, clock.now())
    db.session.commit()
    timer = db.session.scalars(sa.select(cases.Timer).where(cases.Timer.case_id == committee.id)).first()
    assert timer is not None
    assert timer.due > was + timedelta(days=2)
    assert called.due == timer.due, "the page names the moment at which a reserve is called"
    assert other.due == was


def test_keys_handed_over_in_vain_are_destroyed(district: Flask, keys: dict[str, int]) -> None:
    """One share with a key declared lost and found again would open the bids of a tender that has failed."""
    case = played("tender/keys_lost", keys, after=99)
    held = bids.keys.of(case.id)
    assert [key.released for key in held] == [None] * 3
    assert sum(key.released_at is not None for key in held) == 1
    assert bids.room.find(case.id).count == 3
