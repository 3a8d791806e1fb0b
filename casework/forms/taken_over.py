"""Answers taken over from an earlier application: they stand in the form, marked, until they are changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from casework.forms.fields import Answer, Stored
from casework.forms.messages import around, figure
from casework.forms.pieces import Block, Question
from casework.forms.profile import Component

if TYPE_CHECKING:
    from casework.forms.binding import Binding

#: Answers that stop fitting by themselves: a day goes by, a choice is no longer offered.
_PASSING = frozenset({"datetime", "radio", "select", "checklist"})


@dataclass(frozen=True)
class TakenOver:
    """What an application takes over today; `left`: by question, why its answer is not."""

    #: the number of the case it comes from
    source: str
    values: Mapping[str, Any]
    files: Mapping[str, Sequence[Stored]]
    left: Mapping[str, str]

    def mark(self, question: Question, answer: Any) -> None:
        """Says of a question whether its answer is still the one taken over, or why none was."""
        key = question.key
        if key in self.files:
            question.taken_over = bool(answer) and list(answer) == list(self.files[key])
        else:
            question.taken_over = self.values.get(key) not in (None, "", []) and self.values[key] == answer
        question.left = "" if answer else self.left.get(key, "")

    def mark_rows(self, block: Block, rows: Sequence[Mapping[str, Any]]) -> None:
        """The same of a list."""
        then = self.values.get(block.key) or []
        block.taken_over = bool(then) and len(then) == len(rows) and all(map(_alike, then, rows))
        block.without = self.left.get(block.key, "") if block.taken_over or not then else ""


def _alike(then: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    return all(now.get(name) == value for name, value in then.items() if name in now)


def fitting(bound: Binding, source: str, files: Mapping[str, Sequence[Stored]]) -> TakenOver:
    """What fits today of the values that the form was bound with; a confirmation is always given anew."""
    bound.validate([each.id for each in bound.form.sections])
    values, left = dict(bound.values), {}
    for each in bound.form.inputs:
        if each.type == "checkbox":
            values.pop(each.key, None)
        elif values.get(each.key) is not None and _unfit(bound.questions.answer(each.key)):
            said = bound.questions.answer(each.key)
            left[each.key] = _reason(bound.lang, values.pop(each.key), str(said.errors[0]))
    for own in bound.form.lists:
        rows = values.get(own.key)
        if not isinstance(rows, list | tuple) or (own.rows and own.rows.source):
            continue
        kept = [
            value
            for value, row in zip(rows, bound.rows[own.key], strict=False)
            if not any(_unfit(row.questions.answer(each.key)) for each in own.children if each.key in value)
        ]
        values[own.key] = kept
        if len(kept) < len(rows):
            left[own.key] = around("taken_over.rows", bound.lang, n=len(rows) - len(kept))
    taken = {key: _accepted(bound.form.by_key[key], kept) for key, kept in files.items()}
    return TakenOver(source, values, taken, left)


def _accepted(each: Component, kept: Sequence[Stored]) -> Sequence[Stored]:
    return [one for one in kept if not each.accept or one.name.lower().endswith(tuple(each.accept))]


def _unfit(answer: Answer) -> bool:
    return answer.component.type in _PASSING and bool(answer.errors)


def _reason(lang: str, was: Any, error: str) -> str:
    """A day is said as it was; what a choice was called may be known to nobody any more."""
    if isinstance(was, dt.date):
        return around("taken_over.date", lang, was=figure(was, lang), why=error)
    return around("taken_over.choice", lang)
