"""The dossier of a project: on one page, and as a Word file."""

from __future__ import annotations

import hashlib
from typing import Any

from flask import Blueprint, Response, g, render_template

from casework import clock, files, notices, places, profiles
from casework.cases import dossier, dossier_word
from casework.profiles import rooms
from casework.rules import admits, anyone, signed_in
from casework.words import say

bp = Blueprint("dossiers", __name__)


@bp.get("/projects/<int:project_id>/dossier")
@admits(anyone)
def page(project_id: int) -> Any:
    """Everything about one project that this visitor may see."""
    one, now = places.find_public(project_id, by=g.post), clock.now()
    need = _need(one)
    return render_template(
        "dossiers/page.html",
        one=one,
        dossier=dossier.of(one, by=g.post, now=now),
        whole=places.may.see_all(g.post, one),
        area=places.current(one.id, clock.today()),
        contract=(one.facts or {}).get("service_contract"),
        need=need,
        required=rooms.metres(need.least),
        states=dossier.STATES,
        kept=dossier.KEPT,
        room_kinds=places.ROOM_KINDS,
        room_modes=places.MODES,
        room_states=places.ROOM_STATES,
        today=clock.today(),
        hangs=notices.hangs,
    )


def _need(one: places.Project) -> rooms.Requirement:
    """The rooms that the place requires of the project today."""
    return rooms.required(profiles.here(clock.today()), places.sizes(one))


@bp.get("/projects/<int:project_id>/dossier.docx")
@admits(signed_in)
def word(project_id: int) -> Any:
    """The same as a Word file, for whoever may read all of the project."""
    one, now = places.find(project_id, by=g.post), clock.now()
    found = dossier.of(one, by=g.post, now=now)
    made = dossier_word.word(found, need=_need(one), by=g.post, now=now)
    name = f"{say('项目档案')} {one.code} {one.name}.docx"
    sheet = files.File(sha256=hashlib.sha256(made).hexdigest(), name=name, kind="docx", size=len(made))
    return Response(made, headers=dict(files.headers(sheet)))
