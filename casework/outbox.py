"""What is to be done after the commit: written in the same transaction as the act, done by the worker.

A job is claimed with a lease; a worker that dies loses it and another takes over. Doing a job is therefore
at least once, and every kind of job is written so that twice does no harm (trust.md 3.1, 3.9).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from casework.db import Base, Json, Moment, db

#: After how many failures a person must look (the case page and `flask doctor` show it).
TRIES = 6
#: Longer than the slowest job (a PDF may take two minutes); a dead worker's job waits so long.
LEASE = timedelta(seconds=180)
#: What takes seconds each: letters, messages and the next application do not wait behind a heap of papers.
SLOW = frozenset({"paper", "archive"})
#: After so long nobody sits and waits for it: what people ask for today goes before an old heap.
STALE = timedelta(days=1)
#: How long a job that was done is kept.
KEPT = timedelta(days=90)


class Job(Base):
    """One thing to do after the commit."""

    __tablename__ = "job"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(40))
    case_id: Mapped[int | None] = mapped_column(sa.ForeignKey("case.id"), index=True)
    about: Mapped[Any] = mapped_column(Json)
    due: Mapped[datetime] = mapped_column(Moment)
    tries: Mapped[int] = mapped_column(default=0)
    lease: Mapped[datetime | None] = mapped_column(Moment)
    done_at: Mapped[datetime | None] = mapped_column(Moment)
    failed_at: Mapped[datetime | None] = mapped_column(Moment)
    fault: Mapped[str | None] = mapped_column(sa.Text)
    __table_args__ = (
        sa.Index(
            "ix_job_waiting",
            "due",
            sqlite_where=sa.text("done_at IS NULL AND failed_at IS NULL"),
            postgresql_where=sa.text("done_at IS NULL AND failed_at IS NULL"),
        ),
    )


def put(kind: str, about: dict[str, Any], *, due: datetime, case_id: int | None = None) -> None:
    """Promise to do it, in the caller's transaction."""
    db.session.execute(sa.insert(Job).values(kind=kind, about=about, due=due, case_id=case_id, tries=0))


def claim(now: datetime, leave: frozenset[str] = frozenset(), behind: str = "") -> Job | None:
    """Take the next due job for LEASE, a quick one first, of no kind in `leave`; the caller then commits.

    `behind`: the slow kind that had its turn last. The other goes before it, so that whoever ordered one
    package does not wait for a heap of papers, nor a paper for a heap of packages.
    """
    slow = Job.kind.in_(SLOW)
    query = (
        sa.select(Job)
        .where(Job.done_at.is_(None), Job.failed_at.is_(None), Job.due <= now)
        .where(sa.or_(Job.lease.is_(None), Job.lease <= now))
        .order_by(slow, sa.and_(slow, Job.due < now - STALE), Job.kind == behind, Job.due, Job.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if leave:
        query = query.where(Job.kind.not_in(leave))
    while (job := db.session.scalars(query).first()) is not None:
        if job.tries < TRIES:
            job.lease, job.tries = now + LEASE, job.tries + 1
            return job
        # every worker that took it died before it could say why: a person must look
        job.failed_at, job.lease, job.fault = now, None, job.fault or "the worker ended during this job"
        db.session.flush()
    return None


def done(job: Job, now: datetime) -> None:
    """It has been done."""
    job.done_at, job.lease, job.fault = now, None, None


def onward(job: Job) -> None:
    """A part of it has been done and kept; the rest waits for its next turn."""
    job.tries, job.lease, job.fault = job.tries - 1, None, None


def failed(job: Job, fault: str, now: datetime) -> None:
    """It did not work: again later (1, 2, 4 … minutes), and after TRIES a person must look."""
    job.fault, job.lease = fault[:2000], None
    if job.tries >= TRIES:
        job.failed_at = now
    else:
        job.due = now + timedelta(minutes=2 ** (job.tries - 1))


def again(job: Job, now: datetime) -> None:
    """A person has mended the cause and asks for another try."""
    job.failed_at, job.tries, job.due, job.lease = None, 0, now, None


def waiting(now: datetime) -> datetime | None:
    """When the next job is due, or None."""
    found = db.session.scalar(
        sa.select(sa.func.min(Job.due)).where(Job.done_at.is_(None), Job.failed_at.is_(None))
    )
    return found if isinstance(found, datetime) or found is None else None


def sweep(now: datetime) -> int:
    """Forget what was done long ago; how many. What failed stays until a person has looked."""
    old = sa.delete(Job).where(Job.done_at < now - KEPT)
    return len(db.session.execute(old.returning(Job.id)).all())
