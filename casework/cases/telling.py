"""Letters about a case that the office writes itself, not its drawing: a paper corrected, an appraisal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import partial

from casework import clock, letters
from casework.cases.model import Case
from casework.people import ROLES, holders
from casework.words import Words, say_in


def everybody(organisations: Iterable[int], now: datetime) -> dict[int, int]:
    """All who work at these organisations today, each with the one they read it for."""
    today = clock.local(now).date()
    posts = [post for one in set(organisations) for post in holders(one, tuple(ROLES), today)]
    return {post.user_id: post.organisation_id for post in posts}


def tell(case: Case | None, people: Mapping[int, int], subject: Words, body: Words, now: datetime) -> None:
    """Each of these people, for their organisation, gets the same letter; without a case it is in no file."""
    zh, en = ((say_in(lang, subject), say_in(lang, body)) for lang in ("zh", "en"))
    write = partial(letters.send, now=now, case_id=case.id if case else None, subject_en=en[0])
    for user_id, organisation_id in sorted(people.items()):
        write(user_id, *zh, en[1], organisation_id=organisation_id)
