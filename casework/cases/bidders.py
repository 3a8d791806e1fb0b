"""What bidders do: place, confirm, withdraw, ask; asked first whether they may, with every reason (T79).

These acts are written nowhere but in the bidder's own pseudonymous row (casework/bids/room.py): not in the
record, the table of acts, a draft, a letter or a log.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from casework import bids, clock, standing
from casework.bids import Receipt, Terms, envelope
from casework.cases import bidding
from casework.cases.bidding import terms
from casework.cases.model import Case
from casework.db import db
from casework.errors import Refused
from casework.people import Post
from casework.rules import rule
from casework.words import _, both

#: Who may enter the bid room at all.
bid = bids.who.bid


@rule(
    _("本次招标只由受邀请的企业投标；采用资格预审的，只由审查合格并且选入的企业投标。贵单位不在其列。"),
    basis=_("招标投标法 第十七条；招标投标法实施条例 第十九条"),
)
def invited(by: Any, terms: Terms) -> bool:
    """An invited tender, or one after prequalification, is for those named."""
    return terms.invited is None or by.organisation_id in terms.invited


def named(case: Case, by: Post | None) -> bool:
    """Whether the tender is for some enterprises only, and this is one of them."""
    who = bidding.invited(case)
    return by is not None and who is not None and by.organisation_id in who


def placed(case: Case, by: Post | None) -> bool:
    """Whether this enterprise has a bid in the tender; asked for its own page only."""
    return by is not None and bid(by) and bids.room.mine(terms(case), by.organisation_id) is not None


class Ineligible(Refused):
    """Not eligible: every reason with its document (T79)."""

    says = _("贵单位目前不符合投标资格。")

    def __init__(self, reasons: tuple[standing.Reason, ...], closes_at: datetime) -> None:
        self.reasons = reasons
        self.outlook = standing.outlook(((r.kind, r.until) for r in reasons), clock.local(closes_at).date())
        zh, en = ("；".join(_reason(r, lang) for r in reasons) for lang in ("zh", "en"))
        super().__init__(_("贵单位目前不符合投标资格：%(reasons)s", reasons=both(zh, en)))


def _reason(one: standing.Reason, lang: str) -> str:
    words = one.en if lang == "en" else one.zh
    return f"{words}（{one.document}）" if one.document else words


def ask_eligible(said: Terms, by: Post) -> None:
    """Go on when this organisation may bid here today; every reason otherwise."""
    bid.ask(by)
    invited.ask(by, said)
    found = standing.eligible(by.organisation_id, said.tenderer, clock.today())
    if not found.eligible:
        raise Ineligible(found.reasons, said.closes_at)


def place(
    case: Case, arrived: bids.room.Arrived, *, by: Post, now: datetime, sealed_by: str = "browser"
) -> Receipt:
    """A sealed bid is delivered; the caller commits, also when it is Late."""
    said = terms(case)
    ask_eligible(said, by)
    return bids.room.place(said, arrived, by=by, sealed_by=sealed_by, now=now)


def deliver(case: Case, blob: bytes, *, by: Post, now: datetime, sealed_by: str = "browser") -> Receipt:
    """An envelope is looked into and placed; the caller commits, also when it is Late."""
    said = terms(case)
    ask_eligible(said, by)
    organisation_id, there = by.organisation_id, bids.decoys.restless(said.case_id)
    db.session.rollback()  # looking into a large envelope holds nobody up
    arrived = bids.room.arrive(said, organisation_id, blob, there)
    return place(case, arrived, by=by, now=now, sealed_by=sealed_by)


def confirm(case: Case, *, by: Post, now: datetime) -> Receipt:
    """The bidder stands by the bid."""
    bid.ask(by)
    return bids.room.confirm(terms(case), by=by, now=now)


def withdraw(case: Case, *, by: Post, now: datetime) -> Receipt:
    """The bidder takes the bid back."""
    bid.ask(by)
    return bids.room.withdraw(terms(case), by=by, now=now)


def ask(case: Case, text: str, *, by: Post, now: datetime) -> None:
    """An enterprise asks about the documents."""
    bid.ask(by)
    said = terms(case)
    invited.ask(by, said)
    bids.questions.ask(said, text, by=by, now=now)


def about_bidder(said: Terms, by: Post) -> dict[str, str]:
    """What stands in the sealed list: whose bid it is, and of which tender."""
    return {
        "tender": said.tender,
        "bidder": said.binding(by.organisation_id).pseudonym,
        "name": by.organisation.name,
        "code": by.organisation.code or "",
    }


def target(said: Terms, by: Post) -> dict[str, Any]:
    """What the browser needs to seal a bid of this organisation, and the name of its draft."""
    binding = said.binding(by.organisation_id)
    return {
        "tender": binding.tender,
        "pseudonym": binding.pseudonym,
        "form": binding.form,
        "documents": binding.documents,
        "publics": [public.hex() for public in said.publics],
        "needed": said.needed,
        "about": about_bidder(said, by),
        "draft": bids.room.draft_name(said, by),
    }


def seal_here(said: Terms, typed: Mapping[str, list[str]], files: list[bids.Attached], *, by: Post) -> bytes:
    """Seal on the server, at once and in memory: only where the profile allows it, and marked so."""
    plain = bids.pack(about_bidder(said, by), typed, files)
    return envelope.seal(plain, said.binding(by.organisation_id), said.publics, said.needed)
