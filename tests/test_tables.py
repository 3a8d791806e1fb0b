"""Tables that come in from Excel: what is wrong is named by row and column, and nothing is half imported."""

import io
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import small_register
import sqlalchemy as sa
from hostile import packed, repacked
from openpyxl import Workbook, load_workbook
from small_register import signed_in

from casework import places, workbooks
from casework.db import db as database
from casework.errors import Conflict, NotYet, Refused
from casework.places import Facility, FacilityRecord, Room, importing, tables
from casework.places.parts import NeverRewritten
from casework.workbooks.books import MAX_COLUMNS, MAX_ROWS, open_book

DAY = small_register.DAY
HEADER = ["项目编号", "设备编号", "种类", "名称", "数量", "单位", "质保截止日期"]
GOOD = ["P-1", "DT-01", "电梯", "1 幢电梯", 2, "台", date(2027, 3, 1)]


@pytest.fixture
def office(app, db):
    with small_register.at_work(app) as office:
        yield office


def book(*rows, header=HEADER, title=None, change=None):
    """A workbook as people make them; `change` does to the sheet what they do."""
    made, stream = Workbook(), io.BytesIO()
    sheet = made.active
    for row in ([title] if title else []) + [header, *rows]:
        sheet.append(row)
    if change:
        change(sheet)
    made.save(stream)
    return stream.getvalue()


def check(office, data, register="facility", by=None):
    return importing.plan(register, importing.read(register, data), by=by or office.post("bureau", "window"))


def faults(found, lang="zh"):
    return {line.number: [fault.line(lang) for fault in line.faults] for line in found.wrong}


def counts(found):
    return len(found.new), len(found.changed), len(found.same), len(found.wrong)


def receive(office, data, register="facility", by=None):
    return importing.receive(
        register,
        "台帐.xlsx",
        importing.Sent.of(register, data),
        by=by or office.post("bureau", "window"),
        file_id=None,
    )


def written(office, data, register="facility", by=None):
    by = by or office.post("bureau", "window")
    return importing.write(receive(office, data, register, by), importing.Sent.of(register, data), by=by)


# ------------------------------------------------------------------------------------------ every cell is judged


def test_a_good_row_is_new_and_every_value_typed(office):
    found = check(office, book(GOOD))
    assert counts(found) == (1, 0, 0, 0)
    says = found.new[0].says
    assert (says["kind"], says["quantity"], says["warranty_until"]) == (
        "lift",
        Decimal("2.00"),
        date(2027, 3, 1),
    )
    assert says["project_id"] == office.mine.id


WRONG = [
    ("项目编号", None, "A 列“项目编号”：必填，现为空。"),
    ("项目编号", "P-9", "A 列“项目编号”：项目“P-9”不存在，或者不由贵单位登记。"),
    ("设备编号", "DT 01号!", "B 列“设备编号”：“DT01号!”不是编号"),
    ("设备编号", "D" * 21, "B 列“设备编号”：最多 20 字，现为 21 字。"),
    ("设备编号", date(2026, 1, 2), "B 列“设备编号”：应为文字"),
    ("种类", "飞船", "C 列“种类”：“飞船”不在可选值之列：共有泊位、"),
    ("名称", "甲\x0b乙", "D 列“名称”：含有不可见的控制字符"),
    ("数量", "两台", "E 列“数量”：“两台”不是数字。"),
    ("数量", 0, "E 列“数量”：应在 0.01 至 9,999,999.99 之间，现为 0。"),
    ("数量", 1.234, "E 列“数量”：最多 2 位小数，现为 1.234。"),
    ("数量", True, "E 列“数量”：应为数字，现为True。"),
    ("数量", "=SUM(A1:A9)", "E 列“数量”：是公式（=SUM(A1:A9)），请选择性粘贴为数值。"),
    ("单位", "#REF!", "F 列“计量单位”：是 Excel 的错误值 #REF!。"),
    ("质保截止日期", 46086, "G 列“质保截止日期”：“46086”像是 Excel 的日期序号，即 2026-03-05；"),
    ("质保截止日期", "46086", "G 列“质保截止日期”：“46086”像是 Excel 的日期序号，即 2026-03-05；"),
    ("质保截止日期", 7, "G 列“质保截止日期”：“7”不是日期"),
    ("数量", "50%", "E 列“数量”：“50%”不是数字。"),
    ("数量", "1,2,3", "E 列“数量”：“1,2,3”不是数字。"),
    ("质保截止日期", "2027年2月30日", "G 列“质保截止日期”：“2027年2月30日”不是有效日期"),
    ("质保截止日期", "1066-10-14", "G 列“质保截止日期”：日期应在 1950年1月1日 至 2100年12月31日 之间"),
]


