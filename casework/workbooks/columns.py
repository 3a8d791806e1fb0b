"""The columns of a table: what a cell may hold, how it is read, and how it is explained."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Any

from casework.forms import typed
from casework.words import Words, _, dated, say_in

#: What a title or an option is compared without: blanks, stars, and what stands in brackets.
_BESIDE = re.compile(r"[（(\[【].*?[)）\]】]|[\s*＊:：]")
_GROUPED = re.compile(r"[-+]?\d{1,3}(,\d{3})+(\.\d*)?\D*")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_CODE = re.compile(r"[A-Za-z0-9\u4e00-\u9fff][A-Za-z0-9\u4e00-\u9fff._/#-]*")
#: Days before and after these are slips of the hand.
EARLIEST, LATEST = date(1950, 1, 1), date(2100, 12, 31)
#: Day nought of Excel's calendar, as it counts from March 1900 on.
EPOCH = date(1899, 12, 30)


class Wrong(ValueError):
    """A cell that cannot be taken; the sentence names the bound and the reason."""

    def __init__(self, says: Words) -> None:
        self.says = says
        super().__init__(str(says))


def bare(text: str) -> str:
    """A title or an option as it is compared: 建筑面积（㎡）* and 建筑面积 are the same."""
    return _BESIDE.sub("", typed.plain(text)).casefold()


def shorten(value: Any) -> str:
    """What stands in a cell, as a fault quotes it."""
    text = " ".join(str(value).split())
    return text if len(text) <= 40 else f"{text[:39]}…"


class Joined:
    """Words read out one after the other in the reader's language."""

    def __init__(self, words: Sequence[Words]) -> None:
        self.words = words

    def __len__(self) -> int:
        """How many there are."""
        return len(self.words)

    def __str__(self) -> str:
        """One after the other."""
        return str(_("、")).join(str(each) for each in self.words)


@dataclass(frozen=True)
class Column:
    """One column. `shown`: goes out and is recognised when it comes in, but is not read."""

    name: str
    title: Words
    about: Words = ""
    _: KW_ONLY
    required: bool = False
    shown: bool = False
    width: int = 14
    aliases: tuple[str, ...] = ()
    example: Words = ""

    def names(self) -> set[str]:
        """How its title may be written."""
        titles = (say_in("zh", self.title), say_in("en", self.title), self.name, *self.aliases)
        return {bare(title) for title in titles}

    def read(self, cell: Any) -> Any:
        """The value of a cell that is not blank; Wrong where it is none."""
        raise Wrong(_("此列不导入。"))

    def blank(self) -> Any:
        """What a blank cell means."""
        return None

    def holds(self) -> Words:
        """What a cell may hold, for the sheet that explains the columns."""
        return ""

    def choices(self) -> tuple[Words, ...]:
        """The words that a cell is chosen from; none where it is written freely."""
        return ()

    def sample(self) -> Words:
        """What a cell looks like, for the sheet that explains the columns."""
        return self.example or next(iter(self.choices()), "")

    def cell(self, value: Any) -> Any:
        """The value as a cell shows it: numbers and days typed, everything else text."""
        return value

    def printed(self, value: Any) -> str:
        """The value in a sentence of the preview."""
        shown = self.cell(value)
        return "" if shown is None else shown.isoformat() if isinstance(shown, date) else str(shown)


@dataclass(frozen=True)
class Text(Column):
    """A text; a code takes letters, digits, Chinese and - . / # _ only."""

    _: KW_ONLY
    longest: int = 60
    code: bool = False

    def read(self, cell: Any) -> str:
        """Numbers that Excel made of codes come back as they look: 101.0 is 101."""
        if isinstance(cell, bool | datetime | date | time):
            raise Wrong(_("应为文字，现为%(given)s，请将单元格设为文本。", given=shorten(cell)))
        text = str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)
        if _CONTROL.search(text):
            raise Wrong(_("含有不可见的控制字符，请重新输入。"))
        text = typed.code(text) if self.code else " ".join(text.split())
        if len(text) > self.longest:
            raise Wrong(_("最多 %(longest)s 字，现为 %(n)s 字。", longest=self.longest, n=len(text)))
        if self.code and not _CODE.fullmatch(text):
            raise Wrong(_("“%(given)s”不是编号，只用文字、字母、数字和 - . / #。", given=shorten(text)))
        return text

    def blank(self) -> str:
        """Nothing written."""
        return ""

    def holds(self) -> Words:
        """How long, and which signs."""
        if self.code:
            return _("编号，最多 %(n)s 字：文字、字母、数字和 - . / #", n=self.longest)
        return _("文字，最多 %(n)s 字", n=self.longest)


def _written(text: str) -> Decimal:
    """A text as a number; 50% is a share of something, 1,2,3 a list, and neither is a number here."""
    plain = typed.plain(text)
    if "%" in plain or ("," in plain and not _GROUPED.fullmatch(plain)):
        raise typed.Unreadable(text)
    return typed.number(text)


