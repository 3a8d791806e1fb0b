"""PDF files: whole, unencrypted, and without anything that acts by itself."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from itertools import islice

from casework.files.flaws import Flaw, amount_of
from casework.words import _

MAX_OBJECT_BYTES = 32 << 20

MAX_STREAMS = 200_000
MAX_ESCAPES = 100_000

_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")
#: Names too long to occur by chance in packed data; every such action needs one of them (ISO 32000-1, 12.6).
_ACTING = (
    b"/JavaScript", b"/Launch", b"/EmbeddedFile", b"/EmbeddedFiles", b"/RichMedia", b"/GoToE", b"/ImportData",
    b"/SubmitForm",
)  # fmt: skip
_SHORT_ACTING = (b"/JS", b"/XFA")
_OBJECT_STREAM = b"/ObjStm"
_FLATE_ALONE = re.compile(rb"/Filter\s*(/FlateDecode|\[\s*/FlateDecode\s*\])(?![A-Za-z0-9])")
_MARKUP = re.compile(rb"<(script|html|body|iframe|\?php|!doctype html)", re.IGNORECASE)


def check_pdf(data: bytes) -> None:
    """Refuses scripts, launching, embedded files, forms that send, encryption and foreign content."""
    end = data.rfind(b"%%EOF")
    if not re.match(rb"%PDF-[12]\.\d", data) or end < 0:
        raise Flaw("damaged", _("不是完整的 PDF 文件。"))
    if data[end + 5 :].strip(b"\r\n\t \0"):
        raise Flaw("polyglot", _("PDF 末尾附有其他内容。"))
    whole, plain = _plain(data), _plain(_without_streams(data))
    if _MARKUP.search(plain) or _MARKUP.search(data[:1024]):
        raise Flaw("polyglot", _("PDF 中夹带网页代码。"))
    if _named(plain, (b"/Encrypt",)):
        raise Flaw("encrypted", _("PDF 已加密或设有密码，无法查验。"))
    if whole.count(_OBJECT_STREAM) != data.count(_OBJECT_STREAM):
        raise _odd()  # nobody spells this name with escapes but to hide it
    _refuse(_named(whole, _ACTING) or _named(plain, _SHORT_ACTING))
    for text in _object_streams(data):
        _refuse(_named(text, (*_ACTING, *_SHORT_ACTING)))


def _refuse(name: bytes | None) -> None:
    if name:
        raise Flaw(
            "action",
            _(
                "PDF 含脚本、启动程序、表单提交或内嵌文件（%(name)s），请另存为不含此类内容的 PDF。",
                name=name[1:].decode("ascii"),
            ),
        )


def _odd() -> Flaw:
    return Flaw("structure", _("PDF 的内部写法少见，无法查验，请重新另存为 PDF。"))


def _named(text: bytes, names: tuple[bytes, ...]) -> bytes | None:
    """The first of these names that stands in the text as a whole name."""
    for name in names:
        if re.search(re.escape(name) + rb"(?![A-Za-z0-9])", text):
            return name
    return None


def _plain(data: bytes) -> bytes:
    """The text without #xx escapes, so that /J#61vaScript is read as what it is."""
    if sum(1 for _each in islice(_ESCAPE.finditer(data), MAX_ESCAPES + 1)) > MAX_ESCAPES:
        raise _odd()
    return _ESCAPE.sub(lambda hexed: bytes([int(hexed[1], 16)]), data)


def _without_streams(data: bytes) -> bytes:
    kept, at = [], 0
    for begin, end in _streams(data):
        kept.append(data[at:begin])
        at = end
    return b"".join([*kept, data[at:]])


def _streams(data: bytes) -> Iterator[tuple[int, int]]:
    """Where packed data begins and ends."""
    at = count = 0
    while (at := data.find(b"stream", at)) >= 0:
        at += 6
        if data[at : at + 1] not in {b"\r", b"\n"} or data[at - 9 : at - 6] == b"end":
            continue
        end = data.find(b"endstream", at)
        count += 1
        if end < 0:
            return
        if count > MAX_STREAMS:
            raise _odd()
        yield at, end
        at = end + 9


def _object_streams(data: bytes) -> Iterator[bytes]:
    """The objects that a PDF keeps packed together (ISO 32000-1, 7.5.7), unpacked within a bound."""
    left, at = MAX_OBJECT_BYTES, 0
    while (at := data.find(_OBJECT_STREAM, at)) >= 0:
        begin = re.search(rb"stream\r?\n", data[at : at + 4096])
        header = _plain(data[max(data.rfind(b"obj", 0, at), 0) : at + (begin.start() if begin else 0)])
        at += begin.end() if begin else len(_OBJECT_STREAM)
        if begin is None:
            continue
        packed = data[at : data.find(b"endstream", at)]
        if b"/Filter" in header:
            if not _FLATE_ALONE.search(header) or b"/Predictor" in header:
                raise _odd()
            packed = _inflated(packed, left)
        left -= len(packed)
        yield _plain(packed)


def _inflated(packed: bytes, left: int) -> bytes:
    try:
        text = zlib.decompressobj().decompress(packed, left + 1)
    except zlib.error as error:
        raise Flaw("damaged", _("不是完整的 PDF 文件。")) from error
    if len(text) > left:
        limit = amount_of(MAX_OBJECT_BYTES)
        raise Flaw("bomb", _("PDF 的对象解压后超过 %(limit)s，疑为压缩炸弹。", limit=limit))
    return text
