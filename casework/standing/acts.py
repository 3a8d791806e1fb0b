"""What the bureau may write into an enterprise's file, and how a record ends."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa

from casework import clock, deadlines
from casework.db import db
from casework.errors import Conflict, NotYet
from casework.people import Organisation, Post, district
from casework.people.organisations import within
from casework.rules import rule
from casework.standing.record import BARS, DECISIONS, KINDS, LIFTS, SCOPES, Lift, Record
from casework.words import _, say


@rule(_("信用记录由企业所在区房管局工作人员登记和解除。"), basis=_("物业管理条例 第五条"))
def keep(by: Post | None, enterprise: Organisation) -> bool:
    """A clerk of the bureau in whose district the enterprise is on the register."""
    if by is None or by.organisation.kind != "bureau" or by.role not in {"window", "examiner", "head"}:
        return False
    home = district(by.organisation) or by.organisation.parent
    return home is not None and within(enterprise, home.id)


@rule(_("列入不诚信名单、禁止参与投标以及解除，由房管局负责人登记。"))
def decide(by: Post | None) -> bool:
    """Decisions against an enterprise, and their end, are written down by the head."""
    return by is not None and by.role == "head"


def record(
    kind: str,
    enterprise: Organisation,
    *,
    by: Post,
    begins: date,
    reason: str,
    reason_en: str = "",
    basis: str = "",
    document: str = "",
    file_id: int | None = None,
    ends: date | None = None,
    years: int | None = None,
    value: int | None = None,
    score: str = "",
    scope: str = "district",
    publish_years: int = 5,
) -> Record:
    """Write one record. A ban runs `years` from the decision (民法典 第二百零二条), or to `ends`."""
    keep.ask(by, enterprise)
    if kind in DECISIONS:
        decide.ask(by)
    _complete(kind, enterprise, reason, document, scope)
    _dated(kind, begins, ends, years)
    if kind == "star" and value not in range(6):
        raise NotYet(_("星级须为 0 至 5。"))
    explanation = None
    if kind == "ban" and years:
        ban = deadlines.Rule(
            "term", years, basis or "（未引法律依据）", "决定生效之日", "years", "ban", "the decision"
        )
        due = deadlines.compute(ban, begins)
        ends, explanation = due.day, due.explanation.dump()
    if kind == "star":
        _replace_stars(enterprise, begins, by)
    new = Record(
        organisation_id=enterprise.id,
        kind=kind,
        begins=begins,
        ends=ends,
        value=value if kind == "star" else None,
        score=score.strip(),
        scope=scope,
        reason=reason.strip(),
        reason_en=reason_en.strip(),
        basis=basis.strip(),
        document=document.strip(),
        file_id=file_id,
        public_until=deadlines.add_months(begins, 12 * publish_years),
        explanation=explanation,
        recorded_at=clock.now(),
        post_id=by.id,
        recorded_by=_signature(by),
    )
    db.session.add(new)
    db.session.flush()
    return new


def lift(
    one: Record,
    *,
    by: Post,
    how: str,
    on: date,
    reason: str,
    reason_en: str = "",
    document: str = "",
    file_id: int | None = None,
) -> Lift:
    """End a record from that day on; the record itself stays as it was."""
    keep.ask(by, one.organisation)
    if one.kind in DECISIONS:
        decide.ask(by)
    if one.lift is not None:
        raise Conflict(_("该记录已经解除。"))
    if how not in LIFTS or not reason.strip():
        raise NotYet(_("请写明解除方式和原因。"))
    if on < one.begins or on > clock.today():
        raise NotYet(_("解除日期须在记录起始日之后，且不晚于今天。"))
    if one.kind in DECISIONS and not document.strip():
        raise NotYet(_("请填写解除决定的文号。"))
    return _lift(one, by, how, on, reason, reason_en=reason_en, document=document, file_id=file_id)


def _lift(
    one: Record,
    by: Post,
    how: str,
    on: date,
    reason: str,
    *,
    reason_en: str = "",
    document: str = "",
    file_id: int | None = None,
) -> Lift:
    new = Lift(
        record=one,
        how=how,
        lifted_on=on,
        reason=reason.strip(),
        reason_en=reason_en.strip(),
        document=document.strip(),
        file_id=file_id,
        recorded_at=clock.now(),
        post_id=by.id,
        recorded_by=_signature(by),
    )
    db.session.add(new)
    db.session.flush()
    return new


def _complete(kind: str, enterprise: Organisation, reason: str, document: str, scope: str) -> None:
    if enterprise.kind != "enterprise":
        raise NotYet(_("信用记录只登记物业服务企业。"))
    if kind not in KINDS or scope not in SCOPES:
        raise NotYet(_("请选择记录种类和适用范围。"))
    if not reason.strip():
        raise NotYet(_("请写明原因。"))
    if kind in BARS | DECISIONS and not document.strip():
        raise NotYet(say("请填写%(kind)s文书的文号。", kind=KINDS[kind]))


def _dated(kind: str, begins: date, ends: date | None, years: int | None) -> None:
    if kind == "ban" and (years is None) == (ends is None):
        raise NotYet(_("禁入须写明年数或者截止日期，二者择一。"))
    if years is not None and not 1 <= years <= 10:
        raise NotYet(_("禁入年数须为 1 至 10 年。"))
    if ends is not None and ends < begins:
        raise NotYet(_("截止日期不能早于起始日期。"))


def _replace_stars(enterprise: Organisation, begins: date, by: Post) -> None:
    """A new rating ends the one before it."""
    found = sa.select(Record).where(Record.organisation_id == enterprise.id, Record.kind == "star")
    for old in db.session.scalars(found).unique():
        if old.lift is None and old.begins < begins and (old.ends is None or old.ends >= begins):
            _lift(old, by, "replaced", begins, "新的年度评定", reason_en="New yearly rating")


def _signature(by: Post) -> str:
    return f"{by.organisation.name} {by.user.name}"
