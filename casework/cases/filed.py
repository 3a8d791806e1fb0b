"""The register of papers: every issued paper that a post may see, by its case, newest first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import defer

from casework.cases.lists import SEARCHED, newest
from casework.cases.model import Case
from casework.db import db
from casework.papers import STATES, Paper
from casework.people import Post
from casework.words import _
from casework.workbooks import Choice, Column, Day, Sheet, Text

#: Papers on a page.
PAGE = 30
PAPERS = Sheet(
    _("文书登记簿"),
    (
        Text("number", _("文号"), width=22),
        Text("title", _("文书名称"), longest=300, width=36),
        Day("issued_on", _("出具日期"), width=12),
        Text("case_number", _("案号"), width=16),
        Text("case_title", _("案件"), longest=300, width=36),
        Choice("state", _("状态"), options=STATES, width=10),
        Column("verification", _("核验码"), width=20),
    ),
)


@dataclass(frozen=True)
class Filed:
    """A paper with the number and titles of its case."""

    paper: Paper
    number: str
    title: str
    title_en: str


def papers(
    by: Post, *, words: str = "", state: str = "", before: int = 0, limit: int = PAGE
) -> tuple[list[Filed], int | None]:
    """One page, and the mark to go on from: the next cases that have a paper to show, then their papers."""
    asked = _asked(words, state)
    mark = db.session.get(Paper, before) if before else None
    upto = mark.case_id + 1 if mark is not None else None
    if words:
        some = sa.exists().where(Paper.case_id == Case.id, *asked).correlate(Case)
        near = sa.select(Case.id).where(Case.id.in_(newest(by, SEARCHED)), some)
        near = (near.where(Case.id < upto) if upto else near).order_by(Case.id.desc()).limit(limit + 1)
    else:
        near = newest(
            by, limit + 1, upto, holding=lambda case_id: sa.exists().where(Paper.case_id == case_id, *asked)
        )
    columns = (Paper, Case.number, Case.title, Case.title_en)
    rows = sa.select(*columns).join(Case, Case.id == Paper.case_id)
    rows = rows.where(Paper.case_id.in_(list(db.session.scalars(near))), *asked).options(defer(Paper.data))
    if mark is not None:
        rows = rows.where(sa.tuple_(Paper.case_id, Paper.id) < sa.tuple_(mark.case_id, mark.id))
    rows = rows.order_by(Paper.case_id.desc(), Paper.id.desc()).limit(limit + 1)
    found = [Filed(*row) for row in db.session.execute(rows)]
    return found[:limit], found[limit - 1].paper.id if len(found) > limit else None


def _asked(words: str, state: str) -> list[Any]:
    columns = (Paper.title, Paper.number, Case.number, Case.title)
    asked: list[Any] = [
        sa.or_(*(column.icontains(word, autoescape=True) for column in columns)) for word in words.split()[:5]
    ]
    return [*asked, *([Paper.state == state] if state in STATES else [])]


def every(by: Post, *, words: str = "", state: str = "") -> Iterator[Filed]:
    """All of them, some at a time: for the workbook."""
    before: int | None = 0
    while before is not None:
        rows, before = papers(by, words=words, state=state, before=before, limit=500)
        yield from rows
        for row in rows:
            db.session.expunge(row.paper)
