"""Timers, messages, signals, errors and escalations: what a case waits for and what ends it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from casework.engine import flow, timers
from casework.engine.script import Failure
from casework.engine.values import Months
from tests.engine.models import (
    NOW,
    boundary,
    case,
    catch,
    doc,
    effect,
    end,
    event_gateway,
    message,
    node,
    on_message,
    process,
    start,
    sub,
    throw,
    timer,
    user,
    xor,
)  # fmt: skip


def waiting(text: str, kind: str = "date", **variables: Any) -> flow.Position:
    xml = doc(process("s>w; w>e", start(), catch("w", timer(kind, text)), end()))
    return case(xml).begin(**variables).at


@pytest.mark.parametrize(
    ("value", "due"),
    [
        ("PT1H", NOW + timedelta(hours=1)),
        ("P1W", NOW + timedelta(weeks=1)),
        ("P1DT12H", NOW + timedelta(days=1, hours=12)),
        ("P1M", datetime(2026, 4, 2, 1, 0, tzinfo=UTC)),
        ("2026-03-31", datetime(2026, 3, 31, 16, 0, tzinfo=UTC)),
        ("2026-03-31T09:00:00", datetime(2026, 3, 31, 1, 0, tzinfo=UTC)),
        ("2026-03-31T09:00:00Z", datetime(2026, 3, 31, 9, 0, tzinfo=UTC)),
        (date(2026, 3, 31), datetime(2026, 3, 31, 16, 0, tzinfo=UTC)),
        (datetime(2026, 3, 31, 9, 0), datetime(2026, 3, 31, 1, 0, tzinfo=UTC)),  # noqa: DTZ001  the office's time
        (datetime(2026, 3, 31, 9, 0, tzinfo=UTC), datetime(2026, 3, 31, 9, 0, tzinfo=UTC)),
        (timedelta(days=2), NOW + timedelta(days=2)),
        (Months(12), datetime(2027, 3, 2, 1, 0, tzinfo=UTC)),
    ],
)
def test_a_timer_counts_from_now_in_the_offices_time(value: Any, due: datetime) -> None:
    assert waiting("=when", when=value).timers[0].due == due
    if isinstance(value, str):
        assert waiting(value).timers[0].due == due


def test_a_month_after_the_last_of_january_is_the_last_of_february() -> None:
    end_of_january = datetime(2026, 1, 31, 2, 0, tzinfo=UTC)
    assert timers.schedule(Months(1), end_of_january, "").due == datetime(2026, 2, 28, 2, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["soon", "R/P0D", "R0/P1D", "P", "PT", "R3", "2026-13-40", "R3/PT1H/P2D/P1D", ""]
)
def test_a_text_that_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(Failure):
        timers.schedule(text, NOW, text)
    with pytest.raises(Failure):
        timers.schedule(time(9, 0), NOW, "time")


def test_time_passes_in_tick_only_and_against_the_given_now() -> None:
    one = case(
        doc(process("s>w; w>a; a>e", start(), catch("w", timer("duration", "P2D")), user("a"), end()))
    ).begin()
    assert one.later(days=1).open == []
    assert one.later(days=1, seconds=-1).open == []
    assert one.later(seconds=1).open == ["a"]
    assert one.at.timers == ()


def test_reminders_come_so_many_times_and_then_no_more() -> None:
    xml = doc(
        process("s>u; u>e; rem>r; r>e2", start(), user("u"), boundary("rem", "u", timer("cycle", "R3/P1D"), interrupting=False), effect("r", "send letter"), end("e2"), end())
    )  # fmt: skip
    one = case(xml).begin()
    counts = [len(one.later(hours=12).at.effects) for _ in range(10)]
    assert counts == [0, 1, 0, 1, 0, 1, 0, 0, 0, 0]
    assert one.open == ["u"]
    assert one.do("u").at.ended


def test_reminders_missed_while_the_server_was_off_are_not_sent_all_at_once() -> None:
    xml = doc(
        process("s>u; u>e; rem>r; r>e2", start(), user("u"), boundary("rem", "u", timer("cycle", "R/P1D"), interrupting=False), effect("r", "send letter"), end("e2"), end())
    )  # fmt: skip
    one = case(xml).begin().later(days=5, hours=3)
    assert len(one.at.effects) == 1
    assert one.at.timers[0].due == NOW + timedelta(days=6)


def test_a_cycle_may_begin_at_a_date() -> None:
    one = case(
        doc(
            process(
                "s>u; u>e; rem>e2",
                start(),
                user("u"),
                boundary("rem", "u", timer("cycle", "R2/2026-04-01T09:00/P7D"), interrupting=False),
                end("e2"),
                end(),
            )
        )
    ).begin()
    assert one.at.timers[0].due == datetime(2026, 4, 1, 1, 0, tzinfo=UTC)
    one.later(days=40)
    assert one.at.timers[0].due > one.now


def test_reminder_and_deadline_overdue_together_happen_in_their_order() -> None:
    xml = doc(
        process(
            "s>u; u>e; rem>r; r>e2; dl>late; late>e3", start(), user("u"), boundary("rem", "u", timer("duration", "P3D"), interrupting=False),
            effect("r", "send letter"), end("e2"), boundary("dl", "u", timer("duration", "P5D")), user("late"), end("e3"), end(),
        )
    )  # fmt: skip
    one = case(xml).begin().later(days=30)
    assert [e.element for e in one.at.effects] == ["r"]
    assert one.open == ["late"]
    assert one.was("cancelled") == ["u"]


def test_whatever_comes_first_at_an_event_gateway() -> None:
    def drawn() -> Any:
        xml = doc(
            message("paid"),
            process(
                "s>g; g>m; g>t1; g>t2; m>a; t1>b; t2>c; a>e; b>e; c>e", start(), event_gateway("g"), catch("m", on_message("paid")),
                catch("t1", timer("duration", "P2D")), catch("t2", timer("duration", "P1D")), user("a"), user("b"), user("c"), end(),
            ),
        )  # fmt: skip
        return case(xml).begin()

    one = drawn()
    assert [t.element for t in one.at.timers] == ["t1", "t2"]
    assert one.tell("paid", n=5).open == ["a"]
    assert one.at.flows == ("g_m", "m_a")
    assert one.at.timers == ()
    assert one.at.variables == {"n": 5}
    assert drawn().later(days=1).open == ["c"]
    two = drawn().later(days=3)
    assert two.open == ["c"]
    assert two.do("c").at.ended


def test_a_message_reaches_only_the_one_it_is_correlated_with() -> None:
    xml = doc(
        message("answer", "code"),
        process(
            "s>r; r>a; a>e", start(), node("receiveTask", "r", messageRef="msg_answer"), user("a"), end()
        ),
    )
    one = case(xml).begin(code=17)
    assert one.at.subscriptions == (flow.Subscription(one.at.subscriptions[0].token, "r", "answer", "17"),)
    with pytest.raises(flow.NotWaiting):
        one.tell("answer", "18")
    with pytest.raises(flow.NotWaiting):
        one.tell("other", "17")
    assert one.tell("answer", "17", note="ok").open == ["a"]
    with pytest.raises(flow.NotWaiting):
        one.tell("answer", "17")


def test_a_message_may_begin_a_case() -> None:
    xml = doc(message("open"), process("s>a; a>e", start(inner=on_message("open")), user("a"), end()))
    one = case(xml).begin()
    assert [s.message for s in one.at.subscriptions] == ["open"]
    assert one.tell("open", n=1).open == ["a"]
    assert one.at.variables == {"n": 1}


def test_of_several_start_events_the_first_to_happen_begins_the_case() -> None:
    xml = doc(
        message("open"),
        process(
            "s>a; s2>b; a>e; b>e",
            start("s", on_message("open")),
            start("s2", timer("duration", "P1D")),
            user("a"),
            user("b"),
            end(),
        ),
    )
    assert case(xml).begin().tell("open").open == ["a"]
    one = case(xml).begin().later(days=1)
    assert one.open == ["b"]
    assert one.at.subscriptions == ()


def test_a_withdrawal_by_message_ends_what_it_sits_on() -> None:
    xml = doc(
        message("withdraw"),
        process("s>sp; sp>e; wd>e2", start(), sub("sp", "s2>x; x>e3", start("s2"), user("x"), end("e3")), boundary("wd", "sp", on_message("withdraw")), end("e2"), end()),
    )  # fmt: skip
    one = case(xml).begin().tell("withdraw")
    assert one.at.ended
    assert one.at.ends == ("e2",)
    assert one.at.flows == ("wd_e2",)


def test_a_message_that_does_not_interrupt_may_come_again() -> None:
    xml = doc(
        message("note"),
        process(
            "s>u; u>e; b>v; v>e2",
            start(),
            user("u"),
            boundary("b", "u", on_message("note"), interrupting=False),
            user("v"),
            end("e2"),
            end(),
        ),
    )
    one = case(xml).begin().tell("note").tell("note")
    assert one.open == ["u", "v", "v"]
    assert one.do("u").open == ["v", "v"]
    assert one.at.subscriptions == ()
    assert one.do("v").do("v").at.ended


def test_a_signal_reaches_all_who_wait_for_it() -> None:
    sig = '<bpmn:signal id="stop" name="stop"/>'
    on = '<bpmn:signalEventDefinition signalRef="stop"/>'
    xml = doc(
        sig,
        process(
            "s>f; f>u; f>w; f>v; u>e; b>e2; w>x; x>e; v>th; th>e3", start(), node("parallelGateway", "f"), user("u"), boundary("b", "u", on),
            catch("w", on), user("x"), user("v"), throw("th", on), end("e2"), end("e3"), end(),
        ),
    )  # fmt: skip
    one = case(xml).begin().do("v")
    assert one.open == ["x"]
    assert set(one.at.ends) == {"e2", "e3"}


def erring(code: str, caught: str = "") -> Any:
    errors = '<bpmn:error id="err" name="refused" errorCode="E1"/><bpmn:error id="err2" name="other" errorCode="E2"/>'
    inner = sub(
        "sp",
        "s2>x; x>bad",
        start("s2"),
        user("x"),
        end("bad", f'<bpmn:errorEventDefinition errorRef="{code}"/>'),
    )
    ref = f' errorRef="{caught}"' if caught else ""
    xml = doc(
        errors,
        process(
            "s>sp; sp>e; b>w; w>e2",
            start(),
            inner,
            boundary("b", "sp", f"<bpmn:errorEventDefinition{ref}/>"),
            user("w"),
            end("e2"),
            end(),
        ),
    )
    return case(xml).begin().do("x")


def test_an_error_ends_the_subprocess_and_is_caught_on_it() -> None:
    assert erring("err", "err").open == ["w"]
    assert erring("err2").open == ["w"]
    assert erring("err", "err").do("w").at.ended


def test_an_error_nobody_catches_is_an_incident() -> None:
    one = erring("err2", "err")
    assert one.open == []
    assert [i.element for i in one.at.incidents] == ["bad"]
    assert not one.at.ended


def test_an_effect_may_fail_with_an_error_the_drawing_provides_for() -> None:
    def carry_out(one: flow.Effect, variables: Any) -> None:
        raise flow.EffectFailed("文号用尽。", "No numbers left.", variables["code"])

    errors = '<bpmn:error id="err" name="used up" errorCode="USED"/>'
    xml = doc(
        errors,
        process(
            "s>p; p>e; b>w; w>e2",
            start(),
            effect("p", "issue paper"),
            boundary("b", "p", '<bpmn:errorEventDefinition errorRef="err"/>'),
            user("w"),
            end("e2"),
            end(),
        ),
    )
    one = case(xml, carry_out).begin(code="USED")
    assert one.open == ["w"]
    assert one.at.incidents == ()
    two = case(xml, carry_out).begin(code="ELSE")
    assert [i.zh for i in two.at.incidents] == ["文号用尽。"]


def test_an_escalation_runs_beside_the_subprocess() -> None:
    esc = '<bpmn:escalation id="esc" name="up" escalationCode="U"/>'
    ref = '<bpmn:escalationEventDefinition escalationRef="esc"/>'
    inner = sub("sp", "s2>th; th>x; x>e2", start("s2"), throw("th", ref), user("x"), end("e2"))
    xml = doc(
        esc,
        process(
            "s>sp; sp>e; b>w; w>e3",
            start(),
            inner,
            boundary("b", "sp", ref, interrupting=False),
            user("w"),
            end("e3"),
            end(),
        ),
    )
    one = case(xml).begin()
    assert one.open == ["w", "x"]
    assert one.do("x").do("w").at.ended


def test_a_transaction_is_cancelled() -> None:
    inner = sub(
        "sp",
        "s2>x; x>c2",
        start("s2"),
        user("x"),
        end("c2", "<bpmn:cancelEventDefinition/>"),
        kind="transaction",
    )
    xml = doc(
        process(
            "s>sp; sp>e; b>w; w>e2",
            start(),
            inner,
            boundary("b", "sp", "<bpmn:cancelEventDefinition/>"),
            user("w"),
            end("e2"),
            end(),
        )
    )
    assert case(xml).begin().do("x").open == ["w"]


def test_a_boundary_event_waits_only_while_its_activity_is_open() -> None:
    xml = doc(
        message("withdraw"),
        process("s>m; m>u; u>g; g>m: rejected = true; g>e; dl>late; late>m; wd>w; w>e4", start(), xor("m"), user("u"),
                boundary("dl", "u", timer("duration", "P9D")), user("late"), boundary("wd", "u", on_message("withdraw"), interrupting=False), user("w"), end("e4"),
                xor("g", "g_e"), end()),
    )  # fmt: skip
    one = case(xml).begin(rejected=True)
    for _ in range(5):
        assert (len(one.at.timers), len(one.at.subscriptions)) == (1, 1)
        one.later(days=9)
        assert (one.open, one.at.timers, one.at.subscriptions) == (["late"], (), ())
        one.do("late").do("u")
    one.do("u", rejected=False)
    assert one.at.ended


def test_a_timer_set_anew_fires_then_and_keeps_coming() -> None:
    again = boundary("b", "a", timer("cycle", "R3/PT1H"), interrupting=False)
    played = case(doc(process("s>a; a>e; b>f", start(), user("a"), again, end(), end("f")))).begin()
    (armed,) = played.at.timers
    later = NOW + timedelta(minutes=90)
    played.set_due({armed.token: later, "999": NOW, played.at.tasks[0].token: NOW})
    assert [t.due for t in played.at.timers] == [later]
    assert played.later(minutes=60).was("completed") == []
    assert "b" in played.later(minutes=31).was("completed")
    assert [t.due for t in played.at.timers] == [later + timedelta(hours=1)]
    assert played.open == ["a"]
