"""What an evaluation carries with it: names in layers, the host's functions, steps left, reasons of nulls."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from casework.engine import values
from casework.engine.feel.errors import (
    MAX_CALLS,
    MAX_ITEMS,
    MAX_STEPS,
    MAX_STRING,
    FeelLimit,
    Reason,
    too_long,
)
from casework.engine.feel.tree import Node
from casework.engine.values import Months, Range

Scope = Mapping[str, Any]
#: What a form becomes: a function of the names in reach and the evaluation under way.
Code = Callable[[Scope, "Run"], Any]
#: Makes the code of a form inside another.
Make = Callable[[Node], Code]
#: The class of a form → what makes its code. No form's maker knows the others: `compiler` joins them.
Makers = dict[type[Node], Callable[[Any, Make], Code]]

#: Reasons kept of one evaluation; a loop would otherwise repeat one a thousand times.
MAX_REASONS = 20


class Null(Exception):
    """Raised inside operations and functions; the form that called them answers null and keeps the reason."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(zh)
        self.zh = zh
        self.en = en


class Layer(dict[str, Any]):
    """Names of one form (an entry, a loop, a filter's item) over those around it."""

    __slots__ = ("around",)

    def __init__(self, names: Mapping[str, Any], around: Scope) -> None:
        super().__init__(names)
        self.around = around

    def __missing__(self, name: str) -> Any:
        return self.around[name]


class Routine:
    """A function as a value. `call(run, arguments, names)`; names are empty for positional arguments."""

    __slots__ = ("arity", "call")

    def __init__(self, call: Callable[[Run, list[Any], tuple[str, ...]], Any], arity: int) -> None:
        self.call = call
        self.arity = arity


class Run:
    """One evaluation: its budget and its reasons."""

    steps = MAX_STEPS
    calls = 0
    unknown = False
    reasons: tuple[Reason, ...] = ()

    def __init__(self, scope: Scope, functions: Mapping[str, Callable[..., Any]]) -> None:
        self.scope = scope
        self.functions = functions

    def note(self, position: int, zh: str, en: str) -> Any:
        """Remember why a null arose. Returns null, so that `return run.note(…)` reads well."""
        if len(self.reasons) < MAX_REASONS:
            self.reasons = (*self.reasons, Reason(position, f"{zh}。", f"{en[:1].upper()}{en[1:]}."))

    def spend(self, steps: int) -> None:
        """Use up some of the budget. Raises FeelLimit when it is gone."""
        self.steps -= steps
        if self.steps < 0:
            raise FeelLimit(
                f"求值超过 {MAX_STEPS:,} 步。", f"The evaluation takes more than {MAX_STEPS:,} steps."
            )

    def enter(self) -> None:
        """One function deeper."""
        self.calls += 1
        if self.calls > MAX_CALLS:
            raise FeelLimit(
                f"函数调用超过 {MAX_CALLS} 层。", f"Functions call each other over {MAX_CALLS} levels deep."
            )

    def leave(self) -> None:
        self.calls -= 1

    def items(self, count: int) -> None:
        """A list of so many items is about to be made or read."""
        if count > MAX_ITEMS:
            raise too_long("列表项数", "Items of a list", MAX_ITEMS)
        self.spend(count)

    def characters(self, count: int) -> None:
        """A text of so many characters is about to be made or read."""
        if count > MAX_STRING:
            raise too_long("字符串长度", "Length of a string", MAX_STRING)
        self.spend(count // 64 + 1)


#: Python types that are FEEL values as they stand.
PLAIN = frozenset(
    (int, Decimal, str, bool, type(None), date, datetime, time, timedelta, Months, Range, list, dict, Routine)
)

_TYPE_NAMES = (
    (bool, "布尔值", "boolean"), (int, "数值", "number"), (Decimal, "数值", "number"),
    (str, "字符串", "string"), (datetime, "日期时间", "date and time"), (date, "日期", "date"),
    (time, "时间", "time"), (timedelta, "日时时长", "days and time duration"),
    (Months, "年月时长", "years and months duration"), (Range, "区间", "range"), (list, "列表", "list"),
    (dict, "上下文", "context"), (Routine, "函数", "function"),
)  # fmt: skip


def kind(value: Any) -> tuple[str, str]:
    """What sort of value this is, for a sentence in Chinese and English."""
    for python, zh, en in _TYPE_NAMES:
        if isinstance(value, python):
            return zh, en
    return "空值", "null"


def foreign(value: Any, run: Run, position: int) -> Any:
    """A value of the host's in its FEEL form (floats, tuples …); anything else is null."""
    try:
        return values.feel(value)
    except (TypeError, ValueError):
        return run.note(position, "值的类型不属于 FEEL", "the value is of a type that FEEL does not have")
