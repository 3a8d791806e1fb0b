"""Publishes a case as data, after the commit of each act: what its procedure's ocds.yaml says of it now."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import current_app

from casework import outbox, papers, releases
from casework.cases.context import context
from casework.cases.model import Case
from casework.cases.turn import Turn
from casework.db import db
from casework.papers import codes


def promise(turn: Turn) -> None:
    """Look again after the commit whether there is something new to publish."""
    if turn.procedure.publishing is not None:
        outbox.put("release", {"case": turn.case.id}, due=turn.now, case_id=turn.case.id)


def release(case_id: int, now: datetime) -> releases.Release | None:
    """The next release of the case; None where nothing is public, or nothing new."""
    case = db.session.get_one(Case, case_id)
    publishing = case.procedure.publishing
    if publishing is None:
        return None
    turn = Turn(case, None, now)
    told = {"documents": documents(case), "processes": processes(case)}
    scope = {**context(turn, case.variables or {}), **told}
    found = publishing.release(scope, turn.functions)
    if found is None:
        return None
    tag, body = found
    return releases.publish(case.id, ocid(case), tag, body, now=now)


def ocid(case: Case) -> str:
    """The open contracting id: the office's prefix, the project and the case."""
    project = (case.facts.get("project") or {}).get("code", "")
    return "-".join(part for part in (current_app.config["OCDS_PREFIX"], project, case.number) if part)


def documents(case: Case) -> list[dict[str, Any]]:
    """The issued papers of the case that stand, by code, with the public page that proves them."""
    base = str(current_app.config["PUBLIC_URL"]).rstrip("/")
    return [
        {"id": str(paper.id), "code": paper.code, "title": paper.title, "on": paper.issued_at,
         "url": f"{base}/verify/{codes.shown(paper.verification)}"}
        for paper in papers.of(case.id)
        if paper.state == "genuine"
    ]  # fmt: skip


def processes(case: Case) -> list[dict[str, Any]]:
    """What was published before of the same project, as it stands: number, ocid and how the tender ended."""
    if case.project_id is None:
        return []
    query = sa.select(Case.id, Case.number).where(Case.project_id == case.project_id, Case.id < case.id)
    numbers = dict(iter(db.session.execute(query)))
    return [
        {
            "number": numbers[one.case_id],
            "ocid": one.ocid,
            "status": (one.body.get("tender") or {}).get("status"),
        }
        for one in releases.last(list(numbers))
    ]
