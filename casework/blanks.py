"""Sentences with blanks: `{{ project.name }}` is a FEEL expression, `{{ name | mask }}` filters it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from casework import clock, yaml
from casework.engine import feel

_BLANK = re.compile(r"\{\{\s*(.+?)\s*(?:\|\s*(\w+)\s*)?\}\}")
_FRONT = re.compile(r"\A---\n(.*?)\n---\n(.*)\Z", re.DOTALL)


@dataclass(frozen=True)
class Leaf:
    """A notice or letter as written: what stands above the text, and the text."""

    front: Mapping[str, Any]
    body: str


def read(text: str) -> Leaf:
    """A text with a YAML head between lines of three dashes."""
    found = _FRONT.match(text.replace("\r\n", "\n"))
    if found is None:
        return Leaf({}, text)
    return Leaf(yaml.read(found[1]) or {}, found[2].strip())


def fill(text: str, scope: Mapping[str, Any], functions: Mapping[str, Callable[..., Any]], lang: str) -> str:
    """The text with every blank filled; a blank without a value is an error, never an empty place.

    A sentence that ends with a name that ends with a full stop (`… Co., Ltd.`) has one, not two.
    """

    def one(match: re.Match[str]) -> str:
        expression = feel.compile(match[1])
        value = expression.require(scope, functions)
        said = FILTERS[match[2] or "plain"](value, lang)
        return said[:-1] if said.endswith(".") and text[match.end() :].startswith(".") else said

    return _BLANK.sub(one, text)


def names(text: str) -> frozenset[str]:
    """What the blanks of a text read."""
    found: frozenset[str] = frozenset()
    for match in _BLANK.finditer(text):
        found |= feel.compile(match[1]).names
    return found


def filters(text: str) -> frozenset[str]:
    """The filters that its blanks name."""
    return frozenset(match[2] for match in _BLANK.finditer(text) if match[2])


def plain(value: Any, lang: str) -> str:
    """A value as a person reads it."""
    if isinstance(value, datetime):
        return f"{day(clock.local(value), lang)} {clock.local(value):%H:%M}"
    if isinstance(value, date):
        return day(value, lang)
    if isinstance(value, Decimal):
        return f"{value.normalize():,f}"
    if isinstance(value, list):
        return ("、" if lang == "zh" else ", ").join(plain(v, lang) for v in value)
    return str(value)


def day(value: Any, lang: str) -> str:
    """2026年11月23日 / 2026-11-23."""
    if isinstance(value, datetime):
        value = clock.local(value)
    return f"{value.year}年{value.month}月{value.day}日" if lang == "zh" else f"{value:%Y-%m-%d}"


def area(value: Any, lang: str) -> str:
    """12,680.50 平方米 (some faces lack the sign ㎡: rules.md A.6)."""
    return f"{Decimal(value):,.2f}{'平方米' if lang == 'zh' else ' m²'}"


def yuan(value: Any, lang: str = "zh") -> str:
    """A sum as it is written everywhere, its unit stands beside it: 2.60, 1,980,000.00."""
    return f"{Decimal(value):,.2f}"


def mask(value: Any, lang: str) -> str:
    """A person's name on a public page: 张* (个人信息保护法 第二十五条)."""
    text = str(value).strip()
    return f"{text[:1]}{'*' * max(1, len(text) - 1)}" if text else ""


_CHINESE = re.compile(r"[\u4e00-\u9fff]")


def quoted(value: Any, lang: str) -> str:
    """A sentence somebody typed: in an English text what is Chinese is quoted, and said to be as written."""
    said = plain(value, lang).strip()
    return f"“{said}” (as written, in Chinese)" if lang == "en" and _CHINESE.search(said) else said


_NEXT_LAW = re.compile(r"[；;]|、(?=[^第])")
_LAW = re.compile(r"([^\s《》第，,。：:（）]{2,}?)\s*(（[^）]*）|)\s*(第.*|)", re.DOTALL)
_KINDS = ("法", "法典", "条例", "办法", "规定", "规则", "细则")


def cited(value: Any, lang: str = "zh") -> str:
    """A legal basis as it was typed, every law in its title marks: 《物业管理条例》第二十四条第二款."""
    laws = []
    for said in filter(None, (each.strip(" 。") for each in _NEXT_LAW.split(str(value)))):
        named = _LAW.fullmatch(said)
        law = named and (named[3] or named[1].endswith(_KINDS))
        laws.append(f"《{named[1]}》{named[2]}{named[3]}" if named and law else said)
    return "；".join(laws)


FILTERS: dict[str, Callable[[Any, str], str]] = {
    "plain": plain,
    "date": day,
    "area": area,
    "yuan": yuan,
    "mask": mask,
    "quoted": quoted,
    "cited": cited,
}
