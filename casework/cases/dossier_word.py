"""The dossier of a project as a Word file, drawn up for one reader at one moment.

It is no paper of the office: it has no number and no fingerprint, says what this reader may see today, and
names him. So nothing is kept of it, and it is made when it is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from casework import clock, places, spoken
from casework.cases.dossier import KEPT, STATES, STATUSES, Dossier, Held
from casework.cases.model import Case
from casework.papers import printing
from casework.people import Organisation, Post, signature
from casework.profiles.rooms import Requirement, metres
from casework.words import say_in

TEMPLATE = Path(__file__).resolve().parents[2] / "workflows" / "shared" / "papers" / "dossier.docx"
NONE = "—"


def word(found: Dossier, *, need: Requirement, by: Post, now: datetime) -> bytes:
    """The file; Chinese, as every document of the office."""
    today = clock.local(now).date()
    return printing.extract(
        TEMPLATE.read_bytes(),
        {
            "project": _project(found.project, today),
            "made_on": today,
            "made_at": f"{_day(today)}{clock.local(now):%H:%M}",
            "reader": signature(by),
            "stages": [
                {
                    "label": s.label("zh"),
                    "state": say_in("zh", STATES[s.state]),
                    "on": _stage_day(s.on, s.state),
                }
                for s in found.stages
            ],
            "waiting": [_waiting(one) for one in found.waiting],
            "rooms": _rooms(found, need),
            "cases": [_case(found, case) for stage in found.stages for case in stage.cases],
            "notices": [
                {"title": n.title, "period": f"{_day(n.published_at)}起\n至{_day(n.until)}"}
                for n in found.notices
            ],
            "limits": [_limit(one) for one in (*found.waiting, *found.clocks, *found.past) if one.due],
            "leads": [
                {"facts": v.facts, "case": v.case_number, "outcome": say_in("zh", v.outcome)}
                for v in found.violations
            ],
        },
    )


def _project(one: places.Project, today: date) -> dict[str, Any]:
    contract, area = (one.facts or {}).get("service_contract"), places.current(one.id, today)
    return {
        "name": one.name,
        "code": one.code,
        "address": one.address,
        "developer": _name(one.developer),
        "enterprise": _name(one.enterprise),
        "street": one.street.name,
        "community": _name(one.community),
        "gfa_total": _area(one.gfa_total),
        "gfa_residential": _area(one.gfa_residential),
        "buildings": str(one.buildings or NONE),
        "households": str(one.households or NONE),
        "contract": _contract(contract),
        "area": f"{area.number}，{_day(area.decided_on)}核定，用地面积{_area(area.land_area)}"
        if area
        else NONE,
    }


def _contract(contract: Mapping[str, Any] | None) -> str:
    if not contract:
        return NONE
    return f"{contract['number']}，{_day(contract.get('starts_on'))}至{_day(contract.get('ends_on'))}"


def _name(one: Organisation | None) -> str:
    return one.name if one else NONE


def _area(value: Decimal | None) -> str:
    return NONE if value is None else f"{value:,.2f}平方米"


def _day(value: date | datetime | None) -> str:
    if value is None:
        return NONE
    one = clock.local(value).date() if isinstance(value, datetime) else value
    return f"{one.year}年{one.month}月{one.day}日"


def _stage_day(on: date | None, state: str) -> str:
    return f"{_day(on)}起" if on and state in {"open", "late"} else _day(on)


def _waiting(one: Held) -> dict[str, str]:
    return {
        "name": one.name,
        "holders": "、".join(each.name for each in one.holders),
        "since": _day(one.since),
        "due": _day(spoken.last_date(one.due)),
        "case": one.case.number,
    }


def _case(found: Dossier, case: Case) -> dict[str, str]:
    issued = [
        f"{p.title}{f'（{p.number}）' if p.number else ''}，{_day(p.issued_at)}"
        + ("" if p.state == "genuine" else f"，{say_in('zh', p.state_name)}")
        for p in reversed(found.papers)
        if p.case_id == case.id
    ]
    ended = _day(case.ended_at) if case.ended_at else ""
    return {
        "title": f"{case.title}\n{case.number}",
        "state": f"{_day(case.opened_at)}立案\n{ended}{say_in('zh', STATUSES[case.status])}",
        "papers": "\n".join(issued) or NONE,
    }


def _limit(one: Held) -> dict[str, str]:
    explained = one.explanation
    why = "".join(s["zh"] for s in (*explained["steps"], *explained["warnings"])) if explained else NONE
    name = f"{one.watches}：{one.name}" if one.watches else one.name
    words = KEPT.get(one.state) or STATES[one.state]
    return {
        "name": f"{name}\n{one.case.number}",
        "due": _day(spoken.last_date(one.due)),
        "state": say_in("zh", words),
        "why": why,
    }


def _rooms(found: Dossier, need: Requirement) -> dict[str, Any]:
    total = f"不少于{metres(need.least)}平方米" if need.parts else need.missing
    return {
        "required": total.rstrip("。"),
        "zh": "；".join(part.zh for part in need.parts) + ("。" if need.parts else ""),
        "basis": need.basis,
        "delivered": f"已登记物业管理用房{_area(found.registered)}，其中已移交{_area(found.delivered)}。",
        "list": [
            {
                "code": room.code,
                "kind": say_in("zh", places.ROOM_KINDS[room.kind]),
                "place": room.place or NONE,
                "area": f"{room.area:,.2f}",
                "held": f"{_name(room.holder)}，{_day(room.held_since)}起" if room.held_since else "未移交",
            }
            for room in found.rooms
            if room.state == "kept"
        ],
    }
