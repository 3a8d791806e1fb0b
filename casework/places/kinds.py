"""The words of the registers of rooms and facilities: kinds, owners, states; as the forms write them."""

from __future__ import annotations

from casework.words import Words, _

ROOM_KINDS: dict[str, Words] = {
    "office": _("物业办公用房"),
    "business": _("物业经营用房"),
    "committee": _("业主委员会用房"),
    "community": _("社区用房"),
}
#: The rooms for the management (物业管理用房), which the required area is about; the rest is the community's.
MANAGEMENT = tuple(kind for kind in ROOM_KINDS if kind != "community")
FACILITY_KINDS: dict[str, Words] = {
    "parking_common": _("共有泊位"),
    "parking_title": _("产权泊位"),
    "parking_shelter": _("人防泊位"),
    "water": _("给水管网"),
    "rain": _("雨水管网"),
    "sewage": _("污水管网"),
    "power": _("电网"),
    "gas": _("燃气"),
    "heat": _("供热"),
    "fire": _("消防"),
    "lift": _("电梯"),
    "camera": _("监控"),
    "road": _("道路"),
    "green": _("绿化"),
    "light": _("照明"),
    "wall": _("围墙"),
    "waste": _("环卫设施"),
    "post": _("信报箱"),
    "charge": _("充电设施"),
    "other": _("其他"),
}
OWNERS: dict[str, Words] = {
    "owners": _("全体业主共有"),
    "developer": _("建设单位"),
    "public": _("政府（社区）"),
    "utility": _("专业经营单位"),
    "shelter": _("人防"),
    "other": _("其他"),
}
MODES: dict[str, Words] = {"allotted": _("配置"), "rented": _("租赁"), "lent": _("借用")}
#: Whether a room is there still; one that is not stays on the register with its history.
ROOM_STATES: dict[str, Words] = {"kept": _("在册"), "returned": _("已退还"), "lost": _("已灭失")}
STATES: dict[str, Words] = {
    "use": _("在用"),
    "stopped": _("停止使用"),
    "repair": _("待修"),
    "scrapped": _("报废"),
}
RECORD_KINDS: dict[str, Words] = {
    "run": _("运行"),
    "check": _("检查"),
    "repair": _("维修"),
    "upkeep": _("保养"),
}
RESULTS: dict[str, Words] = {"good": _("正常"), "fault": _("有问题"), "stopped": _("停止使用")}
#: The units that forms offer; another one stands as it was written.
UNITS: dict[str, Words] = {
    "平方米": _("平方米"),
    "米": _("米"),
    "个": _("个"),
    "套": _("套"),
    "台": _("台"),
    "处": _("处"),
}
