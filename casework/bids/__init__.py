"""Bids that nobody can read before the opening: sealed in the browser, opened by key holders together."""

from casework.bids import (
    decoys,
    hearing,
    keys,
    merkle,
    opening,
    practice,
    questions,
    receipts,
    room,
    sums,
    vault,
    who,
)
from casework.bids.container import Attached, Content, pack, unpack
from casework.bids.envelope import Unfit
from casework.bids.model import (
    OPENED,
    RETURNED,
    REVOKED,
    Bidding,
    BidDraft,
    BidKey,
    BidObjection,
    BidQuestion,
    BidRefusal,
    OpenedBid,
    Sealed,
)
from casework.bids.reading import Paper
from casework.bids.receipts import Receipt
from casework.bids.room import Late, Mine
from casework.bids.terms import Terms

__all__ = [
    "OPENED",
    "RETURNED",
    "REVOKED",
    "Attached",
    "BidDraft",
    "BidKey",
    "BidObjection",
    "BidQuestion",
    "BidRefusal",
    "Bidding",
    "Content",
    "Late",
    "Mine",
    "OpenedBid",
    "Paper",
    "Receipt",
    "Sealed",
    "Terms",
    "Unfit",
    "decoys",
    "hearing",
    "keys",
    "merkle",
    "opening",
    "pack",
    "practice",
    "questions",
    "receipts",
    "room",
    "sums",
    "unpack",
    "vault",
    "who",
]
