"""Recursive-descent parser of FEEL (DMN 1.3 clause 10.3.1.2): text → tree, in one pass."""

from __future__ import annotations

from collections.abc import Iterable

from casework.engine.feel import tree
from casework.engine.feel.errors import MAX_DEPTH, FeelLimit
from casework.engine.feel.precedence import SUM
from casework.engine.feel.primaries import Primaries
from casework.engine.feel.tree import Node

_COMPARISONS = ("=", "!=", "<", "<=", ">", ">=")


def expression(text: str, names: Iterable[str], functions: Iterable[str]) -> Node:
    """The tree of a whole expression. Raises FeelSyntax, FeelLimit."""
    return _whole(text, names, functions, unary=False)


def unary_tests(text: str, names: Iterable[str], functions: Iterable[str]) -> Node:
    """The tree of a decision table's cell (rule 15). Raises FeelSyntax, FeelLimit."""
    return _whole(text, names, functions, unary=True)


def _whole(text: str, names: Iterable[str], functions: Iterable[str], *, unary: bool) -> Node:
    try:
        parser = Parser(text, names, functions)
        found: Node = parser.unary_tests() if unary else parser.expression()
        parser.end()
        _refuse_depth(found)
    except RecursionError:
        raise FeelLimit("表达式嵌套过深。", "The expression is nested too deeply.") from None
    return found


def _refuse_depth(root: Node) -> None:
    """Chains like 1+1+1+… are parsed in a loop, but evaluated one inside the other."""
    level = [root]
    for _depth in range(MAX_DEPTH):
        level = [child for node in level for child in tree.children(node)]
        if not level:
            return
    zh = f"表达式超过 {MAX_DEPTH} 层（运算、括号过多），请拆分。"
    raise FeelLimit(zh, f"The expression has more than {MAX_DEPTH} levels; please split it.")


class Parser(Primaries):
    """Reads whole expressions, and the unary tests of decision tables."""

    def end(self) -> None:
        """Nothing may follow."""
        if self.token.kind != "end":
            raise self.error(f"多余的内容{self.shown_zh()}。", f"unexpected {self.shown_en()}.")

    def unary_tests(self) -> Node:
        """A cell: `-`, `not(…)` around the whole, or tests with commas (rules 15–18)."""
        start = self.token.start
        if self.at("-") and self.tokens[self.index + 1].kind == "end":
            self.index += 1
            return tree.UnaryTests(start, (), negated=False)
        if self.at("not") and self._encloses_rest():
            self.index += 1
            return tree.UnaryTests(start, self.tests_in_parentheses(), negated=True)
        return tree.UnaryTests(start, self.tests(), negated=False)

    def _encloses_rest(self) -> bool:
        """Does the bracket behind `not` end at the cell's end? (`not(a) and b` is an expression.)"""
        depth = 0
        for token in self.tokens[self.index + 1 : -2]:
            if token.kind == "sign":
                depth += (token.text == "(") - (token.text == ")")
            if depth <= 0:
                return False
        return self.tokens[-2].text == ")"

    def tests(self) -> tuple[tree.UnaryTest, ...]:
        found = [self.test()]
        while self.accept(","):
            found.append(self.test())
        return tuple(found)

    def test(self) -> tree.UnaryTest:
        """`< a`, `= a`, or a value, list or range (rule 7)."""
        start = self.token.start
        if operator := self.accept(*_COMPARISONS):
            return tree.UnaryTest(start, operator.text, self.binary(SUM))
        return whole_test(start, self.expression())

    def tests_in_parentheses(self) -> tuple[tree.UnaryTest, ...]:
        """`(test, test)`; `(a..b)` is one range."""
        start = self.expect("(").start
        first = self.test()
        if not first.operator and self.accept(".."):
            return (whole_test(start, self.range_from(start, first.operand, closed=False)),)
        found = [first]
        while self.accept(","):
            found.append(self.test())
        self.expect(")")
        return tuple(found)

    def in_tests(self) -> tuple[tree.UnaryTest, ...]:
        """What follows `in` (rule 51c)."""
        if self.at("("):
            return self.tests_in_parentheses()
        start = self.token.start
        if operator := self.accept(*_COMPARISONS):
            return (tree.UnaryTest(start, operator.text, self.binary(SUM)),)
        return (whole_test(start, self.binary(SUM)),)


def whole_test(start: int, operand: Node) -> tree.UnaryTest:
    """A test without operator; one that reads the input itself ("?") is its own answer."""
    reads = any(isinstance(node, tree.Name) and node.name == "?" for node in tree.walk(operand))
    return tree.UnaryTest(start, "", operand, reads)
