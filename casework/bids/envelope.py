"""The envelope of a bid: encrypted under a fresh key that only k of n key holders together can put together.

    "TDE1" | length of the header, 4 bytes, big-endian | header (JSON, UTF-8) | ciphertext

Standard primitives only. The content is AES-256-GCM under a fresh key; what the header says of tender,
bidder, form and documents is bound to it. For every k of the n holders the key is the XOR of k random shares;
each share is encrypted to its holder (ECDH P-256 with a fresh pair, HKDF-SHA-256, AES-256-GCM) and its
SHA-256 is recorded. static/seal.js makes the same envelope in the browser.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import struct
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import combinations
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from casework.bids.container import MOST, padded_size
from casework.errors import NotYet
from casework.words import _

MAGIC = b"TDE1"
TAG = 16
HEADER_MOST = 256 * 1024
#: How many key holders a tender may have: with 7 there are at most 35 groups.
HOLDERS_MOST = 7
#: Uniform bytes give 255 ± 23; a text or a document some ten thousand.
_UNIFORM = 480.0

Private = ec.EllipticCurvePrivateKey


class Unfit(NotYet):
    """Not an envelope that may be taken in; the sentence says why (T13)."""

    says = _("投标文件未按规定加密，不予接收。")


class Sealed(NotYet):
    """The envelope does not open; the sentence says why."""

    says = _("投标文件无法解密：内容已被改动，或者未按规定加密。")


@dataclass(frozen=True)
class Binding:
    """What an envelope is for; encrypted content cannot be carried over to another one."""

    tender: str
    pseudonym: str
    form: str
    documents: str

    @property
    def aad(self) -> bytes:
        """The associated data of the encryption."""
        return f"tendover-bid-1|{self.tender}|{self.pseudonym}|{self.form}|{self.documents}".encode()


@dataclass(frozen=True)
class Envelope:
    """An envelope taken apart; nothing in it has been decrypted."""

    header: Mapping[str, Any]
    ciphertext: memoryview

    @property
    def binding(self) -> Binding:
        """What it says it is for."""
        return Binding(*(str(self.header.get(name)) for name in Binding.__annotations__))

    @property
    def holders(self) -> tuple[str, ...]:
        """The fingerprints of the keys it is sealed to."""
        return tuple(str(each) for each in self.header.get("holders") or ())

    @property
    def needed(self) -> int:
        """How many of them open it."""
        return int(self.header.get("needed") or 0)


def new_key() -> Private:
    """A fresh pair of keys."""
    return ec.generate_private_key(ec.SECP256R1())


def public_bytes(key: Private) -> bytes:
    """The public key as 65 bytes (uncompressed point)."""
    return key.public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )


def private_bytes(key: Private) -> bytes:
    """The private key as PKCS #8, as a browser exports it."""
    return key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def fingerprint(public: bytes) -> str:
    """How a key is named: 32 hexadecimal digits."""
    return hashlib.sha256(public).hexdigest()[:32]


def seal(plain: bytes, binding: Binding, holders: Sequence[bytes], needed: int) -> bytes:
    """The envelope of some padded content for the public keys of the holders."""
    key, iv, mine = secrets.token_bytes(32), secrets.token_bytes(12), new_key()
    groups = [
        _share(key, group, mine, [holders[place] for place in group], binding)
        for group in combinations(range(len(holders)), needed)
    ]
    header = {
        "v": 1,
        "tender": binding.tender,
        "pseudonym": binding.pseudonym,
        "form": binding.form,
        "documents": binding.documents,
        "needed": needed,
        "holders": [fingerprint(public) for public in holders],
        "iv": iv.hex(),
        "epk": public_bytes(mine).hex(),
        "key_sha256": hashlib.sha256(key).hexdigest(),
        "shares": groups,
    }
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()  # as a browser writes it
    return MAGIC + struct.pack(">I", len(text)) + text + AESGCM(key).encrypt(iv, plain, binding.aad)


def _share(
    key: bytes, group: tuple[int, ...], mine: Private, publics: Sequence[bytes], binding: Binding
) -> list[dict[str, str]]:
    """The shares of one group of holders: random ones, and the last that makes the key of them."""
    shares = [secrets.token_bytes(32) for _each in group[1:]]
    shares.append(reduce(_xor, shares, key))
    found = []
    for place, public, share in zip(group, publics, shares, strict=True):
        other = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public)
        wrap = _wrapping(mine.exchange(ec.ECDH(), other), public_bytes(mine) + public, binding, group, place)
        iv = secrets.token_bytes(12)
        ct = AESGCM(wrap).encrypt(iv, share, binding.aad)
        found.append({"iv": iv.hex(), "ct": ct.hex(), "sha256": hashlib.sha256(share).hexdigest()})
    return found


def _wrapping(shared: bytes, salt: bytes, binding: Binding, group: tuple[int, ...], place: int) -> bytes:
    info = binding.aad + f"|{','.join(map(str, group))}|{place}".encode()
    return HKDF(hashes.SHA256(), 32, salt, info).derive(shared)


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))


