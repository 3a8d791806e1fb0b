"""What an expression may ask the office: on an application, before there is a case, and on every step."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Any

import sqlalchemy as sa

from casework import bids, blanks, clock, deadlines, places, procedures, profiles, standing
from casework.cases import neighbours
from casework.db import db
from casework.engine import feel
from casework.people import Organisation

Functions = dict[str, Callable[..., Any]]
#: What was asked of the files of enterprises, by the enterprises' ids, with the answers.
Answered = dict[tuple[int, ...], dict[str, Any]]


def functions(
    now: datetime, procedure: procedures.Procedure | None = None, answered: Answered | None = None
) -> Functions:
    """The functions that need no case; `procedure`: on its application, the deadlines known already.

    `answered`: one form asks the same of the same enterprises dozens of times; the files are read once.
    """
    today, known = clock.local(now).date(), {} if answered is None else answered

    def standing_of(_scope: Mapping[str, Any], organisation: Any, on: Any = today) -> dict[str, Any] | None:
        if not (isinstance(organisation, int) and isinstance(on, date)):
            return None
        key = organisation, on.toordinal()
        if key not in known:
            known[key] = standing.facts(organisation, on)
        return known[key]

    def eligible(
        _scope: Mapping[str, Any], organisation: Any, tenderer: Any, on: Any = today
    ) -> dict[str, Any] | None:
        if not (isinstance(organisation, int) and isinstance(tenderer, int) and isinstance(on, date)):
            return None
        key = organisation, tenderer, on.toordinal()
        if key not in known:
            known[key] = standing.eligible_facts(organisation, tenderer, on)
        return known[key]

    found: Functions = {
        "standing": standing_of,
        "eligible": eligible,
        "keepers": _keepers,
        "organisation": _organisation,
        "bidder": _bidder,
        "today": lambda _scope: today,
        "now": lambda _scope: now,
        "agreement": _agreement,
        "rooms": _rooms,
        "rooms_judged": _rooms_judged,
        "tender_method": _tender_method,
        "permit": _permit,
        "yuan": _yuan,
        "dated": _dated,
        "project_rooms": _project_rooms,
        "project_facilities": _project_facilities,
        "project_facility": _project_facility,
        **neighbours.functions(),
    }
    if procedure is not None:
        found["deadline"] = partial(_ends, procedure, found, now)
    return found


def _keepers(_scope: Mapping[str, Any], organisation: Any) -> list[int] | None:
    return standing.keepers(organisation) if isinstance(organisation, int) else None


def _organisation(_scope: Mapping[str, Any], organisation: Any) -> dict[str, Any] | None:
    """As it is on the register, null for what is empty; in English by the Chinese name if it has no other."""
    one = db.session.get(Organisation, organisation) if isinstance(organisation, int) else None
    if one is None:
        return None
    reached = {"address": one.address or None, "phone": one.phone or None}
    return {"id": one.id, "name": one.name, "name_en": one.label("en"), "code": one.code, **reached}


def _bidder(_scope: Mapping[str, Any], tender: Any, organisation: Any) -> bool | None:
    """Whether it has a bid in the tender of this number; null before the deadline, or where there is none."""
    if not (isinstance(tender, str) and isinstance(organisation, int)):
        return None
    found = db.session.scalars(sa.select(bids.Bidding).where(bids.Bidding.tender == tender)).first()
    return bids.hearing.bidder(found, organisation) if found else None


def due(
    procedure: procedures.Procedure,
    name: str,
    scope: Mapping[str, Any],
    ask: Functions,
    now: datetime,
    *,
    stops: Sequence[deadlines.Suspension] = (),
) -> deadlines.Due | None:
    """When a named deadline ends, and why; None where its beginning is not known."""
    rule = procedure.deadlines.get(name)
    start = read(rule.start, scope, ask) if rule else None
    if rule is None or not isinstance(start, date):
        return None
    profile: Mapping[str, Any] = scope.get("profile") or {}
    settled = rule.settle(
        read(rule.length, scope, ask),
        extension=read(rule.extension, scope, ask),
        unit=read(rule.unit, scope, ask),
        cited=str((profile.get("sources") or {}).get(rule.source, "")),
    )
    return deadlines.compute(
        settled,
        start,
        profile_version=str(profile.get("version", "")),
        suspensions=stops,
        extension=int(settled.extension),
        today=clock.local(now).date(),
    )


def read(text: Any, scope: Mapping[str, Any], ask: Functions) -> Any:
    """A value of procedure.yaml, which must be there: as written, or by its expression."""
    if isinstance(text, str) and text.startswith("="):
        return feel.compile(text).require(scope, ask)
    return text


def _ends(
    procedure: procedures.Procedure, ask: Functions, now: datetime, scope: Mapping[str, Any], name: str
) -> datetime | None:
    """On an application: null while what it depends on is not answered."""
    try:
        found = due(procedure, name, scope, ask, now)
    except feel.FeelError:
        return None
    return found.at if found else None


def _agreement(scope: Mapping[str, Any], ground: Any) -> dict[str, Any]:
    return profiles.agreement_facts(scope["profile"], scope["project"], str(ground))


def _rooms(scope: Mapping[str, Any], project: Any = None) -> dict[str, Any]:
    return profiles.rooms_facts(scope["profile"], project or scope["project"])


def _rooms_judged(scope: Mapping[str, Any], rows: Any) -> dict[str, Any] | None:
    """The rooms of a list against what the project needs; null where there is no list."""
    if not isinstance(rows, list):
        return None
    return profiles.rooms_judged(scope["profile"], scope["project"], rows)


def _tender_method(scope: Mapping[str, Any]) -> str | None:
    return profiles.mildest_method(scope["profile"], scope["project"])


def _dated(_scope: Mapping[str, Any], value: Any) -> str | None:
    return blanks.day(value, "zh") if isinstance(value, date) else None


def _yuan(_scope: Mapping[str, Any], value: Any) -> str | None:
    return blanks.yuan(value) if isinstance(value, int | Decimal) else None


def _permit(scope: Mapping[str, Any], permit_no: Any) -> list[dict[str, Any]]:
    """The other projects on the register under this planning permit."""
    own = (scope.get("project") or {}).get("id")
    found = places.with_permit(str(permit_no or ""))
    return [{"id": one.id, "code": one.code, "name": one.name} for one in found if one.id != own]


def _project_rooms(scope: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rooms on the register of this project, as they are now."""
    project = (scope.get("project") or {}).get("id")
    return places.room_facts(int(project)) if project else []


def _project_facilities(scope: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The facilities on the register of this project, as they are now."""
    project = (scope.get("project") or {}).get("id")
    return places.facility_facts(int(project)) if project else []


def _project_facility(scope: Mapping[str, Any], code: Any) -> dict[str, Any] | None:
    """The facility of this project with this code, as it is now."""
    project = (scope.get("project") or {}).get("id")
    return places.facility_fact(int(project), str(code).strip()) if project and code else None
