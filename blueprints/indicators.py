"""Rates with their goals, what is overdue and who holds it, for those who watch over others."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, g, render_template, request

from casework import clock
from casework.cases import indicators
from casework.rules import admits, watch

bp = Blueprint("indicators", __name__)

#: The first year that may be asked for.
FIRST = 2020


@bp.get("/indicators")
@admits(watch)
def index() -> Any:
    """One year of every procedure that is watched."""
    now, this = clock.now(), clock.today().year
    asked = request.args.get("year", this, type=int)
    year = asked if FIRST <= asked <= this else this
    return render_template(
        "registers/indicators.html",
        found=indicators.watched(
            g.post, since=date(year, 1, 1), until=date(year + 1, 1, 1), now=now, lang=g.lang
        ),
        year=year,
        years=range(this, max(FIRST, this - 5) - 1, -1),
        most=indicators.LISTED,
    )
