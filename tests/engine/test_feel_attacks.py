"""What an expression must not be able to do: reach Python, eat the machine, or fail in any way but a FeelError."""

from __future__ import annotations

import time
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casework.engine import feel
from casework.engine.feel.builtins import FUNCTIONS


class Bait:
    """An object of the host's that reports every touch."""

    secret = "TOPSECRET"

    def touched(self, *_):
        raise SystemExit("a host object was touched")

    __str__ = __repr__ = __eq__ = __lt__ = __len__ = __iter__ = __getitem__ = __contains__ = __bool__ = (
        __call__
    ) = touched
    __hash__ = None


LOOP: list = [1]
LOOP.append(LOOP)
SCOPE = {
    "x": 1, "text": "abc", "bait": Bait(), "baits": [Bait(), Bait()], "context": {"bait": Bait()}, "loop": LOOP,
    "nan": Decimal("NaN"), "inf": Decimal("Infinity"), "snan": Decimal("sNaN"), "huge": Decimal("1E+999999"), "tiny": Decimal("1E-999999"), "digits": 10**5000, "float": 0.1,
}  # fmt: skip


def doubled(first, step, times):
    return (
        "{"
        + ", ".join([f"a0: {first}", *(f"a{i}: {step.format(p=f'a{i - 1}')}" for i in range(1, times))])
        + "}"
    )


ESCAPES = [
    "x.__class__", "x.__class__.__mro__[1].__subclasses__()", "text.format", "text.format(x)", '"{0.__class__}".format(x)', '"%s" % x', "__import__", '__import__("os")', '__import__("os").system("id")', "__builtins__", "globals()", "locals()", "vars()", "dir()", 'getattr(x, "real")', 'eval("1")', 'exec("1")', 'open("/etc/passwd")', 'compile("1")',
    "lambda: 1", "[].append", "{}.keys()", "{a: 1}.__class__", "function(x) x.__code__", "(function(x) x).__globals__", "count.__globals__", "date.__class__", '@"2026-01-01".__class__', '@"2026-01-01".replace(1)', "[1..2].__class__", "import os", "x := 1", "self", "bait", "bait.secret", "bait.touched()", "bait[1]", "baits", "baits[1]", "baits[1].secret", "baits.secret", "baits[secret = 1]", "baits = baits", "baits[1] = baits[2]", "list contains(baits, bait)", "string(baits)", "string(bait)",
    "context.bait.secret", 'get value(context, "bait")', "get entries(context)", "context = context", "sort(baits)", "distinct values(baits)", "bait in baits", "bait instance of Any", "for b in baits return b.secret", "some b in baits satisfies b = b", "if bait then 1 else 2", "bait and true", "bait + bait", "-bait", "bait < bait", "bait between bait and bait", "min(baits)", "max(bait, bait)", "count(baits)", "string join(baits)", "index of(baits, bait)", "bait()", "{a: bait}.a", "__class__: 1", "ｘ．__class__", "ｅｖａｌ(1)", "x\u200b.y", "x\u202e", "x\x00", '"\ud800" + text', "𝐞𝐯𝐚𝐥(1)", "os.system(1)", "x.real", "x.numerator", "text.upper()", "text[1].upper", "#{x}", "${x}", "{{x}}", "x;y", "x\\y", "x`y`",
]  # fmt: skip

