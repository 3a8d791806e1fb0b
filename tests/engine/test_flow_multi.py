"""Every party reviews and signs: side by side, one after the other, n of m, again after a return."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine.models import (
    NOW,
    boundary,
    call,
    case,
    doc,
    effect,
    end,
    message,
    multi,
    node,
    on_message,
    parallel,
    process,
    script,
    start,
    sub,
    timer,
    user,
    xor,
)  # fmt: skip

PARTIES = [{"id": "甲"}, {"id": "乙"}, {"id": "丙"}, {"id": "丁"}]


def signing(condition: str = "", *, sequential: bool = False, out_item: str = "opinion") -> bytes:
    loop = multi(out_item=out_item, condition=condition, sequential=sequential)
    return doc(process("s>u; u>z; z>e", start(), user("u", loop=loop), user("z"), end()))


def test_every_party_has_its_own_task() -> None:
    one = case(signing()).begin(parties=PARTIES)
    assert [(t.index, t.item) for t in one.at.tasks] == list(enumerate(PARTIES))
    for index in (2, 0, 3, 1):
        assert one.open != ["z"]
        one.do("u", index, ok=True, by=index)
    assert one.open == ["z"]
    assert one.at.variables["opinions"] == [
        {"ok": True, "by": n} for n in range(4)
    ]  # in the order of the parties


def test_one_after_the_other_each_party_sees_its_turn() -> None:
    one = case(signing(sequential=True)).begin(parties=PARTIES)
    for index in range(4):
        assert [(t.index, t.item) for t in one.at.tasks] == [(index, PARTIES[index])]
        one.do("u", ok=index)
    assert one.open == ["z"]
    assert one.at.variables["opinions"] == [{"ok": n} for n in range(4)]


@pytest.mark.parametrize(
    ("condition", "votes"),
    [
        ("nrOfCompletedInstances >= 2", [True, False]),
        ("count(opinions[item.ok]) >= 2", [True, True]),
        ("count(opinions[item.ok]) >= 2", [True, False, True]),
        ("count(opinions[ok = true]) / nrOfInstances > 0.5", [True, True, True]),
        ("count(opinions) = 3", [False, False, False]),
        ("nrOfCompletedInstances / nrOfInstances >= 0.5", [True, True]),
        ("nrOfActiveInstances = 1", [True, True, True]),
        ("opinion.ok = false", [True, False]),
        ("numberOfCompletedInstances = 1", [True]),
    ],
)
def test_a_completion_condition_ends_the_round_early(condition: str, votes: list[bool]) -> None:
    one = case(
        signing(condition, out_item="{ok: ok, party: party.id}" if "opinion." not in condition else "opinion")
    )
    one.begin(parties=PARTIES)
    for vote in votes:
        assert set(one.open) == {"u"}
        one.do("u", ok=vote, opinion={"ok": vote})
    assert one.open == ["z"]
    assert len(one.at.variables["opinions"]) == len(votes)
    assert one.was("cancelled") == ["u"] * (4 - len(votes))


def test_an_output_element_is_any_expression_over_the_instance() -> None:
    one = case(signing(out_item="{party: party.id, agrees: ok, place: loopCounter}")).begin(
        parties=PARTIES[:2]
    )
    one.do("u", 1, ok=False).do("u", 0, ok=True)
    assert one.at.variables["opinions"] == [
        {"party": "甲", "agrees": True, "place": 1},
        {"party": "乙", "agrees": False, "place": 2},
    ]


def test_nothing_of_an_instance_leaks_into_the_case() -> None:
    one = case(signing()).begin(parties=PARTIES[:1]).do("u", ok=True, rejected=True, note="x")
    assert set(one.at.variables) == {"parties", "opinions"}


def test_an_empty_list_of_parties_is_signed_at_once() -> None:
    one = case(signing()).begin(parties=[])
    assert one.open == ["z"]
    assert one.at.variables["opinions"] == []


def test_a_number_of_times_without_a_list() -> None:
    loop = "<bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality>=n + 1</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>"
    one = case(doc(process("s>u; u>e", start(), user("u", loop=loop), end()))).begin(n=2)
    assert [t.index for t in one.at.tasks] == [0, 1, 2]
    assert one.do("u").do("u").do("u").at.ended


def test_a_subprocess_for_each_party_keeps_its_own_variables() -> None:
    inner = sub(
        "sp", "s2>x; x>f; f>p; f>q; p>j; q>j; j>o; o>e2", start("s2"), user("x"), parallel("f"), user("p"), user("q"), parallel("j"),
        script("o", "opinion", "if a and b then party.id else null"), end("e2"), loop=multi(),
    )  # fmt: skip
    one = case(doc(process("s>sp; sp>z; z>e", start(), inner, user("z"), end()))).begin(parties=PARTIES[:2])
    one.do("x", 0, a=True).do("x", 1, a=True)
    assert one.open == ["p", "p", "q", "q"]
    one.do("p", 0, b=True).do("p", 1, b=True).do("q", 1)
    assert one.open == ["q"]
    assert one.at.tasks[0].item == {"id": "甲"}
    one.do("q")
    assert one.open == ["z"]
    assert one.at.variables["opinions"] == ["甲", "乙"]
    assert "a" not in one.at.variables


def test_a_called_process_for_each_party() -> None:
    main = doc(
        process("s>ca; ca>z; z>e", start(), call("ca", "Q", loop=multi(out_item="ok")), user("z"), end())
    )
    called = doc(process("qs>qa; qa>qe", start("qs"), user("qa"), end("qe"), key="Q"))
    one = case(main, called=[called])
    one.begin(parties=PARTIES[:2]).do("qa", 1, ok=2).do("qa", 0, ok=1)
    assert one.open == ["z"]
    assert one.at.variables["opinions"] == [1, 2]


def test_an_effect_for_each_party() -> None:
    told: list[Any] = []

    def carry_out(one: Any, variables: Any) -> dict[str, Any]:
        told.append(variables["party"]["id"])
        return {"opinion": len(told)}

    xml = doc(process("s>p; p>z; z>e", start(), effect("p", "send letter", loop=multi()), user("z"), end()))
    one = case(xml, carry_out).begin(parties=PARTIES)
    assert told == ["甲", "乙", "丙", "丁"]
    assert one.at.variables["opinions"] == [1, 2, 3, 4]


def test_parties_within_parties() -> None:
    inner = sub("sp", "s2>u; u>e2", start("s2"), user("u", loop=multi("party.rooms", "room", "stamps", "{room: room, ok: ok}")), end("e2"),
                loop=multi(out="all", out_item="stamps"))  # fmt: skip
    one = case(doc(process("s>sp; sp>e", start(), inner, end()))).begin(
        parties=[{"rooms": ["A", "B"]}, {"rooms": ["C"]}]
    )
    assert sorted(t.item for t in one.at.tasks) == ["A", "B", "C"]
    for task in one.at.tasks:
        one.complete(task.token, ok=task.item)
    assert one.at.ended
    assert one.at.variables["all"] == [
        [{"room": "A", "ok": "A"}, {"room": "B", "ok": "B"}],
        [{"room": "C", "ok": "C"}],
    ]


def test_a_deadline_ends_the_whole_round_and_keeps_the_opinions_given() -> None:
    xml = doc(
        message("withdraw"),
        process(
            "s>u; u>z; z>e; dl>late; late>e3; wd>e4", start(), user("u", loop=multi()), boundary("dl", "u", timer("duration", "P5D")),
            boundary("wd", "u", on_message("withdraw")), user("late"), end("e3"), end("e4"), user("z"), end(),
        ),
    )  # fmt: skip
    one = case(xml).begin(parties=PARTIES).do("u", 1, ok=True)
    assert [t.interrupting for t in one.at.timers] == [True]
    one.later(days=5)
    assert one.open == ["late"]
    assert one.at.variables["opinions"] == [{"ok": True}]
    assert one.at.subscriptions == ()
    assert one.do("late").at.ends == ("e3",)


def test_a_withdrawal_ends_subprocesses_of_every_party() -> None:
    inner = sub(
        "sp", "s2>x; x>y; y>e2", start("s2"), user("x"), user("y"), end("e2"), loop=multi(out_item="a")
    )
    xml = doc(
        message("withdraw"),
        process(
            "s>sp; sp>z; z>e; wd>w; w>e3",
            start(),
            inner,
            boundary("wd", "sp", on_message("withdraw")),
            user("w"),
            end("e3"),
            user("z"),
            end(),
        ),
    )
    one = case(xml).begin(parties=PARTIES).do("x", 2).do("x", 0)
    one.tell("withdraw")
    assert one.open == ["w"]
    assert sorted(one.was("cancelled")) == ["sp"] * 5 + ["x", "x", "y", "y"]
    assert one.do("w").at.ended


def test_reminders_go_on_while_parties_sign() -> None:
    xml = doc(
        process(
            "s>u; u>z; z>e; rem>r; r>e2", start(), user("u", loop=multi()), boundary("rem", "u", timer("cycle", "R3/P1D"), interrupting=False),
            effect("r", "send letter"), end("e2"), user("z"), end(),
        )
    )  # fmt: skip
    one = case(xml).begin(parties=PARTIES[:2])
    assert [e.kind for e in one.later(days=1).at.effects] == ["send letter"]
    assert one.later(hours=1).at.effects == ()
    one.do("u", 0, ok=True)
    assert len(one.later(days=1).at.effects) == 1
    one.do("u", 1, ok=True)
    assert one.open == ["z"]
    assert one.at.timers == ()


def test_a_loop_goes_round_while_its_condition_holds() -> None:
    loop = '<bpmn:standardLoopCharacteristics loopMaximum="4"><bpmn:loopCondition>=n &lt; 3</bpmn:loopCondition></bpmn:standardLoopCharacteristics>'
    one = case(doc(process("s>u; u>e", start(), user("u", loop=loop), end()))).begin(n=0)
    one.do("u", n=1).do("u", n=2)
    assert one.open == ["u"]
    assert one.do("u", n=3).at.ended
    again = case(doc(process("s>u; u>e", start(), user("u", loop=loop), end()))).begin(n=0)
    for _ in range(4):
        again.do("u")
    assert again.at.ended
    assert again.now == NOW


def test_receiving_one_answer_from_each_party() -> None:
    xml = doc(
        message("answer", "party.id"),
        process("s>r; r>z; z>e", start(), node("receiveTask", "r", multi(out_item="{who: party.id, ok: ok}"), messageRef="msg_answer"), user("z"), end()),
    )  # fmt: skip
    one = case(xml).begin(parties=PARTIES[:2])
    assert sorted(s.correlation or "" for s in one.at.subscriptions) == ["乙", "甲"]
    one.tell("answer", "乙", ok=True)
    one.tell("answer", "甲", ok=False)
    assert one.at.variables["opinions"] == [{"who": "甲", "ok": False}, {"who": "乙", "ok": True}]


def test_a_second_round_begins_with_an_empty_list() -> None:
    xml = doc(
        process("s>m; m>u; u>g; g>m: count(opinions[ok = false]) > 0; g>z; z>e", start(), xor("m"),
                user("u", loop=multi(out_item="{ok: ok}")), xor("g", "g_z"), user("z"), end())
    )  # fmt: skip
    one = case(xml).begin(parties=PARTIES[:2])
    one.do("u", ok=True).do("u", ok=False)
    assert one.open == ["u", "u"]
    assert one.at.variables["opinions"] == []
    one.do("u", ok=True).do("u", ok=True)
    assert one.open == ["z"]
    assert one.at.variables["opinions"] == [{"ok": True}, {"ok": True}]


def test_a_thousand_parties_are_no_circle() -> None:
    xml = doc(
        process("s>p; p>e", start(), effect("p", "send letter", loop=multi(out="", out_item="")), end())
    )
    one = case(xml).begin(parties=list(range(1500)))
    assert one.at.ended
    assert len(one.at.effects) == 1500


def test_an_instance_knows_how_many_there_are() -> None:
    text = "loopCounter + nrOfInstances * 10 + nrOfCompletedInstances * 100"
    one = case(doc(process("s>u; u>e", start(), user("u", loop=multi(out_item=text)), end()))).begin(
        parties=[1, 2]
    )
    assert one.do("u", 1).do("u", 0).at.variables["opinions"] == [121, 22]


def test_an_early_end_makes_an_opinion_that_could_not_be_collected_needless() -> None:
    loop = multi(out_item="points * weight", condition="nrOfCompletedInstances >= 1")
    one = case(doc(process("s>u; u>z; z>e", start(), user("u", loop=loop), user("z"), end())))
    one.begin(parties=[1, 2]).do("u", 0, points="none", weight=None)
    assert len(one.at.incidents) == 1
    assert one.do("u", 1, points=5, weight=2).open == ["z"]
    assert one.at.incidents == ()
    assert one.at.variables["opinions"] == [10]
