"""What is asked where the registers are kept by hand: projects and their figures, facilities, records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from wtforms import Field, FileField
from wtforms.validators import StopValidation

from casework.answers import PLEASE, Answers, Area, Choice, Day, Whole, line, words
from casework.people import Organisation
from casework.places import tables
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
from casework.places.project import BUILDING_TYPES, PROPERTY_CLASSES, SALE_MODES
from casework.words import Words, _
from casework.workbooks import Sheet, Wrong

#: The largest area a field takes (m²); ten square kilometres is a slip of the hand.
LARGEST = "9999999.99"


class SizeAnswers(Answers):
    """The figures limits and ratios rest on."""

    gfa_total = line(_("总建筑面积（平方米）"), _("请填写总建筑面积。"), 20, Area("0.01", LARGEST))
    gfa_above = line(_("其中：地上建筑面积（平方米）"), None, 20, Area("0", LARGEST))
    gfa_residential = line(_("其中：住宅建筑面积（平方米）"), None, 20, Area("0", LARGEST))
    gfa_nonresidential = line(_("其中：非住宅建筑面积（平方米）"), None, 20, Area("0", LARGEST))
    state_share = line(_("国有投资比例（%）"), None, 10, Area("0", "100"))
    building_type = Choice(_("建筑类型"), _("请选择建筑类型。"), {"": PLEASE, **BUILDING_TYPES})

    def figures(self) -> dict[str, Any]:
        """What was answered; what was left open is None."""
        names = ("gfa_total", "gfa_above", "gfa_residential", "gfa_nonresidential", "state_share")
        return {**{n: self.read.get(n) for n in names}, "building_type": self.building_type.data or ""}


class ChangeAnswers(SizeAnswers):
    """New figures with their reason and paper."""

    reason = words(_("变更原因"), _("请写明变更面积的原因，将记入面积变更记录。"))
    paper = FileField(_("依据文件"))


class ProjectAnswers(SizeAnswers):
    """A project at its registration."""

    first: ClassVar[tuple[str, ...]] = (
        *("name", "name_en", "address", "property_class"),
        *("developer", "enterprise", "street", "community"),
    )
    name = line(_("项目名称"), _("请填写项目名称，与规划许可一致。"), 60)
    name_en = line(_("英文名称"), None, 120)
    address = line(_("坐落"), _("请填写项目坐落。"), 200)
    developer = Choice(_("建设单位"), _("请从名录中选择建设单位。"))
    street = Choice(_("街道办事处（乡镇政府）"), _("请选择所在街道（乡镇）。"))
    community = Choice(_("社区居委会"), _("请选择所在社区；尚未划定的选“尚未划定”。"))
    enterprise = Choice(_("物业服务企业"), _("请选择物业服务企业；尚未选聘的选“尚未选聘”。"))
    buildings = line(_("幢数"), None, 8, Whole(1, 9999))
    households = line(_("户数"), None, 8, Whole(0, 999999))
    property_class = Choice(_("小区类别"), _("请选择小区类别。"), dict(PROPERTY_CLASSES))
    sale_mode = Choice(_("销售方式"), _("请选择销售方式。"), {"": _("未确定"), **SALE_MODES})
    delivery_planned = line(_("计划交付日期"), None, 20, Day())
    paper = FileField(_("依据文件"))

    def offer(self, lists: Mapping[str, Sequence[Organisation]], lang: str) -> None:
        """The parties to choose from, by kind."""
        none: dict[str, dict[str, Words]] = {
            "developer": {"": PLEASE},
            "street": {"": PLEASE},
            "community": {"": _("尚未划定")},
            "enterprise": {"": _("尚未选聘")},
        }
        fields: dict[str, Choice] = {
            "developer": self.developer,
            "street": self.street,
            "community": self.community,
            "enterprise": self.enterprise,
        }
        for kind, empty in none.items():
            fields[kind].options = {**empty, **{str(one.id): one.label(lang) for one in lists[kind]}}

    def facts(self) -> dict[str, Any]:
        """For `places.register`."""
        return {
            **self.figures(),
            "name": self.name.data,
            "name_en": self.name_en.data or "",
            "address": self.address.data,
            **{f"{k}_id": int(self[k].data) if self[k].data else None for k in PARTIES},
            "buildings": self.read.get("buildings"),
            "households": self.read.get("households"),
            "property_class": self.property_class.data,
            "sale_mode": self.sale_mode.data or "",
            "delivery_planned": self.read.get("delivery_planned"),
        }


class RecordAnswers(Answers):
    """What was done to a facility."""

    kind = Choice(_("记录种类"), _("请选择记录种类。"), {"": PLEASE, **RECORD_KINDS})
    on = line(_("日期"), _("请填写日期。"), 20, Day())
    what = words(_("内容"), _("请写明做了什么。"), 300)
    by_whom = line(_("经办人或者单位"), None, 60)
    result = Choice(_("结果"), _("请选择结果。"), {"": PLEASE, **RESULTS})
    next_due = line(_("下次日期"), None, 20, Day())

    def facts(self) -> dict[str, Any]:
        """For `places.note_record`."""
        return {
            "kind": self.kind.data,
            "on": self.read["on"],
            "what": self.what.data,
            "by_whom": self.by_whom.data or "",
            "result": self.result.data,
            "next_due": self.read.get("next_due"),
        }


class Cell:
    """A question whose answer is read as a cell of the register's table is, with the same faults."""

    def __init__(self, name: str, sheet: Sheet = tables.FACILITIES) -> None:
        self.column = next(column for column in sheet.columns if column.name == name)

    def __call__(self, form: Answers, field: Field) -> None:
        """Read it, or say what it should look like."""
        try:
            form.read[field.name] = self.column.read(field.data)
        except Wrong as wrong:
            raise StopValidation(wrong.says) from None


