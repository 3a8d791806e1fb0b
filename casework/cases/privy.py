"""Who reads the papers of a tender: everybody, or (by invitation) those invited and those who run it.

Nobody else is told more of it than that it is held, where it stands and on which ground it is not public.
"""

from __future__ import annotations

from dataclasses import dataclass

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
    also = {int(one) for one in bidding.value(case, "privy") or ()}
    return by.organisation_id in (bidding.invited(case) or frozenset()) | also or lists.open_to(by, case)


def ground(case: Case) -> Ground | None:
    """What `bidding: ground` tells the public of it."""
    said = bidding.value(case, "ground")
    return Ground(both(str(said["says"]), str(said["says_en"])), str(said["basis"])) if said else None


def bureau(case: Case) -> Organisation | None:
    """Where one complains."""
    return db.session.get(Organisation, case.facts["district"].get("bureau"))
