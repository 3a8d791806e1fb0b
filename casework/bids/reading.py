"""What an opened bid says: the form judges the answers as it always does; every flaw is a sentence."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from casework import files, forms
from casework.bids import secret, traces
from casework.bids.container import Attached

#: Kinds of text that are never shown: a keyed hash and the last signs are kept.
PRIVATE = frozenset({"idcard"})
#: Long answers that two honest bidders write in different words.
TEXTS = ("plan", "promises", "manager_cv")
#: Smaller files may be equal by chance (an empty page).
SMALLEST = 2048


@dataclass(frozen=True)
class Paper:
    """The bid form of the tender with what its expressions may read."""

    form: forms.Form
    facts: Mapping[str, Any]
    functions: Mapping[str, Any]
    today: date
    tender: str


@dataclass(frozen=True)
class Read:
    """Answers as they may be kept, hashes of the private ones, flaws in both languages."""

    answers: dict[str, Any]
    marks: dict[str, Any]
    flaws: list[dict[str, str]]


def read(
    paper: Paper,
    typed: Mapping[str, list[str]],
    kept: Mapping[str, Sequence[files.File]],
    found: Mapping[str, Any],
) -> Read:
    """Bind the typed answers to the form, in Python, whatever the browser has checked."""
    bound = {lang: _bind(paper, typed, kept, lang) for lang in ("zh", "en")}
    sections = [section.id for section in paper.form.sections]
    mistakes = []
    for each in bound.values():
        each.validate(sections)
        mistakes.append([error.text for error in each.errors()])
    flaws = [{"zh": zh, "en": en} for zh, en in zip(*mistakes, strict=True)]
    answers, marks = _without_private(paper, bound["zh"].answers())
    texts = [*(str(answers.get(key) or "") for key in TEXTS), str(found.get("words", ""))]
    compared = {key: found.get(key, []) for key in ("authors", "files")}
    return Read(answers, {**marks, **compared, "sketch": traces.sketch(texts)}, flaws)


def traces_of(attached: Sequence[Attached]) -> dict[str, Any]:
    """What of the attachments will be compared with the other bids."""
    made = {author for f in attached for author in traces.authors(f.name, f.data)}
    whole = {hashlib.sha256(f.data).hexdigest() for f in attached if len(f.data) >= SMALLEST}
    words = "".join(traces.words(f.data) for f in attached)
    return {"authors": sorted(made), "files": sorted(whole), "words": words}


def _bind(
    paper: Paper, typed: Mapping[str, list[str]], kept: Mapping[str, Sequence[files.File]], lang: str
) -> forms.Bound:
    sections = [section.id for section in paper.form.sections]
    typed = {**typed, "_section": sections}
    return paper.form.bind(
        lang,
        draft=typed,
        facts=paper.facts,
        files={key: kept.get(key, ()) for key in paper.form.uploads},
        today=paper.today,
        functions=paper.functions,
    )


def _without_private(paper: Paper, answers: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Identity numbers are kept as a keyed hash and the last four signs (个人信息保护法 第六条)."""
    marks = {}
    for key, value in list(answers.items()):
        question = paper.form.by_key.get(key)
        kind = question.properties.get("kind", "") if question else ""
        if value and isinstance(value, str) and kind in PRIVATE:
            marks[key] = secret.mark("private", paper.tender, value.upper())
            answers[key] = f"**************{value[-4:]}"
    return answers, marks
