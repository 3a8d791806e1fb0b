"""Who reads the papers of a tender: everybody, or (by invitation) those invited and those who run it.

Nobody else is told more of it than that it is held, where it stands and on which ground it is not public.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from casework.bids import Bidding
from casework.cases import bidding, lists
from casework.cases.bidding import section
from casework.cases.model import Case
from casework.db import db
from casework.engine import feel
from casework.people import Organisation, Post
from casework.words import Words, both


@dataclass(frozen=True)
class Ground:
    """Why a tender is not public, and the articles."""

    says: Words
    basis: str


def public(case: Case) -> bool:
    """Whether anybody may read: `bidding: public` says so of the case variables, and nothing else does.

    A procedure without that line is public where every enterprise may bid.
    """
    text = section(case).get("public")
    if text is None:
        return bidding.invited(case) is None
    return feel.compile(str(text)).evaluate(case.variables or {}, {}) is True


def within(case: Case, by: Post | None) -> bool:
    """Whether this post may read: else those invited, the parties, and those named under `privy`."""
    if public(case):
        return True
    if by is None:
        return False
    return _named(case, by.organisation_id) or lists.open_to(by, case)


def _named(case: Case, organisation_id: int) -> bool:
    """Whether it is invited, or stands under `privy`."""
    also = {int(one) for one in bidding.value(case, "privy") or ()}
    return organisation_id in (bidding.invited(case) or frozenset()) | also


def about(case: Case, by: Post | None) -> bool:
    """Whether this post may read what a case about a tender shows in public, the draw of its experts.

    Who is told no more of a tender than that it is held is told nothing of its evaluation.
    """
    tender = case.parent
    if tender is None or db.session.get(Bidding, tender.id) is None or within(tender, by):
        return True
    return by is not None and lists.open_to(by, case)


def shut(several: Iterable[Case], by: Post | None) -> set[int]:
    """Those of these tenders that are not for this reader, asked for all of them at once."""
    closed = [one for one in several if not public(one)]
    if not closed or by is None:
        return {one.id for one in closed}
    seen = lists.seen(by, [one.id for one in closed])
    return {one.id for one in closed if one.id not in seen and not _named(one, by.organisation_id)}


def told(case: Case, organisation_id: int) -> bool:
    """Whether an organisation may know of this case what everybody may not."""
    if not case.procedure.about.get("bidding") or public(case):
        return True
    return _named(case, organisation_id) or organisation_id in lists.parties(case.id)


def ground(case: Case) -> Ground | None:
    """What `bidding: ground` tells the public of it."""
    said = bidding.value(case, "ground")
    return Ground(both(str(said["says"]), str(said["says_en"])), str(said["basis"])) if said else None


def bureau(case: Case) -> Organisation | None:
    """Where one complains."""
    return db.session.get(Organisation, case.facts["district"].get("bureau"))
