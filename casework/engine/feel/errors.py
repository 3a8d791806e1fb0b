"""What can go wrong with an expression, and the limits it lives in. Every sentence in Chinese and English."""

from __future__ import annotations

from dataclasses import dataclass

#: Characters of one expression.
MAX_TEXT = 20_000
#: Levels of a tree: nesting of brackets, and terms of one sum or chain of dots.
MAX_DEPTH = 120
#: Elementary steps of one evaluation: loop rounds, list items touched, 64 characters of text built.
MAX_STEPS = 300_000
#: Items of one list made by an expression.
MAX_ITEMS = 100_000
#: Characters of one text made by an expression.
MAX_STRING = 200_000
#: Functions that are inside one another when called.
MAX_CALLS = 60
#: DMN 1.3 clause 10.3.2.3.1: the exponents of a number (IEEE 754-2008 decimal128).
MAX_EXPONENT = 6144


class FeelError(Exception):
    """Everything that this package raises."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh} {en}")
        self.zh = zh
        self.en = en


class FeelSyntax(FeelError):
    """The text is no expression; `position` counts characters from 0."""

    def __init__(self, text: str, position: int, zh: str, en: str) -> None:
        super().__init__(f"表达式第 {position + 1} 个字符处：{zh}", f"At character {position + 1}: {en}")
        self.text = text
        self.position = position


class FeelLimit(FeelError):
    """The expression wants more than an office's expression may use."""


class FeelTooLarge(FeelSyntax, FeelLimit):
    """The text is beyond what is read at all: a limit, found while reading."""


class NoValue(FeelError):
    """A value had to be there and was not (a condition, a date, a list of parties, an output)."""

    def __init__(self, expression: str, position: int, zh: str, en: str) -> None:
        super().__init__(zh, en)
        self.expression = expression
        self.position = position


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a null arose, and at which character of the expression."""

    position: int
    zh: str
    en: str


def too_long(what_zh: str, what_en: str, limit: int) -> FeelLimit:
    """One sentence for every limit on a size."""
    return FeelLimit(f"{what_zh}超过 {limit:,} 的上限。", f"{what_en}: the limit of {limit:,} is passed.")
