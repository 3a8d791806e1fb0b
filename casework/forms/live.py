"""What the browser is told about a question: when it is hidden, what its limits are, what it brings up.

Everything here is an extra to what the server decides; the sentences are the server's own.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from markupsafe import Markup

from casework.engine import feel
from casework.forms import browser
from casework.forms.binding import Binding
from casework.forms.conditions import Unsayable, words
from casework.forms.fields import limit, typable, wrong
from casework.forms.messages import around
from casework.forms.pieces import Bounds
from casework.forms.profile import INPUTS, Component, Option

#: Remembered pieces of one form in one language; enough for its questions on every combination of pages.
MAX_KEPT = 4000


def quoted(value: Any) -> Markup:
    """JSON between single quotes, as an attribute's value."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return Markup("'" + text.replace("&", "&amp;").replace("'", "&#39;").replace("<", "&lt;") + "'")  # noqa: S704 - escaped here


def _with(controls: Mapping[str, Component], offered: Mapping[str, Sequence[Option]]) -> dict[str, Component]:
    """Choices whose options the office knows only now, with them."""
    return {name: replace(controls[name], options=tuple(options)) for name, options in offered.items()}


class Live:
    """The live pieces of one page: which names the browser can read itself, and the values of the others."""

    def __init__(self, bound: Binding) -> None:
        self.bound, self.form, self.lang = bound, bound.form, bound.lang
        shown = set(bound.shown)
        self.names = frozenset(
            each.key
            for each in self.form.walk()
            if each.key and each.section in shown and not bound.is_readonly(each)
        )
        self.known = {**bound.facts, **bound.settled.scope}
        self.kept = bound.compiled.kept
        self._near: dict[str, frozenset[str]] = {}

    def tree(self, expression: feel.Expression, each: Component) -> Any:
        """The expression for the browser. Raises Unsayable."""
        live = self.near(each)
        if not self.lasting(expression, live):
            return browser.json(expression, live, self.known, self.form.columns, self.bound.functions)
        kept = ("tree", id(expression), live)
        if kept not in self.kept:
            if len(self.kept) > MAX_KEPT:
                self.kept.clear()
            self.kept[kept] = browser.json(expression, live, {}, self.form.columns, self.bound.functions)
        return self.kept[kept]

    def near(self, each: Component) -> frozenset[str]:
        """Names the browser can read there: the page's, its row's, what the office gave the row."""
        own = self.form.list_of.get(each.id)
        if own is None:
            return self.names
        if own.id not in self._near:
            rows = self.bound.rows[own.key]
            given = frozenset(name for row in rows for name in row.given)
            self._near[own.id] = self.names | self.form.columns_of(each) | given
        return self._near[own.id]

    def still(self, each: Component) -> bool:
        """Whether it is a computed value that nothing on the page moves and nothing else reads."""
        if each.type != "expression" or each.expression is None or each.hide:
            return False
        read = each.expression.names | each.expression.homonyms | each.expression.possible
        return not read & self.moving(each) and each.key not in self.form.read

    def moving(self, each: Component) -> frozenset[str]:
        """What an answer on the page can change there; what the office gave a row stands."""
        return self.names | self.form.columns_of(each)

    def condition(self, each: Component, *, hidden: bool) -> tuple[Markup, str, bool] | None:
        """Attributes, the sentence for browsers that cannot hide, and whether only the script can decide.

        None: the question does not apply, and nothing on this page can change that.
        """
        if each.hide is None:
            return Markup(), "", False
        live = self.near(each)
        reach = self.form.reaches(each) & (frozenset(self.form.by_key) | live)
        if not reach & self.moving(each) and (not reach & live or each.key not in self.form.read):
            return None if hidden else (Markup(), "", False)
        if hidden and self.beyond(each, reach & live):
            return None
        by_css = each.id in self.form.by_css and reach <= live
        kept = ("condition", each.id, live)
        if kept in self.kept:
            attributes = self.kept[kept]
        else:
            attributes = Markup(' data-cond="{}"').format(each.id) if by_css else Markup(' data-by="script"')
            try:
                attributes += Markup(" data-hide=") + quoted(self.tree(each.hide, each))
            except Unsayable:
                if not by_css:
                    return None if hidden else (Markup(), "", False)
            if self.lasting(each.hide, live):
                self.kept[kept] = attributes
        return attributes, self.only_if(each), not by_css

    def beyond(self, each: Component, deciding: frozenset[str]) -> bool:
        """Whether no answer that is offered here can bring the question up."""
        name, *others = deciding
        control = self.form.by_key.get(name)
        if others or each.hide is None or control is None or control.options_from is None:
            return False
        if control.options_from.names & self.names or self.form.by_key.keys() & each.hide.names != {name}:
            return False
        offered = (None, *(option.value for option in self.bound.questions.answer(name).options))
        known, functions = self.known, self.bound.functions
        return all(each.hide.evaluate({**known, name: value}, functions) is True for value in offered)

    def only_if(self, each: Component) -> str:
        """仅当「选聘方式」为「协议选聘」时填写."""
        near = self.form.neighbours(each)
        offered = {
            name: self.bound.questions.answer(name).options
            for name in (each.hide.names if each.hide else ())
            if name in near and near[name] is self.form.by_key.get(name) and near[name].options_from
        }
        kept = ("only if", each.id, *offered.values())
        if kept not in self.kept and each.hide:
            named = all(n in offered or not near[n].options_from for n in each.hide.names if n in near)
            said = words(each.hide, {**near, **_with(near, offered)}, self.lang) if named else ""
            self.kept[kept] = (
                around("onlyif", self.lang, condition=said) if said else around("onlyif.some", self.lang)
            )
        return str(self.kept[kept])

    def check(self, each: Component) -> Markup:
        """The rules of one question with their sentences, for the script; empty when there are none."""
        kept = ("check", each.id, self.near(each))
        if kept in self.kept:
            found: Markup = self.kept[kept]
            return found
        rules = self._fixed_rules(each)
        bounds = {place: each.limits[place] for place in ("min", "max") if place in each.limits}
        for place in bounds:
            rules |= self._limit(each, place)
        said = Markup(" data-check=") + quoted(rules) if rules else Markup()
        read = (each for each in bounds.values() if isinstance(each, feel.Expression))
        if all(self.lasting(each, kept[2]) for each in read):
            self.kept[kept] = said
        return said

    @staticmethod
    def lasting(expression: feel.Expression, live: frozenset[str]) -> bool:
        """Whether it says the same to everybody every day; what the office lends, `today()` too, does not."""
        return expression.names | expression.homonyms <= live and not expression.functions

    def _limit(self, each: Component, place: str) -> dict[str, Any]:
        bound = each.limits[place]
        try:
            said = self.tree(bound, each) if isinstance(bound, feel.Expression) else browser.constant(bound)
        except Unsayable:
            return {}
        return {place: [said, self._blank(place, each)]}

    def _blank(self, name: str, each: Component) -> str:
        return wrong(name, each, self.lang, bound="{bound}")

    def bounds(self, each: Component, same: frozenset[str] | None = None) -> Bounds | None:
        """The limits that depend on other answers, on a deadline or on the place, as they are now.

        `same`: for a column of a list, the names that mean the same in all its rows; no other limit is said.
        """
        said: list[str] = []
        live: dict[str, str] = {}
        for place in ("min", "max"):
            bound = each.limits.get(place)
            if not isinstance(bound, feel.Expression) or bound.text.strip("= ") == "today()":
                continue
            if same is not None and not bound.names <= same:
                continue
            value = typable(limit(each, place, self.known, self.bound.functions), place, each.decimals)
            if value is not None:
                said.append(wrong(f"{place}.hint", each, self.lang, bound=value))
            if bound.names & self.names:
                live[place] = self._blank(f"{place}.hint", each)
        if not said and not live:
            return None
        script = Markup(" data-bounds=") + quoted(live) if live and same is None else Markup()
        return Bounds(("；" if self.lang == "zh" else "; ").join(said), script)

    def _fixed_rules(self, each: Component) -> dict[str, Any]:
        rules: dict[str, Any] = {}
        if each.type == "number":
            rules["number"] = wrong("integer" if each.decimals == 0 else "number", each, self.lang)
            if each.decimals is not None:
                name = "decimals" if each.decimals else "integer"
                rules["places"] = [each.decimals, wrong(name, each, self.lang, bound=each.decimals)]
        elif each.type == "datetime":
            rules["date"] = wrong("date", each, self.lang)
        elif each.type in ("textfield", "textarea"):
            rules |= self._text_rules(each)
        return rules

    def _text_rules(self, each: Component) -> dict[str, Any]:
        rules: dict[str, Any] = {}
        if each.kind and each.kind.check == "idcard":
            rules["idcard"] = wrong("checksum", each, self.lang)
        for place in ("minLength", "maxLength"):
            count = limit(each, place, {}, {})
            if count is not None:
                given = {"bound": count} | ({"have": "{have}"} if place == "maxLength" else {})
                rules[place] = [int(count), wrong(place, each, self.lang, **given)]
        return rules

    def reveals(self, each: Component, options: Sequence[Option] = ()) -> Mapping[str, list[str]]:
        """For each option, the labels of what it brings up, so that nobody is surprised."""
        values = (True, False) if each.type == "checkbox" else tuple(option.value for option in options)
        kept = ("reveals", each.id, values)
        if kept not in self.kept:
            self.kept[kept] = self._reveals(each, values)
        found: Mapping[str, list[str]] = self.kept[kept]
        return found

    def _reveals(self, each: Component, values: tuple[Any, ...]) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        own = self.form.list_of.get(each.id)
        for other in self.form.everything:
            if not self._follows(other, each) or self.form.list_of.get(other.id) is not own:
                continue
            shown = [v for v in values if other.hide and other.hide.evaluate({each.key: v}) is not True]
            if 0 < len(shown) < len(values):
                for value in shown:
                    found.setdefault(str(value), []).append(other.short.of(self.lang))
        return found

    def _follows(self, other: Component, each: Component) -> bool:
        if other.hide is None or other.hide.names != {each.key} or not other.label.zh:
            return False
        if other.type not in INPUTS and other.type not in ("group", "dynamiclist"):
            return False
        around_it = self.form.parents[other.id]
        return not any(group.hide and each.key in group.hide.names for group in around_it)
