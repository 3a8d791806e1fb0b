from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casework.engine import drawing, flow
from casework.engine.findings import Finding
from tests.engine.sketch import END, START, bpmn, file, plain, process, step

DRAWINGS = Path(__file__).parent / "drawings"
NOW = datetime(2026, 8, 7, 1, 0, tzinfo=UTC)
GATEWAY = '<exclusiveGateway id="g" name="同意？"/>'
TIMER = "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>"
TWO = '<endEvent id="e2"/>'


def condition(name: str, text: str) -> str:
    source, target = name.split("_")
    inside = f'<conditionExpression xsi:type="bpmn:tFormalExpression">{text}</conditionExpression>'
    return f'<sequenceFlow id="{name}" sourceRef="{source}" targetRef="{target}">{inside}</sequenceFlow>'


def line_of(data: bytes, element: str) -> int:
    lines = data.decode().splitlines()
    return next((i for i, text in enumerate(lines, 1) if f'id="{element}"' in text), 0)


def subprocess(inside: str, more: str = "", tag: str = "subProcess") -> str:
    return f'<{tag} id="sub" {more}>{inside}</{tag}>'


REFUSED = {
    "complex gateway": ("unsupported", "g", process(f'{START}<complexGateway id="g"/>{END}', "s g e")),
    "ad hoc subprocess": (
        "unsupported", "sub", process(f"{START}{subprocess(step(), tag='adHocSubProcess')}{END}", "s sub e")),
    "event subprocess, interrupting": (
        "unsupported", "sub",
        plain(subprocess(f'<startEvent id="s2">{TIMER}</startEvent>{step("t2")}', 'triggeredByEvent="true"'))),
    "link event": (
        "unsupported", "l",
        process(f'{START}<intermediateThrowEvent id="l"><linkEventDefinition name="x"/></intermediateThrowEvent>{END}', "s l e")),
    "compensation thrown": (
        "unsupported", "l",
        process(f'{START}<intermediateThrowEvent id="l"><compensateEventDefinition/></intermediateThrowEvent>{END}', "s l e")),
    "compensation boundary": (
        "unsupported", "b",
        plain('<boundaryEvent id="b" attachedToRef="t"><compensateEventDefinition/></boundaryEvent>')),
    "conditional event": (
        "unsupported", "c",
        process(f'{START}<intermediateCatchEvent id="c"><conditionalEventDefinition><condition>x = 1</condition>'
                f"</conditionalEventDefinition></intermediateCatchEvent>{END}", "s c e")),
    "several triggers": (
        "unsupported", "c",
        process(f'{START}<intermediateCatchEvent id="c">{TIMER}<signalEventDefinition/></intermediateCatchEvent>{END}', "s c e")),
    "dangling flow": ("dangling-flow", "t_x", plain("", "t x")),
    "flow that hangs in the air": ("open-flow", "f", plain('<sequenceFlow id="f" sourceRef="t"/>')),
    "flow from nowhere": ("dangling-flow", "x_t", plain("", "x t")),
    "flow into a subprocess": (
        "crossing-flow", "t_i",
        plain(subprocess(f'<startEvent id="s2"/>{step("i")}<endEvent id="e2"/>'), "t sub e; t i")),
    "flow into a boundary event": (
        "into-boundary", "t_b", plain(f'<boundaryEvent id="b" attachedToRef="t">{TIMER}</boundaryEvent>', "t b e")),
    "id twice": ("duplicate-id", "t", plain(step("t"))),
    "no start": ("no-start", "p", process(f"{step()}{END}", "t e")),
    "subprocess without start": (
        "no-start", "sub", process(f"{START}{subprocess(step('i'))}{END}", "s sub e")),
    "no end": ("no-end", "p", process(f'{START}{step()}<exclusiveGateway id="g"/>', "s g t g")),
    "nothing to do": ("nothing-to-do", "p", process(f"{START}{END}", "s e")),
    "only a gateway": (
        "nothing-to-do", "p", process(f'{START}<parallelGateway id="g"/>{END}', "s g e")),
    "gateway without a way out": ("dead-end", "g", process(f"{START}{step()}{GATEWAY}", "s t g")),
    "start without a way out": ("dead-end", "s", process(START)),
    "flow without condition": (
        "no-condition", "g_e2",
        process(f"{START}{step()}{GATEWAY}{END}{TWO}{condition('g_e', 'x = 1')}", "s t g e2")),
    "boundary on nothing": (
        "boundary", "b", plain(f'<boundaryEvent id="b" attachedToRef="x">{TIMER}</boundaryEvent>', "b e")),
    "boundary on a gateway": (
        "boundary", "b",
        process(f'{START}{step()}{GATEWAY}{END}<boundaryEvent id="b" attachedToRef="g">{TIMER}</boundaryEvent>',
                "s t g e; b e")),
    "boundary that waits for nothing": (
        "no-definition", "b", plain('<boundaryEvent id="b" attachedToRef="t"/>', "b e")),
    "cancel outside a transaction": (
        "cancel-outside", "b",
        plain('<boundaryEvent id="b" attachedToRef="t"><cancelEventDefinition/></boundaryEvent>', "b e")),
    "condition out of a throw event": (
        "condition-ignored", "m",
        process(f'{START}<sendTask id="m" name="信"/>{step()}{END}{condition("m_t", "x = 1")}', "s m; t e")),
    "task behind an event gateway": (
        "event-gateway-target", "g", process(f'{START}<eventBasedGateway id="g"/>{step()}{END}', "s g t e")),
    "missing message": (
        "missing-reference", "c",
        process(f'{START}<intermediateCatchEvent id="c"><messageEventDefinition messageRef="m"/></intermediateCatchEvent>{END}', "s c e")),
    "missing error": (
        "missing-reference", "b",
        plain('<boundaryEvent id="b" attachedToRef="t"><errorEventDefinition errorRef="x"/></boundaryEvent>', "b e")),
    "message without a name": (
        "no-message", "c",
        process(f'{START}<intermediateCatchEvent id="c"><messageEventDefinition/></intermediateCatchEvent>{END}', "s c e")),
    "timer without a time": (
        "no-timer", "c",
        process(f'{START}<intermediateCatchEvent id="c"><timerEventDefinition/></intermediateCatchEvent>{END}', "s c e")),
    "cron timer": (
        "timer", "c",
        process(f'{START}<intermediateCatchEvent id="c"><timerEventDefinition><timeCycle>0 0 9 * * ?</timeCycle>'
                f"</timerEventDefinition></intermediateCatchEvent>{END}", "s c e")),
    "timer of a day that no calendar has": (
        "timer", "c",
        process(f'{START}<intermediateCatchEvent id="c"><timerEventDefinition><timeDate>2026-13-45</timeDate>'
                f"</timerEventDefinition></intermediateCatchEvent>{END}", "s c e")),
    "timer that is a subtraction": (
        "timer", "c",
        process(f'{START}<intermediateCatchEvent id="c"><timerEventDefinition><timeDate>=2026-11-27</timeDate>'
                f"</timerEventDefinition></intermediateCatchEvent>{END}", "s c e")),
    "element of another kind of drawing": (
        "unsupported", "k", process(f'{START}<choreographyTask id="k" name="商谈"/>{step()}{END}', "s k t e")),
    "service without a type": ("no-type", "w", process(f'{START}<serviceTask id="w"/>{END}', "s w e")),
    "service in Java": (
        "java", "w", process(f'{START}<serviceTask id="w" camunda:class="org.example.Send"/>{END}', "s w e")),
    "rule without a decision": ("no-decision", "w", process(f'{START}<businessRuleTask id="w"/>{END}', "s w e")),
    "rule with a missing decision": (
        "missing-decision", "w",
        process(f'{START}<businessRuleTask id="w" camunda:decisionRef="who"/>{END}', "s w e")),
    "call without a name": ("no-called", "w", process(f'{START}<callActivity id="w"/>{END}', "s w e")),
    "call of what is missing": (
        "missing-called", "w", process(f'{START}<callActivity id="w" calledElement="q"/>{END}', "s w e")),
    "call of itself": (
        "recursive-call", "w", process(f'{START}<callActivity id="w" calledElement="p"/>{END}', "s w e")),
    "call by expression": (
        "dynamic-name", "w", process(f'{START}<callActivity id="w" calledElement="=which"/>{END}', "s w e")),
    "multi-instance of nothing": (
        "no-collection", "m",
        process(f"{START}{step('m', '<multiInstanceLoopCharacteristics/>')}{END}", "s m e")),
    "endless loop": (
        "endless-loop", "m", process(f"{START}{step('m', '<standardLoopCharacteristics/>')}{END}", "s m e")),
    "Python script": (
        "script", "w", process(f'{START}<scriptTask id="w"><script>import os</script></scriptTask>{END}', "s w e")),
    "script that does not parse": (
        "expression", "w", process(f'{START}<scriptTask id="w"><script>x = 1 +</script></scriptTask>{END}', "s w e")),
    "condition that does not parse": (
        "expression", "g_e",
        process(f"{START}{step()}{GATEWAY}{END}{TWO}{condition('g_e', '=x = = 1')}{condition('g_e2', 'true')}", "s t g")),
    "Java in a condition": (
        "juel", "g_e",
        process(f"{START}{step()}{GATEWAY}{END}{TWO}{condition('g_e', '${bean.call(x)}')}{condition('g_e2', 'true')}", "s t g")),
    "collection that does not parse": (
        "expression", "m",
        process(START + step("m", "<multiInstanceLoopCharacteristics><extensionElements>"
                '<zeebe:loopCharacteristics inputCollection="=[1,"/></extensionElements>'
                "</multiInstanceLoopCharacteristics>") + END, "s m e")),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_a_drawing_that_would_not_run_is_refused_with_its_element_and_line(what: str) -> None:
    code, element, data = REFUSED[what]
    found = drawing.check(data, decisions=())
    errors = [f for f in found if f.level == "error"]
    assert (code, element) in {(f.code, f.element) for f in errors}, errors
    said = next(f for f in errors if f.code == code)
    lines = data.decode().splitlines()
    assert f'id="{element}"' in lines[said.line - 1]
    assert said.zh.endswith(("。", "？", "：import os"))
    assert said.zh != said.en
    with pytest.raises(drawing.Refused):
        drawing.open(data)


ALLOWED = {
    "two flows out of a task": plain(f"{TWO}", "t e2"),
    "two timers behind an event gateway": process(
        f'{START}<eventBasedGateway id="g"/>{END}'
        f'<intermediateCatchEvent id="a">{TIMER}</intermediateCatchEvent>'
        f'<intermediateCatchEvent id="b">{TIMER}</intermediateCatchEvent>', "s g a e; g b e"),
    "a step that nothing follows": process(f"{START}{step()}", "s t"),
    "a data object three levels deep": process(
        f'<dataObject id="o"/><dataObjectReference id="r" dataObjectRef="o"/>{START}'
        + subprocess('<startEvent id="s1"/><subProcess id="sub2"><startEvent id="s2"/>'
                     + step("t", "<dataInputAssociation><sourceRef>r</sourceRef></dataInputAssociation>")
                     + "</subProcess>") + END, "s sub e; s1 sub2; s2 t"),
    "a data store": plain('<dataStoreReference id="ds" name="档案" dataStoreRef="x"/>', "", '<dataStore id="x" name="y"/>'),
    "a loop with a condition": process(
        START + step("t", "<standardLoopCharacteristics><loopCondition>again</loopCondition></standardLoopCharacteristics>")
        + END, "s t e"),
    "an empty script": process(f'{START}<scriptTask id="w"/>{step()}{END}', "s w t e"),
    "a message start": process(
        '<startEvent id="s"><messageEventDefinition messageRef="m"/></startEvent>' + step() + END, "s t e",
        '<message id="m" name="来文"/>'),
    "a subprocess that starts by a timer": process(
        START + subprocess(f'<startEvent id="s2">{TIMER}</startEvent>{step()}<endEvent id="e2"/>') + END,
        "s sub e; s2 t e2"),
    "conditions out of a task": process(
        f"{START}{step()}{END}{TWO}{condition('t_e', '=ok')}{condition('t_e2', '=not(ok)')}", "s t"),
    "a step of the id Start": process('<startEvent id="s0"/>' + step("Step") + END, "s0 Step e"),
    "what no token reaches may be unfinished": plain(
        f"{step('lost')}<exclusiveGateway id='x'/><serviceTask id='y'/>", "lost x"),
    "a chain of a thousand steps": process(
        START + END + "".join(step(f"t{i}") for i in range(999)),
        "s " + " ".join(f"t{i}" for i in range(999)) + " e"),
}  # fmt: skip


@pytest.mark.parametrize("what", ALLOWED)
def test_what_runs_is_not_refused_and_reaches_a_step_or_a_wait(what: str) -> None:
    opened = drawing.open(ALLOWED[what])
    position = flow.begin(
        opened, {"again": True, "ok": True}, now=NOW, carry_out=lambda effect, variables: {}
    )
    assert not position.incidents
    assert position.tasks or position.timers or position.subscriptions


def test_a_thing_drawn_but_not_carried_out_is_a_warning() -> None:
    codes = {f.code: f.level for f in drawing.check(ALLOWED["a data store"])}
    assert codes == {"data-store": "warning"}
    lost = drawing.check(ALLOWED["what no token reaches may be unfinished"])
    assert {f.level for f in lost} == {"warning"}
    assert [f.element for f in lost if f.code == "unreachable"] == ["lost", "x", "y"]


def test_two_plain_starts_are_remarked_on() -> None:
    data = process(f'{START}<startEvent id="s2"/>{step()}{END}', "s t e; s2 t")
    assert [f.code for f in drawing.check(data)] == ["several-starts"]


def test_a_circle_without_a_person_is_remarked_on_once() -> None:
    data = process(
        f'{START}<exclusiveGateway id="g" default="g_w"/><scriptTask id="w"><script>n = n + 1</script></scriptTask>'
        f"{step()}{END}{condition('g_t', 'n > 3')}",
        "s g w g; t e",
    )
    found = [f for f in drawing.check(data) if f.code == "automatic-loop"]
    assert [f.element for f in found] == ["g"]


def test_a_step_without_a_form_is_a_warning_until_it_is_part_of_a_procedure() -> None:
    data = process(f'{START}<userTask id="t" name="审核"/>{END}', "s t e")
    assert [(f.code, f.level) for f in drawing.check(data)] == [("no-form", "warning")]
    assert [(f.code, f.level) for f in drawing.check(data, forms=["sign"])] == [("form-needed", "error")]
    assert [f.code for f in drawing.check(plain(), forms=["sign"])] == ["missing-form"]
    assert drawing.check(plain(), forms=["f"]) == []


def test_unknown_names_functions_and_effects_are_found_when_the_known_ones_are_given() -> None:
    data = process(
        f"{START}{step()}{GATEWAY}{END}{TWO}{condition('g_e', '=decison = &quot;approve&quot;')}"
        f"{condition('g_e2', '=deadine(&quot;x&quot;) &gt; today')}"
        '<serviceTask id="w"><extensionElements><zeebe:taskDefinition type="isue paper"/></extensionElements></serviceTask>',
        "s w t g",
    )
    found = drawing.check(data, known=["decision", "today"], functions=["deadline"], effects=["issue paper"])
    assert [(f.code, f.element) for f in found if f.level == "error"] == [
        ("unknown-name", "g_e"), ("unknown-function", "g_e2"), ("unknown-effect", "w"),
    ]  # fmt: skip
    name, function = (f for f in found if f.code in ("unknown-name", "unknown-function"))
    assert "是否应为“decision”？" in name.zh
    assert "Did you mean “deadline”?" in function.en
    assert not [f for f in drawing.check(data) if f.level == "error"]


def test_what_the_drawing_sets_itself_and_local_names_are_known() -> None:
    data = process(
        START + step("m", "<multiInstanceLoopCharacteristics><extensionElements><zeebe:loopCharacteristics"
                     ' inputCollection="=parties" inputElement="party" outputCollection="opinions"'
                     ' outputElement="=party.name"/></extensionElements><completionCondition>'
                     "nrOfCompletedInstances &gt; 1</completionCondition></multiInstanceLoopCharacteristics>")
        + '<scriptTask id="w"><script>ayes = count(opinions)\nmany = ayes &gt; 2</script></scriptTask>' + END,
        "s m w e",
    )  # fmt: skip
    assert drawing.check(data, known=["parties"], functions=[]) == []
    assert drawing.open(data).names == {"parties"}


def test_a_fault_in_a_called_file_is_said_with_its_line_there() -> None:
    caller = process(f'{START}<callActivity id="c" calledElement="q"/>{END}', "s c e")
    called = file('<process id="q" isExecutable="true">\n<startEvent id="qs"/>\n<exclusiveGateway id="qg"/>\n'
                  '<sequenceFlow id="qf" sourceRef="qs" targetRef="qg"/></process>')  # fmt: skip
    (found,) = drawing.check(caller, called=[called])
    assert (found.code, found.element, found.line) == ("dead-end", "qg", 0)
    assert found.zh.startswith("（被调用的文件，第 5 行）")


def test_calls_in_a_ring_are_refused() -> None:
    one = process(f'{START}<callActivity id="c" calledElement="q"/>{END}', "s c e")
    two = file(bpmn('<process id="q"><startEvent id="s2"/><callActivity id="c2" calledElement="p"/>'
                    '<sequenceFlow id="f2" sourceRef="s2" targetRef="c2"/></process>'))  # fmt: skip
    codes = {(f.code, f.element) for f in drawing.check(one, called=[two]) if f.level == "error"}
    assert codes == {("recursive-call", "c"), ("recursive-call", "c2")}


def test_too_large_a_file_is_refused_before_it_costs_time() -> None:
    data = process(START + "".join(f'<task id="t{i}"/>' for i in range(2001)))
    assert [f.code for f in drawing.check(data)] == ["too-many"]


SAMPLES = sorted(DRAWINGS.iterdir())
HOSTILE = [
    b"", b"\x00", b"<", b"<a/>", b"\xff\xfe<\x00", b"<?xml version='1.0' encoding='utf-7'?><a/>", b"<!DOCTYPE a><a/>",
    b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', b"<a>" * 5000, b"x" * 3_000_000,
    b"<definitions/>", file(""), file("<process/>"), file('<process id=""/>'),
    file('<process id="p"><laneSet><lane><lane/></lane></laneSet></process>'),
    file('<process id="p"><startEvent/><sequenceFlow/></process>'),
    file('<process id="p"><boundaryEvent attachedToRef=""/><subProcess><subProcess/></subProcess></process>'),
    file('<process id="p"><startEvent id="s" default="s"/><sequenceFlow id="s" sourceRef="s" targetRef="s"/></process>'),
    file('<process id="p"><!-- --><?x y?><startEvent id="s"><!-- --></startEvent></process>'),
]  # fmt: skip


@pytest.mark.parametrize("data", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_bytes_are_answered_with_findings(data: bytes) -> None:
    found = drawing.check(data)
    assert any(f.level == "error" for f in found)
    assert all(isinstance(f, Finding) for f in found)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200))
