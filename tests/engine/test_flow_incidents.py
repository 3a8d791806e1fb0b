"""Every failure stands at its element with its reason in both languages, loses nothing, and can be tried again."""

from __future__ import annotations

from typing import Any

import pytest

from casework.engine import flow
from casework.engine.running import MAX_TURNS
from tests.engine.models import (
    boundary,
    call,
    case,
    catch,
    doc,
    effect,
    end,
    ext,
    inclusive,
    mapping,
    mended,
    message,
    multi,
    node,
    on_message,
    open_drawing,
    parallel,
    process,
    script,
    start,
    the_incident,
    timer,
    unchecked,
    user,
    xor,
)  # fmt: skip

DECIDE = doc(
    process(
        "s>a; a>g; g>b: area > 30000; g>c; b>e; c>e",
        start(),
        user("a"),
        xor("g", "g_c"),
        user("b"),
        user("c"),
        end(),
    )
)


@pytest.mark.parametrize("given", [{}, {"area": None}, {"area": "large"}])
def test_a_condition_without_an_answer_is_no_silent_false(given: dict[str, Any]) -> None:
    one = case(DECIDE).begin(**given).do("a")
    found = the_incident(one)
    assert (found.element, found.expression) == ("g", "area > 30000")
    assert one.open == []
    assert mended(one, area=40000).open == ["b"]
    assert one.at.incidents == ()


def test_a_condition_that_is_neither_true_nor_false() -> None:
    one = case(
        doc(process("s>g; g>b: area; g>c; b>e; c>e", start(), xor("g", "g_c"), user("b"), user("c"), end()))
    )
    assert the_incident(one.begin(area=3)).expression == "area"


def test_no_flow_that_can_be_taken() -> None:
    one = unchecked(
        doc(
            process(
                "s>g; g>b: area > 5; g>c: area > 9; b>e; c>e", start(), xor("g"), user("b"), user("c"), end()
            )
        )
    )
    assert the_incident(one.begin(area=1)).element == "g"
    assert mended(one, area=9).open == ["b"]


@pytest.mark.parametrize("parties", [None, "甲", 3, {"a": 1}])
def test_a_collection_that_is_no_list(parties: Any) -> None:
    one = (
        case(doc(process("s>a; a>u; u>e", start(), user("a"), user("u", loop=multi()), end())))
        .begin(parties=parties)
        .do("a")
    )
    found = the_incident(one)
    assert (found.element, found.expression) == ("u", "parties")
    assert mended(one, parties=["甲", "乙"]).open == ["u", "u"]


def test_a_completion_condition_without_an_answer_keeps_the_opinion() -> None:
    one = case(
        doc(
            process(
                "s>u; u>z; z>e",
                start(),
                user("u", loop=multi(condition="nrOfCompletedInstances >= quorum")),
                user("z"),
                end(),
            )
        )
    )
    one.begin(parties=[1, 2, 3]).do("u", 1, ok=True)
    assert the_incident(one).element == "u"
    assert len(one.at.tasks) == 2
    assert mended(one, quorum=1).open == ["z"]
    assert one.at.variables["opinions"] == [{"ok": True}]


@pytest.mark.parametrize("sequential", [False, True])
def test_an_output_that_cannot_be_computed_keeps_the_answers(sequential: bool) -> None:
    xml = doc(
        process(
            "s>u; u>z; z>e",
            start(),
            user("u", loop=multi(out_item="points * weight", sequential=sequential)),
            user("z"),
            end(),
        )
    )
    one = case(xml).begin(parties=[1, 2]).do("u", 0, points=8)
    assert the_incident(one).element == "u"
    one = mended(one, weight=2)
    assert one.at.incidents == ()
    assert one.do("u", points=5).open == ["z"]
    assert one.at.variables["opinions"] == [16, 10]


def test_two_outputs_that_cannot_be_computed_are_both_kept() -> None:
    xml = doc(
        process("s>u; u>z; z>e", start(), user("u", loop=multi(out_item="points * weight")), user("z"), end())
    )
    one = case(xml).begin(parties=[1, 2]).do("u", 0, points=8).do("u", 1, points=5)
    one = mended(one, weight=2)
    assert one.open == ["z"]
    assert one.at.variables["opinions"] == [16, 10]


def test_a_round_that_cannot_be_collected_can_still_be_withdrawn() -> None:
    xml = doc(
        message("withdraw"),
        process(
            "s>u; u>e; wd>e2",
            start(),
            user("u", loop=multi(out_item="points * weight")),
            boundary("wd", "u", on_message("withdraw")),
            end("e2"),
            end(),
        ),
    )
    one = case(xml).begin(parties=[1, 2]).do("u", 0, points=8)
    assert one.tell("withdraw").at.ends == ("e2",)
    assert one.at.ended


@pytest.mark.parametrize("when", [None, 5, "soon", True, ["P1D"]])
def test_a_timer_that_is_no_time(when: Any) -> None:
    one = case(
        doc(process("s>w; w>a; a>e", start(), catch("w", timer("date", "=when")), user("a"), end()))
    ).begin(when=when)
    assert the_incident(one).element == "w"
    assert one.at.timers == ()
    assert len(mended(one, when="P1D").at.timers) == 1


