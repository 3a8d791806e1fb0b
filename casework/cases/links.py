"""Cases that concern other cases: which one a new case may name, and what it then knows of it.

Deny by default: a case that a procedure does not list, or that is not this person's to name, is as if it were
not there. Whoever may see the other case anyway is told why it cannot be named now; so is everybody whom its
procedure lets name it, while a notice of it hangs on the public board.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from casework import bids, clock, notices, papers, procedures, rules
from casework.cases import early, lists, privy
from casework.cases.model import Case, Party
from casework.cases.turn import Turn
from casework.db import db
from casework.engine.feel import FeelError
from casework.errors import NotYet, Unknown
from casework.people import Organisation, Post
from casework.words import _, both

#: How many of the newest cases are looked at for the list to choose from, and how many are offered; an older
#: one is named by its number.
LOOKED = 200
OFFERED = 20
#: Linked cases on the page of a case.
SHOWN = 50
#: Whatever a case shows is read from its facts: they come with it.
_FACTS = joinedload(Case.kept)


#: The numbers of the papers of several cases, read at once.
Numbers = Mapping[int, Mapping[str, str | None]]


def numbers(several: Iterable[Case]) -> Numbers:
    """Of those cases that show a number of a paper."""
    ids = [one.id for one in several if _prints(one)]
    return papers.numbers_of(ids) if ids else {}


def _prints(case: Case) -> bool:
    return any("papers" in text.names for text in case.procedure.shows.values())


def shown(case: Case, now: datetime, known: Numbers | None = None, to: str = "") -> dict[str, Any]:
    """What the case lets other cases and public pages know, now; null where it is not known yet.

    `known`: the `numbers` of all the cases of a list, for a list. `to`: the procedure of the case that is to
    know it; what `shows_to` keeps for some procedures is null for everybody else.
    """
    turn = Turn(case, None, now)
    scope = turn.scope()
    if _prints(case):
        scope["papers"] = dict((numbers([case]) if known is None else known).get(case.id, {}))
    found: dict[str, Any] = {}
    kept = turn.procedure.about.get("shows_to") or {}
    for name, text in turn.procedure.shows.items():
        found[name] = None
        if name not in kept or to in kept[name]:
            with suppress(FeelError):
                found[name] = text.evaluate(scope, turn.functions)
    return found


def concerned(case: Case, now: datetime, known: Numbers | None = None, to: str = "") -> dict[str, Any]:
    """The other case as a new one, of the procedure `to`, keeps it: its head, and every fact it shows."""
    return {
        "number": case.number,
        "procedure": case.key,
        "title": case.title,
        "title_en": case.says_title("en"),
        "status": case.status,
        "starter": case.facts.get("starter"),
        "project": case.facts.get("project"),
        **shown(case, now, known, to),
    }


def numbered(number: str, now: datetime, to: int) -> dict[str, Any] | None:
    """What the case of this number shows an organisation now; None where there is none."""
    case = _numbered(number)
    return None if case is None else told(case, concerned(case, now), to)


def find(number: str, procedure: procedures.Procedure, *, by: Post, now: datetime) -> Case:
    """The case that a new one is to concern."""
    case = _numbered(number.strip().upper())
    if case is None:
        raise Unknown
    judge(procedure, case, by=by, now=now)
    return case


def _numbered(number: str) -> Case | None:
    return db.session.scalars(sa.select(Case).where(Case.number == number)).first()


def judge(procedure: procedures.Procedure, case: Case, *, by: Post, now: datetime) -> None:
    """May this post begin such a case about this one? Unknown or, to those who see it, the reason why not."""
    concerns = procedure.concerns
    if concerns is None or case.key not in concerns.procedures:
        raise Unknown
    if not rules.concern(by, concerns.open_to, lists.parties(case.id)):
        raise Unknown
    if not holds(concerns, case, by.organisation, now):
        if not lists.open_to(by, case) and not _announced(case, now):
            raise Unknown
        raise _unless(procedure)
    if (first := _first(procedure, case, by)) is not None:
        raise NotYet(
            _("本单位就该案件提出的申请（%(number)s）尚未办结；需要更换的，请先撤回原申请。", number=first)
        )


def _first(procedure: procedures.Procedure, case: Case, by: Post) -> str | None:
    """The number of the organisation's own case about this one, where it is open and only one may be."""
    if procedure.concerns is None or not procedure.concerns.once:
        return None
    ours = (Case.key == procedure.key, Case.starter_organisation_id == by.organisation_id)
    query = sa.select(Case.number).where(Case.parent_id == case.id, Case.status == "open", *ours)
    return db.session.scalars(query.limit(1)).first()


