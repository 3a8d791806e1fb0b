"""Publishes a case as data, after the commit of each act: what its procedure's ocds.yaml says of it now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import current_app

from casework import notices, outbox, papers, releases
from casework.cases import asking
from casework.cases.announced import names
from casework.cases.context import context
from casework.cases.model import Case
from casework.cases.turn import Turn
from casework.db import db
from casework.papers import codes
from casework.people import Organisation
from casework.procedures.publishing import Publishing
from casework.words import say_in

#: 统一社会信用代码 in the register of organisation lists (org-id.guide), which the standard asks for.
SCHEME = "CN-USCI"


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
    told = {"documents": documents(case), "related": related(case)}
    told |= {"notices": announced(case), "processes": processes(case)}
    scope = {**context(turn, case.variables or {}), **told}
    functions: asking.Functions = turn.functions | _Named().functions()
    if publishing.continues is not None:
        return _continued(publishing, scope, functions, now)
    before = releases.last([case.id])
    found = publishing.release({**scope, "published": before[0].body if before else None}, functions)
    if found is None:
        return None
    tag, body = found
    return releases.publish(case.id, ocid(case), tag, body, now=now)


def _continued(
    publishing: Publishing, scope: Mapping[str, Any], functions: asking.Functions, now: datetime
) -> releases.Release | None:
    """What was said last of the process that the case ends, with the parts it says anew."""
    assert publishing.continues is not None  # noqa: S101  the caller asked
    process = publishing.continues.evaluate(scope, functions)
    known = [one["ocid"] for one in scope["processes"]]
    if process not in known:
        return None
    last = releases.of(process)[-1]
    found = publishing.release({**scope, "published": last.body}, functions)
    if found is None:
        return None
    tag, body = found
    return releases.publish(last.case_id, last.ocid, tag, {**last.body, **body}, now=now)


def ocid(case: Case) -> str:
    """The open contracting id: the office's prefix, the project and the case."""
    project = (case.facts.get("project") or {}).get("code", "")
    return "-".join(part for part in (current_app.config["OCDS_PREFIX"], project, case.number) if part)


def documents(case: Case) -> list[dict[str, Any]]:
    """The issued papers of the case, by code, with the public page that proves them.

    One that no longer stands stays and says so: what was published is never taken out of a record.
    """
    return _shown(papers.of(case.id))


def related(case: Case) -> list[dict[str, Any]]:
    """The papers of the cases that concern this one (a complaint, the contract), in the same way."""
    those = db.session.scalars(sa.select(Case.id).where(Case.parent_id == case.id).order_by(Case.id))
    return [one for case_id in those for one in _shown(papers.of(case_id))]


def _shown(issued: Sequence[papers.Paper]) -> list[dict[str, Any]]:
    base = str(current_app.config["PUBLIC_URL"]).rstrip("/")
    return [
        {"id": str(paper.id), "code": paper.code, "title": _titled(paper), "on": paper.issued_at,
         "state": paper.state, "url": f"{base}/verify/{codes.shown(paper.verification)}"}
        for paper in issued
    ]  # fmt: skip


def announced(case: Case) -> list[dict[str, Any]]:
    """What was put on the public board, by its name in the folder; its page goes when it comes down."""
    base = str(current_app.config["PUBLIC_URL"]).rstrip("/")
    named = names([case.id])
    return [
        {"id": f"notice-{one.id}", "name": named.get(one.id), "title": one.title, "on": one.published_at,
         "url": f"{base}/notices/{one.id}"}
        for one in notices.of(case.id)
    ]  # fmt: skip


def _titled(paper: papers.Paper) -> str:
    """Its title, and that it no longer stands."""
    if paper.state == "genuine":
        return paper.title
    return f"{paper.title}（{say_in('zh', papers.STATES[paper.state])}）"


def processes(case: Case) -> list[dict[str, Any]]:
    """What was published before of the same project, as it stands: how it ended, all that was said."""
    if case.project_id is None:
        return []
    query = sa.select(Case.id, Case.number).where(Case.project_id == case.project_id, Case.id < case.id)
    numbers = dict(iter(db.session.execute(query)))
    return [
        {
            "number": numbers[one.case_id],
            "ocid": one.ocid,
            "status": (one.body.get("tender") or {}).get("status"),
            "said": one.body,
        }
        for one in releases.last(list(numbers))
    ]


class _Named:
    """The organisations that a release names, each read once however often it is named."""

    def __init__(self) -> None:
        self.read: dict[int, Organisation | None] = {}

    def functions(self) -> asking.Functions:
        return {"party": self._party, "named": self._named}

    def _find(self, organisation: Any) -> Organisation | None:
        if not isinstance(organisation, int):
            return None
        if organisation not in self.read:
            self.read[organisation] = db.session.get(Organisation, organisation)
        return self.read[organisation]

    def _named(self, _scope: Mapping[str, Any], organisation: Any) -> dict[str, Any] | None:
        """An organisation as other parts of a release refer to it, by its credit code where it has one."""
        one = self._find(organisation)
        if one is None:
            return None
        return {"id": f"{SCHEME}-{one.code}" if one.code else f"TENDOVER-{one.id}", "name": one.name}

    def _party(self, scope: Mapping[str, Any], organisation: Any, roles: Any) -> dict[str, Any] | None:
        """An organisation among the parties of a release, with its English name where it has one."""
        one, reference = self._find(organisation), self._named(scope, organisation)
        if one is None or reference is None:
            return None
        identifier = {"scheme": SCHEME, "id": one.code, "legalName": one.name} if one.code else None
        return {**reference, "name_en": one.name_en or None, "identifier": identifier, "roles": roles}
