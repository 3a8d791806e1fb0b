"""Dates, amounts, areas and ordinals as official papers write them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from casework import blanks
from casework.papers import wording


@pytest.mark.parametrize(
    ("yuan", "words"),
    [
        ("0", "零元整"), ("0.01", "壹分"), ("0.10", "壹角整"), ("0.11", "壹角壹分"), ("1", "壹元整"), ("1.05", "壹元零伍分"),
        ("1.50", "壹元伍角整"), ("10", "壹拾元整"), ("11", "壹拾壹元整"), ("100", "壹佰元整"), ("101", "壹佰零壹元整"),
        ("110", "壹佰壹拾元整"), ("1000", "壹仟元整"), ("1001", "壹仟零壹元整"), ("1010", "壹仟零壹拾元整"),
        ("1409.50", "壹仟肆佰零玖元伍角整"), ("6007.14", "陆仟零柒元壹角肆分"), ("1680.32", "壹仟陆佰捌拾元叁角贰分"),
        ("107000.53", "壹拾万零柒仟元伍角叁分"), ("16409.02", "壹万陆仟肆佰零玖元零贰分"), ("325.04", "叁佰贰拾伍元零肆分"),
        ("10000", "壹万元整"), ("10001", "壹万零壹元整"), ("10050.30", "壹万零伍拾元叁角整"), ("100000", "壹拾万元整"),
        ("1000000.01", "壹佰万元零壹分"), ("10000000", "壹仟万元整"), ("100000000", "壹亿元整"), ("100000001", "壹亿零壹元整"),
        ("100010000", "壹亿零壹万元整"), ("559000000", "伍亿伍仟玖佰万元整"), ("1000000000000", "壹万亿元整"),
        ("1300000000000", "壹万叁仟亿元整"), ("-2.5", "负贰元伍角整"), ("9999999999999999.99", "玖仟玖佰玖拾玖万玖仟玖佰玖拾玖亿玖仟玖佰玖拾玖万玖仟玖佰玖拾玖元玖角玖分"),
    ],
)  # fmt: skip
def test_an_amount_in_words(yuan: str, words: str) -> None:
    """Examples of 支付结算办法 附一 among them."""
    assert wording.amount_in_words(Decimal(yuan)) == words


@pytest.mark.parametrize("bad", [Decimal("1.005"), Decimal(99999999999999999), 1.5, "1", True, None])
def test_an_amount_that_cannot_be_written_is_refused_not_rounded(bad: Any) -> None:
    with pytest.raises((TypeError, ValueError)):
        wording.amount_in_words(bad)


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2026, 11, 23), "2026年11月23日"), (date(2026, 1, 5), "2026年1月5日"), (date(2028, 2, 29), "2028年2月29日"),
        (datetime(2026, 11, 22, 16, 0, tzinfo=UTC), "2026年11月23日"), (datetime(2026, 11, 22, 15, 59, tzinfo=UTC), "2026年11月22日"),
    ],
)  # fmt: skip
def test_a_date_has_no_leading_zeros_and_is_the_offices_day(day: date, words: str) -> None:
    assert wording.date_in_words(day) == words


def test_a_moment_is_the_offices_wall_clock() -> None:
    assert wording.moment_in_words(datetime(2026, 11, 23, 1, 5, tzinfo=UTC)) == "2026年11月23日09:05"
    for bad in (date(2026, 11, 23), "2026-11-23", None):
        with pytest.raises(TypeError):
            wording.moment_in_words(bad)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (Decimal("331.02"), "331.02平方米"),
        (110340, "110,340.00平方米"),
        (Decimal("20000.00"), "20,000.00平方米"),
        (Decimal("0.50"), "0.50平方米"),
        (Decimal("1E+3"), "1,000.00平方米"),
    ],
)
def test_an_area_is_written_out(value: Decimal | int, words: str) -> None:
    assert wording.area(value) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (1, "一"),
        (2, "二"),
        (10, "十"),
        (11, "十一"),
        (20, "二十"),
        (21, "二十一"),
        (99, "九十九"),
        (100, "100"),
        (0, "0"),
    ],
)
def test_an_ordinal(value: int, words: str) -> None:
    assert wording.ordinal(value) == words


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (True, "是"),
        (False, "否"),
        (Decimal("2.50"), "2.5"),
        (7, "7"),
        (date(2026, 3, 1), "2026年3月1日"),
        ("甲", "甲"),
    ],
)
def test_a_blank_without_a_filter_is_written_as_people_write_it(value: Any, shown: str) -> None:
    assert wording.printed(value) == shown


def test_what_was_typed_ends_with_one_full_stop() -> None:
    for typed in ("负责泳池救生", "负责泳池救生。", "负责泳池救生；", "负责泳池救生 。"):
        assert wording.sentence(typed) == "负责泳池救生。"
    assert wording.sentence("") == ""


def test_a_typed_legal_basis_has_its_title_marks() -> None:
    for typed, printed in (
        ("物业管理条例 第二十四条第二款", "《物业管理条例》第二十四条第二款"),
        ("民法典第二百七十八条。", "《民法典》第二百七十八条"),
        ("《物业管理条例》第二十四条", "《物业管理条例》第二十四条"),
        (
            "物业管理条例 第三条、第四条；招标投标法 第五条",
            "《物业管理条例》第三条、第四条；《招标投标法》第五条",
        ),
        ("物业管理条例第三条、招标投标法第五条", "《物业管理条例》第三条；《招标投标法》第五条"),
        ("浙江省物业管理条例", "《浙江省物业管理条例》"),
        ("杭州市物业管理条例（2021） 第四十四条", "《杭州市物业管理条例》（2021）第四十四条"),
        (
            "物业承接查验办法（建房〔2010〕165号） 第十条",
            "《物业承接查验办法》（建房〔2010〕165号）第十条",
        ),
        ("某区办法（虚构，仅供演示） 第十二条", "《某区办法》（虚构，仅供演示）第十二条"),
        ("本局办事指南", "本局办事指南"),
        ("", ""),
    ):
        assert blanks.cited(typed) == printed


def test_money_has_two_decimals() -> None:
    assert wording.money(Decimal("2.5")) == "2.50元"