BOMBS = [
    "10**10**10", "9**9**9**9**9", "10**-(10**10)", "2**0.5**100000", "1e999999999", "1" * 19_000, "1" * 30_000, "exp(1e6)", "exp(-1e6)", "sqrt(1e6000)", "modulo(1e6000, 7)", "modulo(1e6000, 1e-6000)", "decimal(1/3, 6000)", "decimal(1e6000, 6000)", "decimal(1, 1e6000)", "round up(1e6000, -6000)", "string(1e6000)", 'number("1e99999")', f'number("{"9" * 390}")', "huge + 1", "huge * huge", "huge < 1", "huge = huge + 1", "string(huge)", "modulo(huge, 3)", "round up(huge, 2)", "even(huge)", "[1][huge]", "date(huge, 1, 1)", "time(huge, 1, 1)", "for i in 1..huge return i", "tiny * tiny", "string(tiny)", "digits * digits", "string(digits)", "digits = digits", "nan < 1", "nan + 1", "nan = nan", "sum([nan])", "max([nan, 1])", "sort([nan, 1])", "snan + 1", "snan < 1", "snan = 1", "[snan, 1][item = 1]", "inf * 0", "inf - inf", "string(inf)", "floor(inf)", "decimal(nan, 1)", "abs(nan)", "distinct values([nan, snan])", "list contains([snan], 1)", "mode([snan])", "median([snan, 1])", "even(nan)", "time(1, 1, nan)", '@"P1D" * nan', "date(nan, nan, nan)", "nan in [1..2]", "nan between 1 and 2", "string(nan)", "-snan", "snan ** 2", "float * 3",
    "(" * 6_000 + "1" + ")" * 6_000, "[" * 9_000, "[" * 6_000 + "]" * 6_000, "{a:" * 5_000, "-" * 15_000 + "1", "+".join(["1"] * 9_000), " or ".join(["x"] * 3_000), "x" + ".a" * 9_000, "x" + "[1]" * 6_000, "f" + "(1)" * 6_000, "if true then " * 1_500 + "1", "function(x) " * 1_600 + "1", "not(" * 4_000, "for i in " * 2_000, "x in (" * 3_000, "x between " * 1_900, "1 in " * 3_900 + "1", "x instance of " + "list<" * 3_000, "a " * 9_999, '"' + "a" * 19_000, '"' + "\\a" * 9_000, "/*" * 9_000, "//" + "a" * 19_000, "]" * 9_000, "1.." * 6_000, "@" * 9_000, "=" * 9_000,
    "for i in 1..10000000000 return i", "for i in -1e33..1e33 return i", "for i in 1..99999 return for j in 1..99999 return 1", "for a in 1..1000, b in 1..1000, c in 1..1000 return 1", "some a in 1..99999, b in 1..99999 satisfies false", "every a in 1..99999, b in 1..99999 satisfies true", "for i in 1..90000 return partial", "count(for i in 1..90000 return for j in 1..5 return [i, j])", "sort(for i in 1..99999 return -i, function(a, b) a < b)", "distinct values(for i in 1..90000 return [i])", "(for i in 1..90000 return i)[count(for j in 1..90000 return j) = item]", 'string join(for i in 1..90000 return "xxxxxxxxxx", "yyyyyyyyyyyyyyyyyyyy")',
    doubled("[1, 2]", "concatenate({p}, {p})", 60), doubled('"xx"', "{p} + {p}", 60), doubled("[1, 2]", "[{p}, {p}]", 60) + ".a59", "string(" + doubled("[1, 2]", "[{p}, {p}]", 60) + ".a59)", "flatten(" + doubled("[1, 2]", "[{p}, {p}]", 60) + ".a59)", doubled("{b: 1}", "{{b: {p}, c: {p}}}", 60), "(" + doubled("[1, 2]", "[{p}, {p}]", 40) + ".a39) = (" + doubled("[1, 2]", "[{p}, {p}]", 40) + ".a39)", doubled('"xxxxxxxxxx"', "upper case({p} + {p})", 60), doubled("1", "{p} * 9999999999999999999", 600), doubled("2", "{p} ** {p}", 600), doubled("[1]", 'union({p}, append({p}, "x"))', 400), doubled("[1]", "reverse(concatenate({p}, {p}))", 60), "get entries(" * 30 + doubled("{b: 1}", "context merge([{p}, {{k: {p}}}])", 50) + ")" * 30,
    "{f: function(g, n) g(g, n + 1), r: f(f, 0)}.r", "(function(x) x(x))(function(x) x(x))", "{f: function(g, n) if n = 0 then 1 else g(g, n - 1) + g(g, n - 1), r: f(f, 50)}.r", "sort([1, 2], function(a, b) (function(x) x(x))(function(x) x(x)))", "loop", "string(loop)", "loop = loop", "flatten(loop)", "list contains(loop, loop)", "loop[2][2][2] = loop",
    f'matches("{"a" * 5_000}!", "^(a+)+$")', f'matches("{"a" * 3_000}", "(a|a)*b")', f'matches("{"a" * 3_000}", "(a*)*b")', f'matches("{"x" * 3_000}", "(x?)' + "{500}x{500}" + '")', f'matches("{"x" * 3_000}", ".*.*.*.*.*.*z")', 'matches("a", "a{9999}")', 'matches("a", "((a{99}){99}){99}")', f'matches("a", "{"(" * 200}{")" * 200}")', f'matches("a", "{"a" * 600}")', f'replace("{"a" * 10_000}", "a", "{"b" * 9_000}")', f'split("{"a" * 9_000}", "a")', f'split("{"ab" * 9_000}", "a|b|ab")', 'matches("a", "[' + "[" * 300 + '")', 'matches("a", "' + "\\\\p{" * 90 + '")', f'matches("{"é" * 5_000}", "^([\\\\w-[b]]|é)*$", "i")', 'replace(text, "(a)", "$9$1")', 'matches(text, "a{3,1}")', 'matches(text, "(?=a)")', 'matches(text, "(?P<n>a)")', 'matches(text, "*a")', 'matches(text, "a**")', 'matches(text, "\\\\")',
    'duration("P9999999999D") * 9999999999', 'duration("P9999999999Y") * 1e30', '@"P999999999D" + @"P999999999D"', '-(@"-P999999999D" - @"PT24H")', 'date("9999-12-31") + @"P9999999999Y"', 'date("0001-01-01") - @"P1D"', '@"0001-01-01T00:00:00+18:00" - @"9999-12-31T00:00:00-18:00"', 'date and time(@"0001-01-01T00:00:00Z", "America/New_York")', '@"9999-12-31T23:59:59@America/New_York" + @"PT9H"', '@"0001-01-01T00:00:00+14:00" = @"0001-01-01T00:00:00Z"', '@"0001-01-01T00:00:00+14:00" < @"0001-01-01T00:00:00Z"', 'time("10:00:00@../../../../etc/passwd")', 'time("10:00:00@/etc/passwd")', 'time("10:00:00@Asia")', 'time("10:00:00@")', 'time(23, 59, 59, @"P2D")', "time(-1, 0, 0)", 'for d in @"0001-01-01"..@"9999-12-31" return d', 'week of year(@"0001-01-01")', "context put({}, [" + ",".join(['"a"'] * 4_000) + "], 1)",
]  # fmt: skip


