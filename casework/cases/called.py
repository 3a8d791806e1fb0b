"""Names that were written down, in the reader's language: who recorded something, an issuer, a paper."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from casework import profiles
from casework.cases.model import Case
from casework.db import db
from casework.papers import Paper
from casework.people import Organisation, spoken
from casework.procedures import Procedure
from casework.words import spoken_in


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


def articles(basis: str, procedure: Procedure) -> str:
    """The articles a period rests on: in English as the folder, or the place's rules, say them."""
    if spoken_in() == "zh":
        return basis
    whole = procedure.says(basis, "en")
    return source("；".join(procedure.says(each, "en") for each in whole.split("；")))


def source(written: str) -> str:
    """Where a rule of the place is written."""
    return profiles.book().says(written, spoken_in())


#: As templates ask for them: `{{ row|recorder }}`.
FILTERS: dict[str, Callable[..., str]] = {
    "recorder": recorder,
    "organisation": organisation,
    "paper_title": paper,
    "articles": articles,
    "source": source,
}
