"""The functions of the standard, table by table (DMN 1.3 clause 10.3.4)."""

from __future__ import annotations

import pytest

from casework.engine import feel
from casework.engine.feel.builtins import FUNCTIONS


def shown(text):
    return feel.compile(f"string([{text}])").evaluate({"people": [{"n": "b", "a": 2}, {"n": "a", "a": 1}]})[
        1:-1
    ]


CONVERSION = [
    ('number("1 000,0", " ", ",")', "1000"), ('number("1,000.5", ",", ".")', "1000.5"), ('number("1.5")', "1.5"), ('number("-.5")', "-0.5"), ('number("1,5")', "null"), ('number("x")', "null"), ("number(null)", "null"), ('number("1.000,5", ".", ",")', "1000.5"), ('number("1000", "x", ".")', "null"), ('number("1000", ".", ".")', "null"), ('number(from: "1 0", grouping separator: " ", decimal separator: ".")', "10"), ('number("1", null, null)', "1"),
    ("string(1.10)", '"1.1"'), ('string("a")', '"a"'), ("string(null)", "null"), ("string(true)", '"true"'), ('string(@"2026-01-31")', '"2026-01-31"'), ('string([1, "a"])', r'"[1, \"a\"]"'), ("string({a: 1})", '"{a: 1}"'), ('string(@"P1DT2H")', '"P1DT2H"'), ('string(@"P14M")', '"P1Y2M"'), ("string(1e10)", '"10000000000"'), ("string(1e-7)", '"0.0000001"'), ("string((1..2])", '"(1..2]"'),
    ("not(true)", "false"), ('not("a")', "null"), ('is(@"2026-01-01", @"2026-01-01")', "true"), ("is(1, 1.0)", "true"), ('is(1, "1")', "false"), ('is(@"23:00:50Z", @"23:00:50")', "false"), ('is(@"23:00:50Z", @"23:00:50+00:00")', "true"), ('is(@"12:00:00Z", @"13:00:00+01:00")', "false"), ('@"12:00:00Z" = @"13:00:00+01:00"', "true"), ("is(null, null)", "true"),
]  # fmt: skip
STRINGS = [
    ('substring("foobar", 3)', '"obar"'), ('substring("foobar", 3, 3)', '"oba"'), ('substring("foobar", -2, 1)', '"a"'), ('substring("foobar", 0)', "null"), ('substring("foobar", 9)', "null"), ('substring("云河区", 2, 9)', '"河区"'), ('substring("\\U01F40Eab", 2)', '"ab"'), ('substring(string: "foobar", start position: 3)', '"obar"'), ('substring("foobar", 3, null)', '"obar"'),
    ('string length("foo")', "3"), ('string length("🐎🐎")', "2"), ("string length(1)", "null"), ('upper case("aBc4")', '"ABC4"'), ('lower case("aBc4")', '"abc4"'), ('substring before("foobar", "bar")', '"foo"'), ('substring before("foobar", "xyz")', '""'), ('substring before("foobar", "")', '""'), ('substring after("foobar", "ob")', '"ar"'), ('substring after("", "a")', '""'), ('substring after("foo", "")', '"foo"'),
    ('contains("foobar", "of")', "false"), ('contains("foobar", "ob")', "true"), ('starts with("foobar", "fo")', "true"), ('ends with("foobar", "r")', "true"), ('contains("foobar", null)', "null"), ('string join(["a", "b", "c"], "_and_")', '"a_and_b_and_c"'), ('string join(["a", null, "c"], "X")', '"aXc"'), ('string join([], "X")', '""'), ('string join(["a", "b"])', '"ab"'), ('string join(["a", "b"], ",", "<", ">")', '"<a,b>"'), ("string join([1])", "null"), ('string join("a", ",")', '"a"'),
    ('matches("foobar", "^fo*b")', "true"), ('matches("foobar", "bar$")', "true"), ('matches("Foo", "foo", "i")', "true"), ('matches("a\\nb", "a.b")', "false"), ('matches("a\\nb", "a.b", "s")', "true"), ('matches("a\\nb", "^b", "m")', "true"), ('matches("helloworld", "hello[ ]world", "x")', "false"), ('matches("a", "a", "y")', "null"), ('matches("91999999", "^\\\\d{8}$")', "true"), ('matches("物业", "\\\\p{Lo}+")', "true"), ('matches("abc", "[a-z-[b]]{2}")', "false"), ('matches("x", "(")', "null"), ('matches("aa", "(a)\\\\1")', "null"), ('matches(null, "a")', "null"),
    ('replace("abcd", "(ab)|(a)", "[1=$1][2=$2]")', '"[1=ab][2=]cd"'), ('replace("abracadabra", "bra", "*")', '"a*cada*"'), ('replace("abracadabra", "a.*a", "*")', '"*"'), ('replace("abracadabra", "a.*?a", "*")', '"*c*bra"'), ('replace("AAAA", "A+?", "b")', '"bbbb"'), ('replace("darted", "^(.*?)d(.*)$", "$1c$2")', '"carted"'), ('replace("a.b", ".", "-", "q")', '"a-b"'), ('replace("a", "x*", "-")', "null"), ('replace("10", "1", "\\\\$")', '"$0"'), ('replace("1", "1", "$x")', "null"),
    ('split("John Doe", "\\\\s")', '["John", "Doe"]'), ('split("a;b;c;;", ";")', '["a", "b", "c", "", ""]'), ('split("", ";")', '[""]'), ('split("甲、乙", "、")', '["甲", "乙"]'), ('split(null, "a")', "null"),
]  # fmt: skip
LISTS = [
    ("list contains([1, 2, null], null)", "true"), ("list contains([1, 2], 3)", "false"), ('list contains([1, "a"], "a")', "true"), ("list contains(1, 1)", "true"), ("list contains(null, 1)", "null"), ("count([1, null])", "2"), ("count([])", "0"), ("count(7)", "1"), ("count(null)", "null"),
    ("min([1, 2, 3])", "1"), ("min(3, 1, 2)", "1"), ('max(["a", "c", "b"])', '"c"'), ('max([1, "a"])', "null"), ("max([])", "null"), ('max(@"2026-01-01", @"2026-02-01")', "2026-02-01"), ("min([1, null])", "null"), ("sum([1, 2.5])", "3.5"), ("sum(1, 2)", "3"), ("sum([])", "null"), ('sum([1, "2"])', "null"), ("sum(list: [1, 2])", "3"), ("mean([1, 2, 3, 6])", "3"), ("mean(1, 2)", "1.5"), ("mean([])", "null"), ("median([8, 2, 5, 3, 4])", "4"), ("median([6, 1, 2, 3])", "2.5"), ("median([])", "null"), ("stddev([2, 4, 7, 5])", "2.081665999466132735282297706979931"), ("stddev([47])", "null"), ("stddev(1, 1)", "0"), ("mode([6, 1, 9, 6, 1])", "[1, 6]"), ("mode(6, 3, 9, 6, 6)", "[6]"), ("mode([])", "[]"), ("product([2, 3, 4])", "24"), ("product([])", "null"), ("product(2, 0.5)", "1"),
    ("all([true, false])", "false"), ("all([false, null, true])", "false"), ("all([true, null])", "null"), ("all([])", "true"), ("all(true)", "true"), ("any([false, true])", "true"), ("any([null, true])", "true"), ("any([false, null])", "null"), ("any([])", "false"), ("any(0)", "null"),
    ("sublist([4, 5, 6], 1, 2)", "[4, 5]"), ("sublist([4, 5, 6], 2)", "[5, 6]"), ("sublist([4, 5, 6], -2, 1)", "[5]"), ("sublist([1], 3)", "null"), ("sublist([1, 2], 2, 5)", "null"), ("append([1], 2, 3)", "[1, 2, 3]"), ("append([1], [2])", "[1, [2]]"), ("append(1, 2)", "[1, 2]"), ("concatenate([1, 2], [3])", "[1, 2, 3]"), ("concatenate([1], 2)", "[1, 2]"), ("insert before([1, 3], 1, 2)", "[2, 1, 3]"), ("insert before([1, 3], -1, 2)", "[1, 2, 3]"), ("insert before([1], 3, 2)", "null"), ("remove([1, 2, 3], 2)", "[1, 3]"), ("remove([1, 2, 3], -1)", "[1, 2]"), ("remove([1], 0)", "null"), ("reverse([1, 2, 3])", "[3, 2, 1]"), ("reverse(null)", "null"), ("index of([1, 2, 3, 2], 2)", "[2, 4]"), ("index of([1, null], null)", "[2]"), ("index of([], 1)", "[]"), ("union([1, 2], [2, 3])", "[1, 2, 3]"), ("distinct values([1, 2, 3, 2, 1.0])", "[1, 2, 3]"), ('distinct values([1, "1", null, null, [1], [1.0]])', '[1, "1", null, [1]]'), ("flatten([[1, 2], [[3]], 4])", "[1, 2, 3, 4]"), ("flatten([])", "[]"), ("list replace([1, 2, 3], 2, 9)", "[1, 9, 3]"),
    ("sort([3, 1, 2])", "[1, 2, 3]"), ("sort([3, 1, 2], function(x, y) x > y)", "[3, 2, 1]"), ("sort(people, function(p, q) p.a < q.a).n", '["a", "b"]'), ("sort(list: [2, 1], precedes: function(x, y) x < y)", "[1, 2]"), ('sort([1, "a"])', "null"), ("sort([2, 1], function(x, y) 1)", "null"), ("sort([])", "[]"), ("sort([2, 1], function(x) true)", "null"),
]  # fmt: skip
NUMBERS = [
    ("decimal(1/3, 2)", "0.33"), ("decimal(1.5, 0)", "2"), ("decimal(2.5, 0)", "2"), ("decimal(125, -1)", "120"), ("decimal(1, 2)", "1"), ("decimal(1, null)", "null"), ("floor(1.5)", "1"), ("floor(-1.5)", "-2"), ("floor(-1.56, 1)", "-1.6"), ("ceiling(1.5)", "2"), ("ceiling(-1.5)", "-1"), ("ceiling(-1.56, 1)", "-1.5"), ('floor("a")', "null"),
    ("round up(5.5, 0)", "6"), ("round up(-5.5, 0)", "-6"), ("round up(1.121, 2)", "1.13"), ("round down(5.5, 0)", "5"), ("round down(-1.126, 2)", "-1.12"), ("round half up(5.5, 0)", "6"), ("round half up(-5.5, 0)", "-6"), ("round half up(1.125, 2)", "1.13"), ("round half down(5.5, 0)", "5"), ("round half down(-1.126, 2)", "-1.13"), ("round up(n: 1.1, scale: 0)", "2"),
    ("abs(-10)", "10"), ("abs(10.5)", "10.5"), ('string(abs(@"-PT5H"))', '"PT5H"'), ('string(abs(@"-P3M"))', '"P3M"'), ('abs("a")', "null"), ("modulo(12, 5)", "2"), ("modulo(-12, 5)", "3"), ("modulo(12, -5)", "-3"), ("modulo(-12, -5)", "-2"), ("modulo(10.1, 4.5)", "1.1"), ("modulo(-10.1, 4.5)", "3.4"), ("modulo(10.1, -4.5)", "-3.4"), ("modulo(-10.1, -4.5)", "-1.1"), ("modulo(1, 0)", "null"), ("modulo(dividend: 12, divisor: 5)", "2"),
    ("sqrt(16)", "4"), ("sqrt(2)", "1.414213562373095048801688724209698"), ("sqrt(-1)", "null"), ("log(1)", "0"), ("decimal(log(10), 8)", "2.30258509"), ("log(0)", "null"), ("log(-1)", "null"), ("exp(0)", "1"), ("decimal(exp(5), 6)", "148.413159"), ("odd(5)", "true"), ("odd(2)", "false"), ("even(2)", "true"), ("even(-1)", "false"), ("odd(5.5)", "null"), ("odd(5.0)", "true"), ('even("2")', "null"),
]  # fmt: skip
CONTEXTS = [
    ('get value({key1: "v"}, "key1")', '"v"'), ('get value({key1: "v"}, "no")', "null"), ('get value(null, "a")', "null"), ("get entries({a: 1, b: 2})", '[{key: "a", value: 1}, {key: "b", value: 2}]'), ("get entries({a: 1}).key", '["a"]'), ("get entries(1)", "null"), ('context([{key: "a", value: 1}, {key: "b", value: 2}])', "{a: 1, b: 2}"), ('context([{key: "a", value: 1}, {key: "a", value: 2}])', "null"), ('context([{key: "a"}])', "null"), ('context put({x: 1}, "y", 2)', "{x: 1, y: 2}"), ('context put({x: {y: 0}}, ["x", "y"], 2)', "{x: {y: 2}}"), ('context put({x: 1}, ["x", "y"], 2)', "null"), ("context put({x: 1}, [], 2)", "null"), ('context put(context: {x: 1}, keys: ["x"], value: 2)', "{x: 2}"), ("context merge([{x: 1}, {y: 2}, {x: 3}])", "{x: 3, y: 2}"), ("context merge([1])", "null"), ('get value({"a b": 1}, "a b")', "1"),
]  # fmt: skip
RANGES = [
    ("before(1, 10)", "true"), ("before(10, 1)", "false"), ("before(1, [1..10])", "false"), ("before(1, (1..10])", "true"), ("before(1, [5..10])", "true"), ("before([1..10], 10)", "false"), ("before([1..10), 10)", "true"), ("before([1..10], [15..20])", "true"), ("before([1..10], [10..20])", "false"), ("before([1..10), [10..20])", "true"), ("before([1..10], (10..20])", "true"),
    ("after(10, 5)", "true"), ("after(5, 10)", "false"), ("after(12, [1..10])", "true"), ("after(10, [1..10))", "true"), ("after(10, [1..10])", "false"), ("after([11..20], 12)", "false"), ("after([11..20], 10)", "true"), ("after((11..20], 11)", "true"), ("after([11..20], [1..10])", "true"), ("after([1..10], [11..20])", "false"), ("after((11..20], [1..11])", "true"),
    ("meets([1..5], [5..10])", "true"), ("meets([1..3], [4..6])", "false"), ("meets([1..3], [3..5))", "true"), ("meets([1..5], (5..8])", "false"), ("met by([5..10], [1..5])", "true"), ("met by([3..4], [1..2])", "false"), ("met by((5..8], [1..5))", "false"), ("met by([5..10], [1..5))", "false"), ("meets(1, [1..2])", "null"),
    ("overlaps([1..5], [3..8])", "true"), ("overlaps([3..8], [1..5])", "true"), ("overlaps([1..8], [3..5])", "true"), ("overlaps([3..5], [1..8])", "true"), ("overlaps([1..5], [6..8])", "false"), ("overlaps([1..5], [5..8])", "true"), ("overlaps([1..5], (5..8])", "false"), ("overlaps([1..5), [5..8])", "false"), ("overlaps([6..8], [1..5])", "false"), ("overlaps((5..8], [1..5))", "false"),
    ("overlaps before([1..5], [3..8])", "true"), ("overlaps before([1..5], [6..8])", "false"), ("overlaps before([1..5], [5..8])", "true"), ("overlaps before([1..5], (5..8])", "false"), ("overlaps before([1..5), [5..8])", "false"), ("overlaps before([1..5), (1..5])", "true"), ("overlaps before([1..5], (1..5])", "true"), ("overlaps before([1..5), [1..5])", "false"), ("overlaps before([1..5], [1..5])", "false"),
    ("overlaps after([3..8], [1..5])", "true"), ("overlaps after([6..8], [1..5])", "false"), ("overlaps after([5..8], [1..5])", "true"), ("overlaps after((5..8], [1..5])", "false"), ("overlaps after([5..8], [1..5))", "false"), ("overlaps after((1..5], [1..5))", "true"), ("overlaps after((1..5], [1..5])", "true"), ("overlaps after([1..5], [1..5))", "false"), ("overlaps after([1..5], [1..5])", "false"), ("overlaps after((1..5), [1..5])", "false"), ("overlaps after((1..5], [1..6])", "false"), ("overlaps after((1..5], (1..5])", "false"), ("overlaps after((1..5], [2..5])", "false"),
    ("finishes(10, [1..10])", "true"), ("finishes(10, [1..10))", "false"), ("finishes([5..10], [1..10])", "true"), ("finishes([5..10), [1..10])", "false"), ("finishes([5..10), [1..10))", "true"), ("finishes([1..10], [1..10])", "true"), ("finishes((1..10], [1..10])", "true"), ("finished by([1..10], 10)", "true"), ("finished by([1..10), 10)", "false"), ("finished by([1..10], [5..10])", "true"), ("finished by([1..10], [5..10))", "false"), ("finished by([1..10], (1..10])", "true"),
    ("includes([1..10], 5)", "true"), ("includes([1..10], 12)", "false"), ("includes([1..10], [4..6])", "true"), ("includes([1..10], [1..10])", "true"), ("includes((1..10], (1..10])", "true"), ("includes([1..10), [1..10])", "false"), ("includes([1..10], (1..10))", "true"), ("includes(5, [1..10])", "null"), ("during(5, [1..10])", "true"), ("during(1, (1..10])", "false"), ("during([4..6], [1..10))", "true"), ("during((1..5], (1..10])", "true"),
    ("starts(1, [1..10])", "true"), ("starts(1, (1..10])", "false"), ("starts(2, [1..10])", "false"), ("starts([1..5], [1..10])", "true"), ("starts((1..5], (1..10])", "true"), ("starts((1..5], [1..10])", "false"), ("starts([1..10], [1..10])", "true"), ("starts([1..10), [1..10])", "true"), ("starts((1..10), (1..10))", "true"), ("started by([1..10], 1)", "true"), ("started by((1..10], 1)", "false"), ("started by([1..10], [1..5])", "true"), ("started by((1..10], [1..5))", "false"), ("started by([1..10], [1..10))", "true"),
    ("coincides(5, 5)", "true"), ("coincides(3, 4)", "false"), ("coincides([1..5], [1..5])", "true"), ("coincides((1..5), [1..5])", "false"), ('before(@"2026-01-01", @"2026-01-02")', "true"), ('before(1, "a")', "null"), ("before((> 5), 1)", "null"), ("before(point1: 1, point2: 2)", "true"),
]  # fmt: skip


