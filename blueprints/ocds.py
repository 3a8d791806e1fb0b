"""What the public learns of tenders as data: OCDS 1.1 release and record packages."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, current_app, request, url_for

from blueprints import unchanged
from casework import releases, rules
from casework.db import row

bp = Blueprint("ocds", __name__, url_prefix="/ocds")


@bp.get("/")
@rules.admits(rules.anyone)
def index() -> Any:
    """Every published contracting process with the address of its record."""
    after = request.args.get("after", "")[:120]
    known = releases.known(after=after)
    onward = _here("ocds.index", after=known[-1]) if len(known) == releases.PAGE else None
    processes = [{"ocid": ocid, "record": _here("ocds.record", ocid=ocid)} for ocid in known]
    return _json(
        {"standard": "OCDS", "version": releases.VERSION, "releases": _here("ocds.package"),
         "processes": processes, **({"next": onward} if onward else {})}
    )  # fmt: skip


@bp.get("/releases")
@rules.admits(rules.anyone)
def package() -> Any:
    """The newest releases of all tenders; `links.prev` leads to older ones."""
    before = request.args.get("before", type=row)
    found = releases.newest(before=before)
    older = _here("ocds.package", before=found[-1].id) if releases.older(found[-1]) else ""
    here = _here("ocds.package", **({"before": before} if before else {}))
    return _json(releases.package(here, _publisher(), found, prev=older))


@bp.get("/releases/<int:release_id>")
@rules.admits(rules.anyone)
def release(release_id: int) -> Any:
    """One release in a package of its own."""
    found = releases.find(release_id)
    return _json(releases.package(_here("ocds.release", release_id=release_id), _publisher(), [found]))


@bp.get("/records/<ocid>")
@rules.admits(rules.anyone)
def record(ocid: str) -> Any:
    """Everything published of one contracting process, and what stands now."""
    found = releases.of(ocid)
    return _json(releases.record_package(_here("ocds.record", ocid=ocid), _publisher(), found))


def _publisher() -> str:
    return str(current_app.config["OFFICE"]) or "Tendover"


def _here(endpoint: str, **values: Any) -> str:
    """A public address: from the settings, for the Host header says what a visitor likes."""
    return str(current_app.config["PUBLIC_URL"]).rstrip("/") + url_for(endpoint, **values)


def _json(body: dict[str, Any]) -> Response:
    """Kept by a consumer and asked for again: 304 while nothing has changed."""
    response = Response(
        current_app.json.dumps(body, ensure_ascii=False, sort_keys=False), mimetype="application/json"
    )
    response.headers["Access-Control-Allow-Origin"] = "*"
    return unchanged(response)
