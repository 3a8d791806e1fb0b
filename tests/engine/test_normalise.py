from __future__ import annotations

from pathlib import Path

import pytest

from casework import xml
from casework.engine import bpmn, dialects, elements
from casework.engine.normalise import normalise
from tests.engine.sketch import END, START, file, plain, process, step

DRAWINGS = Path(__file__).parent / "drawings"


def read(data: bytes) -> dict[str, elements.Element]:
    return elements.read(normalise(xml.read(data)))


def sample(name: str) -> dict[str, elements.Element]:
    return read((DRAWINGS / name).read_bytes())


def text_of(data: bytes, path: str) -> str:
    return bpmn.text(normalise(xml.read(data)).find(path, bpmn.NS))


def test_camunda_7_attributes_mean_the_same_as_camunda_8_elements() -> None:
    found = sample("camunda7.bpmn")
    review, sign = found["Activity_review"], found["Activity_sign"]
    assert found["StartEvent_1"].form == "embedded:app:forms/start.html"
    assert review.form == "review"
    assert review.candidate_groups == "window,head"
    assert review.due_date == "=due"
    assert review.properties["sign"] == "S1"
    assert dict(review.inputs) == {"who": "applicant"}
    assert sign.assignee == "=party"
    assert sign.loop == elements.Loop(
        sequential=True, collection="parties", item="party", output=None, output_item=None, cardinality=None,
        condition="nrOfCompletedInstances >= 2",
    )  # fmt: skip
    assert found["Activity_mail"].effect == "send letter"
    assert found["Event_remind"].interrupting is False


@pytest.mark.parametrize(
    ("name", "element", "groups", "form"),
    [
        ("flowable.bpmn20.xml", "handle", "repairers", "handle"),
        ("activiti.bpmn", "decide", "management", "decide"),
    ],
)
def test_forks_of_camunda_are_read_like_it(name: str, element: str, groups: str, form: str) -> None:
    found = sample(name)[element]
    assert (found.candidate_groups, found.form) == (groups, form)


def test_flows_without_ids_get_the_same_ones_at_every_reading() -> None:
    first, again = sample("activiti.bpmn"), sample("activiti.bpmn")
    assert first == again
    assert first["decide"].incoming == ("flow_theStart_decide",)
    assert first["theEnd"].incoming == ("flow_decide_theEnd", "flow_higher_theEnd")


def test_two_flows_between_the_same_steps_keep_apart() -> None:
    data = file(
        '<process id="p"><startEvent id="a"/><task id="b"/><sequenceFlow sourceRef="a" targetRef="b"/>'
        '<sequenceFlow sourceRef="a" targetRef="b"/></process>'
    )
    assert read(data)["a"].outgoing == ("flow_a_b", "flow_a_b_2")


def test_incoming_and_outgoing_are_written_anew_from_the_flows() -> None:
    data = plain().replace(
        b'<bpmn:endEvent id="e"/>',
        b'<bpmn:endEvent id="e"><bpmn:incoming>gone</bpmn:incoming></bpmn:endEvent>',
    )
    assert read(data)["e"].incoming == ("t_e",)


def test_flows_that_only_the_elements_know_are_completed() -> None:
    data = file(
        '<process id="p"><startEvent id="a"><outgoing>f</outgoing></startEvent>'
        '<task id="b"><incoming>f</incoming></task><sequenceFlow id="f"/></process>'
    )
    assert read(data)["b"].incoming == ("f",)


def test_a_flow_drawn_outside_its_subprocess_is_brought_home() -> None:
    data = process(
        f'{START}<subProcess id="sub"><startEvent id="x"/><task id="y"/></subProcess>{END}', "s sub e; x y"
    )
    assert read(data)["y"].incoming == ("x_y",)


def test_prefixed_references_are_followed() -> None:
    found = sample("visualparadigm.bpmn")
    assert found["race"].outgoing == ("c", "d")
    assert found["wait"].event == "message"


def test_jbpm_inputs_name_form_group_and_collection() -> None:
    found = sample("jbpm.bpmn2")["_T1"]
    assert (found.form, found.candidate_groups) == ("count_rooms", "handover")
    assert found.loop is not None
    assert (found.loop.collection, found.loop.item) == ("parties", "party")


def test_spiffarena_properties_scripts_and_operators_are_read() -> None:
    found = sample("spiffarena.bpmn")
    assert found["Activity_ask"].form == "ask-schema.json"
    assert found["Activity_ask"].scope == "Activity_visit"
    assert found["Activity_send"].effect == "send letter"
    assert found["Activity_list"].script == 'homes = ["1-101", "1-102"]\ntotal = count(homes)'