def test_no_bytes_can_make_the_check_fail(data: bytes) -> None:
    assert drawing.check(data)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(SAMPLES), st.data())
def test_no_mutilated_drawing_can_make_the_check_fail(path: Path, data: st.DataObject) -> None:
    original = path.read_bytes()
    start = data.draw(st.integers(0, len(original)))
    length = data.draw(st.integers(0, 400))
    other = data.draw(st.sampled_from([b"", b"<", b'"', b"id", b"=", b"${x", *original.split()[:200]]))
    mutilated = original[:start] + other + original[start + length :]
    assert all(isinstance(f, Finding) for f in drawing.check(mutilated))


@settings(max_examples=120, deadline=None)
@given(st.sampled_from(SAMPLES), st.data())
def test_no_rewired_drawing_can_make_the_check_fail_and_what_it_accepts_begins(
    path: Path, data: st.DataObject
) -> None:
    words = path.read_text(encoding="utf-8").split('"')
    for _ in range(
        data.draw(st.integers(1, 3))
    ):  # swap attribute values: other targets, ids, kinds of references
        places = [i for i in range(1, len(words), 2) if not words[i].startswith("http")]
        a, b = (data.draw(st.sampled_from(places)) for _ in "ab")
        words[a] = words[b]
    mutilated = '"'.join(words).encode()
    found = drawing.check(mutilated)
    if not [f for f in found if f.level == "error"]:
        flow.begin(drawing.open(mutilated), {}, now=NOW, carry_out=lambda effect, variables: {})


@pytest.mark.parametrize(
    ("data", "code", "says"),
    [
        (
            file('<choreography id="c"><choreographyTask id="k" name="报价"/></choreography>'),
            "choreography",
            "编排图",
        ),
        (file('<process id="p"/>'), "no-steps", "没有任何步骤"),
        (file('<collaboration id="c"><participant id="a"/></collaboration>'), "no-process", "只有泳池"),
        (b'<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/"/>', "not-bpmn", ".dmn"),
        (b'<definitions><process id="p"/></definitions>', "not-bpmn", "没有命名空间"),
    ],
)
def test_a_file_that_holds_no_process_is_told_what_it_holds(data: bytes, code: str, says: str) -> None:
    (found,) = drawing.check(data)
    assert (found.level, found.code) == ("error", code)
    assert says in found.zh


def test_a_draft_of_the_standard_is_read_as_what_it_is() -> None:
    data = plain().replace(
        b"http://www.omg.org/spec/BPMN/20100524/MODEL", b"http://schema.omg.org/spec/BPMN/2.0"
    )
    assert [f.code for f in drawing.check(data)] == [f.code for f in drawing.check(plain())]
