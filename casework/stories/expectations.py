"""How things stand after a step of a story, compared with what the story says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

import sqlalchemy as sa

from casework import clock, journal, papers, places, signoffs
from casework.cases import drafts, lists
from casework.cases.model import Case, Draft
from casework.db import db
from casework.errors import Unknown
from casework.people import Post
from casework.stories.story import exact


def differences(then: Mapping[str, Any], case: Case) -> list[str]:
    """Every point in which the case differs from what the story says; empty when it went as written."""
    found = []
    for name, wanted in then.items():
        look = LOOKS.get(name)
        found += (
            [f"the story asks for {name}, which nobody can check"] if look is None else look(case, wanted)
        )
    return found


def _status(case: Case, wanted: Any) -> list[str]:
    says = f": {case.incident}" if case.incident else ""
    return (
        [] if case.status == wanted and not case.incident else [f"status {case.status}, not {wanted}{says}"]
    )


def _open(case: Case, wanted: Any) -> list[str]:
    have = sorted(step.element for step in lists.open_steps(case.id))
    return [] if have == sorted(wanted) else [f"open {have}, not {sorted(wanted)}"]


def _ends(case: Case, wanted: Any) -> list[str]:
    entry = db.session.scalars(
        sa.select(journal.Entry).where(journal.Entry.case_id == case.id, journal.Entry.what == "ended")
    ).first()
    have = entry.facts["ends"] if entry else []
    return [] if have == list(wanted) else [f"ended at {have}, not {wanted}"]


def _papers(case: Case, wanted: Any) -> list[str]:
    have = sorted(paper.code for paper in papers.of(case.id))
    return [] if have == sorted(wanted) else [f"papers {have}, not {sorted(wanted)}"]


def _told(case: Case, what: str, wanted: Any) -> list[str]:
    """Letters and notices by their name in the folder, each at least as often as the story says."""
    entries = db.session.scalars(
        sa.select(journal.Entry).where(journal.Entry.case_id == case.id, journal.Entry.what == what)
    )
    have = Counter(entry.facts.get("name", "") for entry in entries)
    missing = Counter(wanted) - have
    return [f"{what}: {sorted(missing)} missing, there are {dict(have)}"] if missing else []


def _facts(case: Case, wanted: Any) -> list[str]:
    have = {**case.facts, **(case.variables or {})}
    return list(_unlike(have, exact(wanted), ""))


def _unlike(have: Any, wanted: Any, path: str) -> Iterator[str]:
    if isinstance(wanted, Mapping) and isinstance(have, Mapping):
        for key, value in wanted.items():
            yield from _unlike(have.get(key), value, f"{path}.{key}".strip("."))
    elif have != wanted:
        yield f"{path} is {have!r}, not {wanted!r}"


def _due(case: Case, wanted: Any) -> list[str]:
    found = []
    for element, day in wanted.items():
        steps = [s for s in lists.open_steps(case.id) if s.element == element]
        have = {_last_day(s.due) for s in steps}
        if have != {day}:
            found.append(f"{element} is due {have}, not {day}")
    return found


def _last_day(due: Any) -> date | None:
    """The day at whose end a period ends."""
    if due is None:
        return None
    wall = clock.local(due)
    day = wall.date()
    return date.fromordinal(day.toordinal() - 1) if (wall.hour, wall.minute) == (0, 0) else day


def _pending(case: Case, wanted: Any) -> list[str]:
    found = []
    for lane, keys in wanted.items():
        have = sorted(row["key"] for row in signoffs.pending(case.id, lane))
        if have != sorted(keys):
            found.append(f"{lane} has still to stamp {have}, not {sorted(keys)}")
    return found


def _parts(case: Case, wanted: Any, have: Mapping[str, Any]) -> list[str]:
    """Rooms or facilities of the case's project: what is said of each code; a list: exactly these codes."""
    if isinstance(wanted, list):
        return [] if sorted(have) == sorted(wanted) else [f"{sorted(have)} on the register, not {wanted}"]
    return list(_unlike(have, exact(wanted), ""))


def _begun(case: Case, wanted: Any) -> list[str]:
    """The applications that the case has begun for its starter, by procedure: what is filled in already."""
    query = sa.select(Draft).where(Draft.about_id == case.id, Draft.begun_at.is_not(None))
    have = {draft.key: _filled_in(draft, case) for draft in db.session.scalars(query)}
    return list(
        _unlike(have, {key: {k: str(v) for k, v in says.items()} for key, says in wanted.items()}, "")
    )


def _filled_in(draft: Draft, case: Case) -> dict[str, str]:
    """As its applicant would find it: what the drawing has filled in, what is taken over; files by name."""
    post = db.session.scalars(
        sa.select(Post).where(
            Post.user_id == draft.user_id, Post.organisation_id == case.starter_organisation_id
        )
    ).first()
    if post is None:
        raise Unknown
    found = {key: values[0] for key, values in draft.raw.items()}
    taken = drafts.bind_application(draft, by=post, lang="zh", now=clock.now()).taken_over
    if taken is not None:
        sent = {key: "、".join(one.name for one in kept) for key, kept in taken.files.items()}
        found = {**{k: str(v) for k, v in taken.values.items()}, **sent, **taken.left, **found}
    return found


def _by_code(rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {row["code"]: row for row in rows}


LOOKS: dict[str, Callable[[Case, Any], list[str]]] = {
    "status": _status,
    "open": _open,
    "ends": _ends,
    "papers": _papers,
    "letters": lambda case, wanted: _told(case, "letter", wanted),
    "notices": lambda case, wanted: _told(case, "published", wanted),
    "facts": _facts,
    "due": _due,
    "pending": _pending,
    "begun": _begun,
    "registered rooms": lambda case, wanted: _parts(
        case, wanted, _by_code([places.room_fact(one) for one in places.rooms_of(case.project_id or 0)])
    ),
    "registered facilities": lambda case, wanted: _parts(
        case, wanted, _by_code(places.facility_facts(case.project_id or 0))
    ),
}