def test_every_wrong_cell_is_named_by_row_column_bound_and_reason(office):
    rows = []
    for n, (column, value, _says) in enumerate(WRONG):
        row = [GOOD[0], f"DT-{n:02d}", *GOOD[2:]]
        row[HEADER.index(column)] = None if "\x0b" in str(value) else value
        rows.append(row)
    data = book(*rows)
    at = next(i for i, (_c, value, _s) in enumerate(WRONG) if "\x0b" in str(value))
    cell = f'<c r="D{at + 2}" t="inlineStr"><is><t>甲_x000B_乙</t></is></c>'.encode()
    data = repacked(data, change=lambda name, part: planted(part, at + 2, cell) if "sheet1" in name else part)
    said = faults(check(office, data))
    for n, (column, value, says) in enumerate(WRONG, start=2):
        assert len(said[n]) == 1, (column, value, said[n])
        assert said[n][0].startswith(says), (value, said[n])
    english = faults(check(office, data), "en")
    assert english[2] == ["A Project code: Required, but blank."]
    assert not any("一" <= sign <= "鿿" for sign in english[15][0].replace("46086", ""))


def planted(part, row, cell):
    """A cell that no library would write, at the place of the blank one in that row."""
    before = part.index(f'<c r="E{row}"'.encode())
    return part[:before] + cell + part[before:]


@pytest.mark.parametrize(
    ("column", "value", "read"),
    [
        ("数量", "１２．５", Decimal("12.50")),
        ("数量", " 1,234.5 ", Decimal("1234.50")),
        ("数量", 0.1 + 0.2, Decimal("0.30")),
        ("质保截止日期", "2027.3.1", date(2027, 3, 1)),
        ("质保截止日期", "２０２７年３月１日", date(2027, 3, 1)),
        ("质保截止日期", datetime(2027, 3, 1, tzinfo=UTC).replace(tzinfo=None), date(2027, 3, 1)),
        ("质保截止日期", None, None),
        ("质保截止日期", "　", None),
        ("种类", "Lift", "lift"),
        ("种类", " 电 梯 ", "lift"),
        ("名称", "  1 幢\n电梯 ", "1 幢 电梯"),
        ("设备编号", "ＤＴ－０１", "DT-01"),
        ("设备编号", 101.0, "101"),
    ],
)
def test_what_people_write_is_understood(office, column, value, read):
    row = list(GOOD)
    row[HEADER.index(column)] = value
    found = check(office, book(row))
    assert counts(found) == (1, 0, 0, 0), faults(found)
    name = next(c.name for c in tables.FACILITIES.columns if str(c.title) == column)
    assert found.new[0].says[name] == read


def test_a_text_that_begins_with_an_equals_sign_stays_a_text(office):
    def as_text(sheet):
        sheet["D2"].data_type = "s"

    found = check(office, book([*GOOD[:3], "=1+1", *GOOD[4:]], change=as_text))
    assert found.new[0].says["name"] == "=1+1"


# ------------------------------------------------------------------------------------------ the table as a whole


def test_columns_are_matched_by_header_in_any_order_and_either_language(office):
    header = ["Unit*", "数量（台）", "Name", "KIND", "备用列", "Equipment code", "项目编号 *"]
    found = check(
        office, book(["台", 3, "电梯", "Lift", "x", "DT-02", "P-1"], header=header, title=["设备台帐"])
    )
    assert counts(found) == (1, 0, 0, 0), faults(found)
    assert (found.checked.header, found.checked.unknown) == (2, ["E 备用列"])
    assert "location" in [column.name for column in found.checked.missing]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (lambda: book(header=["甲", "乙"]), "没有找到表头。表头应有：项目编号、设备编号"),
        (lambda: book(GOOD[:4], header=HEADER[:4]), "缺少必须有的列：数量、计量单位。$"),
        (
            lambda: book(GOOD[:6], header=[HEADER[0], "资产编码", *HEADER[2:6]]),
            "缺少必须有的列：设备编号。表中有不认识的列：B 资产编码；",
        ),
        (lambda: book([*GOOD, 3], header=[*HEADER, "数量"]), "表头“数量”出现了两次（E 列和 H 列）"),
        (book, "表头下面没有内容"),
        (lambda: book(GOOD, change=lambda s: s.merge_cells("A1:B1")), "表头有合并单元格（A1:B1）"),
        (lambda: b"PK\x03\x04 nothing", "不是有效的 .xlsx 工作簿"),
        (lambda: packed({"a.txt": b"x"}), "结构无法读取"),
    ],
)
def test_a_table_that_cannot_be_read_says_why(office, data, says):
    with pytest.raises(NotYet, match=says):
        check(office, data())


