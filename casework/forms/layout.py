"""Where each question of a form stands, and which questions decide about which."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from casework.engine import feel
from casework.forms.conditions import Unsayable, css
from casework.forms.profile import INPUTS, Component, Rows, Text, component

#: Types whose choice CSS can see.
_VISIBLE_CHOICES = frozenset({"radio", "select", "checkbox", "checklist"})


def second(each: Component) -> bool:
    """Whether a column stands on a row's second line: asked of some rows only, or seldom needed."""
    line = each.properties.get("line")
    return line == "second" or (bool(each.hide) and line != "first")


def shown(own: Component) -> list[Component]:
    """The columns of a list."""
    return [each for each in own.children if each.type in INPUTS or each.type == "expression"]


def dense(columns: Sequence[Component], rows: Rows) -> bool:
    """Whether a row is one line and, where more is asked, a second one."""
    asked = [each for each in columns if not second(each)]
    return rows.fixed and len(asked) <= 6 and (len(asked) < len(columns) or rows.group is not None)


def broad(columns: Sequence[Component], rows: Rows) -> bool:
    """Whether a row is a block of its own, because nothing fits side by side."""
    wide = any(each.type in ("radio", "checklist", "textarea") for each in columns)
    return not dense(columns, rows) and len(columns) > (5 if wide else 8)


