"""The register of leads: enterprises selected without tender or approval, and what the bureau found."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, render_template, request

from casework import violations
from casework.db import row
from casework.rules import admits

bp = Blueprint("violations", __name__)

PAGE = 30


@bp.get("/violations")
@admits(violations.read)
def index() -> Any:
    """Every lead of the territory, the newest first."""
    before = request.args.get("before", None, type=row)
    found = violations.search(g.post, before=before, limit=PAGE + 1)
    return render_template(
        "registers/violations.html",
        found=found[:PAGE],
        more=found[PAGE - 1].id if len(found) > PAGE else None,
        before=before,
        kinds=violations.KINDS,
        sources=violations.SOURCES,
    )
