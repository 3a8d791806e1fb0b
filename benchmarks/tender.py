"""Bids of 10 MB sealed, stored and opened; and a rush at the deadline: none lost, none late accepted.

The envelopes are made as a browser makes them; delivery and opening go through the functions of the pages, on
SQLite (WAL, synchronous=FULL) on the disk of this machine.
"""

from __future__ import annotations

import json
import random
import statistics
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import sqlalchemy as sa
from flask import Flask

from benchmarks import office, sealing_office
from casework import bids, cases, clock, procedures
from casework.bids import Attached, envelope
from casework.cases import bidders, bidding
from casework.cases.model import Case, Step
from casework.db import db
from casework.people import Organisation, Post, User
from casework.places import Project
from casework.stories import sealing

HOLDERS = ("dev1", "win1", "str2")
BEGIN = clock.at_local(date(2026, 3, 2), 9)
BID = {
    "price": "2.80", "total_year": "3360000", "level": "二级", "years": "3", "manager": "项目经理甲",
    "manager_id": "11010519491231002X", "manager_cv": "从业十二年，管理过三个十万平方米以上的住宅项目。",
    "plan": "设项目服务中心，实行二十四小时值守；公共区域每日清扫两次，电梯每半月维护保养一次。",
    "promises": "业主满意率不低于百分之九十二。", "satisfaction": "92", "contact": "甲",
    "contact_phone": "0571-82000301",
}  # fmt: skip


def main() -> None:
    """Print the figures as JSON on the last line."""
    quick = office.arguments(__doc__ or "").quick
    few = ["approval"] if quick else []
    count, size, rush = (4, 1_000_000, 24) if quick else (100, 10_000_000, 200)
    with office.sqlite() as (place, uri), office.office(place, uri, *few) as app:
        procedures.install("sealing", sealing_office.folder(place), clock.now())
        posts = bidders_named(max(count, rush))
        db.session.commit()
        found = {"opening": opening(posts[:count], size), "rush": deadline(app, posts[:rush], quick=quick)}
    print(json.dumps(found))


def bidders_named(count: int) -> list[int]:
    """As many enterprises as wanted, each with one post; their ids."""
    district = db.session.scalars(sa.select(Organisation).where(Organisation.kind == "district")).first()
    sealed = db.session.scalars(sa.select(User.password_hash)).first()
    found = []
    for number in range(count):
        one = Organisation(
            kind="enterprise", name=f"测量物业{number}", parent_id=district.id if district else None,
            code=f"91999999MB{number:07d}X",
        )  # fmt: skip
        db.session.add(one)
        db.session.flush()
        user = User(
            login=f"bench{number}", name=f"测量{number}", password_hash=sealed, home_id=one.id, made_at=BEGIN
        )
        db.session.add(user)
        db.session.flush()
        post = Post(user_id=user.id, organisation_id=one.id, role="handler", starts_on=date(2020, 1, 1))
        db.session.add(post)
        db.session.flush()
        found.append(post.id)
    return found


def tender(now: datetime) -> Case:
    """A tender that takes bids."""
    with clock.at(now):
        project = db.session.scalars(sa.select(Project).where(Project.code == "YH-001")).one()
        closes = clock.local(now).date() + timedelta(days=28)
        says = {"closes_on": closes, "price_cap": 5, "keys_needed": 2, "documents": []}
        case = cases.open_case("sealing", by=office.post("dev1"), answers=says, project_id=project.id)
        db.session.commit()
        for login in HOLDERS:
            room(case, "make_key", login)
    return case


def room(case: Case, element: str, login: str) -> None:
    """A holder works a step with a room of its own."""
    by = office.post(login)
    query = sa.select(Step).where(Step.case_id == case.id, Step.element == element, Step.status == "open")
    step = next(s for s in db.session.scalars(query) if s.organisation_id == by.organisation_id)
    sealing.work_in_room(step, by, {}, None)
    db.session.commit()


def sealed(case: Case, by: Post, size: int) -> bytes:
    """A bid with an attachment of this size."""
    terms, noise = bidding.terms(case), random.Random(by.id)
    drawing = b"AC1032\0" + noise.randbytes(size)  # a drawing is looked at only where it begins
    files = [Attached("plan_files", "plan.dwg", drawing)]
    plain = bids.pack(bidders.about_bidder(terms, by), {k: [v] for k, v in BID.items()}, files)
    return envelope.seal(plain, terms.binding(by.organisation_id), terms.publics, terms.needed)


