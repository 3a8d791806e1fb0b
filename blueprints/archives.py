"""Where the archivist stands: which closed cases are still to be archived, and every package exported."""

from __future__ import annotations

import hashlib
from typing import Any

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for

from casework import checkpoints, clock, files, packages
from casework.cases import archiving, lists
from casework.db import db, row
from casework.errors import Unknown
from casework.rules import admits, anyone
from casework.words import say

bp = Blueprint("archives", __name__)

PAGE = 30


@bp.get("/archives")
@admits(packages.export)
def index() -> Any:
    """The register of packages, and what waits."""
    before = request.args.get("before", type=row)
    found = packages.search(g.post, before=before, limit=PAGE + 1)
    return render_template(
        "archives/index.html",
        found=found[:PAGE],
        onward=found[PAGE - 1].id if len(found) > PAGE else None,
        before=before,
        due=[] if before else archiving.due(g.post),
        newest=checkpoints.newest(),
        script=hashlib.sha256(packages.verifier()).hexdigest(),
    )


@bp.post("/case/<number>/archive")
@admits(packages.export)
def order(number: str) -> Any:
    """Ask for the package of a closed case; the worker makes it."""
    case = lists.find(number, by=g.post)
    archiving.order(case, by=g.post, now=clock.now())
    db.session.commit()
    flash(say("归档包正在生成，核验通过后可以下载。"), "ok")
    return redirect(url_for("cases.page", number=number) + "#archive")


@bp.get("/archives/<int:package_id>.zip")
@admits(packages.export)
def download(package_id: int) -> Any:
    """One package, as it was made."""
    found = packages.find(package_id, by=g.post)
    kept = db.session.get(files.File, found.file_id) if found and found.file_id else None
    if kept is None:
        raise Unknown
    return Response(files.open(kept), headers=dict(files.headers(kept)), direct_passthrough=True)


@bp.get("/archives/verify.py")
@admits(anyone)
def script() -> Response:
    """The offline verifier, for whoever does not trust the copy inside a package."""
    head = {
        "Content-Disposition": 'attachment; filename="archive_verify.py"',
        "Content-Security-Policy": "sandbox; default-src 'none'",
    }
    return Response(packages.verifier(), mimetype="text/x-python", headers=head)
