"""None of the bugs B1–B18 found in SpiffWorkflow 3.2.0 can be reproduced through this engine."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from casework.engine import drawing, flow
from casework.engine.steps import Step
from tests.engine.models import (
    Case,
    boundary,
    call,
    case,
    catch,
    doc,
    effect,
    end,
    event_gateway,
    inclusive,
    message,
    multi,
    node,
    on_message,
    open_drawing,
    parallel,
    process,
    script,
    start,
    sub,
    timer,
    unchecked,
    user,
    xor,
)  # fmt: skip

THREE = process(
    "s>m; m>f; f>a; f>b; f>c; a>j; b>j; c>j; j>g; g>fix: rejected = true; g>e; fix>m",
    start(), xor("m"), parallel("f"), user("a"), user("b"), user("c"), parallel("j"), xor("g", "g_e"), user("fix"), end(),
)  # fmt: skip


def test_b1_a_parallel_join_in_a_loop_waits_for_every_branch_of_every_round() -> None:
    one = case(doc(THREE)).begin(rejected=True)
    for _ in range(4):
        assert one.do("c").open == ["a", "b"]
        assert one.do("a").open == ["b"]
        assert one.do("b").open == ["fix"]
        one.do("fix")


def test_b1_an_inclusive_join_in_a_loop_waits_for_every_branch_of_every_round() -> None:
    xml = doc(
        process(
            "s>m; m>f; f>a: true; f>b: true; f>c: true; a>j; b>j; c>j; j>g; g>fix: rejected = true; g>e; fix>m",
            start(), xor("m"), inclusive("f"), user("a"), user("b"), user("c"), inclusive("j"), xor("g", "g_e"), user("fix"), end(),
        )
    )  # fmt: skip
    one = case(xml).begin(rejected=True)
    for _ in range(4):
        assert one.do("c").open == ["a", "b"]
        assert one.do("a").open == ["b"]
        assert one.do("b").open == ["fix"]
        one.do("fix")


def test_b2_a_change_in_one_branch_survives_the_join_with_a_branch_that_did_not_change_it() -> None:
    one = case(
        doc(
            process(
                "s>f; f>a; f>b; a>j; b>j; j>z; z>e",
                start(),
                parallel("f"),
                user("a"),
                user("b"),
                parallel("j"),
                user("z"),
                end(),
            )
        )
    )
    one.begin(note="old").do("a", note="new").do("b")
    assert one.at.variables["note"] == "new"


def test_b3_nested_data_is_not_shared_between_branches() -> None:
    xml = doc(
        process(
            "s>u; u>e",
            start(),
            sub(
                "u",
                "s2>x; x>y; y>e2",
                start("s2"),
                user("x"),
                user("y"),
                end("e2"),
                loop=multi(out_item="party"),
            ),
            end(),
        )
    )
    one = case(xml).begin(parties=[{"rooms": [1]}, {"rooms": [2]}])
    one.do("x", 0, party={"rooms": [1, 99]})
    assert [t.item for t in one.at.tasks if t.index == 1] == [{"rooms": [2]}]
    assert one.at.variables["parties"] == [{"rooms": [1]}, {"rooms": [2]}]
    one.do("x", 1).do("y", 1).do("y", 0)
    assert one.at.variables["opinions"] == [{"rooms": [1, 99]}, {"rooms": [2]}]


def test_b4_a_case_is_alive_after_a_thousand_rounds() -> None:
    one = case(
        doc(
            process(
                "s>m; m>a; a>g; g>m: rejected = true; g>e; dl>m",
                start(),
                xor("m"),
                user("a"),
                boundary("dl", "a", timer("duration", "P9D")),
                xor("g", "g_e"),
                end(),
            )
        )
    )
    one.begin(rejected=True)
    for _ in range(1100):
        one.do("a")
    assert one.open == ["a"]
    assert one.do("a", rejected=False).at.ended


def test_b4_an_automatic_loop_does_not_stop_in_silence() -> None:
    xml = doc(
        process(
            "s>m; m>x; x>g; g>m: n < top; g>e",
            start(),
            xor("m"),
            script("x", "n", "n + 1"),
            xor("g", "g_e"),
            end(),
        )
    )
    assert unchecked(xml).begin(n=0, top=300).at.ended
    assert [i.element for i in unchecked(xml).begin(n=0, top=10_000).at.incidents] != []


@pytest.mark.parametrize("kind", ["subprocess", "call"])
@pytest.mark.parametrize("sequential", [False, True])
def test_b5_a_deadline_on_every_partys_subprocess_leaves_the_case_alive(kind: str, sequential: bool) -> None:
    loop = multi(out_item="n", sequential=sequential)
    inner = (
        sub("sp", "s2>x; x>e2", start("s2"), user("x"), end("e2"), loop=loop)
        if kind == "subprocess"
        else call("sp", "Q", loop)
    )
    called = process("s2>x; x>e2", start("s2"), user("x"), end("e2"), key="Q") if kind == "call" else ""
    xml = doc(message("withdraw"), process("s>m; m>sp; sp>z; z>e; dl>late; wd>late; late>m", start(), xor("m"), inner, boundary("dl", "sp", timer("duration", "P5D")),
              boundary("wd", "sp", on_message("withdraw")), user("late"), user("z"), end()), called)  # fmt: skip
    one = case(xml).begin(parties=[1, 2, 3]).do("x", n=1)
    assert one.later(days=5).open == ["late"]
    one.do("late").tell("withdraw").do("late")
    while "x" in one.open:
        one.do("x", n=1)
    assert one.do("z").at.ended


def test_b6_a_completion_condition_sees_the_counters_and_what_was_collected() -> None:
    condition = "nrOfInstances = 4 and nrOfCompletedInstances = 2 and nrOfActiveInstances = 2 and count(opinions) = 2 and sum(opinions) = 7"
    one = case(
        doc(
            process(
                "s>u; u>z; z>e",
                start(),
                user("u", loop=multi(out_item="n", condition=condition)),
                user("z"),
                end(),
            )
        )
    )
    assert one.begin(parties=[1, 2, 3, 4]).do("u", 3, n=5).do("u", 0, n=2).open == ["z"]


TWICE = (
    "<bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality>=2</bpmn:loopCardinality>"
    '<bpmn:loopDataOutputRef>opinions</bpmn:loopDataOutputRef><bpmn:outputDataItem id="n" name="n"/>'
    "</bpmn:multiInstanceLoopCharacteristics>"
)


@pytest.mark.parametrize("loop", [multi(out_item="n"), multi(out_item="n", sequential=True), TWICE])
def test_b7_parties_sign_again_in_a_second_round(loop: str) -> None:
    one = case(
        doc(
            process(
                "s>m; m>u; u>g; g>m: rejected = true; g>e",
                start(),
                xor("m"),
                user("u", loop=loop),
                xor("g", "g_e"),
                end(),
            )
        )
    )
    one.begin(parties=[1, 2], rejected=True)
    for turn in range(3):
        one.do("u", n=turn).do("u", n=turn)
        assert one.at.incidents == ()
        assert set(one.open) == {"u"}


def test_b8_a_deadline_keeps_the_opinions_already_given() -> None:
    xml = doc(
        process(
            "s>u; u>e; dl>late; late>e2",
            start(),
            user("u", loop=multi(out_item="n")),
            boundary("dl", "u", timer("duration", "P5D")),
            user("late"),
            end("e2"),
            end(),
        )
    )
    one = case(xml).begin(parties=[1, 2, 3]).do("u", 2, n="c").do("u", 0, n="a").later(days=5)
    assert one.at.variables["opinions"] == ["a", "c"]


def test_b9_each_of_two_timers_behind_an_event_gateway_keeps_its_own_time() -> None:
    xml = doc(
        process(
            "s>g; g>t1; g>t2; t1>a; t2>b; a>e; b>e",
            start(),
            event_gateway("g"),
            catch("t1", timer("duration", "P9D")),
            catch("t2", timer("duration", "P2D")),
            user("a"),
            user("b"),
            end(),
        )
    )
    one = case(xml).begin()
    assert len({t.due for t in one.at.timers}) == 2
    assert one.later(days=2).open == ["b"]


def test_b10_an_event_subprocess_is_refused_and_no_case_changes_the_drawing() -> None:
    event = node(
        "subProcess", "es", start("s3", on_message("m")) + user("x") + end("e3"), triggeredByEvent="true"
    )
    findings = drawing.check(doc(message("m"), process("s>a; a>e", start(), user("a"), event, end())))
    assert any(f.level == "error" and f.element == "es" for f in findings)

    def shape(spec: Any) -> list[Any]:
        return [
            (s.name, s._inputs[:], s._outputs[:], s.leaving, s.boundaries, s.manual)
            for s in spec.task_specs.values()
        ]

    one = case(doc(THREE)).begin(rejected=True)
    before = shape(one.drawing.spec.main)
    for step in ("a", "b", "c", "fix"):
        one.do(step)
    one.withdraw()
    assert shape(one.drawing.spec.main) == before
    assert all(isinstance(s, Step) for s in one.drawing.spec.main.task_specs.values())


def test_b11_one_vote_is_counted_once() -> None:
    one = case(
        doc(
            process(
                "s>u; u>z; z>e",
                start(),
                user("u", loop=multi(out_item="n", condition="count(opinions) >= 2")),
                user("z"),
                end(),
            )
        )
    )
    one.begin(parties=[1, 2, 3])
    token = one.at.tasks[0].token
    one.complete(token, n=1)
    for _ in range(3):
        with pytest.raises(flow.NotOpen):
            one.complete(token, n=1)
    assert one.at.variables["opinions"] == [1]


def test_b12_the_reason_why_an_effect_failed_is_told() -> None:
    def carry_out(one: flow.Effect, variables: Any) -> None:
        raise RuntimeError("the printer is on fire")

    one = case(doc(process("s>p; p>e", start(), effect("p", "issue paper"), end())), carry_out).begin()
    assert "the printer is on fire" in one.at.incidents[0].en


def test_b13_a_data_object_two_subprocesses_deep_is_read_at_once() -> None:
    link = (
        "<bpmn:dataInputAssociation id='dia'><bpmn:sourceRef>ref</bpmn:sourceRef></bpmn:dataInputAssociation>"
    )
    data = "<bpmn:dataObject id='do'/><bpmn:dataObjectReference id='ref' dataObjectRef='do'/>"
    inner = sub("i2", "s3>x; x>e3", start("s3"), node("userTask", "x", link), end("e3"))
    xml = doc(
        process("s>i1; i1>e", data, start(), sub("i1", "s2>i2; i2>e2", start("s2"), inner, end("e2")), end())
    )
    assert unchecked(xml).begin().open == ["x"]
    assert isinstance(drawing.check(xml), list)


def test_b14_a_database_that_reorders_keys_loses_nothing() -> None:
    one = case(doc(process("s>u; u>e", start(), user("u", loop=multi(out_item="n")), end()))).begin(
        parties=[{f"k{i}": i for i in range(15)}], z=1, a=2
    )
    state, variables = (
        json.dumps(json.loads(one.at.state), sort_keys=True),
        dict(sorted(one.at.variables.items(), reverse=True)),
    )
    at = flow.tick(one.drawing, state, variables, now=one.now, carry_out=one.carry_out)
    assert at.tasks[0].item == {f"k{i}": i for i in range(15)}
    assert at.variables == one.at.variables


def test_b15_a_form_value_with_a_reserved_name_or_an_exact_number_is_kept() -> None:
    value = {"typename": "x", "@n": "1.5", "area": Decimal("12.50")}
    xml = doc(
        process(
            "s>sp; sp>e",
            start(),
            sub(
                "sp",
                "s2>x; x>y; y>e2",
                start("s2"),
                user("x"),
                user("y"),
                end("e2"),
                loop=multi(out_item="given"),
            ),
            end(),
        )
    )
    one = case(xml).begin(parties=[1]).do("x", given=value).do("y")
    assert one.at.variables["opinions"] == [value]


def test_b16_an_overdue_case_goes_all_the_way_in_one_tick() -> None:
    xml = doc(process("s>w; w>p; p>w2; w2>q; q>u; u>e", start(), catch("w", timer("duration", "P1D")), effect("p", "send letter"),
              catch("w2", timer("date", "2026-03-01")), effect("q", "send letter"), user("u"), end()))  # fmt: skip
    one = case(xml).begin().later(days=9)
    assert [e.element for e in one.at.effects] == ["p", "q"]
    assert one.open == ["u"]


def test_b17_a_drawing_read_afresh_finishes_what_another_reading_began() -> None:
    xml = doc(
        process(
            "s>u; u>v; v>z; z>e",
            start(),
            user("u", loop=multi(out_item="n")),
            user("v", loop=multi(out_item="n", sequential=True)),
            user("z"),
            end(),
        )
    )
    one = case(xml).begin(parties=[1, 2, 3])
    for _ in range(6):
        one = Case(open_drawing(xml), at=one.at)
        one.do(one.open[0], n=1)
    assert one.open == ["z"]


def test_b18_a_message_is_known_by_its_name_alone() -> None:
    xml = doc(
        message("msg"),
        process(
            "s>u; u>e; wd>e2", start(), user("u"), boundary("wd", "u", on_message("msg")), end("e2"), end()
        ),
    )
    assert case(xml).begin().tell("msg").at.ended
    assert case(xml).begin().tell("msg", "whatever").at.ended
