"""Chinese identifiers and the kinds of question built on them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from casework.forms import typed

_USCC = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def uscc(text: str) -> bool:
    """统一社会信用代码 (GB 32100-2015): 18 characters, the last a check character modulo 31."""
    signs = text.upper()
    if len(signs) != 18 or any(sign not in _USCC for sign in signs):
        return False
    total = sum(_USCC.index(sign) * pow(3, place, 31) for place, sign in enumerate(signs[:17]))
    return _USCC[(31 - total % 31) % 31] == signs[17]


def idcard(text: str) -> bool:
    """居民身份证号码 (GB 11643-1999): a real birth date and the check character of ISO 7064 MOD 11-2."""
    signs = text.upper()
    if not re.fullmatch(r"[0-9]{17}[0-9X]", signs):
        return False
    try:
        typed.date(f"{signs[6:10]}-{signs[10:12]}-{signs[12:14]}")
    except typed.Unreadable:
        return False
    total = sum(int(sign) * pow(2, 17 - place, 11) for place, sign in enumerate(signs[:17]))
    return "10X98765432"[total % 11] == signs[17]


CHECKS: Mapping[str, Callable[[str], bool]] = {"uscc": uscc, "idcard": idcard}


@dataclass(frozen=True)
class Kind:
    """What a question asks for beyond its type: how it is read, checked and typed."""

    types: frozenset[str] = frozenset({"textfield"})
    read: Callable[[str], str] = str.strip
    upper: bool = False
    pattern: str | None = None
    check: str | None = None
    width: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    decimals: int | None = None


_NUMBER = frozenset({"number", "expression"})
_LETTERS = {"spellcheck": "false", "autocapitalize": "characters", "autocomplete": "off"}

KINDS: Mapping[str, Kind] = {
    "uscc": Kind(read=typed.code, upper=True, check="uscc", width="w-18 mono", attributes=_LETTERS),
    "idcard": Kind(read=typed.code, upper=True, check="idcard", width="w-18 mono", attributes=_LETTERS),
    "mobile": Kind(
        read=typed.code,
        pattern=r"^(?:\+?86-?)?(?:1[3-9][0-9]{9}|0[0-9]{2,3}-?[0-9]{4}-?[0-9]{3,4}(?:-[0-9]{1,6})?)$",
        width="w-15",
        attributes={"inputmode": "tel", "autocomplete": "tel"},
    ),
    "email": Kind(
        read=typed.code,
        pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$",
        width="w-30",
        attributes={"inputmode": "email", "autocomplete": "email", "spellcheck": "false"},
    ),
    "person": Kind(read=typed.narrow, width="w-12", attributes={"autocomplete": "name"}),
    "org": Kind(read=typed.narrow, attributes={"autocomplete": "organization"}),
    "code": Kind(
        read=typed.narrow, width="w-24 mono", attributes={"spellcheck": "false", "autocomplete": "off"}
    ),
    "digest": Kind(
        read=typed.code,
        pattern=r"^[0-9a-fA-F]{64}$",
        width="mono",
        attributes={"spellcheck": "false", "autocomplete": "off", "data-digest": "sha-256"},
    ),
    "money": Kind(types=_NUMBER, decimals=2, width="w-10"),
    "area": Kind(types=_NUMBER, decimals=2, width="w-10"),
}
