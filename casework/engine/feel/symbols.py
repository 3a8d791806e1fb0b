r"""Classes of characters in regular expressions: [a-z], [^…], [a-z-[aeiou]], \d, \p{Lu} (XML Schema 2, F)."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

from casework.engine.feel.scope import Null

Test = Callable[[str], bool]


def _category(prefix: str) -> Test:
    return lambda sign: unicodedata.category(sign).startswith(prefix)


def _not(test: Test) -> Test:
    return lambda sign: not test(sign)


def _word(sign: str) -> bool:
    return unicodedata.category(sign)[0] not in "PZC"


def _name_start(sign: str) -> bool:
    return sign.isalpha() or sign in "_:"


def _name_part(sign: str) -> bool:
    return sign.isalnum() or sign in "_:.-·" or unicodedata.category(sign)[0] == "M"


_POSITIVE: dict[str, Test] = {
    "d": _category("Nd"), "s": lambda sign: sign in " \t\n\r", "w": _word, "i": _name_start, "c": _name_part,
}  # fmt: skip
_CLASSES = {**_POSITIVE, **{name.upper(): _not(test) for name, test in _POSITIVE.items()}}
_PLAIN = {"n": "\n", "r": "\r", "t": "\t"}
_CATEGORIES = frozenset((
    "L", "Lu", "Ll", "Lt", "Lm", "Lo", "M", "Mn", "Mc", "Me", "N", "Nd", "Nl", "No",
    "P", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Z", "Zs", "Zl", "Zp",
    "S", "Sm", "Sc", "Sk", "So", "C", "Cc", "Cf", "Co", "Cn",
))  # fmt: skip


def bad(zh: str, en: str) -> Null:
    """What is no class of characters."""
    return Null(f"正则表达式{zh}", f"the regular expression {en}")


def escaped(sign: str) -> str | Test:
    r"""What stands behind a backslash: a class (\d, p{Lu}) or the character itself."""
    if sign in _CLASSES:
        return _CLASSES[sign]
    if sign[:1] in ("p", "P") and sign[1:2] == "{" and sign[2:-1] in _CATEGORIES:
        test = _category(sign[2:-1])
        return test if sign[0] == "p" else _not(test)
    if sign in _PLAIN:
        return _PLAIN[sign]
    if len(sign) != 1 or sign.isalnum():
        raise bad(f"中“\\{sign[:10]}”没有含义", f"has an unknown “\\{sign[:10]}”")
    return sign


def class_end(pattern: str, place: int) -> int:
    """Where the bracket that closes a class stands."""
    depth = 1
    while place < len(pattern):
        if pattern[place] == "\\":
            place += 1
        elif pattern[place] == "[":
            depth += 1
        elif pattern[place] == "]":
            depth -= 1
            if not depth:
                return place
        place += 1
    raise bad("的方括号不匹配", "has an unclosed bracket")


def character(source: str, *, ignore_case: bool) -> Test:
    """The test of a class, given what stands between its brackets."""
    negated = source.startswith("^")
    tests, without = _members(source[1:] if negated else source, ignore_case=ignore_case)

    def inside(sign: str) -> bool:
        signs = {sign, sign.lower(), sign.upper()} if ignore_case else (sign,)
        found = any(test(one) for one in signs if len(one) == 1 for test in tests)
        return found is not negated and not (without and without(sign))

    return inside


def _members(source: str, *, ignore_case: bool) -> tuple[list[Test], Test | None]:
    tests: list[Test] = []
    place = 0
    while place < len(source):
        if source.startswith("-[", place) and source.endswith("]"):
            return tests, character(source[place + 2 : -1], ignore_case=ignore_case)
        first, place = _member(source, place)
        if (
            isinstance(first, str)
            and source[place : place + 1] == "-"
            and source[place + 1 : place + 2] not in ("", "[")
        ):
            last, place = _member(source, place + 1)
            if not isinstance(last, str) or last < first:
                raise bad("的字符区间有误", "has a wrong range of characters")
            tests.append(_between(first, last))
        else:
            tests.append(_between(first, first) if isinstance(first, str) else first)
    if not tests:
        raise bad("的方括号为空", "has an empty bracket")
    return tests, None


def _member(source: str, place: int) -> tuple[str | Test, int]:
    if source[place] != "\\":
        return source[place], place + 1
    if source[place + 1 : place + 2] in ("p", "P"):
        end = source.find("}", place)
        return escaped(source[place + 1 : end + 1]), (end + 1 if end > 0 else len(source))
    return escaped(source[place + 1 : place + 2]), place + 2


def _between(first: str, last: str) -> Test:
    return lambda sign: first <= sign <= last