def opening(posts: list[int], size: int) -> dict[str, float]:
    """Seal, deliver and open; milliseconds of a median bid, seconds of the whole opening."""
    case, made, sent = tender(BEGIN), [], []
    now = BEGIN + timedelta(days=1)
    for number, post_id in enumerate(posts):
        by = db.session.get_one(Post, post_id)
        with clock.at(now + timedelta(seconds=number)):
            began = time.perf_counter()
            blob = sealed(case, by, size)
            made.append(time.perf_counter() - began)
            sent.append(office.timed(lambda by=by, blob=blob: deliver(case, by, blob)))  # type: ignore[misc]
    closes = clock.at_local(clock.local(BEGIN).date() + timedelta(days=28), 9, 30)
    with clock.at(closes):
        cases.tick(case.id, closes)
        db.session.commit()
        room(case, "release", "dev1")
        took = office.timed(lambda: room(case, "release", "win1"))
    opened = bids.opening.of(case.id)
    assert [bid.outcome for bid in opened] == ["opened"] * len(posts)
    return {
        "bids": len(posts),
        "megabytes_each": size / 1e6,
        "seal_ms": office.milliseconds(statistics.median(made)),
        "deliver_ms": office.milliseconds(statistics.median(sent)),
        "open_all_s": round(took, 2),
    }


def deliver(case: Case, by: Post, blob: bytes) -> bids.Receipt:
    """As the page does it, committed."""
    receipt = sealing.deliver(case, by, blob)
    db.session.commit()
    return receipt


@dataclass
class Rush:
    """What came of every delivery."""

    receipts: list[bids.Receipt] = field(default_factory=list)
    late: int = 0
    took: list[float] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def deadline(app: Flask, posts: list[int], *, quick: bool) -> dict[str, Any]:
    """All deliver within the last minute (six seconds when quick) and a little after it, eight at a time."""
    case, window, came = tender(clock.now()), 6.0 if quick else 60.0, Rush()
    blobs = {post_id: sealed(case, db.session.get_one(Post, post_id), 20_000) for post_id in posts}
    closes = clock.now() + timedelta(seconds=window)
    db.session.get_one(bids.Bidding, case.id).closes_at = closes
    db.session.commit()
    case_id, waiting = case.id, iter(sorted(schedule(posts, closes, window), key=lambda one: one[1]))
    db.session.remove()
    lock = threading.Lock()

    def work() -> None:
        while True:
            with lock:
                one = next(waiting, None)
            if one is None:
                return
            time.sleep(max(0.0, (one[1] - clock.now()).total_seconds()))
            with app.app_context():
                _one(case_id, one[0], blobs[one[0]], came)
                db.session.remove()

    threads = [threading.Thread(target=work) for _each in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return judged(case_id, posts, closes, came)


def schedule(posts: list[int], closes: datetime, window: float) -> Iterator[tuple[int, datetime]]:
    """Most of them close to the end, one in twenty too late."""
    for number, post_id in enumerate(posts):
        late = number % 20 == 19
        before = window * 0.9 * (1 - (number / len(posts)) ** 0.5)
        yield post_id, closes + timedelta(seconds=0.05 * number / len(posts) if late else -before)


def _one(case_id: int, post_id: int, blob: bytes, came: Rush) -> None:
    began = time.perf_counter()
    try:
        by, case = db.session.get_one(Post, post_id), db.session.get_one(Case, case_id)
        came.receipts.append(deliver(case, by, blob))
        came.took.append(time.perf_counter() - began)
    except bids.Late:
        came.late += 1
    except Exception as error:  # noqa: BLE001  whatever it is, the benchmark must say so
        came.faults.append(repr(error))


def judged(case_id: int, posts: list[int], closes: datetime, came: Rush) -> dict[str, Any]:
    """Nothing is lost, nothing late is in; figures."""
    bidding_ = bids.room.find(case_id, alone=True)
    counted = bids.opening.valid(bidding_)
    assert not came.faults, came.faults[:3]
    assert len(came.receipts) + came.late == len(posts)
    assert {one.mine.sha256 for one in counted} == {receipt.sha256 for receipt in came.receipts}, "lost"
    assert all(receipt.at < closes for receipt in came.receipts), "late"
    assert len(bids.room.refusals(case_id)) == came.late
    took = sorted(came.took)
    return {
        "delivered": len(came.receipts),
        "late_refused": came.late,
        "p50_ms": office.milliseconds(statistics.median(took)),
        "p99_ms": office.milliseconds(took[min(len(took) - 1, int(len(took) * 0.99))]),
    }


if __name__ == "__main__":
    main()
