"""The public board: what is made known, from when until when (政府信息公开条例 第十五条)."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from casework.db import Base, Moment, db


class Notice(Base):
    """One notice on the board; personal data are masked before they come here."""

    __tablename__ = "notice"
    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int | None] = mapped_column(sa.ForeignKey("case.id"), index=True)
    kind: Mapped[str] = mapped_column(sa.String(60))
    organisation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisation.id"))
    street_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisation.id"))
    title: Mapped[str] = mapped_column(sa.String(300))
    title_en: Mapped[str] = mapped_column(sa.String(300))
    body: Mapped[str] = mapped_column(sa.Text)
    body_en: Mapped[str] = mapped_column(sa.Text)
    published_at: Mapped[datetime] = mapped_column(Moment, index=True)
    #: the last day on the board; afterwards only that there was a notice is shown (T98)
    until: Mapped[date | None] = mapped_column(index=True)
    withdrawn_at: Mapped[datetime | None] = mapped_column(Moment)

    def says_title(self, lang: str) -> str:
        return self.title_en if lang == "en" and self.title_en else self.title

    def says(self, lang: str) -> str:
        return self.body_en if lang == "en" and self.body_en else self.body


def publish(notice: Notice) -> Notice:
    """Put it on the board, in the caller's transaction."""
    db.session.add(notice)
    db.session.flush()
    return notice


#: Notices on one page of the board.
PAGE = 20


def board(today: date, *, before: int | None = None, limit: int = PAGE, kind: str = "") -> list[Notice]:
    """What hangs on the board today, newest first."""
    query = _hanging(today).order_by(Notice.published_at.desc(), Notice.id.desc()).limit(limit)
    if before:
        mark = sa.select(Notice.published_at).where(Notice.id == before).scalar_subquery()
        earlier = sa.and_(Notice.published_at == mark, Notice.id < before)
        query = query.where(sa.or_(Notice.published_at < mark, earlier))
    if kind:
        query = query.where(Notice.kind == kind)
    return list(db.session.scalars(query))


def find(notice_id: int, today: date) -> Notice | None:
    """A notice that hangs today; one that was taken down is as if it were not there."""
    return db.session.scalars(_hanging(today).where(Notice.id == notice_id)).first()


def of(case_id: int) -> list[Notice]:
    """All notices of a case, for its parties."""
    return list(db.session.scalars(sa.select(Notice).where(Notice.case_id == case_id).order_by(Notice.id)))


def hangs(one: Notice, today: date) -> bool:
    """Whether it is on the board today."""
    return one.withdrawn_at is None and (one.until is None or one.until >= today)


def _hanging(today: date) -> sa.Select[Notice]:
    return sa.select(Notice).where(
        Notice.withdrawn_at.is_(None), sa.or_(Notice.until.is_(None), Notice.until >= today)
    )
