"""Where a developer or an enterprise that has no account yet asks for one."""

from __future__ import annotations

import hashlib
from dataclasses import fields
from datetime import timedelta
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, session, url_for
from werkzeug.datastructures import FileStorage

from casework import clock, files, letters
from casework.db import db
from casework.errors import NotYet, OfficeError
from casework.people import Locked, applications, throttle
from casework.people.questions import AccountAnswers
from casework.rules import admits, anyone
from casework.words import Words, say

bp = Blueprint("newcomers", __name__)

#: The scan of one page; a larger file is a wrong scan.
LICENCE_BYTES = 10 * 1024 * 1024
#: How long a scan is kept for an application that does not come.
UNCLAIMED = timedelta(days=1)
LICENCE_KINDS = frozenset({"pdf", "ofd", "jpg", "jpeg", "png"})


@bp.route("/account/apply", methods=["GET", "POST"])
@admits(anyone)
def apply() -> Any:
    """The application for an account, with the scan of the licence."""
    open_districts = {str(one.id): one for one in applications.districts()}
    names = {key: one.label(g.lang) for key, one in open_districts.items()}
    answers = AccountAnswers(request.form, districts=names)
    says: Words | None = None
    if request.method == "POST" and "_back" not in request.form:  # from a page that came too late
        says = _take_in(request.files.get("licence"))
        scan = _kept()
        if scan is None:
            says = says or say("请上传营业执照扫描件。")
        if answers.validate() and scan is not None and not says:
            try:
                return _apply(open_districts[answers.district.data or ""], answers, scan)
            except Locked:
                raise
            except OfficeError as error:  # a double application: beside the form, nothing lost
                db.session.rollback()
                says = error.says
    page = render_template("door/apply.html", form=answers, says=says, kept=_kept())
    return page, 422 if answers.wrong or says else 200


def _take_in(sent: FileStorage | None) -> Words | None:
    """Keep the scan for a day, whatever else is wrong: it need not be chosen again. What is wrong with it."""
    if sent is None or not sent.filename:
        return None
    if sent.filename.rpartition(".")[2].lower() not in LICENCE_KINDS:
        return say("营业执照扫描件应为 PDF、OFD、JPG 或 PNG 文件，现为“%(name)s”。", name=sent.filename[-60:])
    data, before = sent.stream.read(), _kept()
    if before is not None and hashlib.sha256(data).hexdigest() == before.sha256:
        return None
    address = request.remote_addr or ""
    throttle.failed(throttle.count(f"scan:{address}", throttle.PUBLIC), throttle.PUBLIC)
    try:
        file = files.keep(sent.filename, data, max_bytes=LICENCE_BYTES)
    except files.Unfit as unfit:
        db.session.commit()  # a try counts
        return unfit.says
    file.pending_until = clock.now() + UNCLAIMED
    db.session.commit()
    session["licence"] = file.id
    return None


def _kept() -> files.File | None:
    """The scan that this browser has sent and that no application holds yet."""
    file = db.session.get(files.File, session["licence"]) if "licence" in session else None
    return file if file is not None and file.pending_until is not None else None


def _apply(district: Any, answers: AccountAnswers, scan: files.File) -> Any:
    def claim() -> applications.Licence:
        scan.pending_until = None
        return applications.Licence(scan.id, scan.name)

    made = applications.apply(
        district,
        applications.Asked(**{one.name: answers[one.name].data or "" for one in fields(applications.Asked)}),
        keep_licence=claim,
        from_address=request.remote_addr or "",
        send=letters.send,
    )
    number = made.number
    db.session.commit()
    session.pop("licence", None)
    session["applied"] = number
    return redirect(url_for("newcomers.applied"))


@bp.get("/account/applied")
@admits(anyone)
def applied() -> Any:
    """The receipt, for the browser that sent the application."""
    if "applied" not in session:
        raise NotYet(say("请先提交开户申请。"))
    return render_template("door/applied.html", number=session["applied"])