@dataclass(frozen=True)
class Number(Column):
    """A number between two bounds with at most so many decimals, exact."""

    _: KW_ONLY
    low: str = "0"
    high: str = "9999999.99"
    decimals: int = 2

    @cached_property
    def bounds(self) -> tuple[Decimal, Decimal, Decimal]:
        return Decimal(self.low), Decimal(self.high), Decimal(1).scaleb(-self.decimals)

    def read(self, cell: Any) -> Decimal | int:
        """A number, or a text that reads as one: １２３, 1,234.5."""
        if isinstance(cell, bool | datetime | date | time):
            raise Wrong(_("应为数字，现为%(given)s。", given=shorten(cell)))
        try:
            number = _written(cell) if isinstance(cell, str) else Decimal(repr(cell))
        except (typed.Unreadable, InvalidOperation):
            raise Wrong(_("“%(given)s”不是数字。", given=shorten(cell))) from None
        low, high, step = self.bounds
        if not number.is_finite() or not low <= number <= high:
            raise Wrong(
                _(
                    "应在 %(low)s 至 %(high)s 之间，现为 %(given)s。",
                    low=f"{low:,}",
                    high=f"{high:,}",
                    given=shorten(cell),
                )
            )
        exact = number.quantize(step)
        # a sum in Excel leaves 201.35000000000002: binary dust is not a decimal somebody wrote
        if abs(exact - number) > (Decimal("1e-9") if isinstance(cell, float) else 0):
            raise Wrong(
                _("最多 %(n)s 位小数，现为 %(given)s。", n=self.decimals, given=shorten(cell))
                if self.decimals
                else _("应为整数，现为 %(given)s。", given=shorten(cell))
            )
        return exact if self.decimals else int(exact)

    def holds(self) -> Words:
        """Its bounds."""
        low, high, _step = self.bounds
        if self.decimals:
            return _(
                "数字，%(low)s 至 %(high)s，最多 %(n)s 位小数", low=low, high=f"{high:,}", n=self.decimals
            )
        return _("整数，%(low)s 至 %(high)s", low=low, high=f"{high:,}")

    def printed(self, value: Any) -> str:
        """Without its zeros at the end."""
        return "" if value is None else f"{Decimal(value).normalize():,f}"


def _serial(cell: Any) -> Words:
    """What is said of a bare number in the place of a day: Excel counts days, and at times shows it."""
    low, high = ((day - EPOCH).days for day in (EARLIEST, LATEST))
    if isinstance(cell, int | float) and not isinstance(cell, bool) and low <= cell <= high:
        meant = (EPOCH + timedelta(days=int(cell))).isoformat()
        return _(
            "“%(given)s”像是 Excel 的日期序号，即 %(meant)s；请将单元格设为日期，或者写成 %(meant)s。",
            given=shorten(cell),
            meant=meant,
        )
    return _("“%(given)s”不是日期，请将单元格设为日期，或者写成 2026-03-05。", given=shorten(cell))


@dataclass(frozen=True)
class Day(Column):
    """A day of the calendar: a date cell, or a text like 2026-03-05, 2026.3.5, 2026年3月5日."""

    def read(self, cell: Any) -> date:
        """A bare number is refused: nobody can tell whether 46086 is a day or a slip."""
        if isinstance(cell, datetime | date):
            day = cell.date() if isinstance(cell, datetime) else cell
        elif isinstance(cell, str):
            try:
                day = typed.date(cell.strip().removesuffix("00:00:00"))
            except typed.Unreadable:
                if cell.strip().isdecimal():
                    raise Wrong(_serial(int(cell))) from None
                raise Wrong(
                    _("“%(given)s”不是有效日期，应为 2026-03-05 的样式。", given=shorten(cell))
                ) from None
        else:
            raise Wrong(_serial(cell))
        if not EARLIEST <= day <= LATEST:
            raise Wrong(
                _(
                    "日期应在 %(low)s 至 %(high)s 之间，现为 %(given)s。",
                    low=dated(EARLIEST),
                    high=dated(LATEST),
                    given=dated(day),
                )
            )
        return day

    def holds(self) -> Words:
        """How it is written."""
        return _("日期，例如 2026-03-05")

    def sample(self) -> Words:
        """A day."""
        return self.example or "2026-03-05"


@dataclass(frozen=True)
class Choice(Column):
    """One of a list, by its Chinese or English words or its key."""

    _: KW_ONLY
    options: Mapping[str, Words] = field(default_factory=dict)
    #: other words for a key
    also: Mapping[str, str] = field(default_factory=dict)
    #: the key that a blank cell means
    empty: str = ""

    @cached_property
    def _keys(self) -> dict[str, str]:
        found = {bare(key): key for key in self.options} | {
            bare(word): key for word, key in self.also.items()
        }
        for lang in ("en", "zh"):
            found |= {bare(say_in(lang, words)): key for key, words in self.options.items()}
        return found

    def read(self, cell: Any) -> str:
        """The key."""
        key = self._keys.get(bare(str(cell)))
        if key is None:
            listed = Joined(self.choices())
            raise Wrong(_("“%(given)s”不在可选值之列：%(listed)s。", given=shorten(cell), listed=listed))
        return key

    def blank(self) -> str:
        """The usual one."""
        return self.empty

    def holds(self) -> Words:
        """The list."""
        return str(Joined(self.choices()))

    def choices(self) -> tuple[Words, ...]:
        """The list, word by word."""
        return tuple(self.options.values())

    def cell(self, value: Any) -> Any:
        """The words in the reader's language."""
        return str(self.options[value]) if value in self.options else value or None


@dataclass(frozen=True)
class YesNo(Column):
    """是 or 否; blank: not known."""

    def read(self, cell: Any) -> bool:
        """是 有 √ yes true 1, 否 无 × no false 0."""
        known = _TRUTHS.get(bare(str(cell)))
        if known is None:
            raise Wrong(_("“%(given)s”应为“是”或者“否”。", given=shorten(cell)))
        return known

    def holds(self) -> Words:
        """Yes, no, or nothing."""
        return _("是、否；不填为不详")

    def choices(self) -> tuple[Words, ...]:
        """Yes and no."""
        return _("是"), _("否")

    def cell(self, value: Any) -> Any:
        """In words."""
        return None if value is None else str(_("是") if value else _("否"))


_TRUTHS = {
    **dict.fromkeys(("是", "有", "√", "✓", "y", "yes", "true", "1", "1.0"), True),
    **dict.fromkeys(("否", "无", "×", "x", "n", "no", "false", "0", "0.0"), False),
}
