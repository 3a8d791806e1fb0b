"""Questions of the registers' own pages: numbers and days as people type them, faults beside the field."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from wtforms import Field, Form, StringField, TextAreaField
from wtforms.validators import InputRequired, Optional, StopValidation

from casework.forms import typed
from casework.people import questions
from casework.people.questions import Questions, Text, tidy
from casework.words import Words, _

__all__ = ["PLEASE", "Answers", "Area", "Choice", "Day", "Whole", "line", "words"]


class Answers(Questions):
    """Questions whose texts are also read as values: `read["gfa_total"]` is a Decimal."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.read: dict[str, Any] = {}


class _Reads(ABC):
    """A check that leaves the value it read in the form."""

    def __call__(self, form: Answers, field: Field) -> None:
        """Read what was typed, or say what it should look like."""
        form.read[field.name] = self.value(field.data)

    @abstractmethod
    def value(self, text: str) -> Any:
        """The value, or StopValidation."""


class Area(_Reads):
    """A number with at most two decimals between two bounds: m² or per cent."""

    def __init__(self, low: str, high: str) -> None:
        self.low, self.high = Decimal(low), Decimal(high)

    def value(self, text: str) -> Decimal:
        """12,680.5 and 1.2万 are understood."""
        try:
            number = typed.number(text)
        except typed.Unreadable:
            raise StopValidation(_("“%(given)s”不是数字，应为 12680.50 的样式。", given=text)) from None
        if number != number.quantize(Decimal("0.01")):
            raise StopValidation(_("最多保留两位小数，现为 %(given)s。", given=text))
        if not self.low <= number <= self.high:
            raise StopValidation(
                _(
                    "应在 %(low)s 至 %(high)s 之间，现为 %(given)s。",
                    low=f"{self.low:,}",
                    high=f"{self.high:,}",
                    given=text,
                )
            )
        return number.quantize(Decimal("0.01"))


class Whole(_Reads):
    """A whole number between two bounds."""

    def __init__(self, low: int, high: int) -> None:
        self.low, self.high = low, high

    def value(self, text: str) -> int:
        """１２ and 1,200 are understood."""
        try:
            number = typed.number(text)
        except typed.Unreadable:
            raise StopValidation(_("“%(given)s”不是整数。", given=text)) from None
        if number != int(number) or not self.low <= number <= self.high:
            raise StopValidation(
                _(
                    "应为 %(low)s 至 %(high)s 的整数，现为 %(given)s。",
                    low=self.low,
                    high=self.high,
                    given=text,
                )
            )
        return int(number)


class Day(_Reads):
    """A day of the calendar."""

    def value(self, text: str) -> date:
        """2026-03-05, 2026.3.5 and 2026年3月5日 are understood."""
        try:
            return typed.date(text)
        except typed.Unreadable:
            raise StopValidation(_("“%(given)s”不是有效日期，应为 2026-03-05 的样式。", given=text)) from None


#: What stands in a list before anything is chosen; it is no answer.
PLEASE: Words = _("请选择")


class Choice(questions.Choice):
    """One of a list; the options may be given when the page is made."""

    def __init__(
        self, label: Words, ask: Words, options: Mapping[str, Words] | None = None, **named: Any
    ) -> None:
        super().__init__(label, ask, **named)
        self.options = options or {}

    def _offered(self, form: Form, field: Field) -> None:
        if self.options.get(self.data or "") is PLEASE:
            raise StopValidation(self.ask)
        super()._offered(form, field)


def line(label: Words, ask: Words | None, longest: int, *checks: Any) -> StringField:
    """A one-line question; `ask` is what to say when it is empty, None when it may be."""
    first = Optional(strip_whitespace=True) if ask is None else InputRequired(message=ask)
    return StringField(label, [first, Text(label, longest), *checks], filters=[tidy])


def words(label: Words, ask: Words | None, longest: int = 500) -> TextAreaField:
    """A question answered in sentences."""
    first = Optional(strip_whitespace=True) if ask is None else InputRequired(message=ask)
    return TextAreaField(label, [first, Text(label, longest)], filters=[lambda text: (text or "").strip()])
