"""The registers of what has been concluded and issued: service contracts and papers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Blueprint, g, render_template, request

from blueprints.hall.counter import wanted
from blueprints.hall.downloads import spreadsheet
from casework import clock, places, rules
from casework.cases import filed
from casework.db import row
from casework.papers import STATES
from casework.places import listing, tables
from casework.rules import admits

bp = Blueprint("filed", __name__, url_prefix="/registers")


@bp.get("/contracts")
@admits(places.may.registers)
def contracts() -> Any:
    """Contracts in force, those that end first at the head; or those that have ended."""
    asked = wanted()
    found, onward = listing.contract_page(g.post, asked)
    return render_template(
        "holdings/contracts.html",
        found=found,
        more=onward,
        asked=asked,
        today=clock.today(),
        soon=listing.SOON_CONTRACT,
    )


@bp.get("/contracts.xlsx")
@admits(places.may.registers)
def contracts_book() -> Any:
    """The same as a workbook."""
    every = listing.every(listing.contract_page, g.post, wanted())
    return spreadsheet(tables.CONTRACTS, (_contract(one) for one in every))


def _contract(one: places.ServiceContract) -> list[Any]:
    says = {
        "project": one.project.code,
        "project_name": one.project.name,
        "enterprise": one.enterprise.name,
    }
    names = (column.name for column in tables.CONTRACTS.columns)
    return [says[name] if name in says else getattr(one, name) for name in names]


@bp.get("/papers")
@admits(rules.staff)
def papers() -> Any:
    """Every issued paper of the cases this post may see."""
    words, state = _sought()
    before = request.args.get("before", 0, type=row)
    found, onward = filed.papers(g.post, words=words, state=state, before=before)
    return render_template(
        "holdings/papers.html",
        found=found,
        more=onward,
        words=words,
        state=state,
        states=STATES,
        before=before,
    )


@bp.get("/papers.xlsx")
@admits(rules.staff)
def papers_book() -> Any:
    """The same as a workbook."""
    words, state = _sought()
    return spreadsheet(filed.PAPERS, _papers(filed.every(g.post, words=words, state=state)))


def _sought() -> tuple[str, str]:
    """The words and the state that papers are searched by."""
    return request.args.get("q", "").strip()[:60], request.args.get("state", "")[:20]


def _papers(every: Iterator[filed.Filed]) -> Iterator[list[Any]]:
    for one in every:
        paper = one.paper
        day = clock.local(paper.issued_at).date()
        yield [paper.number, paper.title, day, one.number, one.title, paper.state, paper.verification]
