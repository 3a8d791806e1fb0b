"""The keys of one tender: made by each holder alone, tried out at once, released after the deadline."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy.orm import joinedload

from casework.bids import secret
from casework.bids.envelope import Private, fingerprint, new_key, private_bytes, public_bytes
from casework.bids.model import Bidding, BidKey
from casework.db import db
from casework.errors import Conflict, NotYet
from casework.people import Post
from casework.words import _

#: PBKDF2-SHA-256 rounds below which a wrapped key is not taken.
ROUNDS = 600_000
#: In which ways a private key is wrapped: under the passphrase, under the paper code.
WAYS = ("passphrase", "paper")


class Wrong(NotYet):
    """Not the key it should be."""

    says = _("密钥不正确。")


def of(case_id: int) -> list[BidKey]:
    """The keys of a tender in the order in which envelopes name them."""
    query = sa.select(BidKey).where(BidKey.case_id == case_id).order_by(BidKey.id)
    return list(db.session.scalars(query.options(joinedload(BidKey.organisation))))


def sealing(case_id: int) -> list[BidKey]:
    """The keys that count: their holders have unlocked them once."""
    return [key for key in of(case_id) if key.proved_at is not None]


def mine(case_id: int, organisation_id: int) -> BidKey | None:
    """A holder's key."""
    query = sa.select(BidKey).where(BidKey.case_id == case_id, BidKey.organisation_id == organisation_id)
    return db.session.scalars(query).first()


def deposit(
    case_id: int, *, public: str, wrapped: Mapping[str, Any], by: Post, now: datetime
) -> tuple[BidKey, dict[str, str]]:
    """Keep a fresh key; returns it with the riddle that the practice unlock must solve."""
    point = _point(public)
    kept = {way: _wrapped(wrapped.get(way)) for way in WAYS}
    key = mine(case_id, by.organisation_id)
    if key is not None and key.proved_at is not None:
        raise Conflict(_("贵单位的开标密钥已经生成并验证，不能更换。"))
    if any(other.public == point.hex() for other in of(case_id) if other is not key):
        raise Wrong(_("公钥与本次招标另一保管人的相同：每份密钥须由保管人各自生成，请刷新页面重新生成。"))
    if key is None:
        key = BidKey(case_id=case_id, organisation_id=by.organisation_id)
        db.session.add(key)
    key.post_id, key.public, key.fingerprint = by.id, point.hex(), fingerprint(point)
    key.wrapped, key.made_at = kept, now
    db.session.flush()
    return key, riddle(key)


def _point(public: str) -> bytes:
    try:
        point = bytes.fromhex(public)
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except ValueError as error:
        raise Wrong(_("公钥不是有效的 P-256 公钥，请刷新页面重新生成。")) from error
    return point


def _wrapped(given: Any) -> dict[str, Any]:
    """A wrapped private key as it may be kept: strong enough, and nothing else with it."""
    try:
        rounds = int(given["rounds"])
        found = {name: bytes.fromhex(given[name]).hex() for name in ("salt", "iv", "ct")}
        whole = len(found["salt"]) >= 32 and len(found["iv"]) == 24 and 200 < len(found["ct"]) < 1000
    except (TypeError, KeyError, ValueError) as error:
        raise Wrong(_("加密保存的私钥不完整，请刷新页面重新生成。")) from error
    if rounds < ROUNDS or not whole:
        raise Wrong(_("私钥的口令保护强度不足（至少 %(n)s 轮），请刷新页面重新生成。", n=ROUNDS))
    return {"rounds": rounds, **found}


def _answer(key: BidKey) -> bytes:
    """What the practice unlock must read; the same however often it is asked."""
    return bytes.fromhex(secret.mark("riddle", key.case_id, key.public))


