"""Attachments are stored once, durably, under their own hash, and only ever handed out as downloads."""

from __future__ import annotations

import errno
import hashlib
import os
from pathlib import Path
from typing import Any

import hostile
import pytest
from flask import Flask

from casework import files


def test_a_file_is_kept_under_its_hash_with_the_senders_name(app: Flask, db: Any) -> None:
    data = hostile.word()
    file = files.keep("../申请书（一）.docx", data)
    db.session.commit()
    digest = hashlib.sha256(data).hexdigest()
    assert (file.sha256, file.name, file.kind, file.size) == (digest, "申请书（一）.docx", "docx", len(data))
    assert files.path(file) == files.folder() / digest[:2] / digest[2:]
    assert files.read(file) == data


def test_equal_contents_are_stored_once_and_keep_both_names(app: Flask, db: Any) -> None:
    first, second = files.keep("甲.pdf", hostile.pdf()), files.keep("乙.pdf", hostile.pdf())
    assert first.id != second.id
    assert [path.name for path in files.folder().rglob("*") if path.is_file()] == [first.sha256[2:]]


def test_bytes_are_on_the_disk_before_the_row_is_written(
    app: Flask, db: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """trust.md 3.10: temporary file, fsync, rename, fsync of the folder, then the row."""
    happened: list[str] = []
    sync, replace, flush = os.fsync, Path.replace, db.session.flush
    monkeypatch.setattr(os, "fsync", lambda handle: happened.append("fsync") or sync(handle))
    monkeypatch.setattr(
        Path, "replace", lambda self, target: happened.append("rename") or replace(self, target)
    )
    monkeypatch.setattr(db.session, "flush", lambda *given: happened.append("row") or flush(*given))
    files.keep("a.pdf", hostile.pdf())
    assert happened == ["fsync", "rename", "fsync", "fsync", "row"]


def test_a_row_that_is_rolled_back_leaves_no_row(app: Flask, db: Any) -> None:
    files.keep("a.pdf", hostile.pdf())
    db.session.rollback()
    assert db.session.query(files.File).count() == 0


def test_a_full_disk_keeps_nothing_and_says_so(app: Flask, db: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(files.NoRoom) as refusal:
        files.keep("a.pdf", hostile.pdf())
    assert "存储空间不足" in str(refusal.value)
    assert not [path for path in files.folder().rglob("*") if path.is_file()]
    assert db.session.query(files.File).count() == 0


def test_damaged_and_lost_bytes_are_noticed(app: Flask, db: Any) -> None:
    file = files.keep("a.pdf", hostile.pdf())
    path = files.path(file)
    path.chmod(0o600)
    path.write_bytes(hostile.pdf()[:-2] + b"!\n")
    with pytest.raises(files.Damaged):
        files.read(file)
    path.unlink()
    with pytest.raises(files.Damaged):
        files.open(file)


def test_a_half_written_copy_is_written_again(app: Flask, db: Any) -> None:
    file = files.keep("a.pdf", hostile.pdf())
    files.path(file).chmod(0o600)
    files.path(file).write_bytes(b"%PDF")
    assert files.read(files.keep("a.pdf", hostile.pdf())) == hostile.pdf()


@pytest.mark.parametrize("name", ['x"\r\nSet-Cookie: a=b.pdf', "材料\u202e.pdf", "a b;c.pdf"])
def test_a_download_is_an_attachment_that_no_browser_runs(app: Flask, db: Any, name: str) -> None:
    headers = files.headers(files.keep(name, hostile.pdf()))
    assert headers["Content-Disposition"].startswith("attachment; filename=")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in headers["Content-Security-Policy"]
    assert headers["Content-Type"] == "application/pdf"
    for value in headers.values():
        assert value.isascii()
        assert value.isprintable()


def test_a_tighter_limit_wins_and_a_looser_one_does_not(app: Flask, db: Any) -> None:
    with pytest.raises(files.Unfit) as refusal:
        files.keep("a.pdf", hostile.pdf(), max_bytes=100)
    assert "100 B" in str(refusal.value)
    with pytest.raises(files.Unfit):
        files.keep("a.png", hostile.png() + b"\0" * (31 << 20), max_bytes=1 << 30)
