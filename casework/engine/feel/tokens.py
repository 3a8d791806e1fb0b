"""The words of an expression (DMN 1.3 clause 10.3.1.2, rules 25–37 and 61–66)."""

from __future__ import annotations

import re
from typing import NamedTuple

from casework.engine.feel.errors import MAX_TEXT, FeelSyntax, too_long

KEYWORDS = frozenset((
    "and", "or", "in", "if", "then", "else", "for", "return", "some", "every", "satisfies", "between",
    "true", "false", "null", "function",
))  # fmt: skip

# Rules 28–30, less full-width punctuation and quotation marks: those are slips of a keyboard.
_LETTERS = (
    "?A-Z_a-zÀ-ÖØ-öø-˿Ͱ-ͽͿ-\u1fff\u200c\u200d\u2070-\u218f"
    "\u2c00-\u2fef\u3005-\u3007\u3021-\ud7ff\uf900-\ufdcf\ufdf0-\ufefe\uff10-\uff19\uff21-\uff3a\uff41-\uff5a"
    "\uff66-\uffdc\U00010000-\U000effff"
)
_MORE = "0-9·\u0300-\u036f\u203f\u2040"
_SPACE = r"\s\u0085\u180e\u200b\ufeff"

_TOKEN = re.compile(
    rf"""
    (?P<space>  [{_SPACE}]+ | //[^\n\r]*+ | /\*.*?\*/ )
  | (?P<string> "(?:[^"\\]++|\\.)*+" )
  | (?P<dots>   \.\. )
  | (?P<number> (?: \d++(?:\.\d++)? | \.\d++ ) (?:[eE][+-]?\d++)? )
  | (?P<name>   [{_LETTERS}][{_LETTERS}{_MORE}]*+ )
  | (?P<sign>   \*\* | <= | >= | != | -> | [-+*/=<>(){{}}\[\],.:@] )
    """,
    re.VERBOSE | re.DOTALL | re.ASCII,
)
_SPACES = re.compile(rf"[{_SPACE}]")
_FULL_WIDTH = {
    "（": "(", "）": ")", "，": ",", "、": ",", "。": ".", "：": ":", "；": ";", "“": '"', "”": '"',
    "‘": '"', "’": '"', "＝": "=", "＜": "<", "＞": ">", "≤": "<=", "≥": ">=", "≠": "!=", "＋": "+",
    "－": "-", "×": "*", "÷": "/", "【": "[", "】": "]", "｛": "{", "｝": "}", "［": "[", "］": "]",
    "！": "!", "＂": '"', "…": "..",
}  # fmt: skip


class Token(NamedTuple):
    """A word: its kind (string, dots, number, name, sign, end), its text, where it begins and ends."""

    kind: str
    text: str
    start: int
    end: int


def split(text: str) -> list[Token]:
    """The words of a text, the last one of kind "end". Raises FeelSyntax, FeelLimit."""
    if len(text) > MAX_TEXT:
        raise too_long("表达式长度", "Length of the expression", MAX_TEXT)
    found: list[Token] = []
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            if _SPACES.match(text, position) or text[position].isspace():
                position += 1
                continue
            raise _stray(text, position)
        kind = match.lastgroup or ""
        if kind != "space":
            found.append(Token(kind, match.group(), position, match.end()))
        position = match.end()
    found.append(Token("end", "", len(text), len(text)))
    return found


def _stray(text: str, position: int) -> FeelSyntax:
    """A character that begins no word, with the advice a typist needs."""
    sign = text[position]
    if sign in _FULL_WIDTH:
        zh = f"“{sign}”是全角符号，请改用半角“{_FULL_WIDTH[sign]}”。"
        return FeelSyntax(text, position, zh, f"“{sign}” is a full-width sign; write “{_FULL_WIDTH[sign]}”.")
    if sign == '"':
        return FeelSyntax(
            text, position, "字符串缺少结束的引号。", "The string has no closing quotation mark."
        )
    shown = sign if sign.isprintable() else f"U+{ord(sign):04X}"
    return FeelSyntax(text, position, f"不认识的字符“{shown}”。", f"Unknown character “{shown}”.")


_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{6}|.)", re.DOTALL)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "'": "'", "\\": "\\"}


def unescaped(literal: str) -> str:
    r"""The text of a string literal (rule 35): \" \\ \n \r \t \uXXXX (also in pairs) \UXXXXXX."""
    inner = literal[1:-1]
    if "\\" not in inner:
        return inner
    plain = _ESCAPE.sub(_character, inner)
    return plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")  # joins pairs of \u escapes


def _character(match: re.Match[str]) -> str:
    code = match[1]
    if len(code) > 1:
        point = int(code[1:], 16)
        return chr(point) if point <= 0x10FFFF else match[0]
    return _ESCAPES.get(code, match[0])
