"""Turns the listed subset of Camunda 7's `${…}` into FEEL; anything beyond it (method calls …) is not turned.

The subset: names and dotted paths, numbers, 'text' and "text", true, false, null, brackets, == != < > <= >=
and eq ne lt gt le ge, && || ! and and or not, empty x, c ? a : b, + - * /.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_TOKEN = re.compile(
    r"""\s*(?:
    (?P<number>\d+(?:\.\d+)?) | (?P<string>'(?:[^'\\]|\\.)*+'|"(?:[^"\\]|\\.)*+") | (?P<name>[^\W\d]\w*)
  | (?P<sign>==|!=|<=|>=|&&|\|\||[-+*/<>!?:().]) )\s*""",
    re.VERBOSE | re.DOTALL,
)
_WORDS = {
    "&&": "and", "||": "or", "==": "=", "eq": "=", "ne": "!=", "lt": "<", "gt": ">", "le": "<=", "ge": ">=",
    "not": "!",
}  # fmt: skip
_BINARY = {
    "or": 1, "and": 2, "=": 3, "!=": 3, "<": 4, ">": 4, "<=": 4, ">=": 4, "+": 5, "-": 5, "*": 6, "/": 6,
}  # fmt: skip
_COMPARING = (3, 4)
#: FEEL reads these as its own words, so a variable of that name cannot be turned.
_RESERVED = frozenset((
    "in", "if", "then", "else", "for", "return", "some", "every", "satisfies", "between", "function",
    "instance", "of", "div", "mod", "instanceof", "empty",
))  # fmt: skip
MAX_TEXT = 2_000
MAX_NESTING = 30


class _Outside(Exception):
    """The text is beyond the subset."""


class _Token(NamedTuple):
    kind: str
    text: str


def to_feel(text: str) -> str | None:
    """FEEL with the same meaning as a `${…}` or `#{…}` text; None: it is not of the subset."""
    bare = text.strip()
    if not (bare[:2] in ("${", "#{") and bare.endswith("}")) or len(bare) > MAX_TEXT:
        return None
    try:
        reader = _Reader(_split(bare[2:-1]))
        found = reader.choice()
        reader.take("end")
    except _Outside:
        return None
    return found


def _split(text: str) -> list[_Token]:
    found: list[_Token] = []
    place = 0
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            raise _Outside
        kind = match.lastgroup or ""
        word = match[kind]
        if kind != "string" and word in _WORDS:
            kind, word = "sign", _WORDS[word]
        found.append(_Token("sign" if word in ("and", "or") and kind == "name" else kind, word))
        place = match.end()
    return [*found, _Token("end", "end")]


class _Reader:
    """A text on its way into FEEL."""

    def __init__(self, tokens: list[_Token]) -> None:
        self.tokens = tokens
        self.place = 0
        self.depth = 0

    def at(self, text: str) -> bool:
        token = self.tokens[self.place]
        return token.text == text and token.kind != "string"

    def accept(self, text: str) -> bool:
        found = self.at(text)
        self.place += found
        return found

    def take(self, text: str) -> None:
        if not self.accept(text):
            raise _Outside

    def choice(self) -> str:
        """`c ? a : b`."""
        self.depth += 1
        if self.depth > MAX_NESTING:
            raise _Outside
        condition = self.binary(1)
        if self.accept("?"):
            yes = self.choice()
            self.take(":")
            condition = f"(if {condition} then {yes} else {self.choice()})"
        self.depth -= 1
        return condition

    def binary(self, lowest: int) -> str:
        """Operators that bind at least as strongly as `lowest`."""
        return self.operations(lowest)[0]

    def operations(self, lowest: int) -> tuple[str, int]:
        """A text and the level of its operator; FEEL has one level for == and <, hence brackets."""
        left, inner = self.unary(), 9
        while True:
            token = self.tokens[self.place]
            level = _BINARY.get(token.text, 0) if token.kind == "sign" else 0
            if level < lowest or not level:
                return left, inner
            self.place += 1
            right, outer = self.operations(level + 1)
            if level in _COMPARING:
                left = f"({left})" if inner in _COMPARING else left
                right = f"({right})" if outer in _COMPARING else right
            left, inner = f"{left} {token.text} {right}", level

    def unary(self) -> str:
        """`!a`, `-a`, `empty a`."""
        self.depth += 1
        if self.depth > MAX_NESTING:
            raise _Outside
        if self.accept("!"):
            found = f"not({self.unary()})"
        elif self.accept("-"):
            found = f"-{self.unary()}"
        elif self.at("empty") and self.tokens[self.place + 1].kind in ("name", "sign"):
            self.place += 1
            found = f'list contains([null, "", [], {{}}], {self.primary()})'
        else:
            found = self.primary()
        self.depth -= 1
        return found

    def primary(self) -> str:
        token = self.tokens[self.place]
        self.place += 1
        if token.kind == "number":
            return token.text
        if token.kind == "string":
            return _quoted(token.text)
        if token.kind == "name":
            return self.path(token.text)
        if token.text == "(":
            inner = self.choice()
            self.take(")")
            return f"({inner})"
        raise _Outside

    def path(self, first: str) -> str:
        steps = [first]
        while self.accept("."):
            token = self.tokens[self.place]
            if token.kind != "name":
                raise _Outside
            steps.append(token.text)
            self.place += 1
        if self.at("(") or _RESERVED.intersection(steps):
            raise _Outside
        return ".".join(steps)


def _quoted(literal: str) -> str:
    inner = re.sub(r"\\(.)", r"\1", literal[1:-1])
    escaped = inner.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
