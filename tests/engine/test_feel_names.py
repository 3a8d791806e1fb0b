"""Names: Chinese, with spaces, with signs; which names an expression reads; reasons of nulls; values that must be there."""

from __future__ import annotations

import pytest

from casework.engine import feel


@pytest.mark.parametrize(
    ("text", "names", "scope", "wanted"),
    [
        ("项目面积 > 3", (), {"项目面积": 4}, True),
        ("项目 面积 > 3", (), {"项目 面积": 4}, True),
        ("项目  面积 + 1", ("项目 面积",), {"项目 面积": 4}, 5),
        ("a-b", ("a-b",), {"a-b": 1, "a": 5, "b": 2}, 1),
        ("a-b", (), {"a-b": 1, "a": 5, "b": 2}, 3),
        ("a - b", ("a-b",), {"a-b": 1}, 1),
        ("terms and conditions", ("terms and conditions",), {"terms and conditions": 7}, 7),
        ("number of days in month + 1", ("number of days in month",), {"number of days in month": 30}, 31),
        ("a/b*2", ("a/b",), {"a/b": 3}, 6),
        ("房屋 1 面积", ("房屋 1 面积",), {"房屋 1 面积": 9}, 9),
        ('full name = "x" and age in [1..3]', ("full name",), {"full name": "x", "age": 2}, True),
        ("🐎 + 1", (), {"🐎": 1}, 2),
        ("_a1 + é", (), {"_a1": 1, "é": 2}, 3),
        ("project.建筑 面积", (), {"project": {"建筑 面积": 5}}, 5),
        ("for 户 in 户数 return 户.面积 合计", (), {"户数": [{"面积 合计": 2}]}, [2]),
        ("date + 1", (), {"date": 1}, 2),
        ("count", (), {"count": 3}, 3),
        ("max - min", (), {"max": 3, "min": 1}, 2),
        ("date and time", ("date and time",), {"date and time": 3}, 3),
        ("string length", ("string length",), {"string length": 3}, 3),
    ],
)  # fmt: skip
def test_names(text, names, scope, wanted):
    assert feel.compile(text, names=frozenset(names)).evaluate(scope) == wanted


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("bidders < 3 and area > 30000", {("bidders",), ("area",)}),
        ("project.gfa_total > 1", {("project", "gfa_total")}),
        ("project.rooms[area > 1].name", {("project", "rooms")}),
        ("for i in rows return i.a + x", {("rows",), ("x",)}),
        ("some a in b, c in a satisfies c > d", {("b",), ("d",)}),
        ("{a: 1, b: a + c}.b", {("c",)}),
        ("(function(v) v + w)(u)", {("w",), ("u",)}),
        ("sum(rows.a) + count(list)", {("rows", "a"), ("list",)}),
        ("rows[item.a = x]", {("rows",)}),
        ('deadline("decide")', set()),
        ("for i in 1..n return partial", {("n",)}),
        ("{a: a}", {("a",)}),
        ("a.b.c.d", {("a", "b", "c", "d")}),
        ("sort(rows, function(p, q) p.a < q.a)", {("rows",)}),
        ("x in [low..high]", {("x",), ("low",), ("high",)}),
        ("f(x)[1].y", {("x",)}),
    ],
)  # fmt: skip
def test_what_an_expression_reads_from_outside(text, paths):
    expression = feel.compile(text)
    assert expression.paths == paths
    assert expression.names == {path[0] for path in paths}


def test_functions_and_possible_names_are_listed_apart():
    expression = feel.compile("rows[score > minimum and deadline(item) > today()]")
    assert expression.names == {"rows"}
    assert expression.possible == {"score", "minimum"}
    assert expression.functions == {"deadline", "today"}


def test_the_input_of_a_cell_is_no_name_from_outside():
    assert feel.compile_unary("> limit, ? = 3").names == {"limit"}


def test_a_null_remembers_why():
    value, reasons = feel.compile('1 + "a"').explain({})
    assert value is None
    assert [(r.position, r.zh, r.en) for r in reasons] == [
        (2, "“+”不能用于数值与字符串。", "“+” does not apply to number and string.")
    ]


@pytest.mark.parametrize(
    ("text", "position", "zh"),
    [
        ("1 = 1 and missing > 3", 10, "没有名为“missing”的值。"),
        ("project.gfa", 7, "上下文中没有“gfa”。"),
        ("missing = null", 0, "没有名为“missing”的值。"),
        ("missing = null or true", 0, "没有名为“missing”的值。"),
        ("nobody()", 0, "没有名为“nobody”的函数。"),
        ("1 / 0", 2, "除数为零。"),
        ("nothing", 0, "表达式的值为空。"),
        ("today()", 0, "没有名为“today”的函数。"),
        ('date("2026-02-30")', 0, "“2026-02-30”不是有效的日期。"),
        ("if missing then 1 else 2", 3, "没有名为“missing”的值。"),
    ],
)  # fmt: skip
def test_a_value_that_must_be_there(text, position, zh):
    with pytest.raises(feel.NoValue) as caught:
        feel.compile(text).require({"project": {}, "nothing": None})
    assert caught.value.expression == text
    assert caught.value.position == position
    assert caught.value.zh == zh
    assert caught.value.en.endswith(".")


def test_false_and_zero_and_empty_are_values():
    for text, wanted in (("false", False), ("0", 0), ('""', ""), ("[]", [])):
        assert feel.compile(text).require({}) == wanted


def test_host_functions_get_the_scope_and_their_arguments():
    seen = []

    def deadline(scope, name):
        seen.append((scope, name))
        return {"at": 3}

    scope = {"a": 1}
    assert feel.compile('deadline("decide").at + a').evaluate(scope, {"deadline": deadline}) == 4
    assert seen == [(scope, "decide")]


def test_a_host_function_called_wrongly_gives_null_with_its_reason():
    value, reasons = feel.compile("f(1, 2)").explain({}, {"f": lambda scope: 1})
    assert value is None
    assert "f" in reasons[0].zh


def test_a_failure_inside_the_office_is_not_hidden():
    class DatabaseGone(Exception):
        pass

    def f(scope):
        raise DatabaseGone

    with pytest.raises(DatabaseGone):
        feel.compile("f()").evaluate({}, {"f": f})


def test_host_functions_may_be_passed_on():
    assert feel.compile("sort([3, 1, 2], later)").evaluate({}, {"later": lambda scope, a, b: a > b}) == [
        3,
        2,
        1,
    ]


def test_a_host_cannot_replace_a_function_of_the_standard():
    assert feel.compile("count([1])").evaluate({}, {"count": lambda scope, items: 99}) == 1


def test_the_scope_is_never_changed():
    scope = {"rows": [{"a": 1}], "x": 1}
    feel.compile("for x in [9] return {x: x, rows: append(rows, x)}").evaluate(scope)
    feel.compile("rows[a = 1 and x = 1]").evaluate(scope)
    assert scope == {"rows": [{"a": 1}], "x": 1}


def test_any_mapping_is_a_scope():
    class Facts(dict):
        def __missing__(self, key):
            if key == "late":
                return 5
            raise KeyError(key)

    assert feel.compile("late + 1").evaluate(Facts()) == 6
    assert feel.compile("other").evaluate(Facts()) is None
