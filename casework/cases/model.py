"""The tables of the hub: a case, its parties, its steps and what it waits for."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from casework import procedures
from casework.db import Base, Json, Moment, Snapshot
from casework.people import Organisation, Post, User
from casework.places import Project

#: Sorts after every real deadline: an index cannot order by "none".
NEVER = datetime(9999, 12, 31, tzinfo=UTC)


class Case(Base):
    """One run of a procedure, from the application to the last paper."""

    __tablename__ = "case"
    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(sa.String(40), unique=True)
    version_id: Mapped[int] = mapped_column(sa.ForeignKey("procedure_version.id"))
    key: Mapped[str] = mapped_column(sa.String(60))
    title: Mapped[str] = mapped_column(sa.String(300))
    title_en: Mapped[str] = mapped_column(sa.String(300), default="", server_default="")
    #: open | ended | withdrawn; `incident` beside it says that a step failed and waits for a person
    status: Mapped[str] = mapped_column(sa.String(20), default="open")
    incident: Mapped[Any] = mapped_column(Json, nullable=True)
    revision: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(sa.Text)
    variables: Mapped[Any] = mapped_column(Json)
    #: what the case waits for besides people, as last written to the tables below
    waits: Mapped[str] = mapped_column(sa.Text, default="")
    flows: Mapped[str] = mapped_column(sa.Text, default="")
    project_id: Mapped[int | None] = mapped_column(sa.ForeignKey("project.id"), index=True)
    starter_organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"))
    starter_user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    parent_id: Mapped[int | None] = mapped_column(sa.ForeignKey("case.id"))
    opened_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    journal_seq: Mapped[int] = mapped_column(default=0)
    journal_head: Mapped[str] = mapped_column(sa.String(64), default="")
    project: Mapped[Project | None] = relationship()
    starter: Mapped[Organisation] = relationship()
    #: the case it concerns
    parent: Mapped[Case | None] = relationship(remote_side="Case.id")
    kept: Mapped[CaseFacts | None] = relationship()
    __table_args__ = (
        sa.Index("ix_case_started", "starter_organisation_id", "id"),
        sa.Index("ix_case_kind", "key", "id"),
        sa.Index("ix_case_about", "parent_id", "id"),
    )

    def says_title(self, lang: str) -> str:
        """What the case is about, in the reader's language."""
        return (self.title_en if lang == "en" else "") or self.title

    def names(self, lang: str) -> str:
        """The title without the kind of case, beside which it stands."""
        whole = self.says_title(lang)
        return re.split("：|: ", whole, maxsplit=1)[-1] or whole

    @property
    def procedure(self) -> procedures.Procedure:
        """The version of the procedure it began with, or was moved to."""
        return procedures.of(self.version_id)

    @property
    def facts(self) -> dict[str, Any]:
        """What the office knew at the opening: project, starter, district, profile (rules.md B.3)."""
        if self.kept is None:
            raise LookupError(f"case {self.number} without its facts")
        known: dict[str, Any] = self.kept.facts
        return known

    @facts.setter
    def facts(self, known: dict[str, Any]) -> None:
        if self.kept is None:
            self.kept = CaseFacts()
        self.kept.facts = known


class CaseFacts(Base):
    """The facts of a case, apart from its row: that is written at every step, and they are large."""

    __tablename__ = "case_facts"
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"), primary_key=True)
    facts: Mapped[Any] = mapped_column(Snapshot)


class Party(Base):
    """An organisation that takes part in a case: it may see it."""

    __tablename__ = "party"
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"), primary_key=True)
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"), primary_key=True)
    lane: Mapped[str] = mapped_column(sa.String(60), primary_key=True)
    organisation: Mapped[Organisation] = relationship()
    __table_args__ = (sa.Index("ix_party_cases", "organisation_id", "case_id"),)


