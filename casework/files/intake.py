"""What the office takes in: eight kinds of file, each looked into before it is kept."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from casework.files import office, pdfs, pictures
from casework.files.archives import Bounds, Part, parts
from casework.files.flaws import Flaw, Unfit, amount_of
from casework.words import _

MIB = 1 << 20
NAME_LENGTH = 120

_WITHIN_OFFICE = Bounds(parts=3000, part_bytes=96 * MIB, total_bytes=192 * MIB)
_WITHIN_ZIP = Bounds(parts=500, part_bytes=100 * MIB, total_bytes=200 * MIB)
_ACTIVE = re.compile(rb"<(script|html|body|iframe|svg|\?php|!doctype html)", re.IGNORECASE)


@dataclass(frozen=True)
class Kind:
    """One kind of file: extension, media type, first bytes, most bytes taken in, and the look inside."""

    name: str
    media: str
    magic: tuple[bytes, ...]
    max_bytes: int
    look: Callable[[bytes], None]


def clean_name(name: str) -> str:
    """The sender's name for a file as it can be shown: no folders, no invisible or reordering signs."""
    name = unicodedata.normalize("NFC", re.split(r"[/\\]", name)[-1])
    name = "".join(sign for sign in name if unicodedata.category(sign)[0] != "C")
    name = re.sub(r'[<>:"|?*%;\s]+', " ", name).strip()
    stem, dot, extension = name.rstrip(" .").rpartition(".")
    if not dot:
        return extension[:NAME_LENGTH] or "附件"
    return f"{stem.strip(' .')[: NAME_LENGTH - len(extension) - 1] or '附件'}.{extension[:10]}"


def check(name: str, data: bytes, *, max_bytes: int | None = None) -> Kind:
    """The kind of a file that may be kept; raises Unfit with a sentence that names file, bound and reason."""
    try:
        return _kind_of(name, data, max_bytes, KINDS)
    except Flaw as flaw:
        raise Unfit(name, flaw) from flaw


def _kind_of(name: str, data: bytes, max_bytes: int | None, kinds: Mapping[str, Kind]) -> Kind:
    extension = name.rpartition(".")[2].lower()
    kind = kinds.get("jpg" if extension == "jpeg" else extension)
    if kind is None:
        listed = "、".join(kinds)
        raise Flaw("kind", _("只接收 %(kinds)s 格式的文件。", kinds=listed))
    limit = min(max_bytes or kind.max_bytes, kind.max_bytes)
    if len(data) > limit:
        size, bound = amount_of(len(data)), amount_of(limit)
        raise Flaw("size", _("文件大小 %(size)s，超过 %(limit)s 的上限。", size=size, limit=bound))
    if not data:
        raise Flaw("empty", _("文件是空的。"))
    if not data.startswith(kind.magic):
        raise Flaw("magic", _("内容不是 %(kind)s 格式，与扩展名不符。", kind=kind.name))
    kind.look(data)
    _check_single_faced(kind, data)
    return kind


def _check_single_faced(kind: Kind, data: bytes) -> None:
    """A file is one thing only: no page, no PDF and no archive under another kind's name."""
    if _ACTIVE.search(data[:1024]):
        raise Flaw("polyglot", _("文件中夹带网页代码。"))
    if kind.name != "pdf" and b"%PDF-" in data[:1024]:
        raise Flaw("polyglot", _("文件中夹带 PDF 内容。"))
    if kind.magic[0].startswith(b"PK"):
        return
    end = data.rfind(b"PK\x05\x06", max(0, len(data) - 66_000))
    if end >= 0 and len(data) - end >= 22 and b"PK\x01\x02" in data[:end]:
        raise Flaw("polyglot", _("文件中夹带压缩包。"))


def _packed(data: bytes, bounds: Bounds) -> dict[str, Part]:
    return {part.name: part for part in parts(data, bounds)}


def _look_into_office(kind: str) -> Callable[[bytes], None]:
    def look(data: bytes) -> None:
        inside = _packed(data, _WITHIN_OFFICE)
        office.check_office(kind, inside)
        for part in inside.values():
            if "/embeddings/" in part.name.lower():
                _check_embedded(part)

    return look


def _check_embedded(part: Part) -> None:
    """A chart carries its table as a workbook; anything else inside a document is refused."""
    if not part.name.lower().endswith(".xlsx"):
        raise Flaw("embedded", _("内嵌其他程序或对象（%(part)s）。", part=part.name[:60]))
    inside = _packed(part.data, _WITHIN_ZIP)
    if any("/embeddings/" in name.lower() for name in inside):
        raise Flaw("embedded", _("内嵌其他程序或对象（%(part)s）。", part=part.name[:60]))
    office.check_office("xlsx", inside)


def _look_into_ofd(data: bytes) -> None:
    office.check_ofd(_packed(data, _WITHIN_OFFICE))


def _look_into_zip(data: bytes) -> None:
    """Every file in it must be one that the office would take in by itself; no archive in an archive."""
    single = {name: kind for name, kind in KINDS.items() if name != "zip"}
    for part in parts(data, _WITHIN_ZIP):
        try:
            _kind_of(part.name, part.data, None, single)
        except Flaw as flaw:
            inner = _("压缩包内“%(part)s”：%(reason)s", part=part.name[:60], reason=flaw.says)
            raise Flaw(flaw.code, inner) from flaw


def _look_into_dwg(data: bytes) -> None:
    if len(data) < 128 or not re.match(rb"AC10\d\d\0", data):
        raise Flaw("damaged", _("不是完整的 DWG 图纸。"))


_PACKED = (b"PK\x03\x04",)
_OPEN_XML = "application/vnd.openxmlformats-officedocument."

KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("pdf", "application/pdf", (b"%PDF-",), 50 * MIB, pdfs.check_pdf),
        Kind("ofd", "application/ofd", _PACKED, 50 * MIB, _look_into_ofd),
        Kind(
            "docx",
            _OPEN_XML + "wordprocessingml.document",
            _PACKED,
            20 * MIB,
            _look_into_office("docx"),
        ),
        Kind("xlsx", _OPEN_XML + "spreadsheetml.sheet", _PACKED, 20 * MIB, _look_into_office("xlsx")),
        Kind("jpg", "image/jpeg", (b"\xff\xd8\xff",), 30 * MIB, pictures.check_jpeg),
        Kind("png", "image/png", (pictures.PNG,), 30 * MIB, pictures.check_png),
        Kind("dwg", "image/vnd.dwg", (b"AC10",), 100 * MIB, _look_into_dwg),
        Kind("zip", "application/zip", _PACKED, 100 * MIB, _look_into_zip),
    )
}
