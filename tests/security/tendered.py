"""Tenders for the town: one that takes bids, one closed, one opened, one whose keys are being made."""

from __future__ import annotations

import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from benchmarks.sealing_office import folder
from casework import bids, cases, clock, files, procedures
from casework.cases.context import answers
from casework.cases.model import Case, Step
from casework.db import db
from casework.people import Post, User
from casework.places import Project
from casework.stories import samples, sealing

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "bids"))
from tenderhouse import bid

#: What stands in a sealed bid, and in an opened one.
SEALED, OPENED = "BID-RALLUS", "BID-SITTA"
HOLDERS = ("dev1", "win1", "str2")


def fill(place: Path, now: datetime) -> dict[str, dict[str, Any]]:
    """Build them; returns the objects of their pages."""
    procedures.install("sealing", folder(place), now)
    db.session.commit()
    keyless = _case(now, now + timedelta(days=20))
    taking = _case(now, now + timedelta(days=20))
    _keys(taking, now)
    _bid(taking, "ent8", SEALED, now)
    closed, opened = (_over(now, SEALED), _over(now, OPENED))
    for login in HOLDERS[:2]:
        _room(opened, "release", login, now)
    number, first = {"number": opened.number}, bids.opening.of(opened.id)[0]
    document = answers(taking)["documents"][0]
    return {
        "tender": {"number": taking.number},
        "tender-paper": {"number": taking.number, "paper_id": 1, "kind": "pdf"},
        "tender-file": {"number": taking.number, "file_id": int(document["id"])},
        "tender-piece": {"number": taking.number, "token": "0" * 32},
        "tender-opened": number,
        "opened-bid": {**number, "no": first.no},
        "opened-file": {**number, "no": first.no, "file_id": int(first.answers["letter"][0]["id"])},
        "step-key": {"step_id": _step(keyless, "make_key", "win1")[0].id},
        "step-release": {"step_id": _step(closed, "release", "win1")[0].id},
    }


def _post(login: str) -> Post:
    found = sa.select(Post).join(User, Post.user_id == User.id).where(User.login == login)
    return db.session.scalars(found.order_by(Post.id)).first()


def _case(now: datetime, closes: datetime) -> Case:
    with clock.at(now):
        project = db.session.scalars(sa.select(Project).where(Project.code == "YH-001")).one()
        kept = files.keep("招标文件.pdf", samples.sample("a.pdf"))
        said = {
            "closes_on": clock.local(closes).date(), "price_cap": 5, "keys_needed": 2,
            "documents": [{"id": str(kept.id), "name": kept.name, "size": kept.size}],
        }  # fmt: skip
        case = cases.open_case("sealing", by=_post("dev1"), answers=said, project_id=project.id)
        db.session.commit()
    return case


def _over(now: datetime, text: str) -> Case:
    """A tender whose deadline has passed with three bids."""
    before = now - timedelta(days=10)
    case = _case(before, before + timedelta(days=5))
    _keys(case, before)
    for at, login in enumerate(("ent8", "ent1", "ent3")):
        _bid(case, login, text if login == "ent8" else "", before + timedelta(minutes=at))
    with clock.at(now):
        cases.tick(case.id, now)
        db.session.commit()
    return case


def _keys(case: Case, now: datetime) -> None:
    for login in HOLDERS:
        _room(case, "make_key", login, now)


def _step(case: Case, element: str, login: str) -> tuple[Step, Post]:
    by = _post(login)
    query = sa.select(Step).where(Step.case_id == case.id, Step.element == element, Step.status == "open")
    return next(s for s in db.session.scalars(query) if s.organisation_id == by.organisation_id), by


def _room(case: Case, element: str, login: str, now: datetime) -> None:
    with clock.at(now):
        step, by = _step(case, element, login)
        sealing.work_in_room(step, by, {}, None)
        db.session.commit()


def _bid(case: Case, login: str, text: str, now: datetime) -> None:
    with clock.at(now):
        says = bid()
        blob = sealing.sealed(case, _post(login), {**says, "plan": says["plan"] + text})
        sealing.deliver(case, _post(login), blob)
        db.session.commit()
