"""The secret of this installation that tells real from decoy and whose is whose; never in the database.

It is a file of the instance folder (`bids.key`, or the setting BID_SECRET) and is in no backup: whoever reads
the database or a backup without it can neither count the bids nor name a bidder.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import current_app

from casework.bids.envelope import Private
from casework.errors import NotYet
from casework.words import _

#: Every hidden note has this length, whatever it says.
NOTE = 1024


class Foreign(NotYet):
    """The secret of this installation is not the one the tender began with."""

    says = _("投标密钥文件 bids.key 与数据库不符：请放回原来的文件，否则无法识别投标文件。")


def _derived(purpose: str) -> bytes:
    return hmac.digest(str(current_app.config["BID_SECRET"]).encode(), purpose.encode(), "sha256")


def mark(*parts: object) -> str:
    """A keyed hash of some words: 64 hexadecimal digits that say nothing without the secret."""
    text = "|".join(str(part) for part in parts)
    return hmac.new(_derived("mark"), text.encode(), hashlib.sha256).hexdigest()


def pseudonym(tender: str, organisation_id: int) -> str:
    """Under which name an organisation bids in this tender."""
    return mark("bidder", tender, organisation_id)


def fits(tender: str, kept: str) -> bool:
    """Whether the secret is the one the tender began with."""
    return hmac.compare_digest(mark("secret", tender), kept)


def check(tender: str, kept: str) -> None:
    """Go on when the secret is the one the tender began with; Foreign otherwise."""
    if not fits(tender, kept):
        raise Foreign


def hide(note: Mapping[str, Any], place: str) -> str:
    """A note that only this installation reads, bound to its place; always of the same length."""
    text = json.dumps(dict(note), ensure_ascii=False).encode()
    if len(text) > NOTE:
        raise ValueError(len(text))
    iv = secrets.token_bytes(12)
    return (iv + AESGCM(_derived("note")).encrypt(iv, text.ljust(NOTE), place.encode())).hex()


def reveal(hidden: str, place: str) -> dict[str, Any] | None:
    """What a hidden note says; None when it has been changed or moved."""
    try:
        data = bytes.fromhex(hidden)
        found: dict[str, Any] = json.loads(
            AESGCM(_derived("note")).decrypt(data[:12], data[12:], place.encode())
        )
    except (InvalidTag, ValueError):
        return None
    return found


def _signer() -> ed25519.Ed25519PrivateKey:
    return ed25519.Ed25519PrivateKey.from_private_bytes(_derived("receipts"))


def signing_key() -> str:
    """The public key under which receipts are signed (Ed25519, hexadecimal)."""
    return _signer().public_key().public_bytes_raw().hex()


def sign(text: str) -> str:
    """The signature of a receipt."""
    return _signer().sign(text.encode()).hex()


def signed(text: str, signature: str) -> bool:
    """Whether this installation signed it."""
    try:
        _signer().public_key().verify(bytes.fromhex(signature), text.encode())
    except (InvalidSignature, ValueError):
        return False
    return True


def practice_key(tender: str) -> Private:
    """The key to which practice bids are sealed: always the same for a tender, never used for a real one."""
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    number = int.from_bytes(_derived(f"practice|{tender}"), "big") % (order - 1) + 1
    return ec.derive_private_key(number, ec.SECP256R1())
