"""The tree of an expression: one frozen class for each form of FEEL's grammar (DMN 1.3 clause 10.3.1.2).

`position` is the character of the text where the form begins, or where its operator stands.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Node:
    """Any form of the grammar."""

    position: int


@dataclass(frozen=True, slots=True)
class Constant(Node):
    """A number, string, truth value, null, or @"…" date literal (grammar rules 33–37, 62)."""

    value: Any


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A name that is read (rule 25); "?" is the input of a unary test."""

    name: str


@dataclass(frozen=True, slots=True)
class Path(Node):
    """`base.name` (rule 43)."""

    base: Node
    name: str


@dataclass(frozen=True, slots=True)
class Filter(Node):
    """`base[condition]`, also an index (rule 50)."""

    base: Node
    condition: Node


@dataclass(frozen=True, slots=True)
class ListLiteral(Node):
    """`[a, b]` (rule 54)."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class ContextLiteral(Node):
    """`{name: value, …}`; later entries may read earlier ones (rule 57)."""

    entries: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class RangeLiteral(Node):
    """`[low..high]` and its open forms (rule 8); None: no end on that side, as in `(> 5)`."""

    low: Node | None
    high: Node | None
    low_closed: bool
    high_closed: bool


@dataclass(frozen=True, slots=True)
class Negation(Node):
    """`-a` (rule 26)."""

    operand: Node


@dataclass(frozen=True, slots=True)
class Arithmetic(Node):
    """Two operands and one of + - * / ** (rules 19–24)."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Comparison(Node):
    """Two operands and one of = != < <= > >= (rule 51a)."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Conjunction(Node):
    """`a and b and c` (rule 50)."""

    terms: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Disjunction(Node):
    """`a or b or c` (rule 49)."""

    terms: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Between(Node):
    """`value between low and high`, both ends belonging to it (rule 51b)."""

    value: Node
    low: Node
    high: Node


@dataclass(frozen=True, slots=True)
class UnaryTest(Node):
    """One test of an input: an operator and its operand, or (operator "") a value, list or range (rule 7)."""

    operator: str
    operand: Node
    reads_input: bool = False


@dataclass(frozen=True, slots=True)
class In(Node):
    """`value in (test, …)` (rule 51c)."""

    value: Node
    tests: tuple[UnaryTest, ...]


@dataclass(frozen=True, slots=True)
class UnaryTests(Node):
    """A cell of a decision table (rules 12–17); no tests: `-`, which everything meets."""

    tests: tuple[UnaryTest, ...]
    negated: bool


@dataclass(frozen=True, slots=True)
class If(Node):
    """`if … then … else …` (rule 46)."""

    condition: Node
    consequence: Node
    alternative: Node


@dataclass(frozen=True, slots=True)
class Iteration(Node):
    """`name in source`, or `name in source..end`."""

    name: str
    source: Node
    end: Node | None


@dataclass(frozen=True, slots=True)
class For(Node):
    """`for … return …` (rule 45); `partial` in the result is the list of the results so far."""

    iterations: tuple[Iteration, ...]
    result: Node


@dataclass(frozen=True, slots=True)
class Quantified(Node):
    """`some … satisfies …`, `every … satisfies …` (rule 47)."""

    kind: Literal["some", "every"]
    iterations: tuple[Iteration, ...]
    condition: Node


@dataclass(frozen=True, slots=True)
class Type(Node):
    """A type's name with its parts: list<number>, context<a: T>, range<T>, function<T> -> R (rule 52)."""

    name: str
    arguments: tuple[Type, ...] = ()
    keys: tuple[str, ...] = ()
    result: Type | None = None


@dataclass(frozen=True, slots=True)
class InstanceOf(Node):
    """`value instance of type` (rule 51)."""

    value: Node
    type: Type


@dataclass(frozen=True, slots=True)
class Function(Node):
    """`function(a, b: number) body` (rule 55)."""

    parameters: tuple[tuple[str, Type | None], ...]
    body: Node


@dataclass(frozen=True, slots=True)
class Call(Node):
    """`f(a, b)` or `f(name: a, …)`; `names` is empty for positional arguments (rules 38–42)."""

    function: Node
    arguments: tuple[Node, ...]
    names: tuple[str, ...] = ()


def children(node: Node) -> Iterator[Node]:
    """The forms directly inside a form, in the order of the text."""
    for field in fields(node)[1:]:
        yield from _nodes(getattr(node, field.name))


def _nodes(part: object) -> Iterator[Node]:
    if isinstance(part, Node):
        yield part
    elif isinstance(part, tuple):
        for item in part:
            yield from _nodes(item)


def walk(node: Node) -> Iterator[Node]:
    """A form and everything inside it."""
    yield node
    for child in children(node):
        yield from walk(child)
