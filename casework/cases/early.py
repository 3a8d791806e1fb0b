"""Tenders that are out and take no bids yet: enterprises qualify first (招标投标法实施条例 第十五条)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from casework.bids import Bidding
from casework.cases.bidding import section
from casework.cases.model import Case
from casework.db import db
from casework.engine import feel
from casework.notices import Notice
from casework.words import Words, both

#: Cases with a notice and without bids that are looked at for the list.
LOOKED = 200


@dataclass(frozen=True)
class Early:
    """Such a tender, and until when its procedure says that one may apply."""

    case: Case
    until: datetime
    title: str

    @property
    def called(self) -> tuple[Words, str]:
        """What its procedure calls where it stands, and the tone of it."""
        said = feel.compile(section(self.case)["called"]).evaluate(self.case.variables or {}, {})
        label, tone = (str(said["label"]), str(said.get("tone") or "")) if said else ("", "")
        return both(label, self.case.procedure.says(label, "en")), tone


def find(number: str) -> Early | None:
    """The tender of this number, where that is how it stands."""
    return next(iter(_of(_QUERY.where(Case.number == number))), None)


def newest() -> list[Early]:
    """The newest of them."""
    return _of(_QUERY)


_QUERY = (
    sa.select(Case)
    .where(
        Case.id.in_(sa.select(Notice.case_id).where(Notice.withdrawn_at.is_(None))),
        Case.id.not_in(sa.select(Bidding.case_id)),
    )
    .options(joinedload(Case.starter))
    .order_by(Case.id.desc())
    .limit(LOOKED)
)


def _of(query: sa.Select[Case]) -> list[Early]:
    found = []
    for case in db.session.scalars(query):
        said = (case.procedure.about.get("bidding") or {}).get("before") or {}
        until = (case.variables or {}).get(said.get("until"))
        if isinstance(until, datetime):
            found.append(Early(case, until, str(said["title"])))
    return found
