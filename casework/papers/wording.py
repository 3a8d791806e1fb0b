"""How an official paper writes dates, amounts, areas and ordinals."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from casework import clock
from casework.blanks import cited
from casework.words import unended

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_UNITS = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿", "万亿")
_PLAIN = "零一二三四五六七八九"
MOST = Decimal("9999999999999999.99")


def date_in_words(day: date) -> str:
    """2026年11月23日: Arabic digits, no leading zeros (GB/T 9704-2012, 7.3.5.4)."""
    if isinstance(day, datetime):
        day = clock.local(day).date()
    if not isinstance(day, date):
        raise TypeError(f"not a date: {day!r}")
    return f"{day.year}年{day.month}月{day.day}日"


def moment_in_words(moment: datetime) -> str:
    """2026年11月23日09:05, by the office's clock."""
    if not isinstance(moment, datetime):
        raise TypeError(f"not a moment: {moment!r}")
    return f"{date_in_words(moment)}{clock.local(moment):%H:%M}"


def exact(value: Any) -> Decimal:
    """A number as it was stored; raises TypeError for text, yes/no and binary fractions."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise TypeError(f"not a number: {value!r}")
    return Decimal(value)


def number(value: int | Decimal) -> str:
    """110340, 331.02, 0.5: no exponent, no zeros at the end, no thousands separators."""
    text = f"{exact(value):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def area(value: int | Decimal) -> str:
    """1,331.02平方米: two decimals, as measured; written out, as many typefaces have no ㎡."""
    return hundredths(value) + "平方米"


def hundredths(value: int | Decimal) -> str:
    """A figure of a table whose head says the unit, with two decimals: 1,250.00, 80.50."""
    return f"{exact(value).quantize(Decimal('0.01'), ROUND_HALF_UP):,f}"


def money(value: int | Decimal) -> str:
    """Yuan with two decimals, the thousands apart (GB/T 15835): 2.50元, 1,980,000.00元."""
    return f"{_cents(value):,.2f}元"


def amount_in_words(value: int | Decimal) -> str:
    """Yuan in capital characters, as on cheques: 壹万零伍拾元叁角整 (支付结算办法 附一)."""
    amount = _cents(value)
    sign, amount = ("负" if amount < 0 else ""), abs(amount)
    if amount > MOST:
        raise ValueError("more than can be written in words")
    whole, cents = divmod(int(amount * 100), 100)
    tenths, hundredths = divmod(cents, 10)
    text = _whole_in_words(whole) + "元" if whole else ""
    if tenths:
        text += _DIGITS[tenths] + "角"
    elif whole and hundredths:
        text += "零"
    if hundredths:
        return sign + text + _DIGITS[hundredths] + "分"
    return sign + (text or "零元") + "整"


def ordinal(value: int) -> str:
    """一, 二, … 十, 十一, … 九十九: the number of a clause or list item."""
    if not 0 < value < 100:
        return str(value)
    tens, ones = divmod(value, 10)
    text = ("" if tens == 1 else _PLAIN[tens]) + "十" if tens else ""
    return text + (_PLAIN[ones] if ones else "")


def printed(value: Any) -> Any:
    """A value that stands in a blank without a filter: numbers, dates and yes/no as people write them."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, int | Decimal):
        return number(value)
    if isinstance(value, datetime):
        return moment_in_words(value)
    return date_in_words(value) if isinstance(value, date) else value


def _cents(value: int | Decimal) -> Decimal:
    amount = exact(value)
    if amount != amount.quantize(Decimal("0.01")):
        raise ValueError("an amount has at most two decimals")
    return amount


def _whole_in_words(whole: int) -> str:
    """Groups of four digits; one 零 stands for every run of zeros inside the number."""
    groups = []
    while whole:
        whole, group = divmod(whole, 10_000)
        groups.append(group)
    text = ""
    for place in range(len(groups) - 1, -1, -1):
        group = groups[place]
        if not group:
            continue
        gap = text and (group < 1000 or (place + 1 < len(groups) and groups[place + 1] % 10 == 0))
        text += ("零" if gap else "") + _group_in_words(group) + _GROUPS[place]
    return _joined_hundred_millions(text)


def _joined_hundred_millions(text: str) -> str:
    """壹万亿叁仟亿 is read 壹万叁仟亿."""
    first, mark, rest = text.partition("万亿")
    return first + "万" + rest if mark and "亿" in rest else text


def _group_in_words(group: int) -> str:
    text, gap = "", False
    for place, digit in zip(range(3, -1, -1), f"{group:04d}", strict=True):
        if digit == "0":
            gap = bool(text)
            continue
        text += ("零" if gap else "") + _DIGITS[int(digit)] + _UNITS[place]
        gap = False
    return text


def sentence(value: Any) -> str:
    """What somebody typed as a sentence: it ends with one full stop, whether one was typed or not."""
    said = unended(printed(value))
    return f"{said}。" if said else ""


#: What a template may write after a bar, in Chinese or English: {{ paper.date|日期 }}.
FILTERS: Mapping[str, Callable[[Any], str]] = {
    "date": date_in_words,
    "日期": date_in_words,
    "moment": moment_in_words,
    "时间": moment_in_words,
    "number": number,
    "数字": number,
    "area": area,
    "面积": area,
    "hundredths": hundredths,
    "两位": hundredths,
    "money": money,
    "金额": money,
    "words": amount_in_words,
    "大写": amount_in_words,
    "ordinal": ordinal,
    "序号": ordinal,
    "sentence": sentence,
    "句": sentence,
    "cited": cited,
    "依据": cited,
}
