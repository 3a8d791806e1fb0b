"""The official working-day calendar."""

from datetime import date, timedelta

import chinese_calendar
import holidays
import pytest

from casework import calendars

OFFICIAL = calendars.official()


def test_every_day_of_2004_to_2026_agrees_with_two_independent_sources():
    other = holidays.country_holidays("CN", years=range(2004, 2027))
    day, differences = date(2004, 1, 1), []
    while day <= date(2026, 12, 31):
        ours = OFFICIAL.is_working(day)
        if ours != chinese_calendar.is_workday(day) or ours != other.is_working_day(day):
            differences.append((day, ours))
        day += timedelta(days=1)
    # the two packages disagree about this one Saturday only; it was worked for New Year 2006
    assert differences == [(date(2005, 12, 31), True)]


def test_a_make_up_saturday_is_a_working_day_and_a_holiday_monday_is_not():
    assert OFFICIAL.is_working(date(2026, 2, 28))
    assert OFFICIAL.name_of(date(2026, 2, 28)) == ("调休上班日", "make-up working day")
    assert not OFFICIAL.is_working(date(2026, 4, 6))
    assert OFFICIAL.name_of(date(2026, 4, 6)) == ("清明节", "Qingming")


def test_beyond_the_published_years_only_weekends_are_known_and_nothing_is_settled():
    assert OFFICIAL.is_working(date(2027, 1, 1))
    assert not OFFICIAL.is_working(date(2027, 1, 2))
    assert not OFFICIAL.settled(date(2027, 1, 4))
    assert OFFICIAL.version([2027]) == "2027:unpublished"


def test_the_last_days_of_the_last_published_year_are_not_settled():
    assert OFFICIAL.settled(date(2026, 12, 25))
    assert not OFFICIAL.settled(date(2026, 12, 26))
    assert OFFICIAL.settled(date(2025, 12, 31))


def test_the_version_follows_the_days_and_not_the_remarks():
    text = (calendars.FOLDER / "2026.yaml").read_text(encoding="utf-8")
    year = calendars.read_year(text)
    assert calendars.read_year(text + "\nremark: 已核\n").version == year.version
    assert calendars.read_year(text.replace("to: 2026-10-07", "to: 2026-10-08")).version != year.version
    assert OFFICIAL.version([2026, 2025]).split() == [
        f"2025:{OFFICIAL.years[2025].version}",
        f"2026:{year.version}",
    ]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("year: 2027", "source"),
        ("[", "YAML"),
        ("{year: 2027, source: x}", "没有节假日"),
        (
            "{year: 2027, source: x, holidays: [{name: 元旦, from: 2026-01-01, to: 2026-01-01}]}",
            "不在 2027 年",
        ),
        ("{year: 2027, source: x, holidays: [{name: 元旦, from: 2027-01-03, to: 2027-01-01}]}", "起止"),
        (
            (
                "{year: 2027, source: x, holidays: [{name: 元旦, from: 2027-01-01, to: 2027-01-01}],"
                " workdays: [{date: 2027-01-04}]}"
            ),
            "调休上班日",
        ),
        ("{year: 2027, source: x, holidays: [{name: 元旦, from: soon, to: 2027-01-01}]}", "缺少日期"),
    ],
)
def test_a_wrong_calendar_file_is_refused_with_its_reason(text, says):
    with pytest.raises(calendars.BadCalendar, match=says):
        calendars.read_year(text, "2027.yaml")


def test_a_citys_own_folder_wins_over_ours(tmp_path):
    (tmp_path / "2027.yaml").write_text(
        "{year: 2027, source: 通知, holidays: [{name: 元旦, from: 2027-01-01, to: 2027-01-03}]}",
        encoding="utf-8",
    )
    calendar = calendars.read(calendars.FOLDER, tmp_path)
    assert not calendar.is_working(date(2027, 1, 1))
    assert calendar.settled(date(2026, 12, 31))
    assert set(OFFICIAL.years) | {2027} == set(calendar.years)