@pytest.mark.parametrize("table", [CONVERSION, STRINGS, LISTS, NUMBERS, CONTEXTS, RANGES])
def test_each_function_has_the_standards_value(table):
    assert {text: shown(text) for text, _ in table} == dict(table)


def test_every_function_of_the_standard_is_there():
    wanted = """
        date|date and time|time|number|string|duration|years and months duration|not|is|substring|string length|upper case|lower case
        substring before|substring after|replace|contains|starts with|ends with|matches|split|string join|list contains|count|min|max|sum|mean
        median|stddev|mode|product|all|any|sublist|append|concatenate|insert before|remove|reverse|index of|union|distinct values|flatten|sort
        decimal|floor|ceiling|round up|round down|round half up|round half down|abs|modulo|sqrt|log|exp|odd|even
        day of year|day of week|month of year|week of year|get value|get entries|context|context put|context merge
        before|after|meets|met by|overlaps|overlaps before|overlaps after|finishes|finished by|includes|during|starts|started by|coincides
    """
    names = {name for line in wanted.split("\n") for name in line.strip().split("|") if name}
    assert names <= FUNCTIONS.keys()


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_every_function_answers_null_to_nonsense_with_a_reason(name):
    for arguments in (
        "",
        "null",
        "null, null, null, null, null",
        '{}, [], "", 1',
        "no such name: 1",
        "function(a) a, function(a) a",
    ):
        value, reasons = feel.compile(f"{name}({arguments})").explain({})
        assert value is None or not arguments or name in ("count", "string", "append", "concatenate", "union", "is", "mode", "all", "any", "flatten", "reverse", "distinct values", "sort", "list contains", "index of", "string join", "context", "context merge", "coincides")  # fmt: skip
        assert value is not None or reasons or name in ("not", "string")
