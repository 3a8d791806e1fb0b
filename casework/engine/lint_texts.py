"""Lint of a drawing's texts: FEEL that does not parse, scripts that are none, names nobody knows."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping
from datetime import UTC, datetime

from casework.engine import bpmn, dialects, expressions, feel, timers
from casework.engine.bpmn import Node, b
from casework.engine.elements import Element
from casework.engine.expressions import Place
from casework.engine.lint_words import Report
from casework.engine.script import Failure

#: Any moment will do to see whether a timer that is the same for every case gives one.
SOME_DAY = datetime(2026, 1, 1, tzinfo=UTC)


def check(
    tree: Node,
    elements: Mapping[str, Element],
    known: Collection[str] | None,
    functions: Collection[str] | None,
    report: Report,
) -> None:
    """Compile every text of a drawing; with `known` names and `functions` also look for unknown ones."""
    labels = {bpmn.attr(n, "id"): bpmn.attr(n, "name") for n in tree.iter(b("sequenceFlow"))}
    labels |= {e.id: e.name for e in elements.values()}
    names = None if known is None else frozenset(known) | expressions.written(elements)
    for place in expressions.places(tree, elements):
        words = {"who": f"“{labels.get(place.element) or place.element}”", "text": short(place.text)}
        compiled = _compiled(place, words, names or frozenset(), report)
        if compiled is None:
            continue
        if place.use == "timer" and not _gives_time(compiled):
            report.put("timer", place.element, place.line, **words)
        unknown = [("unknown-name", compiled.names, None if names is None else names | place.local)]
        unknown += [
            ("unknown-function", compiled.functions, None if functions is None else frozenset(functions))
        ]
        for code, used, there in unknown:
            for name in () if there is None else sorted(used - there):
                report.put(
                    code, place.element, place.line, id=name, **words, **_hint(name, there or frozenset())
                )
    for element in elements.values():
        if element.script:
            _script(element, report)


def _compiled(
    place: Place, words: Mapping[str, str], names: frozenset[str], report: Report
) -> feel.Expression | None:
    if dialects.is_juel(place.text):
        report.put("juel", place.element, place.line, **words)
        return None
    try:
        return feel.compile(place.text, names=names | place.local)
    except feel.FeelError as wrong:
        code = "timer" if place.use == "timer" else "expression"
        report.put(code, place.element, place.line, zh=wrong.zh, en=wrong.en, **words)
        return None


def _gives_time(compiled: feel.Expression) -> bool:
    """A timer that reads nothing from the case says a time already now; any other may."""
    if compiled.names or compiled.possible or compiled.homonyms or compiled.functions:
        return True
    try:
        timers.schedule(compiled.evaluate({}), SOME_DAY, compiled.text)
    except (Failure, feel.FeelError):
        return False
    return True


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