def _announced(case: Case, now: datetime) -> bool:
    """Whether a notice on the public board tells everybody that there is such a case, going on."""
    today = clock.local(now).date()
    return case.status == "open" and any(notices.hangs(one, today) for one in notices.of(case.id))


def follows(procedure: procedures.Procedure, case: Case, *, by: Post, now: datetime) -> None:
    """The drawing of the other case has begun this application for its starter; links declared are judged."""
    if procedure.concerns is not None:
        judge(procedure, case, by=by, now=now)
    elif not lists.open_to(by, case):
        raise Unknown


def asked(procedure: procedures.Procedure, case: Case, starter: Organisation, now: datetime) -> None:
    """The drawing of the other case asks for this case itself: nobody applies, the links still hold."""
    concerns = procedure.concerns
    if concerns is None or case.key not in concerns.procedures:
        raise NotYet(_("“%(title)s”不能针对此类案件建立。", title=procedure.title))
    if not holds(concerns, case, starter, now):
        raise _unless(procedure)


def unfit(
    procedure: procedures.Procedure,
    case: Case,
    applicant: Organisation,
    now: datetime,
    known: Numbers | None = None,
) -> NotYet | None:
    """Why an application about this case may no longer be sent; None where it may, or nothing is asked."""
    concerns = procedure.concerns
    if concerns is None or case.key not in concerns.procedures:
        return None
    return None if holds(concerns, case, applicant, now, known) else _unless(procedure)


def _unless(procedure: procedures.Procedure) -> NotYet:
    concerns = procedure.concerns
    says = concerns.unless if concerns else ""
    return NotYet(both(says, procedure.says(says, "en"))) if says else NotYet()


def holds(
    concerns: procedures.Concerns,
    case: Case,
    applicant: Organisation,
    now: datetime,
    known: Numbers | None = None,
) -> bool:
    """Whether the case stands as the procedure asks; one that was withdrawn never does."""
    if case.status == "withdrawn":
        return False
    if concerns.when is None:
        return True
    one = {"id": applicant.id, "name": applicant.name, "kind": applicant.kind}
    scope = {**concerned(case, now, known), "applicant": one}
    try:
        return concerns.when.evaluate(scope, Turn(case, None, now).functions) is True
    except FeelError:
        return False


def offered(
    procedure: procedures.Procedure,
    *,
    by: Post,
    now: datetime,
    project_id: int | None = None,
    words: str = "",
) -> list[Case]:
    """The cases to choose from, newest first: OFFERED of them, and one more where there are more.

    `project_id`: only those of the project. `words`: only those whose number or title says all of them.
    """
    concerns = procedure.concerns
    if concerns is None:
        return []
    query = sa.select(Case).where(Case.key.in_(concerns.procedures))
    if project_id is not None:
        query = query.where(Case.project_id == project_id)
    for word in words.split()[:5]:
        said = (Case.number, Case.title, Case.title_en)
        query = query.where(sa.or_(*(column.icontains(word, autoescape=True) for column in said)))
    if concerns.open_to != "starts":
        ours = sa.exists().where(Party.case_id == Case.id, Party.organisation_id == by.organisation_id)
        query = query.where(ours)
    with_it = (_FACTS, joinedload(Case.starter))
    found = db.session.scalars(query.options(*with_it).order_by(Case.id.desc()).limit(LOOKED)).all()
    known = numbers(found) if concerns.when is not None else {}
    fit = (case for case in found if holds(concerns, case, by.organisation, now, known))
    return list(islice(fit, OFFERED + 1))


def offers(case: Case, *, by: Post | None, now: datetime) -> list[procedures.Procedure]:
    """What this post may begin about the case, whether it takes part in it or not, as the case stands now."""
    return [] if by is None else [one for one in procedures.offered() if _offers(one, case, by, now)]


def _offers(procedure: procedures.Procedure, case: Case, by: Post, now: datetime) -> bool:
    concerns = procedure.concerns
    if concerns is None or concerns.open_to != "starts" or case.key not in concerns.procedures:
        return False
    may = rules.start(by, procedure.about.get("starts")) and holds(concerns, case, by.organisation, now)
    return may and _first(procedure, case, by) is None


def concerning(case: Case, now: datetime) -> list[dict[str, Any]]:
    """The cases that concern this one, in the order of their opening: their head, every fact they show."""
    query = sa.select(Case).where(Case.parent_id == case.id).options(_FACTS)
    found = db.session.scalars(query.order_by(Case.id)).all()
    known = numbers(found)
    return [
        {
            **concerned(one, now, known),
            "opened_on": clock.local(one.opened_at).date(),
            "opened_at": one.opened_at,
        }
        for one in found
    ]


