"""One number over all sealed bids, and the proof that a receipt is under it (RFC 6962)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence


def root(leaves: Sequence[str]) -> str:
    """The root over commitments (hexadecimal), in their order."""
    return _hash([bytes.fromhex(leaf) for leaf in leaves]).hex()


def _hash(leaves: Sequence[bytes]) -> bytes:
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    middle = _middle(len(leaves))
    return hashlib.sha256(b"\1" + _hash(leaves[:middle]) + _hash(leaves[middle:])).digest()


def _middle(count: int) -> int:
    """The largest power of two below `count`."""
    return 1 << (count - 1).bit_length() - 1


def path(leaves: Sequence[str], place: int) -> list[str]:
    """The hashes beside the way from a leaf to the root."""
    if len(leaves) <= 1:
        return []
    middle = _middle(len(leaves))
    if place < middle:
        return [*path(leaves[:middle], place), root(leaves[middle:])]
    return [*path(leaves[middle:], place - middle), root(leaves[:middle])]


def under(leaf: str, place: int, count: int, beside: Sequence[str], top: str) -> bool:
    """Whether the leaf is under the root, by the hashes beside its way alone."""
    return _climb(bytes.fromhex(leaf), place, count, [bytes.fromhex(each) for each in beside]).hex() == top


def _climb(leaf: bytes, place: int, count: int, beside: list[bytes]) -> bytes:
    if count == 1:
        return hashlib.sha256(b"\0" + leaf).digest()
    if not beside:
        return b""
    middle, other = _middle(count), beside[-1]
    if place < middle:
        return hashlib.sha256(b"\1" + _climb(leaf, place, middle, beside[:-1]) + other).digest()
    below = _climb(leaf, place - middle, count - middle, beside[:-1])
    return hashlib.sha256(b"\1" + other + below).digest()