def test_merged_rows_are_wrong_and_a_merged_title_is_not(office):
    def merge(sheet):
        sheet.merge_cells("A1:G1")
        sheet.merge_cells("D3:D4")

    data = book(GOOD, [GOOD[0], "DT-02", *GOOD[2:]], title=["设施设备台帐"], change=merge)
    says = "D 列“名称”：在合并单元格（D3:D4）内，请取消合并并逐行填写。"
    assert faults(check(office, data)) == {3: [says], 4: [says]}


def test_hidden_rows_are_read_and_named(office):
    def hide(sheet):
        sheet.row_dimensions[3].hidden = True

    found = check(office, book(GOOD, [GOOD[0], "DT-02", *GOOD[2:]], change=hide))
    assert (counts(found), found.checked.hidden) == ((2, 0, 0, 0), [3])


def test_hidden_columns_are_read_and_named_and_other_sheets_are_not(office):
    def hide(sheet):
        sheet.column_dimensions["F"].hidden = True
        sheet.parent.create_sheet("汇总", 0).append(["合计", 3])
        sheet.parent.create_sheet("填写说明")

    checked = check(office, book(GOOD, change=hide)).checked
    assert [str(column.title) for column in checked.hidden_columns] == ["计量单位"]
    assert (checked.sheet, checked.others) == ("Sheet", ["汇总"]), (
        "the sheet with the table, wherever it stands"
    )


