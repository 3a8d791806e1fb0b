"""Where anybody can see how the experts of a tender were drawn, and draw again; nobody is named.

Of a tender by invitation those see it who may read the tender: others are told only that it is held.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, Response, g, render_template

from casework import cases, committee, draw_verify
from casework.cases import privy
from casework.db import db
from casework.errors import Unknown
from casework.rules import admits, anyone

bp = Blueprint("draws", __name__, url_prefix="/draws")


def _of(number: str) -> tuple[cases.Case, list[committee.Draw]]:
    """The draws of a case; a case without one is as if it were not there."""
    case = db.session.scalars(sa.select(cases.Case).where(cases.Case.number == number)).first()
    found = committee.draw.draws(case.id) if case else []
    if case is None or not found or not privy.about(case, g.get("post")):
        raise Unknown
    return case, found


@bp.get("/<number>")
@admits(anyone)
def page(number: str) -> Any:
    """Pool, exclusions, commitments, secrets, seed and result of each draw, by labels.

    Of one that is not over: the hash of its pool and the commitments, so that nobody can say they came later.
    """
    case, found = _of(number)
    return render_template(
        "board/draws.html",
        case=case,
        draws=found,
        reasons=committee.ties.REASONS,
        specialities=committee.SPECIALITIES,
    )


@bp.get("/<number>/<int:draw>.json")
@admits(anyone)
def record(number: str, draw: int) -> Response:
    """One draw as the file that the script reads."""
    case, found = _of(number)
    one = next((d for d in found if d.number == draw and d.state != "fixed"), None)
    if one is None:
        raise Unknown
    text = committee.draw.published(one, case.number, case.procedure.texts)
    return _file(text, f"draw-{case.number}-{draw}.json", "application/json")


@bp.get("/draw_verify.py")
@admits(anyone)
def script() -> Response:
    """The script that draws again; it needs nothing but Python."""
    return _file(Path(draw_verify.__file__).read_text("utf-8"), "draw_verify.py", "text/x-python")


def _file(text: str, name: str, kind: str) -> Response:
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'",
    }
    return Response(text, mimetype=kind, headers=headers)
