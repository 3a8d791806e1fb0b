"""Local rule values by place and date, each with its source; a case keeps the snapshot it began with."""

from casework.profiles.book import BadProfile, Book, Leaf, Profile, of, official, read
from casework.profiles.selection import GROUNDS, Answer, agreement_allowed, agreement_lost, tender_method

__all__ = [
    "GROUNDS",
    "Answer",
    "BadProfile",
    "Book",
    "Leaf",
    "Profile",
    "agreement_allowed",
    "agreement_lost",
    "of",
    "official",
    "read",
    "tender_method",
]