def read(blob: bytes | memoryview) -> Envelope:
    """The envelope in the bytes; Unfit when they are none."""
    whole = memoryview(blob)
    if bytes(whole[:4]) != MAGIC or len(whole) < 8:
        raise Unfit
    length = min(struct.unpack(">I", whole[4:8])[0], HEADER_MOST)
    try:
        header = json.loads(bytes(whole[8 : 8 + length]))
        found = Envelope(header, whole[8 + length :])
        whole_header = header["v"] == 1 and 1 <= found.needed <= len(found.holders) <= HOLDERS_MOST
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Unfit(_("加密封装的封头不完整，不予接收。")) from error
    if not whole_header:
        raise Unfit(_("加密封装的封头不完整，不予接收。"))
    return found


def check(envelope: Envelope, binding: Binding, holders: Sequence[str], needed: int) -> None:
    """Whether it may be taken in: for this tender, bidder and documents, to these keys, really encrypted."""
    said = envelope.binding
    if (said.tender, said.pseudonym) != (binding.tender, binding.pseudonym):
        raise Unfit(_("加密封装不属于本次招标或者不属于贵单位，不予接收。"))
    if (said.form, said.documents) != (binding.form, binding.documents):
        raise Unfit(_("招标文件在封标之后已有更新，请刷新页面，核对后重新封标。"))
    if envelope.holders != tuple(holders) or envelope.needed != needed:
        raise Unfit(_("投标文件不是用本次招标的开标密钥加密的，不予接收。"))
    _check_shares(envelope)
    size = len(envelope.ciphertext) - TAG
    if not 0 < size <= MOST + padded_size(1) or padded_size(min(size, MOST)) != size:
        raise Unfit(_("密文长度不符合封装规定，不予接收。"))
    if _unevenness(bytes(envelope.ciphertext[: 64 * 1024])) > _UNIFORM:
        raise Unfit


def _check_shares(envelope: Envelope) -> None:
    groups = list(combinations(range(len(envelope.holders)), envelope.needed))
    try:
        shares = envelope.header["shares"]
        whole = [len(each) for each in shares] == [envelope.needed] * len(groups) and all(
            len(bytes.fromhex(one["ct"])) == 32 + TAG
            and len(bytes.fromhex(one["iv"])) == 12
            and len(bytes.fromhex(one["sha256"])) == 32
            for each in shares
            for one in each
        )
        point = bytes.fromhex(envelope.header["epk"])
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
        whole = whole and len(bytes.fromhex(envelope.header["iv"])) == 12
    except (KeyError, TypeError, ValueError) as error:
        raise Unfit(_("加密封装的封头不完整，不予接收。")) from error
    if not whole:
        raise Unfit(_("加密封装中的密钥份额数目不对，不予接收。"))


def _unevenness(sample: bytes) -> float:
    """Pearson's chi-square of the bytes against the uniform distribution."""
    expected, counts = len(sample) / 256, Counter(sample)
    return sum((counts.get(sign, 0) - expected) ** 2 / expected for sign in range(256))


def open_with(envelope: Envelope, keys: Mapping[str, Private]) -> bytes:
    """The padded content, with the released keys by fingerprint; Sealed says why it does not open."""
    held = [place for place, name in enumerate(envelope.holders) if name in keys]
    if len(held) < envelope.needed:
        raise Sealed(_("已释放的开标密钥不足 %(needed)s 份。", needed=envelope.needed))
    fault: Sealed | None = None
    groups = list(combinations(range(len(envelope.holders)), envelope.needed))
    for group in combinations(held, envelope.needed):
        try:
            key = _put_together(envelope, group, groups.index(group), keys)
            iv = bytes.fromhex(envelope.header["iv"])
            return AESGCM(key).decrypt(iv, bytes(envelope.ciphertext), envelope.binding.aad)
        except Sealed as error:
            fault = error
        except (InvalidTag, ValueError, KeyError, TypeError, IndexError) as error:
            fault = Sealed()
            fault.__cause__ = error
    raise fault or Sealed()


def _put_together(envelope: Envelope, group: tuple[int, ...], at: int, keys: Mapping[str, Private]) -> bytes:
    point = bytes.fromhex(envelope.header["epk"])
    theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    key = bytes(32)
    for place, part in zip(group, envelope.header["shares"][at], strict=True):
        private = keys[envelope.holders[place]]
        salt = point + public_bytes(private)
        wrap = _wrapping(private.exchange(ec.ECDH(), theirs), salt, envelope.binding, group, place)
        share = AESGCM(wrap).decrypt(
            bytes.fromhex(part["iv"]), bytes.fromhex(part["ct"]), envelope.binding.aad
        )
        if hashlib.sha256(share).hexdigest() != part["sha256"]:
            raise Sealed(_("密钥份额与封头中的校验值不符。"))
        key = _xor(key, share)
    if hashlib.sha256(key).hexdigest() != envelope.header["key_sha256"]:
        raise Sealed(_("合成的密钥与封头中的校验值不符。"))
    return key
