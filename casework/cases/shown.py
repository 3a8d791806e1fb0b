"""What a page shows of a case: checks with their legal source, earlier answers, the path on the drawing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import joinedload

from casework import clock, forms, journal
from casework.cases import choices, links, persons, privacy, unnamed
from casework.cases.facts import for_step
from casework.cases.model import Case, Step
from casework.cases.turn import Turn
from casework.db import db
from casework.engine import picture, printed
from casework.engine.feel import FeelError
from casework.people import Post
from casework.words import Words, both


@dataclass(frozen=True)
class Checked:
    """One line of 系统核验. `ok` is None when it cannot be said yet."""

    title: str
    says: str
    basis: str
    ok: bool | None


def outcome(turn: Turn) -> Words | None:
    """How the case has come out, for those who may see it: in the procedure's words, or by its end."""
    try:
        zh, en = (turn.value(text) for text in turn.procedure.outcome or ())
    except (FeelError, ValueError):  # what it reads is not there yet; it is not said
        zh, en = None, None
    if zh or turn.case.status != "ended":
        return both(str(zh), str(en)) if zh else None
    return ends([turn.case]).get(turn.case.id)


def ends(several: Iterable[Case]) -> dict[int, Words]:
    """By which end each of these cases has ended, as its drawing calls it; by the case's id."""
    ended = {one.id: one for one in several if one.status == "ended"}
    found: dict[int, Words] = {}
    for entry in journal.last_of(list(ended), "ended"):
        procedure = ended[entry.case_id].procedure
        elements = procedure.flow.elements
        names = [elements[one].name for one in entry.facts["ends"] if one in elements]
        if any(names):
            english = ", ".join(procedure.says(name, "en") for name in names)
            found[entry.case_id] = both("、".join(names), english)
    return found


def checks(turn: Turn, lang: str, step: Step | None = None) -> list[Checked]:
    """Every check of the procedure, with a step those that stand beside it, against this case, now."""
    wanted = [
        one for one in turn.procedure.checks if step is None or not one.steps or step.element in one.steps
    ]
    found, scope = [], turn.scope()
    if any("concerning" in one.reads for one in wanted):
        scope["concerning"] = links.concerning(turn.case, turn.now)
    for check in wanted:
        try:
            ok = check.ok.evaluate(scope, turn.functions)
            text = (check.says_en if lang == "en" else None) or check.says
            says = text.evaluate(scope, turn.functions) if text else ""
        except FeelError:
            ok, says = None, ""
        if ok is None and not says:
            continue  # its facts are not there yet
        found.append(
            Checked(
                turn.procedure.says(check.title, lang),
                str(says or ""),
                turn.procedure.says(check.basis, lang),
                ok if isinstance(ok, bool) else None,
            )
        )
    return found


@dataclass(frozen=True)
class Answered:
    """A completed step; its form, filled as it was, when it is asked for."""

    step: Step
    lang: str

    @cached_property
    def bound(self) -> forms.Bound:
        """The form as it was answered."""
        return answered(self.step, self.lang)


def known(turn: Turn, step: Step, lang: str) -> list[Answered]:
    """The latest completed steps, one for each form and party, the application first; no secret ones.

    Where several persons of one party must each say what they found, one for each of them.
    """
    if privacy.apart(step) or turn.by is None:
        return []
    nameless = unnamed.steps(step.case, turn.by, turn.now)
    rows = db.session.scalars(
        sa.select(Step)
        .where(Step.case_id == step.case_id, Step.status == "done", Step.form != "")
        .options(joinedload(Step.organisation), joinedload(Step.done_post).joinedload(Post.user))
        .order_by(Step.id.desc())
        .limit(40)
    )
    latest: dict[tuple[str, int, str], Step] = {}
    for row in rows:
        if privacy.hidden(row, turn.by, turn.now) or unnamed.keeps(row, nameless, turn.by):
            continue
        latest.setdefault((row.form, row.organisation_id, persons.seat(row)), row)
    return [Answered(s, lang) for s in sorted(latest.values(), key=lambda s: s.id)]


def answered(step: Step, lang: str, answers: Mapping[str, Any] | None = None) -> forms.Bound:
    """The form of a completed step as it was answered."""
    case = step.case
    form = step.procedure.forms[step.form]
    given = dict(step.answers if answers is None else answers)
    lists = choices.of(step, form)
    facts = {**case.facts, **(case.variables or {}), **lists, "party": step.lane}
    rows = {own.key: given.get(own.key) or [] for own in form.lists if own.rows and own.rows.source}
    today = clock.local(step.done_at).date() if step.done_at else clock.today()
    files = {key: [_Kept(f) for f in given.get(key) or []] for key in form.uploads}
    return form.bind(lang, values=given, facts=facts, files=files, today=today, rows=rows, done=True)


class _Kept:
    """A stored file as the form layer reads it."""

    def __init__(self, one: Mapping[str, Any]) -> None:
        self.id, self.name, self.size = str(one["id"]), str(one["name"]), int(one["size"])


def style() -> str:
    """Colours and lines of the drawings, so that the file can be opened by itself."""
    folder = Path(current_app.static_folder or "")
    sheet = (folder / "app.css").read_text("utf-8")
    colours = sheet[sheet.index(":root{") : sheet.index("}", sheet.index(":root{")) + 1]
    return colours + (folder / "picture.css").read_text("utf-8")


def drawing(case: Case, lang: str, now: datetime, style: str = "") -> str:
    """The drawing of the procedure with where the case is, where it has been and how long each step took.

    `style`: a stylesheet to go with it, for a file that stands alone; without one, sheets to print follow.
    """
    procedure = case.procedure
    states, notes = {}, {}
    for step in db.session.scalars(
        sa.select(Step).where(Step.case_id == case.id).order_by(Step.id.desc()).limit(400)
    ):
        if step.element in states:
            continue
        if step.status == "open":
            late = step.due is not None and step.due < now
            states[step.element] = "late" if late else "now"
        elif step.status == "done":
            states[step.element] = "done"
            notes[step.element] = lasted(step, lang)
        else:
            states[step.element] = "skip"
    taken = set(case.flows.split())
    for element in procedure.flow.elements.values():
        if element.id not in states and taken & set(element.incoming):
            states[element.id] = "done"
    data = procedure.files["process.bpmn"]
    drawn = picture.svg(
        data,
        states=states,
        notes=notes,
        flows=taken,
        title=procedure.says(procedure.title, lang),
        lang=lang,
        say=lambda chinese: procedure.says(chinese, lang),
        style=style,
    )
    return drawn if style else drawn + printed.of(data, drawn)


def lasted(step: Step, lang: str) -> str:
    """How long a step lay on its desk, in words short enough for the drawing; an application lay on none."""
    if step.done_at is None or step.done_at == step.opened_at:
        return ""
    hours = (step.done_at - step.opened_at).total_seconds() / 3600
    if hours < 1:
        return "不到 1 小时" if lang == "zh" else "under 1 h"
    if hours < 24:
        return f"{hours:.0f} 小时" if lang == "zh" else f"{hours:.0f} h"
    return f"{hours / 24:.1f} 天" if lang == "zh" else f"{hours / 24:.1f} d"


__all__ = [
    "Answered",
    "Checked",
    "answered",
    "checks",
    "drawing",
    "ends",
    "for_step",
    "known",
    "lasted",
    "outcome",
]
