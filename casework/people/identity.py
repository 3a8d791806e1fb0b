"""Identity numbers are never kept: a keyed hash tells two apart, four digits tell a person which it is."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

from flask import current_app


@dataclass(frozen=True)
class Sealed:
    """What is kept of an identity number (个人信息保护法 第六条、第二十九条)."""

    hash: str
    last4: str


def seal(number: str) -> Sealed:
    """The keyed hash of a number as typed, and its last four signs."""
    plain = "".join(number.split()).upper()
    key = str(current_app.config["SECRET_KEY"]).encode()
    return Sealed(hmac.new(key, b"identity\0" + plain.encode(), hashlib.sha256).hexdigest(), plain[-4:])
