"""The board hangs in the order of publication."""

from __future__ import annotations

from datetime import date, datetime, timedelta

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
