"""Everybody at once, in threads and on real databases: once each, nobody lost, nobody erased."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from acting import (
    ITEMS,
    LANES,
    STAMPERS,
    applied,
    at_once,
    browser,
    elsewhere,
    faults,
    inside,
    opened,
    played,
    post,
    stamp,
    told,
    twin,
    verdicts,
    waiting,
)
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm.attributes import flag_modified

from casework import cases, clock, outbox, signoffs, worker
from casework.cases import drafts, lists
from casework.db import db
from casework.letters import Letter


@pytest.fixture
def case(district: Flask, keys: dict[str, int]) -> cases.Case:
    """Four parties have four items to stamp."""
    return played("acceptance/all_confirmed", keys)


def filled(app: Flask, step: cases.Step, **more: str) -> dict[str, str]:
    """The stamp form as a browser sends it, every item confirmed, signed with the password."""
    rows = {}
    for row in signoffs.pending(step.case_id, step.lane):
        rows |= {f"verdicts-{row['key']}-_": "1", f"verdicts-{row['key']}-verdict": "confirm"}
    return {**rows, "_password": app.config["DEMO_PASSWORD"], **more}


def press(app: Flask, client: FlaskClient, url: str, data: dict[str, str]) -> Callable[[], tuple[int, str]]:
    window = twin(app, client)

    def go() -> tuple[int, str]:
        answer = window.post(url, data=data)
        return answer.status_code, answer.headers.get("Location", "")

    return go


def shown(case_id: int) -> dict[str, int]:
    """How often each kind of entry stands in the record."""
    db.session.expire_all()
    return {what: len(told(case_id, what)) for what in ("completed", "ended", "issued")}


# ------------------------------------------------------------------------------------ one person, many clicks


@pytest.mark.parametrize("saved", [False, True], ids=["fresh", "with a draft"])
def test_eight_requests_with_the_same_key_are_one_act(case: cases.Case, district: Flask, saved: bool) -> None:
    client, step = browser(district, "ent1"), waiting(case.id, "ent1")
    case_id, url = case.id, f"/step/{step.id}"
    data = filled(district, step, _act="the-same-key")
    if saved:
        assert elsewhere(lambda: client.post(f"{url}/save", data=data).status_code) == 200
    found = at_once(district, [press(district, client, url, data)] * 8)
    assert set(found) == {(302, "/inbox")}
    assert shown(case_id) == {"completed": 1, "ended": 0, "issued": 0}
    assert len(signoffs.matrix(case_id, LANES)) == 4
    assert signoffs.tally(case_id, LANES).given == 4
    assert db.session.scalar(sa.select(sa.func.count()).select_from(cases.Draft)) == 0
    assert faults() == []


@pytest.mark.parametrize("saved", [False, True], ids=["fresh", "with a draft"])
def test_eight_windows_with_keys_of_their_own_are_one_act_and_the_others_are_told(
    case: cases.Case, district: Flask, saved: bool
) -> None:
    client, step = browser(district, "ent1"), waiting(case.id, "ent1")
    case_id, url = case.id, f"/step/{step.id}"
    if saved:
        data = filled(district, step)
        assert elsewhere(lambda: client.post(f"{url}/save", data=data).status_code) == 200
    windows = [press(district, client, url, filled(district, step, _act=f"key-{n}")) for n in range(8)]
    found = at_once(district, windows)
    done = [where for status, where in found if (status, where) == (302, "/inbox")]
    others = [one for one in found if one != (302, "/inbox")]
    assert len(done) == 1, found
    # told with both answers side by side, or led to the case when the step was done before the page was read
    assert set(others) <= {(409, ""), (302, f"/case/{case.number}")}, found
    assert shown(case_id)["completed"] == 1
    assert signoffs.tally(case_id, LANES).given == 4
    assert faults() == []


def begun(case: cases.Case) -> str:
    """The page on which a filled-in application waits to be submitted."""
    by, now = post("dev7"), clock.now()
    draft = drafts.begin(case.key, by=by, project_id=case.project_id, now=now)
    answers, form = applied(case), case.procedure.forms["apply"]
    draft.raw |= {"_section": [section.id for section in form.sections]}
    for key, value in answers.items():
        if isinstance(value, list) and key not in form.uploads:
            for at, row in enumerate(value):
                draft.raw |= {f"{key}-{at}-_": ["1"]} | {
                    f"{key}-{at}-{k}": [str(v)] for k, v in row.items() if v
                }
        elif value and key not in form.uploads:
            draft.raw |= {key: ["y" if value is True else str(value)]}
    draft.files = {k: answers[k] for k in form.uploads if answers.get(k)}
    flag_modified(draft, "raw")
    url = f"/apply/draft/{draft.id}/check"
    db.session.commit()
    return url


def test_one_application_sent_eight_times_is_one_case(case: cases.Case, district: Flask) -> None:
    client, url = browser(district, "dev7"), begun(case)
    found = at_once(district, [press(district, client, url, {"_act": "one"}) for _ in range(8)])
    newest = db.session.scalars(sa.select(cases.Case.number).order_by(cases.Case.id.desc())).first()
    assert newest != case.number
    assert set(found) == {(302, f"/case/{newest}?submitted=1")}, found
    again = at_once(district, [press(district, client, url, {"_act": f"more-{n}"}) for n in range(2)])
    assert {status for status, _where in again} == {404}, "the application is not a draft any more"
    assert db.session.scalar(sa.select(sa.func.count()).select_from(cases.Case)) == 2


def test_one_application_sent_from_eight_windows_is_one_case(case: cases.Case, district: Flask) -> None:
    client, url = browser(district, "dev7"), begun(case)
    found = at_once(district, [press(district, client, url, {"_act": f"key-{n}"}) for n in range(8)])
    assert Counter(status for status, _where in found) == {302: 1, 404: 7}, found
    assert db.session.scalar(sa.select(sa.func.count()).select_from(cases.Case)) == 2


# --------------------------------------------------------------------------------------- many people at once


def test_four_parties_stamping_at_once_leave_four_stamps_and_one_paper(
    case: cases.Case, district: Flask
) -> None:
    case_id = case.id
    found = at_once(district, [inside(district, lambda who=who: stamp(case_id, who).id) for who in STAMPERS])
    assert found == [case_id] * 4
    rows = signoffs.matrix(case_id, LANES)
    assert [{lane for lane in LANES if row.stamps[lane]} for row in rows] == [set(LANES)] * len(ITEMS)
    assert shown(case_id) == {"completed": 4, "ended": 1, "issued": 1}
    assert db.session.get_one(cases.Case, case_id).status == "ended"
    assert {e.who.split()[0] for e in told(case_id, "completed")} == {
        post(login).organisation.name for login in STAMPERS
    }
    assert faults() == []


def test_each_of_four_parties_pressing_twice_stamps_once(case: cases.Case, district: Flask) -> None:
    windows = []
    for login in STAMPERS:
        client, step = browser(district, login), waiting(case.id, login)
        data = filled(district, step, _act=f"key of {login}")
        windows += [press(district, client, f"/step/{step.id}", data)] * 2
    case_id = case.id
    found = at_once(district, windows)
    assert set(found) == {(302, "/inbox")}, found
    assert shown(case_id) == {"completed": 4, "ended": 1, "issued": 1}
    assert signoffs.tally(case_id, LANES).given == 16
    assert faults() == []


def test_two_examiners_at_one_step_are_one_done_and_one_told(case: cases.Case, district: Flask) -> None:
    step = waiting(case.id, "exa1")
    case_id, step_id, answers = case.id, step.id, verdicts(step)

    def examine(login: str) -> Callable[[], Any]:
        return inside(district, lambda: cases.complete(step_id, by=post(login), answers=answers).id)

    found = at_once(district, [examine("exa1"), examine("exa2"), examine("exa3")])
    assert sorted(type(one).__name__ for one in found) == ["Beaten", "Beaten", "int"]
    assert shown(case_id)["completed"] == 1


def test_a_stamp_and_a_withdrawal_at_once_never_both_half(case: cases.Case, district: Flask) -> None:
    case_id = case.id
    acts = [
        inside(district, lambda: stamp(case_id, "str2").id),
        inside(district, lambda: cases.withdraw(case_id, by=post("dev7"), reason="清单有误").id),
    ]
    found = at_once(district, acts)
    assert found[1] == case_id
    db.session.expire_all()
    assert db.session.get_one(cases.Case, case_id).status == "withdrawn"
    assert lists.open_steps(case_id) == []
    assert len(told(case_id, "completed")) == (1 if found[0] == case_id else 0)
    assert faults() == []


# ----------------------------------------------------------------------------------------------- numbers


def test_forty_openings_at_once_take_forty_numbers_without_a_gap(case: cases.Case, district: Flask) -> None:
    answers, key, project_id = applied(case), case.key, case.project_id

    def open_one(stay: bool) -> str:
        with district.app_context():
            try:
                number = cases.open_case(key, by=post("dev7"), answers=answers, project_id=project_id).number
                if stay:
                    db.session.commit()
                return number
            finally:
                db.session.remove()

    def five(at: int) -> list[str]:
        """Five openings one after the other, and here and there one that is given up."""
        found = [open_one(stay=True) for _ in range(5)]
        if at % 4 == 0:
            open_one(stay=False)
        return found

    found = at_once(district, [lambda at=at: five(at) for at in range(8)])
    given = sorted(number for some in found for number in some)
    year = clock.today().year
    assert given == [
        f"YS-{year}-{n:04d}" for n in range(2 if year == 2026 else 1, 42 if year == 2026 else 41)
    ]
    assert faults() == []


# ------------------------------------------------------------------------------------------------ the worker


def test_two_workers_fire_one_timer_once(case: cases.Case, district: Flask) -> None:
    case_id = case.id
    due = db.session.scalars(
        sa.select(cases.Timer.due).where(cases.Timer.case_id == case_id).order_by(cases.Timer.due)
    ).first()
    assert due is not None
    at_once(district, [inside(district, lambda: worker.work(due + timedelta(seconds=1)))] * 4)
    assert len(told(case_id, "timer")) == 1
    assert [e.facts["name"] for e in told(case_id, "letter")] == ["reminder"]
    written = list(db.session.scalars(sa.select(Letter)))
    assert len(written) == len({one.user_id for one in written}) >= 4
    worker.work(due + timedelta(seconds=2))
    assert all(one.sent_at for one in written)
    assert faults() == []


def test_a_job_is_claimed_by_one_of_many_workers(case: cases.Case, district: Flask) -> None:
    now = clock.now()
    for number in range(6):
        outbox.put("tell", {"message": f"nobody waits {number}"}, due=now)
    db.session.commit()

    def claim() -> int | None:
        job = outbox.claim(now)
        return job.id if job else None

    found = [inside(district, claim)] * 6
    taken = Counter(one for one in at_once(district, found) if one is not None)
    assert set(taken.values()) == {1}, "no job is taken twice"
    worker.work(now)
    assert all(job.tries == 1 for job in db.session.scalars(sa.select(outbox.Job)))


def test_a_job_of_a_worker_that_died_is_taken_over_when_its_lease_has_passed(
    case: cases.Case, district: Flask
) -> None:
    now = clock.at_local(date(2026, 3, 10), 9)
    db.session.execute(sa.delete(outbox.Job))
    outbox.put("tell", {"message": "nobody waits"}, due=now)
    db.session.commit()
    claimed = outbox.claim(now)
    assert claimed is not None
    job_id = claimed.id
    db.session.commit()  # and here the worker dies
    assert worker.work(now + timedelta(seconds=1)) == 0, "it may still be at it"
    later = now + outbox.LEASE + timedelta(seconds=1)
    found = at_once(district, [inside(district, lambda: worker.work(later))] * 3)
    assert sorted(found) == [0, 0, 1]
    db.session.expire_all()
    job = db.session.get_one(outbox.Job, job_id)
    assert (job.tries, job.done_at, job.lease) == (2, later, None)


def test_readers_go_on_while_somebody_writes(case: cases.Case, district: Flask) -> None:
    """A page that only reads waits for nobody, however long the writer takes."""
    client, url = browser(district, "ent1"), f"/case/{case.number}"
    other = opened(case)  # this transaction stays open over the reading
    window = twin(district, client)
    assert elsewhere(lambda: window.get(url).status_code, meanwhile=True) == 200
    db.session.commit()
    assert other.number != case.number
