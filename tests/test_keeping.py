"""How long a case is kept, and what the worker forgets."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from acting import browser, played, post
from flask import Flask

from casework import cases, clock, doctor, outbox, worker
from casework.cases import keeping
from casework.cases.model import Act
from casework.db import db
from casework.people import by_login, log


@pytest.fixture
def ended(district: Flask, keys: dict[str, int]) -> cases.Case:
    """Ended in March 2026; its folder says 30 years."""
    return played("exemption/not_accepted", keys, after=1)


def test_an_ended_case_says_how_long_it_is_kept(ended: cases.Case, district: Flask) -> None:
    assert keeping.term(ended) == keeping.Term("30年", date(2057, 1, 1))
    number = ended.number
    page = browser(district, "win1").get(f"/case/{number}").text
    assert "保管期限：30年" in page
    assert "2057年1月1日以前不得销毁" in page


def test_a_case_that_runs_has_no_term_yet(district: Flask, keys: dict[str, int]) -> None:
    assert keeping.term(played("exemption/small_approved", keys, after=1)) is None


def test_for_ever_has_no_day(district: Flask, keys: dict[str, int]) -> None:
    assert keeping.term(played("acceptance/all_confirmed", keys, after=4)) == keeping.Term("永久", None)


def test_the_doctor_counts_cases_that_were_kept_long_enough(ended: cases.Case) -> None:
    assert [keeping.over(date(year, 1, 1)) for year in (2026, 2056, 2057)] == [0, 0, 1]
    with clock.at(clock.at_local(date(2057, 2, 1))):
        (check,) = (c for c in doctor.checks() if c.name == "retention")
    assert check.ok
    assert check.en.startswith("1 cases")


def test_the_worker_forgets_what_has_served_its_time(district: Flask, keys: dict[str, int]) -> None:
    case = played("exemption/small_approved", keys, after=1)
    now, user = clock.now(), by_login("win1")
    assert user is not None
    steps = {
        s.status: s for s in db.session.scalars(sa.select(cases.Step).where(cases.Step.case_id == case.id))
    }
    fresh, stale = now - timedelta(days=20), now - timedelta(days=200)
    mine = {"user_id": post("win1").user_id, "raw": {}, "files": {}}
    for step, key, saved in (
        (steps["open"], "", stale),
        (steps["done"], "", fresh),
        (None, "a", fresh),
        (None, "b", stale),
    ):
        db.session.add(cases.Draft(**mine, step_id=step.id if step else None, key=key, saved_at=saved))
    db.session.execute(sa.delete(Act))
    for key, at in (("new", fresh), ("old", stale)):
        db.session.add(Act(key=key, user_id=user.id, at=at))
    db.session.execute(sa.delete(outbox.Job))
    for done in (fresh, stale, None):
        db.session.add(
            outbox.Job(kind="letter", about={}, due=stale, done_at=done, failed_at=None if done else stale)
        )
    db.session.flush()
    db.session.execute(sa.delete(log.Entry))
    for what, at in (
        ("signed in", stale),
        ("signed in", now - timedelta(days=400)),
        ("person added", now - timedelta(days=4000)),
    ):
        db.session.add(log.Entry(at=at, what=what, about=f"user:{user.id}", detail={}))
    db.session.commit()

    worker.sweep()
    left = db.session.scalars(sa.select(cases.Draft).order_by(cases.Draft.id))
    assert [(d.step_id, d.key) for d in left] == [(steps["open"].id, ""), (None, "a")]
    assert list(db.session.scalars(sa.select(Act.key))) == ["new"]
    assert [j.done_at for j in db.session.scalars(sa.select(outbox.Job).order_by(outbox.Job.id))] == [
        fresh,
        None,
    ]
    assert [e.what for e in db.session.scalars(sa.select(log.Entry).order_by(log.Entry.id))] == [
        "signed in",
        "person added",
    ]
