"""Where a developer or an enterprise that has no account yet asks for one."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, session, url_for
from werkzeug.datastructures import FileStorage

from casework import files, letters
from casework.db import db
from casework.errors import NotYet, OfficeError
from casework.people import Locked, applications
from casework.people.questions import AccountAnswers
from casework.rules import admits, anyone
from casework.words import Words, say

bp = Blueprint("newcomers", __name__)

#: The scan of one page; a larger file is a wrong scan.
LICENCE_BYTES = 10 * 1024 * 1024
LICENCE_KINDS = frozenset({"pdf", "ofd", "jpg", "jpeg", "png"})


@bp.route("/account/apply", methods=["GET", "POST"])
@admits(anyone)
def apply() -> Any:
    """The application for an account, with the scan of the licence."""
    open_districts = {str(one.id): one for one in applications.districts()}
    names = {key: one.label(g.lang) for key, one in open_districts.items()}
    answers = AccountAnswers(request.form, districts=names)
    says: Words | None = None
    if request.method == "POST":
        scan = request.files.get("licence")
        lacking = _lacking(scan)
        if answers.validate() and scan is not None and lacking is None:
            try:
                return _apply(open_districts[answers.district.data or ""], answers, scan)
            except Locked:
                raise
            except OfficeError as error:  # a double application, an unfit file: beside the form, nothing lost
                db.session.rollback()
                says = error.says
        if lacking is not None:
            says = lacking
    page = render_template("door/apply.html", form=answers, says=says)
    return page, 422 if answers.wrong or says else 200


def _lacking(scan: FileStorage | None) -> Words | None:
    if scan is None or not scan.filename:
        return say("请上传营业执照扫描件。")
    if scan.filename.rpartition(".")[2].lower() not in LICENCE_KINDS:
        return say("营业执照扫描件应为 PDF、OFD、JPG 或 PNG 文件，现为“%(name)s”。", name=scan.filename[-60:])
    return None


def _apply(district: Any, answers: AccountAnswers, scan: FileStorage) -> Any:
    def keep_licence() -> applications.Licence:
        file = files.keep(scan.filename or "", scan.stream.read(), max_bytes=LICENCE_BYTES)
        return applications.Licence(file.id, file.name)

    made = applications.apply(
        district,
        applications.Asked(**{one.name: answers[one.name].data or "" for one in fields(applications.Asked)}),
        keep_licence=keep_licence,
        from_address=request.remote_addr or "",
        send=letters.send,
    )
    number = made.number
    db.session.commit()
    session["applied"] = number
    return redirect(url_for("newcomers.applied"))


@bp.get("/account/applied")
@admits(anyone)
def applied() -> Any:
    """The receipt, for the browser that sent the application."""
    if "applied" not in session:
        raise NotYet(say("请先提交开户申请。"))
    return render_template("door/applied.html", number=session["applied"])
