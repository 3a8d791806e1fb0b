"""Issued papers as rows: what was said, under which number, and whether it still stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Mapper, mapped_column
from sqlalchemy.orm.attributes import get_history

from casework.db import Base, Json, Moment
from casework.errors import Refused
from casework.words import Words, _

#: genuine: in force; superseded: a newer paper stands in its place; withdrawn: taken back; lapsed: its time
#: ran out unused. The last two with a reason.
STATES: dict[str, Words] = {
    "genuine": _("有效"),
    "superseded": _("已被更正"),
    "withdrawn": _("已撤回"),
    "lapsed": _("已失效"),
}


@dataclass(frozen=True)
class Kind:
    """A paper that a procedure can issue: its code, title, Word template and numbering.

    `requires` names blanks that must be printed and filled whatever the template says (许可法 第三十八条).
    """

    code: str
    title: str
    template: str
    docx: bytes
    series: str = ""
    requires: tuple[str, ...] = ()
    #: the lane whose organisation issues it; the bureau where no lane of that name is a party
    office: str = ""
    #: the lanes that may open it, by which article; (): whoever may see the case
    readers: tuple[str, ...] = ()
    basis: str = ""
    #: it names whom the case keeps secret for the time being
    unnamed: bool = False


@dataclass(frozen=True)
class Office:
    """The office that issues a paper, as it is printed: {{ office.name }}."""

    organisation_id: int
    name: str
    mark: str = ""
    review_body: str = ""
    court: str = ""
    address: str = ""
    phone: str = ""


class Template(Base):
    """A Word template exactly as a paper was issued from it; papers outlive the folder they came from."""

    __tablename__ = "paper_template"

    sha256: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    docx: Mapped[bytes] = mapped_column(sa.LargeBinary)


class Paper(Base):
    """One issued paper. What it says never changes; a correction is another paper."""

    __tablename__ = "paper"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"), index=True)
    code: Mapped[str] = mapped_column(sa.String(12))
    title: Mapped[str] = mapped_column(sa.String(300))
    template: Mapped[str] = mapped_column(sa.String(80))
    template_sha256: Mapped[str] = mapped_column(sa.ForeignKey("paper_template.sha256"))
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"))
    series: Mapped[str] = mapped_column(sa.String(40), default="")
    year: Mapped[int]
    serial: Mapped[int | None]
    number: Mapped[str] = mapped_column(sa.String(80), default="")
    data: Mapped[Any] = mapped_column(Json)
    fingerprint: Mapped[str] = mapped_column(sa.String(64), index=True)
    verification: Mapped[str] = mapped_column(sa.String(16), unique=True)
    issued_at: Mapped[datetime] = mapped_column(Moment)
    post_id: Mapped[int | None] = mapped_column(sa.ForeignKey("post.id"))
    supersedes_id: Mapped[int | None] = mapped_column(sa.ForeignKey("paper.id"), index=True)

    state: Mapped[str] = mapped_column(sa.String(12), default="genuine")
    reason: Mapped[str] = mapped_column(sa.String(1000), default="")
    state_at: Mapped[datetime | None] = mapped_column(Moment)

    docx_id: Mapped[int | None] = mapped_column(sa.ForeignKey("file.id"), active_history=True)
    docx_sha256: Mapped[str | None] = mapped_column(sa.String(64), index=True, active_history=True)
    pdf_id: Mapped[int | None] = mapped_column(sa.ForeignKey("file.id"), active_history=True)
    pdf_sha256: Mapped[str | None] = mapped_column(sa.String(64), index=True, active_history=True)
    scan_id: Mapped[int | None] = mapped_column(sa.ForeignKey("file.id"))
    scan_sha256: Mapped[str | None] = mapped_column(sa.String(64), index=True)

    __table_args__ = (
        sa.UniqueConstraint("organisation_id", "series", "year", "serial"),
        sa.CheckConstraint("state IN ('genuine', 'superseded', 'withdrawn', 'lapsed')", name="state"),
    )

    @property
    def state_name(self) -> Words:
        """Whether it stands, in the reader's language."""
        return STATES[self.state]


#: What the paper says and proves: written once, at issue.
SAID = (
    "case_id", "code", "title", "template", "template_sha256", "organisation_id", "series", "year", "serial",
    "number", "data", "fingerprint", "verification", "issued_at", "post_id", "supersedes_id",
)  # fmt: skip
#: Written once, when the worker has made them.
MADE = ("docx_id", "docx_sha256", "pdf_id", "pdf_sha256")


class Unalterable(Refused):
    """A signed paper is not changed; a correction is a new paper (rules.md C.4)."""

    says = _("已出具的文书不得修改；如有错误，请另行出具更正文书。")


@sa.event.listens_for(Paper, "before_update")
def _keep_what_was_said(mapper: Mapper[Paper], connection: sa.Connection, paper: Paper) -> None:
    said = any(get_history(paper, name).has_changes() for name in SAID)
    exchanged = any(before is not None for name in MADE for before in get_history(paper, name).deleted)
    if said or exchanged:
        raise Unalterable


@sa.event.listens_for(Paper, "before_delete")
def _keep_the_paper(mapper: Mapper[Paper], connection: sa.Connection, paper: Paper) -> None:
    raise Unalterable
