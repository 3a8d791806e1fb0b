"""What lies on whose desk. Every list reads an index from a mark on; none grows with what it hides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import defer, joinedload

from casework import rules
from casework.cases.model import NEVER, Case, Desk, Party, Step
from casework.db import db, row
from casework.errors import Unknown
from casework.people import Post, subtree, territory

#: Rows on a page.
PAGE = 25
#: Rows read for a page of the inbox: two of the same step and case make one line.
READ = 2 * PAGE + 1
#: Counting stops here and shows "999+": a count must not cost more than the page.
MANY = 1000
#: How far back a search by title looks among the cases of an organisation, newest first.
SEARCHED = 5000
#: A line shows the head of a case and of a step; the rest takes longer to read than all else on the page.
_HEAD_OF_CASE = [defer(each) for each in (Case.variables, Case.state, Case.waits, Case.flows)]
_HEAD_OF_STEP = [defer(each) for each in (Step.answers, Step.explanation, Step.proof)]


#: The statements of the inbox are built once: building one costs as much as executing it.
_HERE = sa.and_(Desk.organisation_id == sa.bindparam("organisation"), Desk.role == sa.bindparam("role"))
_OF_KIND = Desk.key == sa.bindparam("key")
_NEXT_KIND = sa.select(sa.func.min(Desk.key)).where(_HERE, Desk.key > sa.bindparam("key"))
_LINES = (
    sa.select(Step)
    .where(Step.id.in_(sa.bindparam("ids", expanding=True)))
    .options(*_HEAD_OF_STEP, joinedload(Step.case).options(*_HEAD_OF_CASE, joinedload(Case.starter)))
)


@cache
def _page(kind: bool, after: bool, last: bool) -> sa.Select[datetime, int, int, str]:
    """One page of the inbox: of one procedure or of all, from a mark on, or the last."""
    columns = (Desk.due, Desk.step_id, Step.case_id, Step.element)
    found = sa.select(*columns).join(Step, Step.id == Desk.step_id).where(_HERE)
    if kind:
        found = found.where(_OF_KIND)
    if after:
        mark = sa.bindparam("after_due", type_=Desk.due.type), sa.bindparam("after_step", type_=sa.Integer())
        found = found.where(sa.tuple_(Desk.due, Desk.step_id) > sa.tuple_(*mark))
    order = (Desk.due.desc(), Desk.step_id.desc()) if last else (Desk.due, Desk.step_id)
    return found.order_by(*order).limit(READ)


@cache
def _count(kind: bool, due: bool) -> sa.Select[int]:
    """Of one procedure or of all, due before a moment or ever."""
    found = sa.select(Desk.step_id).where(_HERE)
    if kind:
        found = found.where(_OF_KIND)
    if due:
        found = found.where(Desk.due < sa.bindparam("before"))
    return sa.select(sa.func.count()).select_from(found.limit(MANY).subquery())


def _desk(by: Post) -> dict[str, Any]:
    return {"organisation": by.organisation_id, "role": by.role}


@dataclass(frozen=True)
class Line:
    """A step on a desk, or one that was done, with what the list shows of its case.

    `count`: how often this step of the case waits on the desk (two examiners are asked for a review each).
    """

    step: Step
    case: Case
    count: int = 1


@dataclass(frozen=True)
class Inbox:
    """One page of a list and the marks to go on from."""

    lines: tuple[Line, ...]
    onward: str = ""
    back: bool = False


def inbox(by: Post, *, key: str = "", after: str = "", last: bool = False) -> Inbox:
    """待办: the open steps of this post, the most urgent first; the same step of one case once."""
    mark = _mark(after) if after else None
    due, step_id = mark or (None, None)
    given = {**_desk(by), "key": key, "after_due": due, "after_step": step_id}
    found = db.session.execute(_page(bool(key), mark is not None, last), given).all()
    rows = list(found[: _cut(found)])
    onward = f"{rows[-1].due.isoformat()}|{rows[-1].step_id}" if len(rows) < len(found) and not last else ""
    if last:
        rows.reverse()
    counts = Counter((each.case_id, each.element) for each in rows)
    first = {(each.case_id, each.element): each.step_id for each in reversed(rows)}
    lines = _lines(list(first.values())[::-1])
    shown = tuple(replace(x, count=counts[x.case.id, x.step.element]) for x in lines)
    return Inbox(shown, onward, bool(after) or last)


def _cut(found: Sequence[Any]) -> int:
    """How many of these rows make a page of PAGE different lines; the same step of a case is one line."""
    kinds: set[tuple[int, str]] = set()
    for at, each in enumerate(found):
        kinds.add((each.case_id, each.element))
        if len(kinds) > PAGE:
            return at
    if len(found) < READ or len(kinds) == 1:
        return len(found)
    last = (found[-1].case_id, found[-1].element)  # more of it may follow
    return next(at for at, each in enumerate(found) if (each.case_id, each.element) == last)


def _mark(after: str) -> tuple[datetime, int] | None:
    due, _, step_id = after.partition("|")
    try:
        return datetime.fromisoformat(due).astimezone(UTC), row(step_id)
    except (ValueError, OverflowError):
        return None


def _lines(ids: Sequence[int]) -> tuple[Line, ...]:
    if not ids:
        return ()
    steps = {step.id: step for step in db.session.scalars(_LINES, {"ids": ids})}
    return tuple(Line(steps[i], steps[i].case) for i in ids if i in steps)


def waiting_count(by: Post, *, key: str = "", before: datetime | None = None) -> int:
    """How many steps wait on this desk (at most MANY), all or those due before a moment."""
    given = {**_desk(by), "key": key, "before": before}
    return int(db.session.scalar(_count(bool(key), before is not None), given) or 0)


def kinds(by: Post) -> list[str]:
    """The procedures with something on this desk, by hopping over the index from one to the next."""
    found: list[str] = []
    while key := db.session.scalar(_NEXT_KIND, {**_desk(by), "key": found[-1] if found else ""}):
        found.append(key)
    return found


def done(by: Post, *, before: int | None = None) -> Inbox:
    """已办: what this person has completed, newest first."""
    query = sa.select(Step.id).where(Step.done_user_id == by.user_id, Step.status == "done")
    if before:
        mark = sa.select(Step.done_at).where(Step.id == before).scalar_subquery()
        query = query.where(sa.or_(Step.done_at < mark, sa.and_(Step.done_at == mark, Step.id < before)))
    ids = list(db.session.scalars(query.order_by(Step.done_at.desc(), Step.id.desc()).limit(PAGE + 1)))
    onward = str(ids[PAGE - 1]) if len(ids) > PAGE else ""
    return Inbox(_lines(ids[:PAGE]), onward, before is not None)


def mine(by: Post, *, before: int | None = None) -> tuple[list[Case], int | None]:
    """我发起: the cases this organisation has begun, newest first."""
    query = sa.select(Case).where(Case.starter_organisation_id == by.organisation_id)
    return _cases(query, before)


def ledger(by: Post, *, words: str = "", before: int | None = None) -> tuple[list[Case], int | None]:
    """Every case this post may see, newest first; `words` looks at number and title."""
    words = words.strip()
    if not words:
        return _cases(sa.select(Case).where(Case.id.in_(newest(by, PAGE + 1, before))), before)
    like = f"%{words.replace('%', '').replace('_', '')}%"
    titled = sa.or_(Case.title.like(like), Case.title_en.ilike(like))
    numbered = sa.and_(Case.number == words.upper(), visible(by))
    recent = sa.and_(Case.id.in_(newest(by, SEARCHED)), titled)
    return _cases(sa.select(Case).where(sa.or_(numbered, recent)), before)


def _cases(query: sa.Select[Case], before: int | None) -> tuple[list[Case], int | None]:
    if before:
        query = query.where(Case.id < before)
    query = query.options(*_HEAD_OF_CASE, joinedload(Case.starter)).order_by(Case.id.desc()).limit(PAGE + 1)
    found = list(db.session.scalars(query))
    return found[:PAGE], found[PAGE - 1].id if len(found) > PAGE else None


def visible(by: Post) -> sa.ColumnElement[bool]:
    """The rule of the ledger as a condition of a query over few cases: each is asked for its parties."""
    ours: Any = Party.organisation_id == by.organisation_id
    if by.role == "auditor":
        ours = Party.organisation_id.in_(subtree(territory(by.organisation).id))
    return sa.exists().where(Party.case_id == Case.id, ours)


def newest(
    by: Post,
    limit: int,
    before: int | None = None,
    *,
    holding: Callable[[sa.ColumnElement[int]], sa.ColumnElement[bool]] | None = None,
) -> sa.Select[int]:
    """Ids of the newest cases this post may see, as a query: as many are read as are wanted.

    `before`: older than this id. `holding`: what else must be true of a case, by its id.
    """
    auditor = by.role == "auditor"
    found: sa.Select[int] = sa.select(Case.id).where(visible(by))
    if not auditor:  # the parties of an organisation lie in the order of their cases
        found = sa.select(Party.case_id).where(Party.organisation_id == by.organisation_id).distinct()
    (case_id,) = found.selected_columns
    if before:
        found = found.where(case_id < before)
    if holding is not None:
        found = found.where(holding(case_id))
    return found.order_by(case_id.desc()).limit(limit)


def find(number: str, *, by: Post) -> Case:
    """The case, for those who may see it; for everybody else it is not there."""
    query = sa.select(Case).where(Case.number == number).options(joinedload(Case.kept))
    case = db.session.scalars(query).first()
    if case is None or not open_to(by, case):
        raise Unknown
    return case


def open_to(by: Post, case: Case) -> bool:
    """Whether this post may see the case: the rule of the ledger, for one page."""
    auditor = by.role == "auditor"
    audited = db.session.scalars(subtree(territory(by.organisation).id)) if auditor else ()
    return rules.see(by, parties(case.id), frozenset(audited))


def seen(by: Post, ids: Sequence[int]) -> frozenset[int]:
    """Those of these cases that this post may see: the rule of the ledger, for a list."""
    if by.role == "admin":
        return frozenset()
    return frozenset(db.session.scalars(sa.select(Case.id).where(Case.id.in_(ids), visible(by))))


def parties(case_id: int) -> frozenset[int]:
    """The organisations that take part in a case."""
    return frozenset(db.session.scalars(sa.select(Party.organisation_id).where(Party.case_id == case_id)))


def open_steps(case_id: int) -> list[Step]:
    """What the case waits for, and on whose desk."""
    query = (
        sa.select(Step)
        .where(Step.case_id == case_id, Step.status == "open")
        .options(joinedload(Step.organisation))
    )
    return list(db.session.scalars(query.order_by(Step.id)))


def steps(case_id: int, limit: int = 200) -> list[Step]:
    """The steps of a case, newest first."""
    query = (
        sa.select(Step)
        .where(Step.case_id == case_id)
        .options(joinedload(Step.organisation), joinedload(Step.done_post).joinedload(Post.user))
    )
    return list(db.session.scalars(query.order_by(Step.id.desc()).limit(limit)))


__all__ = [
    "MANY",
    "NEVER",
    "PAGE",
    "Inbox",
    "Line",
    "done",
    "find",
    "inbox",
    "kinds",
    "ledger",
    "mine",
    "newest",
    "open_steps",
    "open_to",
    "parties",
    "seen",
    "steps",
    "visible",
    "waiting_count",
]
