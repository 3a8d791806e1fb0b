"""Photographs and scans: structure and dimensions, without ever decoding the pixels."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

from casework.files.flaws import Flaw
from casework.words import _

MAX_SIDE = 30_000
MAX_PIXELS = 200_000_000  # the largest phone sensors sold give 200 megapixels
PNG = b"\x89PNG\r\n\x1a\n"
JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
JPEG_BARE = frozenset(range(0xD0, 0xD9)) | {0x01}


def check_png(data: bytes) -> None:
    """Chunks follow each other with right checksums from header to end mark, nothing after it."""
    kinds: list[bytes] = []
    for kind, body in _chunks(data):
        if not kinds:
            _check_header(kind, body)
        kinds.append(kind)
    if b"IDAT" not in kinds or kinds[-1] != b"IEND":
        raise _damaged()


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(PNG)
    while at < len(data):
        if at + 12 > len(data):
            raise _damaged()
        length, kind = struct.unpack_from(">I4s", data, at)
        if at + 12 + length > len(data):
            raise _damaged()
        body = data[at + 8 : at + 8 + length]
        if zlib.crc32(body, zlib.crc32(kind)) != struct.unpack_from(">I", data, at + 8 + length)[0]:
            raise _damaged()
        at += 12 + length
        yield kind, body
        if kind == b"IEND" and at != len(data):
            raise Flaw("polyglot", _("图片末尾附有其他内容。"))


def _check_header(kind: bytes, body: bytes) -> None:
    if kind != b"IHDR" or len(body) != 13:
        raise _damaged()
    width, height = struct.unpack_from(">II", body)
    _check_size(width, height)


def check_jpeg(data: bytes) -> None:
    """Segments up to the picture's data are whole and name a size; phones may add data after the end mark."""
    at, size = 2, None
    while True:
        if at + 4 > len(data) or data[at] != 0xFF:
            raise _damaged()
        marker = data[at + 1]
        if marker == 0xFF or marker in JPEG_BARE:
            at += 1 if marker == 0xFF else 2
            continue
        (length,) = struct.unpack_from(">H", data, at + 2)
        if length < 2 or at + 2 + length > len(data):
            raise _damaged()
        if marker in JPEG_FRAMES:
            size = _frame_size(data[at + 4 : at + 2 + length])
        at += 2 + length
        if marker == 0xDA:
            break
    if size is None or data.find(b"\xff\xd9", at) < 0:
        raise _damaged()
    _check_size(*size)


def _frame_size(body: bytes) -> tuple[int, int]:
    if len(body) < 6:
        raise _damaged()
    height, width = struct.unpack_from(">HH", body, 1)
    return width, height


def _check_size(width: int, height: int) -> None:
    if not width or not height:
        raise _damaged()
    if max(width, height) > MAX_SIDE or width * height > MAX_PIXELS:
        raise Flaw(
            "pixels",
            _(
                "图片为 %(width)s×%(height)s 像素，超过单边 %(side)s、总计 %(total)s 万像素的上限。",
                width=width,
                height=height,
                side=MAX_SIDE,
                total=MAX_PIXELS // 10_000,
            ),
        )


def _damaged() -> Flaw:
    return Flaw("damaged", _("图片已损坏或不完整。"))
