from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from casework.engine import decisions, drawing, flow
from tests.engine.sketch import END, START, file, flows, process, step

DRAWINGS = Path(__file__).parent / "drawings"
NOW = datetime(2026, 8, 7, 1, 0, tzinfo=UTC)
GIVEN: Mapping[str, Any] = {
    "due": datetime(2026, 9, 1, tzinfo=UTC),
    "applied": datetime(2026, 8, 7, tzinfo=UTC),
    "applicant": "李某",
    "parties": [{"name": "甲", "role": "handler"}, {"name": "乙", "role": "head"}],
    "approved": True,
    "fixed": True,
    "cost": 3,
}
RUNNING = [p for p in sorted(DRAWINGS.iterdir()) if p.stem not in ("bizagi", "bpmnio")]
DMN = (
    '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="n">'
    '<decision id="who" name="谁"><decisionTable id="t"><input id="i"><inputExpression id="x"><text>area</text>'
    '</inputExpression></input><output id="o" name="out"/><rule id="r"><inputEntry id="a"><text>&gt; 3</text></inputEntry>'
    '<outputEntry id="b"><text>"区"</text></outputEntry></rule></decisionTable></decision></definitions>'
)


def begun(opened: drawing.Drawing, **more: Any) -> flow.Position:
    return flow.begin(opened, {**GIVEN, **more}, now=NOW, carry_out=lambda effect, variables: {"number": "1"})


@pytest.mark.parametrize("path", RUNNING, ids=lambda p: p.name)
def test_drawings_of_every_common_tool_open_and_begin(path: Path) -> None:
    opened = drawing.open(path.read_bytes())
    position = begun(opened)
    assert not position.incidents
    assert position.tasks or position.subscriptions
    assert not position.ended


def test_a_drawing_that_only_documents_is_read_with_its_findings() -> None:
    found = drawing.check((DRAWINGS / "bizagi.bpmn").read_bytes())
    assert {f.element for f in found if f.level == "error"} == {"Id_f3", "Id_f4"}


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [("utf-8", b"\xef\xbb\xbf"), ("utf-16-le", b"\xff\xfe"), ("utf-16-be", b"\xfe\xff"), ("gbk", b"")],
)
def test_encodings_of_the_office_are_read(encoding: str, mark: bytes) -> None:
    text = (DRAWINGS / "activiti.bpmn").read_text(encoding="utf-8")
    declared = encoding[:6].upper() if mark else encoding
    text = text.replace('encoding="UTF-8"', f'encoding="{declared}"').replace("\n", "\r\n")
    opened = drawing.open(mark + text.encode(encoding))
    assert opened.name == "请假审批"
    assert opened.elements["decide"].line == 6


def test_other_prefixes_and_a_default_namespace_mean_the_same() -> None:
    data = (DRAWINGS / "camunda8.bpmn").read_bytes()
    plain = (
        data.replace(b"bpmn:", b"")
        .replace(b"xmlns:bpmn=", b"xmlns=")
        .replace(b'xsi:type="t', b'xsi:type="bpmn:t')
    )
    other = data.replace(b"bpmn:", b"semantic:").replace(b"xmlns:bpmn=", b"xmlns:semantic=")
    first, *rest = (drawing.open(d) for d in (data, plain, other))
    for again in rest:
        assert dict(again.elements) == dict(first.elements)


def test_a_camunda_8_drawing_brings_everything_the_office_needs() -> None:
    opened = drawing.open((DRAWINGS / "camunda8.bpmn").read_bytes(), keep=["remark"])
    assert (opened.process, opened.name) == ("acceptance", "联合验收")
    assert opened.lanes == ("建设单位", "验收单位")
    assert opened.forms == {"apply", "sign", "file"}
    assert dict(opened.effects) == {"certify": "issue paper"}
    assert opened.names == {"applicant", "applied", "parties", "agreed"}
    assert opened.keeps == opened.names | {"remark"}
    assert opened.findings == ()
    apply = opened.elements["apply"]
    assert (apply.kind, apply.name, apply.lane, apply.form) == ("userTask", "提交资料", "建设单位", "apply")
    assert (apply.incoming, apply.outgoing) == (("f1",), ("f2",))
    assert apply.assignee == "=applicant"
    assert apply.candidate_groups == "handler, head"
    assert apply.due_date == '=applied + duration("P5D")'
    assert apply.properties["followUpDate"] == "2026-09-01T09:00:00+08:00"
    assert apply.priority == "70"
    assert (apply.properties["sign"], apply.properties["hint"]) == ("S2", "请上传竣工图")
    loop = opened.elements["sign"].loop
    assert loop is not None
    assert (loop.collection, loop.item, loop.output) == ("parties", "party", "opinions")
    assert loop.output_item == "{party: party.name, agreed: agreed}"
    assert loop.condition == "agreed = false"
    certify = opened.elements["certify"]
    assert dict(certify.inputs) == {"votes": "ayes"}
    assert dict(certify.outputs) == {"certificate": "number"}
    assert certify.properties["paper"] == "D23"
    assert opened.elements["count"].script == "ayes = count(opinions[agreed])"
    late = opened.elements["late"]
    assert (late.event, late.attached, late.interrupting, late.lane) == ("timer", "sign", True, "验收单位")
    assert opened.elements["archive"].called == "archiving"
    assert opened.elements["a_file"].lane is None


