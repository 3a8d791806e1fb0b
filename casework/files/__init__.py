"""Attachments: looked into, hashed, stored once under their SHA-256, and always handed out as a download."""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import Mapped, mapped_column

from casework import clock
from casework.db import Base, Moment, db
from casework.errors import Busy, Unknown
from casework.files.exif import without_place
from casework.files.flaws import Flaw, Unfit
from casework.files.intake import KINDS, check, clean_name
from casework.words import _

__all__ = [
    "KINDS",
    "Damaged",
    "File",
    "NoRoom",
    "Unfit",
    "beside",
    "check",
    "clean_name",
    "clear_workroom",
    "digest",
    "discard",
    "folder",
    "forget",
    "headers",
    "keep",
    "lay",
    "named",
    "open",
    "path",
    "put_back",
    "read",
    "store",
    "unclaimed",
    "whole",
    "workroom",
    "write",
]


#: Bytes that were sent within this time are not taken away (seconds).
FRESH = 3600.0
#: What is being made for longer than this will not be finished (seconds).
UNFINISHED = 86_400.0


class NoRoom(Busy):
    """The disk is full: nothing was stored (507)."""

    says = _("存储空间不足，文件未保存，请联系系统管理员。")


class Damaged(Unknown):
    """The stored bytes are gone or are not those that were kept; `flask restore` brings them back."""

    says = _("文件缺失或已损坏，请联系系统管理员从备份恢复。")


class File(Base):
    """One file as one person handed it in; equal contents are stored once, whatever they are called."""

    __tablename__ = "file"

    id: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(sa.String(64), index=True)
    name: Mapped[str] = mapped_column(sa.String(150))
    kind: Mapped[str] = mapped_column(sa.String(8))
    size: Mapped[int] = mapped_column(sa.BigInteger)
    kept_at: Mapped[datetime] = mapped_column(Moment)
    post_id: Mapped[int | None]
    #: a file that nothing holds yet goes away at this moment
    pending_until: Mapped[datetime | None] = mapped_column(Moment, index=True)


def keep(
    name: str,
    data: bytes,
    *,
    post_id: int | None = None,
    max_bytes: int | None = None,
    with_place: bool = False,
) -> File:
    """Take in what a person sent: checked first, then on the disk, then a row; raises Unfit or NoRoom.

    Where a photograph was taken does not reach the disk, but `with_place`.
    """
    return _enter(lay(name, data, post_id=post_id, max_bytes=max_bytes, with_place=with_place))


def lay(
    name: str,
    data: bytes,
    *,
    post_id: int | None = None,
    max_bytes: int | None = None,
    with_place: bool = False,
) -> File:
    """The same without the row, which the caller adds to the session when its transaction has begun."""
    name = clean_name(name)
    kind, kept = _taken_in(name, data, max_bytes, with_place)
    return _laid(name, kind, kept, post_id)


def digest(name: str, data: bytes, *, with_place: bool = False) -> str:
    """The SHA-256 under which these bytes would be kept; raises Unfit."""
    return hashlib.sha256(_taken_in(clean_name(name), data, None, with_place)[1]).hexdigest()


def _taken_in(name: str, data: bytes, max_bytes: int | None, with_place: bool) -> tuple[str, bytes]:
    kind = check(name, data, max_bytes=max_bytes).name
    try:
        return kind, data if with_place else without_place(kind, data)
    except Flaw as flaw:
        raise Unfit(name, flaw) from flaw


def store(name: str, kind: str, data: bytes, *, post_id: int | None = None) -> File:
    """Keep what the office itself made (an issued paper): bytes on the disk first, the row second."""
    return _enter(_laid(name, kind, data, post_id))


def adopt(made: Path, name: str, kind: str, *, post_id: int | None = None) -> File:
    """Keep a large file that the office itself has made in `workroom`, without reading it into memory."""
    whole = hashlib.sha256()
    with made.open("rb") as stream:
        while block := stream.read(1 << 20):
            whole.update(block)
        os.fsync(stream.fileno())
        size = stream.tell()
    digest = whole.hexdigest()
    target = folder() / digest[:2] / digest[2:]
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        made.chmod(0o440)
        made.replace(target)
    except OSError as error:
        raise NoRoom from error
    for directory in (target.parent, target.parent.parent):
        _sync(directory)
    return _enter(File(sha256=digest, name=name, kind=kind, size=size, kept_at=clock.now(), post_id=post_id))


def workroom() -> Path:
    """Where the office makes large files: on the same disk as they will lie."""
    place = folder() / "making"
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise NoRoom from error
    return place


def clear_workroom(now: float | None = None) -> None:
    """Remove what was being made when a process ended."""
    for path in workroom().iterdir():
        with suppress(OSError):
            if path.stat().st_mtime < (time.time() if now is None else now) - UNFINISHED:
                path.unlink()


