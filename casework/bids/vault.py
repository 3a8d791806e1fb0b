"""Where sealed envelopes lie: one folder a tender, named by their SHA-256, all with the same time on them."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from casework import files
from casework.errors import NotYet, TooMuch
from casework.words import _

#: 2000-01-01: the time on the disk says nothing.
NO_TIME = 946_684_800
#: What an upload may weigh with its header.
MOST = 105 * 1024 * 1024
#: How long an upload that nobody finishes lies there (seconds).
STALE = 86_400
#: How long an envelope may lie without its row.
FRESH = 3_600
_TOKEN = re.compile(r"[0-9a-f]{32}")


def place(case_id: int, digest: str) -> Path:
    """Where an envelope lies."""
    return files.folder() / "sealed" / str(case_id) / digest


def read(case_id: int, digest: str) -> bytes | None:
    """The envelope, or None when it is lost or no longer what was stored."""
    for path in (place(case_id, digest), files.folder() / digest[:2] / digest[2:]):
        with suppress(OSError):
            data = path.read_bytes()
            if hashlib.sha256(data).hexdigest() == digest:
                return data
    return None


def lay(case_id: int, blob: bytes) -> str:
    """Store an envelope durably; returns its SHA-256."""
    digest = hashlib.sha256(blob).hexdigest()
    target = place(case_id, digest)
    if read(case_id, digest) is None:
        target.unlink(missing_ok=True)  # a damaged one of the same length
    files.write(target, blob)
    os.utime(target, (NO_TIME, NO_TIME))
    return digest


def sweep(case_id: int, keep: Iterable[str], now: float | None = None) -> None:
    """Remove what no row names any more, but nothing whose row may yet be written."""
    kept, young = set(keep), (time.time() if now is None else now) - FRESH
    folder = place(case_id, "")
    for path in folder.iterdir() if folder.is_dir() else ():
        with suppress(OSError):
            if path.name not in kept and path.stat().st_ctime < young:
                path.unlink()


def remove(case_id: int, digests: Iterable[str]) -> None:
    """Take back what was laid for an act that was refused."""
    for digest in digests:
        place(case_id, digest).unlink(missing_ok=True)


# -- uploads in pieces -----------------------------------------------------------------------------------


def begin() -> str:
    """A token for an upload; it names nobody."""
    token = secrets.token_hex(16)
    _upload(token).parent.mkdir(parents=True, exist_ok=True)
    _upload(token).touch(mode=0o600)
    return token


def add(token: str, at: int, piece: bytes) -> int:
    """The next piece of an upload; returns how much is there. A piece that came twice is passed over."""
    path = _found(token)
    have = path.stat().st_size
    if at + len(piece) <= have:
        return have
    if at != have:
        raise NotYet(_("上传中断：已收到 %(have)s 字节，请从该处续传。", have=have))
    if have + len(piece) > MOST:
        raise TooMuch(_("投标文件密文超过 %(most)s MB 的上限。", most=MOST >> 20))
    try:
        with path.open("ab") as stream:
            stream.write(piece)
    except OSError as error:
        raise files.NoRoom from error
    return have + len(piece)


def take(token: str) -> bytes:
    """The upload, whole."""
    return _found(token).read_bytes()


def drop(token: str) -> None:
    """The upload is not needed any more."""
    with suppress(NotYet):
        _found(token).unlink(missing_ok=True)


def clear(now: float | None = None) -> None:
    """Remove uploads that nobody finished."""
    folder = files.folder() / "arriving"
    for path in folder.iterdir() if folder.is_dir() else ():
        with suppress(OSError):
            if path.stat().st_mtime < (time.time() if now is None else now) - STALE:
                path.unlink()


def _upload(token: str) -> Path:
    return files.folder() / "arriving" / token


def _found(token: str) -> Path:
    if not _TOKEN.fullmatch(token) or not _upload(token).is_file():
        raise NotYet(_("上传已失效，请重新封标。"))
    return _upload(token)