def riddle(key: BidKey) -> dict[str, str]:
    """The answer, encrypted so that only the holder of the private key can read it."""
    public, answer = bytes.fromhex(key.public), _answer(key)
    mine_, iv = new_key(), secrets.token_bytes(12)
    theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public)
    epk = public_bytes(mine_)
    wrap = HKDF(hashes.SHA256(), 32, epk + public, b"tendover-riddle-1").derive(
        mine_.exchange(ec.ECDH(), theirs)
    )
    return {"epk": epk.hex(), "iv": iv.hex(), "ct": AESGCM(wrap).encrypt(iv, answer, b"").hex()}


def solve(private: Private, given: Mapping[str, str]) -> bytes:
    """What the holder's side answers."""
    epk = bytes.fromhex(given["epk"])
    theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), epk)
    salt = epk + public_bytes(private)
    wrap = HKDF(hashes.SHA256(), 32, salt, b"tendover-riddle-1").derive(private.exchange(ec.ECDH(), theirs))
    return AESGCM(wrap).decrypt(bytes.fromhex(given["iv"]), bytes.fromhex(given["ct"]), b"")


def prove(key: BidKey, answer: str, now: datetime) -> None:
    """The holder has unlocked the key and read the riddle: from now on it counts."""
    if key.proved_at is not None:
        raise Conflict(_("贵单位的开标密钥已经生成并验证，不能更换。"))
    if not secrets.compare_digest(answer.encode(), _answer(key).hex().encode()):
        raise Wrong(_("练习解锁没有成功：请用刚才设定的口令或者纸质恢复码再试一次。"))
    key.proved_at = now


def wrap(private: Private, word: str) -> dict[str, Any]:
    """The private key under a passphrase or a paper code, as a browser wraps it."""
    salt = secrets.token_bytes(16)
    return wrap_under(private, salt, stretch(word, salt))


def wrap_under(private: Private, salt: bytes, stretched: bytes) -> dict[str, Any]:
    """The same under a word that has been stretched with this salt already."""
    iv = secrets.token_bytes(12)
    ct = AESGCM(stretched).encrypt(iv, private_bytes(private), b"tendover-key-1")
    return {"rounds": ROUNDS, "salt": salt.hex(), "iv": iv.hex(), "ct": ct.hex()}


def stretch(word: str, salt: bytes, rounds: int = ROUNDS) -> bytes:
    """A word made into a key, slowly on purpose."""
    return hashlib.pbkdf2_hmac("sha256", word.encode(), salt, rounds)


def _private(data: bytes) -> Private:
    key = serialization.load_der_private_key(data, None)
    if isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP256R1):
        return key
    raise ValueError(type(key))


def release(bidding: Bidding, key: BidKey, private: str, now: datetime) -> None:
    """Hand over the private key, after the deadline only; a wrong one is named with its holder."""
    if bidding.status not in {"closed", "opened"} or now < bidding.closes_at:
        raise NotYet(_("投标截止之前不能释放开标密钥。"), basis=_("招标投标法 第三十六条"))
    try:
        point = public_bytes(_private(bytes.fromhex(private)))
    except (ValueError, TypeError):
        point = b""
    if point.hex() != key.public:
        raise Wrong(_("“%(name)s”提交的密钥不是本次招标的开标密钥。", name=key.organisation.name))
    key.released, key.released_at = private, now


def forget(case_id: int) -> None:
    """Destroy what was handed over of the keys: this tender is never opened."""
    for key in of(case_id):
        key.released = None


def released(keys: Iterable[BidKey]) -> dict[str, Private]:
    """The released keys by fingerprint."""
    return {key.fingerprint: _private(bytes.fromhex(key.released)) for key in keys if key.released}


def held_with(key: BidKey, private: str) -> dict[str, Private]:
    """The released keys and this one, when it is the right one."""
    held = released(of(key.case_id))
    with suppress(ValueError, TypeError):
        own = _private(bytes.fromhex(private))
        if public_bytes(own).hex() == key.public:
            held[key.fingerprint] = own
    return held
