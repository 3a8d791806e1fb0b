"""What an attached document gives away about who made it: author metadata, and a sketch of its words."""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from collections.abc import Iterable
from contextlib import suppress

from casework import xml

#: Names that programs put in by themselves: they say nothing of a person.
NOBODY = re.compile(
    r"admin|administrator|users?|owner|author|pc|lenovo|dell|hp|windows|root|test|microsoft|wps|wps office|"
    r"microsoft office user|libreoffice|apache poi|openpyxl|python-docx|微软用户|用户|未知|匿名|管理员",
    re.IGNORECASE,
)
#: Signs in one shingle, and how many of the smallest hashes stand for a text.
SHINGLE, SKETCH = 9, 256
#: A text shorter than this is not compared.
SHORTEST = 200
_PDF_AUTHOR = re.compile(rb"/Author\s*(\((?:[^()\\]|\\.){1,200}\)|<[0-9A-Fa-f\s]{2,800}>)")
_BROKEN = (zipfile.BadZipFile, KeyError, xml.Unreadable, OSError, NotImplementedError, RuntimeError)
MOST = 20_000_000
_WORDS = re.compile(r"[\W_]+")


def authors(name: str, data: bytes) -> set[str]:
    """Who the document says made or last changed it, without what says nothing."""
    found = _office(data) if data[:2] == b"PK" else _pdf(data) if data[:5] == b"%PDF-" else set()
    tidy = {" ".join(each.split()).strip() for each in found}
    return {each for each in tidy if len(each) > 1 and not NOBODY.fullmatch(each)}


def _office(data: bytes) -> set[str]:
    found = set()
    core = _part(data, "docProps/core.xml")
    if core is not None:
        for element in core.iter():
            if str(element.tag).endswith(("}creator", "}lastModifiedBy")) and element.text:
                found.add(element.text[:100])
    return found


def _part(data: bytes, name: str) -> xml.Element | None:
    with suppress(*_BROKEN), zipfile.ZipFile(io.BytesIO(data)) as archive:
        if archive.getinfo(name).file_size <= MOST:
            return xml.read(archive.read(name), max_bytes=MOST)
    return None


def _pdf(data: bytes) -> set[str]:
    return {_decoded(match.group(1))[:100] for match in _PDF_AUTHOR.finditer(data)}


def _decoded(text: bytes) -> str:
    if text.startswith(b"<"):
        raw = bytes.fromhex(re.sub(rb"\s", b"", text[1:-1]).decode().ljust(2, "0"))
    else:
        raw = re.sub(rb"\\(.)", rb"\1", text[1:-1])
    if raw.startswith(b"\xfe\xff"):
        return raw[2:].decode("utf-16-be", "ignore")
    return raw.decode("utf-8", "ignore")


def words(data: bytes) -> str:
    """The running text of a Word file."""
    document = _part(data, "word/document.xml") if data[:2] == b"PK" else None
    if document is None:
        return ""
    return "".join(e.text or "" for e in document.iter() if str(e.tag).endswith("}t"))[:400_000]


def sketch(texts: Iterable[str]) -> list[int]:
    """The smallest hashes of a text's shingles: enough to say how alike two texts are, without the texts."""
    text = _WORDS.sub("", "".join(texts)).lower()
    if len(text) < SHORTEST:
        return []
    pieces = {text[at : at + SHINGLE] for at in range(len(text) - SHINGLE + 1)}
    hashes = {int.from_bytes(hashlib.sha256(piece.encode()).digest()[:6], "big") for piece in pieces}
    return sorted(hashes)[:SKETCH]


def alike(one: list[int], other: list[int], common: frozenset[int] = frozenset()) -> float:
    """How much of two texts is the same, 0 to 1; what is common to most bids does not count."""
    a, b = set(one) - common, set(other) - common
    if min(len(a), len(b)) < SKETCH // 8:
        return 0.0
    smallest = set(sorted(a | b)[: min(len(a), len(b))])
    return len(smallest & a & b) / len(smallest)
