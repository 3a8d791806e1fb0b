"""Orders that suspend a case (招标投标法实施条例 第六十二条): kept wherever it stands, until each has ended.

A suspended case moves nowhere: its steps rest, and so do those of the cases that concern it. What would have
come due meanwhile waits, and goes on from where it stood.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from casework import clock, journal
from casework.cases import standstill
from casework.cases.model import NEVER, Case, Desk, Step, Timer
from casework.cases.onward import set_due
from casework.cases.turn import Turn
from casework.db import db
from casework.words import _, say_in

#: What a timer that has come due meanwhile keeps: when it was due.
RESTED = "rested"
#: The variable of a case that says since which moment it rests by order; `orders` and `stays` count in days.
SINCE = "stayed_since"


@dataclass(frozen=True)
class Stop:
    """From when to when a case was suspended by order."""

    since: datetime
    until: datetime

    @property
    def days(self) -> timedelta:
        """In days, as periods count them."""
        return clock.local(self.until).date() - clock.local(self.since).date()

    def after(self, due: datetime) -> datetime:
        """The same moment, later: the end of a day stays the end of a day."""
        ends_a_day = clock.day_end(clock.local(due - timedelta(seconds=1)).date()) == due
        return due + (self.days if ends_a_day else self.until - self.since)


def awaited(message: str, number: str | None) -> list[int]:
    """The open case of this number, where the message orders it to rest or lets it go on."""
    if number is None:
        return []
    found = db.session.scalars(sa.select(Case).where(Case.number == number, Case.status == "open"))
    return [case.id for case in found if _heard(case, message)]


def _heard(case: Case, message: str) -> bool:
    rests = case.procedure.suspended
    return rests is not None and message in {rests.begins, rests.ends}


def note(turn: Turn, message: str, payload: Mapping[str, Any]) -> Stop | None:
    """An order is given, or one has ended; the whole stop when it was the last."""
    rests, case = turn.procedure.suspended, turn.case
    if rests is None or not _heard(case, message):
        return None
    known = case.variables or {}
    case.variables = {**known, **{name: known.get(name) or [] for name in ("orders", "stays", "decisions")}}
    if message == rests.begins:
        _given(turn, payload)
        return None
    _decided(turn, payload)
    stop = _lifted(turn, payload)
    if stop is not None:
        moved = {name: _later(known[name], stop) for name in rests.dates if known.get(name)}
        case.variables = {**case.variables, **moved}
    return stop


def _given(turn: Turn, payload: Mapping[str, Any]) -> None:
    """The case rests from now on, unless another order has begun that."""
    case, today = turn.case, clock.local(turn.now).date()
    kept: dict[str, Any] = {"orders": [*case.variables["orders"], {**payload, "on": today, "ended_on": None}]}
    if not _running(case.variables["stays"]):
        kept |= {"stays": [*case.variables["stays"], {"begins": today, "ends": None}], SINCE: turn.now}
    case.variables = {**case.variables, **kept}
    _record(turn, given=True, number=str(payload.get("order") or ""))


def _decided(turn: Turn, payload: Mapping[str, Any]) -> None:
    """A decision is kept, with or without an order, until the drawing has acted on it."""
    decision = {**payload, "on": clock.local(turn.now).date()}
    turn.case.variables = {
        **turn.case.variables,
        "decisions": [*turn.case.variables["decisions"], decision],
    }


def _lifted(turn: Turn, payload: Mapping[str, Any]) -> Stop | None:
    """The orders of the decided matter end; the case goes on when no other stands."""
    case, today, stop = turn.case, clock.local(turn.now).date(), None
    before, stays = case.variables["orders"], case.variables["stays"]
    orders = [_ended(one, payload, today) for one in before]
    if orders == before:  # a complaint without an order ends none
        return None
    if _running(stays) and all(one["ended_on"] is not None for one in orders):
        stop = Stop(case.variables[SINCE], turn.now)
        stays = [*stays[:-1], {**stays[-1], "ends": today}]
    case.variables = {**case.variables, "orders": orders, "stays": stays}
    _record(turn, given=False, stop=stop)
    return stop


def _record(turn: Turn, *, given: bool, number: str = "", stop: Stop | None = None) -> None:
    """In the record of the case: which order, and whether it still rests."""
    if given:
        title = _("责令暂停，文号%(number)s", number=number) if number else _("责令暂停")
    else:
        title = _("责令暂停已解除，恢复办理") if stop else _("一项责令暂停已解除，其余仍然有效")
    said = {"title": say_in("zh", title), "title_en": say_in("en", title)}
    journal.write(turn.case, "recorded", at=turn.now, detail=said)


def _running(stays: Sequence[Mapping[str, Any]]) -> bool:
    return bool(stays) and stays[-1]["ends"] is None


def _ended(one: Mapping[str, Any], payload: Mapping[str, Any], today: date) -> Mapping[str, Any]:
    if one["ended_on"] is not None or one.get("number") != payload.get("number"):
        return one
    return {**one, **payload, "ended_on": today}


def _later(value: Any, stop: Stop) -> Any:
    """A date of the case that was still to come when the order was given."""
    if isinstance(value, datetime):
        return stop.after(value) if value > stop.since else value
    return value + stop.days if value >= clock.local(stop.since).date() else value


def hold(turn: Turn) -> None:
    """Timers whose time has come in a case that rests by order: they wait until it goes on."""
    come = [one for one in _resting(turn, standstill.resting(turn)) if one.due <= turn.now]
    was = {timer.token: {RESTED: timer.due.isoformat()} for timer in come}
    set_due(turn, dict.fromkeys(was, NEVER))  # which writes the timers anew
    for token, kept in was.items():
        mine = sa.update(Timer).where(Timer.case_id == turn.case.id, Timer.token == token)
        db.session.execute(mine.values(explanation=kept))


def wake(turn: Turn, stop: Stop) -> None:
    """The order is lifted: what rested goes on, later by the time of the order."""
    elements = turn.procedure.flow.elements
    dues: dict[str, datetime] = {}
    later: dict[tuple[str | None, datetime], datetime] = {}
    for timer in _resting(turn, standstill.rests(turn)):
        kept = timer.explanation or {}
        was = datetime.fromisoformat(kept[RESTED]) if RESTED in kept else timer.due
        step = elements[timer.element].attached
        dues[timer.token] = later[step, was.astimezone(UTC)] = stop.after(was.astimezone(UTC))
        timer.explanation = None
    set_due(turn, dues)
    _steps_too(turn, later)


def _steps_too(turn: Turn, later: Mapping[tuple[str | None, datetime], datetime]) -> None:
    """A step that ends with a timer of its own ends later with it; one due then by chance does not."""
    mine = sa.select(Step).where(Step.case_id == turn.case.id, Step.status == "open", Step.due.is_not(None))
    for step in list(db.session.scalars(mine)):
        if step.due is not None and (moved := later.get((step.element, step.due.astimezone(UTC)))):
            step.due = moved
            db.session.execute(sa.update(Desk).where(Desk.step_id == step.id).values(due=moved))


def _resting(turn: Turn, elements: frozenset[str]) -> list[Timer]:
    """The timers of these elements whose period is not one that is reckoned again by itself."""
    if not elements:
        return []
    mine = sa.select(Timer).where(Timer.case_id == turn.case.id, Timer.element.in_(elements))
    found = db.session.scalars(mine.order_by(Timer.token))
    return [one for one in found if not ((one.explanation or {}).get("rule") or {}).get("stayed")]
