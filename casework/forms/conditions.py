"""One FEEL tree, said in CSS for browsers without scripts, and in words for those that cannot hide anything.

The third target, JSON for static/app.js, is in `browser.py`; the authority is `Expression.evaluate`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import product
from typing import Any

from casework.engine import feel
from casework.engine.feel import tree
from casework.forms.messages import CONDITION, figure, pick
from casework.forms.profile import CHOICES, Component

#: Alternatives of one rule; beyond that a condition is left to the script.
MAX_ALTERNATIVES = 48

#: Alternatives, each a chain of `:has()` selectors that must all match.
Chains = list[str]
Controls = Mapping[str, Component]


class Unsayable(Exception):
    """The condition cannot be said in the target language."""


def negated(node: tree.Node) -> tree.Node | None:
    """What stands inside `not(…)`, if the node is one."""
    if isinstance(node, tree.Call) and node.function == tree.Name(node.function.position, "not"):
        return node.arguments[0] if len(node.arguments) == 1 else None
    return None


def css(
    hide: feel.Expression, controls: Controls, hides: Mapping[str, tuple[feel.Expression, ...]]
) -> Chains:
    """Selector chains under which `hide` is true. Raises Unsayable.

    `controls`: the questions that may decide; `hides`: what hides each of them (a hidden answer is null).
    """
    return _Css(controls, hides).holds(hide.tree, value=True, positive=True)


class _Css:
    def __init__(self, controls: Controls, hides: Mapping[str, tuple[feel.Expression, ...]]) -> None:
        self.controls, self.hides = controls, hides
        self.open: set[str] = set()

    def holds(self, node: tree.Node, *, value: bool, positive: bool) -> Chains:
        """Chains under which the node is (positive) or is not the truth value; null is neither."""
        inner = negated(node)
        if inner is not None:
            return self.holds(inner, value=not value, positive=positive)
        if isinstance(node, tree.Conjunction | tree.Disjunction):
            every = isinstance(node, tree.Conjunction) == (value == positive)
            parts = [self.holds(term, value=value, positive=positive) for term in node.terms]
            return _both(parts) if every else _either(parts)
        if isinstance(node, tree.Name):
            return self.ticked(node.name, value=value, positive=positive)
        want = value if positive else not value
        if isinstance(node, tree.In):
            return self.among(node, want=want)
        if isinstance(node, tree.Comparison) and node.operator in ("=", "!="):
            return self.matches(node.left, node.right, want=want == (node.operator == "="))
        if isinstance(node, tree.Call):
            return self.contains(node, want=want)
        raise Unsayable

    def ticked(self, name: str, *, value: bool, positive: bool) -> Chains:
        control = self.controls.get(name)
        if control is None or control.type != "checkbox":
            raise Unsayable
        chosen = [_has(f"{_key(name)}:checked", want=value == positive)]
        return _both([chosen, self.visible(name)]) if positive else _either([chosen, self.hidden(name)])

    def matches(self, left: tree.Node, right: tree.Node, *, want: bool) -> Chains:
        if isinstance(left, tree.Constant):
            left, right = right, left
        if not (isinstance(left, tree.Name) and isinstance(right, tree.Constant)):
            raise Unsayable
        name, value = left.name, right.value
        control = self.controls.get(name)
        if control is None or control.type not in ("radio", "select", "checkbox"):
            raise Unsayable
        if control.type == "checkbox":
            if not isinstance(value, bool):
                raise Unsayable
            return self.ticked(name, value=value, positive=want)
        if value is not None and not isinstance(value, str):
            raise Unsayable
        if value is None:
            chosen = [_has(_any_choice(control), want=not want)]
            return _either([chosen, self.hidden(name)]) if want else _both([chosen, self.visible(name)])
        chosen = [_has(_choice(control, value), want=want)]
        return _both([chosen, self.visible(name)]) if want else _either([chosen, self.hidden(name)])

    def among(self, node: tree.In, *, want: bool) -> Chains:
        values: list[tree.Node] = []
        for test in node.tests:
            if test.operator or test.reads_input:
                raise Unsayable
            operand = test.operand
            values += operand.items if isinstance(operand, tree.ListLiteral) else [operand]
        parts = [self.matches(node.value, each, want=want) for each in values]
        return _either(parts) if want else _both(parts)

    def contains(self, node: tree.Call, *, want: bool) -> Chains:
        listed, value = (*node.arguments, None, None)[:2]
        if (
            node.function != tree.Name(node.function.position, "list contains")
            or not isinstance(listed, tree.Name)
            or not isinstance(value, tree.Constant)
            or listed.name not in self.controls
            or self.controls[listed.name].type != "checklist"
            or self.controls[listed.name].hide
        ):
            raise Unsayable
        return [_has(f"{_key(listed.name)}[value={_quoted(value.value)}]:checked", want=want)]

    def hidden(self, name: str) -> Chains:
        return self._guarded(
            name, lambda hides: _either([self.holds(h.tree, value=True, positive=True) for h in hides])
        )

    def visible(self, name: str) -> Chains:
        return self._guarded(
            name, lambda hides: _both([self.holds(h.tree, value=True, positive=False) for h in hides])
        )

    def _guarded(self, name: str, say: Callable[[tuple[feel.Expression, ...]], Chains]) -> Chains:
        if name in self.open:
            raise Unsayable
        self.open.add(name)
        try:
            return say(self.hides.get(name, ()))
        finally:
            self.open.discard(name)


def _both(parts: list[Chains]) -> Chains:
    """All of the parts at once; no parts: always."""
    chains = list(dict.fromkeys("".join(dict.fromkeys(each)) for each in product(*parts)))
    if len(chains) > MAX_ALTERNATIVES:
        raise Unsayable
    return chains


def _either(parts: list[Chains]) -> Chains:
    """Any of the parts; no parts: never."""
    chains = list(dict.fromkeys(chain for part in parts for chain in part))
    if len(chains) > MAX_ALTERNATIVES:
        raise Unsayable
    return chains


def _has(selector: str, *, want: bool) -> str:
    return f":has({selector})" if want else f":not(:has({selector}))"


def _quoted(text: Any) -> str:
    escaped = "".join(f"\\{ord(c):x} " if c in '"\\<\n\r\f' else c for c in str(text))
    return f'"{escaped}"'


def _key(name: str) -> str:
    return f"[data-key={_quoted(name)}]"


def _choice(control: Component, value: str) -> str:
    if control.type == "radio":
        return f"{_key(control.key)}[value={_quoted(value)}]:checked"
    return f"{_key(control.key)} option[value={_quoted(value)}]:checked"


def _any_choice(control: Component) -> str:
    if control.type == "radio":
        return f"{_key(control.key)}:checked"
    return f'{_key(control.key)} option:checked:not([value=""])'


def words(hide: feel.Expression, labels: Controls, lang: str) -> str | None:
    """When the question is to be answered, as a person says it; None when the condition is too rich."""
    try:
        return _Words(labels, lang).say(hide.tree, want=False)
    except Unsayable:
        return None


_OPPOSITE = {"=": "!=", "!=": "=", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}
_MIRROR = {"=": "=", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


class _Words:
    def __init__(self, labels: Controls, lang: str) -> None:
        self.labels, self.lang = labels, lang

    def form(self, name: str, **given: str) -> str:
        return pick(CONDITION[name], self.lang).format(**given)

    def say(self, node: tree.Node, *, want: bool) -> str:
        inner = negated(node)
        if inner is not None:
            return self.say(inner, want=not want)
        if isinstance(node, tree.Conjunction | tree.Disjunction):
            joint = "and" if isinstance(node, tree.Conjunction) == want else "or"
            parts = [self.say(term, want=want) for term in node.terms]
            text = parts[0]
            for part in parts[1:]:
                text = self.form(joint, a=text, b=part)
            return text
        if isinstance(node, tree.Comparison):
            return self.compare(node, want=want)
        if isinstance(node, tree.In):
            return self.among(node, want=want)
        if isinstance(node, tree.Name):
            return self.form("ticked" if want else "unticked", a=self.label(node))
        if isinstance(node, tree.Call) and want and len(node.arguments) == 2:
            return self.contains(node)
        raise Unsayable

    def contains(self, node: tree.Call) -> str:
        listed, value = node.arguments
        if node.function != tree.Name(node.function.position, "list contains"):
            raise Unsayable
        return self.form("has", a=self.label(listed), b=self.value(listed, value))

    def label(self, node: tree.Node) -> str:
        if isinstance(node, tree.Name) and node.name in self.labels:
            return self.labels[node.name].short.of(self.lang)
        raise Unsayable

    def value(self, control: tree.Node, node: tree.Node) -> str:
        if not isinstance(node, tree.Constant):
            raise Unsayable
        if isinstance(control, tree.Name) and self.labels[control.name].type in CHOICES:
            for option in self.labels[control.name].options:
                if option.value == node.value:
                    return self.form("value", v=option.label.of(self.lang))
        return figure(node.value, self.lang)

    def compare(self, node: tree.Comparison, *, want: bool) -> str:
        left, right, operator = node.left, node.right, node.operator
        if isinstance(left, tree.Constant):
            left, right, operator = right, left, _MIRROR[operator]
        operator = operator if want else _OPPOSITE[operator]
        label = self.label(left)
        if isinstance(right, tree.Constant) and right.value is None:
            return self.form("blank" if operator == "=" else "filled", a=label)
        if isinstance(right, tree.Constant) and isinstance(right.value, bool):
            return self.form("ticked" if right.value == (operator == "=") else "unticked", a=label)
        return self.form(operator, a=label, b=self.value(left, right))

    def among(self, node: tree.In, *, want: bool) -> str:
        values: list[str] = []
        for test in node.tests:
            if test.operator:
                raise Unsayable
            operand = test.operand
            items = operand.items if isinstance(operand, tree.ListLiteral) else (operand,)
            values += [self.value(node.value, each) for each in items]
        any_of = pick(CONDITION["any"], self.lang).join(values)
        return self.form("in" if want else "not in", a=self.label(node.value), b=any_of)
