"""What an expression may ask the office: on an application, before there is a case, and on every step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from casework import clock, places, profiles, standing

Functions = dict[str, Callable[..., Any]]


def functions(now: datetime) -> Functions:
    """The functions that need no case; a step adds `deadline` (casework/cases/turn.py)."""
    today = clock.local(now).date()

    def standing_of(_scope: Mapping[str, Any], organisation: Any) -> dict[str, Any] | None:
        return standing.facts(organisation, today) if isinstance(organisation, int) else None

    def eligible(_scope: Mapping[str, Any], organisation: Any, tenderer: Any) -> dict[str, Any] | None:
        if not (isinstance(organisation, int) and isinstance(tenderer, int)):
            return None
        return standing.eligible_facts(organisation, tenderer, today)

    return {
        "standing": standing_of,
        "eligible": eligible,
        "today": lambda _scope: today,
        "now": lambda _scope: now,
        "agreement": _agreement,
        "rooms": _rooms,
        "tender_method": _tender_method,
        "permit": _permit,
    }


def _agreement(scope: Mapping[str, Any], ground: Any) -> dict[str, Any]:
    return profiles.agreement_facts(scope["profile"], scope["project"], str(ground))


def _rooms(scope: Mapping[str, Any], project: Any = None) -> dict[str, Any]:
    return profiles.rooms_facts(scope["profile"], project or scope["project"])


def _tender_method(scope: Mapping[str, Any]) -> str | None:
    return profiles.mildest_method(scope["profile"], scope["project"])


def _permit(scope: Mapping[str, Any], permit_no: Any) -> list[dict[str, Any]]:
    """The other projects on the register under this planning permit."""
    own = (scope.get("project") or {}).get("id")
    found = places.with_permit(str(permit_no or ""))
    return [{"id": one.id, "code": one.code, "name": one.name} for one in found if one.id != own]
