"""The rows of a case and of a step: read once under the lock of the case, written once when an act is over.

Written past the unit of work, which costs more than a completion's other statements together.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm.attributes import set_committed_value

from casework.cases.model import Case, CaseFacts, Step
from casework.db import Base, Objects, Prepared, db
from casework.errors import Unknown

#: What an act may change of a case. The rest stays as it began.
CHANGES = (
    *("version_id", "status", "incident", "revision", "state", "variables", "waits", "flows"),
    *("ended_at", "journal_seq", "journal_head"),
)
#: How a step was done.
SIGNS = ("status", "done_at", "done_post_id", "done_user_id", "answers", "proof")
#: The facts are locked as well: PostgreSQL reads anew, after waiting, only those rows that are locked.
_LOCK_CASE = Objects(
    sa.select(Case, CaseFacts)
    .join(Case.kept)
    .where(Case.id == sa.bindparam("row"))
    .with_for_update(of=[Case, CaseFacts])
)
#: The case first: whoever has its lock may cancel its steps, and must not wait for one that waits for it.
_LOCK_BOTH = Objects(
    sa.select(Step, Case, CaseFacts)
    .join(Step.case)
    .join(Case.kept)
    .where(Step.id == sa.bindparam("row"))
    .with_for_update(of=[Case, CaseFacts, Step])
)
_WRITE_CASE, _WRITE_STEP = (
    Prepared(sa.update(table).where(table.c.id == sa.bindparam("row")), *columns)
    for table, columns in ((Base.metadata.tables["case"], CHANGES), (Base.metadata.tables["step"], SIGNS))
)


def lock(case_id: int) -> Case:
    """The case, alone until the transaction ends, as it is now."""
    if case_id in _alone():
        return db.session.get_one(Case, case_id)
    found = _LOCK_CASE.first(row=case_id)
    if found is None:
        raise Unknown
    _alone().add(case_id)
    case: Case
    case, kept = found
    set_committed_value(case, "kept", kept)
    return case


def locked(step_id: int) -> Step:
    """The step with its case, read under the lock of the case: only now is the step's state certain."""
    step = db.session.get(Step, step_id) if _alone() else None
    if step is None or step.case_id not in _alone():
        found = _LOCK_BOTH.first(row=step_id)
        if found is None:
            raise Unknown
        step, case, kept = found
        set_committed_value(step, "case", case)
        set_committed_value(case, "kept", kept)
        _alone().add(step.case_id)
    return step


def _alone() -> set[int]:
    """The cases locked so far in this transaction; the end of a savepoint may be the end of its locks."""
    session = db.session()
    here = session.get_nested_transaction() or session.get_transaction()
    since, cases = session.info.get("alone", (None, set()))
    if since is not here:
        cases = set[int]()
        session.info["alone"] = (here, cases)
    return cases  # type: ignore[no-any-return]


def write(case: Case) -> None:
    """Write what the act has changed; whoever looks at the case afterwards reads it anew."""
    _WRITE_CASE.run(row=case.id, **{name: getattr(case, name) for name in CHANGES})
    db.session.expire(case)


def sign(step: Step, **changed: Any) -> None:
    """Write how the step was done: everything in SIGNS."""
    _WRITE_STEP.run(row=step.id, **changed)
    for name, value in changed.items():
        set_committed_value(step, name, value)
