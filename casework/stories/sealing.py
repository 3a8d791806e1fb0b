"""What the browsers of key holders and bidders do, done here: make keys, seal bids, release keys.

The same container, envelope and wrapping as static/seal.js; the acts themselves go
through the functions of the pages.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from flask import current_app

from casework import bids, clock, forms
from casework.bids import Attached, envelope, keys, papercode
from casework.cases import bidders, bidding, keyrooms
from casework.cases.model import Case, Step
from casework.db import db
from casework.errors import NotYet
from casework.people import Post
from casework.stories import samples
from casework.words import _


@dataclass(frozen=True)
class Ring:
    """A holder's key as the holder has it: private, and wrapped as the office keeps it."""

    private: envelope.Private
    wrapped: Mapping[str, Any]
    code: str

    @property
    def public(self) -> str:
        """The public key as it is deposited."""
        return envelope.public_bytes(self.private).hex()

    @property
    def handed_over(self) -> str:
        """The private key as it is released."""
        return envelope.private_bytes(self.private).hex()


@lru_cache(maxsize=64)
def ring(holder: str) -> Ring:
    """The same key for a holder as long as the process lives."""
    private, (code, locks) = envelope.new_key(), _locks()
    return Ring(private, {way: keys.wrap_under(private, *lock) for way, lock in locks.items()}, code)


@lru_cache(maxsize=1)
def _locks() -> tuple[str, dict[str, tuple[bytes, bytes]]]:
    """A paper code, and salt and stretched word of each way to unlock: stretching takes its time, once."""
    code = papercode.make()
    ways = {"passphrase": current_app.config["DEMO_PASSWORD"], "paper": papercode.read(code)}
    salts = {way: secrets.token_bytes(16) for way in ways}
    return code, {way: (salts[way], keys.stretch(word, salts[way])) for way, word in ways.items()}


def work_in_room(step: Step, by: Post, answers: Mapping[str, Any], proof: Mapping[str, Any] | None) -> bool:
    """A step with a room of its own; False for every other step."""
    name, now = keyrooms.room(step), clock.now()
    if name not in {"key", "release"}:
        return False
    own = ring(str(by.organisation_id))
    if name == "key":
        riddle = keyrooms.deposit(step.id, own.public, own.wrapped, by=by, now=now)
        solved = keys.solve(own.private, riddle).hex()
        keyrooms.prove(step.id, solved, answers, by=by, now=now, proof=proof)
    elif answers.get(keyrooms.LOST):
        keyrooms.lose(step.id, answers, by=by, now=now, proof=proof)
    else:
        step_id = step.id
        keyrooms.prepare(step_id, own.handed_over, by=by)
        keyrooms.release(step_id, own.handed_over, answers, by=by, now=now, proof=proof)
    return True


# -- bids --------------------------------------------------------------------------------------------------


def sealed(case: Case, by: Post, says: Mapping[str, Any]) -> bytes:
    """A bid of these answers, sealed."""
    form, facts = bidding.form(case), bidding.facts(case)
    files = [
        Attached(key, name, samples.sample(name)) for key in form.uploads for name in says.get(key) or ()
    ]
    terms = bidding.terms(case)
    plain = bids.pack(bidders.about_bidder(terms, by), typed(form, says, facts), files)
    return envelope.seal(plain, terms.binding(by.organisation_id), terms.publics, terms.needed)


def deliver(case: Case, by: Post, blob: bytes) -> bids.Receipt:
    """Hand in an envelope as the page does; being late leaves a trace."""
    try:
        return bidders.deliver(case, blob, by=by, now=clock.now())
    except bids.Late:
        db.session.commit()
        raise


def typed(form: forms.Form, says: Mapping[str, Any], facts: Mapping[str, Any]) -> dict[str, list[str]]:
    """Answers as a browser has them: field names and texts."""
    found: dict[str, list[str]] = {}
    for own in form.lists:
        for place, row in enumerate(says.get(own.key) or ()):
            index = str(row.get(own.rows.key)) if own.rows and own.rows.source else str(place)
            found[f"{own.key}-{index}-_"] = ["1"]
            found |= {f"{own.key}-{index}-{key}": _texts(value) for key, value in row.items()}
    for each in form.inputs:
        if each.key in says and each.key not in form.uploads:
            found[each.key] = _texts(says[each.key])
    return found


def _texts(value: Any) -> list[str]:
    if isinstance(value, bool):
        return ["y"] if value else []
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [str(each) for each in value]
    return [value.isoformat() if isinstance(value, date) else str(value)]


def _reply(case: Case, by: Post, text: str) -> None:
    waiting = [one for one in bids.hearing.of(case.id) if one.answered_at is None]
    if not waiting:
        raise NotYet(_("没有待答复的异议。"))
    tenderer = bidding.terms(case).tenderer
    bids.hearing.answer(waiting[0], text, by=by, tenderer=tenderer, now=clock.now())


Act = Callable[[Case, Post, Any], object]
#: What a bidder or the tenderer does outside the steps, by the verb of the story.
ACTS: dict[str, Act] = {
    "bids": lambda case, by, says: deliver(case, by, sealed(case, by, says)),
    "confirms": lambda case, by, _says: bidders.confirm(case, by=by, now=clock.now()),
    "takes_back": lambda case, by, _says: bidders.withdraw(case, by=by, now=clock.now()),
    "asks": lambda case, by, text: bidders.ask(case, text, by=by, now=clock.now()),
    "objects": lambda case, by, text: bids.hearing.speak(
        bids.room.find(case.id), text, by=by, now=clock.now()
    ),
    "replies": _reply,
}
