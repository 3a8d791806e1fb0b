"""Zip archives read part by part: nothing is believed that the archive says about itself."""

from __future__ import annotations

import io
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from casework.files.flaws import Flaw, amount_of
from casework.words import _

LOCAL_HEADER = struct.Struct("<4s5H3I2H")
END_OF_DIRECTORY = b"PK\x05\x06"
PADDING = 4096  # room some writers leave between parts to align them


@dataclass(frozen=True)
class Bounds:
    """How much an archive may hold: parts, bytes of one part, bytes in all, unpacked : packed."""

    parts: int
    part_bytes: int
    total_bytes: int
    ratio: int = 200


@dataclass(frozen=True)
class Part:
    """One file inside an archive, unpacked."""

    name: str
    data: bytes


def parts(data: bytes, bounds: Bounds) -> Iterator[Part]:
    """Every file of the archive, in order; raises Flaw before anything large is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos, directory = archive.infolist(), archive.start_dir
    except (zipfile.BadZipFile, ValueError, struct.error, OSError, NotImplementedError) as error:
        raise Flaw("damaged", _("压缩结构已损坏或不完整。")) from error
    _check_end(data)
    _check_amounts(infos, bounds)
    _check_order(data, infos, directory)
    seen: set[str] = set()
    for info in infos:
        name = _checked_name(info)
        if name.casefold() in seen:
            raise Flaw("duplicate", _("压缩包内有重名部分“%(part)s”。", part=name[:60]))
        seen.add(name.casefold())
        if not info.is_dir():
            yield Part(name, _unpacked(data, info))


def _check_end(data: bytes) -> None:
    end = data.rfind(END_OF_DIRECTORY)
    if len(data) - end < 22:
        raise Flaw("damaged", _("压缩结构已损坏或不完整。"))
    (comment,) = struct.unpack_from("<H", data, end + 20)
    if end + 22 + comment != len(data):
        raise Flaw("polyglot", _("压缩包末尾附有其他内容。"))
    if comment > 1000 or b"<" in data[end + 22 :] or b"%PDF" in data[end + 22 :]:
        raise Flaw("polyglot", _("压缩包注释中附有其他内容。"))


def _check_amounts(infos: list[zipfile.ZipInfo], bounds: Bounds) -> None:
    if not infos:
        raise Flaw("empty", _("压缩包内没有文件。"))
    if len(infos) > bounds.parts:
        raise Flaw(
            "parts",
            _("内含 %(count)s 个部分，超过 %(limit)s 个的上限。", count=len(infos), limit=bounds.parts),
        )
    for info in infos:
        if info.file_size > bounds.part_bytes:
            raise _too_large(info.orig_filename, info.file_size, bounds.part_bytes)
        if info.file_size > 1 << 20 and info.file_size > bounds.ratio * max(info.compress_size, 1):
            raise Flaw(
                "bomb",
                _(
                    "“%(part)s”解压后膨胀超过 %(limit)s 倍，疑为压缩炸弹。",
                    part=info.orig_filename[:60],
                    limit=bounds.ratio,
                ),
            )
    total = sum(info.file_size for info in infos)
    if total > bounds.total_bytes:
        raise _too_large("*", total, bounds.total_bytes)


def _too_large(part: str, size: int, limit: int) -> Flaw:
    return Flaw(
        "unpacked",
        _(
            "“%(part)s”解压后 %(size)s，超过 %(limit)s 的上限。",
            part=part[:60],
            size=amount_of(size),
            limit=amount_of(limit),
        ),
    )


def _check_order(data: bytes, infos: list[zipfile.ZipInfo], directory: int) -> None:
    """Parts follow each other from the first byte on, none inside another, nothing hidden between them."""
    at = 0
    for info in sorted(infos, key=lambda each: each.header_offset):
        if info.header_offset < at:
            raise Flaw("overlap", _("压缩包各部分相互重叠，疑为压缩炸弹。"))
        if info.header_offset - at > (PADDING if at else 0):
            raise Flaw("polyglot", _("压缩包内夹带未登记的内容。"))
        at = _start(data, info) + info.compress_size
    if at > directory or directory - at > PADDING:
        raise Flaw("polyglot", _("压缩包内夹带未登记的内容。"))


def _start(data: bytes, info: zipfile.ZipInfo) -> int:
    """Where a part's packed bytes begin; the local header must name the same part."""
    try:
        fields = LOCAL_HEADER.unpack_from(data, info.header_offset)
    except struct.error as error:
        raise Flaw("damaged", _("压缩结构已损坏或不完整。")) from error
    name_at = info.header_offset + LOCAL_HEADER.size
    coding = "utf-8" if fields[2] & 0x800 else "cp437"
    name = data[name_at : name_at + fields[9]].decode(coding, "replace")
    if fields[0] != b"PK\x03\x04" or name != info.orig_filename:
        raise Flaw("damaged", _("压缩包目录与内容不一致。"))
    return name_at + int(fields[9]) + int(fields[10])


def _checked_name(info: zipfile.ZipInfo) -> str:
    name = info.orig_filename
    if not info.flag_bits & 0x800:  # Windows in China writes names in GBK without saying so
        name = name.encode("cp437", "replace").decode("gbk", "replace")
    name = unicodedata.normalize("NFC", name)
    steps = name.split("/")
    odd = name.startswith("/") or "\\" in name or ".." in steps or name[1:2] == ":" or len(name) > 260
    if odd or any(unicodedata.category(sign) == "Cc" for sign in name):
        raise Flaw("slip", _("压缩包内有越界或不合规的路径“%(part)s”。", part=name[:60]))
    if stat.S_ISLNK(info.external_attr >> 16):
        raise Flaw("link", _("压缩包内有符号链接“%(part)s”。", part=name[:60]))
    if info.flag_bits & 0x2041:
        raise Flaw("encrypted", _("压缩包已加密，无法查验。"))
    return name


def _unpacked(data: bytes, info: zipfile.ZipInfo) -> bytes:
    start = _start(data, info)
    packed = data[start : start + info.compress_size]
    if info.compress_type == zipfile.ZIP_STORED:
        unpacked = packed
    elif info.compress_type == zipfile.ZIP_DEFLATED:
        unpacked = _inflated(packed, info.file_size)
    else:
        raise Flaw("method", _("压缩方式不受支持，请用通用 zip 格式重新压缩。"))
    if len(unpacked) != info.file_size or zlib.crc32(unpacked) != info.CRC:
        raise Flaw("lying", _("“%(part)s”与压缩包所称大小或校验值不符。", part=info.orig_filename[:60]))
    return unpacked


def _inflated(packed: bytes, size: int) -> bytes:
    """At most one byte more than was promised, so that a liar is seen and costs nothing."""
    stream = zlib.decompressobj(-15)
    try:
        return stream.decompress(packed, size + 1)
    except zlib.error as error:
        raise Flaw("damaged", _("压缩结构已损坏或不完整。")) from error
