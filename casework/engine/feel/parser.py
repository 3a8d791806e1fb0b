"""Recursive-descent parser of FEEL (DMN 1.3 clause 10.3.1.2): text → tree. One method a rule, one pass, no retry."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from casework.engine.feel import exact, moments, tokens, tree
from casework.engine.feel.cursor import Cursor
from casework.engine.feel.errors import MAX_DEPTH, FeelLimit
from casework.engine.feel.tree import Node

#: How strongly operators bind, weakest first (rule 4 and its note on precedence).
LEVELS = {
    "or": 1, "and": 2,
    "=": 3, "!=": 3, "<": 3, "<=": 3, ">": 3, ">=": 3, "between": 3, "in": 3, "instance": 3,
    "+": 4, "-": 4, "*": 5, "/": 5, "**": 6,
}  # fmt: skip
SUM = 4
_COMPARISONS = ("=", "!=", "<", "<=", ">", ">=")
_WORDS = {"true": True, "false": False, "null": None}


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


class Parser(Cursor):
    """One text on its way to a tree."""

    range_end = False

    def end(self) -> None:
        """Nothing may follow."""
        if self.token.kind != "end":
            raise self.error(f"多余的内容{self.shown_zh()}。", f"unexpected {self.shown_en()}.")

    # --- operators -------------------------------------------------------------------------------------------

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
        """In `]1..5[` the last bracket is the range's, not a filter's: nothing that could begin a filter follows."""
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

    # --- forms that stand by themselves ------------------------------------------------------------------------

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

    # --- unary tests --------------------------------------------------------------------------------------------

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


def half_open(start: int, operator: str, end: Node) -> Node:
    """`(< a)`, `(<= a)`, `(> a)`, `(>= a)` as ranges."""
    closed = operator.endswith("=")
    if operator[0] == "<":
        return tree.RangeLiteral(start, None, end, low_closed=False, high_closed=closed)
    return tree.RangeLiteral(start, end, None, low_closed=closed, high_closed=False)
