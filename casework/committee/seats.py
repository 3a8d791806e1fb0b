"""Calling those drawn, seating those who come, replacing those who may not stay."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from casework.committee.composition import Seat
from casework.committee.model import Draw, Expert, Member, Sheet
from casework.db import db
from casework.errors import NotYet
from casework.people import User
from casework.words import _

#: The state of a member of the committee.
SITTING = "seated"


def of(case_id: int) -> list[Member]:
    """Everybody drawn or named, in the order of calling."""
    found = sa.select(Member).where(Member.case_id == case_id).order_by(Member.place, Member.id)
    return list(db.session.scalars(found))


def seated(case_id: int) -> list[Member]:
    """The committee as it is now: representatives of the tenderer last."""
    sitting = [m for m in of(case_id) if m.state == SITTING]
    return sorted(sitting, key=lambda m: (m.kind != "expert", m.place))


def find(case_id: int, member_id: Any) -> Member:
    """A member of this case's committee, or a sentence."""
    found = db.session.get(Member, int(member_id)) if str(member_id).isdigit() else None
    if found is None or found.case_id != case_id:
        raise NotYet(_("评标委员会中没有此人。"))
    return found


def name_representatives(case_id: int, users: Sequence[User], organisation_id: int, now: datetime) -> None:
    """The tenderer says who sits for it; a new choice takes the place of the one before."""
    for old in of(case_id):
        if old.kind == "representative":
            db.session.delete(old)
    db.session.flush()
    for place, user in enumerate(users, start=1):
        _seat(case_id, -place, user, organisation_id, now)
    db.session.flush()


def add_representatives(case_id: int, users: Sequence[User], organisation_id: int, now: datetime) -> None:
    """Others of the tenderer, where its representatives have stepped aside; those stay on the list."""
    places = [m.place for m in of(case_id)]
    for place, user in enumerate(users, start=1):
        _seat(case_id, min(0, *places) - place, user, organisation_id, now)
    db.session.flush()


def _seat(case_id: int, place: int, user: User, organisation_id: int, now: datetime) -> None:
    db.session.add(
        Member(
            case_id=case_id,
            place=place,
            kind="representative",
            name=user.name,
            organisation_id=organisation_id,
            user_id=user.id,
            state=SITTING,
            called_at=now,
            answered_at=now,
        )
    )


def call(one: Draw, *, now: datetime) -> list[Member]:
    """Whoever is next for a vacant seat is called: in the order drawn, then the speciality's reserves."""
    mine = [m for m in of(one.case_id) if m.kind == "expert"]
    met = {m.expert_id for m in mine if m.state != "waiting"}
    called = []
    for name, gap in vacancies(one).items():
        able = [m for m in mine if m.state == "waiting" and m.speciality == name and m.expert_id not in met]
        for member in able[:gap]:
            member.state, member.called_at = "called", now
            called.append(member)
    db.session.flush()
    return called


def vacancies(one: Draw) -> dict[str, int]:
    """Seats with nobody on them and nobody called to them, by speciality."""
    mine = [m for m in of(one.case_id) if m.kind == "expert" and m.state in {SITTING, "called"}]
    gaps = {
        name: count - sum(m.speciality == name for m in mine) for name, count in one.pool["seats"].items()
    }
    return {name: gap for name, gap in gaps.items() if gap > 0}


def answer(member: Member, comes: bool, reason: str, *, now: datetime) -> None:
    """What a called expert says."""
    member.state = SITTING if comes else "refused"
    member.reason, member.answered_at = reason[:500], now


def silent(case_id: int, *, now: datetime) -> list[Member]:
    """Whoever was called and has not answered in time is passed over."""
    found = [m for m in of(case_id) if m.state == "called"]
    for member in found:
        member.state, member.answered_at = "silent", now
    return found


def state(member: Member, recuses: bool, reason: str, *, now: datetime) -> None:
    """A member declares to have no conflict, or steps aside."""
    if recuses:
        leave(member, "recused", reason, now=now)
    else:
        member.stated_at = now


def leave(member: Member, how: str, reason: str, *, now: datetime) -> None:
    """A member is a member no more; whatever it concluded is void (实施条例 第四十八条)."""
    member.state, member.reason, member.left_at = how, reason[:500], now
    db.session.execute(
        sa.update(Sheet)
        .where(Sheet.member_id == member.id, Sheet.void_at.is_(None))
        .values(void_at=now)
        .execution_options(synchronize_session="fetch")
    )


def follow(member: Member, user: User, *, now: datetime) -> None:
    """Another person of the tenderer takes the place of its representative."""
    _seat(member.case_id, member.place, user, member.organisation_id, now)
    db.session.flush()


def seats(case_id: int, officials: frozenset[int]) -> list[Seat]:
    """The committee as the rule of its composition looks at it."""
    return [Seat(m.kind, m.name, official=m.user_id in officials) for m in seated(case_id)]


def facts(member: Member) -> dict[str, Any]:
    """A member as expressions and papers read it."""
    expert = db.session.get(Expert, member.expert_id) if member.expert_id else None
    return {
        "id": member.id,
        "kind": member.kind,
        "name": member.name,
        "organisation": member.organisation_id,
        "user": member.user_id,
        "label": member.label,
        "speciality": member.speciality,
        "employer": expert.employer if expert else "",
        "title": expert.title if expert else "",
    }