def test_the_innermost_named_lane_counts() -> None:
    found = sample("signavio.bpmn")
    assert found["sid-fix"].lane == "工程"
    nested = process(
        '<laneSet><lane id="o" name="区房管局"><flowNodeRef>s</flowNodeRef><flowNodeRef>t</flowNodeRef><childLaneSet>'
        '<lane id="i" name="窗口"><flowNodeRef>t</flowNodeRef></lane><lane id="n"><flowNodeRef>e</flowNodeRef></lane>'
        f"</childLaneSet></lane></laneSet>{START}{step()}{END}"
        '<boundaryEvent id="b" attachedToRef="t"><timerEventDefinition/></boundaryEvent>'
        '<subProcess id="x"><task id="y"/></subProcess>',
        "s t e",
    ).replace(b"<bpmn:flowNodeRef>e<", b"<bpmn:flowNodeRef> e <")
    found = read(nested)
    assert {name: found[name].lane for name in "stebxy"} == {
        "s": "区房管局", "t": "窗口", "e": "区房管局", "b": "窗口", "x": None, "y": None,
    }  # fmt: skip


def test_what_stands_in_a_subprocess_lies_in_its_lane() -> None:
    found = read(
        process(
            '<laneSet><lane id="l" name="街道"><flowNodeRef>x</flowNodeRef></lane></laneSet>'
            '<subProcess id="x"><subProcess id="y"><task id="z"/></subProcess></subProcess>'
        )
    )
    assert {e.lane for e in found.values()} == {"街道"}


@pytest.mark.parametrize(
    ("written", "feel"),
    [
        ("PT1H", '"PT1H"'),
        (" R3/PT10M ", '"R3/PT10M"'),
        ("2026-08-07T09:00:00+08:00", '"2026-08-07T09:00:00+08:00"'),
        ('=deadline("correct")', 'deadline("correct")'),
        ("${due}", "due"),
        ('duration("P1D")', 'duration("P1D")'),
    ],
)
def test_timers_are_written_as_feel(written: str, feel: str) -> None:
    assert dialects.timer(written) == feel


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("window, head", "window, head"),
        ("=party.group", "=party.group"),
        ("${party.group}", "=party.group"),
        ("2026-08-07", "2026-08-07"),
    ],
)
def test_a_text_is_feel_when_it_begins_with_an_equals_sign(written: str, meant: str) -> None:
    assert dialects.either(written) == meant


def test_an_empty_condition_is_none() -> None:
    data = (DRAWINGS / "bizagi.bpmn").read_bytes()
    assert normalise(xml.read(data)).find(".//b:conditionExpression", bpmn.NS) is None


def test_a_send_task_with_a_job_type_is_an_effect() -> None:
    data = process(
        f'{START}<sendTask id="w"><extensionElements><zeebe:taskDefinition type="send letter"/></extensionElements></sendTask>{END}',
        "s w e",
    )
    found = read(data)["w"]
    assert (found.kind, found.effect) == ("serviceTask", "send letter")


def test_an_event_definition_that_stands_apart_is_put_into_its_event() -> None:
    data = file(
        '<timerEventDefinition id="d"><timeDuration>PT1H</timeDuration></timerEventDefinition><process id="p">'
        '<intermediateCatchEvent id="c"><eventDefinitionRef>d</eventDefinitionRef></intermediateCatchEvent></process>'
    )
    assert read(data)["c"].event == "timer"
    assert text_of(data, ".//b:process//b:timeDuration") == '"PT1H"'


def test_camunda_7_parameters_are_texts_unless_they_are_expressions() -> None:
    data = process(
        '<userTask id="t"><extensionElements><camunda:inputOutput><camunda:inputParameter name="a">say "hi"</camunda:inputParameter>'
        '<camunda:outputParameter name="b">${x}</camunda:outputParameter></camunda:inputOutput></extensionElements></userTask>'
    )
    found = read(data)["t"]
    assert dict(found.inputs) == {"a": '"say \\"hi\\""'}
    assert dict(found.outputs) == {"b": "x"}


def test_a_draft_of_bpmn_is_read_as_bpmn() -> None:
    data = plain().replace(
        b"http://www.omg.org/spec/BPMN/20100524/MODEL", b"http://schema.omg.org/spec/BPMN/2.0"
    )
    assert read(data)["t"].kind == "userTask"


def test_standard_owners_are_read() -> None:
    owner = "<resourceAssignmentExpression><formalExpression>handlers</formalExpression></resourceAssignmentExpression>"
    data = process(
        f'<userTask id="t"><potentialOwner>{owner}</potentialOwner><humanPerformer>{owner}</humanPerformer></userTask>'
    )
    found = read(data)["t"]
    assert (found.candidate_groups, found.assignee) == ("handlers", "handlers")
