"""Where a table is sent in: uploaded, checked, looked at, and then written into its register as a whole."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for

from blueprints.hall.downloads import spreadsheet, workbook_response
from casework import clock, files, workbooks
from casework.db import db, row
from casework.errors import NotYet, Unknown
from casework.places import Import, importing, listing, may, tables
from casework.rules import admits
from casework.words import Words, _, say

bp = Blueprint("imports", __name__, url_prefix="/registers/import")

#: What is said on the second sheet of a template besides the columns.
NOTES = (
    _("表头可用中文或者英文，列的次序不限；没有的列不改动登记簿，有的列以表中内容为准，空格即清空。"),
    _("日期可以是日期单元格，也可以写 2026-03-05、2026.3.5、2026年3月5日；全角数字照常识别。"),
    _("公式请粘贴为数值；数据区不要合并单元格；隐藏的行同样导入，并在预览中提示。"),
    _("同一编号在表内只能出现一次；有一行错误时整张表都不导入。"),
)


def _table(register: str) -> tables.Table:
    if register not in tables.TABLES:
        raise Unknown
    return tables.TABLES[register]


@bp.get("/")
@admits(may.keeper)
def index() -> Any:
    """What this organisation has sent in: when, by whom, which file, with what result."""
    found, onward = listing.imports(g.post, before=request.args.get("before", 0, type=row))
    return render_template("imports/index.html", found=found, more=onward, tables=tables.TABLES)


@bp.route("/<register>", methods=["GET", "POST"])
@admits(may.keeper)
def send(register: str) -> Any:
    """A table is sent in and checked; nothing is written into the register."""
    table = _table(register)
    table.keeper.ask(g.post)
    wrong: Words = ""
    if request.method == "POST":
        sent = request.files.get("table")
        try:
            one = _received(register, sent)
        except NotYet as error:
            db.session.rollback()
            wrong = error.says
        else:
            db.session.commit()
            return redirect(url_for("imports.show", import_id=one.id))
    page = render_template(
        "imports/send.html", table=table, wrong=wrong, rows=workbooks.MAX_ROWS, notes=NOTES
    )
    return page, 422 if wrong else 200


def _received(register: str, sent: Any) -> Import:
    if sent is None or not sent.filename:
        raise NotYet(_("请选择要导入的 Excel 工作簿（.xlsx）。"))
    if not sent.filename.lower().endswith(".xlsx"):
        raise NotYet(
            _("只导入 .xlsx 工作簿；.xls、.et、.ods、.csv、.xlsm 等请在 Excel、WPS 中另存为 .xlsx。")
        )
    data = sent.read()
    db.session.rollback()  # looking into a large table holds nobody up
    workbooks.kind(data)
    files.check(sent.filename, data, max_bytes=workbooks.MAX_BYTES)
    table = importing.Sent.of(register, data)
    kept = files.keep(sent.filename, data, post_id=g.post.id)
    return importing.receive(register, kept.name, table, by=g.post, file_id=kept.id)


@bp.get("/<register>/template.xlsx")
@admits(may.keeper)
def template(register: str) -> Any:
    """An empty table with its titles, and a sheet that explains them."""
    return spreadsheet(_table(register).sheet, (), notes=NOTES)


@bp.get("/<int:import_id>")
@admits(may.keeper)
def show(import_id: int) -> Any:
    """What the table would change, or has changed."""
    one = listing.find_import(import_id, by=g.post)
    columns = {column.name: column for column in _table(one.register).sheet.columns}
    return render_template(
        "imports/show.html",
        one=one,
        table=_table(one.register),
        columns=columns,
        mine=one.post_id == g.post.id,
        goes_on=None if one.written_at else clock.local(one.checked_at + importing.PREVIEWS).date(),
    )


@bp.post("/<int:import_id>")
@admits(may.keeper)
def write(import_id: int) -> Any:
    """Write exactly what was shown; when the register has changed since, show it again."""
    one = listing.find_import(import_id, by=g.post)
    register, data = one.register, _bytes(one)
    db.session.rollback()  # reading a large table holds nobody up
    table = importing.Sent.of(register, data)
    one = listing.find_import(import_id, by=g.post)
    done = importing.write(one, table, by=g.post)
    db.session.commit()
    if done:
        flash(say("已导入，登记簿中每处变更都有记录。"), "ok")
    else:
        flash(say("检查之后登记簿有了变化，没有导入任何内容。下面是重新核对的结果，请再确认。"), "warn")
    return redirect(url_for("imports.show", import_id=one.id))


@bp.get("/<int:import_id>/marked.xlsx")
@admits(may.keeper)
def marked(import_id: int) -> Any:
    """The table with what is wrong marked in it."""
    one = listing.find_import(import_id, by=g.post)
    found = importing.plan(one.register, importing.read(one.register, _bytes(one)), by=g.post)
    return workbook_response(f"{one.file_name.removesuffix('.xlsx')}-{say('差错')}", importing.marked(found))


@bp.get("/<int:import_id>/file")
@admits(may.keeper)
def file(import_id: int) -> Any:
    """The table as it was sent in."""
    one = listing.find_import(import_id, by=g.post)
    return workbook_response(one.file_name.removesuffix(".xlsx"), _bytes(one))


def _bytes(one: Import) -> bytes:
    kept = db.session.get(files.File, one.file_id) if one.file_id is not None else None
    if kept is None:
        raise Unknown
    return files.read(kept)