def test_a_percentage_is_no_quantity(office):
    def percent(sheet):
        sheet["E2"].number_format = "0%"

    assert faults(check(office, book([*GOOD[:4], 0.5, *GOOD[5:]], change=percent))) == {
        2: ["E 列“数量”：是百分数（50.00%），请将单元格设为常规，填写数量本身。"]
    }


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (OLE + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"), "设有打开密码"),
        (OLE + b"\0" * 600 + "Workbook".encode("utf-16-le"), "旧版 Excel（.xls）"),
        (packed({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet"}, 0), "OpenDocument（.ods）"),
        ("项目编号,设备编号\n".encode("gbk"), "像是文本（.csv）"),
    ],
)
def test_what_only_bears_the_name_of_a_workbook_is_called_what_it_is(app, office, data, says):
    browser = signed_in(app, office, "enterprise")
    answer = browser.post("/registers/import/facility", data={"table": (io.BytesIO(data), "台帐.xlsx")})
    assert (answer.status_code, says in answer.text) == (422, True)


def test_blank_rows_are_passed_over_and_hidden_sheets_too(office):
    made = load_workbook(io.BytesIO(book(GOOD, [None] * 7, [GOOD[0], "DT-02", *GOOD[2:]])))
    cover = made.create_sheet("说明", 0)
    cover.sheet_state = "hidden"
    stream = io.BytesIO()
    made.save(stream)
    assert counts(check(office, stream.getvalue())) == (2, 0, 0, 0)


def test_a_code_twice_in_the_table_names_the_first_row(office):
    says = "B 列“设备编号”：与第 2 行重复：同一编号在表内出现了两次。"
    assert faults(check(office, book(GOOD, [GOOD[0], "ＤＴ-01", *GOOD[2:]]))) == {3: [says]}


def test_a_project_of_somebody_else_answers_like_none(office):
    by = office.post("enterprise", "handler")
    rows = [GOOD, ["P-2", *GOOD[1:]], ["P-404", *GOOD[1:]]]
    said = faults(check(office, book(*rows), by=by))
    assert said[3][0].replace("P-2", "P-404") == said[4][0]


# -------------------------------------------------------------------------------------------------- hostile ones


def test_too_many_rows_are_named_with_the_bound(office):
    made = Workbook(write_only=True)
    sheet = made.create_sheet()
    sheet.append(HEADER)
    for n in range(MAX_ROWS + 20):
        sheet.append(["P-1", n, "电梯"])
    stream = io.BytesIO()
    made.save(stream)
    with pytest.raises(NotYet, match="超过 20,000 行"):
        check(office, stream.getvalue())


def test_a_million_rows_without_content_cost_little(office):
    def far(sheet):
        sheet["A1048576"].number_format = "0.00"

    assert counts(check(office, book(GOOD, change=far))) == (1, 0, 0, 0)


def test_too_many_columns_are_named(office):
    with pytest.raises(NotYet, match=f"第 2 行超过 {MAX_COLUMNS} 列"):
        check(office, book([*GOOD, *[None] * MAX_COLUMNS, 1]))


def test_a_workbook_that_unpacks_to_too_much_is_not_unpacked(office):
    data = repacked(book(GOOD), add={"xl/media/big.bin": b"\0" * (65 << 20)})
    with pytest.raises(NotYet, match="超过 64 MB"):
        check(office, data)


@pytest.mark.parametrize("number", [b"999999999999", b"1"])
def test_rows_with_wild_numbers_are_refused_instead_of_lost(office, number):
    data = repacked(
        book(GOOD, [GOOD[0], "DT-02", *GOOD[2:]]),
        change=lambda name, part: part.replace(b'<row r="3"', b'<row r="' + number + b'"') if "sheet1" in name else part,
    )  # fmt: skip
    with pytest.raises(NotYet, match="结构无法读取"):
        check(office, data)


# ------------------------------------------------------------------------------------ shown, then written whole


def test_what_was_shown_is_written_with_its_versions_and_said_the_same_afterwards(office):
    data, by = book(GOOD, [GOOD[0], "DT-02", *GOOD[2:]]), office.post("bureau", "window")
    one = receive(office, data)
    assert one.shown["counts"] == {"new": 2, "changed": 0, "same": 0, "wrong": 0}
    assert not places.facilities_of(office.mine.id), "checking writes nothing"
    assert importing.write(one, importing.Sent.of("facility", data), by=by)
    lift = places.facilities_of(office.mine.id)[0]
    (version,) = places.versions(lift)
    assert (version.import_id, version.recorded_by) == (one.id, one.recorded_by)
    assert one.sha256[:12] in version.reason
    assert counts(check(office, data)) == (0, 0, 2, 0)
    with pytest.raises(Conflict, match="已经导入"):
        importing.write(one, importing.Sent.of("facility", data), by=by)
    one.shown = {**one.shown, "counts": {}}
    with pytest.raises(NeverRewritten):
        database.session.flush()


def test_a_change_shows_old_and_new_and_leaves_missing_columns_alone(office):
    written(office, book([*GOOD, "云河机电"], header=[*HEADER, "生产厂家"]))
    changed = book([*GOOD[:4], 3, "台", None])
    one = receive(office, changed)
    (shown,) = one.shown["changed"]
    assert shown["pairs"] == [
        ["quantity", Decimal(2), Decimal(3)],
        ["warranty_until", date(2027, 3, 1), None],
    ]
    assert importing.write(one, importing.Sent.of("facility", changed), by=office.post("bureau", "window"))
    (lift,) = places.facilities_of(office.mine.id)
    assert (lift.quantity, lift.warranty_until, lift.maker, lift.version) == (3, None, "云河机电", 2)


def test_one_wrong_row_keeps_all_others_out(office):
    data = book(GOOD, [GOOD[0], "DT-02", "飞船", *GOOD[3:]])
    assert not written(office, data)
    assert not places.facilities_of(office.mine.id)


def test_a_register_that_changed_since_the_preview_is_previewed_again(office):
    data, by = book(GOOD), office.post("bureau", "window")
    one = receive(office, data)
    row = {
        "project_id": office.mine.id,
        "code": "DT-01",
        "kind": "lift",
        "name": "先登记的",
        "quantity": 1,
        "unit": "台",
    }
    places.add_parts("facility", [row], places.Source(by, "先登记"))
    assert not importing.write(one, importing.Sent.of("facility", data), by=by)
    assert places.facilities_of(office.mine.id)[0].name == "先登记的", "nothing was written"
    assert one.shown["counts"] == {"new": 0, "changed": 1, "same": 0, "wrong": 0}
    assert importing.write(one, importing.Sent.of("facility", data), by=by), (
        "what is shown now may be written"
    )
    assert places.facilities_of(office.mine.id)[0].name == GOOD[3]


def test_only_who_checked_it_writes_it_and_only_the_same_file(office):
    data = book(GOOD)
    one = receive(office, data)
    with pytest.raises(Refused, match="由检查这张表的人导入"):
        importing.write(one, importing.Sent.of("facility", data), by=office.post("bureau", "head"))
    with pytest.raises(NotYet, match="与检查时不一致"):
        importing.write(
            one, importing.Sent.of("facility", book(GOOD, GOOD)), by=office.post("bureau", "window")
        )


def test_who_keeps_no_register_imports_nothing(office):
    sent = importing.Sent.of("facility", book(GOOD))
    for body, register in (("developer", "facility"), ("street", "record"), ("enterprise", "room")):
        with pytest.raises(Refused):
            importing.receive(register, "台帐.xlsx", sent, by=office.post(body, "handler"), file_id=None)


def test_the_table_comes_back_with_its_mistakes_marked_and_corrected_there_it_comes_in(app, office):
    rows = [
        GOOD,
        [GOOD[0], "DT-02", "=A1", *GOOD[3:5], None, GOOD[6]],
        [None] * 7,
        [GOOD[0], "DT-03", *GOOD[2:]],
    ]
    found = check(office, book(*rows, header=[*HEADER[:6], "备注", HEADER[6]], title=["设备台帐"]))
    assert list(faults(found)) == [4]
    with app.test_request_context():
        sheet, listed, options = load_workbook(io.BytesIO(importing.marked(found))).worksheets
    assert (sheet["I2"].value, sheet.freeze_panes, sheet.auto_filter.ref) == ("差错", "A3", "A2:I6")
    assert (sheet["A4"].value, sheet["A5"].value, sheet["B6"].value) == ("P-1", None, "DT-03")
    assert (sheet["C4"].value, sheet["C4"].data_type) == ("=A1", "s")
    red = [
        cell.coordinate for row in sheet.iter_rows() for cell in row if cell.fill.fgColor.rgb == "00FFC7CE"
    ]
    assert red == ["C4", "F4"], "the row and the column are those of the table that was sent"
    assert sheet["I4"].value.split("\n") == [
        "C 列“种类”：是公式（=A1），请选择性粘贴为数值。",
        "F 列“计量单位”：必填，现为空。",
    ]
    assert [cell.value for cell in listed[2]] == [
        4,
        "C",
        "种类",
        "=A1",
        "是公式（=A1），请选择性粘贴为数值。",
    ]
    assert listed.max_row == 3
    assert options["A2"].value == "共有泊位"
    sheet["C4"], sheet["F4"] = "电梯", "台"
    stream = io.BytesIO()
    sheet.parent.save(stream)
    again = check(office, stream.getvalue())
    assert (counts(again), again.checked.unknown) == ((3, 0, 0, 0), ["G 备注"]), faults(again)


# ----------------------------------------------------------------------------------------- rooms and records


ROOM = ["P-1", "YF-01", "物业办公用房", "物业用房", 188.5]
ROOM_HEADER = [
    "项目编号",
    "用房编号",
    "种类",
    "名称",
    "建筑面积",
    "提供方式",
    "租赁、借用截止日期",
    "持有单位",
    "移交日期",
]


@pytest.mark.parametrize(
    ("beside", "says"),
    [
        (("租赁", None, None, None), "G 列“租赁、借用截止日期”：租赁、借用的用房须写明截止日期"),
        ((None, DAY, None, None), "配置的用房没有截止日期"),
        ((None, None, "安居物业服务有限公司", None), "I 列“移交日期”：持有单位和移交日期须一并填写"),
        ((None, None, None, DAY), "H 列“持有单位”：持有单位和移交日期须一并填写"),
        ((None, None, "没有的公司", DAY), "名录上没有单位“没有的公司”"),
        ((None, None, "安居物业服务有限公司", date(2026, 3, 3)), "移交日期不能晚于今天（2026年3月2日）"),
    ],
)
def test_what_does_not_fit_together_in_a_room_is_wrong(office, beside, says):
    (said,) = faults(check(office, book([*ROOM, *beside], header=ROOM_HEADER), "room"))[2]
    assert says in said


def test_a_room_names_its_holder_by_name_or_credit_code(office):
    rows = [
        [*ROOM, None, None, office.enterprise.name, DAY],
        ["P-1", "YF-02", *ROOM[2:], None, None, office.enterprise.code, DAY],
    ]
    assert written(office, book(*rows, header=ROOM_HEADER), "room")
    assert {room.held_by for room in places.rooms_of(office.mine.id)} == {office.enterprise.id}


RECORD_HEADER = ["项目编号", "设备编号", "记录种类", "日期", "内容", "下次日期", "当日序号"]


def test_records_need_their_equipment_and_move_what_is_due(office):
    written(office, book(GOOD))
    good = ["P-1", "DT-01", "保养", date(2026, 3, 1), "加油", date(2026, 3, 16)]
    rows = [
        good,
        ["P-1", "DT-99", *good[2:]],
        [*good[:3], date(2026, 4, 1), *good[4:]],
        [*good[:5], date(2026, 2, 1), 2],
    ]
    said = faults(check(office, book(*rows, header=RECORD_HEADER), "record"))
    assert [says[0].split("：")[1][:12] for says in said.values()] == [
        "本项目台帐上没有编号为“",
        "日期不能晚于今天（202",
        "下次日期须晚于本次日期（",
    ]
    assert written(office, book(good, [*good, 2], header=RECORD_HEADER), "record")
    (lift,) = places.facilities_of(office.mine.id)
    database.session.refresh(lift)
    assert lift.next_due == date(2026, 3, 16)
    numbers = sa.select(FacilityRecord.no).order_by(FacilityRecord.no)
    assert database.session.scalars(numbers).all() == [1, 2]
    assert counts(check(office, book(good, header=RECORD_HEADER), "record")) == (0, 0, 1, 0)


def test_what_goes_out_comes_in_again_unchanged(office):
    by = office.post("bureau", "window")
    held = {"held_by": office.enterprise.id, "held_since": DAY}
    room = {
        "project_id": office.mine.id,
        "code": "YF-01",
        "kind": "office",
        "name": "=用房",
        "area": Decimal("188.50"),
        "water": True,
        **held,
    }
    lift = {
        "project_id": office.mine.id,
        "code": "DT-01",
        "kind": "lift",
        "name": "+电梯",
        "quantity": Decimal(2),
        "unit": "台",
    }
    places.add_parts("room", [room], places.Source(by, "补登"))
    (lift_id,) = places.add_parts("facility", [lift], places.Source(by, "补登"))
    done = {"project_id": office.mine.id, "facility_id": lift_id, "kind": "check", "on": DAY, "what": "-检查"}
    places.add_parts("record", [done], places.Source(by, "补登"))
    for register, model in (("room", Room), ("facility", Facility), ("record", FacilityRecord)):
        table = tables.TABLES[register]
        rows = [tables.row(table, one) for one in database.session.scalars(sa.select(model))]
        data = workbooks.workbook(table.sheet, rows)
        assert counts(check(office, data, register)) == (0, 0, 1, 0), register
        shown = load_workbook(io.BytesIO(data))
        assert shown.worksheets[0].freeze_panes == "A2"
        assert [
            cell.data_type for row in shown.worksheets[0].iter_rows() for cell in row if cell.data_type == "f"
        ] == []
        assert shown.worksheets[1].max_row == len(table.sheet.columns) + 1
        assert b"<f>" not in zipfile.ZipFile(io.BytesIO(data)).read("xl/worksheets/sheet1.xml")


def test_a_file_that_is_not_a_table_is_refused_on_the_page_and_typed_choice_is_kept(app, db, office):
    browser = signed_in(app, office, "bureau", "window")

    def send(name, data):
        return browser.post("/registers/import/facility", data={"table": (io.BytesIO(data), name)})

    assert "请选择要导入的 Excel 工作簿" in browser.post("/registers/import/facility", data={}).text
    assert "只导入 .xlsx 工作簿" in send("台帐.xls", b"\xd0\xcf\x11\xe0").text
    macro = repacked(book(GOOD), add={"xl/vbaProject.bin": b"x"})
    answer = send("台帐.xlsx", macro)
    assert (answer.status_code, "含有宏" in answer.text) == (422, True)
    link = repacked(book(GOOD), add={"xl/externalLinks/externalLink1.xml": b"<x/>"})
    assert "引用外部数据" in send("台帐.xlsx", link).text
    shown = browser.get(send("台帐.xlsx", book(GOOD)).location)
    assert "确认导入：新增 1 行" in shown.text
    assert browser.get("/registers/import/").text.count("台帐.xlsx") == 1
    done = browser.post(shown.request.path, follow_redirects=True)
    assert "已导入，登记簿中每处变更都有记录。" in done.text
    assert "1 幢电梯" in browser.get("/registers/facilities").text


def test_reading_a_book_keeps_to_the_named_sheet(office):
    made = load_workbook(io.BytesIO(book(GOOD)))
    made.active.title = "别的"
    named = made.create_sheet("设施设备台帐")
    named.append(HEADER)
    stream = io.BytesIO()
    made.save(stream)
    found = open_book(stream.getvalue(), frozenset({"设施设备台帐"}), bool)
    assert (found.sheet, found.others) == ("设施设备台帐", ["别的"])
