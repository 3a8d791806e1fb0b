"""The forms of FEEL, clause by clause of DMN 1.3 (10.3.1, 10.3.2). Values are compared as FEEL prints them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from casework.engine import feel

SCOPE = {
    "x": 5,
    "area": Decimal("30000.5"),
    "name": "云河",
    "yes": True,
    "no": False,
    "nothing": None,
    "list": [1, 2, 3],
    "project": {"gfa_total": 40000, "developer": {"name": "甲"}, "rooms": [{"area": 1}, {"area": 2}]},
    "rows": [{"a": 1, "b": 2}, {"a": 2, "b": 4}, {"a": 3}],
    "day": date(2026, 1, 31),
}


def shown(text, scope=SCOPE, names=()):
    value = feel.compile(f"string([{text}])", names=frozenset(names)).evaluate(scope)
    return value[1:-1]


def check(text, wanted, **kwargs):
    assert shown(text, **kwargs) == wanted, text


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        # numbers: 34 digits, exact (10.3.2.3.1)
        ("0.1 + 0.2", "0.3"), ("1.0", "1"), ("2.50", "2.5"), (".5", "0.5"), ("1.5e3", "1500"), ("10 / 4", "2.5"),
        ("1 / 3", "0.3333333333333333333333333333333333"), ("2 ** 10", "1024"), ("2 ** -1", "0.5"), ("2 ** 0.5", "1.414213562373095048801688724209698"),
        ("3 ** 4 ** 5", "3486784401"), ("-3 ** 2", "9"), ("-2 - -3", "1"), ("--10", "10"), ("1 + 2 * 3", "7"), ("(1 + 2) * 3", "9"),
        ("10 - 2 - 3", "5"), ("100 / 10 / 5", "2"), ("1 / 0", "null"), ("9999999999999999999999999999999999 + 1", "10000000000000000000000000000000000"),
        ("123456789012345678901234567890 * 1000", "123456789012345678901234567890000"), ("1.0 = 1", "true"), ("0.10 = 0.1", "true"),
        # strings (10.3.2.3.2)
        (r'"a" + "b"', '"ab"'), (r'"\u4e91\u6cb3"', '"云河"'), (r'"\uD83D\uDCA9"', '"💩"'), (r'"\U01F4A9"', '"💩"'), (r'"a\tb" = "a	b"', "true"),
        (r'string length("\"")', "1"), (r'string length("\\n")', "2"), ('"a" < "b"', "true"), ('"多" = "多"', "true"),
        # booleans, null, three-valued logic (tables 38, 51)
        ("true and true", "true"), ("true and false", "false"), ("false and null", "false"), ("null and false", "false"), ("true and null", "null"),
        ("null or true", "true"), ("false or null", "null"), ("null or null", "null"), ("true or 1", "true"), ("1 and true", "null"), ("false and 1", "false"),
        ("not(true)", "false"), ("not(null)", "null"), ("not(1)", "null"), ("true or false and false", "true"), ("no or yes and yes", "true"),
        # equality (table 42) and order (table 50)
        ("null = null", "true"), ("null != null", "false"), ("1 = null", "false"), ("1 != null", "true"), ('1 = "1"', "null"), ("1 < null", "null"), ("true < false", "null"),
        ("[1, 2] = [1, 2]", "true"), ("[1, 2] = [2, 1]", "false"), ("[1] = [1, 2]", "false"), ("{a: 1, b: 2} = {b: 2, a: 1}", "true"), ("{a: 1} = {a: 2}", "false"), ("[1..2] = [1..2]", "true"), ("[1..2] = (1..2]", "false"),
        ("1 < 2", "true"), ("2 <= 2", "true"), ("3 > 4", "false"), ('"a" >= "b"', "false"), ('1 < "2"', "null"), ("1 = true", "null"),
        # if (10.3.2.10)
        ("if 1 > 2 then 3 else 4", "4"), ("if null then 3 else 4", "4"), ('if "a" then 3 else 4', "4"), ("if true then if false then 1 else 2 else 3", "2"), ("1 + if true then 1 else 2", "2"),
        # between, in (table 55)
        ("5 between 1 and 5", "true"), ("5 between 6 and 7", "false"), ("x between 1 and 10 and true", "true"), ("null between 1 and 2", "null"),
        ("1 in [2, 3, 1]", "true"), ("1 in [2, 3]", "false"), ("1 in [[2..4], [1..3]]", "true"), ("1 in <= 10", "true"), ("10 in < 10", "false"), ("10 in (1, < 5, >= 10)", "true"),
        ("10 in (1, 5, 9)", "false"), ("4 in (2..4)", "false"), ("4 in (2..4]", "true"), ("2 in [2..4)", "true"), ("2 in ]2..4]", "false"), ("4 in [2..4[", "false"), ("1 in 1", "true"), ("1 in 2", "false"), ('"b" in ["a".."c"]', "true"),
        ("x in (= 5)", "true"), ("x in (!= 5)", "false"), ("1 in (? > 0)", "true"), ("x in list", "false"), ("[1] in [[1], [2]]", "true"), ('x in "a"', "null"), ("x in [1..10] and yes", "true"),
        # lists, filters (10.3.2.5)
        ("[1, 2, 3][1]", "1"), ("[1, 2, 3][-1]", "3"), ("[1, 2, 3][4]", "null"), ("[1, 2, 3][0]", "null"), ("[1, 2, 3][item > 1]", "[2, 3]"), ("rows[a > 1].b", "[4, null]"), ("rows[item.a = 1][1].b", "2"),
        ("rows[b = 4].a", "[2]"), ("x[1]", "5"), ("x[item > 9]", "[]"), ("nothing[item > 1]", "[]"), ("[1, 2, 3][x - 3]", "2"), ("[][1]", "null"), ("list[count(list)]", "3"), ("[[1], [2]][2][1]", "2"), ("rows[a = x - 3].b[1]", "4"),
        ("[1, 2, 3, 4][item > 1][item < 4]", "[2, 3]"), ("rows[-1].a", "3"), ("[{item: 1}, {item: 2}][item >= 2].item", "[2]"), ("list[0.5 * 2]", "1"), ("list[1.5]", "null"),
        # contexts, paths (10.3.2.6)
        ("{a: 1, b: a + 1}.b", "2"), ("{a: 1, b: {c: a}}.b.c", "1"), ('{"a b": 1}', "{a b: 1}"), ("{a b: 1}.a b + 1", "2"), ("{total price: 3, tax: total price * 2}.tax", "6"), ("project.developer.name", '"甲"'),
        ("project.rooms.area", "[1, 2]"), ("sum(project.rooms.area)", "3"), ("project.nowhere", "null"), ("x.y", "null"), ("rows.a", "[1, 2, 3]"), ("{}", "{}"), ("{a: {b: [{c: 1}, {c: 2}]}}.a.b[2].c", "2"),
        # for, some, every (10.3.2.14)
        ("for i in [1, 2] return i * 2", "[2, 4]"), ("for i in 1..3 return i", "[1, 2, 3]"), ("for i in 3..1 return i", "[3, 2, 1]"), ("for i in 1..2, j in [10, 20] return i + j", "[11, 21, 12, 22]"), ("for i in [[1, 2], [3]], j in i return j", "[1, 2, 3]"),
        ("for i in 0..4 return if i = 0 then 1 else i * partial[-1]", "[1, 1, 2, 6, 24]"), ("for i in x return i", "[5]"), ("for i in nothing return i", "null"), ("for i in [1..3] return i", "[1, 2, 3]"), ("for i in (1..4) return i", "[2, 3]"),
        ('for d in @"2026-01-30"..@"2026-02-01" return d.day', "[30, 31, 1]"), ("some i in [1, 2] satisfies i > 1", "true"), ("every i in [1, 2] satisfies i > 1", "false"), ("some i in [] satisfies i > 1", "false"), ("every i in [] satisfies i > 1", "true"),
        ("some i in [null, 2] satisfies i > 1", "true"), ("some i in [null, 1] satisfies i > 1", "null"), ("every i in [null, 2] satisfies i > 1", "null"), ("every i in [null, 1] satisfies i > 1", "false"), ("some r in rows satisfies r.a = 3", "true"), ("some i in [1, 2], j in [2, 3] satisfies i = j", "true"),
        ("for item name in [1] return item name + 1", "[2]"),
        # functions (10.3.2.13)
        ("(function(a, b) a + b)(1, 2)", "3"), ("{f: function(a) a * x}.f(2)", "10"), ("{f: function(a: number, b: number) a - b, r: f(b: 1, a: 5)}.r", "4"), ("(function(a: string) a)(1)", "null"), ("(function(a) a)(1, 2)", "null"),
        ("-(function(a) a)(10)", "-10"), ("{twice: function(f, v) f(f(v)), r: twice(function(v) v * 3, 2)}.r", "18"), ("(function() 1)()", "1"), ("x(1)", "null"), ("5[1](2)", "null"),
        # ranges as values
        ("[1..3].start", "1"), ("(1..3].start included", "false"), ("[1..3].end", "3"), ("[1..3].end included", "true"), ("5 in (> 3)", "true"), ("{r: [1..3], t: 2 in r}.t", "true"), ('[@"2026-01-01"..@"2026-12-31"].end.month', "12"), ("[1..null]", "null"), ('[1.."a"]', "null"),
        # comments, full lines
        ("1 + /* two */ 2 // three\n + 3", "6"),
    ],
)  # fmt: skip
def test_each_form_has_the_standards_value(text, wanted):
    check(text, wanted)


@pytest.mark.parametrize(
    ("value", "types"),
    [
        ("1.5", {"number", "Any"}), ('"a"', {"string", "Any"}), ("true", {"boolean", "Any"}), ("null", {"Null"}), ('@"2026-01-01"', {"date", "Any"}),
        ('@"10:00:00"', {"time", "Any"}), ('@"2026-01-01T10:00:00"', {"date and time", "Any"}), ('@"P1D"', {"days and time duration", "Any"}), ('@"P1M"', {"years and months duration", "Any"}),
        ("[1, 2]", {"list", "list<number>", "list<Any>", "Any"}), ("{a: 1}", {"context", "context<a: number>", "Any"}), ("[1..2]", {"range", "range<number>", "Any"}),
        ("function(a) a", {"function", "function<Any> -> Any", "Any"}), ("[[1]]", {"list", "list<list<number>>", "list<Any>", "Any"}),
    ],
)  # fmt: skip
def test_instance_of_knows_every_type(value, types):
    known = ["number", "string", "boolean", "Null", "date", "time", "date and time", "days and time duration", "years and months duration", "list", "list<number>", "list<list<number>>", "list<Any>", "context", "context<a: number>", "context<a: string>", "context<b: number>", "range", "range<number>", "range<date>", "function", "function<Any> -> Any", "function<> -> Any", "Any"]  # fmt: skip
    for kind in known:
        check(f"({value}) instance of {kind}", "true" if kind in types else "false")


@pytest.mark.parametrize(
    ("cell", "value", "wanted"),
    [
        ("-", 1, True), ("5", 5, True), ("5", 6, False), ("< 5", 4, True), ("< 5", "a", None), ("[1..5]", 5, True), ("[1..5)", 5, False), ("(1..5)", 1, False), ("]1..5[", 5, False), ("1, 2, > 8", 9, True), ("1, 2, > 8", 3, False),
        ('"a", "b"', "b", True), ('not("a", "b")', "c", True), ('not("a", "b")', "a", False), ("not(< 5)", 7, True), ("null", None, True), ("null", 1, False), ("not(null)", 1, True), ("true", True, True), ("true", False, False), ("false", False, True),
        ("? > 3 and ? < 5", 4, True), ("? > 3 and ? < 5", 6, False), ("list", 2, True), ("list", 9, False), ("x", 5, True), ("> x", 6, True), ("x + 1", 6, True), ("= 5", 5, True), ("!= 5", 5, False), ('@"2026-01-01"', date(2026, 1, 1), True),
        ('< date("2026-01-01")', date(2025, 1, 1), True), ('[date("2026-01-01")..date("2026-12-31")]', date(2026, 5, 1), True), ("< 5", None, None), ("-5", -5, True), ("[-5..-1]", -3, True), ("(< 3)", 2, True), ('starts with(?, "云")', "云河", True),
        ("not(true) or yes", 1, True), ("even(?)", 4, True), ("[1, 2]", 2, True), ("[1, 2]", [1, 2], True), ("1,2,3", 3, True), ("count(list) > 2", "whatever", True), ("string length(?)", 1, None),
    ],
)  # fmt: skip
def test_unary_tests(cell, value, wanted):
    assert feel.compile_unary(cell).evaluate({**SCOPE, "?": value}) is wanted


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("", 0), ("1 +", 3), ("1 2", 2), ("(1", 2), ("[1", 2), ("{a 1}", 4), ("{a: 1, a: 2}", 10), ("if x then 1", 11), ("for x return 1", 6), ("some x in y", 11), ("x between 1 or 2", 12), ("x instance of thing", 14),
        ('"open', 0), ("a ＝ 1", 2), ("“a”", 0), ("a；b", 1), ("x and", 5), ("not x", 0), ("f(a: 1, 2)", 1), ("1..2", 1), ("x.", 2), ("@1", 1), ('@"2026-13-01"', 1), ("then", 0), ("function(x) external {}", 12), ("a = = b", 4), ("#", 0), ("x ? 1 : 2", 4), ("a && b", 2), ("x == 1", 3),
    ],
)  # fmt: skip
def test_a_syntax_error_has_its_place_and_both_languages(text, position):
    with pytest.raises(feel.FeelSyntax) as caught:
        feel.compile(text)
    assert caught.value.position == position
    assert f"第 {position + 1} 个字符" in caught.value.zh
    assert f"character {position + 1}" in caught.value.en


def test_full_width_signs_get_the_advice_a_typist_needs():
    with pytest.raises(feel.FeelSyntax) as caught:
        feel.compile("面积 ＞ 3")
    assert "全角" in caught.value.zh
    assert "“>”" in caught.value.zh


def test_a_leading_equals_sign_is_dropped_and_positions_stay():
    assert feel.compile("= 1 + 1").evaluate({}) == 2
    with pytest.raises(feel.FeelSyntax) as caught:
        feel.compile("= 1 +")
    assert caught.value.position == 5


def test_results_are_in_their_plainest_form():
    assert repr(feel.compile("1.50 + 1.50").evaluate({})) == "3"
    assert repr(feel.compile("area").evaluate({"area": Decimal("5.00")})) == "5"
    assert repr(feel.compile("[area, {a: area}]").evaluate({"area": Decimal("5.00")})) == "[5, {'a': 5}]"
    assert repr(feel.compile("area * 2").evaluate({"area": 0.1})) == "Decimal('0.2')"


def test_the_tree_is_frozen_and_equal_for_equal_texts():
    tree = feel.compile("a + 1 > 2 and b").tree
    assert tree == feel.compile("a + 1  >  2 and b").tree or tree != feel.compile("a").tree
    with pytest.raises(AttributeError):
        tree.position = 3  # type: ignore[misc]
    assert hash(tree) == hash(feel.compile("a + 1 > 2 and b").tree)


def test_a_text_is_compiled_once():
    assert feel.compile("a + 1") is feel.compile("a + 1")
