"""The office's evaluator and the browser's agree on every expression and on everything typed."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from casework import forms
from casework.engine import feel
from casework.forms import browser as target
from casework.forms import typed
from casework.forms.live import Live

VECTORS = json.loads(
    Path(__file__).with_name("vectors.json").read_text(encoding="utf-8"), parse_float=Decimal
)
SCRIPT = Path(__file__).parents[2] / "static" / "app.js"


def value_of(part: Any) -> Any:
    if isinstance(part, dict):
        if "@d" in part:
            return dt.date.fromisoformat(part["@d"])
        return {key: value_of(each) for key, each in part.items()}
    return [value_of(each) for each in part] if isinstance(part, list) else part


def names_in(part: Any) -> frozenset[str]:
    if isinstance(part, dict):
        return frozenset(part) | frozenset(name for each in part.values() for name in names_in(each))
    return (
        frozenset(name for each in part for name in names_in(each)) if isinstance(part, list) else frozenset()
    )


@pytest.mark.parametrize("case", VECTORS["expressions"], ids=lambda case: case["feel"])
def test_the_office_gives_the_value_of_the_vector(case: dict[str, Any]) -> None:
    given = feel.compile(case["feel"]).evaluate(value_of(case["given"]))
    assert given == value_of(case["value"])


def test_the_browser_gives_the_same_values(page: Page) -> None:
    page.goto("about:blank")
    page.evaluate(SCRIPT.read_text(encoding="utf-8"))
    wrong = []
    for case in VECTORS["expressions"]:
        given = value_of(case["given"])
        expression = feel.compile(case["feel"])
        tree = target.json(expression, frozenset(given), {}, names_in(case["given"]))
        scope = {name: target.data(each) for name, each in given.items()}
        got = page.evaluate("([tree, scope]) => tendover.evaluate(tree, scope)", [tree, scope])
        expected = target.data(value_of(case["value"]))
        if got != expected:
            wrong.append((case["feel"], got, expected))
    assert not wrong


def question(key: str, type_: str, **more: Any) -> dict[str, Any]:
    return {"id": f"F_{key}", "type": type_, "key": key, "label": key, **more}


@pytest.mark.parametrize("name", ["floor", "count", "date"])
def test_a_question_named_like_a_function_decides_what_the_page_shows(name: str) -> None:
    """By the stylesheet where it can, by the script for the rest; what is in scope wins over the function."""
    choice = question(name, "radio", values=[{"label": "甲", "value": "a"}, {"label": "乙", "value": "b"}])
    hidden = question("why", "textfield", conditional={"hide": f'={name} != "a"'})
    reckoned = question("sign", "textfield", conditional={"hide": f'={name} + "1" != "a1"'})
    group = {"id": "G", "type": "group", "label": "组", "components": [choice, hidden, reckoned]}
    form = forms.read({"id": "t", "type": "default", "schemaVersion": 18, "components": [group]})
    live = Live(form.bind("zh"))
    assert form.reaches(form.by_key["why"]) == {name}
    said = [live.condition(form.by_key[key], hidden=True) for key in ("why", "sign")]
    assert [each is not None and "data-hide" in each[0] for each in said] == [True, True]
    assert said[0] is not None
    assert "data-cond" in said[0][0]
    assert f'[data-key="{name}"]' in form.css()
    for value, gone in (("a", False), ("b", True)):
        assert ("F_why" in form.bind("zh", values={name: value}).settled.hidden) is gone


def test_a_value_that_only_a_later_row_has_is_read_from_that_row() -> None:
    """The first row tells nothing of what the office gives to the others."""
    told = question("told", "expression", expression="=until", computeOn="change")
    rows = {"rowsFrom": "=given", "rowKey": "code"}
    table = question("seen", "dynamiclist", path="seen", components=[told], properties=rows)
    group = {"id": "G", "type": "group", "label": "组", "components": [table]}
    form = forms.read({"id": "t", "type": "default", "schemaVersion": 18, "components": [group]})
    given = [{"code": "A"}, {"code": "B", "until": "2027-06-30"}]
    live = Live(form.bind("zh", facts={"given": given}))
    (own,) = form.lists
    assert own.children[0].expression is not None
    assert live.tree(own.children[0].expression, own.children[0]) == ["v", "until"]


def test_the_office_reads_what_is_typed() -> None:
    for read, cases in ((typed.number, VECTORS["numbers"]), (typed.date, VECTORS["dates"])):
        for case in cases:
            try:
                value: Any = read(case["typed"])
            except typed.Unreadable:
                value = None
            expected = case["value"]
            if read is typed.date and expected:
                expected = dt.date.fromisoformat(expected)
            assert value == expected, case


def test_the_browser_reads_it_in_the_same_way(page: Page) -> None:
    page.goto("about:blank")
    page.evaluate(SCRIPT.read_text(encoding="utf-8"))
    for way, cases in (("readNumber", VECTORS["numbers"]), ("readDate", VECTORS["dates"])):
        for case in cases:
            got = page.evaluate(f"text => tendover.{way}(text)", case["typed"])
            assert got == target.data(case["value"]), case
