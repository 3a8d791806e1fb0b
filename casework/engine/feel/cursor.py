"""Where the parser stands in the words of an expression: taking words, names of several words, types."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from casework.engine.feel.errors import FeelLimit, FeelSyntax
from casework.engine.feel.tokens import KEYWORDS, Token, split
from casework.engine.feel.tree import Type

#: Levels of brackets and of forms inside forms.
MAX_NESTING = 40

#: DMN 1.3 clause 10.3.2.3 and grammar rule 52; names of two words first.
TYPES: dict[tuple[str, ...], str] = {
    ("date", "and", "time"): "date and time",
    ("days", "and", "time", "duration"): "days and time duration",
    ("day", "time", "duration"): "days and time duration",
    ("years", "and", "months", "duration"): "years and months duration",
    ("year", "month", "duration"): "years and months duration",
    **{(one,): one for one in ("number", "string", "boolean", "date", "time", "list", "context", "range")},
    **{(one,): one for one in ("function", "Any", "Null")},
}


@lru_cache(maxsize=4_096)
def _words(name: str) -> tuple[str, ...]:
    """The words of a name: thousands of expressions know the same few hundred names."""
    return tuple(token.text for token in split(name)[:-1])


class Cursor:
    """The words of one text and the place reached in them."""

    def __init__(self, text: str, names: Iterable[str], functions: Iterable[str]) -> None:
        self.text = text
        self.tokens = split(text)
        self.index = 0
        self.nesting = 0
        self.known: dict[str, list[tuple[str, ...]]] = {}
        self.spelled: dict[tuple[str, ...], str] = {}
        self.functions: dict[str, list[tuple[str, ...]]] = {}
        for name in names:
            self.learn(name)
        for name in functions:
            words = tuple(name.split(" "))
            if len(words) > 1:
                self.functions.setdefault(words[0], []).append(words)

    @property
    def token(self) -> Token:
        return self.tokens[self.index]

    def learn(self, name: str) -> None:
        """From here on `name` is recognised as a whole, whatever signs or spaces it has."""
        words = _words(name)
        if len(words) > 1 and words not in self.spelled:
            self.spelled[words] = name
            choices = self.known.setdefault(words[0], [])
            choices.append(words)
            choices.sort(key=len, reverse=True)

    def at(self, *texts: str) -> bool:
        """Is the next word a sign or keyword of these? (A string that looks like it is none.)"""
        token = self.tokens[self.index]
        return token.text in texts and token.kind != "string"

    def accept(self, *texts: str) -> Token | None:
        """The next word, taken, if it is one of these."""
        if self.at(*texts):
            self.index += 1
            return self.tokens[self.index - 1]
        return None

    def expect(self, *texts: str) -> Token:
        """The next word, which must be one of these."""
        taken = self.accept(*texts)
        if taken is None:
            wanted = " / ".join(f"“{text}”" for text in texts)
            raise self.error(
                f"此处应为{wanted}，实际为{self.shown_zh()}。", f"expected {wanted}, found {self.shown_en()}."
            )
        return taken

    def enter(self) -> None:
        """One form deeper; `leave` goes back."""
        self.nesting += 1
        if self.nesting > MAX_NESTING:
            zh = f"表达式嵌套超过 {MAX_NESTING} 层。"
            raise FeelLimit(zh, f"The expression is nested more than {MAX_NESTING} levels deep.")

    def leave(self) -> None:
        self.nesting -= 1

    def error(self, zh: str, en: str, position: int | None = None) -> FeelSyntax:
        """A syntax error at the next word."""
        return FeelSyntax(self.text, self.token.start if position is None else position, zh, en)

    def shown_zh(self) -> str:
        return "表达式结尾" if self.token.kind == "end" else f"“{self.token.text[:40]}”"

    def shown_en(self) -> str:
        return "the end" if self.token.kind == "end" else f"“{self.token.text[:40]}”"

    def starts_name(self) -> bool:
        """Does a name stand here?"""
        token = self.token
        return token.kind == "name" and (token.text not in KEYWORDS or self._spelled(self.known) is not None)

    def name(self) -> str:
        """A known name, as long as possible; else all words up to the next keyword or sign (rule 27)."""
        if self.token.kind != "name":
            raise self.error(
                f"此处应为名称，实际为{self.shown_zh()}。", f"expected a name, found {self.shown_en()}."
            )
        known = self._spelled(self.known)
        if known is not None:
            self.index += len(known)
            return self.spelled[known]
        function = self._spelled(self.functions)
        if function is not None and self.tokens[self.index + len(function)].text == "(":
            self.index += len(function)
            return " ".join(function)
        return self._words()

    def _spelled(self, table: dict[str, list[tuple[str, ...]]]) -> tuple[str, ...] | None:
        for words in table.get(self.token.text, ()):
            end = self.index + len(words)
            if end < len(self.tokens) and tuple(t.text for t in self.tokens[self.index : end]) == words:
                return words
        return None

    def _words(self) -> str:
        first = self.token
        if first.text in KEYWORDS or self._instance_of():
            raise self.error(
                f"“{first.text}”是保留字，不能用在此处。",
                f"“{first.text}” is a keyword and cannot stand here.",
            )
        words = []
        while self.token.kind == "name" and self.token.text not in KEYWORDS and not self._instance_of():
            words.append(self.token.text)
            self.index += 1
        if words[0] == "not" and len(words) > 1:
            raise self.error("否定应写作 not(…)。", "a negation is written not(…).", first.start)
        return " ".join(words)

    def _instance_of(self) -> bool:
        return self.token.text == "instance" and self.tokens[self.index + 1].text == "of"

    def type(self) -> Type:
        """The name of a type, with its parts (rule 52)."""
        start = self.token.start
        name = self._type_name()
        self.enter()
        found = self._parts(start, name)
        self.leave()
        return found

    def _type_name(self) -> str:
        for words, name in TYPES.items():
            end = self.index + len(words)
            if tuple(token.text for token in self.tokens[self.index : end]) == words:
                self.index = end
                return name
        raise self.error(f"不认识的类型{self.shown_zh()}。", f"unknown type {self.shown_en()}.")

    def _parts(self, start: int, name: str) -> Type:
        if name not in ("list", "range", "context", "function") or not self.accept("<"):
            return Type(start, name)
        keys: list[str] = []
        parts: list[Type] = []
        while not self.at(">"):
            if name == "context":
                keys.append(self.name())
                self.expect(":")
            parts.append(self.type())
            if not self.accept(","):
                break
        self.expect(">")
        result = self.type() if name == "function" and self.accept("->") else None
        return Type(start, name, tuple(parts), tuple(keys), result)
