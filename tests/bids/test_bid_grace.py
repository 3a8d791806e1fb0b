"""What was received in time is taken in, though it waits for its turn while the deadline passes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from offices import WORKFLOWS

from casework import bids, cases, clock, stories
from casework.cases import bidders, bidding
from casework.people import by_login, in_force
from casework.stories import sealing


def test_an_envelope_received_in_time_may_wait_for_its_turn(district: Flask, keys: dict[str, int]) -> None:
    """电子招标投标办法 第二十七条: what counts is when the whole of it was received."""
    told = stories.read(WORKFLOWS / "tender" / "stories" / "awarded.yaml")
    first = next(n for n, part in enumerate(told.steps) if "bids" in part)
    case = stories.Player(replace(told, steps=told.steps[: first + 1]), keys).play()
    assert case is not None
    terms, closes = bidding.terms(case), bids.room.find(case.id).closes_at
    says: Any = told.says({"says": {"like": "cheap"}}, case.key)
    ent2, ent3 = (in_force(by_login(login), clock.local(closes).date())[0] for login in ("ent2", "ent3"))
    arrived = {
        by.id: bids.room.arrive(terms, by.organisation_id, sealing.sealed(case, by, says), ())
        for by in (ent2, ent3)
    }
    with clock.at(closes + timedelta(seconds=10)):  # the worker looks at its clock meanwhile
        cases.tick(case.id, clock.now())
        receipt = bidders.place(case, arrived[ent2.id], by=ent2, now=closes - timedelta(milliseconds=1))
        with pytest.raises(bids.Late):
            bidders.place(case, arrived[ent3.id], by=ent3, now=closes)
    assert receipt.at < closes
    with clock.at(closes + timedelta(seconds=20)):
        cases.tick(case.id, clock.now())
    assert bids.room.find(case.id).count == 2
