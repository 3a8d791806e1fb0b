"""What a case writes into the registers of rooms and facilities, and who holds the rooms from then on."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from casework import clock, journal, places, signoffs
from casework.cases.model import Step
from casework.cases.turn import Facts, Turn, Verb
from casework.db import db
from casework.errors import NotYet
from casework.people import Organisation, Post
from casework.places import Facility, Room
from casework.words import _, say

#: 1 幢 1 层 101 室: what comes before 幢, before 层, and the rest.
_PLACE = re.compile(r"([^幢栋楼层]*(?:幢|栋|号楼))?\s*([^层]*层)?\s*(.*)", re.DOTALL)
#: Building, floor and door, and how much each holds.
_PARTS = {"building": 30, "floor": 20, "door": 60}
_STATES = {"bad": "repair", "fix": "repair"}
#: What a handed-over row may say anew of a room.
TAKEN = frozenset(places.KEPT["room"]) - {"code", "held_by", "held_since", "handed_over_in"}
#: What a check or a handover may say anew of a facility.
FOUND = ("state", "quantity", "location")
WORDS = {"kind": places.ROOM_KINDS, "owner": places.OWNERS, "mode": places.MODES, "state": places.ROOM_STATES}


def _register_parts(turn: Turn, arguments: Mapping[str, Any], variables: Mapping[str, Any]) -> Facts:
    """`register parts` (header rooms=classes): the stamped items are entered for the project.

    Items of the classes named in `rooms` become rooms, the others facilities. What was not built is not
    entered; what stands there under the same code gets another version.
    """
    classes = {name.strip() for name in str(arguments.get("rooms", "")).split(",")}
    rows = [row for row in signoffs.rows(turn.case.id) if row.get("state") != "missing" and row.get("built")]
    ours = [_room(row) for row in rows if row.get("class") in classes]
    others = [_facility(row) for row in rows if row.get("class") not in classes]
    project, source = _project(turn), _source(turn)
    places.hold([project.id])
    entered = _enter("room", Room, project.id, ours, source) + _enter(
        "facility", Facility, project.id, others, source
    )
    count = {"rooms": len(ours), "facilities": len(others), "entered": entered}
    detail = {"project": project.id, "title": project.name, **count}
    journal.write(turn.case, "parts registered", at=turn.now, by=turn.by, detail=detail)
    return {"parts_registered": count}


def _room(row: Mapping[str, Any]) -> dict[str, Any]:
    kinds = [row.get(name) for name in ("kind", "class") if row.get(name) in places.ROOM_KINDS]
    found = _PLACE.fullmatch(str(row.get("location") or "").strip())
    where = zip(_PARTS.items(), found.groups() if found else (), strict=False)
    return {
        "code": _code(row),
        "kind": kinds[0] if kinds else "office",
        "name": str(row["name"])[:60],
        **{name: (text or "").strip()[:longest] for (name, longest), text in where},
        "area": row["built"],
        "certificate_no": str(row.get("title_paper") or "")[:60],
        "owner": row.get("owner") or "",
        "use": str(row.get("use") or "")[:60],
    }


def _facility(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "code": _code(row),
        "kind": row["kind"] if row.get("kind") in places.FACILITY_KINDS else "other",
        "name": str(row["name"])[:60],
        "location": str(row.get("location") or "")[:100],
        "quantity": row["built"],
        "unit": str(row.get("unit") or "")[:10],
        "owner": row.get("owner") or "",
        "state": _STATES.get(str(row.get("state")), "use"),
    }


def _code(row: Mapping[str, Any]) -> str:
    """Its number; of two items that bear the same one the second is told apart, as in the matrix."""
    return str(row["key"]).replace(" #", "-")[-20:]


def _enter(register: str, model: Any, project_id: int, rows: Sequence[dict[str, Any]], source: Any) -> int:
    """Enter rows under their codes, new or as another version; how many there were."""
    known = places.find_parts(model, project_id, [row["code"] for row in rows])
    new = [{**row, "project_id": project_id} for row in rows if row["code"] not in known]
    places.add_parts(register, new, source)
    places.change_parts([(known[row["code"]], row) for row in rows if row["code"] in known], source)
    return len(rows)


def _hand_over_rooms(turn: Turn, arguments: Mapping[str, Any], variables: Mapping[str, Any]) -> Facts:
    """`hand over rooms` (inputs rooms = rows with code and what has changed, to, since): who holds them now.

    A room that is not on the register yet is entered when its row names kind, name and area.
    """
    rows = [row for row in arguments.get("rooms") or () if isinstance(row, Mapping)]
    to = db.session.get(Organisation, int(arguments["to"])) if arguments.get("to") else None
    if to is None:
        raise NotYet(_("请写明用房移交给哪个单位。"))
    if not rows:
        raise NotYet(_("没有可移交的用房。"))
    project, source = _project(turn), _source(turn)
    places.hold([project.id])
    since = arguments.get("since") or clock.local(turn.now).date()
    held = {"held_by": to.id, "held_since": since, "handed_over_in": turn.case.number}
    _enter("room", Room, project.id, [{**_handed(row, project), **held} for row in rows], source)
    codes = [str(row["code"]) for row in rows]
    detail = {
        "project": project.id,
        "title": project.name,
        "rooms": codes,
        "to": to.id,
        "organisation": to.name,
    }
    journal.write(turn.case, "rooms handed over", at=turn.now, by=turn.by, detail=detail)
    return {"rooms_handed_over": codes}


def _handed(row: Mapping[str, Any], project: places.Project) -> dict[str, Any]:
    """What a row says of a room: only what is given, under the register's own names."""
    code = str(row.get("code") or "").strip()
    given = {name: row[name] for name in TAKEN if row.get(name) not in (None, "")}
    wrong = next((k for k, words in WORDS.items() if k in given and given[k] not in words), None)
    if wrong or not code:
        raise NotYet(say("用房“%(code)s”的登记内容不完整。", code=code))
    known = places.find_parts(Room, project.id, [code])
    if not known and not {"kind", "name", "area"} <= set(given):
        raise NotYet(say("项目%(name)s没有登记编号为“%(code)s”的用房。", name=project.name, code=code))
    return {"code": code, **given}


