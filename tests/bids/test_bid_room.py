"""Bids until the opening: placed, replaced, confirmed, withdrawn, late, refused; and opened one by one."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa
from acting import post
from sqlalchemy.orm.attributes import set_committed_value
from tenderhouse import CLOSES, IDCARDS, Tender, bid, tender

from casework import bids, clock, files, journal, standing
from casework.bids import envelope, keys, merkle, secret, vault
from casework.cases import bidders, bidding, incidents
from casework.db import db
from casework.errors import Conflict, NotYet, Refused
from casework.people import Post
from casework.stories import sealing

THREE = ("ent1", "ent2", "ent3")


def delivered(tender: Tender, prices: dict[str, str]) -> Tender:
    tender.at(3, 20)
    for login, price in prices.items():
        tender.bid(login, price=price)
    return tender


def opened(tender: Tender) -> list[dict]:
    tender.close()
    tender.release("dev1")
    tender.release("str2")
    assert not tender.case.incident, tender.case.incident
    return list(tender.variables()["bids"])


def test_three_bids_are_counted_opened_and_read_out_in_the_order_of_their_receipts(open_tender):
    delivered(open_tender, {"ent2": "2.60", "ent1": "2.80", "ent3": "3.10"})
    found = opened(open_tender)
    assert [(b["no"], b["name"][2:4], b["price"], b["outcome"]) for b in found] == [
        (1, "安澜", Decimal("2.60"), "opened"),
        (2, "青禾", Decimal("2.80"), "opened"),
        (3, "和煦", Decimal("3.10"), "opened"),
    ]
    assert all(b["flaws"] == [] and b["sealed_by"] == "browser" for b in found)
    assert [b["receipt"] for b in found] == [r.sha256 for r in open_tender.receipts]
    variables = open_tender.variables()
    assert variables["bid_count"] == 3
    assert variables["bid_root"] == merkle.root(sorted(r.sha256 for r in open_tender.receipts))
    said = journal.of(open_tender.case_id, limit=1000)
    assert any(entry.facts.get("title") == "开标" for entry in said)


def test_attachments_become_ordinary_files_and_the_identity_number_is_not_kept(open_tender):
    delivered(open_tender, dict.fromkeys(THREE, "2.50"))
    opened(open_tender)
    first = bids.opening.of(open_tender.case_id)[0]
    kept = first.answers["letter"][0]
    assert files.read(db.session.get_one(files.File, int(kept["id"]))).startswith(b"%PDF")
    assert first.answers["manager_id"] == "**************002X"
    assert first.answers["staff_total"] == 14


def test_fewer_than_three_is_for_the_drawing_to_decide_and_nothing_is_opened(open_tender):
    delivered(open_tender, {"ent1": "2.80", "ent2": "2.90"})
    open_tender.close()
    assert open_tender.case.status == "ended"
    assert open_tender.variables()["bid_count"] == 2
    assert bids.opening.of(open_tender.case_id) == []


def test_only_the_last_of_several_bids_is_opened(open_tender):  # T14
    delivered(open_tender, dict.fromkeys(THREE, "2.80"))
    numbers = [open_tender.bid("ent1", price=price).no for price in ("2.71", "2.72", "2.73")]
    assert numbers == [2, 3, 4]
    assert open_tender.receipts[-1].act == "replaced"
    found = opened(open_tender)
    assert sorted(b["price"] for b in found) == [Decimal("2.73"), Decimal("2.80"), Decimal("2.80")]


def test_a_withdrawn_bid_is_neither_counted_nor_opened_and_may_come_again(open_tender):
    delivered(open_tender, dict.fromkeys((*THREE, "ent4"), "2.80"))
    receipt = open_tender.act("takes_back", "ent4")
    assert (receipt.act, receipt.no, receipt.sha256) == ("withdrawn", 2, open_tender.receipts[-1].sha256)
    with pytest.raises(NotYet, match="没有已递交"):
        open_tender.act("takes_back", "ent4")
    open_tender.act("takes_back", "ent1")
    assert open_tender.bid("ent1", price="2.81").act == "placed"
    assert len(opened(open_tender)) == 3


@pytest.mark.parametrize("seconds", [0, 1])
def test_at_the_deadline_and_a_second_later_only_the_refusal_is_kept(open_tender, seconds):  # T11
    delivered(open_tender, dict.fromkeys(THREE, "2.80"))
    rows = set(db.session.scalars(sa.select(bids.Sealed.id)))
    lying = sorted(p.name for p in vault.place(open_tender.case_id, "").iterdir())
    open_tender.now = CLOSES + timedelta(seconds=seconds)
    with pytest.raises(bids.Late, match="拒收"):
        open_tender.bid("ent4")
    assert set(db.session.scalars(sa.select(bids.Sealed.id))) == rows
    assert sorted(p.name for p in vault.place(open_tender.case_id, "").iterdir()) == lying
    assert [one["org"] for one in bids.room.refusals(open_tender.case_id)] == [post("ent4").organisation_id]
    opened(open_tender)
    entry = next(e for e in journal.of(open_tender.case_id, limit=1000) if e.facts.get("title") == "开标")
    assert [one["name"] for one in entry.facts["late"]] == [post("ent4").organisation.name]


def test_the_last_second_counts_and_the_door_stays_shut_when_the_clock_is_set_back(open_tender):
    delivered(open_tender, dict.fromkeys(THREE, "2.80"))
    open_tender.now = CLOSES - timedelta(milliseconds=1)
    open_tender.bid("ent4")
    open_tender.now = CLOSES + timedelta(seconds=1)
    with pytest.raises(bids.Late):
        open_tender.bid("ent5")
    open_tender.now = CLOSES - timedelta(hours=2)
    with pytest.raises(bids.Late):
        open_tender.bid("ent5")
    assert len(opened(open_tender)) == 4


def test_an_upload_that_ends_after_the_deadline_was_not_submitted(open_tender):  # T12
    delivered(open_tender, dict.fromkeys(THREE, "2.80"))
    with clock.at(CLOSES - timedelta(seconds=30)):
        by, case = post("ent4"), open_tender.case
        blob = sealing.sealed(case, by, bid())
        token = vault.begin()
        half = len(blob) // 2
        assert vault.add(token, 0, blob[:half]) == half
    with clock.at(CLOSES + timedelta(seconds=5)):
        vault.add(token, half, blob[half:])
        with pytest.raises(bids.Late):
            sealing.deliver(open_tender.case, post("ent4"), vault.take(token))
    assert len(opened(open_tender)) == 3


def test_what_is_not_sealed_to_the_keys_of_the_tender_is_refused(open_tender):  # T13
    case, by, said = open_tender.case, post("ent1"), open_tender.terms
    plain = bids.pack(bidders.about_bidder(said, by), {"price": ["2.80"]}, [])
    foreign = [envelope.public_bytes(envelope.new_key()) for _each in range(3)]
    with clock.at(open_tender.now):
        for blob in (plain, envelope.seal(plain, said.binding(by.organisation_id), foreign, 2)):
            with pytest.raises(bids.Unfit):
                sealing.deliver(case, by, blob)
    assert bids.room.mine(said, by.organisation_id) is None


def test_after_an_amendment_only_bids_that_are_confirmed_again_count(open_tender):  # T04
    delivered(open_tender, dict.fromkeys((*THREE, "ent4", "ent5"), "2.80"))
    open_tender.at(3, 23).watch(doing="amend", new_closes_on=clock.local(CLOSES).date())
    open_tender.at(3, 24)
    assert open_tender.act("confirms", "ent1").act == "confirmed"
    open_tender.act("confirms", "ent2")
    open_tender.bid("ent3", price="2.61")
    mine = bids.room.mine(open_tender.terms, post("ent4").organisation_id)
    assert not mine.counts(bids.room.find(open_tender.case_id).reconfirm_since)
    found = opened(open_tender)
    assert [b["price"] for b in found] == [Decimal("2.80"), Decimal("2.80"), Decimal("2.61")]


def test_nothing_is_taken_in_while_the_bidding_is_suspended(open_tender):
    open_tender.at(3, 10).watch(doing="suspend")
    with pytest.raises(NotYet, match="暂停"):
        open_tender.bid("ent1")
    open_tender.watch(doing="resume", new_closes_on=clock.local(CLOSES).date())
    assert open_tender.bid("ent1").act == "placed"


def test_an_ineligible_enterprise_reads_every_reason_with_its_document(open_tender):  # T79
    enterprise, head = post("ent1").organisation, post("head1")
    for kind, document in (("rectification", "云房整〔2026〕7号"), ("ban", "云房罚〔2026〕3号")):
        standing.record(
            kind, enterprise, by=head, begins=open_tender.now.date(), ends=CLOSES.date().replace(year=2027),
            reason="消防设施未按期整改", reason_en="Fire safety not mended", basis="物业管理条例 第三十二条", document=document,
        )  # fmt: skip
    db.session.commit()
    with pytest.raises(Refused) as no:
        open_tender.at(3, 20).bid("ent1")
    assert "云房整〔2026〕7号" in str(no.value)
    assert "云房罚〔2026〕3号" in str(no.value)


def test_only_enterprises_bid_and_only_those_invited(district, tmp_path):
    invited = tender(tmp_path)
    with pytest.raises(Refused, match="物业服务企业"):
        invited.bid("dev2")
    case = invited.case
    case.variables = {**case.variables, "invited_enterprises": [post("ent2").organisation_id]}
    db.session.commit()
    with pytest.raises(Refused, match="邀请"):
        invited.bid("ent1")
    assert invited.bid("ent2").no == 1


# -- opening ------------------------------------------------------------------------------------------------


def test_a_key_is_not_released_before_the_deadline_and_a_wrong_one_is_named(open_tender):
    delivered(open_tender, dict.fromkeys(THREE, "2.80"))
    bidding_, key = (
        bids.room.find(open_tender.case_id),
        keys.mine(open_tender.case_id, post("dev1").organisation_id),
    )
    own = sealing.ring(str(post("dev1").organisation_id)).handed_over
    with pytest.raises(NotYet, match="截止之前"):
        keys.release(bidding_, key, own, open_tender.now)
    open_tender.close()
    wrong = sealing.ring(str(post("str2").organisation_id)).handed_over
    for given in (wrong, "00", "zz", ""):
        with pytest.raises(keys.Wrong, match="澄川"):
            keys.release(bids.room.find(open_tender.case_id), key, given, CLOSES)
    assert key.released is None


def test_two_holders_cannot_keep_one_key(open_tender):
    taken = sealing.ring(str(post("dev1").organisation_id))
    given = {"public": taken.public, "wrapped": taken.wrapped, "now": open_tender.now}
    with pytest.raises(keys.Wrong, match="另一保管人的相同"):
        keys.deposit(open_tender.case_id, by=post("agt1"), **given)
    assert len(keys.of(open_tender.case_id)) == 3


def test_one_key_of_two_opens_nothing(open_tender):
    delivered(open_tender, dict.fromkeys(THREE, "2.80"))
    open_tender.close()
    open_tender.release("win1")
    assert bids.opening.of(open_tender.case_id) == []
    with pytest.raises(NotYet, match="只释放了 1 份"):
        bids.opening.ready(open_tender.case_id, 2)


def test_a_bid_that_does_not_open_through_the_bidders_fault_is_revoked_and_the_rest_goes_on(
    open_tender,
):  # T10
    delivered(open_tender, {"ent1": "2.80", "ent2": "2.90"})
    case, by, said = open_tender.case, post("ent3"), open_tender.terms
    about = bidders.about_bidder(said, by)
    faults = [
        bids.pack({**about, "bidder": "00" * 32}, {"price": ["1"]}, []),  # somebody else's bid in it
        b"no bid at all".ljust(65536, b"\0"),
    ]
    for login, plain in zip(("ent3", "ent4"), faults, strict=True):
        to = said.binding(post(login).organisation_id)
        open_tender.hand_in(login, envelope.seal(plain, to, said.publics, 2))
    one, other = (sealing.sealed(case, post("ent5"), bid()) for _each in range(2))
    at = one.index(b'"shares"')  # shares that do not make the key
    open_tender.hand_in("ent5", one[:at] + other[other.index(b'"shares"') :])
    found = opened(open_tender)
    assert [b["outcome"] for b in found] == ["opened", "opened", "revoked", "revoked", "revoked"]
    assert "不一致" in found[2]["reason"]
    assert "格式" in found[3]["reason"]
    assert found[4]["reason"]
    assert found[4]["reason_en"].isascii()
    assert open_tender.variables()["bid_count"] == 5


def test_what_a_line_of_the_section_may_read_of_the_facts_is_all_that_cases_keep(open_tender):
    assert set(open_tender.case.facts) == bidding.FACTS


def test_a_lost_envelope_is_returned_unless_the_bidder_hands_it_in_again_to_the_letter(open_tender):
    delivered(open_tender, dict.fromkeys(("ent1", "ent2"), "2.80"))
    blobs = {}
    for login in ("ent3", "ent4"):
        blobs[login] = sealing.sealed(open_tender.case, post(login), bid(price="3.33"))
        open_tender.hand_in(login, blobs[login])
    for blob in blobs.values():
        lying = vault.place(open_tender.case_id, hashlib.sha256(blob).hexdigest())
        lying.chmod(0o600)
        kept = lying.read_bytes()
        lying.write_bytes(kept[:-1] + bytes([kept[-1] ^ 1]))  # another byte, whatever the last one was
    open_tender.close()
    found = bids.room.find(open_tender.case_id)
    assert len(found.lost) == 2
    name = open_tender.terms.binding(post("ent3").organisation_id).pseudonym
    for wrong in (blobs["ent4"], blobs["ent3"] + b"x", b""):
        with pytest.raises(NotYet, match="承诺值"):
            bids.opening.supply(found, name, wrong)
    bidding.supply(open_tender.case, name, blobs["ent3"], open_tender.now)
    db.session.commit()
    assert incidents.supplied(open_tender.case_id) == {hashlib.sha256(blobs["ent3"]).hexdigest(): CLOSES}
    open_tender.release("dev1")
    open_tender.release("win1")
    got = open_tender.variables()["bids"]
    assert [b["outcome"] for b in got] == ["opened", "opened", "opened", "returned"]
    assert got[2]["price"] == Decimal("3.33")
    assert [b["supplied_at"] for b in got] == [None, None, CLOSES, None]
    assert "损坏" in got[3]["reason"]


def test_exchanged_envelopes_open_to_nothing(open_tender):
    delivered(open_tender, {"ent1": "2.80", "ent2": "2.90", "ent3": "3.00"})
    rows = [
        r
        for r in db.session.scalars(sa.select(bids.Sealed))
        if secret.reveal(r.note, f"{r.case_id}|{r.pseudonym}")
    ]
    one, other = rows[0], rows[1]
    one.note, other.note = other.note, one.note
    db.session.commit()
    open_tender.close()
    assert open_tender.variables()["bid_count"] == 1  # a note in another's place says nothing


def test_flaws_are_sentences_and_nothing_is_dropped(open_tender):
    delivered(open_tender, dict.fromkeys(THREE, "2.80"))
    open_tender.bid("ent3", price="5.01", plan="太短", contact_phone="12", letter=["投标函.exe"])
    found = opened(open_tender)[-1]
    assert found["outcome"] == "opened"
    text = "；".join(found["flaws"])
    for part in ("5", "服务方案", "联系电话", "投标函"):
        assert part in text, text
    assert len(found["flaws"]) == len(found["flaws_en"])
    assert not any("一" <= sign <= "鿿" for sign in "".join(found["flaws_en"]).replace("投标函", ""))


def test_a_receipt_is_signed_and_anybody_can_check_it(open_tender):
    receipt = open_tender.at(3, 20).bid("ent1")
    given = receipt.dump()
    assert bids.receipts.genuine(given) == receipt
    assert bids.receipts.genuine({**given, "receipt": given["receipt"].replace('"no":1', '"no":2')}) is None
    assert bids.receipts.genuine({}) is None


def test_questions_name_nobody_and_end_with_the_clarification(open_tender):
    open_tender.at(3, 5).act("asks", "ent1", "车位收费面积按什么口径计算？")
    open_tender.act("asks", "ent2", "电梯维保是否包含在综合单价之内？")
    rows = bidding.questions(open_tender.case)
    assert {row["question"][:2] for row in rows} == {"车位", "电梯"}
    assert {frozenset(row) for row in rows} == {frozenset({"key", "question", "asked_on"})}
    open_tender.at(3, 6).watch(doing="amend", new_closes_on=clock.local(CLOSES).date())
    assert bidding.questions(open_tender.case) == []


def test_objections_at_the_opening_are_answered_on_the_spot_and_once(open_tender):
    delivered(open_tender, dict.fromkeys(THREE, "2.80"))
    with pytest.raises(Refused, match="开标现场"):
        open_tender.act("objects", "ent1", "我方报价宣读有误")
    opened(open_tender)
    with pytest.raises(Refused):
        open_tender.act("objects", "ent9", "我方未投标")
    open_tender.act("objects", "ent1", "我方报价宣读有误")
    with pytest.raises(Refused):
        open_tender.act("replies", "win1", "已核对")
    said = bids.hearing.of(open_tender.case_id)[0]
    open_tender.act("replies", "dev1", "经核对，宣读无误。")
    assert said.answered_at
    set_committed_value(said, "answered_at", None)  # as a colleague's page had read it a moment before
    tenderer = post("dev1").organisation_id
    with pytest.raises(Conflict):
        bids.hearing.answer(said, "另一答复。", by=post("dev1"), tenderer=tenderer, now=open_tender.now)
    assert (said.text, said.answer) == ("我方报价宣读有误", "经核对，宣读无误。")


def test_two_bidders_with_one_head_are_both_out(open_tender):  # T40
    for login in ("ent1", "ent2"):
        post(login).organisation.representative = "同一法定代表人"
    db.session.commit()
    delivered(open_tender, dict.fromkeys(THREE, "2.80"))
    found = opened(open_tender)
    assert [bool(b["invalid"]) for b in found] == [True, True, False]
    assert "第三十四条" in found[0]["invalid"]
    assert any(sign["kind"] == "tied" for sign in bidding.signs(open_tender.case))
    first = bids.opening.of(open_tender.case_id)[0]
    assert first.says_invalid("zh") == first.invalid
    assert "are registered with the same head" in first.says_invalid("en")
    assert "第三十四条" in first.says_invalid("en")


def test_one_agent_and_one_manager_are_shown_to_the_committee_and_reject_nothing(open_tender):  # T39
    agent = post("ent1").user
    other = post("ent2").organisation
    own = Post(user_id=agent.id, organisation_id=other.id, role="handler", starts_on=date(2026, 1, 1))
    db.session.add(own)
    db.session.commit()
    open_tender.at(3, 20).bid("ent1", price="2.80")
    with clock.at(open_tender.at(3, 21).now):  # a day each: bids of one second are numbered by chance
        blob = sealing.sealed(open_tender.case, own, bid(price="2.71"))
        sealing.deliver(open_tender.case, own, blob)
        db.session.commit()
    open_tender.at(3, 22).bid("ent3", price="3.10", manager="项目经理丙", manager_id=IDCARDS[1])
    found = opened(open_tender)
    assert [(b["outcome"], b["invalid"]) for b in found] == [("opened", "")] * 3
    signs = {sign["kind"]: sign for sign in bidding.signs(open_tender.case)}
    for kind, item in (("same_agent", "第二项"), ("same_manager", "第三项")):
        assert signs[kind]["bids"] == [1, 2], kind
        assert item in signs[kind]["zh"]
        assert "第四十条" in signs[kind]["basis"]


def test_a_tender_whose_secret_was_lost_stops_and_says_so(open_tender, district):
    open_tender.at(3, 20).bid("ent1")
    district.config["BID_SECRET"] = "another"
    with pytest.raises(NotYet, match=r"bids\.key"):
        bids.room.find(open_tender.case_id)


def test_the_last_key_unseals_before_the_transaction_and_the_result_is_the_same(open_tender):
    delivered(open_tender, {"ent1": "2.80", "ent2": "2.90", "ent3": "3.00"})
    open_tender.close()
    open_tender.release("dev1")
    seen = []

    def watch(*given):
        seen.append(db.session().in_transaction())
        return real(*given)

    real, bids.opening.unseal = bids.opening.unseal, watch
    try:
        open_tender.release("win1")
    finally:
        bids.opening.unseal = real
    assert seen == [False] * 3, "unsealing held the write lock, or was done twice"
    assert [b["price"] for b in open_tender.variables()["bids"]] == [
        Decimal("2.80"),
        Decimal("2.90"),
        Decimal("3.00"),
    ]
