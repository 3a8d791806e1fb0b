"""Who serves a project, under which contract and how long: one row a filed contract, never changed."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from casework.db import Base, Moment
from casework.people import Organisation
from casework.places.project import Project


class ServiceContract(Base):
    """A contract as its filing put it on the register."""

    __tablename__ = "service_contract"
    __table_args__ = (sa.Index("ix_service_contract_ends_on", "ends_on", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(sa.ForeignKey("project.id"), index=True)
    enterprise_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    number: Mapped[str] = mapped_column(sa.String(100), default="")
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    case_number: Mapped[str] = mapped_column(sa.String(40), default="")
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    post_id: Mapped[int] = mapped_column(sa.ForeignKey("post.id"))
    recorded_by: Mapped[str] = mapped_column(sa.String(300))

    project: Mapped[Project] = relationship()
    enterprise: Mapped[Organisation] = relationship()
