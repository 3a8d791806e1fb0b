"""One question as a WTForms field: what was typed becomes a value, or a sentence that says what to type."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any, ClassVar

from wtforms import Field
from wtforms.validators import StopValidation, ValidationError

from casework.engine import feel
from casework.forms import typed
from casework.forms.identifiers import CHECKS
from casework.forms.messages import WRONG, around, figure, pick
from casework.forms.profile import Component, Option

_BOUNDS = ("min", "max", "min.hint", "max.hint")
_FAMILY = {
    "radio": "choice",
    "select": "choice",
    "checklist": "choice",
    "datetime": "choice",
    "filepicker": "file",
    "checkbox": "check",
}


@dataclass(frozen=True)
class Stored:
    """A file that is kept already; `size` in bytes."""

    id: str
    name: str
    size: int


def wrong(mistake: str, component: Component, lang: str, **given: Any) -> str:
    """The sentence for one mistake in one answer, complete."""
    reason = component.text(f"{mistake.partition('.')[0]}Reason").of(lang)
    example = component.text("example").of(lang)
    unit = component.unit.of(lang)
    bound = given.get("bound")
    if mistake in _BOUNDS and (isinstance(bound, dt.date) or component.type == "datetime"):
        mistake += ".date"
    if bound is not None:
        given["bound"] = figure(bound, lang)
    parts = {
        "label": component.short.of(lang),
        "unit": f" {unit}" if unit else "",
        "why": _bracketed(reason, lang),
        "example": pick((f"，例如 {example}", f", like {example}"), lang) if example else "",
        "rows": _row_word(component, lang),
    }
    return pick(WRONG[mistake], lang).format(**{**parts, **given})


def _bracketed(reason: str, lang: str) -> str:
    """The reason behind the sentence; brackets of its own, around an article, stand in no second pair."""
    if reason.endswith(("）", ")")):
        return pick((f"，{reason}", f", {reason}"), lang)
    return pick((f"（{reason}）", f" ({reason})"), lang) if reason else ""


def _row_word(component: Component, lang: str) -> str:
    unit = component.rows.unit.of(lang) if component.rows else ""
    return unit or around("row", lang)


def missing(component: Component, lang: str) -> str:
    """The sentence for a question without an answer; `requiredMessage` of the file comes first."""
    own = component.text("requiredMessage").of(lang)
    return own or wrong("required." + _FAMILY.get(component.type, "text"), component, lang)


def limit(component: Component, place: str, scope: Mapping[str, Any], functions: Mapping[str, Any]) -> Any:
    """A limit's value now: a constant, or what its expression gives; None when there is none (yet)."""
    bound = component.limits.get(place)
    if isinstance(bound, feel.Expression):
        bound = bound.evaluate(scope, functions)
    if component.type == "datetime":
        return bound if isinstance(bound, dt.date) else None
    if isinstance(bound, bool) or not isinstance(bound, int | Decimal):
        return None
    return bound


def typable(bound: Any, place: str, decimals: int | None) -> Any:
    """A bound that can be typed: 63.4025 is said as 63.41 where two decimals are allowed."""
    if decimals is None or not isinstance(bound, int | Decimal):
        return bound
    rounding = ROUND_CEILING if place == "min" else ROUND_FLOOR
    return Decimal(bound).quantize(Decimal(1).scaleb(-decimals), rounding=rounding)


class Answer(Field):
    """A question's answer; `component` says what is asked, `data` is the value or None."""

    component: ClassVar[Component]
    options: Sequence[Option] = ()

    def __init__(self, component: Component, lang: str, **kwargs: Any) -> None:
        super().__init__(label=component.label.of(lang), **kwargs)
        self.component = component  # type: ignore[misc]
        self.lang = lang
        self.scope: Mapping[str, Any] = {}
        self.functions: Mapping[str, Any] = {}
        self.options = component.options

    def typed_text(self) -> str:
        """What stands in the control: the typed text while that is the source, else the value as typed."""
        if self.raw_data:
            return str(self.raw_data[0])
        return self.text_of(self.data)

    def text_of(self, data: Any) -> str:
        return "" if data is None else str(data)

    def pre_validate(self, form: Any) -> None:
        empty = self.data is None or self.data is False or self.data == []
        if not empty:
            return
        if self.process_errors or not self.component.required:
            raise StopValidation
        raise StopValidation(missing(self.component, self.lang))

    def bounded(self) -> None:
        """Raises ValidationError when the answer is outside its limits, with the limit and its reason."""
        for place in ("min", "max"):
            bound = limit(self.component, place, self.scope, self.functions)
            if bound is None or not (self.data < bound if place == "min" else self.data > bound):
                continue
            bound = typable(bound, place, self.component.decimals)
            raise ValidationError(wrong(place, self.component, self.lang, bound=bound))


#: Characters of an answer whose form says nothing about its length.
LONGEST = {"textfield": 300, "textarea": 5000}


