"""What would not run in a drawing, and what its drafter should know, in both languages."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from casework.engine import bpmn
from casework.engine.bpmn import Node
from casework.engine.elements import Element
from casework.engine.findings import Finding


@dataclass(frozen=True, slots=True)
class Given:
    """What the procedure has beside the drawing; None: unknown, so not checked."""

    decisions: frozenset[str] | None = None
    known: Collection[str] | None = None
    effects: Collection[str] | None = None
    forms: Collection[str] | None = None


def executable(tree: Node, wanted: str | None) -> tuple[str, list[Finding]]:
    """Choose the process that a case carries out."""
    processes = list(bpmn.children(tree, "process"))
    names = [bpmn.attr(p, "id") for p in processes]
    if wanted is not None:
        return wanted, []
    return (names[0] if names else ""), []


def findings(
    tree: Node, main: str | None, elements: Mapping[str, Element], called: Sequence[Node], given: Given
) -> list[Finding]:
    """Check one file."""
    return []
