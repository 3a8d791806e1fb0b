"""What the tests of procedure folders read: each file once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from casework import blanks, forms, yaml
from casework.engine import decisions, drawing
from casework.procedures import FACTS

WORKFLOWS = Path(__file__).parent.parent / "workflows"
FOLDERS = sorted(path.parent for path in WORKFLOWS.glob("*/procedure.yaml"))
STORIES = sorted(p for p in WORKFLOWS.glob("*/stories/*.yaml") if p.name != "answers.yaml")
CHINESE = re.compile(r"[\u4e00-\u9fff]")
BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
DI = "{http://www.omg.org/spec/DD/20100524/DI}"
BPMNDI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
DC = "{http://www.omg.org/spec/DD/20100524/DC}"
#: What a form of a step may read besides the variables of its case (casework/cases/facts.py).
STEP_FACTS = FACTS | {"item", "items", "refused"}
#: What the effects of an evaluation give (casework/cases/panel.py).
GIVEN = {
    "list facilities": ("facility_rows", "facility_list"),
    "note facilities": ("facilities_noted",),
    "fix pool": ("draw_number", "pool_hash", "pool_size", "pool_eligible", "lacking"),
    "draw experts": ("drawn", "unrevealed", "seed", "to_call"),
    "replace expert": ("members", "to_call", "unstated", "absent", "exhausted", "formed"),
    "check bids": ("to_check", "compliant", "rejected", "valid_count", "to_clarify", "signs", "sums"),
    "tally scores": (
        "unscored",
        "all_scored",
        "must_extend",
        "too_short",
        "ranking",
        "compliant",
        "rejected",
    ),
    "draft report": ("candidates", "report_digest", "all_rejected", "turned_down"),
    "count signatures": ("signatures", "dissents"),
}
THEN = {"status", "open", "ends", "papers", "notices", "letters", "facts", "due", "pending"}
THEN |= {"begun", "registered rooms", "registered facilities"}

folders = pytest.mark.parametrize("folder", FOLDERS, ids=lambda f: f.name)
stories = pytest.mark.parametrize("path", STORIES, ids=lambda p: f"{p.parent.parent.name}/{p.stem}")


@cache
def about(folder: Path) -> dict[str, Any]:
    return yaml.read((folder / "procedure.yaml").read_text(encoding="utf-8"))


@cache
def opened(folder: Path) -> drawing.Drawing:
    tables = [decisions.read(path.read_bytes()) for path in folder.glob("*.dmn")]
    keep = about(folder).get("keeps") or ()
    return drawing.open((folder / "process.bpmn").read_bytes(), decisions=tables, keep=keep)


@cache
def variables(folder: Path) -> frozenset[str]:
    """Everything a case of this kind may hold: answers it keeps and what its drawing writes."""
    flow = opened(folder)
    written = {name for e in flow.elements.values() for name in (*e.outputs, *(e.inputs if e.effect else ()))}
    results = {e.result for e in flow.elements.values() if e.result}
    collected = {e.loop.output for e in flow.elements.values() if e.loop and e.loop.output}
    return flow.keeps | written | results | collected | set(effects_facts(flow)) | heard(folder)


def heard(folder: Path) -> frozenset[str]:
    """What comes with the messages of other cases."""
    return frozenset(name for names in (about(folder).get("hears") or {}).values() for name in names)


def effects_facts(flow: drawing.Drawing) -> Iterator[str]:
    """The facts that effects return under their own names (workflows/README.md)."""
    if "tally stamps" in flow.effects.values():
        yield from ("all_confirmed", "refused_items", "pending_parties", "defects")
    if "close bidding" in flow.effects.values():
        yield from ("bid_count", "bid_root")
    if "open bids" in flow.effects.values():
        yield "bids"
    if "issue paper" in flow.effects.values():
        yield "papers"
    if "register parts" in flow.effects.values():
        yield "parts_registered"
    if "hand over rooms" in flow.effects.values():
        yield "rooms_handed_over"
    if "register project" in flow.effects.values():
        yield "project"
    for effect in flow.effects.values():
        yield from GIVEN.get(effect, ())


def texts(folder: Path, kind: str) -> dict[str, blanks.Leaf]:
    return {p.stem: blanks.read(p.read_text(encoding="utf-8")) for p in folder.glob(f"{kind}/*.md")}


def expressions(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        part = list(part.values())
    if isinstance(part, list):
        for value in part:
            yield from expressions(value)
    elif isinstance(part, str) and part.startswith("="):
        yield part


@cache
def questions(folder: Path) -> frozenset[str]:
    """Every question of every form of the folder, computed ones included."""
    found = (forms.read(p.read_text(encoding="utf-8")).keys for p in folder.glob("forms/*.form"))
    return frozenset().union(*found)


@cache
def story(path: Path) -> dict[str, Any]:
    return yaml.read(path.read_text(encoding="utf-8"))


def folder_of(name: str, told: dict[str, Any], home: Path) -> Path:
    """The folder of a case that takes part in a story under this name."""
    opened_as = {
        part.get("as") or part["opens"]: part["opens"] for part in told.get("steps", ()) if "opens" in part
    }
    return home.parent / opened_as.get(name, name)


@cache
def demo(name: str) -> Any:
    return yaml.read((WORKFLOWS / "demo" / f"{name}.yaml").read_text(encoding="utf-8"))
