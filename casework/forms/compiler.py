"""A form's questions as WTForms: compiled once for each language, bound for each visitor."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, cast

from wtforms.fields.core import UnboundField
from wtforms.form import BaseForm
from wtforms.meta import DefaultMeta

from casework.forms.fields import TYPES, Answer
from casework.forms.layout import Layout
from casework.forms.profile import INPUTS, Component

_META = DefaultMeta()


class Questions(BaseForm):
    """The WTForms form of one page or one row. Keys may be any words, so they are no attributes."""

    def __init__(self, unbound: dict[str, Any], prefix: str = "") -> None:
        super().__init__(unbound, prefix=prefix, meta=_META)

    def answer(self, key: str) -> Answer:
        """The field of a question."""
        answer: Any = self._fields[key]
        return cast(Answer, answer)


@dataclass(frozen=True)
class Compiled:
    """The unbound fields of a form in one language: the questions, and the columns of each list."""

    lang: str
    questions: dict[str, UnboundField[Any]]
    columns: dict[str, dict[str, UnboundField[Any]]]
    #: What does not depend on the answers, kept from page to page (view.py).
    kept: dict[Any, Any] = field(default_factory=dict)


def _unbound(components: Iterable[Component], lang: str) -> dict[str, UnboundField[Any]]:
    return {
        each.key: TYPES[each.type](each, lang)  # type: ignore[misc]
        for each in components
        if each.type in INPUTS and each.key
    }


def compiled(form: Layout, lang: str) -> Compiled:
    """The form's fields in one language; built once."""
    built: dict[str, Compiled] = form.__dict__.setdefault("_compiled", {})
    if lang not in built:
        columns = {each.key: _unbound(each.children, lang) for each in form.lists}
        built[lang] = Compiled(lang, _unbound(form.inputs, lang), columns)
    return built[lang]
