"""Tenders that are out and take no bids yet: enterprises qualify first (招标投标法实施条例 第十五条)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from casework import procedures
from casework.bids import Bidding
from casework.cases.model import Case
from casework.db import db
from casework.notices import Notice

#: The newest on the list.
SHOWN = 50


@dataclass(frozen=True)
class Early:
    """Such a tender, and until when its procedure says that one may apply."""

    case: Case
    until: datetime
    title: str


def find(number: str) -> Early | None:
    """The tender of this number, where that is how it stands."""
    return next(iter(_of(_out().where(Case.number == number))), None)


def newest() -> list[Early]:
    """The newest of them."""
    keys = [one.key for one in procedures.offered() if one.about.get("bidding")]
    return _of(_out().where(Case.key.in_(keys)).limit(SHOWN))


def _out() -> sa.Select[Case]:
    """Cases with a notice and without bids, the newest first."""
    hung = sa.select(Notice.case_id).where(Notice.withdrawn_at.is_(None))
    query = sa.select(Case).where(Case.id.in_(hung), Case.id.not_in(sa.select(Bidding.case_id)))
    return query.options(joinedload(Case.starter)).order_by(Case.id.desc())


def _of(query: sa.Select[Case]) -> list[Early]:
    found = []
    for case in db.session.scalars(query):
        said = (case.procedure.about.get("bidding") or {}).get("before") or {}
        until = (case.variables or {}).get(said.get("until"))
        if isinstance(until, datetime):
            found.append(Early(case, until, str(said["title"])))
    return found
