"""Slows down guessing: after some failures the same account or address must wait, longer each time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from casework import clock
from casework.db import Base, Moment, db
from casework.errors import OfficeError
from casework.words import _


class Locked(OfficeError):
    """Too many failures: try again after `until` (429)."""

    def __init__(self, until: datetime) -> None:
        self.until = until
        time = clock.local(until).strftime("%H:%M:%S")
        super().__init__(_("尝试次数过多，请于 %(time)s 后再试。", time=time))


@dataclass(frozen=True)
class Limit:
    """How many failures are free, how long the first and the longest wait last, when all is forgotten."""

    free: int
    first: timedelta
    longest: timedelta
    forgotten: timedelta


#: One account: five free failures (trust.md G-25).
ACCOUNT = Limit(5, timedelta(minutes=1), timedelta(minutes=15), timedelta(hours=24))
#: One network address: an office shares one, so it has more of them and forgets sooner.
ADDRESS = Limit(20, timedelta(minutes=1), timedelta(minutes=15), timedelta(minutes=15))
#: Public forms that send letters or take files, for each address.
PUBLIC = Limit(10, timedelta(minutes=10), timedelta(hours=1), timedelta(hours=1))


class Throttle(Base):
    """Failures counted for one key (`login:…`, `address:…`); known and unknown accounts alike."""

    __tablename__ = "throttle"

    key: Mapped[str] = mapped_column(sa.String(100), primary_key=True)
    failures: Mapped[int] = mapped_column(default=0)
    last_at: Mapped[datetime] = mapped_column(Moment, index=True)
    locked_until: Mapped[datetime | None] = mapped_column(Moment)


def count(key: str, limit: Limit) -> Throttle:
    """The key's counter, held until the end of the transaction; Locked while it must wait."""
    now = clock.now()
    if db.session.get(Throttle, key) is None:
        try:
            with db.session.begin_nested():
                db.session.add(Throttle(key=key, failures=0, last_at=now))
        except IntegrityError:  # somebody else opened the counter in the same moment
            db.session.expire_all()
    counter = db.session.get_one(Throttle, key, with_for_update=True, populate_existing=True)
    if counter.locked_until is not None and counter.locked_until > now:
        raise Locked(counter.locked_until)
    if counter.last_at + limit.forgotten < now:
        counter.failures = 0
    return counter


def failed(counter: Throttle, limit: Limit) -> bool:
    """Count one failure; True when the key must wait from now on."""
    now = clock.now()
    counter.failures += 1
    counter.last_at = now
    over = counter.failures - limit.free
    if over < 0:
        return False
    counter.locked_until = now + min(limit.first * 2 ** min(over, 20), limit.longest)
    return True


def passed(counter: Throttle) -> None:
    """Forget the failures of a key that has shown it is right."""
    db.session.delete(counter)
    db.session.flush()


def forget(key: str) -> None:
    """Let a key try again at once (an administrator or a new password)."""
    db.session.execute(sa.delete(Throttle).where(Throttle.key == key))


def sweep() -> int:
    """Remove counters nobody has touched for a day; how many."""
    old = clock.now() - timedelta(days=1)
    gone = db.session.execute(sa.delete(Throttle).where(Throttle.last_at < old).returning(Throttle.key))
    return len(gone.all())