class Step(Base):
    """A form waiting for one party, or already signed by it."""

    __tablename__ = "step"
    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"))
    token: Mapped[str] = mapped_column(sa.String(80))
    element: Mapped[str] = mapped_column(sa.String(120))
    name: Mapped[str] = mapped_column(sa.String(200))
    lane: Mapped[str] = mapped_column(sa.String(60))
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"))
    roles: Mapped[str] = mapped_column(sa.String(80))
    form: Mapped[str] = mapped_column(sa.String(80))
    item: Mapped[Any] = mapped_column(Json, nullable=True)
    #: open | done | cancelled
    status: Mapped[str] = mapped_column(sa.String(20), default="open")
    due: Mapped[datetime | None] = mapped_column(Moment)
    explanation: Mapped[Any] = mapped_column(Json, nullable=True)
    opened_at: Mapped[datetime] = mapped_column(Moment)
    done_at: Mapped[datetime | None] = mapped_column(Moment)
    done_post_id: Mapped[int | None] = mapped_column(sa.ForeignKey("post.id"))
    done_user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    answers: Mapped[Any] = mapped_column(Json, nullable=True)
    #: how it was signed: level, means, what exactly was shown (hash), agreement version
    proof: Mapped[Any] = mapped_column(Json, nullable=True)
    #: the version under which it was done, where the case has moved to another one since
    version_id: Mapped[int | None] = mapped_column(sa.ForeignKey("procedure_version.id"))
    case: Mapped[Case] = relationship()
    organisation: Mapped[Organisation] = relationship()
    done_post: Mapped[Post | None] = relationship()
    __table_args__ = (
        sa.Index("ix_step_case", "case_id", "status"),
        sa.Index("ix_step_done", "done_user_id", "done_at"),
    )

    @property
    def procedure(self) -> procedures.Procedure:
        """The version of the procedure under which it was done, or is to be done."""
        return procedures.of(self.version_id) if self.version_id else self.case.procedure

    def doer(self, lang: str) -> str:
        """Whose step it is and who did it; a person acting alone is named once."""
        own = self.organisation.label(lang)
        person = self.done_post.user.label(lang) if self.done_post else own
        return own if person == own else f"{own}{', ' if lang == 'en' else ' '}{person}"


class Desk(Base):
    """An open step on the desk of one role of one organisation: the inbox reads only this index."""

    __tablename__ = "desk"
    organisation_id: Mapped[int] = mapped_column(primary_key=True)
    role: Mapped[str] = mapped_column(sa.String(20), primary_key=True)
    due: Mapped[datetime] = mapped_column(Moment, primary_key=True)
    step_id: Mapped[int] = mapped_column(sa.ForeignKey("step.id"), primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(60))
    __table_args__ = (
        sa.Index("ix_desk_step", "step_id"),
        sa.Index("ix_desk_kind", "organisation_id", "role", "key", "due", "step_id"),
    )


class Draft(Base):
    """What somebody has typed and not yet submitted: raw, so that it comes back untouched."""

    __tablename__ = "draft"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    step_id: Mapped[int | None] = mapped_column(sa.ForeignKey("step.id"))
    key: Mapped[str] = mapped_column(sa.String(60), default="")
    project_id: Mapped[int | None] = mapped_column(sa.ForeignKey("project.id"))
    #: the case that the new one is to concern
    about_id: Mapped[int | None] = mapped_column(sa.ForeignKey("case.id"))
    raw: Mapped[Any] = mapped_column(Json, nullable=True)
    files: Mapped[Any] = mapped_column(Json, nullable=True)
    saved_at: Mapped[datetime] = mapped_column(Moment)
    #: when the drawing of the case it is about began it (casework/cases/begun.py); None: a person did
    begun_at: Mapped[datetime | None] = mapped_column(Moment)
    about: Mapped[Case | None] = relationship()
    user: Mapped[User] = relationship()
    __table_args__ = (
        sa.UniqueConstraint("user_id", "step_id", name="uq_draft_step"),
        sa.Index("ix_draft_user", "user_id", "id"),
        sa.Index("ix_draft_about", "about_id"),
    )

    @property
    def touched(self) -> bool:
        """Whether somebody has typed in it since the drawing began it."""
        return self.begun_at is None or self.saved_at > self.begun_at


class Timer(Base):
    """When the clock moves a case; an idle tick reads one index entry however many cases wait."""

    __tablename__ = "timer"
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"), primary_key=True)
    token: Mapped[str] = mapped_column(sa.String(80), primary_key=True)
    element: Mapped[str] = mapped_column(sa.String(120))
    due: Mapped[datetime] = mapped_column(Moment, index=True)
    #: why it is due then, while the date is provisional: it moves when the year's calendar is published
    explanation: Mapped[Any] = mapped_column(Json, nullable=True)


class Subscription(Base):
    """A message a case waits for."""

    __tablename__ = "subscription"
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"), primary_key=True)
    token: Mapped[str] = mapped_column(sa.String(80), primary_key=True)
    message: Mapped[str] = mapped_column(sa.String(120), index=True)
    correlation: Mapped[str | None] = mapped_column(sa.String(200))


class Act(Base):
    """An act already carried out: pressing again with the same key leads to the same place, once."""

    __tablename__ = "act"
    key: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.Integer)
    at: Mapped[datetime] = mapped_column(Moment)
    leads_to: Mapped[str] = mapped_column(sa.String(300), default="")


class Numbered(Base):
    """The last number given in a series and year: gapless, as the transaction that uses it takes it."""

    __tablename__ = "numbered"
    series: Mapped[str] = mapped_column(sa.String(60), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    last: Mapped[int] = mapped_column()
