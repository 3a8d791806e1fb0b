"""Secrets at rest: what lies in the database is worth nothing without the key outside it.

The key is derived from the installation's secret (`secret.key`, or TENDOVER_SECRET_KEY). AES-256-GCM binds
each secret to what it belongs to, so that a row copied over another opens nothing.
"""

from __future__ import annotations

import base64
import os
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import current_app

#: What a sealed text begins with.
FORM = "sealed1:"
NONCE = 12


def sealed(stored: str) -> bool:
    """Whether a stored text is sealed; what was written before there was a seal is not."""
    return stored.startswith(FORM)


def seal(secret: str, about: str) -> str:
    """The secret as it may be stored, bound to what it belongs to."""
    nonce = os.urandom(NONCE)
    whole = nonce + _cipher(_keys()[0]).encrypt(nonce, secret.encode(), about.encode())
    return FORM + base64.urlsafe_b64encode(whole).decode("ascii")


def unseal(stored: str, about: str) -> str | None:
    """The secret; None when no key of this installation opens it, or it belongs to something else."""
    if not sealed(stored):
        return stored
    return next((found for key in _keys() if (found := _opened(stored, about, key)) is not None), None)


def current(stored: str, about: str) -> bool:
    """Whether a stored text is sealed with the key that is used now."""
    if not sealed(stored):
        return False
    return _opened(stored, about, _keys()[0]) is not None


def _opened(stored: str, about: str, key: str) -> str | None:
    try:
        whole = base64.urlsafe_b64decode(stored.removeprefix(FORM))
        return _cipher(key).decrypt(whole[:NONCE], whole[NONCE:], about.encode()).decode()
    except (InvalidTag, ValueError):  # another key, another person's, or damaged
        return None


def _keys() -> list[str]:
    """The installation's secret, and those it had before (SECRET_KEY_FALLBACKS)."""
    before = current_app.config.get("SECRET_KEY_FALLBACKS") or ()
    return [
        str(current_app.config["SECRET_KEY"]),
        *([before] if isinstance(before, str) else map(str, before)),
    ]


@lru_cache(maxsize=8)
def _cipher(secret: str) -> AESGCM:
    derived = HKDF(SHA256(), length=32, salt=None, info=b"tendover secrets at rest 1")
    return AESGCM(derived.derive(secret.encode()))
