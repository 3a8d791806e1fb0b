"""Dates, times and durations: reading, reckoning, properties (DMN 1.3 clauses 10.3.2.3.4–8, tables 52–55, 65, 77)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from casework.engine import feel
from casework.engine.values import Months


def shown(text):
    return feel.compile(f"string({text})").evaluate({})


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ('@"2026-01-31"', "2026-01-31"), ('date("2026-02-30")', None), ('date("2026-2-3")', None), ('date("20260101")', None), ("date(2026, 1, 31)", "2026-01-31"), ("date(2026, 13, 1)", None), ("date(2026, 1.5, 1)", None), ('date(@"2026-01-31T10:00:00")', "2026-01-31"), ('date("")', None), ("date(year: 2026, month: 2, day: 28)", "2026-02-28"), ('date(from: "2026-01-01")', "2026-01-01"), ("date(1)", None), ("date(null)", None), ('date("2026-01-01T00:00:00")', None),
        ('@"10:30:00"', "10:30:00"), ('time("10:30:00Z")', "10:30:00Z"), ('time("10:30:00+08:00")', "10:30:00+08:00"), ('time("10:30:00.500")', "10:30:00.5"), ('time("10:30:00@Asia/Shanghai")', "10:30:00@Asia/Shanghai"), ('time("T23:59:00")', "23:59:00"), ('time("23:59:00z")', "23:59:00Z"), ('time("TT23:59:00")', None), ('date and time("2026-01-31TT10:30:00")', None), ('date and time(@"2026-01-31", time("T23:59:00"))', "2026-01-31T23:59:00"), ('time("24:00:00")', None), ('time("10:60:00")', None), ('time("10:30:00@Nowhere/Town")', None), ('time("10:30:00+19:00")', None), ('time("10:30")', None), ("time(10, 30, 0)", "10:30:00"), ('time(10, 30, 0.5, @"PT8H")', "10:30:00.5+08:00"), ("time(25, 0, 0)", None), ("time(10, 30, 0, null)", "10:30:00"), ('time(@"2026-01-01T10:30:00Z")', "10:30:00Z"), ('time(@"2026-01-01")', "00:00:00Z"),
        ('@"2026-01-31T10:30:00"', "2026-01-31T10:30:00"), ('date and time("2026-01-31")', "2026-01-31T00:00:00"), ('date and time("2026-01-31T10:30:00@Asia/Shanghai")', "2026-01-31T10:30:00@Asia/Shanghai"), ('date and time(@"2026-01-31", @"10:30:00+08:00")', "2026-01-31T10:30:00+08:00"), ('date and time("2026-01-31 10:30:00")', None), ('date and time("2026-01-31T25:00:00")', None), ('date and time(@"2026-01-31T16:30:00Z", "Asia/Shanghai")', "2026-02-01T00:30:00@Asia/Shanghai"), ("date and time(1)", None),
        ('duration("P1D")', "P1D"), ('duration("PT36H")', "P1DT12H"), ('duration("-PT1M30S")', "-PT1M30S"), ('duration("PT0.5S")', "PT0.5S"), ('duration("P1Y13M")', "P2Y1M"), ('duration("-P1M")', "-P1M"), ('duration("P")', None), ('duration("PT")', None), ('duration("P1DT")', None), ('duration("P1Y1D")', None), ('duration("1D")', None), ('duration("P0D")', "PT0S"), ('duration("P0Y")', "P0M"), ('duration("P1.5D")', None), ("duration(1)", None), ('duration("P1W")', None),
        ('years and months duration(@"2023-12-24", @"2026-12-23")', "P2Y11M"), ('years and months duration(@"2026-12-24", @"2023-12-25")', "-P2Y11M"), ('years and months duration(@"2026-01-31", @"2026-02-28")', "P0M"), ('years and months duration(from: @"2020-01-01", to: @"2021-01-01")', "P1Y"),
    ],
)  # fmt: skip
def test_texts_become_dates_times_and_durations(text, wanted):
    assert shown(text) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ('@"2026-01-31" + @"P1M"', "2026-02-28"), ('@"2024-01-31" + @"P1M"', "2024-02-29"), ('@"2024-02-29" + @"P1Y"', "2025-02-28"), ('@"2026-03-31" - @"P1M"', "2026-02-28"), ('@"P1M" + @"2026-01-15"', "2026-02-15"), ('@"2026-01-31" + @"P1D"', "2026-02-01"), ('@"2026-01-31" - @"P31D"', "2025-12-31"), ('@"2026-01-31" + @"PT36H"', "2026-02-01"), ('@"2026-01-31" - @"2026-01-01"', "P30D"), ('@"2026-01-01" - @"2026-01-31"', "-P30D"), ('@"2026-01-01" + @"2026-01-01"', None), ('@"2026-01-01" + 1', None), ('@"2026-01-01" - 1', None),
        ('@"2026-01-01T10:00:00" + @"PT15H"', "2026-01-02T01:00:00"), ('@"2026-01-31T10:00:00Z" + @"P1M"', "2026-02-28T10:00:00Z"), ('@"2026-01-02T00:00:00+08:00" - @"2026-01-01T16:00:00Z"', "PT0S"), ('@"2026-01-02T00:00:00Z" - @"2026-01-01"', "P1D"), ('@"2026-01-02" - @"2026-01-01T12:00:00"', "PT12H"), ('@"2026-01-02T00:00:00" - @"2026-01-01T00:00:00Z"', None), ('@"2026-03-29T00:30:00@Europe/Berlin" + @"PT3H"', "2026-03-29T04:30:00@Europe/Berlin"),
        ('@"10:00:00" + @"PT15H"', "01:00:00"), ('@"10:00:00" - @"PT11H"', "23:00:00"), ('@"10:00:00" - @"08:30:00"', "PT1H30M"), ('@"10:00:00+08:00" - @"02:00:00Z"', "PT0S"), ('@"10:00:00" - @"10:00:00Z"', None), ('@"10:00:00" + @"P1M"', None),
        ('@"P1D" + @"PT1H"', "P1DT1H"), ('@"P1D" - @"PT1H"', "PT23H"), ('@"P1Y" + @"P1M"', "P1Y1M"), ('@"P1Y" + @"P1D"', None), ('@"P1D" * 2.5', "P2DT12H"), ('2 * @"P1D"', "P2D"), ('@"P1D" / 2', "PT12H"), ('@"P1D" / @"PT6H"', "4"), ('@"P1Y" * 1.5', "P1Y6M"), ('3 * @"P1M"', "P3M"), ('@"P1Y" / 5', "P2M"), ('@"P1Y" / @"P4M"', "3"), ('@"P1D" / 0', None), ('@"P1D" / @"PT0S"', None), ('@"P1D" * @"P1D"', None), ('-@"P1D"', "-P1D"), ('-@"P1Y"', "-P1Y"), ('-@"2026-01-01"', None),
        ('@"9999-12-31" + @"P1D"', None), ('@"0001-01-01" - @"P1M"', None), ('@"P999999999D" * 1000', None),
    ],
)  # fmt: skip
def test_reckoning_with_time(text, wanted):
    assert shown(text) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ('@"2026-01-31" < @"2026-02-01"', True), ('@"2026-01-31" = @"2026-01-31"', True), ('@"2026-01-31" = @"2026-01-31T00:00:00"', None), ('@"2026-01-31T10:00:00+08:00" = @"2026-01-31T02:00:00Z"', True), ('@"2026-01-31T10:00:00" = @"2026-01-31T10:00:00Z"', False), ('@"2026-01-31T10:00:00" < @"2026-01-31T10:00:00Z"', None), ('@"10:00:00+08:00" = @"02:00:00Z"', True), ('@"10:00:00" < @"11:00:00"', True), ('@"10:00:00+08:00" < @"03:00:00Z"', True),
        ('@"P1D" = @"PT24H"', True), ('@"P1Y" = @"P12M"', True), ('@"P1Y" = @"P365D"', None), ('@"P1D" < @"PT25H"', True), ('@"P1Y" < @"P13M"', True), ('@"2026-06-15" in [@"2026-06-01"..@"2026-06-30"]', True), ('@"2026-01-01" between @"2025-01-01" and @"2027-01-01"', True),
    ],
)  # fmt: skip
def test_comparing_times(text, wanted):
    assert feel.compile(text).evaluate({}) is wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ('@"2026-03-04".year', 2026), ('@"2026-03-04".month', 3), ('@"2026-03-04".day', 4), ('@"2026-03-04".weekday', 3), ('@"2026-03-08".weekday', 7), ('@"2026-03-04".hour', None), ('@"2026-03-04T10:30:15".hour', 10), ('@"2026-03-04T10:30:15".minute', 30), ('string(@"2026-03-04T10:30:15.25".second)', "15.25"), ('@"2026-03-04T10:30:15+08:00".time offset', timedelta(hours=8)), ('@"10:30:15@Asia/Shanghai".timezone', "Asia/Shanghai"), ('@"10:30:15".timezone', None), ('@"10:30:15".time offset', None), ('@"10:30:15Z".time offset', timedelta(0)),
        ('@"P1DT2H3M4S".days', 1), ('@"P1DT2H3M4S".hours', 2), ('@"P1DT2H3M4S".minutes', 3), ('@"P1DT2H3M4S".seconds', 4), ('@"-P1DT2H".days', -1), ('@"-P1DT2H".hours', -2), ('@"P14M".years', 1), ('@"P14M".months', 2), ('@"-P14M".months', -2), ('@"P1D".months', None), ('[@"2026-03-04", @"2027-03-04"].year', [2026, 2027]),
        ('day of year(@"2026-12-31")', 365), ('day of year(@"2024-12-31")', 366), ('day of week(@"2026-03-04")', "Wednesday"), ('month of year(@"2026-03-04T00:00:00")', "March"), ('week of year(@"2005-01-01")', 53), ('week of year(@"2026-12-31")', 53), ("day of week(1)", None),
    ],
)  # fmt: skip
def test_properties_and_calendar_functions(text, wanted):
    assert feel.compile(text).evaluate({}) == wanted


def test_results_are_pythons_own_dates():
    assert feel.compile('date("2026-01-31")').evaluate({}) == date(2026, 1, 31)
    assert feel.compile('duration("P1Y")').evaluate({}) == Months(12)
    assert feel.compile('accepted + duration("P5D")').evaluate(
        {"accepted": datetime(2026, 1, 1, tzinfo=UTC)}
    ) == datetime(2026, 1, 6, tzinfo=UTC)


def test_now_and_today_come_from_the_host_only():
    assert feel.compile("today()").evaluate({}) is None
    assert feel.compile('today() + @"P1D"').evaluate({}, {"today": lambda scope: date(2026, 1, 1)}) == date(
        2026, 1, 2
    )
