"""The empty tables that people fill in: lists to choose from, bounds, and what stands beside a cell."""

import io
from datetime import timedelta

import pytest
import small_register
import sqlalchemy as sa
from openpyxl import Workbook, load_workbook
from openpyxl.utils.datetime import from_excel
from small_register import signed_in

from casework import clock, files, people, places, worker
from casework.db import db as database
from casework.places import importing, tables
from casework.places.parts import Import
from casework.workbooks.columns import EARLIEST, LATEST


@pytest.fixture
def office(app, db):
    with small_register.at_work(app) as office:
        yield office


def template(app, office, lang="zh"):
    browser = signed_in(app, office, "bureau", "window")
    browser.post("/look", data={"lang": lang})
    return load_workbook(io.BytesIO(browser.get("/registers/import/facility/template.xlsx").data))


def guides(sheet):
    """The rule of every column by its title, without the star of those required."""
    found = {}
    for rule in sheet.data_validations.dataValidation:
        (cells,) = rule.sqref.ranges
        found[sheet.cell(1, cells.min_col).value.rstrip("*")] = rule
    return found


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_cell_of_a_template_says_what_it_takes(app, office, lang):
    book = template(app, office, lang)
    sheet, explained, options = book.worksheets
    rules = guides(sheet)
    assert (sheet.freeze_panes, sheet.print_title_rows) == ("A2", "$1:$1")
    assert len(rules) == len(tables.FACILITIES.columns)
    assert all(
        rule.prompt and len(rule.prompt) <= 255 and len(rule.promptTitle) <= 32 for rule in rules.values()
    )
    assert {rule.type for rule in rules.values()} == {"textLength", "list", "decimal", "date", None}
    kind = rules["种类" if lang == "zh" else "Kind"]
    at, first, last = options["A1"].value.rstrip("*"), options["A2"].value, options["A21"].value
    assert (at, first, last) == (
        ("种类", "共有泊位", "其他") if lang == "zh" else ("Kind", "Common parking", "Other")
    )
    assert kind.formula1 == f"'{options.title}'!$A$2:$A$21"
    assert options["A22"].value is None
    day = rules["质保截止日期" if lang == "zh" else "Warranty until"]
    assert [from_excel(int(each)).date() for each in (day.formula1, day.formula2)] == [EARLIEST, LATEST]
    assert day.errorStyle == "warning", "2026.3.5 is understood too"
    assert sheet.column_dimensions["C"].number_format == "@", "a code keeps its noughts"
    assert explained["E2"].value == "YH-001"


def test_the_first_row_of_examples_is_a_good_row(app, office):
    """What the explanations show may be typed as it stands."""
    book = template(app, office)
    examples = [cell.value for cell in book.worksheets[1]["E"]][1 : len(tables.FACILITIES.columns) + 1]
    sheet = book.worksheets[0]
    sheet.append(["P-1", *examples[1:]])
    stream = io.BytesIO()
    book.save(stream)
    by = office.post("bureau", "window")
    found = importing.plan("facility", importing.read("facility", stream.getvalue()), by=by)
    assert [line.says["kind"] for line in found.new] == ["lift"], [line.faults for line in found.wrong]


def test_what_goes_out_can_be_changed_with_the_same_lists(app, office):
    lift = {
        "project_id": office.mine.id,
        "code": "DT-01",
        "kind": "lift",
        "name": "电梯",
        "quantity": 1,
        "unit": "台",
    }
    places.add_parts("facility", [lift], places.Source(office.post("bureau", "window"), "补登"))
    browser = signed_in(app, office, "bureau", "window")
    out = load_workbook(io.BytesIO(browser.get("/registers/facility.xlsx").data))
    assert guides(out.worksheets[0])["状态"].type == "list"
    assert (
        not load_workbook(io.BytesIO(browser.get("/registers/required.xlsx").data))
        .worksheets[0]
        .data_validations
    )


# ---------------------------------------------------------------------------------------- who is offered what


@pytest.mark.parametrize("kind", ["police", "market", "agency", "association"])
def test_who_is_no_party_of_projects_is_offered_no_register_of_their_parts(app, office, kind):
    office.bodies[kind] = people.Organisation(
        kind=kind, name=f"某{kind}", parent_id=office.district.id, state="active"
    )
    database.session.add(office.bodies[kind])
    database.session.flush()
    browser = signed_in(app, office, kind, "head")
    page = browser.get("/projects").text
    assert "/registers/papers" in page
    for way in ("/registers/rooms", "/registers/facilities", "/registers/contracts"):
        assert f'href="{way}"' not in page
        answer = browser.get(way)
        assert answer.status_code == 403
        assert "项目各方" in answer.text
    assert browser.get("/registers/import/").status_code == 403


@pytest.mark.parametrize(
    ("body", "role"), [("bureau", "window"), ("street", "head"), ("enterprise", "handler")]
)
def test_the_parties_are_offered_the_registers(app, office, body, role):
    page = signed_in(app, office, body, role).get("/projects").text
    for way in ("/registers/rooms", "/registers/facilities", "/registers/contracts"):
        assert f'href="{way}"' in page


# --------------------------------------------------------------------------------- what was never imported goes


def test_a_preview_that_nobody_imported_goes_after_a_month_with_its_file(app, office):
    made, stream = Workbook(), io.BytesIO()
    for row in (
        ["项目编号", "设备编号", "种类", "名称", "数量", "单位"],
        ["P-1", "DT-01", "电梯", "电梯", 1, "台"],
    ):
        made.active.append(row)
    made.save(stream)
    browser = signed_in(app, office, "bureau", "window")
    for _twice in range(2):
        sent = browser.post(
            "/registers/import/facility", data={"table": (io.BytesIO(stream.getvalue()), "台帐.xlsx")}
        )
        page = browser.get(sent.location).text
    assert "2026年4月1日" in page
    browser.post("/registers/import/1")
    with clock.at(clock.now() + importing.PREVIEWS):
        worker.sweep()
        assert database.session.scalar(sa.select(sa.func.count()).select_from(Import)) == 2
    with clock.at(clock.now() + importing.PREVIEWS + timedelta(seconds=5)):
        worker.sweep()
    (kept,) = database.session.scalars(sa.select(Import))
    assert kept.written_at is not None
    (file,) = database.session.scalars(sa.select(files.File))
    assert (file.id, files.read(file)) == (kept.file_id, stream.getvalue())
