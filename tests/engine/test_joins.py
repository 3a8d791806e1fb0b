"""Joins fire when every branch of their round has arrived, and not before, in every round of a loop."""

from __future__ import annotations

from itertools import combinations, permutations, product

import pytest

from tests.engine.models import (
    Case,
    boundary,
    case,
    doc,
    end,
    inclusive,
    message,
    node,
    on_message,
    parallel,
    process,
    start,
    sub,
    timer,
    user,
    xor,
)  # fmt: skip

THREE = doc(
    process(
        "s>m; m>f; f>a; f>b; f>c; a>j; b>j; c>j; j>g; g>fix: rejected = true; g>e; fix>m",
        start(), xor("m"), parallel("f"), user("a"), user("b"), user("c"), parallel("j"), xor("g", "g_e"), user("fix"), end(),
    )
)  # fmt: skip
SOME = doc(
    process(
        'draft>m; s>draft; m>f; f>a: list contains(kinds, "a"); f>b: list contains(kinds, "b"); f>c: list contains(kinds, "c"); f>d;'
        "a>j; b>j; c>j; d>j; j>g; g>fix: rejected = true; g>e; fix>m",
        start(), user("draft"), xor("m"), inclusive("f", "f_d"), user("a"), user("b"), user("c"), user("d"), inclusive("j"),
        xor("g", "g_e"), user("fix"), end(),
    )
)  # fmt: skip


def test_three_opinions_are_waited_for_in_every_order_of_every_round() -> None:
    one = case(THREE).begin(rejected=True)
    orders = list(permutations("abc"))
    for rounds in product(orders, repeat=2):
        for order in rounds:
            waiting = set("abc")
            for who in order:
                assert set(one.open) == waiting, (rounds, order, who)
                one.do(who)
                waiting.discard(who)
            assert one.open == ["fix"]
            one.do("fix")


def test_an_inclusive_join_waits_for_the_branches_begun_and_no_others() -> None:
    one = case(SOME).begin(rejected=True)
    one.do("draft", kinds=["a"])
    subsets = [list(found) for n in range(4) for found in combinations("abc", n)]
    one.do("a")
    for subset in subsets * 2:
        one.do("fix", kinds=subset)
        expected = set(subset) or {"d"}
        for who in sorted(expected, reverse=len(subset) % 2 == 0):
            assert set(one.open) == expected
            one.do(who)
            expected.discard(who)
        assert one.open == ["fix"]


def test_nested_joins_in_a_loop() -> None:
    xml = doc(
        process(
            "s>m; m>f; f>a; f>f2; f2>b; f2>c; b>j2; c>j2; j2>d; a>j; d>j; j>g; g>m: rejected = true; g>e",
            start(), xor("m"), parallel("f"), user("a"), parallel("f2"), user("b"), user("c"), parallel("j2"), user("d"), parallel("j"),
            xor("g", "g_e"), end(),
        )
    )  # fmt: skip
    one = case(xml).begin(rejected=True)
    for order in ("abcd", "bacd", "cbda", "bcda", "acbd"):
        for who in order:
            one.do(who)
        assert one.open == ["a", "b", "c"]
    one.do("a").do("b").do("c").do("d", rejected=False)
    assert one.at.ended


def test_a_loop_may_lead_straight_into_a_gateway_that_forks() -> None:
    xml = doc(
        process("s>f; f>a; f>b; a>j; b>j; j>g; g>f: rejected = true; g>e", start(), parallel("f"), user("a"), user("b"), parallel("j"), xor("g", "g_e"), end())
    )  # fmt: skip
    one = case(xml).begin(rejected=True)
    for _ in range(3):
        assert one.open == ["a", "b"]
        one.do("b").do("a")
    one.do("a").do("b", rejected=False)
    assert one.at.ended


