"""A hash tree over many records as in RFC 6962, section 2.1: one root stands for all of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable


def leaf(data: bytes) -> bytes:
    """The hash of one record."""
    return hashlib.sha256(b"\x00" + data).digest()


def node(left: bytes, right: bytes) -> bytes:
    """The hash of two subtrees; its own first byte keeps it from passing for a record."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """The tree with all its levels, so that one changed record costs one path, not the whole tree.

    A node without a neighbour goes up unchanged: the same as splitting at the largest power of two.
    """

    def __init__(self, records: Iterable[bytes] = ()) -> None:
        self._levels: list[list[bytes]] = [[leaf(data) for data in records]]
        while len(below := self._levels[-1]) > 1:
            self._levels.append([self._above(below, at) for at in range((len(below) + 1) // 2)])

    @staticmethod
    def _above(below: list[bytes], at: int) -> bytes:
        pair = below[2 * at : 2 * at + 2]
        return node(*pair) if len(pair) == 2 else pair[0]

    def __len__(self) -> int:
        return len(self._levels[0])

    def put(self, at: int, data: bytes) -> None:
        """Change a record, or add one at the end."""
        self._levels[0][at : at + 1] = [leaf(data)]
        depth = 0
        while len(below := self._levels[depth]) > 1:
            at, depth = at // 2, depth + 1
            if depth == len(self._levels):
                self._levels.append([])
            self._levels[depth][at : at + 1] = [self._above(below, at)]

    def path(self, at: int) -> list[tuple[str, str]]:
        """What leads from a record to the root: on which side the neighbour stands, and its hash."""
        found: list[tuple[str, str]] = []
        for level in self._levels[:-1]:
            beside = at - 1 if at % 2 else at + 1
            if beside < len(level):
                found.append(("left" if at % 2 else "right", level[beside].hex()))
            at //= 2
        return found

    @property
    def root(self) -> str:
        """The root in hexadecimal digits; of nothing: the hash of no bytes."""
        return (self._levels[-1][0] if len(self) else hashlib.sha256(b"").digest()).hex()