class TextAnswer(Answer):
    """One line or many lines of text."""

    def process_formdata(self, valuelist: list[str]) -> None:
        text = valuelist[0] if valuelist else ""
        kind = self.component.kind
        text = typed.clean(text)
        text = kind.read(text) if kind else text
        self.data = (text.upper() if kind and kind.upper else text) or None

    def post_validate(self, form: Any, validation_stopped: bool) -> None:
        if validation_stopped or not self.data:
            return
        self._length()
        kind, component = self.component.kind, self.component
        for pattern in (component.pattern, kind.pattern if kind else None):
            if pattern and not re.search(pattern, self.data):
                own = component.text("patternMessage").of(self.lang)
                raise ValidationError(own or wrong("pattern", component, self.lang))
        if kind and kind.check and not CHECKS[kind.check](self.data):
            raise ValidationError(wrong("checksum", component, self.lang))

    def _length(self) -> None:
        have = len(self.data or "")
        for place, outside in (("minLength", int.__lt__), ("maxLength", int.__gt__)):
            bound = limit(self.component, place, self.scope, self.functions)
            if bound is None and place == "maxLength":
                bound = LONGEST[self.component.type]
            if bound is not None and outside(have, int(bound)):
                raise ValidationError(wrong(place, self.component, self.lang, bound=bound, have=have))


class NumberAnswer(Answer):
    """A decimal number."""

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = None
        if not valuelist or not valuelist[0].strip():
            return
        try:
            self.data = typed.number(valuelist[0])
        except typed.Unreadable:
            name = "integer" if self.component.decimals == 0 else "number"
            raise ValueError(wrong(name, self.component, self.lang)) from None

    def text_of(self, data: Any) -> str:
        places = self.component.decimals if self.component.properties.get("kind") == "money" else 0
        if places and data is not None and data == round(data, places):
            return f"{round(Decimal(data), places):f}"  # as money is written: 1.20, not 1.2
        return figure(data).replace(",", "")

    def post_validate(self, form: Any, validation_stopped: bool) -> None:
        if validation_stopped or self.data is None:
            return
        self.bounded()
        decimals = self.component.decimals
        if decimals is not None and self.data != round(self.data, decimals):
            name = "decimals" if decimals else "integer"
            raise ValidationError(wrong(name, self.component, self.lang, bound=decimals))


class DateAnswer(Answer):
    """A day."""

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = None
        if not valuelist or not valuelist[0].strip():
            return
        try:
            self.data = typed.date(valuelist[0])
        except typed.Unreadable:
            raise ValueError(wrong("date", self.component, self.lang)) from None

    def typed_text(self) -> str:
        return self.data.isoformat() if self.data else super().typed_text()

    def post_validate(self, form: Any, validation_stopped: bool) -> None:
        if not validation_stopped and self.data is not None:
            self.bounded()


class ChoiceAnswer(Answer):
    """One of the options."""

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = valuelist[0] if valuelist and valuelist[0] else None

    def post_validate(self, form: Any, validation_stopped: bool) -> None:
        if not validation_stopped and self.data not in {each.value for each in self.options}:
            raise ValidationError(wrong("choice", self.component, self.lang))


class ManyAnswer(Answer):
    """Several of the options, as a list."""

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = [each for each in valuelist if each]

    def process_data(self, value: Any) -> None:
        self.data = list(value or [])

    def pre_validate(self, form: Any) -> None:
        if self.component.every and (left := self.left()):
            raise StopValidation(wrong("all", self.component, self.lang, left=left))
        super().pre_validate(form)

    def left(self) -> str:
        """The options that are not ticked yet, in words."""
        labels = (each.label.of(self.lang) for each in self.options if each.value not in self.data)
        return pick(("、", ", "), self.lang).join(labels)

    def post_validate(self, form: Any, validation_stopped: bool) -> None:
        if not validation_stopped and not set(self.data) <= {each.value for each in self.options}:
            raise ValidationError(wrong("choice", self.component, self.lang))


class TickAnswer(Answer):
    """A box that is ticked or not."""

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = bool(valuelist and valuelist[0] not in ("", "false", "0"))

    def process_data(self, value: Any) -> None:
        self.data = value is True


class FilesAnswer(Answer):
    """Kept files; new ones are judged where they arrive (uploads.py)."""

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        self.process_errors, self.errors = [], []
        self.data = list(data or [])

    def pre_validate(self, form: Any) -> None:
        if not self.data and self.component.required:
            raise StopValidation(missing(self.component, self.lang))


TYPES: Mapping[str, type[Answer]] = {
    "textfield": TextAnswer,
    "textarea": TextAnswer,
    "number": NumberAnswer,
    "datetime": DateAnswer,
    "radio": ChoiceAnswer,
    "select": ChoiceAnswer,
    "checklist": ManyAnswer,
    "checkbox": TickAnswer,
    "filepicker": FilesAnswer,
}
