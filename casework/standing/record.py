"""Standing records: written once; what ends one is another row."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Mapper, mapped_column, relationship

from casework.db import Base, Json, Moment
from casework.people import Organisation
from casework.words import Words, _

#: What can stand in an enterprise's file.
KINDS: dict[str, Words] = {
    "star": _("星级"),
    "poor_rating": _("年度考核评价差"),
    "rectification": _("限期整改"),
    "blacklist": _("不诚信名单"),
    "ban": _("禁止参与投标"),
    "misconduct": _("不良行为"),
}
#: While one of these is in force the enterprise may take no new area and join no tender.
BARS = frozenset({"poor_rating", "rectification", "blacklist", "ban"})
#: Decisions against an enterprise: they need a document, and their basis.
DECISIONS = frozenset({"blacklist", "ban", "misconduct"})
#: Shown to everybody, each within its publication period.
PUBLIC = frozenset({"star", "blacklist", "ban"})
#: How a record can end before its last day.
LIFTS: dict[str, Words] = {
    "cleared": _("整改合格，销号"),
    "repaired": _("信用修复"),
    "revoked": _("撤销原决定"),
    "replaced": _("被新的评定取代"),
}
SCOPES: dict[str, Words] = {"district": _("本区"), "city": _("全市")}

_STATUTE = re.compile(r"(法|条例|规定|办法|细则)》?\s*第[一二三四五六七八九十百千零〇0-9]+条")


class NeverChanged(RuntimeError):
    """A standing record is evidence: it is lifted by a new row, never edited or deleted."""


class Record(Base):
    """One entry in an enterprise's file, with its dates, reason, document and legal basis."""

    __tablename__ = "standing_record"

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    kind: Mapped[str] = mapped_column(sa.String(20))
    begins: Mapped[date]
    ends: Mapped[date | None]
    value: Mapped[int | None]
    score: Mapped[str] = mapped_column(sa.String(10), default="")
    scope: Mapped[str] = mapped_column(sa.String(20), default="district")
    reason: Mapped[str] = mapped_column(sa.String(500))
    reason_en: Mapped[str] = mapped_column(sa.String(500), default="")
    basis: Mapped[str] = mapped_column(sa.String(300), default="")
    document: Mapped[str] = mapped_column(sa.String(100), default="")
    file_id: Mapped[int | None] = mapped_column(sa.ForeignKey("file.id"))
    public_until: Mapped[date | None]
    explanation: Mapped[dict[str, Any] | None] = mapped_column(Json)
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    post_id: Mapped[int] = mapped_column(sa.ForeignKey("post.id"))
    recorded_by: Mapped[str] = mapped_column(sa.String(300))

    organisation: Mapped[Organisation] = relationship()
    lift: Mapped[Lift | None] = relationship(back_populates="record", uselist=False, lazy="joined")

    def in_force(self, on: date) -> bool:
        """Whether it holds that day: the last day counts, the day it is lifted does not."""
        begun = self.begins <= on and (self.ends is None or on <= self.ends)
        return begun and (self.lift is None or on < self.lift.lifted_on)

    def public(self, on: date) -> bool:
        """Whether everybody may read it that day."""
        shown = self.public_until is None or on <= self.public_until
        return self.kind in PUBLIC and shown and self.in_force(on)

    @property
    def unfounded(self) -> bool:
        """A decision that cites no article of a statute is shown with a warning (rules.md C3)."""
        return self.kind in DECISIONS and _STATUTE.search(self.basis) is None

    def why(self, lang: str) -> str:
        """The reason in the reader's language; the Chinese one is the recorded one."""
        return (self.reason_en if lang == "en" else "") or self.reason


class Lift(Base):
    """The end of a record before its last day: when, how, why, on which paper, by whom."""

    __tablename__ = "standing_lift"

    id: Mapped[int] = mapped_column(primary_key=True)
    record_id: Mapped[int] = mapped_column(sa.ForeignKey("standing_record.id"), unique=True)
    how: Mapped[str] = mapped_column(sa.String(20))
    lifted_on: Mapped[date]
    reason: Mapped[str] = mapped_column(sa.String(500))
    reason_en: Mapped[str] = mapped_column(sa.String(500), default="")
    document: Mapped[str] = mapped_column(sa.String(100), default="")
    file_id: Mapped[int | None] = mapped_column(sa.ForeignKey("file.id"))
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    post_id: Mapped[int] = mapped_column(sa.ForeignKey("post.id"))
    recorded_by: Mapped[str] = mapped_column(sa.String(300))

    record: Mapped[Record] = relationship(back_populates="lift")


def _unchanged(mapper: Mapper[Any], connection: sa.Connection, target: Any) -> None:
    """Also called for a record whose lift was just added: only a changed column is refused."""
    state = sa.inspect(target)
    if any(state.attrs[column.key].history.has_changes() for column in mapper.column_attrs):
        raise NeverChanged(f"{type(target).__name__} {target.id}")


def _kept(mapper: Mapper[Any], connection: sa.Connection, target: Any) -> None:
    raise NeverChanged(f"{type(target).__name__} {target.id}")


def written_once(*tables: type[Base]) -> None:
    """From now on rows of these tables are neither edited nor deleted."""
    for table in tables:
        sa.event.listen(table, "before_update", _unchanged)
        sa.event.listen(table, "before_delete", _kept)


written_once(Record, Lift)
