"""Exact numbers: ints and Decimals of 34 digits (DMN 1.3 clause 10.3.2.3.1); whole results are ints."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_EVEN, Context, Decimal, DivisionByZero, InvalidOperation, Overflow
from typing import Any

from casework.engine import values
from casework.engine.feel.errors import MAX_EXPONENT, FeelLimit
from casework.engine.feel.scope import Null

CONTEXT = Context(
    prec=values.DIGITS, rounding=ROUND_HALF_EVEN, Emin=1 - MAX_EXPONENT, Emax=MAX_EXPONENT,
    capitals=1, clamp=0, traps=[InvalidOperation, DivisionByZero, Overflow],
)  # fmt: skip
_LARGE = 10**values.DIGITS
_KINDS = frozenset((int, Decimal))

Number = int | Decimal


def is_number(value: Any) -> bool:
    """A FEEL number; truth values are none."""
    return type(value) in _KINDS


def is_finite(value: Any) -> bool:
    """A number that is one; infinities and NaN can only come from a host."""
    return type(value) is int or (type(value) is Decimal and value.is_finite())


def literal(text: str) -> Number:
    """The value of a number in the text of an expression. Raises FeelLimit for absurd exponents."""
    try:
        return values.number(CONTEXT.create_decimal(text))
    except (Overflow, InvalidOperation):
        raise too_big() from None


def too_big() -> FeelLimit:
    """An exponent beyond decimal128."""
    return FeelLimit(f"数值超出 10^{MAX_EXPONENT} 的范围。", f"A number is beyond 10^{MAX_EXPONENT}.")


def bounded(value: Number) -> Number:
    """A result in 34 digits: large ints are rounded as Decimals are."""
    if type(value) is int and -_LARGE < value < _LARGE:
        return value
    exact = Decimal(value)
    if not exact.is_finite():  # only a host can hand one in
        raise Null("不是有效的数值", "not a valid number")
    try:
        return CONTEXT.plus(exact)
    except Overflow:
        raise too_big() from None


def whole(value: Any) -> int | None:
    """The int that a number is, or None: it has a fraction, or is too large to count with."""
    if type(value) is int:
        return value
    if type(value) is Decimal and value.is_finite() and value.adjusted() < values.DIGITS:
        rounded = int(value)
        return rounded if rounded == value else None
    return None


def add(a: Number, b: Number) -> Number:
    """A + b."""
    return bounded(a + b) if type(a) is int and type(b) is int else _exact("add", a, b)


def subtract(a: Number, b: Number) -> Number:
    """A - b."""
    return bounded(a - b) if type(a) is int and type(b) is int else _exact("subtract", a, b)


def multiply(a: Number, b: Number) -> Number:
    """A * b."""
    if type(a) is int and type(b) is int and -_LARGE < a < _LARGE and -_LARGE < b < _LARGE:
        return bounded(a * b)
    return _exact("multiply", a, b)


def divide(a: Number, b: Number) -> Number:
    """A / b; 1 / 0 is null (DMN 1.3 table 54)."""
    if not b:
        raise Null("除数为零", "division by zero")
    if type(a) is int and type(b) is int and not a % b:
        return bounded(a // b)
    return _exact("divide", a, b)


def power(a: Number, b: Number) -> Number:
    """A ** b in constant time: a Decimal power with bounded exponents, never an int's."""
    if not a and b < 0:
        raise Null("零不能取负次幂", "zero has no negative power")
    if not b:
        return 1
    return _exact("power", a, b)


def _exact(operation: str, a: Number, b: Number) -> Number:
    """Rounded to 34 digits. Not yet in its plainest form: the end of an evaluation sees to that."""
    try:
        result = _OPERATIONS[operation](a, b)
    except Overflow:
        raise too_big() from None
    except (InvalidOperation, DivisionByZero):
        raise Null("运算没有数值结果", "the operation has no numeric result") from None
    if not result.is_finite():
        raise Null("运算没有数值结果", "the operation has no numeric result")
    return result


_OPERATIONS: Mapping[str, Callable[[Number, Number], Decimal]] = {
    "add": CONTEXT.add,
    "subtract": CONTEXT.subtract,
    "multiply": CONTEXT.multiply,
    "divide": CONTEXT.divide,
    "power": CONTEXT.power,
}


def negate(a: Number) -> Number:
    """-a."""
    return bounded(-a) if type(a) is int else _exact("subtract", 0, a)


def square_root(a: Number) -> Number:
    """The root of a number. Raises Null below zero."""
    try:
        return values.number(CONTEXT.sqrt(Decimal(bounded(a))))
    except InvalidOperation:
        raise Null("负数没有平方根", "a negative number has no square root") from None


def text(value: Number) -> str:
    """As FEEL's string() prints a number: plainly, without exponent or needless zeros."""
    plain = values.number(Decimal(bounded(value)))
    return str(plain) if isinstance(plain, int) else format(plain, "f")
