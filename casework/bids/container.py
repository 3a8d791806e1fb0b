"""What is inside a sealed bid: the typed answers and the attached files in one piece of padded bytes.

    "TDB1" | length of the list, 4 bytes, big-endian | list (JSON, UTF-8) | files, one after the other | zeros

The list names the tender, the bidder, the typed answers and each file with its size and SHA-256.
"""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from casework.errors import NotYet, TooMuch
from casework.words import _

MAGIC = b"TDB1"
KIB, MIB = 1 << 10, 1 << 20
#: What one bid may weigh with everything attached.
MOST = 100 * MIB
#: The sizes that a reader of the disk can tell apart, up to 4 MiB; above it steps of 4 MiB.
SMALL = tuple(64 * KIB << step for step in range(7))


class Unreadable(NotYet):
    """The content is not a bid as the form makes it."""

    says = _("内容不是本系统格式的投标文件。")


@dataclass(frozen=True)
class Attached:
    """A file as the bidder attached it to a question."""

    key: str
    name: str
    data: bytes


@dataclass(frozen=True)
class Content:
    """What a bid says: `about` names tender and bidder, `typed` is exactly what was typed."""

    about: Mapping[str, Any]
    typed: Mapping[str, list[str]]
    files: tuple[Attached, ...]


def padded_size(size: int) -> int:
    """The next size of the ladder; raises TooMuch above the largest."""
    if size > MOST:
        have, most = f"{size / MIB:.1f} MB", f"{MOST // MIB} MB"
        raise TooMuch(_("投标文件连同附件共 %(have)s，超过 %(most)s 的上限。", have=have, most=most))
    step = SMALL[-1]
    return next((bound for bound in SMALL if size <= bound), -(-size // step) * step)


def pack(about: Mapping[str, Any], typed: Mapping[str, Sequence[str]], files: Sequence[Attached]) -> bytes:
    """The bytes that are encrypted."""
    listed = [
        {"key": f.key, "name": f.name, "size": len(f.data), "sha256": hashlib.sha256(f.data).hexdigest()}
        for f in files
    ]
    head = {"about": dict(about), "typed": {k: list(v) for k, v in typed.items()}, "files": listed}
    text = json.dumps(head, ensure_ascii=False).encode()
    whole = bytearray(MAGIC + struct.pack(">I", len(text)) + text)
    for file in files:
        whole += file.data
    whole += bytes(padded_size(len(whole)) - len(whole))
    return bytes(whole)


def unpack(plain: bytes) -> Content:
    """The bid in the bytes; Unreadable names what is wrong with them."""
    if plain[:4] != MAGIC or len(plain) < 8:
        raise Unreadable
    start = 8 + struct.unpack(">I", plain[4:8])[0]
    try:
        head = json.loads(plain[8:start])
        typed = {str(k): [str(text) for text in texts] for k, texts in head["typed"].items()}
        about = dict(head["about"])
        files = tuple(_files(head["files"], memoryview(plain), start))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Unreadable from error
    return Content(about, typed, files)


def _files(listed: Sequence[Mapping[str, Any]], plain: memoryview, at: int) -> list[Attached]:
    found = []
    for one in listed:
        data = bytes(plain[at : at + int(one["size"])])
        at += int(one["size"])
        if hashlib.sha256(data).hexdigest() != one["sha256"]:
            raise Unreadable(_("附件“%(name)s”与清单不符。", name=str(one["name"])[:100]))
        found.append(Attached(str(one["key"]), str(one["name"]), data))
    return found
