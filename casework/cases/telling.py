"""Letters about a case that the office writes itself, not its drawing: a paper corrected, an appraisal."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from casework import clock, letters
from casework.cases.model import Case
from casework.people import ROLES, holders
from casework.words import Words, say_in


def everybody(organisations: Iterable[int], now: datetime) -> set[int]:
    """All who work at these organisations today."""
    today = clock.local(now).date()
    return {post.user_id for one in set(organisations) for post in holders(one, tuple(ROLES), today)}


def tell(case: Case | None, people: Iterable[int], subject: Words, body: Words, now: datetime) -> None:
    """Each of these people gets the same letter; without a case it is no part of the case's file."""
    zh, en = ((say_in(lang, subject), say_in(lang, body)) for lang in ("zh", "en"))
    for user_id in sorted(set(people)):
        letters.send(user_id, *zh, en[1], now=now, case_id=case.id if case else None, subject_en=en[0])
