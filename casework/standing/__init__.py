"""Stars, rectification, blacklist, bans: may this enterprise take on work, and if not, why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from casework import clock
from casework.db import db
from casework.people import Organisation
from casework.standing import advice
from casework.standing.acts import decide, keep, lift, record
from casework.standing.advice import outlook
from casework.standing.finding import (
    Entry,
    find,
    find_record,
    history,
    keepers,
    read_file,
    readable,
    recorded,
    search,
)
from casework.standing.record import (
    BARS,
    DECISIONS,
    KINDS,
    LIFTS,
    PUBLIC,
    SCOPES,
    Lift,
    NeverChanged,
    Record,
)
from casework.standing.relations import (
    RELATIONS,
    Body,
    Relation,
    RelationEnd,
    add_relation,
    end_relation,
    find_relation,
    keeps,
    relate,
    relations,
)
from casework.standing.ties import BASIS, Tie, conflicts, ties
from casework.words import dated, say_in

__all__ = [
    "BARS",
    "DECISIONS",
    "KINDS",
    "LIFTS",
    "PUBLIC",
    "RELATIONS",
    "SCOPES",
    "Body",
    "Entry",
    "Lift",
    "NeverChanged",
    "Reason",
    "Record",
    "Relation",
    "RelationEnd",
    "Standing",
    "Tie",
    "add_relation",
    "conflicts",
    "decide",
    "eligible",
    "eligible_facts",
    "end_relation",
    "facts",
    "find",
    "find_record",
    "find_relation",
    "history",
    "keep",
    "keepers",
    "keeps",
    "lift",
    "of",
    "outlook",
    "read_file",
    "readable",
    "record",
    "recorded",
    "relate",
    "relations",
    "search",
    "ties",
]

#: What each bar says, Chinese and English; `{}` is its reason.
SENTENCES = {
    "poor_rating": ("年度考核评价差：{}", "Rated poor in the yearly assessment: {}"),
    "rectification": ("处于整改期内，尚未销号：{}", "Under rectification, not yet closed: {}"),
    "blacklist": ("已列入不诚信名单，尚未消除：{}", "On the list of dishonest enterprises, not cleared: {}"),
    "ban": ("禁止参与投标期限未满：{}", "The ban on taking part in tenders is in force: {}"),
}


@dataclass(frozen=True)
class Reason:
    """Why not, in both languages, with the article, the document and the last day."""

    kind: str
    zh: str
    en: str
    basis: str
    document: str
    until: date | None
    record_id: int | None = None
    #: A decision that cites no statute: to be looked at again.
    unfounded: bool = False

    @property
    def advice(self) -> str:
        """What the enterprise can do about it."""
        return advice.on(self.kind, self.until)


@dataclass(frozen=True)
class Standing:
    """What the file says on a day."""

    eligible: bool
    stars: int | None
    reasons: tuple[Reason, ...]


def of(organisation_id: int, on: date | None = None) -> Standing:
    """The standing of an enterprise on a day, with every reason against it."""
    on = on or clock.today()
    organisation = db.session.get(Organisation, organisation_id)
    if organisation is None or organisation.kind != "enterprise" or not organisation.active:
        return Standing(False, None, (_unregistered(),))
    records = history(organisation_id)
    reasons = tuple(_reason(one, on) for one in records if one.kind in BARS and one.in_force(on))
    if not organisation.code:
        reasons = (_no_legal_person(), *reasons)
    return Standing(not reasons, _stars(records, on), reasons)


def eligible(organisation_id: int, tenderer_id: int, on: date | None = None) -> Standing:
    """May this enterprise bid for this tenderer: its standing, and what ties it to the tenderer."""
    on = on or clock.today()
    found = of(organisation_id, on)
    bidder = db.session.get(Organisation, organisation_id)
    tenderer = db.session.get(Organisation, tenderer_id)
    if bidder is None or tenderer is None:
        return found
    tied = ties(bidder, tenderer, on) if bidder.id != tenderer.id else ()
    itself = (_tenderer_itself(),) if bidder.id == tenderer.id else ()
    reasons = (*found.reasons, *itself, *(_tied(one) for one in tied))
    return Standing(not reasons, found.stars, reasons)


def facts(organisation_id: int, on: date | None = None) -> dict[str, Any]:
    """The standing as a FEEL context."""
    on = on or clock.today()
    return _context(organisation_id, on, of(organisation_id, on))


def eligible_facts(organisation_id: int, tenderer_id: int, on: date | None = None) -> dict[str, Any]:
    """The answer of `eligible` as a FEEL context."""
    on = on or clock.today()
    return _context(organisation_id, on, eligible(organisation_id, tenderer_id, on))


def _context(organisation_id: int, on: date, found: Standing) -> dict[str, Any]:
    return {
        "organisation": organisation_id,
        "on": on,
        "eligible": found.eligible,
        "stars": found.stars,
        "reasons": [
            {
                "kind": r.kind,
                "zh": r.zh,
                "en": r.en,
                "basis": r.basis,
                "document": r.document,
                "until": r.until,
                "unfounded": r.unfounded,
            }
            for r in found.reasons
        ],
    }


def _stars(newest_first: Sequence[Record], on: date) -> int | None:
    return next((r.value for r in newest_first if r.kind == "star" and r.in_force(on)), None)


def _reason(one: Record, on: date) -> Reason:
    zh, en = (
        text.format(one.why(lang)) for text, lang in zip(SENTENCES[one.kind], ("zh", "en"), strict=True)
    )
    if one.ends is not None:
        zh += f"（至{say_in('zh', dated(one.ends))}止）"
        en += f" (until {say_in('en', dated(one.ends))})"
    if one.unfounded:
        zh += "（提示：该决定未引用法律条文，请核实）"
        en += " (note: the decision cites no statute; check it)"
    return Reason(one.kind, zh, en, one.basis, one.document, one.ends, one.id, one.unfounded)


def _unregistered() -> Reason:
    return Reason(
        "unregistered",
        "该企业不在本系统名录内或者已停用。",
        "The enterprise is not on the register or has been closed.",
        "物业管理条例 第三十二条",
        "",
        None,
    )


def _no_legal_person() -> Reason:
    return Reason(
        "no_legal_person",
        "没有登记统一社会信用代码，不能证明独立法人资格。",
        "No credit code is registered: legal personality is not shown.",
        "物业管理条例 第三十二条",
        "",
        None,
    )


def _tenderer_itself() -> Reason:
    return Reason("tenderer", "投标人就是招标人。", "The bidder is the tenderer.", BASIS, "", None)


def _tied(one: Tie) -> Reason:
    zh, en = f"与招标人存在利害关系：{one.zh}", f"It has an interest in the tenderer: {one.en}"
    return Reason(one.kind, zh, en, one.basis, one.document, None)