def late_comer() -> Case:
    """The office may decide in place of b after ten days; b may still answer."""
    xml = doc(
        process(
            "s>m; m>f; f>a; f>b; a>j; b>x; dl>x; x>j; j>g; g>m: rejected = true; g>e",
            start(), xor("m"), parallel("f"), user("a"), user("b"), boundary("dl", "b", timer("duration", "P10D"), interrupting=False),
            xor("x"), parallel("j"), xor("g", "g_e"), end(),
        )
    )  # fmt: skip
    return case(xml).begin(rejected=True)


def test_one_that_comes_late_is_not_counted_for_the_next_round() -> None:
    one = late_comer()
    one.later(days=10)
    one.do("a")
    assert one.open == ["a", "b", "b"]  # the second round; b of the first is still open
    first_b = min((t for t in one.at.tasks if t.element == "b"), key=lambda t: int(t.token))
    one.complete(first_b.token)
    assert one.open == ["a", "b"]
    one.do("a")
    assert one.open == ["b"]  # the late answer of the first round does not stand for the second
    one.do("b", rejected=False)
    assert one.at.ended


def test_two_answers_on_one_branch_do_not_stand_for_two_rounds() -> None:
    one = late_comer()
    one.later(days=10)
    one.do("b")
    one.do("a")
    assert one.open == ["a", "b"]
    one.do("a")
    assert one.open == ["b"]


def test_a_second_token_waits_for_its_own_turn_outside_of_loops() -> None:
    xml = doc(
        process(
            "s>u; u>e; rem>f; f>a; f>b; a>j; b>j; j>e2", start(), user("u"),
            boundary("rem", "u", timer("cycle", "R2/P1D"), interrupting=False), parallel("f"), user("a"), user("b"), parallel("j"), end(), end("e2"),
        )
    )  # fmt: skip
    one = case(xml).begin()
    one.later(days=1).later(days=1)
    assert one.open == ["a", "a", "b", "b", "u"]
    one.do("a").do("a")
    assert one.at.ends == ()
    assert one.do("b").at.ends == ("e2",)
    assert one.do("b").at.ends == ("e2",)
    assert one.do("u").at.ended


def test_a_join_that_waits_in_vain_is_an_incident_and_not_a_silent_halt() -> None:
    xml = doc(
        process(
            "s>g; g>a: rejected = true; g>b; a>j; b>j; j>e",
            start(),
            xor("g", "g_b"),
            user("a"),
            user("b"),
            parallel("j"),
            end(),
        )
    )
    one = case(xml).begin(rejected=False).do("b")
    assert not one.at.ended
    assert [(i.element, "a_j" in i.zh, "a_j" in i.en) for i in one.at.incidents] == [("j", True, True)]


def test_a_subprocess_between_fork_and_join() -> None:
    xml = doc(
        message("withdraw"),
        process(
            "s>m; m>f; f>sp; f>b; sp>mm; wd>w; w>mm; mm>j; b>j; j>g; g>m: rejected = true; g>e",
            start(), xor("m"), parallel("f"), sub("sp", "s2>x; x>y; y>e2", start("s2"), user("x"), user("y"), end("e2")),
            boundary("wd", "sp", on_message("withdraw")), user("w"), xor("mm"), user("b"), parallel("j"), xor("g", "g_e"), end(),
        ),
    )  # fmt: skip
    one = case(xml).begin(rejected=True)
    one.do("x").do("b").do("y")
    assert one.open == ["b", "x"]
    one.tell("withdraw").do("b")
    assert one.open == ["w"]
    one.do("w")
    assert one.open == ["b", "x"]
    one.do("b").do("x").do("y", rejected=False)
    assert one.at.ended


@pytest.mark.parametrize("kind", ["exclusiveGateway", "inclusiveGateway"])
def test_a_gateway_with_one_way_in_and_out_is_passed(kind: str) -> None:
    one = case(doc(process("s>g; g>a; a>e", start(), node(kind, "g"), user("a"), end()))).begin()
    assert one.open == ["a"]
