"""An expression: its text, its tree, and its code. Read once, kept, evaluated as often as needed."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any

from casework.engine import values
from casework.engine.feel import compiler, parser, readings
from casework.engine.feel.builtins import FUNCTIONS
from casework.engine.feel.errors import FeelLimit, FeelSyntax, FeelTooLarge, NoValue, Reason
from casework.engine.feel.scope import PLAIN, Routine, Run, foreign
from casework.engine.feel.tree import Constant, ContextLiteral, Node, walk

Functions = Mapping[str, Callable[..., Any]]
_NONE: Functions = {}


class Expression:
    """A compiled text. Immutable; may be shared between threads."""

    __slots__ = ("_code", "functions", "homonyms", "names", "paths", "possible", "text", "tree")

    def __init__(self, text: str, tree: Node) -> None:
        self.text = text
        self.tree = tree
        self._code = compiler.closure(tree)
        read = readings.of(tree, FUNCTIONS)
        #: Names that must come from outside, first words of their paths.
        self.names: frozenset[str] = read.names
        #: Names with what is read inside them: ("project", "gfa_total").
        self.paths: frozenset[tuple[str, ...]] = read.paths
        #: Bare names inside filters: keys of the items, or names from outside.
        self.possible: frozenset[str] = read.possible
        #: Names of standard functions that are read as values, where a value has that name.
        self.homonyms: frozenset[str] = read.homonyms
        #: Functions that the host must lend.
        self.functions: frozenset[str] = read.functions

    def reads(self, given: Container[str]) -> frozenset[str]:
        """Names that it reads from outside, those of standard functions among them that are given."""
        return self.names.union(name for name in self.homonyms if name in given)

    def __repr__(self) -> str:
        return f"Expression({self.text!r})"

    def written(self) -> Iterator[dict[str, Any]]:
        """Every context of constants that stands in the text, whether or not it comes into the value."""
        for node in walk(self.tree):
            if isinstance(node, ContextLiteral):
                entries = {name: one.value for name, one in node.entries if isinstance(one, Constant)}
                if len(entries) == len(node.entries):
                    yield entries

    def evaluate(self, scope: Mapping[str, Any], functions: Functions = _NONE) -> Any:
        """The value; null where an operation is ill-typed or a name unknown. Raises FeelLimit only."""
        return self._run(Run(scope, functions))

    def explain(
        self, scope: Mapping[str, Any], functions: Functions = _NONE
    ) -> tuple[Any, tuple[Reason, ...]]:
        """The value, and why nulls arose on the way."""
        run = Run(scope, functions)
        value = self._run(run)
        return value, run.reasons

    def require(self, scope: Mapping[str, Any], functions: Functions = _NONE) -> Any:
        """The value, which must be there. Raises NoValue for null and for any unknown name, FeelLimit."""
        run = Run(scope, functions)
        value = self._run(run)
        if value is None or run.unknown:
            zh, en = "表达式的值为空。", "The expression has no value."
            first = run.reasons[0] if run.reasons else Reason(0, zh, en)
            raise NoValue(self.text, first.position, first.zh, first.en)
        return value

    def _run(self, run: Run) -> Any:
        try:
            value = self._code(run.scope, run)
            kind = type(value)
            if kind is bool or kind is str or kind is int:
                return value
            return _result(value, run)
        except RecursionError:
            raise FeelLimit("表达式求值嵌套过深。", "The evaluation is nested too deeply.") from None


def _result(value: Any, run: Run) -> Any:
    """A number in its plainest form; lists and contexts of FEEL values only, within the budget."""
    if type(value) is Decimal:
        return (
            values.number(value) if value.is_finite() else run.note(0, "不是有效的数值", "not a valid number")
        )
    if type(value) is Routine:
        return run.note(0, "结果是函数，不是值", "the result is a function, not a value")
    if type(value) not in PLAIN:
        return foreign(value, run, 0)
    if type(value) in (list, dict):
        return _measured(value, run)
    return value


def _measured(value: Any, run: Run) -> Any:
    """The value, its parts checked; a small text can name a list whose copies would fill the memory."""
    if type(value) is list:
        run.spend(len(value) + 1)
        return [item if type(item) in _SMALL else _measured(item, run) for item in value]
    if type(value) is dict:
        run.spend(len(value) + 1)
        return {key: item if type(item) in _SMALL else _measured(item, run) for key, item in value.items()}
    if type(value) is str:
        run.spend(len(value) // 64)
        return value
    return _result(value, run)


_SMALL = frozenset((bool, int, type(None)))


def compile(text: str, *, names: Iterable[str] = ()) -> Expression:  # noqa: A001  as in re.compile
    """The expression of a text; a leading "=" is dropped. `names`: those with spaces or signs are recognised.

    Raises FeelSyntax (position, zh, en), FeelLimit.
    """
    return _compiled(text, frozenset(names))


def compile_unary(text: str, *, names: Iterable[str] = ()) -> Expression:
    """The unary tests of a text (a cell of a decision table); the scope's "?" is the input."""
    return _compiled_unary(text, frozenset(names))


@lru_cache(maxsize=4096)
def _compiled(text: str, names: frozenset[str]) -> Expression:
    return _read(parser.expression, text, _without_sign(text), names)


@lru_cache(maxsize=4096)
def _compiled_unary(text: str, names: frozenset[str]) -> Expression:
    return _read(parser.unary_tests, text, text, names)


def _read(rule: Callable[..., Node], text: str, bare: str, names: frozenset[str]) -> Expression:
    try:
        return Expression(text, rule(bare, names, FUNCTIONS))
    except FeelSyntax:
        raise
    except FeelLimit as limit:
        raise FeelTooLarge(text, 0, limit.zh, limit.en) from None
    except RecursionError:
        zh, en = "表达式嵌套过深。", "the expression is nested too deeply."
        raise FeelTooLarge(text, 0, zh, en) from None


def _without_sign(text: str) -> str:
    """The leading "=" of Camunda 8 becomes a space, so that positions stay those of the text as written."""
    bare = text.lstrip()
    return text.replace("=", " ", 1) if bare[:1] == "=" else text