def test_the_executable_process_is_chosen_and_another_can_be_asked_for() -> None:
    two = file(
        f'<process id="a" isExecutable="false">{START}{step()}{END}{flows("s t e")}</process>'
        '<process id="b" isExecutable="true"><startEvent id="bs"/><userTask id="bt"/>'
        '<sequenceFlow id="bf" sourceRef="bs" targetRef="bt"/></process>'
    )
    assert drawing.open(two).process == "b"
    assert drawing.open(two, process="a").process == "a"
    with pytest.raises(drawing.Refused) as refused:
        drawing.open(two, process="c")
    assert [f.code for f in refused.value.findings if f.level == "error"] == ["no-such-process"]


def test_a_process_that_others_call_is_not_the_one_to_begin() -> None:
    called = f'<process id="a" isExecutable="true">{START}{step()}{END}{flows("s t e")}</process>'
    caller = (
        '<process id="b" isExecutable="true"><startEvent id="bs"/><callActivity id="bt" calledElement="a"/>'
        '<sequenceFlow id="bf" sourceRef="bs" targetRef="bt"/></process>'
    )
    opened = drawing.open(file(called + caller))
    assert opened.process == "b"
    assert [t.element for t in begun(opened).tasks] == ["t"]


def test_faults_in_a_pool_that_is_not_carried_out_do_not_hinder() -> None:
    found = drawing.check(
        file(
            f'<process id="a" isExecutable="true">{START}{step()}{END}{flows("s t e")}</process>'
            '<process id="b"><complexGateway id="g"/></process>'
        )
    )
    assert {f.level for f in found} == {"warning"}
    assert {f.code for f in found} >= {"other-pool", "unsupported"}


def test_a_called_file_brings_its_own_elements_and_lanes() -> None:
    caller = process(f'{START}<callActivity id="c" calledElement="q"/>{END}', "s c e")
    other = file(
        '<process id="q"><laneSet><lane id="l" name="街道"><flowNodeRef>t</flowNodeRef></lane></laneSet>'
        f'<startEvent id="qs"/>{step()}<sequenceFlow id="qf" sourceRef="qs" targetRef="t"/></process>'
    )
    opened = drawing.open(caller, called=[other])
    assert opened.elements["t"].process == "q"
    assert opened.elements["t"].lane == "街道"
    assert opened.lanes == ()


def test_decisions_are_found_and_what_they_read_is_kept() -> None:
    data = process(
        f'{START}<businessRuleTask id="r"><extensionElements>'
        '<zeebe:calledDecision decisionId="who" resultVariable="office"/></extensionElements></businessRuleTask>'
        f"{step()}{END}",
        "s r t e",
    )
    table = decisions.read(DMN.encode())
    opened = drawing.open(data, decisions=[table])
    assert opened.decisions == {"who": table}
    assert opened.names == {"area"}
    assert begun(opened, area=5).variables["office"] == "区"
    assert [f.code for f in drawing.check(data)] == []
    assert [f.code for f in drawing.check(data, decisions=[])] == ["missing-decision"]


def test_refused_says_everything_at_once() -> None:
    with pytest.raises(drawing.Refused) as refused:
        drawing.open(process(f'{START}<complexGateway id="g"/><serviceTask id="w"/>{END}', "s g w e"))
    assert [f.element for f in refused.value.findings] == ["g", "w"]
    assert "不支持复杂网关" in str(refused.value)
