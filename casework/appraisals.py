"""What becomes of a case that was kept long enough (鉴定): the archivist proposes, the head decides.

Nothing is destroyed by the program: what people decide is written down, and the list of what may be
destroyed (销毁清册) is made from it (档案法 第三十一条: nobody destroys an archive on his own).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from casework import clock
from casework.db import Base, Moment, db
from casework.errors import Conflict, NotYet
from casework.people import Post
from casework.rules import rule
from casework.words import Words, _

KEEP, FOREVER, DESTROY = "keep", "forever", "destroy"
OPINIONS: dict[str, Words] = {
    KEEP: _("延长保管"),
    FOREVER: _("改为永久保管"),
    DESTROY: _("可以销毁"),
}


class Appraisal(Base):
    """One opinion about a case and what the head decided; a later one replaces it, none is changed."""

    __tablename__ = "archive_appraisal"
    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"), index=True)
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    opinion: Mapped[str] = mapped_column(sa.String(10))
    #: until when it is kept on; for `keep` only
    until: Mapped[date | None]
    reason: Mapped[str] = mapped_column(sa.String(500))
    post_id: Mapped[int] = mapped_column(sa.ForeignKey("post.id"))
    who: Mapped[str] = mapped_column(sa.String(300))
    proposed_at: Mapped[datetime] = mapped_column(Moment)
    agreed: Mapped[bool | None]
    decided_by: Mapped[str] = mapped_column(sa.String(300), default="")
    decided_at: Mapped[datetime | None] = mapped_column(Moment)
    post: Mapped[Post] = relationship()

    @property
    def opinion_name(self) -> Words:
        """What is proposed."""
        return OPINIONS[self.opinion]


@rule(_("仅区房管局归档员可以提出鉴定意见。"), basis=_("档案法 第三十一条"))
def propose(by: Post | None) -> bool:
    """The archivist of a bureau."""
    return by is not None and by.organisation.kind == "bureau" and by.role == "archivist"


@rule(_("鉴定意见由区房管局负责人决定，提出意见的人员不能自行决定。"), basis=_("档案法 第三十一条"))
def decide(by: Post | None, one: Appraisal | None = None) -> bool:
    """The head of the bureau, and never whoever proposed it."""
    head = by is not None and by.organisation.kind == "bureau" and by.role == "head"
    return head and (one is None or (by is not None and by.user_id != one.post.user_id))


def newest(case_ids: Sequence[int]) -> dict[int, Appraisal]:
    """The last appraisal of each of these cases."""
    last = sa.select(sa.func.max(Appraisal.id)).where(Appraisal.case_id.in_(case_ids))
    found = sa.select(Appraisal).where(Appraisal.id.in_(last.group_by(Appraisal.case_id)))
    return {one.case_id: one for one in db.session.scalars(found)}


def put(case_id: int, opinion: str, reason: str, until: date | None, *, by: Post, who: str) -> Appraisal:
    """Propose what becomes of a case; NotYet names what is missing."""
    propose.ask(by)
    if opinion not in OPINIONS:
        raise NotYet(_("请选择鉴定意见。"))
    if not reason.strip():
        raise NotYet(_("请写明鉴定理由。"))
    if opinion == KEEP and (until is None or until <= clock.today()):
        raise NotYet(_("延长保管须写明今天以后的日期。"))
    before = newest([case_id]).get(case_id)
    if before is not None and before.agreed is None:
        raise Conflict(_("此案件的鉴定意见还在等待负责人决定。"))
    made = Appraisal(
        case_id=case_id,
        organisation_id=by.organisation_id,
        opinion=opinion,
        until=until if opinion == KEEP else None,
        reason=reason.strip()[:500],
        post_id=by.id,
        who=who,
        proposed_at=clock.now(),
    )
    db.session.add(made)
    db.session.flush()
    return made


def settle(one: Appraisal, *, agreed: bool, by: Post, who: str) -> None:
    """The head agrees or does not; once."""
    decide.ask(by, one)
    if one.agreed is not None:
        raise Conflict(_("此鉴定意见已经决定。"))
    one.agreed, one.decided_by, one.decided_at = agreed, who, clock.now()
    db.session.flush()


def facts(one: Appraisal) -> dict[str, Any]:
    """What the record of the case says of it."""
    return {
        "opinion": one.opinion,
        "until": one.until,
        "reason": one.reason,
        "proposed_by": one.who,
        "agreed": one.agreed,
    }
