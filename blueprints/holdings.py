"""The registers of what projects have: rooms, facilities and equipment with their records."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for

from blueprints.hall.counter import refused, wanted
from blueprints.hall.downloads import spreadsheet
from casework import clock, places, profiles
from casework.cases import lists, watching
from casework.db import db, row
from casework.errors import NotYet, Unknown
from casework.people import Post
from casework.places import by_hand, history, listing, tables
from casework.places.listing import Wanted
from casework.places.questions import FacilityAnswers, RecordAnswers, RoomAnswers
from casework.profiles import rooms as required_rooms
from casework.rules import admits
from casework.words import say

bp = Blueprint("holdings", __name__, url_prefix="/registers")

#: The words that lists and pages choose from.
WORDS = {
    "room_kinds": places.ROOM_KINDS,
    "modes": places.MODES,
    "room_states": places.ROOM_STATES,
    "owners": places.OWNERS,
    "facility_kinds": places.FACILITY_KINDS,
    "states": places.STATES,
    "record_kinds": places.RECORD_KINDS,
    "results": places.RESULTS,
    "units": places.UNITS,
}


def _list(template: str, page: Any, **more: Any) -> Any:
    """A page of a register with its filters; the project it is about, if any."""
    asked = wanted()
    project = listing.find_project(asked.project, by=g.post) if asked.project is not None else None
    found, onward = page(g.post, asked)
    return render_template(
        template, found=found, more=onward, asked=asked, project=project, today=clock.today(), **WORDS, **more
    )


@bp.get("/rooms")
@admits(places.may.registers)
def rooms() -> Any:
    """Rooms by project, or those whose transitional use ends."""
    return _list("holdings/rooms.html", listing.room_page, may_import=tables.TABLES["room"].keeper(g.post))


@bp.get("/rooms/<int:room_id>")
@admits(places.may.registers)
def room(room_id: int) -> Any:
    """One room with every version."""
    one = listing.find_part(places.Room, room_id, by=g.post)
    ends = one.mode != "allotted" and one.state == "kept"
    case = watching.watching(one) if one.mode != "allotted" else None
    return render_template(
        "holdings/room.html",
        one=one,
        told=history.told(one),
        may_keep=(keeps := places.may.keep_rooms(g.post, one.project)),
        unwatched=watching.hindrance(one, clock.now()) if keeps and ends and case is None else "",
        watched=case if case and lists.open_to(g.post, case) else None,
        today=clock.today(),
        **WORDS,
    )


@bp.get("/rooms/required")
@admits(places.may.registers)
def required() -> Any:
    """What each project must have, has on the register, and has handed over."""
    asked = wanted()
    found, onward = listing.project_page(g.post, asked)
    return render_template(
        "holdings/required.html", found=_provided(found), more=onward, asked=asked, today=clock.today()
    )


def _provided(projects: Sequence[places.Project]) -> list[dict[str, Any]]:
    """The figures of these projects, in the columns of the workbook."""
    ids, none = [one.id for one in projects], Decimal(0)
    areas, ends = places.delivered(ids), places.ending(ids)
    profile = profiles.here(clock.today())
    found = []
    for one in projects:
        need = required_rooms.required(profile, places.sizes(one))
        must = None if need.missing else need.least
        has = areas.get(one.id, {"registered": none, "delivered": none, "community": none})
        short = None if must is None else max(must - has["registered"], none)
        figures = {"required": must, "short": short, "need": need, "ending": ends.get(one.id)}
        found.append({"one": one, "project": one.code, "project_name": one.name, **has, **figures})
    return found


@bp.get("/facilities")
@admits(places.may.registers)
def facilities() -> Any:
    """Facilities by project, or those with something due."""
    may_import = tables.TABLES["facility"].keeper(g.post)
    return _list("holdings/facilities.html", listing.facility_page, may_import=may_import)


def _add(register: str, template: str, answers: Any, listed: str) -> Any:
    """One entered by hand; then its page."""
    del answers.reason
    if request.method == "POST" and answers.validate():
        try:
            made = by_hand.enter(register, answers.project.data or "", answers.facts(), by=g.post)
        except by_hand.Misfit as error:
            refused(answers, error.column, error)
        else:
            db.session.commit()
            flash(say("已登记。"), "ok")
            return redirect(f"{url_for(listed)}/{made}")
    return render_template(template, form=answers, one=None), 422 if answers.wrong else 200


def _change(template: str, answers: Any, one: Any, shown: str) -> Any:
    """One changed by hand, with the reason; the former contents stay as a version."""
    del answers.project
    seen = request.form.get("version", one.version, type=row)
    if request.method == "POST" and answers.validate():
        try:
            by_hand.change(one, answers.facts(), answers.reason.data or "", by=g.post, seen=seen)
        except by_hand.Misfit as error:
            refused(answers, error.column, error)
        else:
            db.session.commit()
            flash(say("已变更，原内容保留在变更记录中。"), "ok")
            return redirect(shown)
    return render_template(template, form=answers, one=one, seen=seen), 422 if answers.wrong else 200


def _project_code() -> str:
    """The code of the project that the list was narrowed to."""
    asked = wanted()
    return listing.find_project(asked.project, by=g.post).code if asked.project is not None else ""


@bp.route("/rooms/add", methods=["GET", "POST"])
@admits(places.may.clerk)
def add_room() -> Any:
    """A room entered by hand."""
    given = {"project": _project_code(), "mode": "allotted", "state": "kept"}
    answers = RoomAnswers(request.form, data=given)
    return _add("room", "holdings/room_form.html", answers, "holdings.rooms")


@bp.route("/rooms/<int:room_id>/change", methods=["GET", "POST"])
@admits(places.may.clerk)
def change_room(room_id: int) -> Any:
    """A room changed by hand."""
    one = listing.find_part(places.Room, room_id, by=g.post)
    tables.TABLES["room"].keep.ask(g.post, one.project)
    answers = RoomAnswers(request.form, data=by_hand.typed(one))
    return _change("holdings/room_form.html", answers, one, url_for("holdings.room", room_id=room_id))


@bp.route("/facilities/add", methods=["GET", "POST"])
@admits(places.may.keeper)
def add_facility() -> Any:
    """A facility entered by hand."""
    answers = FacilityAnswers(request.form, data={"project": _project_code(), "state": "use"})
    return _add("facility", "holdings/facility_form.html", answers, "holdings.facilities")


@bp.route("/facilities/<int:facility_id>/change", methods=["GET", "POST"])
@admits(places.may.keeper)
def change_facility(facility_id: int) -> Any:
    """A facility changed by hand."""
    one = listing.find_part(places.Facility, facility_id, by=g.post)
    tables.TABLES["facility"].keep.ask(g.post, one.project)
    answers = FacilityAnswers(request.form, data=by_hand.typed(one))
    shown = url_for("holdings.facility", facility_id=facility_id)
    return _change("holdings/facility_form.html", answers, one, shown)


@bp.get("/facilities/<int:facility_id>")
@admits(places.may.registers)
def facility(facility_id: int) -> Any:
    """One facility: its records, newest first, and every version."""
    return _facility(facility_id, None)


@bp.post("/facilities/<int:facility_id>")
@admits(places.may.registers)
def add_record(facility_id: int) -> Any:
    """A new record of a run, check, repair or upkeep."""
    one = listing.find_part(places.Facility, facility_id, by=g.post)
    tables.TABLES["record"].keep.ask(g.post, one.project)
    answers = RecordAnswers(request.form)
    if answers.validate():
        try:
            places.note_record(one, answers.facts(), by=g.post)
        except NotYet as error:
            refused(answers, "on", error)
        else:
            db.session.commit()
            flash(say("已记入台帐。"), "ok")
            return redirect(url_for("holdings.facility", facility_id=facility_id))
    return _facility(facility_id, answers), 422


def _facility(facility_id: int, answers: RecordAnswers | None) -> Any:
    one, asked = listing.find_part(places.Facility, facility_id, by=g.post), wanted()
    found, onward = listing.record_page(g.post, asked, facility=one)
    keeps = tables.TABLES["record"].keep(g.post, one.project)
    return render_template(
        "holdings/facility.html",
        one=one,
        found=found,
        more=onward,
        asked=asked,
        told=history.told(one),
        form=answers or (RecordAnswers() if keeps else None),
        today=clock.today(),
        **WORDS,
    )


@bp.get("/records")
@admits(places.may.registers)
def records() -> Any:
    """Runs, checks, repairs and upkeep, newest first."""
    may_import = tables.TABLES["record"].keeper(g.post)
    return _list("holdings/records.html", listing.record_page, may_import=may_import)


@bp.get("/records/<int:record_id>")
@admits(places.may.registers)
def record(record_id: int) -> Any:
    """One record with every version."""
    one = listing.find_part(places.FacilityRecord, record_id, by=g.post)
    return render_template("holdings/record.html", one=one, told=history.told(one), **WORDS)


# ------------------------------------------------------------------------------------------- as workbooks

#: What can be had as a workbook: the sheet, and one page of rows for it.
PAGES: dict[str, Any] = {
    "room": listing.room_page,
    "facility": listing.facility_page,
    "record": listing.record_page,
}


@bp.get("/<register>.xlsx")
@admits(places.may.registers)
def export(register: str) -> Any:
    """A list as an Excel workbook, narrowed as on its page."""
    asked = wanted()
    if register == "required":
        return spreadsheet(tables.REQUIRED, _rows_required(g.post, asked))
    if register not in PAGES:
        raise Unknown
    table = tables.TABLES[register]
    every = listing.every(PAGES[register], g.post, asked)
    return spreadsheet(table.sheet, (tables.row(table, one) for one in every))


def _rows_required(by: Post, asked: Wanted) -> Iterator[list[Any]]:
    after: int | None = 0
    while after is not None:
        some, after = listing.project_page(by, Wanted(words=asked.words, after=after), 200)
        for each in _provided(some):
            yield [each[column.name] for column in tables.REQUIRED.columns]
