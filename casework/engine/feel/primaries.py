"""Literals, names, brackets, forms that begin with a keyword (DMN 1.3 grammar rules 8, 33–37, 45–62)."""

from __future__ import annotations

from abc import ABC
from typing import Literal

from casework.engine.feel import exact, moments, tokens, tree
from casework.engine.feel.precedence import SUM, Precedence
from casework.engine.feel.tree import Node

_WORDS = {"true": True, "false": False, "null": None}


class Primaries(Precedence, ABC):
    """Reads the forms that operators stand between."""

    def primary(self) -> Node:
        """Literals, names, brackets and the forms that begin with a keyword."""
        token = self.token
        if token.kind == "string":
            self.index += 1
            return tree.Constant(token.start, tokens.unescaped(token.text))
        if token.kind == "number":
            self.index += 1
            return tree.Constant(token.start, exact.literal(token.text))
        form = self.forms.get(token.text) if token.kind in ("sign", "name") else None
        if form is not None and not (token.kind == "name" and self._spelled(self.known)):
            self.index += 1
            return form(self, token.start)
        if not self.starts_name():
            raise self.error(
                f"此处应为值，实际为{self.shown_zh()}。", f"expected a value, found {self.shown_en()}."
            )
        return tree.Name(token.start, self.name())

    def word(self, start: int) -> Node:
        """true, false, null (rule 34)."""
        return tree.Constant(start, _WORDS[self.tokens[self.index - 1].text])

    def at_literal(self, start: int) -> Node:
        """@"2026-01-01" and the like (rule 62)."""
        token = self.token
        if token.kind != "string":
            raise self.error(
                "@ 后应为带引号的日期、时间或时长。", "a quoted date, time or duration follows @."
            )
        self.index += 1
        value = moments.literal(tokens.unescaped(token.text))
        if value is None:
            zh, en = "不是日期、时间或时长。", "this is no date, time or duration."
            raise self.error(f"{token.text[:40]} {zh}", f"{token.text[:40]}: {en}", token.start)
        return tree.Constant(start, value)

    def parenthesis(self, start: int) -> Node:
        """`(a)`, `(a..b]`, and the ranges with one end `(< a)`."""
        if operator := self.accept("<", "<=", ">", ">="):
            end = self.binary(SUM)
            self.expect(")")
            return half_open(start, operator.text, end)
        inner = self.expression()
        if self.accept(".."):
            return self.range_from(start, inner, closed=False)
        self.expect(")")
        return inner

    def bracket(self, start: int) -> Node:
        """`[a, b]` or `[a..b]` (rules 54, 8)."""
        items: list[Node] = []
        while not self.at("]"):
            items.append(self.expression())
            if len(items) == 1 and self.accept(".."):
                return self.range_from(start, items[0], closed=True)
            if not self.accept(","):
                break
        self.expect("]")
        return tree.ListLiteral(start, tuple(items))

    def open_range(self, start: int) -> Node:
        """`]a..b]`: open at its beginning (rule 9)."""
        low = self.expression()
        self.expect("..")
        return self.range_from(start, low, closed=False)

    def range_from(self, start: int, low: Node, *, closed: bool) -> Node:
        """The second end of a range and its bracket (rules 8–11)."""
        ending, self.range_end = self.range_end, True
        high = self.binary(SUM)
        self.range_end = ending
        last = self.expect("]", ")", "[").text
        return tree.RangeLiteral(start, low, high, closed, last == "]")

    def brace(self, start: int) -> Node:
        """`{key: value, "key": value}` (rules 57–59)."""
        entries: dict[str, Node] = {}
        while not self.at("}"):
            key, place = self.key(), self.token.start
            if key in entries:
                raise self.error(f"键“{key}”重复。", f"the key “{key}” stands twice.", place)
            entries[key] = self.expression()
            self.learn(key)
            if not self.accept(","):
                break
        self.expect("}")
        return tree.ContextLiteral(start, tuple(entries.items()))

    def key(self) -> str:
        if self.token.kind != "string":
            return self.words_before(":")
        text = tokens.unescaped(self.token.text)
        self.index += 1
        self.expect(":")
        return text

    def if_form(self, start: int) -> Node:
        """Rule 46."""
        condition = self.expression()
        self.expect("then")
        consequence = self.expression()
        self.expect("else")
        return tree.If(start, condition, consequence, self.expression())

    def for_form(self, start: int) -> Node:
        """Rule 45."""
        iterations = self.iterations()
        self.expect("return")
        return tree.For(start, iterations, self.expression())

    def quantified(self, start: int) -> Node:
        """Rule 47."""
        kind: Literal["some", "every"] = "some" if self.tokens[self.index - 1].text == "some" else "every"
        iterations = self.iterations()
        self.expect("satisfies")
        return tree.Quantified(start, kind, iterations, self.expression())

    def iterations(self) -> tuple[tree.Iteration, ...]:
        """`a in b, c in 1..n`; a name may have several words, as it ends before `in`."""
        found = []
        while True:
            start = self.token.start
            name = self.name()
            self.expect("in")
            source = self.expression()
            end = self.expression() if self.accept("..") else None
            found.append(tree.Iteration(start, name, source, end))
            self.learn(name)
            if not self.accept(","):
                return tuple(found)

    def function(self, start: int) -> Node:
        """Rule 55; functions of other languages (external) are not run."""
        self.expect("(")
        parameters: list[tuple[str, tree.Type | None]] = []
        while not self.at(")"):
            name = self.name()
            parameters.append((name, self.type() if self.accept(":") else None))
            self.learn(name)
            if not self.accept(","):
                break
        self.expect(")")
        if self.at("external"):
            raise self.error("不支持外部函数。", "external functions are not run.")
        return tree.Function(start, tuple(parameters), self.expression())

    forms = {
        "(": parenthesis, "[": bracket, "]": open_range, "{": brace, "@": at_literal, "if": if_form,
        "for": for_form, "some": quantified, "every": quantified, "function": function,
        "true": word, "false": word, "null": word,
    }  # fmt: skip


def half_open(start: int, operator: str, end: Node) -> Node:
    """`(< a)`, `(<= a)`, `(> a)`, `(>= a)` as ranges."""
    closed = operator.endswith("=")
    if operator[0] == "<":
        return tree.RangeLiteral(start, None, end, low_closed=False, high_closed=closed)
    return tree.RangeLiteral(start, end, None, low_closed=closed, high_closed=False)
