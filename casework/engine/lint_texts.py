"""Lint of a drawing's texts: FEEL that does not parse, scripts that are none, names nobody knows."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping

from casework.engine import bpmn, dialects, expressions, feel
from casework.engine.bpmn import Node, b
from casework.engine.elements import Element
from casework.engine.expressions import Place
from casework.engine.lint_words import Report


def check(tree: Node, elements: Mapping[str, Element], known: Collection[str] | None, report: Report) -> None:
    """Compile every text of a drawing; with `known` names also look for unknown ones."""
    labels = {bpmn.attr(n, "id"): bpmn.attr(n, "name") for n in tree.iter(b("sequenceFlow"))}
    labels |= {e.id: e.name for e in elements.values()}
    names = None if known is None else frozenset(known) | expressions.written(elements)
    for place in expressions.places(tree, elements):
        _place(place, f"“{labels.get(place.element) or place.element}”", names, report)
    for element in elements.values():
        if element.script:
            _script(element, report)


def _place(place: Place, who: str, known: frozenset[str] | None, report: Report) -> None:
    words = {"who": who, "text": short(place.text)}
    if dialects.is_juel(place.text):
        report.put("juel", place.element, place.line, **words)
        return
    try:
        compiled = feel.compile(place.text, names=known or frozenset())
    except feel.FeelSyntax as wrong:
        if place.use == "timer":
            report.put("timer", place.element, place.line, **words)
            return
        words |= {"zh": wrong.zh, "en": wrong.en}
        report.put("expression", place.element, place.line, position=wrong.position + 1, **words)
        return
    if known is not None:
        for name in sorted(compiled.names - known - place.local):
            report.put("unknown-name", place.element, place.line, id=name, **words, **_hint(name, known))


def _hint(name: str, known: frozenset[str]) -> dict[str, str]:
    near = difflib.get_close_matches(name, known, n=1)
    if not near:
        return {"hint_zh": "", "hint_en": ""}
    return {"hint_zh": f"是否应为“{near[0]}”？", "hint_en": f"Did you mean “{near[0]}”?"}


def _script(element: Element, report: Report) -> None:
    try:
        expressions.assignments(element.script or "")
    except ValueError as wrong:
        name = element.name or element.id
        report.put("script", element.id, element.line, who=f"“{name}”", text=short(str(wrong)))


def short(text: str) -> str:
    """Show the beginning of a long text, on one line."""
    text = " ".join(text.split())
    return text if len(text) <= 60 else f"{text[:59]}…"