class Layout:
    """The components of a form in the order of the page, with their neighbours."""

    def __init__(self, text: str, raw: Mapping[str, Any]) -> None:
        given = raw.get("properties")
        properties = {str(k): str(v) for k, v in given.items()} if isinstance(given, Mapping) else {}
        self.raw, self.id = raw, str(raw.get("id") or "form")
        self.version = hashlib.sha256(text.encode()).hexdigest()[:12]
        self.title = Text(properties.get("title", self.id), properties.get("title.en", ""))
        self.intro = Text(properties.get("intro", ""), properties.get("intro.en", ""))
        self.submit = Text(properties.get("submitLabel", ""), properties.get("submitLabel.en", ""))
        self.paged = properties.get("paged") == "true"
        root = self.root = component({**raw, "type": "group", "id": ""})
        self.sections = tuple(each for each in root.children if each.type == "group")
        self.everything: list[Component] = []
        self.parents: dict[str, tuple[Component, ...]] = {}
        self.list_of: dict[str, Component] = {}
        self._note(root.children, (), None)

    def _note(
        self, children: tuple[Component, ...], above: tuple[Component, ...], own: Component | None
    ) -> None:
        for each in children:
            self.everything.append(each)
            self.parents[each.id] = above
            if own:
                self.list_of[each.id] = own
            inside = each if each.type == "dynamiclist" else own
            self._note(each.children, (*above, each), inside)

    def part(self, section: str) -> tuple[str, ...] | None:
        """The section to be shown of a form that is filled in part by part, else None: all of them."""
        if not self.paged:
            return None
        ids = [each.id for each in self.sections]
        return (section,) if section in ids else tuple(ids[:1])

    def walk(self) -> tuple[Component, ...]:
        """Sections, groups, questions and lists in page order; columns of lists not."""
        return self.root.inside

    @cached_property
    def inputs(self) -> tuple[Component, ...]:
        """The questions outside of lists."""
        return tuple(each for each in self.walk() if each.type in INPUTS and each.key)

    @cached_property
    def lists(self) -> tuple[Component, ...]:
        """The lists of rows."""
        return tuple(each for each in self.walk() if each.type == "dynamiclist" and each.key)

    @cached_property
    def fixed_lists(self) -> tuple[Component, ...]:
        """The lists whose rows the office gives."""
        return tuple(each for each in self.lists if each.rows and each.rows.fixed)

    @cached_property
    def broad_lists(self) -> tuple[Component, ...]:
        """The lists whose rows are blocks."""
        return tuple(each for each in self.lists if each.rows and broad(shown(each), each.rows))

    @cached_property
    def by_key(self) -> Mapping[str, Component]:
        """Questions, lists and computed values by their key."""
        return {each.key: each for each in self.walk() if each.key}

    @cached_property
    def columns(self) -> frozenset[str]:
        """Keys of the columns of all lists."""
        return frozenset(each.key for each in self.everything if each.id in self.list_of and each.key)

    def columns_of(self, each: Component) -> frozenset[str]:
        """Keys that stand in the same row."""
        own = self.list_of.get(each.id)
        return frozenset(column.key for column in own.children if column.key) if own else frozenset()

    def names_for(self, each: Component) -> frozenset[str]:
        """Every name of the form an expression of this component may read."""
        return frozenset(self.by_key) | self.columns_of(each) | self.columns

    def neighbours(self, each: Component) -> Mapping[str, Component]:
        """What the component's expressions may read, by key; a row's own columns come first."""
        own = self.list_of.get(each.id)
        if not own:
            return self.by_key
        return {**self.by_key, **{column.key: column for column in own.children if column.key}}

    def controls_for(self, each: Component) -> Mapping[str, Component]:
        """The choices that may decide about this component in CSS."""
        near = self.neighbours(each)
        return {key: control for key, control in near.items() if control.type in _VISIBLE_CHOICES}

    def hides_for(self, each: Component) -> Mapping[str, tuple[feel.Expression, ...]]:
        """For each neighbour, the conditions that hide it: its own and those of the groups around it."""
        own = self.list_of.get(each.id)
        found: dict[str, tuple[feel.Expression, ...]] = {}
        for key, control in self.neighbours(each).items():
            around = self.parents[control.id] if self.list_of.get(control.id) is not own else ()
            found[key] = tuple(one.hide for one in (*around, control) if one.hide)
        return found

    def reaches(self, each: Component) -> frozenset[str]:
        """Names the component's condition depends on, through computed values and hidden questions too."""
        if each.id not in self._reaches:
            self._reaches[each.id] = self._reach(each)
        return self._reaches[each.id]

    @cached_property
    def _reaches(self) -> dict[str, frozenset[str]]:
        return {}

    def _reach(self, each: Component) -> frozenset[str]:
        near = self.neighbours(each)
        found: set[str] = set()
        open_names = set(each.hide.reads(near) if each.hide else ())
        while open_names:
            name = open_names.pop()
            found.add(name)
            control = near.get(name)
            if not control:
                continue
            around = (*self.parents[control.id], control)
            more = {part for one in around if one.hide for part in one.hide.reads(near)}
            if control.expression:
                more |= control.expression.reads(near)
            open_names |= more - found
        return frozenset(found)

    @cached_property
    def _stylesheet(self) -> str:
        rules: list[str] = []
        for each in self.everything:
            if each.hide and each.id in self.by_css:
                rules += self._rules(each, each.hide)
        return "@supports selector(:has(*)){\n" + "\n".join(rules) + "\n}\n" if rules else ""

    def css(self) -> str:
        """The conditions as a stylesheet; the same for every case, so a browser may keep it for good."""
        return self._stylesheet

    def _rules(self, each: Component, hide: feel.Expression) -> list[str]:
        own = self.list_of.get(each.id)
        scope = ".tf-row" if own else f'form[data-form="{self.id}"]'
        chains = css(hide, self.controls_for(each), self.hides_for(each))
        rules = [f'{scope}{chain} [data-cond="{each.id}"]{{display:none}}' for chain in chains]
        if own:  # where rows are blocks the whole cell goes, its label too
            cells = [f'{chain} td[data-cell="{each.id}"]{{display:none}}' for chain in chains]
            rules += [f"{look} {scope}{cell}" for cell in cells for look in (".cards", ".dense")]
            rules += [f"@media(max-width:860px){{{scope}{cell}}}" for cell in cells]
        return rules

    @cached_property
    def by_css(self) -> frozenset[str]:
        """Ids of the components whose condition CSS can say, if all its questions are on the page."""
        found = set()
        for each in self.everything:
            if not each.hide or (each.id in self.list_of and self.reaches(each) - self.columns_of(each)):
                continue
            try:
                css(each.hide, self.controls_for(each), self.hides_for(each))
            except Unsayable:
                continue
            found.add(each.id)
        return frozenset(found)

    @cached_property
    def read(self) -> frozenset[str]:
        """Every name that some expression of the form reads."""
        texts = (text for each in self.everything for _place, text in each.expressions())
        return frozenset(name for text in texts for name in text.names | text.homonyms)

    @cached_property
    def uploads(self) -> tuple[str, ...]:
        """Keys of the questions that take files."""
        return tuple(each.key for each in self.walk() if each.type == "filepicker")

    @cached_property
    def keys(self) -> frozenset[str]:
        """Every name an answer of this form has."""
        return frozenset(
            each.key
            for each in self.walk()
            if each.key and (each.type in INPUTS or each.type in ("dynamiclist", "expression"))
        )
