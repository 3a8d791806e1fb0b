"""FEEL values keep their exact worth as JSON text."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casework.engine import values
from casework.engine.values import Months, Range

numbers = st.one_of(
    st.integers(),
    st.decimals(allow_nan=False, allow_infinity=False),
    st.sampled_from(
        [Decimal("1E+6000"), Decimal("1E-6000"), 10**4000, -(10**40), Decimal("-0.0"), Decimal(10) ** 33]
    ),
)
leaves = st.one_of(
    numbers,
    st.text(),
    st.booleans(),
    st.none(),
    st.dates(),
    st.times(),
    st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=8))])),
    st.timedeltas(),
    st.integers(-(10**9), 10**9).map(Months),
)
ranges = st.builds(Range, leaves, leaves, st.booleans(), st.booleans())
keys = st.one_of(
    st.text(), st.text().map(lambda t: "@" + t), st.sampled_from(["@n", "@d", "@@", "@r", "@dt"])
)
anything = st.recursive(
    st.one_of(leaves, ranges),
    lambda inner: st.one_of(st.lists(inner), st.dictionaries(keys, inner)),
    max_leaves=20,
)


@settings(max_examples=100, deadline=None)
@given(anything)
def test_every_value_comes_back_as_it_was(value):
    text = values.dumps(value)
    back = values.loads(text)
    assert back == value
    assert values.dumps(back) == text
    text.encode()  # also half a surrogate pair


def test_the_form_is_the_one_written_down():
    value = {"a": Decimal("1.50"), "b": Decimal("2.0"), "d": date(2026, 1, 31), "@n": 1}
    assert values.dumps(value) == '{"a":{"@n":"1.5"},"b":2,"d":{"@d":"2026-01-31"},"@@n":1}'
    assert values.loads('{"b":2}') == {"b": 2}
    assert type(values.loads("2")) is int


def test_chinese_stays_readable():
    assert values.dumps({"名称": "云河区"}) == '{"名称":"云河区"}'


def test_plain_json_of_others_is_read_with_exact_fractions():
    assert values.loads('{"a": 0.1}') == {"a": Decimal("0.1")}


def test_floats_become_what_they_print():
    assert values.feel({"a": (0.1, 2.0)}) == {"a": [Decimal("0.1"), 2]}
    assert values.dumps(0.1) == '{"@n":"0.1"}'


def test_named_zones_are_kept():
    moment = datetime(2026, 7, 1, 12, tzinfo=ZoneInfo("Asia/Shanghai"))
    back = values.loads(values.dumps(moment))
    assert back == moment
    assert back.tzinfo == ZoneInfo("Asia/Shanghai")
    clock = time(12, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert values.loads(values.dumps(clock)).tzinfo == ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), Decimal("NaN"), Decimal("-Infinity")])
def test_what_is_no_number_is_refused(value):
    with pytest.raises(ValueError):
        values.dumps([value])
    with pytest.raises(ValueError):
        values.feel([value])


@pytest.mark.parametrize("value", [object(), {1: 2}, {None: 1}, b"bytes", {1, 2}, lambda: 1, 1j])
def test_what_feel_does_not_have_is_refused(value):
    with pytest.raises(TypeError):
        values.dumps({"a": value})


def test_deep_values_are_refused_when_they_are_stored_not_when_they_are_read():
    deep: list = []
    for _ in range(5_000):
        deep = [deep]
    with pytest.raises(ValueError):
        values.dumps(deep)
    shallow: list = []
    for _ in range(values.MAX_DEPTH - 1):
        shallow = [shallow]
    assert values.loads(values.dumps(shallow)) == shallow


def test_what_a_user_types_is_never_taken_for_a_tag():
    for typed in ({"@n": "x"}, {"@d": "not a date"}, {"@r": 1}, {"@@n": "x"}, {"@": 1}, {"@dt": None}):
        assert values.loads(values.dumps(typed)) == typed
        assert json.loads(values.dumps(typed)) != typed


@pytest.mark.parametrize(("months", "text"), [(14, "P1Y2M"), (-3, "-P3M"), (0, "P0M"), (24, "P2Y")])
def test_months_read_as_iso(months, text):
    assert str(Months(months)) == text


@pytest.mark.parametrize(
    ("number", "plain"), [("1.0", 1), ("2.50", Decimal("2.5")), ("1E+3", 1000), ("-0", 0), ("0.000", 0)]
)
def test_numbers_have_one_plainest_form(number, plain):
    found = values.number(Decimal(number))
    assert found == plain
    assert str(found) == str(plain)
