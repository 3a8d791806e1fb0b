"""Cases that have been kept long enough: which they are, and what is decided about them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from casework import appraisals, clock, journal
from casework.appraisals import Appraisal
from casework.cases import contents, keeping, lists
from casework.cases.model import Case
from casework.cases.rows import lock
from casework.cases.telling import everybody, tell
from casework.db import db
from casework.errors import NotYet, Unknown
from casework.people import Post, signature
from casework.words import Words, _, dated

PAGE = 30


@dataclass(frozen=True)
class Kept:
    """An ended case with its term and what was last said about it."""

    case: Case
    term: keeping.Term | None
    last: Appraisal | None

    def over(self, today: date) -> bool:
        """Whether its term has passed, and nothing that was decided keeps it longer."""
        if self.term is None or self.term.until is None or self.term.until > today:
            return False
        said = self.last
        if said is None or not said.agreed:
            return True
        return said.opinion == appraisals.KEEP and said.until is not None and said.until <= today


def ended(by: Post, *, due: date | None, after: int = 0, limit: int = PAGE) -> tuple[list[Kept], int | None]:
    """Ended cases of this bureau, the oldest first; `due`: those whose term is over by that day."""
    wanted = [lists.visible(by), Case.ended_at.is_not(None)]
    wanted += [sa.or_(sa.false(), *keeping.passed(due))] if due is not None else []
    mark = db.session.get(Case, after) if after else None
    if mark is not None:
        at = sa.tuple_(sa.literal(mark.ended_at, Case.ended_at.type), sa.literal(mark.id))
        wanted.append(sa.tuple_(Case.ended_at, Case.id) > at)
    heavy = [sa.orm.defer(each) for each in (Case.variables, Case.state)]
    rows = sa.select(Case).where(*wanted).options(*heavy).order_by(Case.ended_at, Case.id)
    found = db.session.scalars(rows.limit(limit + 1)).all()
    said = appraisals.newest([case.id for case in found])
    kept = [Kept(case, keeping.term(case), said.get(case.id)) for case in found[:limit]]
    return kept, found[limit - 1].id if len(found) > limit else None


def waiting(by: Post) -> Sequence[Kept]:
    """What waits for the head."""
    rows = sa.select(Appraisal).where(
        Appraisal.organisation_id == by.organisation_id, Appraisal.agreed.is_(None)
    )
    return [_kept(one) for one in db.session.scalars(rows.order_by(Appraisal.id).limit(200))]


def to_destroy(by: Post) -> Iterator[Kept]:
    """The list of what may be destroyed (销毁清册): agreed, and not appraised otherwise since."""
    last = sa.select(sa.func.max(Appraisal.id)).group_by(Appraisal.case_id)
    rows = sa.select(Appraisal).where(
        Appraisal.organisation_id == by.organisation_id,
        Appraisal.id.in_(last),
        Appraisal.agreed.is_(True),
        Appraisal.opinion == appraisals.DESTROY,
    )
    return (_kept(one) for one in db.session.scalars(rows.order_by(Appraisal.id)))


def _kept(one: Appraisal) -> Kept:
    case = db.session.get_one(Case, one.case_id)
    return Kept(case, keeping.term(case), one)


def propose(case: Case, opinion: str, reason: str, until: date | None, *, by: Post) -> Appraisal:
    """The archivist says what should become of a case whose term is over."""
    case = lock(case.id)
    term = keeping.term(case)
    if term is None or term.until is None or term.until > clock.today():
        raise NotYet(_("此案件的保管期限未满，不作鉴定。"))
    return appraisals.put(case.id, opinion, reason, until, by=by, who=signature(by))


def settle(appraisal_id: int, *, agreed: bool, by: Post, now: datetime) -> Appraisal:
    """The head decides; the decision stands in the record of the case."""
    one = db.session.get(Appraisal, appraisal_id)
    if one is None or one.organisation_id != by.organisation_id:
        raise Unknown
    case = lock(one.case_id)
    db.session.refresh(one)
    appraisals.settle(one, agreed=agreed, by=by, who=signature(by))
    detail = appraisals.facts(one)
    journal.write(case, contents.APPRAISED, at=now, by=by, who=signature(by), detail=detail)
    parties = lists.parties(case.id) - {by.organisation_id} if agreed else frozenset()
    # what the archive writes is no part of the case: a package made now says what one made before said
    own = {one.post.user_id: one.post.organisation_id}
    tell(None, {**everybody(parties, now), **own}, *_decided(case, one), now)
    return one


def _decided(case: Case, one: Appraisal) -> tuple[Words, Words]:
    """What the parties of the case and the archivist are told."""
    until = dated(one.until) if one.until else ""
    about = {"number": case.number, "title": case.title, "reason": one.reason}
    says = {
        appraisals.KEEP: _(
            "案件“%(title)s”（%(number)s）的档案保管期限已满，经鉴定延长保管至 %(until)s。理由：%(reason)s",
            until=until,
            **about,
        ),
        appraisals.FOREVER: _(
            "案件“%(title)s”（%(number)s）的档案保管期限已满，经鉴定改为永久保管。理由：%(reason)s", **about
        ),
        appraisals.DESTROY: _(
            "案件“%(title)s”（%(number)s）的档案保管期限已满，经鉴定可以销毁，已列入销毁清册。"
            "需要其中材料的，请及时向本局申请复制。理由：%(reason)s",
            **about,
        ),
    }[one.opinion]
    if not one.agreed:
        says = _("案件“%(title)s”（%(number)s）的鉴定意见未获负责人同意，请重新提出。", **about)
    return _("档案鉴定：%(number)s", number=case.number), says
