"""Numeric functions (DMN 1.3 table 76; roundings of DMN 1.4)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Context,
    Decimal,
    InvalidOperation,
    Overflow,
)  # fmt: skip
from typing import Any

from casework.engine import values
from casework.engine.feel import exact
from casework.engine.feel.builtins.signature import Table, define
from casework.engine.feel.errors import MAX_EXPONENT
from casework.engine.feel.scope import Null, Run
from casework.engine.values import Months

FUNCTIONS: Table = {}

_ROUNDINGS = {
    "decimal": ROUND_HALF_EVEN, "round up": ROUND_UP, "round down": ROUND_DOWN,
    "round half up": ROUND_HALF_UP, "round half down": ROUND_HALF_DOWN,
}  # fmt: skip
#: Wide enough for any number of 34 digits at any scale, so that quantize never runs out of digits.
_WIDE = Context(prec=2 * MAX_EXPONENT + values.DIGITS, Emin=-2 * MAX_EXPONENT, Emax=2 * MAX_EXPONENT)


def rounded(number: Any, scale: Any, rounding: str) -> int | Decimal:
    """To so many digits after the point; a negative scale rounds to tens, hundreds …"""
    places = exact.whole(scale)
    if places is None or not -MAX_EXPONENT < places < MAX_EXPONENT:
        raise Null("小数位数应为整数", "the scale must be a whole number")
    value = Decimal(exact.bounded(number))
    if places >= 0 and -int(value.as_tuple().exponent) <= places:
        return values.number(value)
    try:
        return values.number(value.quantize(Decimal(1).scaleb(-places, _WIDE), rounding, _WIDE))
    except InvalidOperation:
        raise Null("无法按此位数舍入", "cannot be rounded to that scale") from None


def _enter(name: str, rounding: str, signature: str) -> None:
    def call(run: Run, n: Any, scale: Any = 0) -> int | Decimal:
        return rounded(n, 0 if scale is None else scale, rounding)

    define(FUNCTIONS, name, signature)(call)


for _name, _rounding in _ROUNDINGS.items():
    _enter(_name, _rounding, "n: number, scale: number")
_enter("floor", ROUND_FLOOR, "n: number, scale: number?")
_enter("ceiling", ROUND_CEILING, "n: number, scale: number?")


@define(FUNCTIONS, "abs", "n: any")
def absolute(run: Run, n: Any) -> Any:
    """Of a number or a duration."""
    if isinstance(n, Months):
        return Months(abs(n.count))
    if exact.is_number(n) or isinstance(n, timedelta):
        return abs(n)
    raise Null("abs 需要数值或时长", "abs needs a number or a duration")


@define(FUNCTIONS, "modulo", "dividend: number, divisor: number")
def modulo(run: Run, dividend: Any, divisor: Any) -> Any:
    """Dividend - divisor * floor(dividend / divisor): with the sign of the divisor, exact for any size."""
    if not divisor:
        raise Null("除数为零", "division by zero")
    a, b = exact.bounded(dividend), exact.bounded(divisor)
    if type(a) is int and type(b) is int:
        return a % b
    rest = _reckoned(_WIDE.remainder, Decimal(a), Decimal(b))
    return exact.add(rest, b) if rest and (rest < 0) is not (b < 0) else rest


def _reckoned(operation: Callable[..., Decimal], *operands: Decimal) -> Any:
    try:
        return values.number(exact.CONTEXT.plus(operation(*operands)))
    except Overflow:
        raise exact.too_big() from None
    except (InvalidOperation, ValueError):
        raise Null("运算没有数值结果", "the operation has no numeric result") from None


@define(FUNCTIONS, "sqrt", "number: number")
def square_root(run: Run, number: Any) -> Any:
    return exact.square_root(number)


@define(FUNCTIONS, "log", "number: number")
def logarithm(run: Run, number: Any) -> Any:
    """To base e."""
    if number <= 0:
        raise Null("log 需要正数", "log needs a positive number")
    return _reckoned(exact.CONTEXT.ln, Decimal(exact.bounded(number)))


@define(FUNCTIONS, "exp", "number: number")
def exponential(run: Run, number: Any) -> Any:
    return _reckoned(exact.CONTEXT.exp, Decimal(exact.bounded(number)))


@define(FUNCTIONS, "odd", "number: number")
def odd(run: Run, number: Any) -> bool:
    return _half(number) == 1


@define(FUNCTIONS, "even", "number: number")
def even(run: Run, number: Any) -> bool:
    return _half(number) == 0


def _half(number: Any) -> int:
    found = exact.whole(number)
    if found is None:
        raise Null("奇偶只对整数有意义", "only whole numbers are odd or even")
    return found % 2
