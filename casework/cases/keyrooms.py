"""Steps that are worked in a room of their own: a holder makes the key of a tender, and releases it later."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from casework import bids, clock, rules
from casework.bids import Bidding, BidKey
from casework.cases import incidents, standstill
from casework.cases.model import Case, Step
from casework.cases.rows import locked
from casework.cases.steps import complete
from casework.cases.turn import Turn
from casework.db import db
from casework.errors import Conflict, NotYet, Unknown
from casework.people import Post
from casework.words import _

#: The answer by which a holder says that the key is lost.
LOST = "key_lost"


def room(step: Step) -> str:
    """In which room a step is worked; "" is the ordinary page."""
    element = step.case.procedure.flow.elements.get(step.element)
    return element.properties.get("room", "") if element else ""


def _open(step_id: int, by: Post, name: str) -> Step:
    step = locked(step_id)
    rules.complete.ask(by, step)
    if room(step) != name:
        raise Unknown
    if step.status != "open":
        raise Conflict
    return step


def deposit(
    step_id: int, public: str, wrapped: Mapping[str, Any], *, by: Post, now: datetime
) -> dict[str, str]:
    """Keep the fresh key; returns the riddle for the practice unlock."""
    step = _open(step_id, by, "key")
    _key, riddle = bids.keys.deposit(step.case_id, public=public, wrapped=wrapped, by=by, now=now)
    return riddle


def prove(
    step_id: int, answer: str, answers: Mapping[str, Any], *, by: Post, now: datetime,
    proof: Mapping[str, Any] | None = None,
) -> Case:  # fmt: skip
    """The practice unlock has worked: the key counts, and the step is done."""
    step = _open(step_id, by, "key")
    key = mine(step, by)
    bids.keys.prove(key, answer, now)
    given = {**answers, "key": key.fingerprint}
    return complete(step_id, by=by, answers=given, proof=proof, now=now)


def prepare(step_id: int, private: str, *, by: Post) -> None:
    """When this key is the last one needed: unseal the bids before the transaction that opens them.

    A wrong key prepares nothing; `release` says so. NotYet while the tender is suspended.
    """
    step = db.session.get(Step, step_id)
    if step is not None:
        standstill.ask(Turn(step.case, by, clock.now()), step, by)
    key = bids.keys.mine(step.case_id, by.organisation_id) if step else None
    bidding = db.session.get(Bidding, step.case_id) if step else None
    if key is None or bidding is None or bidding.status != "closed":
        return
    held = bids.keys.held_with(key, private)
    if len(held) >= bidding.needed:
        bids.opening.prepare(bidding, held)


def release(
    step_id: int, private: str, answers: Mapping[str, Any], *, by: Post, now: datetime,
    proof: Mapping[str, Any] | None = None,
) -> Case:  # fmt: skip
    """The key is handed over and the step is done; with the last one needed the drawing opens the bids."""
    step = _open(step_id, by, "release")
    key = mine(step, by)
    bids.keys.release(bids.room.find(step.case_id, alone=True), key, private, now)
    given = {**answers, "key": key.fingerprint}
    return complete(step_id, by=by, answers=given, proof=proof, now=now)


def note_wrong(step_id: int, *, by: Post, now: datetime) -> None:
    """A wrong key was handed over, and nothing came of it: all present are told whose it was, and when."""
    incidents.note_wrong_key(_open(step_id, by, "release").case, by, now)


def lose(
    step_id: int,
    answers: Mapping[str, Any],
    *,
    by: Post,
    now: datetime,
    proof: Mapping[str, Any] | None = None,
) -> Case:
    """The holder can unlock the key no more and says so; whether enough are left, the drawing asks."""
    step = _open(step_id, by, "release")
    key = mine(step, by)
    return complete(step_id, by=by, answers={**answers, "key": key.fingerprint}, proof=proof, now=now)


def asked(case_id: int) -> bool:
    """Whether the holders have been asked for their keys."""
    steps = db.session.scalars(sa.select(Step).where(Step.case_id == case_id))
    return any(room(step) == "release" for step in steps)


def lost(case_id: int) -> set[int]:
    """The holders that have declared their keys lost."""
    done = sa.select(Step).where(Step.case_id == case_id, Step.status == "done")
    return {
        step.organisation_id
        for step in db.session.scalars(done)
        if step.organisation_id is not None and (step.answers or {}).get(LOST) and room(step) == "release"
    }


def mine(step: Step, by: Post) -> BidKey:
    """The key of this post's organisation."""
    key = bids.keys.mine(step.case_id, by.organisation_id)
    if key is None:
        raise NotYet(_("贵单位还没有生成本次招标的开标密钥。"))
    return key
