"""Cases are carried from step to step as drawn: tasks, lanes, effects, rules, scripts, subprocesses, calls."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from casework.engine import flow
from tests.engine.models import (
    NOW,
    call,
    case,
    doc,
    end,
    ext,
    message,
    on_message,
    open_drawing,
    parallel,
    process,
    start,
    sub,
    throw,
    user,
    xor,
)  # fmt: skip

APPROVAL = doc(
    process(
        "s>apply; apply>m; m>f; f>a; f>b; f>c; a>j; b>j; c>j; j>g; g>fix: rejected = true; g>e; fix>m",
        start(), user("apply"), xor("m"), parallel("f"), user("a"), user("b"), user("c"), parallel("j"),
        xor("g", "g_e"), user("fix"), end(),
        lanes={"建设单位": "s apply m fix", "街道办事处": "f a", "社区": "b", "区房管局": "c j g e"},
    )
)  # fmt: skip


def test_an_approval_is_carried_from_application_to_its_end() -> None:
    one = case(APPROVAL).begin()
    assert one.open == ["apply"]
    assert one.do("apply").open == ["a", "b", "c"]
    assert one.do("a").do("b").open == ["c"]
    one.do("c", rejected=False)
    assert one.at.ended
    assert one.at.ends == ("e",)
    assert one.at.tasks == ()


def test_a_task_tells_whose_it_is_and_which_form_it_asks() -> None:
    task = case(APPROVAL).begin().at.tasks[0]
    assert (task.element, task.name, task.lane, task.form) == ("apply", "apply", "建设单位", "apply")
    assert (task.item, task.index, task.due, task.assignee, task.groups) == (None, None, None, None, ())


def test_whom_a_task_is_for_and_until_when_is_worked_out_once_on_entering() -> None:
    xml = doc(
        process(
            "s>a; a>e",
            start(),
            user("a", due='=deadline("decide")', groups='=["街道", who]', assignee="lin"),
            end(),
        )
    )
    calls: list[Any] = []

    def deadline(scope: Any, name: str) -> date:
        calls.append((name, scope["who"]))
        return date(2026, 3, 20)

    one = case(xml, deadline=deadline).begin(who="社区")
    task = one.at.tasks[0]
    assert (task.due, task.groups, task.assignee) == (date(2026, 3, 20), ("街道", "社区"), "lin")
    one.later(days=1)
    assert one.at.tasks[0].due == date(2026, 3, 20)
    assert calls == [("decide", "社区")]


def test_a_due_duration_counts_from_entering() -> None:
    xml = doc(process("s>a; a>e", start(), user("a", due="P3D", groups="甲, 乙"), end()))
    task = case(xml).begin().at.tasks[0]
    assert task.due == datetime(2026, 3, 5, 1, 0, tzinfo=UTC)
    assert task.groups == ("甲", "乙")


def test_only_answers_the_drawing_reads_become_variables() -> None:
    one = case(APPROVAL).begin().do("apply", rejected=False, letter="x" * 10_000)
    assert one.at.variables == {"rejected": False}
    assert "x" not in one.at.state


def test_the_variables_given_are_not_changed() -> None:
    given = {"rejected": True}
    drawing = open_drawing(APPROVAL)
    at = flow.begin(drawing, given, now=NOW, carry_out=lambda e, v: None)
    flow.advance(
        drawing, at.state, given, at.tasks[0].token, {"rejected": False}, now=NOW, carry_out=lambda e, v: None
    )
    assert given == {"rejected": True}


def test_what_was_passed_and_which_flows_were_taken_is_told() -> None:
    one = case(APPROVAL).begin()
    assert one.was("completed") == ["s"]
    assert one.was("entered") == ["apply"]
    assert one.at.flows == ("s_apply",)
    one.do("apply")
    assert one.at.flows == ("apply_m", "m_f", "f_a", "f_b", "f_c")
    one.do("b").do("a").do("c", rejected=True)
    assert one.at.flows == ("c_j", "j_g", "g_fix")
    assert one.was("completed") == ["c", "j", "g"]


def test_a_task_is_done_once() -> None:
    one = case(APPROVAL).begin().do("apply")
    token = one.at.tasks[0].token
    one.complete(token)
    with pytest.raises(flow.NotOpen):
        one.complete(token)
    with pytest.raises(flow.NotOpen):
        one.complete("no such token")


def test_a_withdrawn_case_has_ended_and_tells_what_was_cancelled() -> None:
    one = case(APPROVAL).begin().do("apply").do("b").withdraw()
    assert one.at.ended
    assert one.at.tasks == ()
    assert one.was("cancelled") == ["a", "c"]
    assert one.at.ends == ()


# -------- subprocesses and calls


def test_a_subprocess_runs_inside_and_goes_on_when_it_is_done() -> None:
    xml = doc(
        process("s>sp; sp>z; z>e", start(), sub("sp", "s2>x; x>y; y>e2", start("s2"), user("x"), user("y"), end("e2")), user("z"), end(),
                lanes={"街道": "sp z"})
    )  # fmt: skip
    one = case(xml).begin()
    assert [(t.element, t.lane) for t in one.at.tasks] == [("x", "街道")]
    assert one.do("x").do("y").open == ["z"]
    assert one.at.ends == ("e2",)
    assert one.do("z").at.ends == ("e",)


def test_a_called_process_lies_in_the_callers_lane_unless_it_has_its_own() -> None:
    main = doc(process("s>ca; ca>e", start(), call("ca", "Q"), end(), lanes={"区房管局": "ca"}))
    called = doc(
        process(
            "qs>qa; qa>qb; qb>qe",
            start("qs"),
            user("qa"),
            user("qb"),
            end("qe"),
            key="Q",
            lanes={"专家": "qb"},
        )
    )
    one = case(main, called=[called])
    one.begin()
    assert [(t.element, t.lane) for t in one.at.tasks] == [("qa", "区房管局")]
    one.do("qa")
    assert [(t.element, t.lane) for t in one.at.tasks] == [("qb", "专家")]
    one.do("qb")
    assert one.at.ended
    assert one.at.ends == ("qe", "e")


def test_a_terminate_end_event_ends_only_its_own_process() -> None:
    inner = sub(
        "sp", "s2>f; f>x; f>y; x>t; y>e2", start("s2"), parallel("f"), user("x"), user("y"),
        end("t", "<bpmn:terminateEventDefinition/>"), end("e2"),
    )  # fmt: skip
    one = case(doc(process("s>sp; sp>z; z>e", start(), inner, user("z"), end()))).begin()
    assert one.do("x").open == ["z"]
    assert "y" in one.was("cancelled")


def test_a_thrown_message_is_handed_to_the_host() -> None:
    xml = doc(
        message("handover", "project.code"),
        process("s>a; a>th; th>e", start(), user("a"), throw("th", ext('<zeebe:ioMapping><zeebe:input source="=n" target="area"/></zeebe:ioMapping>') + on_message("handover")), end()),
    )  # fmt: skip
    one = case(xml).begin(project={"code": "YH-1"}).do("a", n=120)
    assert one.at.messages == (flow.Message("handover", "YH-1", {"area": 120}),)
    assert one.at.ended
