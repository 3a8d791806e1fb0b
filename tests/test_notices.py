"""The board hangs in the order of publication."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from xml.etree import ElementTree as ET

from flask import Flask

from casework import clock, notices
from casework.db import db

DAY = date(2026, 3, 2)
NOON = clock.at_local(DAY, 12)


def hang(title: str, at: datetime) -> notices.Notice:
    return notices.publish(
        notices.Notice(kind="x", title=title, title_en=title, body="—", body_en="—", published_at=at)
    )


def test_the_newest_publication_comes_first_whichever_row_was_written_first(app: Flask) -> None:
    """A notice that was entered later may have been published earlier."""
    for title, hours in (("二", 2), ("四", 4), ("一", 1), ("三", 3), ("三之二", 3)):
        hang(title, NOON + timedelta(hours=hours))
    db.session.flush()
    wanted = ["四", "三之二", "三", "二", "一"]
    assert [n.title for n in notices.board(DAY)] == wanted
    seen: list[str] = []
    before: int | None = None
    while page := notices.board(DAY, before=before, limit=2):
        seen += [n.title for n in page]
        before = page[-1].id
    assert seen == wanted
    db.session.rollback()


def test_a_feed_reader_finds_the_notices_of_all_days(app: Flask) -> None:
    """RFC 4287: absolute ids, an author, a self link, and the time of the newest entry, not of the visit."""
    for number in range(notices.PAGE + 1):
        hang(f"公告 {number} <甲> & 乙", NOON + timedelta(minutes=number))
    db.session.commit()
    atom = "{http://www.w3.org/2005/Atom}"
    address: str | None = "/notices.xml"
    titles: list[str | None] = []
    with clock.at(NOON + timedelta(hours=5)):
        while address:
            feed = ET.fromstring(app.test_client().get(address).data)  # noqa: S314 - our own
            links = {one.get("rel"): str(one.get("href")) for one in feed.iter(f"{atom}link")}
            own = {one.get("rel"): str(one.get("href")) for one in feed.findall(f"{atom}link")}
            assert {"self", "alternate"} <= set(own)
            assert own["self"].endswith(address)
            assert feed.findtext(f"{atom}author/{atom}name")
            entries = feed.findall(f"{atom}entry")
            assert feed.findtext(f"{atom}updated") == entries[0].findtext(f"{atom}updated")
            assert all(str(one.findtext(f"{atom}id")).startswith("http") for one in entries)
            assert all("://" in link for link in links.values())
            titles += [one.findtext(f"{atom}title") for one in entries]
            address = own["next"].partition("//")[2].partition("/")[2] if "next" in own else None
            address = f"/{address}" if address else None
    assert titles == [f"公告 {number} <甲> & 乙" for number in range(notices.PAGE, -1, -1)]


def test_the_feed_is_to_be_had_in_english(app: Flask) -> None:
    """A feed reader has no cookies: the language is in the address, and entries of two languages have ids of two."""
    for number in range(notices.PAGE + 1):
        hang(f"公告 {number}", NOON + timedelta(minutes=number))
    told = notices.board(clock.at_local(NOON.date()).date())[0]
    told.title_en, told.body_en = "Notice <A>", "In English & short"
    db.session.commit()
    app.config["OFFICE_EN"] = "Housing Office"
    atom = "{http://www.w3.org/2005/Atom}"
    with clock.at(NOON + timedelta(hours=5)):
        visitor = app.test_client()
        feeds = [ET.fromstring(visitor.get(f"/notices.xml{q}").data) for q in ("", "?lang=en")]  # noqa: S314 - our own
        assert 'href="/notices.xml"' in visitor.get("/notices").text
        visitor.set_cookie("lang", "en")
        assert 'href="/notices.xml?lang=en"' in visitor.get("/notices").text
    chinese, english = feeds
    assert [one.get("{http://www.w3.org/XML/1998/namespace}lang") for one in feeds] == ["zh-CN", "en"]
    newest = english.find(f"{atom}entry")
    assert newest is not None
    assert newest.findtext(f"{atom}title") == "Notice <A>"
    assert newest.findtext(f"{atom}summary") == "In English & short"
    following = next(one for one in english.findall(f"{atom}link") if one.get("rel") == "next")
    assert "lang=en" in str(following.get("href"))
    ids = [{one.text for one in feed.iter(f"{atom}id")} for feed in feeds]
    assert not ids[0] & ids[1]
    assert english.findtext(f"{atom}author/{atom}name") == "Housing Office"
    assert chinese.findtext(f"{atom}title") == "公示公告"
