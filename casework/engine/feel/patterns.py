"""Regular expressions for matches, replace and split (DMN 1.3 table 74), safe by construction.

The patterns are those of XPath 2.0. Python's own engine backtracks and cannot be stopped. Here a pattern
becomes a program whose every state is visited at most once a character, and every visit is paid from the
evaluation's budget. Not offered, as they need backtracking: back-references and look-around.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from casework.engine.feel.automaton import Program, Step, run_program
from casework.engine.feel.errors import FeelLimit
from casework.engine.feel.scope import Null, Run
from casework.engine.feel.symbols import character, class_end, escaped

MAX_PATTERN = 500
MAX_STATES = 2_000
MAX_GROUPS = 40

_COUNT = re.compile(r"\{(\d{1,4})(,(\d{0,4}))?\}", re.ASCII)


def _bad(zh: str, en: str) -> Null:
    return Null(f"正则表达式{zh}", f"the regular expression {en}")


@lru_cache(maxsize=256)
def program(pattern: str, flags: str) -> Program:
    """The program of a pattern. Raises Null for what is no pattern, FeelLimit for too large ones."""
    if set(flags) - set("smixq"):
        raise _bad("标志只能是 s、m、i、x、q", "has flags other than s, m, i, x, q")
    if len(pattern) > MAX_PATTERN:
        raise FeelLimit(
            f"正则表达式超过 {MAX_PATTERN} 个字符。",
            f"The regular expression is over {MAX_PATTERN} characters.",
        )
    if "q" in flags:
        pattern = re.sub(r"([\\^$.|?*+(){}\[\]])", r"\\\1", pattern)
    elif "x" in flags:
        pattern = re.sub(r"(\[(?:[^\]\\]|\\.)*+\]|\\.)|\s++", r"\1", pattern)
    return _Reader(pattern, flags).program()


def search(of: Program, text: str, start: int, run: Run) -> tuple[int, ...] | None:
    """The spans (of the whole, then of each group; -1: none) of the leftmost match from `start` on."""
    return run_program(of, text, start, run)


def every(of: Program, text: str, run: Run) -> Iterator[tuple[int, ...]]:
    """The spans of all matches. Raises Null when the empty text would match, as XPath does."""
    if search(of, "", 0, run) is not None:
        raise _bad("不能匹配空字符串", "must not match the empty string")
    start = 0
    while start <= len(text) and (spans := search(of, text, start, run)):
        yield spans
        start = max(spans[1], spans[0] + 1)


def filled(replacement: str, text: str, spans: tuple[int, ...], *, literal: bool) -> str:
    r"""A replacement with its $1 … $9 filled in; \$ and \\ stand for themselves."""
    if literal:
        return replacement
    if re.search(r"\\(?![\\$])|(?<!\\)\$(?!\d)", replacement.replace("\\\\", "")):
        raise _bad("的替换文本中“\\”或“$”使用不当", "has a wrong “\\” or “$” in its replacement")

    def part(match: re.Match[str]) -> str:
        if not match[1]:
            return match[0][1]
        place = 2 * int(match[1])
        return text[spans[place] : spans[place + 1]] if place + 1 < len(spans) and spans[place] >= 0 else ""

    return re.sub(r"\\[\\$]|\$(\d)", part, replacement)


class _Reader:
    """One pattern on its way to a program. Parts are lists of steps with jumps relative to themselves."""

    def __init__(self, pattern: str, flags: str) -> None:
        self.pattern = pattern
        self.flags = flags
        self.place = 0
        self.groups = 0
        self.depth = 0

    def program(self) -> Program:
        body = self.alternatives()
        if self.place < len(self.pattern):
            raise _bad("括号不匹配", "has unbalanced brackets")
        steps = [("save", 0, 0), *body, ("save", 1, 0), ("match", 0, 0)]
        return Program(tuple(steps), 2 * self.groups + 2)

    def next(self) -> str:
        return self.pattern[self.place : self.place + 1]

    def alternatives(self) -> list[Step]:
        """a|b|c."""
        self.depth += 1
        if self.depth > MAX_GROUPS:
            raise FeelLimit("正则表达式括号过多。", "The regular expression has too many brackets.")
        found = self.sequence()
        while self.next() == "|":
            self.place += 1
            other = self.sequence()
            found = [("split", 1, len(found) + 2), *found, ("jump", len(other) + 1, 0), *other]
        self.depth -= 1
        return self.limited(found)

    def sequence(self) -> list[Step]:
        found: list[Step] = []
        while self.next() not in ("", "|", ")"):
            found += self.quantified(self.atom())
        return self.limited(found)

    def limited(self, steps: list[Step]) -> list[Step]:
        if len(steps) > MAX_STATES:
            raise FeelLimit("正则表达式过于复杂。", "The regular expression is too complex.")
        return steps

    def atom(self) -> list[Step]:
        """One character, class, anchor or group."""
        sign = self.next()
        self.place += 1
        if sign == "(":
            return self.group()
        if sign == "[":
            end = class_end(self.pattern, self.place)
            source = self.pattern[self.place : end]
            self.place = end + 1
            return [("test", character(source, ignore_case="i" in self.flags), 0)]
        if sign == "\\":
            return self.escape()
        if sign in "*+?{":
            raise _bad("的量词前没有内容", "has a quantifier with nothing before it")
        if sign in "^$":
            name = {"^": "begin", "$": "end"}[sign]
            return [("line " + name if "m" in self.flags else name, 0, 0)]
        if sign == ".":
            return [("any" if "s" in self.flags else "not line", 0, 0)]
        return [self.literal(sign)]

    def literal(self, sign: str) -> Step:
        if "i" in self.flags:
            return ("fold", sign.casefold(), 0)
        return ("is", sign, 0)

    def escape(self) -> list[Step]:
        sign = self.next()
        self.place += 1
        if sign.isdigit():
            raise _bad("不支持反向引用", "uses a back-reference, which is not offered")
        if sign in ("p", "P"):
            end = self.pattern.find("}", self.place)
            sign += self.pattern[self.place : end + 1]
            self.place = end + 1 if end > 0 else len(self.pattern)
        found = escaped(sign)
        return [self.literal(found)] if isinstance(found, str) else [("test", found, 0)]

    def group(self) -> list[Step]:
        capturing = not self.pattern.startswith("?:", self.place)
        if not capturing:
            self.place += 2
        elif self.next() == "?":
            raise _bad("不支持前后查看", "uses look-around, which is not offered")
        if capturing:
            self.groups += 1
        number = self.groups
        inner = self.alternatives()
        if self.next() != ")":
            raise _bad("括号不匹配", "has unbalanced brackets")
        self.place += 1
        return [("save", 2 * number, 0), *inner, ("save", 2 * number + 1, 0)] if capturing else inner

    def quantified(self, atom: list[Step]) -> list[Step]:
        sign = self.next()
        least, most = {"*": (0, -1), "+": (1, -1), "?": (0, 1)}.get(sign, (1, 1))
        if sign == "{":
            match = _COUNT.match(self.pattern, self.place)
            if match is None:
                raise _bad("的次数写法有误", "has a wrong count")
            least = int(match[1])
            most = least if match[2] is None else int(match[3] or -1)
            self.place = match.end()
        elif sign and sign in "*+?":
            self.place += 1
        else:
            return atom
        lazy = self.next() == "?"
        self.place += lazy
        return self.repeated(atom, least, most, lazy=lazy)

    def repeated(self, atom: list[Step], least: int, most: int, *, lazy: bool) -> list[Step]:
        if -1 < most < least:
            raise _bad("的次数写法有误", "has a wrong count")
        if len(atom) * max(least, most) > MAX_STATES:
            raise FeelLimit("正则表达式过于复杂。", "The regular expression is too complex.")
        found = atom * least
        size = len(atom)
        if most == -1:
            branch: Step = ("split", size + 2, 1) if lazy else ("split", 1, size + 2)
            return [*found, branch, *atom, ("jump", -size - 1, 0)]
        for left in range(most - least, 0, -1):
            beyond = left * (size + 1)
            found = [*found, ("split", beyond, 1) if lazy else ("split", 1, beyond), *atom]
        return self.limited(found)
