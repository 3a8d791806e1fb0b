"""Questions about the documents: everybody sees what is asked, nobody who asked (招标投标法 第二十二条)."""

from __future__ import annotations

import secrets
from datetime import datetime

import sqlalchemy as sa

from casework import clock
from casework.bids import room, secret
from casework.bids.model import BidQuestion
from casework.bids.terms import Terms
from casework.db import db
from casework.errors import NotYet, TooMuch
from casework.people import Post
from casework.words import _

LONGEST, MOST = 1000, 20


def ask(terms: Terms, text: str, *, by: Post, now: datetime) -> None:
    """Put a question; the tenderer sees it without its author."""
    bidding = room.find(terms.case_id, alone=True)
    room.ask_time(bidding, now)
    text = text.strip()
    if len(text) < 5:
        raise NotYet(_("请写明要询问的内容（至少 5 个字）。"))
    if len(text) > LONGEST:
        raise TooMuch(_("问题最多 %(most)s 字，现有 %(have)s 字。", most=LONGEST, have=len(text)))
    name = secret.mark("question", terms.tender, by.organisation_id)
    own = sa.select(sa.func.count()).where(
        BidQuestion.case_id == terms.case_id, BidQuestion.pseudonym == name
    )
    if (db.session.scalar(own) or 0) >= MOST:
        raise TooMuch(_("每个单位最多提 %(most)s 个问题。", most=MOST))
    db.session.add(
        BidQuestion(
            id=secrets.token_hex(16),
            case_id=terms.case_id,
            pseudonym=name,
            text=text,
            on=clock.local(now).date().isoformat(),
        )
    )


def waiting(case_id: int) -> list[BidQuestion]:
    """The questions that no clarification has answered yet."""
    query = sa.select(BidQuestion).where(BidQuestion.case_id == case_id, BidQuestion.answered.is_(False))
    return list(db.session.scalars(query.order_by(BidQuestion.on, BidQuestion.id)))


def rows(case_id: int) -> list[dict[str, str]]:
    """The same as rows of a form."""
    return [{"key": one.id, "question": one.text, "asked_on": one.on} for one in waiting(case_id)]


def answered(case_id: int) -> None:
    """A clarification has gone out: what was asked so far has its answer."""
    db.session.execute(sa.update(BidQuestion).where(BidQuestion.case_id == case_id).values(answered=True))
