"""What a decision writes into the register of places: the project, and the area it was given."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from casework import clock, journal, places
from casework.cases.context import answers
from casework.cases.model import Step
from casework.cases.turn import Facts, Turn, Verb
from casework.db import db
from casework.errors import NotYet, Refused
from casework.people import Post

#: What an application may say of a project under the register's own names.
ASKED = (
    *("name", "name_en", "address", "building_type", "buildings", "households", "property_class"),
    *("sale_mode", "delivery_planned", "permit_no", "gfa_total", "gfa_above", "gfa_residential"),
    *("gfa_nonresidential", "state_share"),
)
WHOLE = frozenset({"buildings", "households"})
TEXTS = frozenset({"name_en", "sale_mode", "permit_no", "building_type"})


def _register_project(turn: Turn, arguments: Mapping[str, Any], variables: Mapping[str, Any]) -> Facts:
    """`register project` (inputs street, community, developer, project; header keeps=land_area,far).

    The newest answers become the project's entry: a new one, or that of the input `project`. What `keeps`
    lists stays with it as further facts. From now on the case is about this project.
    """
    said = {**answers(turn.case), **turn.answers}
    given: dict[str, Any] = {key: _told(key, said.get(key)) for key in ASKED if key in said}
    given |= {f"{name}_id": _row(arguments.get(name)) for name in ("developer", "street", "community")}
    kept = [name.strip() for name in str(arguments.get("keeps", "")).split(",") if name.strip()]
    given["facts"] = {name: said[name] for name in kept if said.get(name) is not None}
    by, known = _clerk(turn), _row(arguments.get("project"))
    reason = f"{turn.procedure.title}（{turn.case.number}）"
    if known is None:
        project = places.register(given, by=by, reason=reason)
    else:
        project = places.amend(places.find(known, by=by), given, by=by, reason=reason)
    turn.case.project_id = project.id
    detail = {"project": project.id, "code": project.code, "title": project.name, "number": project.code}
    journal.write(turn.case, "registered", at=turn.now, by=turn.by, detail=detail)
    return _known(turn, project)


def _record_area(turn: Turn, arguments: Mapping[str, Any], variables: Mapping[str, Any]) -> Facts:
    """`record area` (inputs east, south, west, north, land_area, number, decided_on, together, rest).

    The decided area is the project's next version, and that of the projects it is merged with (input
    `together`: a list of their ids). Where it is parted from those it shares an area with, the input `rest`
    says what is left to them: the bounds and land_area.
    """
    if turn.case.project_id is None:
        raise NotYet
    by, today = _clerk(turn), clock.local(turn.now).date()
    project = places.find(turn.case.project_id, by=by)
    given: dict[str, Any] = {name: str(arguments.get(name) or "").strip() for name in places.BOUNDS}
    given |= {name: arguments.get(name) for name in ("land_area", "number")}
    given["decided_on"] = arguments.get("decided_on") or today
    given["valid_from"] = arguments.get("valid_from") or given["decided_on"]
    others = [places.find(i, by=by) for each in arguments.get("together") or () if (i := _row(each))]
    left = arguments.get("rest")
    rest = {**{name: str(left.get(name) or "").strip() for name in places.BOUNDS},
            "land_area": left.get("land_area")} if isinstance(left, Mapping) else None  # fmt: skip
    written = places.record_area(project, given, by=by, together=others, rest=rest, case_id=turn.case.id)
    area, *shared = map(_version, written)
    detail = {**area, "number": written[0].number, "together": written[0].together, "shared": shared}
    journal.write(turn.case, "area", at=turn.now, by=turn.by, detail=detail)
    return _known(turn, project)


def _version(area: places.Area) -> dict[str, Any]:
    """What the record says of a version, so that a change of it in the database is noticed."""
    one, version = area.project_id, area.version
    return {"project": one, "version": version, "bounds": places.bounds(one, version)}


def _known(turn: Turn, project: places.Project) -> Facts:
    """The case keeps the project as it is now, like one that began with it."""
    found = places.facts(project, clock.local(turn.now).date())
    turn.case.facts = {**turn.case.facts, "project": found}
    return {"project": found}


def _clerk(turn: Turn) -> Post:
    """Who answers for the entry: whoever acts now, or the clerk who decided when it is tried again."""
    if turn.by is not None and places.may.clerk(turn.by):
        return turn.by
    done = sa.select(Step).where(Step.case_id == turn.case.id, Step.status == "done")
    for step in db.session.scalars(done.order_by(Step.done_at.desc(), Step.id.desc())):
        if step.done_post is not None and places.may.clerk(step.done_post):
            return step.done_post
    raise Refused(places.may.clerk.says)


def _told(key: str, value: Any) -> Any:
    """An answer as the register keeps it."""
    if value is None:
        return "" if key in TEXTS else None
    return int(value) if key in WHOLE else value


def _row(value: Any) -> int | None:
    """The id of a row as an expression gives it; 0 and null are none."""
    return int(value) if isinstance(value, int | Decimal) and value else None


EFFECTS: dict[str, Verb] = {"register project": _register_project, "record area": _record_area}
