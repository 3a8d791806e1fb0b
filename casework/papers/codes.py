"""Verification codes: 15 random symbols (75 bits) and one that shows a slip of the pen."""

from __future__ import annotations

import secrets

#: Crockford's 32 symbols: no I, L, O, U.
SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 16
_LOOKALIKES = str.maketrans("OIL", "011", " -–—\t\r\n")


def new() -> str:
    """A code that nobody can guess."""
    body = [secrets.randbelow(32) for _each in range(LENGTH - 1)]
    return "".join(SYMBOLS[value] for value in [*body, _times_x(_sum(body))])


def read(typed: str) -> str | None:
    """The code somebody typed, or None when it cannot be one (a wrong symbol, two swapped)."""
    text = typed.upper().translate(_LOOKALIKES)
    if len(text) != LENGTH or any(symbol not in SYMBOLS for symbol in text):
        return None
    return text if _sum([SYMBOLS.index(symbol) for symbol in text]) == 0 else None


def shown(code: str) -> str:
    """In groups of four, as printed under the QR code: 7K3M-92QF-…"""
    return "-".join(code[at : at + 4] for at in range(0, LENGTH, 4))


def _times_x(value: int) -> int:
    """Times x in GF(32) = GF(2)[x]/(x⁵+x²+1), where every weight is different: swaps are seen too."""
    value <<= 1
    return value ^ 0b100101 if value & 32 else value


def _sum(values: list[int]) -> int:
    total = 0
    for value in values:
        total = _times_x(total) ^ value
    return total


def mark(fingerprint: str) -> str:
    """As much of a fingerprint as a paper prints: enough to tell two texts apart by eye."""
    return fingerprint[:16]