def test_a_deadline_that_is_no_time_leaves_the_task_open() -> None:
    xml = doc(
        process(
            "s>u; u>e; dl>e2",
            start(),
            user("u"),
            boundary("dl", "u", timer("date", '=deadline("x")')),
            end("e2"),
            end(),
        )
    )
    one = case(xml, deadline=lambda scope, name: None).begin()
    assert the_incident(one).element == "dl"
    assert one.open == ["u"]
    assert one.do("u").at.ended


def test_a_due_date_that_is_no_date_is_asked_again() -> None:
    xml = doc(process("s>u; u>e", start(), user("u", due="=when"), end()))
    one = case(xml).begin()
    assert the_incident(one).element == "u"
    assert one.open == []
    assert mended(one, when="2026-04-01").at.tasks[0].due is not None


def test_a_correlation_that_is_missing() -> None:
    xml = doc(
        message("answer", "code"),
        process("s>r; r>e", start(), node("receiveTask", "r", messageRef="msg_answer"), end()),
    )
    one = case(xml).begin()
    assert the_incident(one).element == "r"
    assert [s.correlation for s in mended(one, code="X").at.subscriptions] == ["X"]


def test_a_script_without_a_value() -> None:
    one = case(
        doc(process("s>x; x>b; b>e", start(), script("x", "fee", "area * 2"), user("b"), end()))
    ).begin()
    assert the_incident(one).element == "x"
    assert mended(one, area=2).at.variables["fee"] == 4


def test_a_drawing_that_circles_without_a_person_is_stopped() -> None:
    xml = doc(
        process(
            "s>m; m>p; p>g; g>m: again = true; g>e",
            start(),
            xor("m"),
            effect("p", "check"),
            xor("g", "g_e"),
            end(),
        )
    )
    one = unchecked(xml).begin(again=True)
    assert str(MAX_TURNS) in the_incident(one).zh
    assert len(one.at.effects) == MAX_TURNS
    assert len(one.at.state) < 200
    assert mended(one, again=False).at.ended


def test_a_process_that_calls_itself_is_stopped() -> None:
    one = unchecked(doc(process("s>ca; ca>e", start(), call("ca", "P"), end()))).begin()
    assert the_incident(one).element == "ca"


def test_an_incident_leaves_the_other_branches_alone() -> None:
    xml = doc(
        process(
            "s>f; f>p; f>b; p>j; b>j; j>e",
            start(),
            parallel("f"),
            script("p", "x", "missing + 1"),
            user("b"),
            parallel("j"),
            end(),
        )
    )
    one = case(xml).begin()
    assert the_incident(one).element == "p"
    assert one.do("b").at.incidents != ()
    assert mended(one, missing=1).at.ended


def test_an_incident_can_be_withdrawn() -> None:
    one = case(DECIDE).begin().do("a").withdraw()
    assert one.at.ended
    assert one.at.incidents == ()


def test_a_retry_that_fails_again_says_so() -> None:
    one = case(DECIDE).begin().do("a").retry().retry()
    assert the_incident(one).element == "g"


def test_what_a_message_brought_is_kept_until_it_can_be_stored() -> None:
    xml = doc(
        message("paid"),
        process(
            "s>r; r>b; b>e; wd>e2",
            start(),
            node("receiveTask", "r", ext(mapping(outputs={"total": "sum + fee"})), messageRef="msg_paid"),
            boundary("wd", "r", timer("duration", "P5D")),
            user("b"),
            end("e2"),
            end(),
        ),
    )
    one = case(xml).begin().tell("paid", sum=5)
    assert the_incident(one).element == "r"
    assert mended(one, fee=2).open == ["b"]
    assert one.at.variables["total"] == 7


def test_a_state_of_another_drawing_is_refused() -> None:
    one = case(DECIDE).begin()
    other = open_drawing(doc(process("s>x; x>e", start(), user("x"), end())))
    with pytest.raises(flow.NeedsPlaces):
        flow.tick(other, one.at.state, {}, now=one.now, carry_out=one.carry_out)


def test_joins_that_wait_for_each_other_do_not_stand_still_in_silence() -> None:
    xml = doc(
        process(
            "s>f; f>a; f>b; a>j1; b>j2; j1>j2; j2>g; g>j1: rejected = true; g>e",
            start(),
            parallel("f"),
            user("a"),
            user("b"),
            inclusive("j1"),
            inclusive("j2"),
            xor("g", "g_e"),
            end(),
        )
    )
    one = case(xml).begin(rejected=True).do("a").do("b")
    assert {i.element for i in one.at.incidents} == {"j1", "j2"}


def test_a_signal_nobody_is_left_to_send_is_told() -> None:
    on = '<bpmn:signalEventDefinition signalRef="stop"/>'
    xml = doc('<bpmn:signal id="stop" name="stop"/>', process("s>w; w>e", start(), catch("w", on), end()))
    assert the_incident(unchecked(xml).begin()).element == "w"
