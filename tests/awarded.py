"""A tender reduced to its end: somebody is awarded, and the case waits for the filed contract."""

from __future__ import annotations

import shutil
from pathlib import Path

import yaml
from linked import drawing, form, text

from casework import stories

WORKFLOWS = Path(__file__).parent.parent / "workflows"
AWARD = """=if winner = null then null else {
  no: 2, enterprise: number(winner), name: "云河青禾物业服务有限公司", on: awarded_on, price: 2.35, total_year: 846000,
  level: "二级", years: 3, manager: "项目经理甲", notice_number: "云房招中〔2026〕1号",
  prices: [{house_type: "高层住宅", area: 27200, unit_price: 2.35}],
  staff: [{post: "项目负责人", count: 1, qualification: "五年以上经验"}, {post: "秩序维护", count: 9, qualification: null}]}"""
ABOUT = {
    "code": "ZB",
    "title": "测试用招标",
    "about": "测试用：只有中标结果的招标。",
    "basis": ["本局测试"],
    "subject": "project",
    "starts": {"kinds": ["developer"], "roles": ["handler", "head"]},
    "asks": "apply",
    "case_title": '="招标：" + project.name',
    "parties": {"建设单位": {"organisation": "=starter.id", "roles": ["handler", "head"]}},
    "shows": {
        "award": AWARD,
        "bid_bond": "=20000",
        "bidders": '=[{name: "云河和煦物业服务有限公司", name_en: "Hexu", enterprise: number(loser)},'
        ' {name: "云河青禾物业服务有限公司", name_en: "Qinghe", enterprise: number(winner)}]',
        "performance_bond_percent": "=5",
    },
    "retention": "10年",
}
WAIT = (
    '<startEvent id="start" name="定标"/><intermediateCatchEvent id="wait" name="等待合同备案">'
    '<messageEventDefinition id="wait_message" messageRef="M"/></intermediateCatchEvent>'
    '<endEvent id="done" name="完成"/>'
)
FILED = (
    '<message id="M" name="contract filed"><extensionElements>'
    '<zeebe:subscription correlationKey="=case.number"/></extensionElements></message>'
)
WON = """
title: 已经定标
title_en: "Awarded"
cases: []
project: YH-001
starts: {who: dev1, at: %s 09:00, says: {winner: %s, loser: {organisation: ent2}, awarded_on: %s}}
"""


def folders(root: Path) -> dict[str, Path]:
    """The small tender, and our contract folder that may concern it."""
    tender, contract = root / "tender", root / "contract"
    for name in ("forms", "stories"):
        (tender / name).mkdir(parents=True)
    (tender / "procedure.yaml").write_text(yaml.safe_dump(ABOUT, allow_unicode=True), "utf-8")
    lanes = {"建设单位": "start wait done"}
    (tender / "process.bpmn").write_text(drawing("tender", lanes, WAIT, "start wait done", FILED), "utf-8")
    winner = text("winner", "中标人", 1)
    winner["validate"]["required"] = False
    day = {
        "type": "datetime", "id": "Field_on", "key": "awarded_on", "label": "定标日期", "subtype": "date",
        "dateLabel": "定标日期", "properties": {"label.en": "Awarded on"},
    }  # fmt: skip
    (tender / "forms" / "apply.form").write_text(
        form("apply", "定标", winner, text("loser", "未中标人", 1), day), "utf-8"
    )
    shutil.copytree(WORKFLOWS / "contract", contract)
    about = yaml.safe_load((contract / "procedure.yaml").read_text("utf-8"))
    about["concerns"]["procedures"] = ["tender", "exemption"]
    (contract / "procedure.yaml").write_text(
        yaml.safe_dump(about, allow_unicode=True, sort_keys=False), "utf-8"
    )
    return {"tender": tender, "contract": contract}


def story(
    root: Path, name: str, told: str, *, on: str, winner: str = "{organisation: ent1}"
) -> stories.Story:
    """A story of the contract after an award on this day; `told`: starts, steps and what holds then."""
    (root / "tender" / "stories" / f"{name}.yaml").write_text(WON % (on, winner, on), "utf-8")
    head = f'title: 测试\ntitle_en: "Test"\ncases: []\nconcerns: {{story: tender/{name}}}\n'
    file = root / "contract" / "stories" / f"{name}.yaml"
    file.write_text(head + told, "utf-8")
    return stories.read(file)
