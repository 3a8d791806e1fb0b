"""Objections at the opening: said by a bidder who is present, answered by the tenderer on the spot."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from casework.bids import secret
from casework.bids.model import Bidding, BidObjection, OpenedBid, Sealed
from casework.db import db
from casework.errors import Conflict, NotYet, Unknown
from casework.people import Post
from casework.rules import rule
from casework.words import _

BASIS = _("招标投标法实施条例 第四十四条")


def bidder(bidding: Bidding, organisation_id: int) -> bool | None:
    """Whether an organisation has a bid in this tender; before the deadline nobody is told."""
    if bidding.status not in {"closed", "opened"}:
        return None
    name = secret.pseudonym(bidding.tender, organisation_id)
    sealed = sa.select(Sealed.id).where(Sealed.case_id == bidding.case_id, Sealed.pseudonym == name)
    opened = sa.select(OpenedBid.id).where(
        OpenedBid.case_id == bidding.case_id, OpenedBid.organisation_id == organisation_id
    )
    return db.session.execute(sealed).first() is not None or db.session.execute(opened).first() is not None


@rule(_("对开标有异议的，由投标人在开标现场提出。"), basis=BASIS)
def object_rule(by: Post, bidding: Bidding) -> bool:
    """A bidder of this tender, from the deadline on."""
    return bidder(bidding, by.organisation_id) is True


@rule(_("开标异议由招标人当场答复。"), basis=BASIS)
def answer_rule(by: Post, tenderer: int) -> bool:
    """The tenderer answers."""
    return by.organisation_id == tenderer


def speak(bidding: Bidding, text: str, *, by: Post, now: datetime) -> BidObjection:
    """The bidder objects."""
    object_rule.ask(by, bidding)
    said = BidObjection(
        case_id=bidding.case_id,
        organisation_id=by.organisation_id,
        post_id=by.id,
        text=_words(text),
        at=now,
        answer="",
    )
    db.session.add(said)
    db.session.flush()
    return said


def answer(said: BidObjection, text: str, *, by: Post, tenderer: int, now: datetime) -> None:
    """The tenderer answers, once, whoever of its people was first."""
    answer_rule.ask(by, tenderer)
    db.session.refresh(said, ["answered_at"], with_for_update=True)
    if said.answered_at is not None:
        raise Conflict(_("该异议已经答复。"))
    said.answer, said.answered_at, said.answered_post_id = _words(text), now, by.id


def _words(text: str) -> str:
    text = text.strip()
    if not 2 <= len(text) <= 2000:
        raise NotYet(_("请写明内容（2 至 2000 字），现有 %(n)s 字。", n=len(text)))
    return text


def find(case_id: int, number: int) -> BidObjection:
    """One objection of this opening."""
    found = db.session.get(BidObjection, number)
    if found is None or found.case_id != case_id:
        raise Unknown
    return found


def of(case_id: int) -> list[BidObjection]:
    """What was said, in order."""
    query = sa.select(BidObjection).where(BidObjection.case_id == case_id).order_by(BidObjection.id)
    return list(db.session.scalars(query.options(joinedload(BidObjection.organisation))))
