"""Leads about developers (no tender, papers withheld, delivery too early), and what became of them.

物业管理条例 第二十四条、第二十八条、第二十九条、第五十六条、第五十八条 (seed 5.17, T49). A lead is written
once; what was found is another row, and a rectification takes it up from there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Mapper, joinedload, mapped_column, relationship

from casework import places
from casework.db import Base, Moment, db
from casework.errors import Conflict, NotYet
from casework.people import Organisation, Post
from casework.places import Project
from casework.rules import rule
from casework.words import Words, _


@dataclass(frozen=True)
class Kind:
    """What may be wrong, and the articles it is judged by."""

    title: Words
    basis: Words


KINDS: dict[str, Kind] = {
    "no_basis": Kind(
        _("未经招投标或者批准选聘前期物业服务企业"), _("物业管理条例 第二十四条第二款、第五十六条")
    ),
    "papers_withheld": Kind(_("不移交承接查验资料"), _("物业管理条例 第二十九条、第五十八条")),
    "early_delivery": Kind(
        _("未完成配套确认和承接查验即交付使用"),
        _("物业管理条例 第二十八条；物业承接查验办法（建房〔2010〕165号） 第十条"),
    ),
}
SOURCES: dict[str, Words] = {
    "attempt": _("申请订立合同时发现"),
    "inspection": _("日常检查"),
    "report": _("投诉举报"),
    "filing": _("备案审核"),
    "transfer": _("其他部门移送"),
}
OUTCOMES: dict[str, Words] = {"confirmed": _("属实，责令改正"), "dismissed": _("不属实，已注销")}


class NeverChanged(RuntimeError):
    """A lead and its finding are evidence: neither is edited or deleted."""


class Violation(Base):
    """One lead: which project, what kind, what happened, how it came to the bureau."""

    __tablename__ = "violation"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(20))
    source: Mapped[str] = mapped_column(sa.String(20))
    project_id: Mapped[int] = mapped_column(sa.ForeignKey("project.id"), index=True)
    developer_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"), unique=True)
    case_number: Mapped[str] = mapped_column(sa.String(40))
    #: as told: an enterprise outside the district has no entry on the register
    enterprise: Mapped[str] = mapped_column(sa.String(200), default="")
    signed_on: Mapped[date | None]
    facts: Mapped[str] = mapped_column(sa.String(1000))
    recorded_at: Mapped[datetime] = mapped_column(Moment)

    project: Mapped[Project] = relationship()
    developer: Mapped[Organisation] = relationship()
    finding: Mapped[Finding | None] = relationship(back_populates="violation", uselist=False, lazy="joined")

    @property
    def outcome(self) -> Words:
        """Where it stands."""
        return OUTCOMES[self.finding.outcome] if self.finding else _("待核实")


class Finding(Base):
    """What the bureau found of a lead."""

    __tablename__ = "violation_finding"

    id: Mapped[int] = mapped_column(primary_key=True)
    violation_id: Mapped[int] = mapped_column(sa.ForeignKey("violation.id"), unique=True)
    outcome: Mapped[str] = mapped_column(sa.String(20))
    reason: Mapped[str] = mapped_column(sa.String(1000))
    found_at: Mapped[datetime] = mapped_column(Moment)
    post_id: Mapped[int] = mapped_column(sa.ForeignKey("post.id"))

    violation: Mapped[Violation] = relationship(back_populates="finding")


@rule(_("仅区房管局工作人员和审计人员可以查看线索登记簿。"))
def read(by: Post | None) -> bool:
    """The bureau that verifies leads, and auditors."""
    return (
        by is not None and (by.organisation.kind == "bureau" or by.role == "auditor") and by.role != "admin"
    )


def record(violation: Violation) -> Violation:
    """Write a lead into the register, in the transaction of the act that showed it."""
    if violation.kind not in KINDS or violation.source not in SOURCES:
        raise NotYet(_("线索的种类或者来源不在登记簿的范围内。"))
    if not violation.facts.strip():
        raise NotYet(_("请写明线索的情况。"))
    db.session.add(violation)
    db.session.flush()
    return violation


def settle(case_id: int, outcome: str, reason: str, *, by: Post, now: datetime) -> Finding:
    """Write down what was found of the lead of a case, once."""
    found = db.session.scalar(sa.select(Violation).where(Violation.case_id == case_id))
    if found is None or outcome not in OUTCOMES:
        raise NotYet(_("本案没有待核实的线索。"))
    if found.finding is not None:
        raise Conflict
    finding = Finding(violation=found, outcome=outcome, reason=reason.strip(), found_at=now, post_id=by.id)
    db.session.add(finding)
    db.session.flush()
    return finding


def search(by: Post, *, before: int | None = None, limit: int = 50) -> Sequence[Violation]:
    """The leads of the projects this reader may see, newest first, older than the one with id `before`."""
    found = sa.select(Violation).join(Violation.project).where(places.may.visible(by))
    if before is not None:
        found = found.where(Violation.id < before)
    found = found.options(joinedload(Violation.project), joinedload(Violation.developer))
    return db.session.scalars(found.order_by(Violation.id.desc()).limit(limit)).all()


def of_project(project_id: int) -> Sequence[Violation]:
    """The leads about one project, the newest first."""
    found = sa.select(Violation).where(Violation.project_id == project_id)
    return db.session.scalars(found.order_by(Violation.id.desc())).all()


def _unchanged(mapper: Mapper[Any], connection: sa.Connection, target: Any) -> None:
    """Also called for a lead whose finding was just added: only a changed column is refused."""
    state = sa.inspect(target)
    if any(state.attrs[column.key].history.has_changes() for column in mapper.column_attrs):
        raise NeverChanged(f"{type(target).__name__} {target.id}")


def _kept(mapper: Mapper[Any], connection: sa.Connection, target: Any) -> None:
    raise NeverChanged(f"{type(target).__name__} {target.id}")


for _table in (Violation, Finding):
    sa.event.listen(_table, "before_update", _unchanged)
    sa.event.listen(_table, "before_delete", _kept)
