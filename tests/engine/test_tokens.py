"""The state of a case: its open tokens and nothing else; the same size in every round; it moves to other drawings."""

from __future__ import annotations

import cProfile
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from casework.engine import flow
from tests.engine.models import (
    Case,
    boundary,
    case,
    doc,
    end,
    message,
    multi,
    on_message,
    open_drawing,
    parallel,
    process,
    start,
    sub,
    timer,
    user,
    xor,
)  # fmt: skip

APPROVAL = doc(
    process(
        "s>m; m>f; f>a; f>b; f>c; a>j; b>j; c>j; j>g; g>fix: rejected = true; g>e; fix>m",
        start(), xor("m"), parallel("f"), user("a"), user("b"), user("c"), parallel("j"), xor("g", "g_e"), user("fix"), end(),
    )
)  # fmt: skip
SIGNING = doc(
    message("withdraw"),
    process(
        "s>m; m>u; u>g; g>m: rejected = true; g>e; wd>e2; rem>e3", start(), xor("m"), user("u", loop=multi(out_item="ok")),
        boundary("wd", "u", on_message("withdraw")), boundary("rem", "u", timer("cycle", "R/P7D"), interrupting=False), xor("g", "g_e"),
        end("e2"), end("e3"), end(),
    ),
)  # fmt: skip


def one_round(one: Case) -> None:
    for task in one.at.tasks:
        one.complete(task.token, ok=True)
    if one.open == ["fix"]:
        one.do("fix")


def work_of(one: Case) -> int:
    """Count the calls that one round of the loop makes; unlike milliseconds they are the same on every machine."""
    profile = cProfile.Profile()
    profile.runcall(one_round, one)
    return sum(entry.callcount for entry in profile.getstats())


@pytest.mark.parametrize("xml", [APPROVAL, SIGNING])
def test_a_case_costs_the_same_in_its_two_hundredth_round(xml: bytes) -> None:
    one = case(xml).begin(rejected=True, parties=["甲", "乙", "丙"])
    sizes, works = [], []
    for turn in range(200):
        sizes.append(len(one.at.state))
        if turn in {5, 199}:
            works.append(work_of(one))
        else:
            one_round(one)
    assert sizes[199] <= sizes[5] * 1.15  # numbers have more digits, nothing else
    assert works[1] <= works[0] * 1.02


def test_the_state_holds_open_tokens_only() -> None:
    one = case(APPROVAL).begin(rejected=True)
    for _ in range(3):
        one_round(one)
    assert one.at.state.count('"a"') == 1
    assert '"draft"' not in one.at.state
    assert '"fix"' not in one.at.state
    assert len(one.at.state) < 250


def test_the_state_is_one_exact_text_that_no_key_order_can_spoil() -> None:
    one = case(SIGNING).begin(
        rejected=True, parties=[{"z": 1, "a": Decimal("0.10"), "@d": date(2026, 1, 1)}, {"typename": "x"}]
    )
    shuffled = json.dumps(json.loads(one.at.state), sort_keys=True)
    one.at = flow.tick(one.drawing, shuffled, one.at.variables, now=one.now, carry_out=one.carry_out)
    assert [t.item for t in one.at.tasks] == [
        {"z": 1, "a": Decimal("0.1"), "@d": date(2026, 1, 1)},
        {"typename": "x"},
    ]


@pytest.mark.parametrize(
    "value",
    [
        {"typename": "x"},
        {"@n": "1"},
        {"__class__": "os"},
        Decimal("1.10"),
        date(2026, 1, 1),
        datetime(2026, 1, 1, tzinfo=UTC),
        "\x00",
        [],
        {},
        "😀",
    ],
)
def test_nothing_a_person_can_type_makes_a_case_unreadable(value: Any) -> None:
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
    one = case(xml).begin(parties=[1]).do("x", given=value).later(days=1).do("y")
    assert one.at.ended
    assert one.at.variables["opinions"] == [value]


def test_tokens_are_numbered_once_in_the_life_of_a_case() -> None:
    one = case(APPROVAL).begin(rejected=True)
    seen: set[str] = set()
    for _ in range(5):
        found = {t.token for t in one.at.tasks}
        assert not found & seen
        seen |= found
        one_round(one)


# -------- moving to another drawing


def drawn(flows: str, *nodes: str) -> Any:
    return open_drawing(doc(message("withdraw"), process(flows, *nodes)))


def moved(one: Case, new: Any, **mapping: str) -> Case:
    state = flow.move(one.drawing, new, one.at.state, mapping)
    other = Case(new, one.carry_out, one.functions, one.now)
    other.at = flow.tick(new, state, one.at.variables, now=one.now, carry_out=one.carry_out)
    return other


