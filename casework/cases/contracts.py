"""What a contract leaves in the registers: who serves a project and until when, and leads about no basis."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from casework import journal, places, violations
from casework.cases.turn import Turn
from casework.errors import NotYet
from casework.people import Post
from casework.places import Project
from casework.words import _


def _project(turn: Turn) -> Project:
    if turn.case.project is None:
        raise NotYet(_("本案没有对应的项目。"))
    return turn.case.project


def _by(turn: Turn) -> Post:
    if turn.by is None:
        raise NotYet(_("该步骤须由工作人员办理。"))
    return turn.by


def _entrust(turn: Turn, arguments: Mapping[str, Any], variables: Mapping[str, Any]) -> None:
    """`entrust` (inputs enterprise, null for nobody; number, starts_on, ends_on): who serves the project."""
    project, by = _project(turn), _by(turn)
    term = {name: arguments.get(name) for name in ("number", "starts_on", "ends_on")}
    enterprise = int(arguments["enterprise"]) if arguments["enterprise"] is not None else None
    contract = {**term, "case": turn.case.number} if enterprise is not None else None
    places.entrust(project, enterprise, by=by, contract=contract)
    detail = {"enterprise": enterprise, "project": project.id, **term}
    journal.write(turn.case, "entrusted", at=turn.now, by=by, detail=detail)


def _record_violation(turn: Turn, arguments: Mapping[str, Any], variables: Mapping[str, Any]) -> None:
    """`record violation` (header kind; source, facts, enterprise, on): a lead for the bureau to verify."""
    project = _project(turn)
    signed_on = arguments.get("on")
    lead = violations.record(
        violations.Violation(
            kind=str(arguments["kind"]),
            source=str(arguments["source"]),
            project_id=project.id,
            developer_id=project.developer_id,
            case_id=turn.case.id,
            case_number=turn.case.number,
            enterprise=str(arguments.get("enterprise") or ""),
            signed_on=signed_on if isinstance(signed_on, date) else None,
            facts=str(arguments.get("facts") or ""),
            recorded_at=turn.now,
        )
    )
    journal.write(
        turn.case, "violation", at=turn.now, by=turn.by, detail={"violation": lead.id, "kind": lead.kind}
    )


def _settle_violation(turn: Turn, arguments: Mapping[str, Any], variables: Mapping[str, Any]) -> None:
    """`settle violation` (header outcome, input reason): what the bureau found of the lead."""
    outcome, reason = str(arguments["outcome"]), str(arguments.get("reason") or "")
    found = violations.settle(turn.case.id, outcome, reason, by=_by(turn), now=turn.now)
    detail = {"violation": found.violation_id, "outcome": outcome}
    journal.write(turn.case, "violation settled", at=turn.now, by=turn.by, detail=detail)


EFFECTS = {
    "entrust": _entrust,
    "record violation": _record_violation,
    "settle violation": _settle_violation,
}
