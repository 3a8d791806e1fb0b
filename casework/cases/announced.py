"""What became of the notices of a case: a later one says at its head (`ends`) which earlier ones it ends.

A notice that no longer holds stays on the board until its day, for it was read; it is marked, with the way to
the later one.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

import sqlalchemy as sa

from casework import blanks, journal
from casework.cases.model import Case
from casework.db import db
from casework.engine import values
from casework.notices import Notice


def names(case_ids: Iterable[int]) -> dict[int, str]:
    """The notices of these cases, each by its name in the folder."""
    entry = journal.Entry
    told = sa.select(entry.detail).where(entry.case_id.in_(list(case_ids)), entry.what == "published")
    return {one["notice"]: one["name"] for one in map(values.loads, db.session.scalars(told))}


def ended(several: Iterable[Notice]) -> dict[int, Notice]:
    """Those of these notices that no longer hold, each with the later one that says so."""
    ids = {one.case_id for one in several if one.case_id}
    if not ids:
        return {}
    named, found = names(ids), dict[int, Notice]()
    query = sa.select(Notice, Case).join(Case, Case.id == Notice.case_id).where(Notice.case_id.in_(ids))
    earlier: dict[tuple[int, str], list[Notice]] = {}
    for one, case in db.session.execute(query.order_by(Notice.id)):
        name = named.get(one.id, "")
        if name and one.withdrawn_at is None:
            for gone in _ends(case.procedure.text(f"notices/{name}.md")):
                found.update((old.id, one) for old in earlier.pop((case.id, gone), ()))
        earlier.setdefault((case.id, name), []).append(one)
    return found


@lru_cache(maxsize=256)
def _ends(text: str) -> tuple[str, ...]:
    return tuple(str(one) for one in blanks.read(text).front.get("ends") or ())
