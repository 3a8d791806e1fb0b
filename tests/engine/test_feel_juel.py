"""The listed subset of Camunda 7's ${…}: what is turned into FEEL means the same; the rest is not turned."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.engine import feel
from casework.engine.feel.juel import to_feel

SCOPE = {"a": True, "b": False, "n": 3, "s": "x", "none": None, "blank": "", "items": [], "full": [1], "o": {"p": {"q": 5}}, "nrOfCompletedInstances": 2, "nrOfInstances": 4}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("${a}", True), ("#{a}", True), (" ${ a } ", True), ("${a == true}", True), ("${a == true && b == false}", True), ("${!a}", False), ("${not a or a}", True), ("${a and not b}", True), ("${!(a && b)}", True), ("${b || a && b}", False),
        ("${n == 3}", True), ("${n != 3}", False), ("${n ne 3 or n eq 3}", True), ("${n lt 4 && n le 3 && n gt 2 && n ge 3}", True), ("${n < 4 == true}", True), ("${true == n < 4}", True), ("${1 + 2 * n - 4 / 2}", 5), ("${-n < 0}", True), ("${(1 + 2) * n}", 9),
        ("${s == 'x'}", True), ('${s == "x"}', True), ("${s == 'it\\'s'}", False), ("${none == null}", True), ("${empty none && empty blank && empty items}", True), ("${!empty full}", True), ("${not empty s}", True), ("${empty o.p}", False),
        ("${n > 2 ? 'many' : 'few'}", "many"), ("${n > 5 ? 1 : n > 2 ? 2 : 3}", 2), ("${o.p.q == 5}", True), ("${nrOfCompletedInstances/nrOfInstances >= 0.5}", True), ("${nrOfCompletedInstances == nrOfInstances}", False), ("${1.5}", 1.5), ("${false}", False),
    ],
)  # fmt: skip
def test_the_subset_keeps_its_meaning(text, wanted):
    turned = to_feel(text)
    assert turned is not None
    assert feel.compile(turned).evaluate(SCOPE) == wanted


@pytest.mark.parametrize(
    "text",
    ["a", "=a", "", "${", "${}", "${a", "a ${b}", "${a} and ${b}", "${a.b()}", "${f(a)}", "${execution.getVariable('x')}", "${a[0]}", "${a['k']}", "${a +}", "${a b}", "${a ? b}", "${a % 2}", "${a mod 2}", "${a = b}", "${a; b}", "${a -> b}", "${[1]}", "${{'a': 1}}", "${'x}", "${in == 1}", "${a.for}", "${empty}", "${" + "(" * 50 + "a" + ")" * 50 + "}", "${" + "!" * 500 + "a}", "${" + "a+" * 2_000 + "a}", "${a.}", "${.a}", "${''.class.forName('x')}", "${a instanceof b}", "${a div 2}"],
)  # fmt: skip
def test_what_is_beyond_it_is_not_turned(text):
    assert to_feel(text) is None


@given(st.text(alphabet="ab12.'\"!=<>&|?:()+-*/ enmpty", max_size=30))
def test_whatever_is_turned_is_feel(text):
    turned = to_feel("${" + text + "}")
    if turned is not None:
        feel.compile(turned).evaluate({"a": 1})
