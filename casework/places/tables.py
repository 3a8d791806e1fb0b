"""The registers of rooms, facilities and records as tables: what goes out as Excel and comes in again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from casework import clock
from casework.db import db
from casework.errors import NotYet
from casework.people import Post
from casework.places import entering, may
from casework.places.kinds import (
    FACILITY_KINDS,
    MODES,
    OWNERS,
    RECORD_KINDS,
    RESULTS,
    ROOM_KINDS,
    ROOM_STATES,
    STATES,
)
from casework.places.parts import Facility, FacilityRecord, Part, Room
from casework.rules import Rule
from casework.words import Words, _, dated
from casework.workbooks import Choice, Column, Day, Number, Sheet, Text, YesNo

#: How people write it too.
STOPPED = {"停用": "stopped"}
PROJECT = Text(
    "project",
    _("项目编号"),
    _("登记簿上的项目编号，例如 YH-001。"),
    required=True,
    code=True,
    longest=32,
    width=12,
    example="YH-001",
)
PROJECT_NAME = Column("project_name", _("项目名称"), _("由项目编号得出。"), shown=True, width=20)
OWNER = Choice("owner", _("权属"), _("与配套设施设备确认清单一致。"), options=OWNERS, width=14)

ROOMS = Sheet(
    _("用房登记簿"),
    (
        PROJECT,
        PROJECT_NAME,
        Text("code", _("用房编号"), _("项目内不重复，例如 YF-01。"), required=True, code=True, longest=20,
             example="YF-01"),
        Choice("kind", _("种类"), options=ROOM_KINDS, required=True, width=16),
        Text("name", _("名称"), required=True, width=20, example=_("物业办公室")),
        Text("building", _("幢号"), aliases=("幢", "楼栋"), longest=30, example=_("1 幢"), width=10),
        Text("floor", _("层"), longest=20, example="2", width=8),
        Text("door", _("室"), longest=60, example="201", width=10),
        Number("area", _("建筑面积（平方米）"), required=True, low="0.01", example="188.50"),
        Number("height", _("层高（米）"), low="0.01", high="99.99", example="2.80", width=8),
        YesNo("above_ground", _("地上"), width=6),
        YesNo("water", _("通水"), width=6),
        YesNo("power", _("通电"), width=6),
        YesNo("ventilation", _("通风"), width=6),
        YesNo("lighting", _("采光"), width=6),
        Text("certificate_no", _("不动产权证书号"), width=22),
        OWNER,
        Text("use", _("用途"), width=14),
        Choice(
            "mode", _("提供方式"), _("不填为配置。"), options=MODES, empty="allotted", width=10
        ),
        Day("mode_until", _("租赁、借用截止日期"), _("租赁、借用必填；配置不填。"), width=14),
        Text("holder", _("持有单位"), _("名录上的单位名称或者统一社会信用代码；尚未移交的不填。"), width=24),
        Day("held_since", _("移交日期"), _("尚未移交的不填。"), width=12),
        Choice("state", _("状态"), _("不填为在册；租来、借来的还给对方后填已退还，拆除、改建的填已灭失。"),
               options=ROOM_STATES, empty="kept", width=8),
        Day("gone_on", _("退还、灭失日期"), _("在册的不填。"), width=12),
        Column("handed_over_in", _("移交案号"), _("由移交案件写入。"), shown=True, width=16),
    ),
    comes_in=True,
)  # fmt: skip
FACILITIES = Sheet(
    _("设施设备台帐"),
    (
        PROJECT,
        PROJECT_NAME,
        Text(
            "code",
            _("设备编号"),
            _("项目内不重复，例如 DT-01。"),
            required=True,
            code=True,
            longest=20,
            example="DT-01",
        ),
        Choice(
            "kind", _("种类"), options=FACILITY_KINDS, required=True, width=12, example=FACILITY_KINDS["lift"]
        ),
        Text("name", _("名称"), required=True, width=20, example=_("1 幢客梯")),
        Text("location", _("位置"), longest=100, example=_("1 幢 1 单元"), width=24),
        Number("quantity", _("数量"), required=True, low="0.01", example="1", width=10),
        Text("unit", _("计量单位"), aliases=("单位",), required=True, longest=10, example=_("台"), width=8),
        Text("model", _("规格型号"), width=16),
        Text("maker", _("生产厂家"), width=20),
        OWNER,
        Day("warranty_until", _("质保截止日期"), width=14),
        Choice("state", _("状态"), _("不填为在用。"), options=STATES, also=STOPPED, empty="use", width=8),
        Column("next_due", _("下次到期"), _("由运行、检查、维修、保养记录得出。"), shown=True, width=12),
    ),
    comes_in=True,
)
RECORDS = Sheet(
    _("运行检查维修保养记录"),
    (
        PROJECT,
        PROJECT_NAME,
        Text(
            "facility",
            _("设备编号"),
            _("台帐上的设备编号。"),
            required=True,
            code=True,
            longest=20,
            example="DT-01",
        ),
        Column("facility_name", _("设备名称"), _("由设备编号得出。"), shown=True, width=20),
        Choice(
            "kind",
            _("记录种类"),
            options=RECORD_KINDS,
            required=True,
            width=10,
            example=RECORD_KINDS["upkeep"],
        ),
        Day("on", _("日期"), _("不晚于今天。"), required=True, width=12),
        Number(
            "no",
            _("当日序号"),
            _("同一设备同日同种的第几次；不填为 1。"),
            low="1",
            high="999",
            decimals=0,
            width=8,
        ),
        Text("what", _("内容"), required=True, longest=300, example=_("半月保养，润滑导轨"), width=36),
        Text("by_whom", _("经办人或者单位"), width=18),
        Choice("result", _("结果"), options=RESULTS, also=STOPPED, width=10),
        Text("note", _("备注"), longest=300, width=24),
        Day("next_due", _("下次日期"), _("晚于本次日期；没有的不填。"), width=12),
    ),
    comes_in=True,
)
REQUIRED = Sheet(
    _("用房配置情况"),
    (
        PROJECT,
        PROJECT_NAME,
        Number("required", _("应配置（平方米）"), _("按登记的面积和地方规定计算。"), width=14),
        Number("registered", _("已登记（平方米）"), width=14),
        Number("delivered", _("已移交（平方米）"), width=14),
        Number("short", _("尚缺（平方米）"), _("应配置减已登记。"), width=14),
        Number("community", _("社区用房（平方米）"), width=14),
        Day("ending", _("过渡用房最近截止"), width=14),
    ),
)
CONTRACTS = Sheet(
    _("物业服务合同登记簿"),
    (
        PROJECT,
        PROJECT_NAME,
        Text("enterprise", _("物业服务企业"), width=26),
        Text("number", _("合同编号"), longest=100, width=22),
        Day("starts_on", _("起始日期"), width=12),
        Day("ends_on", _("截止日期"), width=12),
        Text("case_number", _("备案案号"), width=16),
        Text("recorded_by", _("登记人"), longest=300, width=24),
    ),
)


@dataclass(frozen=True)
class Table:
    """A register as a table: its columns, who keeps it, what tells its rows apart."""

    register: str
    sheet: Sheet
    model: type[Part]
    keep: Rule
    #: whether anybody in this post keeps any of it
    keeper: Rule
    key: tuple[str, ...]
    sound: Callable[[Mapping[str, Any]], Mapping[str, Words]]


def _sound_room(says: Mapping[str, Any]) -> Mapping[str, Words]:
    """What does not fit together in a room, by column."""
    wrong: dict[str, Words] = {}
    mode, until = says.get("mode"), says.get("mode_until")
    if mode in {"rented", "lent"} and until is None:
        wrong["mode_until"] = _("租赁、借用的用房须写明截止日期。")
    if mode == "allotted" and until is not None:
        wrong["mode_until"] = _("配置的用房没有截止日期；过渡使用的请在“提供方式”填租赁或者借用。")
    wrong |= _sound_state(says)
    held, since = says.get("held_by"), says.get("held_since")
    if (held is None) != (since is None):
        wrong["held_since" if since is None else "holder"] = _("持有单位和移交日期须一并填写。")
    if since is not None and since > clock.today():
        wrong["held_since"] = _("移交日期不能晚于今天（%(today)s）。", today=dated(clock.today()))
    return wrong


def _sound_state(says: Mapping[str, Any]) -> Mapping[str, Words]:
    """Whether the room is there still, and since when it is not."""
    state, gone = says.get("state") or "kept", says.get("gone_on")
    if state == "returned" and says.get("mode") == "allotted":
        return {"state": _("配置的用房不能填已退还；不再存在的填已灭失。")}
    if (state == "kept") != (gone is None):
        return {"gone_on": _("已退还、已灭失的须写明日期，在册的不填日期。")}
    if gone is not None and gone > clock.today():
        today = clock.today().isoformat()
        return {"gone_on": _("退还、灭失日期不能晚于今天（%(today)s）。", today=today)}
    return {}


def _sound_facility(says: Mapping[str, Any]) -> Mapping[str, Words]:
    return {}


def _sound_record(says: Mapping[str, Any]) -> Mapping[str, Words]:
    wrong: dict[str, Words] = {}
    on, due = says["on"], says.get("next_due")
    if on > clock.today():
        wrong["on"] = _("日期不能晚于今天（%(today)s）。", today=dated(clock.today()))
    if due is not None and due <= on:
        wrong["next_due"] = _("下次日期须晚于本次日期（%(on)s）。", on=dated(on))
    return wrong


TABLES: dict[str, Table] = {
    "room": Table("room", ROOMS, Room, may.keep_rooms, may.clerk, ("code",), _sound_room),
    "facility": Table(
        "facility", FACILITIES, Facility, may.keep_facilities, may.keeper, ("code",), _sound_facility
    ),
    "record": Table(
        "record",
        RECORDS,
        FacilityRecord,
        may.keep_facilities,
        may.keeper,
        ("facility_id", "kind", "on", "no"),
        _sound_record,
    ),
}


def cells(part: Part) -> dict[str, Any]:
    """What a row of the register says beside its own columns: names and codes of what it belongs to."""
    about: dict[str, Any] = {"project": part.project.code, "project_name": part.project.name}
    if isinstance(part, Room):
        about["holder"] = part.holder.name if part.holder else ""
    if isinstance(part, FacilityRecord):
        about |= {"facility": part.facility.code, "facility_name": part.facility.name}
    return about


def row(table: Table, part: Part) -> list[Any]:
    """One row of the workbook."""
    about = cells(part)
    return [about[c.name] if c.name in about else getattr(part, c.name) for c in table.sheet.columns]


def note_record(facility: Facility, given: Mapping[str, Any], *, by: Post) -> None:
    """Enter one record of a facility; NotYet says which day cannot be right."""
    TABLES["record"].keep.ask(by, facility.project)
    for sentence in _sound_record(given).values():
        raise NotYet(sentence)
    entering.hold([facility.project_id])
    same = sa.select(sa.func.max(FacilityRecord.no)).where(
        FacilityRecord.facility_id == facility.id,
        FacilityRecord.kind == given["kind"],
        FacilityRecord.on == given["on"],
    )
    no = (db.session.scalar(same) or 0) + 1
    about = {"project_id": facility.project_id, "facility_id": facility.id, "no": no}
    entering.add("record", [{**given, **about}], entering.Source(by, "登记记录"))
    entering.reckon_due([facility.id])
