"""The deadline algebra and its explanations."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework import calendars, clock, deadlines
from casework.deadlines import BadRule, Explanation, Rule, Suspension, compute

OFFICIAL = calendars.official()
LICENCE = Rule("ceiling", 20, "行政许可法 第四十二条", "受理之日", unit="working_days", event_en="acceptance")
DAYS = st.dates(date(2005, 1, 1), date(2026, 6, 1))


def day(text):
    return date.fromisoformat(text)


def test_the_explanation_shows_start_rule_article_arithmetic_and_versions():
    due = compute(LICENCE, day("2026-02-05"), profile_version="yunhe@1")
    said = due.explanation
    assert due.at == datetime(2026, 3, 11, 16, 0, tzinfo=UTC)  # 24:00 in Shanghai
    assert (said.basis, said.rule.event_en, said.profile_version) == (
        "行政许可法 第四十二条",
        "acceptance",
        "yunhe@1",
    )
    assert said.calendar_version == f"2026:{OFFICIAL.years[2026].version}"
    assert said.zh == (
        "起算：受理之日，2026年2月5日（周四）。开始的当日不计入，自2026年2月6日（周五）起算（民法典第二百零一条）。"
        "计20个工作日（行政许可法 第四十二条），至2026年3月11日（周三）。不计：周末5日、春节2月15日至2月23日。"
        "调休上班日计入：2月14日、2月28日。截止：2026年3月11日（周三）24:00。"
    )
    assert "Make-up working days counted: 14 Feb, 28 Feb. Due by 24:00 on Wed 11 Mar 2026." in said.en


def test_a_floor_on_a_rest_day_stays_and_warns():
    due = compute(Rule("floor", 20, "招标投标法 第二十四条", "招标文件发出之日"), day("2026-03-02"))
    assert due.day == day("2026-03-22")
    assert "为周末，该期限不顺延" in due.explanation.warnings[0].zh
    assert (due.latest, due.at) == (False, clock.at_local(day("2026-03-22")))


def test_a_backward_period_on_a_rest_day_stays_and_warns():
    due = compute(Rule("backward", 15, "x", "交付之日"), day("2026-05-20"))
    assert due.day == day("2026-05-05")
    assert "劳动节，倒算期限不顺延" in due.explanation.warnings[0].zh
    assert (due.latest, due.at) == (True, clock.at_local(day("2026-05-06")))


def test_publicity_and_terms_run_through_their_last_day():
    shown = compute(Rule("publicity", 3, "x", "公示之日"), day("2026-10-08"))
    assert (shown.latest, shown.at) == (False, clock.at_local(day("2026-10-12")))
    ban = compute(Rule("term", 5, "x", "决定之日", unit="years"), day("2025-06-30"))
    assert ban.day == day("2030-06-30")
    assert "止" in ban.explanation.steps[-1].zh


def test_publicity_may_be_counted_in_working_days():
    shown = compute(Rule("publicity", 3, "x", "公示之日", unit="working_days"), day("2026-09-30"))
    assert shown.day == day("2026-10-10")


def test_hours_run_from_the_moment_and_need_one():
    rule = Rule("ceiling", 24, "x", "抽取时刻", unit="hours")
    start = clock.at_local(day("2026-10-03"), 9, 30)
    due = compute(rule, start)
    assert due.at == start + timedelta(hours=24)
    assert compute(replace(rule, kind="backward"), start).at == start - timedelta(hours=24)
    with pytest.raises(BadRule, match="起算时刻"):
        compute(rule, day("2026-10-03"))


def test_the_day_of_a_moment_is_the_day_in_the_office():
    late_in_london = datetime(2026, 3, 1, 17, 0, tzinfo=UTC)  # already 2 March in Shanghai
    assert compute(Rule("floor", 1, "x", "e"), late_in_london).day == day("2026-03-03")


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ("2025-12-31", 2, "2026-02-28"),
        ("2024-12-31", 2, "2025-02-28"),
        ("2023-12-31", 2, "2024-02-29"),
        ("2026-03-31", -1, "2026-02-28"),
        ("2026-01-15", 12, "2027-01-15"),
        ("2026-12-31", 1, "2027-01-31"),
    ],
)
def test_a_month_without_that_day_ends_on_its_last_day(start, months, end):
    assert deadlines.add_months(day(start), months) == day(end)


def test_the_short_month_is_explained():
    due = compute(Rule("ceiling", 2, "x", "决定之日", unit="months"), day("2025-12-31"))
    assert due.day == day("2026-02-28")  # a make-up working Saturday: not moved
    assert any("民法典第二百零二条" in step.zh for step in due.explanation.steps)


def test_a_suspension_stops_the_clock_and_both_dates_are_shown():
    due = compute(LICENCE, day("2026-02-05"), suspensions=[Suspension(day("2026-02-10"), day("2026-03-02"))])
    assert (due.original, due.day, due.paused) == (day("2026-03-11"), day("2026-03-25"), False)
    assert "不中止时为2026年3月11日" in due.explanation.zh


def test_overlapping_suspensions_are_not_counted_twice():
    stops = [
        Suspension(day("2026-03-05"), day("2026-03-10")),
        Suspension(day("2026-03-08"), day("2026-03-12")),
    ]
    rule = Rule("ceiling", 10, "x", "e")
    assert compute(rule, day("2026-03-02"), suspensions=stops).day == day("2026-03-19")


def test_an_open_suspension_gives_the_date_if_the_clock_went_on_today():
    stop = [Suspension(day("2026-03-05"), None)]
    rule = Rule("ceiling", 10, "x", "e")
    due = compute(rule, day("2026-03-02"), suspensions=stop, today=day("2026-03-10"))
    assert due.paused
    assert due.day == day("2026-03-17")


def test_a_suspension_after_the_end_changes_nothing():
    late = [Suspension(day("2026-05-01"), day("2026-05-20"))]
    assert compute(LICENCE, day("2026-02-05"), suspensions=late).day == day("2026-03-11")


def test_office_hours_end_the_last_day_where_the_profile_sets_them():
    due = compute(LICENCE, day("2026-02-05"), day_ends=time(17, 30))
    assert due.at == clock.at_local(day("2026-03-11"), 17, 30)
    assert due.explanation.zh.endswith("截止：2026年3月11日（周三）17:30。")


def test_a_date_is_provisional_until_the_calendar_is_published_and_then_recomputed(tmp_path):
    due = compute(LICENCE, day("2026-12-10"))
    assert (due.day, due.provisional) == (day("2027-01-07"), True)
    assert "2027:unpublished" in due.explanation.calendar_version
    (tmp_path / "2027.yaml").write_text(
        "{year: 2027, source: 通知, holidays: [{name: 元旦, from: 2027-01-01, to: 2027-01-03}]}",
        encoding="utf-8",
    )
    again = deadlines.recompute(due.explanation, calendars.read(calendars.FOLDER, tmp_path))
    assert (again.day, again.provisional) == (day("2027-01-08"), False)
    assert "元旦1月1日至1月3日" in again.explanation.zh


def test_a_floor_does_not_depend_on_an_unpublished_calendar():
    assert not compute(Rule("floor", 20, "x", "e"), day("2026-12-20")).provisional
    assert compute(Rule("ceiling", 20, "x", "e"), day("2026-12-20")).provisional


def test_an_explanation_is_kept_and_comes_back_whole():
    due = compute(
        LICENCE,
        clock.at_local(day("2026-02-05"), 10),
        extension=10,
        suspensions=[Suspension(day("2026-02-10"), day("2026-02-12"), "听证")],
        day_ends=time(17, 0),
    )
    kept = due.explanation.dump()
    assert Explanation.load(kept) == due.explanation
    assert deadlines.recompute(Explanation.load(kept)) == due


def test_a_rule_is_read_from_the_procedure_and_settled_with_what_feel_gave():
    rule = Rule.read(
        {"kind": "working_days", "days": "=profile.licence_decision_wd", "from": "=accepted_on",
         "basis": "行政许可法 第四十二条", "event": "受理之日", "extension": "=profile.licence_extension_wd"},
        "decide",
    )  # fmt: skip
    assert rule.expressions == (
        "=accepted_on",
        "=profile.licence_decision_wd",
        "=profile.licence_extension_wd",
    )
    with pytest.raises(BadRule, match="尚未算出"):
        compute(rule, day("2026-02-05"))
    settled = rule.settle(Decimal(20), extension=Decimal(10))
    assert compute(settled, day("2026-02-05")).day == day("2026-03-11")
    assert settled.extension == 10


GOOD = {"kind": "ceiling", "days": 3, "from": "=a", "basis": "b", "event": "e"}


@pytest.mark.parametrize(
    ("change", "zh", "en"),
    [
        ({"basis": ""}, "缺少依据", "basis is missing"),
        ({"event": None}, "缺少起算事件", "event is missing"),
        ({"kind": "soon"}, "不认识的种类", "unknown kind"),
        ({"dayz": 3}, "不认识的键", "unknown key"),
        ({"months": 3}, "恰好写一个长度", "exactly one length"),
        ({"days": "three"}, "既不是整数", "neither a whole number"),
        ({"unit": "weeks"}, "不认识的单位", "unknown unit"),
        ({"kind": "years", "months": 3, "days": None}, "恰好写一个长度", "exactly one length"),
    ],
)
def test_a_wrong_rule_is_refused_in_both_languages(change, zh, en):
    with pytest.raises(BadRule) as refused:
        Rule.read({**GOOD, **change}, "reply")
    assert zh in refused.value.zh
    assert en in refused.value.en
    assert "reply" in refused.value.zh


def test_kind_and_length_may_not_contradict_each_other():
    with pytest.raises(BadRule, match="不一致"):
        Rule.read({"kind": "years", "months": 3, "from": "=a", "basis": "b", "event": "e"}, "ban")


@pytest.mark.parametrize("length", [0, -1])
def test_a_length_must_be_positive(length):
    with pytest.raises(BadRule, match="正整数"):
        compute(Rule("ceiling", length, "x", "e"), day("2026-01-01"))


@pytest.mark.parametrize("value", [Decimal("2.5"), True, "3"])
def test_a_length_must_be_whole(value):
    with pytest.raises(BadRule, match="不是整数"):
        Rule.read(GOOD | {"days": "=n"}, "x").settle(value)


@given(start=DAYS, length=st.integers(1, 60))
def test_working_days_end_on_a_working_day_with_exactly_that_many_in_between(start, length):
    end = compute(replace(LICENCE, length=length), start).day
    between = [start + timedelta(days=n) for n in range(1, (end - start).days + 1)]
    assert OFFICIAL.is_working(end)
    assert sum(map(OFFICIAL.is_working, between)) == length


@given(start=DAYS, length=st.integers(1, 400))
def test_a_ceiling_never_ends_early_never_on_a_rest_day_and_moves_as_little_as_possible(start, length):
    plain = start + timedelta(days=length)
    end = compute(Rule("ceiling", length, "x", "e"), start).day
    assert end >= plain
    assert OFFICIAL.is_working(end)
    assert not any(OFFICIAL.is_working(plain + timedelta(days=n)) for n in range((end - plain).days))


@given(start=DAYS, length=st.integers(1, 40), wait=st.integers(1, 10), stop=st.integers(1, 30))
def test_a_suspension_never_shortens_a_period(start, length, wait, stop):
    stops = [Suspension(start + timedelta(days=wait), start + timedelta(days=wait + stop))]
    for rule in (replace(LICENCE, length=length), Rule("ceiling", length, "x", "e")):
        due = compute(rule, start, suspensions=stops)
        assert due.day >= due.original == compute(rule, start).day