def answer(read, text, scope):
    try:
        return read(text).evaluate(scope)
    except feel.FeelError as refused:
        return refused


def outcome(text):
    """The value, or the FeelError; and how many seconds of the processor it took. Anything else fails the test."""
    started = time.thread_time()
    value = answer(feel.compile, text, SCOPE)
    if isinstance(value, feel.FeelError):
        assert value.zh
        assert value.en
    return value, time.thread_time() - started


@pytest.mark.parametrize("text", ESCAPES)
def test_nothing_of_python_is_reached(text):
    value, _ = outcome(text)
    if not isinstance(value, feel.FeelError):
        plain = (type(None), int, bool, str, list, dict, Decimal)
        assert isinstance(value, plain)
        for part in value if isinstance(value, list) else value.values() if isinstance(value, dict) else []:
            assert isinstance(part, plain)
    if isinstance(value, str):
        assert "secret" not in value.lower()


@pytest.mark.parametrize("text", BOMBS, ids=[f"{i}-{text[:30]!r}" for i, text in enumerate(BOMBS)])
def test_nothing_eats_the_machine(text):
    _, seconds = outcome(text)
    assert seconds < 3, f"{seconds:.1f} s"  # of the processor; measured 0.4–1.2


def test_limits_speak_both_languages():
    with pytest.raises(feel.FeelLimit) as caught:
        feel.compile("for a in 1..9999, b in 1..9999 return 1").evaluate({})
    assert "上限" in caught.value.zh or "步" in caught.value.zh
    assert "limit" in caught.value.en or "steps" in caught.value.en
    with pytest.raises(feel.FeelLimit):
        feel.compile("10**5000 * 10**5000").evaluate({})


