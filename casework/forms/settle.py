"""Which questions apply, and what is computed: hidden answers read as null, until nothing changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from casework.forms.layout import Layout
from casework.forms.profile import Component

#: Questions that hide one another in a circle would never come to rest.
MAX_TURNS = 8


@dataclass
class Settled:
    """What applies: ids of hidden components, values by name, and the same for each row of each list."""

    hidden: set[str] = field(default_factory=set)
    scope: dict[str, Any] = field(default_factory=dict)
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    cells: set[tuple[str, int, str]] = field(default_factory=set)

    def state(self) -> tuple[set[str], set[tuple[str, int, str]], dict[str, Any]]:
        return self.hidden, self.cells, self.scope


@dataclass
class _Desk:
    layout: Layout
    answers: Mapping[str, Any]
    rows: Mapping[str, Sequence[Mapping[str, Any]]]
    facts: Mapping[str, Any]
    functions: Mapping[str, Any]
    #: computed values that stand as they were
    then: Mapping[str, Any]

    def turn(self, before: Settled) -> Settled:
        now = Settled(scope={**self.facts, **self.answers, **before.scope})
        self.page(self.layout.root.children, now, gone=False)
        return now

    def page(self, children: tuple[Component, ...], now: Settled, *, gone: bool) -> None:
        for each in children:
            hidden = gone or self.hides(each, now.scope)
            if hidden:
                now.hidden.add(each.id)
            if each.type == "group":
                self.page(each.children, now, gone=hidden)
            elif not each.key:
                continue
            elif each.type == "dynamiclist":
                now.rows[each.key] = [] if hidden else self.list(each, now)
                now.scope[each.key] = None if hidden else now.rows[each.key]
            elif hidden:
                now.scope[each.key] = None
            elif each.type == "expression":
                now.scope[each.key] = self.value(each, now.scope, self.then)
            else:
                now.scope[each.key] = self.answers.get(each.key)

    def list(self, own: Component, now: Settled) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        then = self.then.get(own.key) or ()
        for place, given in enumerate(self.rows.get(own.key, ())):
            row, stood = dict(given), then[place] if place < len(then) else {}
            scope = {**now.scope, **row}
            for column in own.children:
                if self.hides(column, scope):
                    now.cells.add((own.id, place, column.id))
                    row[column.key] = scope[column.key] = None
                elif column.type == "expression" and column.key:
                    row[column.key] = scope[column.key] = self.value(column, scope, stood)
            rows.append(row)
        return rows

    def hides(self, each: Component, scope: Mapping[str, Any]) -> bool:
        return each.hide is not None and each.hide.evaluate(scope, self.functions) is True

    def value(self, each: Component, scope: Mapping[str, Any], then: Mapping[str, Any]) -> Any:
        if each.key in then:
            return then[each.key]
        return each.expression.evaluate(scope, self.functions) if each.expression else None


def settle(
    layout: Layout,
    answers: Mapping[str, Any],
    rows: Mapping[str, Sequence[Mapping[str, Any]]],
    facts: Mapping[str, Any],
    functions: Mapping[str, Any],
    *,
    then: Mapping[str, Any],
) -> Settled:
    """What applies with these answers. `then`: computed values that stand, not to be reckoned anew."""
    desk = _Desk(layout, answers, rows, facts, functions, then)
    now = desk.turn(Settled())
    for _turn in range(MAX_TURNS):
        after = desk.turn(now)
        if after.state() == now.state():
            break
        now = after
    return now