def _laid(name: str, kind: str, data: bytes, post_id: int | None) -> File:
    named = hashlib.sha256(data).hexdigest()
    write(folder() / named[:2] / named[2:], data)
    return File(sha256=named, name=name, kind=kind, size=len(data), kept_at=clock.now(), post_id=post_id)


def _enter(file: File) -> File:
    db.session.add(file)
    db.session.flush()
    return file


def forget(files: Iterable[File]) -> set[str]:
    """Take the rows of files away; gives the bytes nobody holds any more, for `discard` after the commit."""
    gone = {file.sha256 for file in files}
    for file in files:
        db.session.delete(file)
    db.session.flush()
    held = sa.select(File.sha256).where(File.sha256.in_(gone))
    return gone - set(db.session.scalars(held))


def unclaimed(now: datetime) -> Sequence[File]:
    """Files that somebody sent and then did nothing with."""
    return db.session.scalars(sa.select(File).where(File.pending_until < now).limit(1000)).all()


def named(ids: Sequence[int]) -> Sequence[File]:
    """The files of these numbers."""
    return db.session.scalars(sa.select(File).where(File.id.in_(ids))).all()


def discard(digests: Iterable[str]) -> None:
    """Remove bytes whose rows are gone; what somebody has sent again meanwhile stays."""
    for digest in digests:
        target = folder() / digest[:2] / digest[2:]
        aside = target.with_name(f".{target.name}.gone")
        with suppress(FileNotFoundError):
            target.replace(aside)
            if time.time() - aside.stat().st_mtime < FRESH:
                aside.replace(target)
            else:
                aside.unlink()
                for drawn in target.parent.glob(f"{target.name}.*"):
                    drawn.unlink(missing_ok=True)


def put_back(digest: str, data: bytes) -> None:
    """Bring bytes back from a backup; Damaged when they are not what their name says."""
    if hashlib.sha256(data).hexdigest() != digest:
        raise Damaged
    write(folder() / digest[:2] / digest[2:], data)


def folder() -> Path:
    """Where the bytes lie: instance/files, or the setting FILES."""
    return Path(current_app.config.get("FILES") or Path(current_app.instance_path) / "files")


def path(file: File) -> Path:
    """The place of a file's bytes, named by their SHA-256."""
    return folder() / file.sha256[:2] / file.sha256[2:]


def beside(file: File, what: str) -> Path:
    """Where something made from a file lies: it goes with the file, and can be made again."""
    return path(file).with_name(f"{file.sha256[2:]}.{what}")


def open(file: File) -> BinaryIO:  # noqa: A001  files.open reads as what it does
    """The stored bytes as a stream; raises Damaged when they are gone."""
    try:
        return path(file).open("rb")
    except FileNotFoundError as error:
        raise Damaged from error


def read(file: File) -> bytes:
    """The stored bytes; raises Damaged when their SHA-256 is not the one that was kept."""
    with open(file) as stream:
        data = stream.read()
    if hashlib.sha256(data).hexdigest() != file.sha256:
        raise Damaged
    return data


def whole(file: File) -> bool:
    """Whether the stored bytes are there and are those that were kept; read piece by piece."""
    found = hashlib.sha256()
    try:
        with path(file).open("rb") as stream:
            while block := stream.read(1 << 20):
                found.update(block)
    except OSError:
        return False
    return found.hexdigest() == file.sha256


def headers(file: File) -> Mapping[str, str]:
    """HTTP headers that make a browser save a file and never run or show it."""
    plain, full = f"{file.sha256[:12]}.{file.kind}", quote(file.name, safe="")
    return {
        "Content-Type": KINDS[file.kind].media,
        "Content-Length": str(file.size),
        "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{full}",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cache-Control": "private, no-store",
        "ETag": f'"{file.sha256}"',
    }


def write(target: Path, data: bytes) -> None:
    """Whole and durable before anyone can see it: temporary file, fsync, rename, fsync of the folder."""
    with suppress(FileNotFoundError):
        if target.stat().st_size == len(data):
            os.utime(target)  # wanted again: nobody who is just taking it away may do so
            return
    temporary = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=target.parent, prefix=".", delete=False) as stream:
            temporary = Path(stream.name)
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.chmod(0o440)
        temporary.replace(target)
    except OSError as error:
        if temporary:
            temporary.unlink(missing_ok=True)
        raise NoRoom from error
    for directory in (target.parent, target.parent.parent):
        _sync(directory)


def _sync(directory: Path) -> None:
    with suppress(PermissionError):  # Windows keeps folder entries itself and does not let them be opened
        handle = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
