"""The one reader of YAML: plain values only, by libyaml where PyYAML brings it (nine times as fast).

A procedure's folder, a profile, a story and the head of every letter are YAML; a letter's is read when it
is sent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import yaml

__all__ = ["Fault", "Unreadable", "explained", "read"]

#: What a text that is no YAML raises; says line and column.
Unreadable = yaml.YAMLError

_Loader: type[yaml.SafeLoader | yaml.CSafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read(text: str) -> Any:
    """Its value: mappings, lists, strings, numbers, dates, booleans and null; Unreadable otherwise."""
    return yaml.load(text, _Loader)  # noqa: S506  one of the two safe loaders


@dataclass(frozen=True)
class Fault:
    """Why a text is no YAML: in which line (from 1; 0: all of it), and what to do, in both languages."""

    line: int
    zh: str
    en: str


#: What the parser's remark holds, and our sentence for it; the first that fits.
_FAULTS = (
    ("tab", "缩进不能用制表符（Tab），请改用空格。", "Indent with spaces, not with tabs."),
    ("'\\t'", "缩进不能用制表符（Tab），请改用空格。", "Indent with spaces, not with tabs."),
    (
        "mapping values are not allowed",
        "上一行缺少冒号或者缩进不对，也可能文字里有“: ”；文字里有“: ”的，整句放进引号。",
        "A colon or the indentation is missing in the line before, or a text holds “: ”: quote it.",
    ),
    (
        "expected ':'",
        "这里或者上一行缺少冒号；冒号是英文的“:”，后面要有一个空格。",
        "A colon is missing here or in the line before; it is “:” with a space behind it.",
    ),
    (
        "',' or ']'",
        "方括号没有结束，或者各项之间缺少逗号。",
        "A square bracket is not closed, or a comma is missing.",
    ),
    (
        "',' or '}'",
        "花括号没有结束，或者各项之间缺少逗号。",
        "A curly bracket is not closed, or a comma is missing.",
    ),
    ("quoted scalar", "引号没有结束。", "A quotation mark is not closed."),
    (
        "expected <block end>",
        "缩进与同级的其他各行不一致，或者引号、括号之后还有文字。",
        "The indentation differs from the lines beside it, or something follows a quotation mark or bracket.",
    ),
    (
        "did not find expected key",
        "缩进与同级的其他各行不一致，或者引号、括号之后还有文字。",
        "The indentation differs from the lines beside it, or something follows a quotation mark or bracket.",
    ),
    (
        "did not find expected",
        "缩进或者符号不对：以“*”“&”“!”“%”“@”等开头的文字要放进引号。",
        "Indentation or signs are wrong: a text that begins with *, &, !, % or @ stands in quotes.",
    ),
    (
        "cannot start any token",
        "以“%”“@”等开头的文字要放进引号。",
        "A text that begins with %, @ or the like stands in quotes.",
    ),
)


def explained(error: Exception) -> Fault:
    """What is wrong with a text that was to be read, also when its bytes are no text."""
    if isinstance(error, UnicodeDecodeError):
        return Fault(
            0,
            "文件不是 UTF-8 编码。请用记事本“另存为”，编码选 UTF-8。",
            "The file is not encoded in UTF-8; save it as UTF-8.",
        )
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    said = f"{getattr(error, 'context', '') or ''} {getattr(error, 'problem', '') or ''}".strip() or str(
        error
    )
    for remark, zh, en in _FAULTS:
        if remark in said:
            return Fault(mark.line + 1 if mark else 0, zh, en)
    return Fault(mark.line + 1 if mark else 0, f"YAML 格式不正确：{said}。", f"This is no YAML: {said}.")
