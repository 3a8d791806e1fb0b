"""How a function of the standard states its parameters, and how arguments are fitted to them.

DMN 1.3 clause 10.3.4 and, for the implicit conversions of single values and lists, clause 10.3.2.9.4.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from casework.engine.feel.scope import PLAIN, Null, Routine, Run, foreign, kind
from casework.engine.values import Months, Range

_KINDS: dict[str, tuple[type, ...]] = {
    "number": (int, Decimal), "string": (str,), "boolean": (bool,), "list": (list,), "context": (dict,),
    "function": (Routine,), "date": (date, datetime), "time": (time,), "duration": (timedelta, Months),
    "range": (Range,), "any": (),
}  # fmt: skip
_CHINESE = {
    "number": "数值", "string": "字符串", "boolean": "布尔值", "list": "列表", "context": "上下文",
    "function": "函数", "date": "日期", "time": "时间", "duration": "时长", "range": "区间", "any": "值",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter as the standard's tables name it. `?` behind its kind: may be left out or null."""

    name: str
    kind: str
    optional: bool
    repeated: bool


@dataclass(frozen=True, slots=True)
class Builtin:
    """One signature of a function of the standard."""

    name: str
    parameters: tuple[Parameter, ...]
    call: Callable[..., Any]

    @property
    def least(self) -> int:
        """How many arguments it needs."""
        return sum(not parameter.optional for parameter in self.parameters)

    @property
    def most(self) -> int:
        """How many arguments it takes."""
        return 10_000 if self.parameters and self.parameters[-1].repeated else len(self.parameters)


Table = dict[str, list[Builtin]]


def define(
    table: Table, name: str, signature: str = ""
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Enter a function by its FEEL name: `"string: string, length: number?"`; `*items: any` repeats."""
    parameters = tuple(_parameter(part) for part in signature.split(", ") if part)

    def enter(function: Callable[..., Any]) -> Callable[..., Any]:
        table.setdefault(name, []).append(Builtin(name, parameters, function))
        return function

    return enter


def _parameter(text: str) -> Parameter:
    name, _, sort = text.partition(": ")
    return Parameter(name.lstrip("*"), sort.rstrip("?"), sort.endswith("?"), name.startswith("*"))


def invoke(signatures: tuple[Builtin, ...], run: Run, arguments: list[Any], names: tuple[str, ...]) -> Any:
    """Call the signature that the arguments fit. Raises Null when none does."""
    if names:
        return _by_name(signatures, run, dict(zip(names, arguments, strict=True)))
    count = len(arguments)
    name = signatures[0].name
    misfit = Null(
        f"函数 {name} 不接受 {count} 个参数", f"the function {name} does not take {count} arguments"
    )
    for signature in signatures:
        if signature.least <= count <= signature.most:
            try:
                fitted = _all_fitted(signature, run, arguments)
            except Null as why:
                misfit = why
            else:
                return _result(signature, run, fitted)
    raise misfit


def _result(signature: Builtin, run: Run, arguments: list[Any]) -> Any:
    try:
        return signature.call(run, *arguments)
    except ArithmeticError:  # beyond the calendar, or no number at all, which only a host can hand in
        name = signature.name
        raise Null(
            f"函数 {name} 对这些参数没有结果", f"the function {name} has no result for these"
        ) from None


def _by_name(signatures: tuple[Builtin, ...], run: Run, given: dict[str, Any]) -> Any:
    for signature in signatures:
        wanted = [parameter.name for parameter in signature.parameters]
        needed = {parameter.name for parameter in signature.parameters if not parameter.optional}
        if needed <= given.keys() <= set(wanted):
            return _result(signature, run, _all_fitted(signature, run, [given.get(name) for name in wanted]))
    name, found = signatures[0].name, "、".join(given)
    raise Null(
        f"函数 {name} 没有这些参数：{found}",
        f"the function {name} has no such parameters: {', '.join(given)}",
    )


def _all_fitted(signature: Builtin, run: Run, arguments: list[Any]) -> list[Any]:
    fitted = []
    for place, value in enumerate(arguments):
        parameter = signature.parameters[min(place, len(signature.parameters) - 1)]
        fitted.append(_fitted(value, parameter, signature.name, run))
    return fitted


def _fitted(value: Any, parameter: Parameter, function: str, run: Run) -> Any:
    wanted = _KINDS[parameter.kind]
    if not wanted or type(value) in wanted or (value is None and parameter.optional):
        return value
    if parameter.kind == "list" and value is not None:
        return [value]
    if type(value) is list and len(value) == 1:
        only = value[0] if type(value[0]) in PLAIN else foreign(value[0], run, 0)
        if type(only) in wanted:
            return only
    zh, en = kind(value)
    raise Null(
        f"函数 {function} 的参数 {parameter.name} 应为{_CHINESE[parameter.kind]}，实际为{zh}",
        f"the parameter {parameter.name} of {function} must be a {parameter.kind}, found {en}",
    )
