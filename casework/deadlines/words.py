"""The arithmetic of a deadline in words, as it is shown beside the date and printed in the record."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any

from casework import clock
from casework.calendars import Calendar
from casework.deadlines.rules import Rule

UNIT_WORDS = {
    "days": ("日", "calendar day"),
    "working_days": ("个工作日", "working day"),
    "months": ("个月", "month"),
    "years": ("年", "year"),
    "hours": ("小时", "hour"),
}


@dataclass(frozen=True)
class Text:
    """One sentence in both languages."""

    zh: str
    en: str


@dataclass(frozen=True)
class Told:
    """What the words are made of."""

    rule: Rule
    start: date
    counted: date
    day: date
    stops: tuple[tuple[date, date], ...]
    original: date
    extension: int
    day_ends: time | None


def zh_day(day: date) -> str:
    """2026年2月5日（周四）."""
    return f"{day.year}年{day.month}月{day.day}日（周{'一二三四五六日'[day.weekday()]}）"


def en_day(day: date) -> str:
    """Thu 5 Feb 2026."""
    return f"{day:%a} {day.day} {day:%b} {day.year}"


def steps(told: Told, calendar: Calendar) -> tuple[Text, ...]:
    """Start, counting, stops, move, end: one sentence each."""
    return (_start(told), *_counting(told, calendar), *_stopped(told), *_moved(told, calendar), _end(told))


def warnings(told: Told, calendar: Calendar) -> tuple[Text, ...]:
    """A date that is not moved but falls on a rest day is worth a word."""
    if told.rule.moves or calendar.is_working(told.day):
        return ()
    name_zh, name_en = calendar.name_of(told.day)
    if told.rule.kind == "backward":
        return (
            Text(
                f"提示：{zh_day(told.day)}为{name_zh}，倒算期限不顺延，请提前办理。",
                f"Note: {en_day(told.day)} is a rest day ({name_en}); "
                "a period counted back does not move, act earlier.",
            ),
        )
    return (
        Text(
            f"提示：{zh_day(told.day)}为{name_zh}，该期限不顺延；宜安排在下一工作日。",
            f"Note: {en_day(told.day)} is a rest day ({name_en}); "
            "the date does not move, the next working day is advisable.",
        ),
    )


def provisional(last: date) -> Text:
    """Said when a day counted has no published status."""
    return Text(
        f"暂定：截至计算时，涉及{last.year}年的放假安排尚未全部公布，公布后自动重算。",
        f"Provisional: the official calendar up to {last.year} is not fully published; "
        "the date is computed again when it is.",
    )


def hours(rule: Rule, start: datetime, at: datetime) -> tuple[Text, ...]:
    """Hours run from the moment, day and night."""
    begins, ends = clock.local(start), clock.local(at)
    back_zh, back_en = ("之前", "before") if rule.kind == "backward" else ("", "after")
    return (
        Text(
            f"起算：{rule.event}，{zh_day(begins.date())}{begins:%H:%M}。",
            f"Start: {rule.event_en or rule.event}, {en_day(begins.date())} {begins:%H:%M}.",
        ),
        Text(
            f"{back_zh}按小时计算，自该时刻起计{rule.days}小时，不因休息日顺延（民法典第二百零一条）。",
            f"Counted in hours: {rule.days} {back_en} that moment, never moved (Civil Code art. 201).",
        ),
        Text(f"至{zh_day(ends.date())}{ends:%H:%M}。", f"Until {en_day(ends.date())} {ends:%H:%M}."),
    )


def _start(told: Told) -> Text:
    return Text(
        f"起算：{told.rule.event}，{zh_day(told.start)}。",
        f"Start: {told.rule.event_en or told.rule.event}, {en_day(told.start)}.",
    )


def length(number: Any, unit: str) -> Text:
    """5个工作日, 5 working days: so many of a unit."""
    zh, en = UNIT_WORDS[unit]
    return Text(f"{number}{zh}", f"{number} {en}{'' if number == 1 else 's'}")


def _length(told: Told) -> tuple[str, str]:
    zh, _en = UNIT_WORDS[told.rule.unit]
    whole = length(told.rule.days + told.extension, told.rule.unit)
    sum_zh, sum_en = whole.zh, whole.en
    if told.extension:
        sum_zh += f"（{told.rule.days}{zh}＋经批准延长{told.extension}{zh}）"
        sum_en += f" ({told.rule.days} + {told.extension} by approved extension)"
    return sum_zh, sum_en


def _counting(told: Told, calendar: Calendar) -> Iterator[Text]:
    zh, en = _length(told)
    basis = told.rule.basis
    if told.rule.kind == "fixed":
        yield Text(
            f"该日期已经指定，不另行计算，也不顺延（{basis}）。",
            f"The day was set as such: nothing is counted and it does not move ({basis}).",
        )
    elif told.rule.kind == "backward":
        yield Text(
            f"自该日向前倒算{zh}，最迟为{zh_day(told.counted)}（{basis}）。",
            f"Counted back {en}: at the latest {en_day(told.counted)} ({basis}).",
        )
    else:
        first = told.start + timedelta(days=1)
        yield Text(
            f"开始的当日不计入，自{zh_day(first)}起算（民法典第二百零一条）。",
            f"The first day is not counted; counting begins on {en_day(first)} (Civil Code art. 201).",
        )
        yield Text(
            f"计{zh}（{basis}），至{zh_day(told.counted)}。",
            f"{en} ({basis}), to {en_day(told.counted)}.",
        )
    if told.rule.unit == "working_days":
        yield _skipped(told, calendar)
    elif told.rule.unit in {"months", "years"} and told.counted.day != told.start.day and not told.stops:
        yield Text(
            "到期月没有对应日，以月末日为期间的最后一日（民法典第二百零二条）。",
            "That month has no such day; its last day ends the period (Civil Code art. 202).",
        )


def _skipped(told: Told, calendar: Calendar) -> Text:
    """Which days were left out of a count of working days, and which weekends were in it."""
    low, high = sorted((told.start, told.counted))
    days = [low + timedelta(days=n) for n in range(1, (high - low).days + 1)]
    off = [d for d in days if not calendar.is_working(d)]
    spans = [(name, list(run)) for name, run in groupby(off, key=calendar.name_of)]
    feasts = [(name, run) for name, run in spans if name[0] != "周末"]
    made_up = [d for d in days if calendar.name_of(d)[0] == "调休上班日"]
    weekend = len(off) - sum(len(run) for _, run in feasts)
    zh = [f"周末{weekend}日"] if weekend else []
    en = [f"{weekend} weekend days"] if weekend else []
    for (name_zh, name_en), run in feasts:
        zh.append(f"{name_zh}{_span(run, zh=True)}")
        en.append(f"{name_en} {_span(run, zh=False)}")
    text_zh = f"不计：{'、'.join(zh)}。" if zh else "期间没有休息日。"
    text_en = f"Not counted: {', '.join(en)}." if en else "No rest days in between."
    if made_up:
        text_zh += f"调休上班日计入：{'、'.join(f'{d.month}月{d.day}日' for d in made_up)}。"
        text_en += f" Make-up working days counted: {', '.join(f'{d.day} {d:%b}' for d in made_up)}."
    return Text(text_zh, text_en)


def _span(run: list[date], *, zh: bool) -> str:
    first, last = run[0], run[-1]
    if zh:
        text = f"{first.month}月{first.day}日"
        return text if first == last else f"{text}至{last.month}月{last.day}日"
    text = f"{first.day} {first:%b}"
    return text if first == last else f"{text}–{last.day} {last:%b}"


def _stopped(told: Told) -> Iterator[Text]:
    for begins, ends in told.stops:
        days = (ends - begins).days
        yield Text(
            f"中止计时：{zh_day(begins)}日终至{zh_day(ends)}日终，共{days}日不计；不中止时为{zh_day(told.original)}。",
            f"Clock stopped from the end of {en_day(begins)} to the end of {en_day(ends)}, "
            f"{days} days not counted; without the stop: {en_day(told.original)}.",
        )


def _moved(told: Told, calendar: Calendar) -> Iterator[Text]:
    if told.day == told.counted:
        return
    name_zh, name_en = calendar.name_of(told.counted)
    yield Text(
        f"{zh_day(told.counted)}为{name_zh}，顺延至其后第一个工作日{zh_day(told.day)}（民法典第二百零三条）。",
        f"{en_day(told.counted)} is a rest day ({name_en}); moved to the next working day {en_day(told.day)} "
        "(Civil Code art. 203).",
    )


def _end(told: Told) -> Text:
    hour = f"{told.day_ends:%H:%M}" if told.day_ends is not None and told.rule.latest else "24:00"
    zh, en = zh_day(told.day), en_day(told.day)
    if told.rule.kind == "floor":
        return Text(f"最早为{zh}。", f"Not before {en}.")
    if told.rule.kind == "publicity":
        return Text(
            f"公示至{zh}24:00，其后方可办理下一步。", f"On display until 24:00 on {en}; then the next act."
        )
    if told.rule.kind == "term":
        return Text(f"至{zh}24:00止。", f"Ends at 24:00 on {en}.")
    return Text(f"截止：{zh}{hour}。", f"Due by {hour} on {en}.")
