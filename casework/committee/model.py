"""The register of evaluation experts, and each tender's committee: pool, secrets, calls, members, scores."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from casework.db import Base, Json, Moment
from casework.people import Organisation, Post
from casework.words import Words, _

#: What an expert can be drawn for.
SPECIALITIES: dict[str, Words] = {
    "A01": _("物业服务管理"),
    "A02": _("设施设备工程"),
    "A03": _("财务与造价"),
    "A04": _("法律与合同"),
}
STATES: dict[str, Words] = {"active": _("在库"), "suspended": _("暂停抽取"), "removed": _("已出库")}
#: Why an expert has to stay away from a firm (招标投标法实施条例 第四十六条).
TIES: dict[str, Words] = {
    "employer": _("任职（含离职三年内）"),
    "relative": _("近亲属任职或者持股"),
    "interest": _("其他利害关系"),
}
#: What is noted in an expert's file.
NOTES: dict[str, Words] = {
    "added": _("入库"),
    "changed": _("变更信息"),
    "suspended": _("暂停抽取"),
    "restored": _("恢复抽取"),
    "removed": _("出库"),
    "training": _("培训"),
    "assessment": _("评标后考核"),
    "tie added": _("登记回避事项"),
    "tie ended": _("终止回避事项"),
}


class Expert(Base):
    """A person on the register; name and account are those of the organisation that is this person alone."""

    __tablename__ = "expert"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(12), unique=True)
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"), unique=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    district_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    id_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    id_last4: Mapped[str] = mapped_column(sa.String(4))
    employer: Mapped[str] = mapped_column(sa.String(200))
    title: Mapped[str] = mapped_column(sa.String(60))
    specialities: Mapped[Any] = mapped_column(Json)
    since: Mapped[date]
    education: Mapped[str] = mapped_column(sa.String(40))
    state: Mapped[str] = mapped_column(sa.String(12), default="active")

    organisation: Mapped[Organisation] = relationship(foreign_keys=[organisation_id])
    ties: Mapped[list[Tie]] = relationship(back_populates="expert", order_by="Tie.id")

    @property
    def name(self) -> str:
        """The person's name."""
        return self.organisation.name

    @property
    def state_name(self) -> Words:
        """Whether the person can be drawn, in the reader's language."""
        return STATES[self.state]

    def years(self, on: date) -> int:
        """Whole years of work in the field."""
        return on.year - self.since.year - ((on.month, on.day) < (self.since.month, self.since.day))


class Tie(Base):
    """A firm from which an expert has to stay away, from when to when."""

    __tablename__ = "expert_tie"
    id: Mapped[int] = mapped_column(primary_key=True)
    expert_id: Mapped[int] = mapped_column(sa.ForeignKey("expert.id"), index=True)
    kind: Mapped[str] = mapped_column(sa.String(12))
    firm: Mapped[str] = mapped_column(sa.String(200))
    organisation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisation.id"))
    begins: Mapped[date]
    ends: Mapped[date | None]
    expert: Mapped[Expert] = relationship(back_populates="ties")


class Note(Base):
    """A line in an expert's file: added once, never changed."""

    __tablename__ = "expert_note"
    id: Mapped[int] = mapped_column(primary_key=True)
    expert_id: Mapped[int] = mapped_column(sa.ForeignKey("expert.id"), index=True)
    kind: Mapped[str] = mapped_column(sa.String(12))
    on: Mapped[date] = mapped_column("on_day")
    says: Mapped[str] = mapped_column(sa.String(500), default="")
    at: Mapped[datetime] = mapped_column(Moment)
    post_id: Mapped[int | None] = mapped_column(sa.ForeignKey("post.id"))
    post: Mapped[Post | None] = relationship()


class Draw(Base):
    """One draw of a case: the pool as it was fixed, then the seed and what it gave."""

    __tablename__ = "draw"
    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"))
    number: Mapped[int]
    #: fixed | drawn | failed (a party did not reveal)
    state: Mapped[str] = mapped_column(sa.String(8), default="fixed")
    #: what everybody may read: labels, specialities, exclusions with their reasons, what is asked for
    pool: Mapped[Any] = mapped_column(Json)
    pool_hash: Mapped[str] = mapped_column(sa.String(64))
    #: label -> code of the expert, and the salt that keeps the seals shut; for those inside the case
    behind: Mapped[Any] = mapped_column(Json)
    seed: Mapped[str] = mapped_column(sa.String(64), default="")
    result: Mapped[Any] = mapped_column(Json, nullable=True)
    fixed_at: Mapped[datetime] = mapped_column(Moment)
    drawn_at: Mapped[datetime | None] = mapped_column(Moment)
    secrets: Mapped[list[Secret]] = relationship(order_by="Secret.place")
    __table_args__ = (sa.UniqueConstraint("case_id", "number"),)


class Secret(Base):
    """What one party brings to a draw: first the hash of its secret, then the secret."""

    __tablename__ = "draw_secret"
    draw_id: Mapped[int] = mapped_column(sa.ForeignKey("draw.id"), primary_key=True)
    party: Mapped[str] = mapped_column(sa.String(60), primary_key=True)
    place: Mapped[int]
    commitment: Mapped[str] = mapped_column(sa.String(64))
    committed_at: Mapped[datetime] = mapped_column(Moment)
    secret: Mapped[str] = mapped_column(sa.String(128), default="")
    revealed_at: Mapped[datetime | None] = mapped_column(Moment)
    #: why it was not revealed
    refusal: Mapped[str] = mapped_column(sa.String(300), default="")


class Member(Base):
    """Somebody who was drawn or named for the committee, and what became of it."""

    __tablename__ = "committee_member"
    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"), index=True)
    draw_id: Mapped[int | None] = mapped_column(sa.ForeignKey("draw.id"))
    #: the order in which they are called
    place: Mapped[int]
    #: expert | representative
    kind: Mapped[str] = mapped_column(sa.String(16))
    name: Mapped[str] = mapped_column(sa.String(100))
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"))
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    expert_id: Mapped[int | None] = mapped_column(sa.ForeignKey("expert.id"))
    label: Mapped[str] = mapped_column(sa.String(16), default="")
    speciality: Mapped[str] = mapped_column(sa.String(8), default="")
    reserve: Mapped[bool] = mapped_column(default=False)
    #: waiting | called | refused | silent | seated | recused | removed
    state: Mapped[str] = mapped_column(sa.String(10), default="waiting")
    reason: Mapped[str] = mapped_column(sa.String(500), default="")
    called_at: Mapped[datetime | None] = mapped_column(Moment)
    answered_at: Mapped[datetime | None] = mapped_column(Moment)
    #: when the person declared to have no conflict
    stated_at: Mapped[datetime | None] = mapped_column(Moment)
    left_at: Mapped[datetime | None] = mapped_column(Moment)


class Sheet(Base):
    """The scores of one member: valid as long as the member is one (招标投标法实施条例 第四十八条)."""

    __tablename__ = "score_sheet"
    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"), index=True)
    member_id: Mapped[int] = mapped_column(sa.ForeignKey("committee_member.id"))
    lines: Mapped[Any] = mapped_column(Json)
    at: Mapped[datetime] = mapped_column(Moment)
    void_at: Mapped[datetime | None] = mapped_column(Moment)