V1 = ("s>a; a>b; b>c; c>e", start(), user("a"), user("b"), user("c"), end())


def test_a_case_moves_when_its_open_elements_have_a_place() -> None:
    one = Case(drawn(*V1)).begin().do("a")
    new = drawn("s>a; a>b; b>b2; b2>c; c>e", start(), user("a"), user("b"), user("b2"), user("c"), end())
    two = moved(one, new)
    assert two.at.tasks[0].token == one.at.tasks[0].token
    assert two.do("b").do("b2").do("c").at.ended


def test_a_case_needs_a_place_for_an_element_that_is_gone() -> None:
    one = Case(drawn(*V1)).begin().do("a")
    new = drawn("s>a; a>bx; bx>c; c>e", start(), user("a"), user("bx"), user("c"), end())
    with pytest.raises(flow.NeedsPlaces) as needs:
        moved(one, new)
    assert needs.value.elements == ("b",)
    two = moved(one, new, b="bx")
    assert two.open == ["bx"]
    assert two.do("bx").do("c").at.ended


def test_an_administrator_may_set_a_case_back_to_a_step() -> None:
    one = Case(drawn(*V1)).begin().do("a").do("b")
    assert moved(one, one.drawing, c="a").do("a").do("b").open == ["c"]


def test_an_element_of_another_kind_is_entered_afresh() -> None:
    one = Case(drawn(*V1)).begin(parties=["甲", "乙"]).do("a")
    new = drawn("s>a; a>b; b>c; c>e", start(), user("a"), user("b", loop=multi()), user("c"), end())
    two = moved(one, new)
    assert [t.item for t in two.at.tasks] == ["甲", "乙"]
    back = moved(two, one.drawing)
    assert back.open == ["b"]
    assert back.do("b").do("c").at.ended


def test_a_new_deadline_is_armed_and_one_that_is_gone_is_dropped() -> None:
    plain = ("s>m; m>a; a>e", start(), xor("m"), user("a"), end())
    timed = (
        "s>m; m>a; a>e; dl>m",
        start(),
        xor("m"),
        user("a"),
        boundary("dl", "a", timer("duration", "P5D")),
        end(),
    )
    one = Case(drawn(*plain)).begin()
    two = moved(one, drawn(*timed))
    assert [t.element for t in two.at.timers] == ["dl"]
    assert two.later(days=5).open == ["a"]
    assert moved(two, drawn(*plain)).at.timers == ()


def test_opinions_already_given_move_along() -> None:
    v1 = ("s>u; u>z; z>e", start(), user("u", loop=multi(out_item="ok")), user("z"), end())
    v2 = ("s>u; u>z; z>y; y>e", start(), user("u", loop=multi(out_item="ok")), user("z"), user("y"), end())
    one = Case(drawn(*v1)).begin(parties=[1, 2, 3]).do("u", 1, ok="yes")
    two = moved(one, drawn(*v2))
    two.do("u", 0, ok="no").do("u", 2, ok="no")
    assert two.at.variables["opinions"] == ["no", "yes", "no"]
    assert two.do("z").open == ["y"]


def test_a_join_that_waits_moves_by_the_elements_its_branches_come_from() -> None:
    v1 = ("s>f; f>a; f>b; a>j; b>j; j>e", start(), parallel("f"), user("a"), user("b"), parallel("j"), end())
    v2 = (
        "s>f; f>a; f>b; a>x; x>j; b>j; j>e",
        start(),
        parallel("f"),
        user("a"),
        user("b"),
        xor("x"),
        parallel("j"),
        end(),
    )
    one = Case(drawn(*v1)).begin().do("b")
    assert moved(one, drawn(*v2)).do("a").at.ended
    two = Case(drawn(*v1)).begin().do("a")
    with pytest.raises(flow.NeedsPlaces):
        moved(two, drawn(*v2))
    assert moved(two, drawn(*v2), a="x").do("b").at.ended


def test_a_subprocess_moves_with_what_is_in_it() -> None:
    def version(*inner: str) -> Any:
        return drawn("s>sp; sp>z; z>e", start(), sub("sp", *inner), user("z"), end())

    old = version("s2>x; x>e2", start("s2"), user("x"), end("e2"))
    new = version("s2>x; x>y; y>e2", start("s2"), user("x"), user("y"), end("e2"))
    one = moved(Case(old).begin(), new)
    assert one.do("x").do("y").do("z").at.ended


def test_a_case_that_has_ended_moves_too() -> None:
    one = Case(drawn(*V1)).begin().withdraw()
    assert moved(one, drawn(*V1)).at.ended