def test_what_is_too_large_to_read_is_a_syntax_error_and_a_limit():
    for text in ("(" * 500 + "1" + ")" * 500, "1" * 30_000, "+".join(["1"] * 500)):
        with pytest.raises(feel.FeelSyntax) as caught:
            feel.compile(text)
        assert isinstance(caught.value, feel.FeelLimit)


def test_honest_work_stays_within_the_limits():
    households = [{"area": Decimal(i) / 3, "agrees": i % 3 > 0} for i in range(10_000)]
    text = "sum(households[agrees = true and area > 10].area) / sum(households.area) > 2/3 and count(households) >= 10000"
    assert feel.compile(text).evaluate({"households": households}) is False
    assert feel.compile("+".join(["x"] * 100)).evaluate({"x": 1}) == 100
    assert feel.compile("(" * 35 + "1" + ")" * 35).evaluate({}) == 1


WORDS = st.sampled_from(
    ["1", "0", "-3", "2.5", "1e9", '"a"', '"一"', "x", "text", "list", "rows", "nan", "huge", "bait", "loop", "a", "b", "item", "?", "partial", "true", "false", "null", '@"2026-01-31"', '@"10:00:00Z"', '@"2026-01-31T00:00:00@Asia/Shanghai"', '@"P1M"', '@"PT1H"', "[1..5]", "(1..5)", "{a: 1}", "[]", "[1, 2]", "function(a) a", "+", "-", "*", "/", "**", "=", "!=", "<", ">", "<=", ">=", "and", "or", "in", "between", "instance of", "number", ".", "..", ",", ":", "(", ")", "[", "]", "{", "}", "if", "then", "else", "for", "return", "some", "every", "satisfies", "not", "//", "/*", '"', "@", "\\", "（", "year", "start", "list<number>", *sorted(FUNCTIONS)]
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(WORDS, max_size=14).map(" ".join))
def test_any_heap_of_words_gives_a_value_or_a_feel_error(text):
    outcome(text)
    answer(feel.compile_unary, text, {**SCOPE, "?": 1})


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60))
def test_any_text_gives_a_value_or_a_feel_error(text):
    outcome(text)


VALUES = st.sampled_from(["1", "-2", "0", "2.5", "1e6000", "1e-6000", "nan", "inf", "snan", "huge", "digits", "float", '""', '"a"', '"(a*)*"', "null", "true", "false", "[]", "[1, 2, 3]", '["a", null]', "[[1], [2]]", "{}", '{a: 1, key: "k", value: 2}', "[1..3]", "(1..3)", "(< 3)", '["a".."c"]', '@"2026-01-31"', '@"9999-12-31"', '@"10:00:00"', '@"10:00:00+08:00"', '@"2026-01-31T10:00:00Z"', '@"0001-01-01T00:00:00+14:00"', '@"P1Y"', '@"P999999999D"', '@"-PT1H"', "function(a, b) a < b", "function() 1", "count", "bait", "baits", "loop", "context"])  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(sorted(FUNCTIONS)), st.lists(VALUES, max_size=4))
def test_any_arguments_of_any_function_give_a_value_or_a_feel_error(name, arguments):
    outcome(f"{name}({', '.join(arguments)})")


@settings(max_examples=200, deadline=None)
@given(
    VALUES,
    st.sampled_from(
        ["+", "-", "*", "/", "**", "=", "!=", "<", ">", "<=", ">=", "and", "or", "in", "between 1 and"]
    ),
    VALUES,
)
def test_any_operands_give_a_value_or_a_feel_error(left, operator, right):
    outcome(f"({left}) {operator} ({right})")
