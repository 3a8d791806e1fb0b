"""The rooms, facilities and records that the demo district already has on its registers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from casework import clock, places
from casework.db import db
from casework.people import Post
from casework.places import Project


def enter(given: Mapping[str, Any], by: Post) -> None:
    """Put them on the registers, all rows of a register at once; the caller commits."""
    source = places.Source(by, "启用前的台帐")
    found = sa.select(Project).where(Project.code.in_(given["projects"]))
    projects = {one.code: one for one in db.session.scalars(found)}
    rooms = [_room(room, projects[code]) for code, has in given["projects"].items() for room in has["rooms"]]
    places.add_parts("room", rooms, source)
    kinds = given["facilities"]
    rows = [
        (project, name, row)
        for code, has in given["projects"].items()
        for project in (projects[code],)
        for name in has["facilities"]
        for row in kinds[name]["rows"]
    ]
    facilities = [_facility(row, project) for project, _name, row in rows]
    ids = places.add_parts("facility", facilities, source)
    records = [
        {**_record(record), "project_id": project.id, "facility_id": facility_id}
        for facility_id, (project, name, _row) in zip(ids, rows, strict=True)
        for record in kinds[name].get("records", ())
    ]
    places.add_parts("record", records, source)
    places.reckon_due(row["facility_id"] for row in records)
    for one in given["contracts"]:
        project, today = projects[one["project"]], clock.today()
        term = {"starts_on": today - timedelta(days=one["ago"]), "ends_on": today + timedelta(days=one["in"])}
        places.entrust(project, project.enterprise_id, by=by, contract={"number": one["number"], **term})


def _room(given: Mapping[str, Any], project: Project) -> dict[str, Any]:
    own = {name: value for name, value in given.items() if name in places.KEPT["room"]}
    by = project.community_id if given["kind"] == "community" else project.enterprise_id
    held = by if given.get("held", True) else None
    return {
        "owner": "owners",
        "above_ground": True,
        "water": True,
        "power": True,
        **own,
        "project_id": project.id,
        "area": Decimal(str(given["area"])),
        "height": Decimal(str(given["height"])) if "height" in given else None,
        "mode_until": _day(given),
        "held_by": held,
        "held_since": date(2024, 6, 28) if held is not None else None,
    }


def _facility(given: Mapping[str, Any], project: Project) -> dict[str, Any]:
    return {"owner": "owners", **given, "project_id": project.id, "quantity": Decimal(str(given["quantity"]))}


def _record(given: Mapping[str, Any]) -> dict[str, Any]:
    own = {name: value for name, value in given.items() if name in places.KEPT["record"]}
    due = clock.today() + timedelta(days=given["in"]) if "in" in given else None
    return {**own, "on": clock.today() - timedelta(days=given["ago"]), "next_due": due}


def _day(given: Mapping[str, Any]) -> date | None:
    if "in" in given:
        return clock.today() + timedelta(days=given["in"])
    return clock.today() - timedelta(days=given["ago"]) if "ago" in given else None