def progress(case: Case, now: datetime) -> dict[str, list[dict[str, Any]]]:
    """How far the project is: its cases of every procedure, by the procedure's key, the newest first."""
    found: dict[str, list[dict[str, Any]]] = {}
    query = sa.select(Case).where(Case.project_id == case.project_id, Case.status != "withdrawn")
    newest = db.session.scalars(query.options(_FACTS).order_by(Case.id.desc()).limit(SHOWN)).all()
    known = numbers(newest)
    for one in newest:
        found.setdefault(one.key, []).append(concerned(one, now, known))
    return found


@dataclass(frozen=True)
class Around:
    """The cases a case is linked with, as far as the reader may see them."""

    concerns: Case | None
    concerned_by: tuple[Case, ...]
    #: the case this one concerns, where the reader sees no more of it than everybody: a tender that is out
    public: Case | None = None

    def __bool__(self) -> bool:
        return self.concerns is not None or self.public is not None or bool(self.concerned_by)


def around(case: Case, *, by: Post) -> Around:
    """The case this one concerns, and those that concern it."""
    other = db.session.get(Case, case.parent_id) if case.parent_id else None
    query = sa.select(Case).where(Case.parent_id == case.id, lists.visible(by)).order_by(Case.id).limit(SHOWN)
    these = tuple(db.session.scalars(query))
    if other is None or lists.open_to(by, other):
        return Around(other, these)
    return Around(None, these, _out(other))


def _out(case: Case | None) -> Case | None:
    """The tender at the root of a case, where it is out, with bids or before: what everybody sees of it."""
    while case is not None:
        found = sa.select(bids.Bidding.case_id).where(bids.Bidding.case_id == case.id)
        if db.session.scalar(found) is not None or early.find(case.number) is not None:
            return case
        case = case.parent
    return None


def legible(case: Case, *, by: Post) -> list[str]:
    """The numbers of the cases concerning this one that the reader may read."""
    query = sa.select(Case.number).where(Case.parent_id == case.id, lists.visible(by))
    return list(db.session.scalars(query))


def ours(case: Case, *, by: Post | None) -> list[Case]:
    """What this reader may see of the cases that concern a tender, and of those that concern these."""
    if by is None or by.role == "admin":
        return []
    first = sa.select(Case.id).where(Case.parent_id == case.id)
    about = sa.or_(Case.parent_id == case.id, Case.parent_id.in_(first))
    query = sa.select(Case).where(about, lists.visible(by)).order_by(Case.id.desc()).limit(SHOWN)
    return list(db.session.scalars(query))


def facts(case: Case | None, key: str, starter_id: int, now: datetime) -> Mapping[str, Any] | None:
    """The context `concerned` of a new case.

    `earlier`: the starter's own cases of the same kind about it; `heard`: what it objected to at the opening.
    """
    if case is None:
        return None
    own = {"earlier": _earlier(case, key, starter_id, now), "heard": _heard(case, starter_id)}
    return {**told(case, concerned(case, now, to=key), starter_id), **own}


def told(case: Case, known: dict[str, Any], organisation_id: int) -> dict[str, Any]:
    """What an organisation may know of what a case shows: of a tender that is not for it, not its terms.

    `withheld` says that the names under `bidding: withholds` are null for this reason.
    """
    section = case.procedure.about.get("bidding") or {}
    if not section or privy.told(case, organisation_id):
        return {**known, "withheld": False}
    return {**known, **dict.fromkeys(section.get("withholds") or ()), "withheld": True}


def _heard(case: Case, starter_id: int) -> list[dict[str, Any]]:
    mine = [one for one in bids.hearing.of(case.id) if one.organisation_id == starter_id]
    return [
        {
            "no": no,
            "said_on": clock.local(one.at).date(),
            "answered_on": clock.local(one.answered_at).date() if one.answered_at else None,
        }
        for no, one in enumerate(mine, start=1)
    ]


def _earlier(case: Case, key: str, starter_id: int, now: datetime) -> list[dict[str, Any]]:
    query = sa.select(Case).where(
        Case.parent_id == case.id, Case.key == key, Case.starter_organisation_id == starter_id
    )
    found = db.session.scalars(query.options(_FACTS).order_by(Case.id).limit(SHOWN))
    return [
        {
            "number": one.number,
            "title": one.title,
            "status": one.status,
            "begun_on": clock.local(one.opened_at).date(),
            **shown(one, now),
        }
        for one in found
    ]
