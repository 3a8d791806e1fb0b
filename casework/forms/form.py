"""A form: one .form file, read once, asked many times."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Any

from casework.forms import lint, prose
from casework.forms.bound import Bound
from casework.forms.compiler import compiled
from casework.forms.layout import Layout


class NotAForm(ValueError):
    """The text is no form at all: not JSON, or without components."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh} {en}")
        self.zh, self.en = zh, en


class Form(Layout):
    """One form of one version; nothing in it changes."""

    def lint(self, facts: Collection[str] | None = None) -> list[lint.Finding]:
        """What would not work, or not in both languages.

        `facts`: names the office gives, other names are errors; None: not known here, see `reads`.
        """
        return lint.findings(self, facts)

    @cached_property
    def reads(self) -> frozenset[str]:
        """Names its expressions read that are no questions of the form: what the office must know."""
        read: set[str] = set()
        for each in self.everything:
            texts = prose.blanks(each.prose)
            own = self.list_of.get(each.id, each)
            given = own.rows is not None and own.rows.source is not None  # such rows have names of their own
            expressions = [
                e for place, e in each.expressions() if not given or place in ("rowsFrom", "valuesExpression")
            ]
            names = {name for expression in expressions for name in expression.names}
            read |= (names | prose.names(texts)) - self.names_for(each)
        return frozenset(read)

    def bind(
        self,
        lang: str,
        *,
        formdata: Any = None,
        draft: Mapping[str, Sequence[str]] | None = None,
        values: Mapping[str, Any] | None = None,
        facts: Mapping[str, Any] | None = None,
        files: Mapping[str, Sequence[Any]] | None = None,
        uploads: Mapping[str, Sequence[Any]] | None = None,
        sections: Collection[str] | None = None,
        today: dt.date | None = None,
        functions: Mapping[str, Any] | None = None,
        rows: Mapping[str, Sequence[Any]] | None = None,
        done: bool = False,
    ) -> Bound:
        """The form with somebody's answers.

        `formdata`: what is posted now (a MultiDict or a mapping); `draft`: an earlier `Bound.raw()`;
        `values`: answers known from before, used where nothing was typed; `facts`: what the office knows,
        readable in every expression; `files`: kept files by question; `uploads`: new ones (name or filename,
        stream); `sections`: ids of the sections on this page, None for all; `today`: the office's day;
        `rows`: of lists whose rows the office gives, those it gave then, not to be looked up again; `done`:
        the values are those of an act that is done, what was computed then stands.
        """
        return Bound(
            self, compiled(self, lang), lang,
            formdata=formdata, draft=draft, values=values or {}, facts=facts or {}, files=files or {},
            uploads=uploads or {}, sections=sections, today=today, functions=functions or {},
            rows=rows or {}, done=done,
        )  # fmt: skip


@lru_cache(maxsize=512)
def _read(text: str) -> Form:
    try:
        raw = json.loads(text)
    except (json.JSONDecodeError, RecursionError):
        raise NotAForm("文件不是可读的 JSON。", "The file is not readable JSON.") from None
    if not isinstance(raw, dict) or not isinstance(raw.get("components"), list):
        raise NotAForm("文件中没有表单内容（components）。", "The file has no form content (components).")
    return Form(text, raw)


def read(raw: Mapping[str, Any] | str) -> Form:
    """The form of a .form file's text or JSON; the same text gives the same object. Raises NotAForm."""
    return _read(raw if isinstance(raw, str) else json.dumps(raw, ensure_ascii=False, sort_keys=True))
