"""Names that were written down, in the reader's language: who recorded something, an issuer, a paper."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from casework.cases.model import Case
from casework.db import db
from casework.papers import Paper
from casework.people import Organisation, spoken
from casework.procedures import Procedure
from casework.words import _, say_in, spoken_in


def recorder(row: Any) -> str:
    """Who recorded this (`recorded_by`, `post_id`)."""
    return spoken(row.recorded_by, row.post_id)


def organisation(written: str, organisation_id: int | None) -> str:
    """An organisation, in English where it still bears the name written down and has an English one."""
    one = db.session.get(Organisation, organisation_id) if organisation_id and spoken_in() == "en" else None
    return one.label("en") if one and one.name == written else written


def paper(issued: Paper) -> str:
    """What a paper is called: in Chinese as it is printed, in English as its procedure calls it."""
    case = db.session.get(Case, issued.case_id) if spoken_in() == "en" else None
    return case.procedure.says(issued.title, "en") if case else issued.title


#: What the sources of a place's rules say besides naming an article.
REMARKS = (
    _("产品默认（法律未规定，可由地方改写）"),
    _("（条文未见原文，引用前须核对）"),
    _("由地方规定"),
)


def articles(basis: str, procedure: Procedure) -> str:
    """The articles a period rests on: as the folder says them in English, otherwise as they were cited."""
    if spoken_in() == "zh":
        return basis
    whole = procedure.says(basis, "en")
    said = "; ".join(procedure.says(each, "en") for each in whole.split("；"))
    for remark in REMARKS:
        said = said.replace(say_in("zh", remark), str(remark))
    return said


#: As templates ask for them: `{{ row|recorder }}`.
FILTERS: dict[str, Callable[..., str]] = {
    "recorder": recorder,
    "organisation": organisation,
    "paper_title": paper,
    "articles": articles,
}
