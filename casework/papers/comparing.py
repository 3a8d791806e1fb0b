"""Is the file in my hand the paper that was issued?"""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import sqlalchemy as sa

from casework import xml
from casework.db import db
from casework.papers.model import Paper
from casework.words import Words, _

Answer = Literal["same file", "same words", "changed", "unknown"]
_FINGERPRINT = re.compile(rb"[0-9a-f]{64}")
_TEXT = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}t"
MOST_TEXT = 20_000_000


@dataclass(frozen=True)
class Comparison:
    """The answer for the person who asked, and the paper it is about (None when we know none)."""

    answer: Answer
    paper: Paper | None

    @property
    def says(self) -> Words:
        """The answer as a sentence."""
        return _SAYS[self.answer]


_SAYS: dict[Answer, Words] = {
    "same file": _("与出具的文件完全一致。"),
    "same words": _("文字与出具的文件一致，但文件曾被重新保存；请以核验页面登记的文件为准。"),
    "changed": _("带有本系统文书标识，但内容与出具的文件不一致，不可采信。"),
    "unknown": _("不是本系统出具的文件，或文件已被转换，无法比对。"),
}


def compare(upload: bytes, read: Callable[[int], bytes]) -> Comparison:
    """Compare a Word or PDF file with what was issued; `read` gives the bytes of a stored file by its id."""
    digest = hashlib.sha256(upload).hexdigest()
    known = sa.or_(Paper.docx_sha256 == digest, Paper.pdf_sha256 == digest, Paper.scan_sha256 == digest)
    if paper := db.session.scalar(sa.select(Paper).where(known)):
        return Comparison("same file", paper)
    mark = _mark(upload)
    paper = db.session.scalar(sa.select(Paper).where(Paper.fingerprint == mark)) if mark else None
    if paper is None:
        return Comparison("unknown", None)
    same = upload.startswith(b"PK") and paper.docx_id and _words(upload) == _words(read(paper.docx_id))
    return Comparison("same words" if same else "changed", paper)


def _mark(upload: bytes) -> str | None:
    """The fingerprint that a paper carries in its properties, Word and PDF alike."""
    if upload.startswith(b"%PDF"):
        plain = upload.replace(b"\0", b"")
        info = re.search(rb"/Keywords\s*<(?:FEFF)?([0-9A-Fa-f]+)>", plain)
        text = bytes.fromhex(info[1][: len(info[1]) // 2 * 2].decode()) if info else plain
        found = _FINGERPRINT.search(text.replace(b"\0", b""))
        return found[0].decode() if found else None
    for name in ("docProps/custom.xml", "docProps/core.xml"):
        found = _FINGERPRINT.search(_part(upload, name))
        if found:
            return found[0].decode()
    return None


def _part(upload: bytes, name: str) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(upload)) as archive, archive.open(name) as part:
            return part.read(MOST_TEXT)
    except (zipfile.BadZipFile, KeyError, OSError, NotImplementedError, RuntimeError):
        return b""


def _words(upload: bytes) -> str | None:
    """The words of the body, without the form Word gives them."""
    try:
        root = xml.read(_part(upload, "word/document.xml"), max_bytes=MOST_TEXT)
    except xml.Unreadable:
        return None
    return re.sub(r"\s+", "", "".join(element.text or "" for element in root.iter(_TEXT)))
