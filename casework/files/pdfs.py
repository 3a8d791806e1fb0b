"""PDF files: whole, unencrypted, and without anything that acts by itself."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator

from casework.files.flaws import Flaw, amount_of
from casework.words import _

MAX_OBJECT_BYTES = 32 << 20

_BEGIN = re.compile(rb"(?<!end)stream\r?\n")
_NAME_SIGN = rb"[^\x00-\x20/()<>\[\]{}%\x7f-\xff]"
_ESCAPED_NAME = re.compile(rb"/" + _NAME_SIGN + rb"{0,99}?#[0-9A-Fa-f]{2}" + _NAME_SIGN + rb"{0,99}")
_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")
#: Names too long to occur by chance in packed data; every such action needs one of them (ISO 32000-1, 12.6).
_ACTING = re.compile(
    rb"/(JavaScript|Launch|EmbeddedFiles?|RichMedia|GoToE|ImportData|SubmitForm)(?![A-Za-z0-9])"
)
_SHORT_ACTING = re.compile(rb"/(JS|XFA)(?![A-Za-z0-9])")
_OBJECT_STREAM = re.compile(
    rb"/(O|#4[fF])(b|#62)(j|#6[aA])(S|#53)(t|#74)(m|#6[dD])(?![A-Za-z0-9])",
)
_FLATE_ALONE = re.compile(rb"/Filter\s*(/FlateDecode|\[\s*/FlateDecode\s*\])(?![A-Za-z0-9])")
_MARKUP = re.compile(rb"<(script|html|body|iframe|\?php|!doctype html)", re.IGNORECASE)


def check_pdf(data: bytes) -> None:
    """Refuses scripts, launching, embedded files, forms that send, encryption and foreign content."""
    end = data.rfind(b"%%EOF")
    if not re.match(rb"%PDF-[12]\.\d", data) or end < 0:
        raise Flaw("damaged", _("不是完整的 PDF 文件。"))
    if data[end + 5 :].strip(b"\r\n\t \0"):
        raise Flaw("polyglot", _("PDF 末尾附有其他内容。"))
    plain = _plain(_without_streams(data))
    if _MARKUP.search(plain) or _MARKUP.search(data[:1024]):
        raise Flaw("polyglot", _("PDF 中夹带网页代码。"))
    if re.search(rb"/Encrypt(?![A-Za-z0-9])", plain):
        raise Flaw("encrypted", _("PDF 已加密或设有密码，无法查验。"))
    found = _ACTING.search(_plain(data)) or _SHORT_ACTING.search(plain)
    for text in () if found else _object_streams(data):
        found = found or _ACTING.search(text) or _SHORT_ACTING.search(text)
    if found:
        raise Flaw(
            "action",
            _(
                "PDF 含脚本、启动程序、表单提交或内嵌文件（%(name)s），请另存为不含此类内容的 PDF。",
                name=found[1].decode("ascii"),
            ),
        )


def _plain(data: bytes) -> bytes:
    """Names without their #xx escapes, so that /J#61vaScript is read as what it is."""
    return _ESCAPED_NAME.sub(
        lambda name: _ESCAPE.sub(lambda hexed: bytes([int(hexed[1], 16)]), name[0]), data
    )


def _without_streams(data: bytes) -> bytes:
    kept, at = [], 0
    while (begin := _BEGIN.search(data, at)) and (end := data.find(b"endstream", begin.end())) >= 0:
        kept.append(data[at : begin.end()])
        at = end
    return b"".join([*kept, data[at:]])


def _object_streams(data: bytes) -> Iterator[bytes]:
    """The objects that a PDF keeps packed together (ISO 32000-1, 7.5.7), unpacked within a bound."""
    left = MAX_OBJECT_BYTES
    for named in _OBJECT_STREAM.finditer(data):
        begin = _BEGIN.search(data, named.end(), named.end() + 4096)
        if begin is None:
            continue
        header = _plain(data[max(data.rfind(b"obj", 0, named.start()), 0) : begin.start()])
        packed = data[begin.end() : data.find(b"endstream", begin.end())]
        if b"/Filter" in header:
            if not _FLATE_ALONE.search(header) or b"/Predictor" in header:
                raise Flaw("structure", _("PDF 的对象以少见方式压缩，无法查验，请重新另存为 PDF。"))
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
