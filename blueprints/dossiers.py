"""The dossier of a project: on one page, and as a Word file."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, g, render_template

from casework import clock, notices, places, profiles
from casework.cases import dossier
from casework.profiles import rooms
from casework.rules import admits, anyone
from casework.words import Words, _

bp = Blueprint("dossiers", __name__)

#: What a stage of the line is called that stands so.
STATES: dict[str, Words] = {
    "done": _("已完成"),
    "open": _("办理中"),
    "late": _("逾期"),
    "none": _("未开始"),
    "unknown": _("尚未完成"),
}
#: How a deadline ended.
KEPT: dict[str, Words] = {
    "kept": _("按期"),
    "missed": _("逾期办理"),
    "over": _("已不须办理"),
}


@bp.get("/projects/<int:project_id>/dossier")
@admits(anyone)
def page(project_id: int) -> Any:
    """Everything about one project that this visitor may see."""
    one, now = places.find_public(project_id, by=g.post), clock.now()
    profile = profiles.of(current_app.config["PLACE"], clock.today())
    need = rooms.required(profile, places.facts(one))
    return render_template(
        "dossiers/page.html",
        one=one,
        dossier=dossier.of(one, by=g.post, now=now),
        whole=places.may.see_all(g.post, one),
        area=places.current(one.id, clock.today()),
        contract=(one.facts or {}).get("service_contract"),
        need=need,
        required=rooms.metres(need.total),
        states=STATES,
        kept=KEPT,
        today=clock.today(),
        hangs=notices.hangs,
    )
