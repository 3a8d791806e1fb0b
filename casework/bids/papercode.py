"""The recovery code on paper: four lines that a person copies by hand, each with a sign that finds a slip.

31 signs without those that look alike; in each line seven random signs (139 bits in all) and an eighth that
checks them: one wrong sign, or two neighbours exchanged, or two lines exchanged, is found in its line.
static/seal.js makes and reads the same code.
"""

from __future__ import annotations

import secrets

from casework.errors import NotYet
from casework.words import _

SIGNS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
LINES, LENGTH = 4, 7


class Slip(NotYet):
    """A line was copied wrongly."""

    says = _("恢复码有误。")


def make() -> str:
    """A fresh code: four lines of eight signs in two groups."""
    lines = ["".join(secrets.choice(SIGNS) for _each in range(LENGTH)) for _line in range(LINES)]
    whole = [line + _check(line, number) for number, line in enumerate(lines, 1)]
    return "\n".join(f"{line[:4]}-{line[4:]}" for line in whole)


def _check(line: str, number: int) -> str:
    weighed = sum(place * SIGNS.index(sign) for place, sign in enumerate(line, 1))
    return SIGNS[(weighed + (LENGTH + 1) * number) % len(SIGNS)]


def read(typed: str) -> str:
    """The code as it is used, from what a person typed; Slip names the lines that are wrong."""
    signs = [sign for sign in typed.upper() if sign.isalnum()]
    width = LENGTH + 1
    lines = ["".join(signs[at : at + width]) for at in range(0, len(signs), width)]
    if len(signs) != LINES * width:
        raise Slip(
            _(
                "恢复码应为 %(lines)s 行、每行 %(n)s 个字符，现有 %(have)s 个。",
                lines=LINES,
                n=width,
                have=len(signs),
            )
        )
    wrong = [
        str(number)
        for number, line in enumerate(lines, 1)
        if set(line) - set(SIGNS) or _check(line[:LENGTH], number) != line[LENGTH]
    ]
    if wrong:
        raise Slip(_("恢复码第 %(lines)s 行抄写有误，请核对。", lines="、".join(wrong)))
    return "".join(lines)
