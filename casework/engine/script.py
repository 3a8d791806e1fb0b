"""Expressions of a drawing: compiled when it is read, evaluated in FEEL over the case's variables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from casework.engine import feel

Functions = Mapping[str, Callable[..., Any]]


class Failure(Exception):
    """Why a token cannot go on: a sentence in both languages, and the expression it is about."""

    def __init__(self, zh: str, en: str, expression: str | None = None, code: str | None = None) -> None:
        super().__init__(f"{zh} {en}")
        self.zh, self.en, self.expression, self.code = zh, en, expression, code


def failure(error: Exception, expression: str | None = None) -> Failure:
    """Put any exception into words a clerk can pass on; those of FEEL, DMN and effects bring their own."""
    if isinstance(error, Failure):
        return error
    zh, en = getattr(error, "zh", None), getattr(error, "en", None)
    if zh is None or en is None:
        name = type(error).__name__
        zh, en = (
            f"办理时出现意外错误（{name}：{error}）。",
            f"An unexpected error occurred ({name}: {error}).",
        )
    position = getattr(error, "position", None)
    if position is not None:
        zh, en = f"{zh}（第 {position + 1} 个字符）", f"{en} (character {position + 1})"
    told = getattr(error, "expression", None) or getattr(error, "text", None) or expression
    return Failure(str(zh), str(en), told, getattr(error, "code", None))


@dataclass(frozen=True, slots=True)
class Formula:
    """One expression of the drawing."""

    text: str
    compiled: feel.Expression

    def value(self, scope: Mapping[str, Any], functions: Functions) -> Any:
        """Give the value, which must be there: null or an unknown name is a failure, never a silent false."""
        try:
            return self.compiled.require(scope, functions)
        except feel.FeelError as error:
            raise failure(error, self.text) from error

    def optional(self, scope: Mapping[str, Any], functions: Functions) -> Any:
        """Give the value or the null that a known name holds; a null that arose by a mistake is a failure."""
        try:
            value, reasons = self.compiled.explain(scope, functions)
        except feel.FeelError as error:
            raise failure(error, self.text) from error
        if value is None and reasons:
            first = reasons[0]
            raise failure(feel.NoValue(self.text, first.position, first.zh, first.en), self.text)
        return value

    def holds(self, scope: Mapping[str, Any], functions: Functions) -> bool:
        """Give a condition's answer; anything but true or false is a failure."""
        value = self.value(scope, functions)
        if value is True or value is False:
            return value
        raise Failure("条件的结果不是“是”或“否”。", "The condition is neither true nor false.", self.text)


def formula(text: str) -> Formula:
    """Compile an expression; raises FeelSyntax."""
    text = text.strip().removeprefix("=").strip()
    return Formula(text, feel.compile(text))


def either(text: str) -> Formula | str:
    """Compile a property: FEEL when it begins with "=", otherwise the text as it stands."""
    return formula(text) if text.startswith("=") else text
