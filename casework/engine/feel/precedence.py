"""Operators and what stands behind a form (DMN 1.3 grammar rules 2–4, 19–26, 38–51)."""

from __future__ import annotations

from abc import ABC, abstractmethod

from casework.engine.feel import exact, tokens, tree
from casework.engine.feel.cursor import Cursor
from casework.engine.feel.tree import Node

#: How strongly operators bind, weakest first (rule 4 and its note on precedence).
LEVELS = {
    "or": 1, "and": 2,
    "=": 3, "!=": 3, "<": 3, "<=": 3, ">": 3, ">=": 3, "between": 3, "in": 3, "instance": 3,
    "+": 4, "-": 4, "*": 5, "/": 5, "**": 6,
}  # fmt: skip
SUM = 4


class Precedence(Cursor, ABC):
    """Reads operators; leaves to others what they stand between."""

    range_end = False

    @abstractmethod
    def primary(self) -> Node:
        """A form that is no operation."""

    @abstractmethod
    def in_tests(self) -> tuple[tree.UnaryTest, ...]:
        """What follows `in` (rule 51c)."""

    def expression(self) -> Node:
        """Any expression (rules 1, 2), as if in brackets of its own."""
        self.enter()
        ending, self.range_end = self.range_end, False
        found = self.binary(1)
        self.range_end = ending
        self.leave()
        return found

    def binary(self, lowest: int) -> Node:
        """Operators that bind at least as strongly as `lowest` (rules 4, 19–24, 49–51)."""
        left = self.negation()
        while True:
            token = self.token
            level = LEVELS.get(token.text, 0) if token.kind in ("sign", "name") else 0
            if level < lowest or level == 0 or (token.text == "instance" and not self._instance_of()):
                return left
            self.index += 1
            left = self.joined(left, token, level)

    def joined(self, left: Node, token: tokens.Token, level: int) -> Node:
        """`left`, an operator, and what follows it."""
        operator, start = token.text, token.start
        if operator in ("or", "and"):
            return self.junction(left, operator, level)
        if operator == "between":
            low = self.binary(SUM)
            self.expect("and")
            return tree.Between(start, left, low, self.binary(SUM))
        if operator == "in":
            return tree.In(start, left, self.in_tests())
        if operator == "instance":
            self.expect("of")
            return tree.InstanceOf(start, left, self.type())
        right = self.binary(level + 1)
        made = tree.Comparison if level == LEVELS["="] else tree.Arithmetic
        return made(start, operator, left, right)

    def junction(self, left: Node, operator: str, level: int) -> Node:
        """`a and b and c` becomes one form with three terms."""
        terms = [left, self.binary(level + 1)]
        while self.accept(operator):
            terms.append(self.binary(level + 1))
        made = tree.Conjunction if operator == "and" else tree.Disjunction
        return made(left.position, tuple(terms))

    def negation(self) -> Node:
        """`-a` binds more strongly than any operator of two operands (rule 4)."""
        sign = self.accept("-")
        if sign is None:
            return self.postfix(self.primary())
        self.enter()
        operand = self.negation()
        self.leave()
        if isinstance(operand, tree.Constant) and exact.is_number(operand.value):
            return tree.Constant(sign.start, -operand.value)
        return tree.Negation(sign.start, operand)

    def postfix(self, base: Node) -> Node:
        """Paths, filters and calls behind a form (rules 38, 43, 48)."""
        while True:
            if dot := self.accept("."):
                base = tree.Path(dot.start, base, self.name())
            elif self.at("[") and not (self.range_end and self._closes_range()):
                start = self.expect("[").start
                base = tree.Filter(start, base, self.expression())
                self.expect("]")
            elif self.at("(") and isinstance(
                base, tree.Name | tree.Path | tree.Call | tree.Filter | tree.Function
            ):
                base = self.call(base)
            else:
                return base

    def _closes_range(self) -> bool:
        """In `]1..5[` the last bracket is the range's: nothing follows that could begin a filter."""
        following = self.tokens[self.index + 1]
        ends = (")", "]", "}", ",", ":", "and", "or", "then", "else", "return", "satisfies")
        return following.kind == "end" or following.text in ends

    def call(self, function: Node) -> Node:
        """Arguments, by position or all by name (rules 39–42)."""
        start = self.expect("(").start
        arguments: list[Node] = []
        names: list[str] = []
        while not self.at(")"):
            if self._names_argument():
                names.append(self.words_before(":"))
            arguments.append(self.expression())
            if not self.accept(","):
                break
        self.expect(")")
        if names and len(names) != len(arguments):
            raise self.error("参数应全部带名称或全部不带名称。", "arguments are named all or none.", start)
        return tree.Call(function.position, function, tuple(arguments), tuple(names))

    def _names_argument(self) -> bool:
        index = self.index
        while self.tokens[index].kind == "name":
            index += 1
        return index > self.index and self.tokens[index].text == ":"

    def words_before(self, sign: str) -> str:
        """A key or parameter: all words up to the sign, spaces made one."""
        start = self.index
        while (
            not self.at(sign) and self.token.text not in (",", "}", ")", "") and self.token.kind != "string"
        ):
            self.index += 1
        if self.index == start:
            raise self.error(
                f"此处应为名称，实际为{self.shown_zh()}。", f"expected a name, found {self.shown_en()}."
            )
        raw = self.text[self.tokens[start].start : self.tokens[self.index - 1].end]
        self.expect(sign)
        return " ".join(raw.split())