class FacilityAnswers(Answers):
    """A facility, entered or changed by hand."""

    project = line(_("项目编号"), _("请填写项目编号。"), 32)
    code = line(_("设备编号"), _("请填写设备编号。"), 20, Cell("code"))
    kind = Choice(_("种类"), _("请选择种类。"), {"": PLEASE, **FACILITY_KINDS})
    name = line(_("名称"), _("请填写名称。"), 60)
    location = line(_("位置"), None, 100)
    quantity = line(_("数量"), _("请填写数量。"), 20, Cell("quantity"))
    unit = line(_("计量单位"), _("请填写计量单位。"), 10)
    model = line(_("规格型号"), None, 60)
    maker = line(_("生产厂家"), None, 60)
    owner = Choice(_("权属"), _("请选择权属。"), {"": _("未确定"), **OWNERS})
    warranty_until = line(_("质保截止日期"), None, 20, Cell("warranty_until"))
    state = Choice(_("状态"), _("请选择状态。"), STATES)
    reason = line(_("变更原因"), _("请写明变更原因。"), 300)

    def facts(self) -> dict[str, Any]:
        """What the register is to say."""
        plain = ("kind", "name", "location", "unit", "model", "maker", "owner", "state")
        return {
            **{name: self[name].data or "" for name in plain},
            "code": self.read["code"],
            "quantity": self.read["quantity"],
            "warranty_until": self.read.get("warranty_until"),
        }


def _room(name: str) -> Cell:
    return Cell(name, tables.ROOMS)


#: Known, or nobody has looked yet.
KNOWN: dict[str, Words] = {"": _("未填写"), "yes": _("是"), "no": _("否")}


class RoomAnswers(Answers):
    """A room, entered or changed by hand."""

    project = line(_("项目编号"), _("请填写项目编号。"), 32)
    code = line(_("用房编号"), _("请填写用房编号。"), 20, _room("code"))
    kind = Choice(_("种类"), _("请选择种类。"), {"": PLEASE, **ROOM_KINDS})
    name = line(_("名称"), _("请填写名称。"), 60)
    building = line(_("幢号"), None, 30)
    floor = line(_("层"), None, 20)
    door = line(_("室"), None, 60)
    area = line(_("建筑面积（平方米）"), _("请填写建筑面积。"), 20, _room("area"))
    height = line(_("层高（米）"), None, 10, _room("height"))
    above_ground = Choice(_("地上"), _("请选择。"), KNOWN)
    water = Choice(_("通水"), _("请选择。"), KNOWN)
    power = Choice(_("通电"), _("请选择。"), KNOWN)
    ventilation = Choice(_("通风"), _("请选择。"), KNOWN)
    lighting = Choice(_("采光"), _("请选择。"), KNOWN)
    certificate_no = line(_("不动产权证书号"), None, 60)
    owner = Choice(_("权属"), _("请选择权属。"), {"": _("未确定"), **OWNERS})
    use = line(_("用途"), None, 60)
    mode = Choice(_("提供方式"), _("请选择提供方式。"), MODES)
    mode_until = line(_("租赁、借用截止日期"), None, 20, _room("mode_until"))
    holder = line(_("持有单位"), None, 60)
    held_since = line(_("移交日期"), None, 20, _room("held_since"))
    state = Choice(_("状态"), _("请选择状态。"), ROOM_STATES)
    gone_on = line(_("退还、灭失日期"), None, 20, _room("gone_on"))
    reason = line(_("变更原因"), _("请写明变更原因。"), 300)

    def facts(self) -> dict[str, Any]:
        """What the register is to say; `holder` is a name."""
        plain = ("kind", "name", "building", "floor", "door", "certificate_no", "owner", "use")
        known = ("above_ground", "water", "power", "ventilation", "lighting")
        return {
            **{name: self[name].data or "" for name in (*plain, "mode", "holder", "state")},
            **{name: {"yes": True, "no": False}.get(self[name].data or "") for name in known},
            **{name: self.read.get(name) for name in ("height", "mode_until", "held_since", "gone_on")},
            "code": self.read["code"],
            "area": self.read["area"],
        }


PARTIES = ("developer", "street", "community", "enterprise")
