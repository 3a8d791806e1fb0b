"""Before the opening: the installation, its backup, its log, its open data and every role's pages are searched."""

from __future__ import annotations

import base64
import io
import json
import logging
import zipfile
from pathlib import Path

import tender_until_opening as before
from hard_bids import kept, room
from playing import Play
from rehearsed import Town

from casework import backups
from casework.db import db
from casework.people import Organisation, by_login

#: A price, a yearly total, a manager and a plan that stand nowhere else.
PLANTED = ("2.7391", "1588700.37", "甄乙丙丁", "珊瑚蓝第七号方案", "0571-82000305")
BIDDER = "ent5"
#: Who looks, and at what: everything that concerns the tender, and every list.
LOOKERS = ("win1", "exa1", "head1", "archivist", "str1", "dev1", "agt1", "ent4", "asc1", "admin1", "aud1")
PAGES = ("/case/{n}", "/tenders/{n}", "/tenders/{n}/opening", "/tenders/{n}/bid", "/tenders/{n}/bids/1", "/tenders/",
         "/inbox", "/cases", "/notices", "/notices.xml", "/ocds/", "/ocds/releases", "/projects/11/dossier",
         "/projects/11/dossier.docx", "/registers/papers", "/registers/papers.xlsx", "/registers/contracts.xlsx",
         "/enterprises")  # fmt: skip


def written(text: str) -> set[bytes]:
    """Every way in which a text may lie in a file."""
    found = {text.encode(code) for code in ("utf-8", "utf-16-le", "utf-16-be", "gb18030")}
    found.add(json.dumps(text).strip('"').encode())
    found |= {b.hex().encode() for b in list(found)}
    for shift in range(3):
        found.add(base64.b64encode(b"\0" * shift + text.encode())[4 * (shift > 0) :].rstrip(b"=")[:-1])
    return {one for one in found if len(one) >= 6}


def leaks(data: bytes) -> list[str]:
    return [text for text in PLANTED for one in written(text) if one in data]


def unpacked(data: bytes) -> bytes:
    """What is in a workbook or a Word file."""
    if not data.startswith(b"PK"):
        return data
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        return b"".join(parts.read(name) for name in parts.namelist())


def secrecy(town: Town) -> None:
    """Planted in a browser, sealed there, replaced once; then everything is searched for it."""
    log = town.place / "everything.log"
    handler = logging.FileHandler(log, encoding="utf-8")
    logging.getLogger().addHandler(handler)
    logging.getLogger().setLevel(logging.DEBUG)
    logging.getLogger("sqlalchemy.engine").setLevel(logging.INFO)  # every statement with what it carries
    try:
        with town.after("tender/gave_up", 9) as (play, number):
            _search(play, number, town.place, log)
    finally:
        logging.getLogger().removeHandler(handler)
        logging.getLogger().setLevel(logging.WARNING)
        logging.getLogger("sqlalchemy.engine").setLevel(logging.WARNING)


def _search(play: Play, number: str, place: Path, log: Path) -> None:
    play.until("2026-04-07 09:00")
    _plant(play, number)
    looked = 0
    for file in sorted(Path(play.office.app.instance_path).rglob("*")):
        if file.is_file():
            looked += 1
            assert not leaks(file.read_bytes()), file
    assert looked > 12, "database, write-ahead log, sealed envelopes among decoys, files"
    assert log.stat().st_size > 100_000, "every statement with what it carries"
    assert not leaks(log.read_bytes()), "the log"
    archive = place / f"backup-{number}.zip"
    with play.inside():
        backups.write(archive)
    with zipfile.ZipFile(archive) as parts:
        assert parts.namelist()
        for name in parts.namelist():
            assert not leaks(parts.read(name)), name
    print(
        f"searched {looked} files, {log.stat().st_size} bytes of log, a backup of {archive.stat().st_size} bytes"
    )
    _pages(play, number)


def _plant(play: Play, number: str) -> None:
    bidder = before.written(play, BIDDER, number)
    page = bidder.page
    price, total, manager, plan, phone = PLANTED
    page.fill("[name=price]", price[:4])
    page.fill("[name=total_year]", total)
    page.fill("[name=manager]", manager)
    page.fill("[name=plan]", plan * 6)
    page.fill("[name=contact_phone]", phone)
    kept(bidder)
    page.check("#despite")
    page.click("[name=_submit]")
    page.wait_for_selector("#placed:not([hidden])")
    room(bidder, number)
    assert page.input_value("[name=manager]") == manager, "the draft is there, for this browser"


def _pages(play: Play, number: str) -> None:
    """No role and nobody reads a price, a text, who has bid or how many."""
    with play.inside():
        user = by_login(BIDDER)
        assert user is not None
        firm = db.session.get_one(Organisation, user.home_id).name
    seen = 0
    for login in LOOKERS:
        person = play.who(login)
        for page in PAGES:
            address = person.url + page.format(n=number)
            answer = person.context.request.get(address, max_redirects=3)
            data = unpacked(answer.body())
            seen += answer.status == 200
            assert not leaks(data), (login, page)
            assert PLANTED[0][:4].encode() not in data, (login, page)
            if any(part in page for part in ("{n}", "ocds", "notices")):
                assert firm.encode() not in data, (login, page)
        person.faults.clear()  # the administrator has no inbox
    print(f"{seen} pages of {len(LOOKERS)} roles show nothing")
