"""The pages of a tender without a browser of one's own: sealing on the server, receipts, documents, refusals."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from acting import browser, elsewhere, post
from flask import Flask
from tenderhouse import CLOSES, Tender, bid

from casework import bids, cases, clock
from casework.cases import bidding, incidents
from casework.db import db
from casework.stories import samples, sealing

Ask = Callable[..., Any]


@pytest.fixture
def ask(open_tender: Tender, district: Flask) -> Ask:
    """`ask("ent1", "bid", data)`: a page of the tender, at the time the tender has."""
    clients: dict[str, Any] = {}

    def one(login: str, page: str = "", data: Any = None, **named: Any) -> Any:
        if login not in clients:
            clients[login] = browser(district, login)
        own = f"/tenders/{open_tender.case.number}/{page}".rstrip("/")
        address, now = page if page.startswith("/") else own, open_tender.now

        def go() -> Any:
            with clock.at(now):
                method = "GET" if data is None and not named else "POST"
                return clients[login].open(address, method=method, data=data, **named)

        return elsewhere(go)

    return one


def allow_server(tender: Tender) -> None:
    case = tender.case
    case.facts = {**case.facts, "profile": {**case.facts["profile"], "bid_sealing": "server"}}
    db.session.commit()


def form_data(tender: Tender) -> dict[str, Any]:
    form = bidding.form(tender.case)
    found: dict[str, Any] = dict(sealing.typed(form, bid(), bidding.facts(tender.case)))
    found["_section"] = [section.id for section in form.sections]
    for key in ("letter", "licence"):
        found[key] = (io.BytesIO(samples.sample("a.pdf")), f"{key}.pdf")
    return found


def test_the_server_seals_only_where_the_profile_allows_it_and_says_so(open_tender: Tender, ask: Ask) -> None:
    open_tender.at(3, 20)
    data = {**form_data(open_tender), "_submit": "1"}
    assert ask("ent1", "bid/server", data).status_code == 403
    allow_server(open_tender)
    assert "服务器封标" in ask("ent1", "bid").text
    data = {**form_data(open_tender), "_submit": "1"}
    answer = ask("ent1", "bid/server", data)
    assert answer.status_code == 302, answer.text
    mine = bids.room.mine(open_tender.terms, post("ent1").organisation_id)
    assert mine.sealed_by == "server"
    for login in ("ent2", "ent3"):
        open_tender.bid(login)
    open_tender.close()
    held, bureau = cases.Step.case_id == open_tender.case_id, post("win1").organisation_id
    asked = sa.select(cases.Step.id).where(held, cases.Step.element == "release")
    step = db.session.scalars(asked.where(cases.Step.organisation_id == bureau)).one()
    assert ask("win1", f"/step/{step}/release", {"_secret": "00"}).status_code == 422
    read = ask("ent2", "opening").text
    assert read.count("提交的密钥不正确") == 1, "all present read whose key was wrong"
    assert read.count("未释放") == 3
    open_tender.release("dev1")
    open_tender.release("win1")
    wrong = incidents.wrong_keys(open_tender.case_id)
    assert [(one["holder"], one["at"]) for one in wrong] == [(bureau, CLOSES)]
    assert "提交的密钥不正确" in ask("dev1", "opening").text
    own = post("ent1").organisation_id
    first = next(one for one in open_tender.variables()["bids"] if one["enterprise"] == own)
    assert (first["outcome"], first["sealed_by"], first["flaws"]) == ("opened", "server", [])
    assert "服务器封标" in ask("dev1", "opening").text
    shown = ask("ent1", "bid").text
    told = ("已开启", f'/bids/{first["no"]}"', "公告和结果", "系统不再接收")
    assert [words in shown for words in told] == [True, True, True, False]


def test_what_the_server_cannot_seal_comes_back_with_what_was_typed(open_tender: Tender, ask: Ask) -> None:
    open_tender.at(3, 20)
    allow_server(open_tender)
    data = {**form_data(open_tender), "_submit": "1", "contact_phone": "12"}
    answer = ask("ent1", "bid/server", data)
    assert answer.status_code == 422
    assert '<div class="sum-err" role="alert" tabindex="-1" autofocus' in answer.text, (
        "first, without a script too"
    )
    assert "sum-err" in answer.text
    assert bid()["plan"][:20] in answer.text
    assert bids.room.mine(open_tender.terms, post("ent1").organisation_id) is None


def deliver(ask: Ask, login: str, blob: bytes) -> Any:
    """As the script does it: in pieces, then the word that it is whole."""
    token = ask(login, "bid/upload", b"").json["token"]
    for at in range(0, len(blob), 40_000):
        answer = ask(login, f"bid/upload/{token}?at={at}", blob[at : at + 40_000])
        assert answer.status_code == 200, answer.text
        again = ask(login, f"bid/upload/{token}?at={at}", blob[at : at + 40_000])
        assert again.json == answer.json  # a piece that came twice
    return ask(login, "bid/place", json={"token": token})


def test_an_envelope_comes_in_pieces_and_the_receipt_can_be_checked_by_anybody(
    open_tender: Tender, ask: Ask, district: Flask
) -> None:
    open_tender.at(3, 20)
    answer = deliver(ask, "ent1", sealing.sealed(open_tender.case, post("ent1"), bid()))
    assert answer.status_code == 200, answer.text
    text = json.dumps(answer.json["file"])
    assert json.loads(ask("ent1", "bid/receipt.json").text) == answer.json["file"]
    printed = ask("ent1", "bid/receipt").text
    assert all(words in printed for words in (answer.json["file"]["signature"], "云河青禾", "09:00:00"))
    assert ask("ent2", "bid/receipt").status_code == 404
    anybody = district.response_class and browser(district, "com5")
    page = elsewhere(lambda: anybody.post("/tenders/receipt", data={"receipt": text}))
    assert page.status_code == 200
    assert "真实" in page.text
    file = {
        "file": (io.BytesIO(b"\xef\xbb\xbf" + text.encode()), "r.json"),
        "receipt": "",
    }  # as Notepad saves it
    assert "真实" in elsewhere(lambda: anybody.post("/tenders/receipt", data=file)).text
    assert "请选择回执文件" in elsewhere(lambda: anybody.post("/tenders/receipt", data={})).text
    forged = text.replace(answer.json["sha256"][:8], "00000000")
    assert elsewhere(lambda: anybody.post("/tenders/receipt", data={"receipt": forged})).status_code == 422
    for broken in ("{", "[]", "1", '{"receipt": 1}'):
        assert (
            elsewhere(lambda b=broken: anybody.post("/tenders/receipt", data={"receipt": b})).status_code
            == 422
        )


def test_pieces_out_of_order_and_foreign_tokens_are_refused(open_tender: Tender, ask: Ask) -> None:
    open_tender.at(3, 20)
    token = ask("ent1", "bid/upload", b"").json["token"]
    gap = ask("ent1", f"bid/upload/{token}?at=5", b"x")
    assert gap.status_code == 422
    assert "从该处续传" in gap.text
    for bad in ("0" * 32, "../../secret.key", "x"):
        assert ask("ent1", "bid/place", json={"token": bad}).status_code == 422
    assert ask("ent1", "bid/place", json=[]).status_code == 422
    for body in (b"", b"TDE1", samples.sample("a.pdf")):
        assert deliver(ask, "ent1", body).status_code == 422


def test_what_is_open_damaged_or_late_is_refused_on_the_page_and_only_the_refusal_kept(
    open_tender: Tender, ask: Ask, district: Flask
) -> None:  # T11, T12, T13
    def kept() -> list[str]:
        lying = Path(district.instance_path, "files").rglob("*")
        names = {row.id for row in db.session.query(bids.Sealed)} | {p.name for p in lying if p.is_file()}
        return sorted(names)

    open_tender.at(3, 20)
    before = kept()
    answer = deliver(ask, "ent1", samples.sample("a.pdf"))
    assert (answer.status_code, "投标文件未按规定加密，不予接收" in answer.text) == (422, True)
    with clock.at(open_tender.now):
        blob = sealing.sealed(open_tender.case, post("ent1"), bid())
    answer = deliver(ask, "ent1", blob[:-1])
    assert (answer.status_code, "密文长度不符合封装规定，不予接收" in answer.text) == (422, True)
    open_tender.now = CLOSES - timedelta(seconds=1)
    begun = ask("ent1", "bid/upload", b"").json["token"]
    assert ask("ent1", f"bid/upload/{begun}?at=0", blob[:9]).json == {"have": 9}
    open_tender.now = CLOSES + timedelta(seconds=1)
    assert ask("ent1", f"bid/upload/{begun}?at=9", blob[9:]).json == {"have": len(blob)}
    for answer in (ask("ent1", "bid/place", json={"token": begun}), deliver(ask, "ent1", blob)):
        assert (answer.status_code, "投标截止时间已过，系统拒收" in answer.text) == (422, True)
    said = ask("ent1", "bid").text
    assert "以撤回时的回执为准" in said
    assert "第二十八条" in answer.text
    assert kept() == before
    assert len(bids.room.refusals(open_tender.case_id)) == 2


def test_practice_opens_at_once_and_keeps_nothing(open_tender: Tender, ask: Ask) -> None:
    open_tender.at(3, 20)
    to = bids.practice.to(open_tender.terms, post("ent1").organisation_id)
    binding = sealing.envelope.Binding(to["tender"], to["pseudonym"], to["form"], to["documents"])
    plain = bids.pack(to["about"], {"price": ["1.23"]}, [])
    blob = sealing.envelope.seal(plain, binding, [bytes.fromhex(to["publics"][0])], 1)
    before = {row.id for row in db.session.query(bids.Sealed)}
    assert ask("ent1", "bid/practice", blob).json == {"price": "1.23"}
    assert ask("ent2", "bid/practice", blob).status_code == 422
    assert {row.id for row in db.session.query(bids.Sealed)} == before
    assert deliver(ask, "ent1", blob).status_code == 422  # a practice bid is no bid


def test_a_draft_goes_and_comes_as_it_was_and_only_to_its_writer(open_tender: Tender, ask: Ask) -> None:
    open_tender.at(3, 20)
    assert ask("ent1", "bid/draft").status_code == 204
    assert ask("ent1", "bid/draft", b"\x01\x02" * 9000).status_code == 200
    assert ask("ent1", "bid/draft").data == b"\x01\x02" * 9000
    assert ask("ent2", "bid/draft").status_code == 204
    assert ask("ent1", "bid/draft", bytes(bids.room.DRAFT_MOST + 1)).status_code == 413


def test_a_second_tab_does_not_write_over_what_the_first_has_saved(open_tender: Tender, ask: Ask) -> None:
    open_tender.at(3, 20)
    first, second = b"\x01" * 16384, b"\x02" * 16384
    read = {"X-Over": ""}  # both tabs were opened when there was no draft
    assert ask("ent1", "bid/draft", first, headers=read).status_code == 200
    refused = ask("ent1", "bid/draft", second, headers=read)
    assert (refused.status_code, "另一个标签页" in refused.text) == (409, True)
    assert ask("ent1", "bid/draft").data == first
    assert ask("ent1", "bid/draft", second, headers={"X-Over": sha256(first).hexdigest()}).status_code == 200