def _note_facilities(turn: Turn, arguments: Mapping[str, Any], variables: Mapping[str, Any]) -> Facts:
    """`note facilities` (input facilities = rows with code and what was found: state, quantity, location).

    What stands there gets another version; a code that is not on the register is refused.
    """
    rows = [row for row in arguments.get("facilities") or () if isinstance(row, Mapping)]
    if not rows:
        return {"facilities_noted": []}
    project, source = _project(turn), _source(turn)
    places.hold([project.id])
    known = places.find_parts(Facility, project.id, [str(row.get("code") or "") for row in rows])
    found = []
    for row in rows:
        code = str(row.get("code") or "")
        given = {name: row[name] for name in FOUND if row.get(name) not in (None, "")}
        if code not in known:
            raise NotYet(
                say("项目%(name)s没有登记编号为“%(code)s”的设施设备。", name=project.name, code=code)
            )
        if (state := given.get("state", "use")) not in places.STATES:
            raise NotYet(say("设施设备没有“%(state)s”这种状态。", state=state))
        found.append((known[code], given))
    places.change_parts(found, source)
    codes = [part.code for part, _given in found]
    detail = {"project": project.id, "title": project.name, "facilities": codes}
    journal.write(turn.case, "facilities noted", at=turn.now, by=turn.by, detail=detail)
    return {"facilities_noted": codes}


def _project(turn: Turn) -> places.Project:
    if turn.case.project is None:
        raise NotYet(_("本案没有对应的项目。"))
    return turn.case.project


def _source(turn: Turn) -> places.Source:
    """In the name of whoever acts, or acted last when the effect is tried again or time moved the case.

    The drawing has asked whoever had to be asked; no further rule is.
    """
    by: Post | None = turn.by
    if by is None:
        done = sa.select(Step).where(Step.case_id == turn.case.id, Step.done_post_id.is_not(None))
        last = db.session.scalars(done.order_by(Step.done_at.desc(), Step.id.desc()).limit(1)).first()
        by = last.done_post if last else None
    if by is None:
        raise NotYet(_("该步骤须由工作人员办理。"))
    return places.Source(by, f"{turn.procedure.title}（{turn.case.number}）", case_id=turn.case.id)


EFFECTS: dict[str, Verb] = {
    "register parts": _register_parts,
    "hand over rooms": _hand_over_rooms,
    "note facilities": _note_facilities,
}
