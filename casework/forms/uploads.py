"""New files, judged where they arrive: size, ending, and whether the content is what the ending says."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from casework.forms.fields import wrong
from casework.forms.layout import Layout
from casework.forms.messages import size as readable
from casework.forms.profile import Component

_ZIP = (b"PK\x03\x04",)
_OLE = (b"\xd0\xcf\x11\xe0",)
#: How files of these endings begin.
BEGINNINGS: Mapping[str, tuple[bytes, ...]] = {
    ".pdf": (b"%PDF",),
    ".png": (b"\x89PNG",),
    ".jpg": (b"\xff\xd8\xff",),
    ".jpeg": (b"\xff\xd8\xff",),
    ".docx": _ZIP,
    ".xlsx": _ZIP,
    ".zip": _ZIP,
    ".ofd": _ZIP,
    ".doc": _OLE,
    ".xls": _OLE,
}


@dataclass(frozen=True)
class Upload:
    """A file that has just arrived; `size` in bytes, the stream at its beginning."""

    name: str
    stream: BinaryIO
    size: int


def arrived(given: Iterable[Any]) -> list[Upload]:
    """Uploads from what a web framework hands over (`filename`, `stream`) or from (name, stream) pairs."""
    found = []
    for each in given:
        name, stream = each if isinstance(each, tuple) else (each.filename, each.stream)
        if not name:
            continue
        stream.seek(0, os.SEEK_END)
        size = stream.tell()
        stream.seek(0)
        found.append(Upload(os.path.basename(name.replace("\\", "/")), stream, size))  # noqa: PTH119 - a name, no path
    return found


def judged(
    layout: Layout, given: Mapping[str, Sequence[Any]], kept: Mapping[str, int], lang: str
) -> tuple[dict[str, list[Upload]], dict[str, str]]:
    """The uploads that may be kept, and the sentence for each question with one that may not.

    `kept`: how many files each question has already.
    """
    good: dict[str, list[Upload]] = {}
    bad: dict[str, str] = {}
    for each in layout.walk():
        if each.type != "filepicker" or each.key not in given:
            continue
        for upload in arrived(given[each.key]):
            fault = _fault(each, upload, lang)
            if not fault and not each.multiple and (kept.get(each.key) or good.get(each.key)):
                fault = wrong("file.count", each, lang)
            if fault:
                bad[each.key] = fault
            else:
                good.setdefault(each.key, []).append(upload)
    return good, bad


def _fault(each: Component, upload: Upload, lang: str) -> str:
    ending = os.path.splitext(upload.name)[1].lower()  # noqa: PTH122 - a name, no path
    if not upload.size:
        return wrong("file.empty", each, lang, name=upload.name)
    if upload.size > each.megabytes * 1024 * 1024:
        have, bound = readable(upload.size), f"{each.megabytes:f} MB"
        return wrong("file.size", each, lang, name=upload.name, have=have, bound=bound)
    if each.accept and ending not in each.accept:
        return wrong("file.type", each, lang, name=upload.name, bound=endings(each))
    head = upload.stream.read(8)
    upload.stream.seek(0)
    begins = BEGINNINGS.get(ending)
    return (
        wrong("file.content", each, lang, name=upload.name) if begins and not head.startswith(begins) else ""
    )


def endings(each: Component) -> str:
    """The allowed endings as a person reads them: PDF / JPG."""
    return " / ".join(one.lstrip(".").upper() for one in each.accept)
