"""What a person typed, read as a value: full-width digits, thousands commas, 万, Chinese dates.

static/app.js reads in the same way; tests/forms/vectors.json holds both to it.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

_NUMBER = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)")
_UNIT = re.compile(r"(?:元|㎡|m2|平方米|户|层|年|个|%)$")
_DATE = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_WIDE = {
    wide: wide - 0xFEE0 for wide in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))
}
_WIDE[0x3000] = 0x20
#: No office counts in more digits; a longer text is a slip or an attack.
MAX_DIGITS = 30


class Unreadable(ValueError):
    """The text is not a number, or not a date."""


def clean(text: str) -> str:
    """Without outer blanks and without control characters, which no paper prints; lines end in one sign."""
    return _CONTROL.sub("", text.replace("\r\n", "\n")).strip()


def plain(text: str) -> str:
    """Full-width letters, digits and signs as plain ones (NFKC), without outer blanks."""
    return unicodedata.normalize("NFKC", text).strip()


def narrow(text: str) -> str:
    """Full-width letters and digits as plain ones; Chinese brackets stay, names are registered with them."""
    return text.translate(_WIDE).strip()


def code(text: str) -> str:
    """A number of a card or a licence, a telephone number, an address of e-mail: no blanks inside."""
    return re.sub(r"\s", "", plain(text))


def number(text: str) -> Decimal:
    """`12,680.5`, `１２３`, `1.2万`, `96 ㎡` as a decimal. Raises Unreadable."""
    digits = _UNIT.sub("", re.sub(r"[,\s]", "", plain(text)))
    times = Decimal(1)
    if digits.endswith("万"):
        digits, times = digits[:-1], Decimal(10000)
    if len(digits) > MAX_DIGITS or not _NUMBER.fullmatch(digits):
        raise Unreadable(text)
    return Decimal(digits) * times


def date(text: str) -> dt.date:
    """`2026-03-05`, `2026年3月5日`, `2026.3.5`, `2026/3/5` as a date. Raises Unreadable."""
    found = _DATE.fullmatch(plain(text))
    if not found:
        raise Unreadable(text)
    try:
        return dt.date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        raise Unreadable(text) from None


class Typed(Mapping[str, Sequence[str]]):
    """Exactly what was typed: field name → texts in order. The draft is this and nothing else."""

    def __init__(self, texts: Mapping[str, Sequence[str]] | None = None) -> None:
        self.texts: dict[str, list[str]] = {name: list(each) for name, each in (texts or {}).items()}

    @classmethod
    def of(cls, formdata: object) -> Typed:
        """From a MultiDict (anything with `getlist`), or a mapping to a text or texts."""
        if formdata is None:
            return cls()
        if isinstance(formdata, cls):
            return cls(formdata.texts)
        getlist = getattr(formdata, "getlist", None)
        if getlist:
            return cls({name: getlist(name) for name in formdata})  # type: ignore[attr-defined]
        pairs = dict(formdata)  # type: ignore[call-overload]
        return cls({name: [each] if isinstance(each, str) else list(each) for name, each in pairs.items()})

    def __getitem__(self, name: str) -> list[str]:
        return self.texts[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.texts)

    def __len__(self) -> int:
        return len(self.texts)

    def getlist(self, name: str) -> list[str]:
        """All texts of one name; WTForms reads through this."""
        return self.texts.get(name, [])

    def first(self, name: str, default: str = "") -> str:
        """The first text of a name."""
        return next(iter(self.texts.get(name, ())), default)
