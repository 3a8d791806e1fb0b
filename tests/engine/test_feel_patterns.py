"""Regular expressions: the answers of an ordinary engine, in time that grows with the text and no faster."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casework.engine.feel import patterns
from casework.engine.feel.errors import FeelLimit
from casework.engine.feel.scope import Null, Run

ATOMS = st.sampled_from(
    ["a", "b", "c", ".", "[ab]", "[^a]", "\\d", "1", "(a)", "(?:b)", "(a|b)", "(ab|a)", "^", "$", "(b|)"]
)
QUANTIFIERS = st.sampled_from(["", "", "", "*", "+", "?", "*?", "+?", "??", "{2}", "{1,2}", "{0,2}?", "{1,}"])
PATTERNS = st.lists(st.tuples(ATOMS, QUANTIFIERS).map("".join), min_size=1, max_size=5).map("".join)
WHOLE = st.lists(PATTERNS, min_size=1, max_size=3).map("|".join)


def spans(pattern, text):
    return patterns.search(patterns.program(pattern, ""), text, 0, Run({}, {}))


@settings(max_examples=200, deadline=None)
@given(WHOLE, st.text("abc1", max_size=8))
def test_the_match_is_the_one_a_backtracking_engine_finds(pattern, text):
    if re.search(r"[\^$][*+?{]", pattern):  # Python refuses some, and nobody needs them
        return
    wanted = re.search(pattern, text)
    found = spans(pattern, text)
    assert (found and found[:2]) == (wanted and wanted.span())


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("(a+)+$", "a" * 400 + "!"),
        ("(a|aa)+$", "a" * 400 + "!"),
        ("(.*)*x", "a" * 400),
        ("([a-z]+)*\\d", "a" * 400),
        ("(a?){60}a{60}", "a" * 60),
        ("^(([a-z])+.)+[A-Z]([a-z])+$", "a" * 400),
    ],
)
def test_patterns_that_kill_other_engines_cost_no_more_than_others(pattern, text):
    def seconds(subject):
        run = Run({}, {})
        started = time.thread_time()
        patterns.search(patterns.program(pattern, ""), subject, 0, run)
        return time.thread_time() - started

    seconds(text)
    assert seconds(text) < 0.5


@pytest.mark.parametrize(
    "pattern",
    [
        "(",
        ")",
        "[",
        "[]",
        "a{2,1}",
        "*",
        "a**",
        "(?=a)",
        "(?<=a)",
        "(?P<n>a)",
        "\\1",
        "(a)\\1",
        "\\p{Nope}",
        "\\q",
        "[z-a]",
        "a{",
        "a{x}",
        "\\",
    ],
)
def test_what_is_no_pattern_or_needs_backtracking_gives_null_with_a_reason(pattern):
    with pytest.raises(Null) as caught:
        patterns.program(pattern, "")
    assert "正则表达式" in caught.value.zh


@pytest.mark.parametrize("pattern", ["a" * 501, "a{9999}", "((a{99}){99}){99}", "(" * 60 + ")" * 60])
def test_patterns_beyond_the_limits_are_refused(pattern):
    with pytest.raises(FeelLimit):
        patterns.program(pattern, "")


@pytest.mark.parametrize(
    ("pattern", "flags", "text", "wanted"),
    [
        ("^a$", "", "a\n", False), ("^b$", "m", "a\nb\nc", True), ("a.c", "", "a\nc", False), ("a.c", "s", "a\nc", True), ("ÄÖ", "i", "äö", True), ("[a-z]+$", "i", "ABC", True), ("a b", "x", "ab", True), ("a[ ]b", "x", "a b", True), ("a.c", "q", "a.c", True), ("a.c", "q", "abc", False),
        ("^\\p{Lo}{2,4}$", "", "物业企业", True), ("^[\\p{Lu}\\d]+$", "", "A1", True), ("^\\P{L}+$", "", "12", True), ("^[a-z-[aeiou]]+$", "", "xyz", True), ("^[a-z-[aeiou]]+$", "", "xaz", False), ("^[^\\d]+$", "", "abc", True), ("\\w", "", "，", False), ("^[0-9A-HJ-NPQRTUWXY]{2}\\d{6}[0-9A-HJ-NPQRTUWXY]{10}$", "", "91999999MA0000001A", True), ("^1\\d{10}$", "", "13800000000", True), ("\\s", "", "\u3000", False), ("^\\i\\c*$", "", "a-1", True), ("\\-", "", "-", True), ("[\\]]", "", "]", True),
    ],
)  # fmt: skip
def test_the_patterns_of_the_standard(pattern, flags, text, wanted):
    found = patterns.search(patterns.program(pattern, flags), text, 0, Run({}, {}))
    assert (found is not None) is wanted
