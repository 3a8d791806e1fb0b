"""What a photograph tells beside the picture: place, maker and owner are taken out, the pixels stay."""

from __future__ import annotations

import re
import struct
import zlib
from dataclasses import dataclass

from casework.files.flaws import Flaw
from casework.files.pictures import PNG
from casework.words import _

#: Parts of a JPEG that say how to read the colours; every other application part and comment goes.
_COLOURS = {0xE0: b"JFIF\0", 0xE2: b"ICC_PROFILE\0", 0xEE: b"Adobe"}
_EXIF = b"Exif\0\0"
#: Parts of a PNG that say how to read the colours; text, dates and unknown parts go.
_CHUNKS = frozenset(b"IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB iCCP sBIT bKGD pHYs".split())
#: The next marker inside a JPEG's picture data; stuffed bytes and restart marks are none.
_MARKER = re.compile(rb"\xff+([^\x00\xff\xd0-\xd7])")
_MOMENT = re.compile(rb"\d{4}:\d\d:\d\d \d\d:\d\d:\d\d")
_ORIENTATION, _MORE, _TAKEN = 0x0112, 0x8769, 0x9003


@dataclass(frozen=True)
class Told:
    """What is kept: which way up the picture is (1: as stored), and when it was taken (empty: not said)."""

    way: int = 1
    taken: bytes = b""


def without_place(kind: str, data: bytes) -> bytes:
    """The file as the office keeps it. Its pixels are not compressed anew; other kinds stay untouched."""
    return {"jpg": _jpeg, "png": _png}.get(kind, bytes)(data)


def _jpeg(data: bytes) -> bytes:
    kept, told = [data[:2]], Told()
    at = 2
    while marker := _MARKER.search(data, at):
        kept.append(data[at : marker.start()])  # picture data, after a scan has begun
        sign = marker[1][0]
        if sign == 0xD9:
            exif = _written(told)
            body = struct.pack(">BBH", 0xFF, 0xE1, len(exif) + 8) + _EXIF + exif if exif else b""
            return kept[0] + body + b"".join(kept[1:]) + b"\xff\xd9"
        part = _part(data, marker.end())
        at = marker.end() + len(part)
        if sign == 0xE1 and part[2:].startswith(_EXIF):
            told = _read(part[8:])
        elif _stays(sign, part[2:]):
            kept.append(bytes((0xFF, sign)) + part)
    raise _damaged()


def _part(data: bytes, at: int) -> bytes:
    """The length and body of the part that begins here."""
    (length,) = struct.unpack_from(">H", data, at) if at + 2 <= len(data) else (0,)
    if length < 2 or at + length > len(data):
        raise _damaged()
    return data[at : at + length]


def _stays(sign: int, body: bytes) -> bool:
    if sign in _COLOURS:
        return body.startswith(_COLOURS[sign])
    return sign != 0xFE and not 0xE0 <= sign <= 0xEF


def _png(data: bytes) -> bytes:
    kept, told, at = [], Told(), len(PNG)
    while at < len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        if kind == b"eXIf":
            told = _read(data[at + 8 : at + 8 + length])
        elif kind in _CHUNKS:
            kept.append(data[at : at + 12 + length])
        at += 12 + length
    exif = _written(told)
    if exif:
        crc = zlib.crc32(exif, zlib.crc32(b"eXIf"))
        kept.insert(1, struct.pack(">I", len(exif)) + b"eXIf" + exif + struct.pack(">I", crc))
    return PNG + b"".join(kept)


def _read(tiff: bytes) -> Told:
    """Way up and moment from an EXIF block; a block that cannot be read tells nothing."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        return Told()
    try:
        first = _entries(tiff, order, struct.unpack_from(f"{order}I", tiff, 4)[0])
        more = first.get(_MORE)
        second = _entries(tiff, order, struct.unpack(f"{order}I", more)[0]) if more else {}
        (way,) = struct.unpack_from(f"{order}H", first.get(_ORIENTATION, b"\0\0"))
        (place,) = struct.unpack(f"{order}I", second.get(_TAKEN, b"\0\0\0\0"))
    except struct.error:
        return Told()
    taken = tiff[place : place + 19] if place else b""
    return Told(way if 1 < way <= 8 else 1, taken if _MOMENT.fullmatch(taken) else b"")


def _entries(tiff: bytes, order: str, at: int) -> dict[int, bytes]:
    """The value field of each entry of one directory."""
    (count,) = struct.unpack_from(f"{order}H", tiff, at)
    places = range(at + 2, at + 2 + 12 * min(count, 500), 12)
    return dict(struct.unpack_from(f"{order}H6x4s", tiff, place) for place in places)


def _written(told: Told) -> bytes:
    """An EXIF block with what is kept and nothing else; none when there is nothing to keep."""
    if told == Told():
        return b""
    count = 1 + bool(told.taken)
    more = 8 + 2 + 12 * count + 4
    block = b"MM\0*" + struct.pack(">IHHHIHxx", 8, count, _ORIENTATION, 3, 1, told.way)
    if not told.taken:
        return block + bytes(4)
    block += struct.pack(">HHIII", _MORE, 4, 1, more, 0)
    return block + struct.pack(">HHHIII", 1, _TAKEN, 2, 20, more + 18, 0) + told.taken + b"\0"


def _damaged() -> Flaw:
    return Flaw("damaged", _("图片已损坏或不完整。"))
