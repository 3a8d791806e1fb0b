"""Local rule values by place and date, each with its source; a case keeps the snapshot it began with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from casework.profiles import rooms
from casework.profiles.book import BadProfile, Book, Leaf, Profile, of, official, read
from casework.profiles.office import book, here
from casework.profiles.rooms_judged import judged
from casework.profiles.selection import GROUNDS, Answer, agreement_allowed, agreement_lost, tender_method

__all__ = [
    "GROUNDS",
    "Answer",
    "BadProfile",
    "Book",
    "Leaf",
    "Profile",
    "agreement_allowed",
    "agreement_facts",
    "agreement_lost",
    "book",
    "here",
    "mildest_method",
    "of",
    "official",
    "read",
    "rooms",
    "rooms_facts",
    "rooms_judged",
    "tender_method",
]


def agreement_facts(
    kept: Mapping[str, Any], project: Mapping[str, Any], ground: str, tender: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """`agreement_allowed` by the snapshot a case keeps, as a FEEL context (yes, zh, en, basis, limit)."""
    return agreement_allowed(Profile.restore(kept), project, ground, tender).facts()


def mildest_method(kept: Mapping[str, Any], project: Mapping[str, Any]) -> str | None:
    """`tender_method` by the snapshot a case keeps."""
    return tender_method(Profile.restore(kept), project)


def rooms_facts(kept: Mapping[str, Any], project: Mapping[str, Any]) -> dict[str, Any]:
    """The required rooms by the snapshot a case keeps, as a FEEL context (known, required, parts, zh, en)."""
    return rooms.required(Profile.restore(kept), project).facts()


def rooms_judged(
    kept: Mapping[str, Any], project: Mapping[str, Any], rows: Iterable[Mapping[str, Any]]
) -> dict[str, Any]:
    """A list of rooms against the requirement, as a FEEL context (delivered, shortage, enough, zh, en)."""
    return judged(Profile.restore(kept), project, rows).facts()
