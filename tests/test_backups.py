"""Backup while the office works, restore into an empty one of either kind: nothing lost, nothing half."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
import sqlalchemy as sa
from acting import applied, faults, inside, opened, played, post
from flask import Flask

from app import create_app
from casework import backups, cases, files
from casework.db import Base, db
from casework.errors import NotYet
from casework.files import File
from casework.people import Organisation


@pytest.fixture
def case(district: Flask, keys: dict[str, int]) -> cases.Case:
    """A finished case with its paper, letters, notice and four files."""
    return played("acceptance/all_confirmed", keys, after=4)


@pytest.fixture
def elsewhere(models: Any, workplace: Path) -> Iterator[Flask]:
    """An empty office of the same kind in another place."""
    place = Path(tempfile.mkdtemp(dir=workplace))
    app = create_app(place, SQLALCHEMY_DATABASE_URI=models.copy("empty", place), TESTING=True)
    yield app
    with app.app_context():  # also when the test has failed: a forgotten connection would fail another one
        db.engine.dispose()
    shutil.rmtree(place, ignore_errors=True)


def rows() -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table as it is stored."""
    return {
        table.name: [tuple(row) for row in db.session.execute(backups._raw(table))]
        for table in Base.metadata.sorted_tables
    }


def whole_files() -> int:
    """How many stored files there are; each is what its name says."""
    found = list(db.session.scalars(sa.select(File)))
    assert all(hashlib.sha256(files.read(file)).hexdigest() == file.sha256 for file in found)
    return len(found)


def leave(app: Flask) -> None:
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def edited(archive: Path, target: Path, name: str, data: bytes | None) -> Path:
    """The archive with one part replaced, or left out."""
    with zipfile.ZipFile(archive) as old, zipfile.ZipFile(target, "w") as new:
        for each in old.namelist():
            if each != name:
                new.writestr(each, old.read(each))
            elif data is not None:
                new.writestr(each, data)
    return target


def test_what_was_backed_up_comes_back_to_the_letter(
    case: cases.Case, district: Flask, elsewhere: Flask, tmp_path: Path
) -> None:
    before, number = rows(), case.number
    db.session.rollback()
    archive = tmp_path / "deep" / "office.zip"
    assert backups.write(archive) == len({row[1] for row in before["file"]})
    assert archive.stat().st_mode & 0o777 == 0o600
    with elsewhere.app_context():
        backups.bring_back(archive)
        assert rows() == before
        assert whole_files() == len(before["file"])
        assert faults() == []
        assert (Path(elsewhere.instance_path) / "secret.key").read_text("ascii") == district.config[
            "SECRET_KEY"
        ]
        again = db.session.scalars(sa.select(cases.Case).where(cases.Case.number == number)).one()
        # the office goes on where it was: numbers, keys of tables, versions of procedures
        new = cases.open_case(
            again.key,
            by=post("dev7"),
            answers=applied(again),
            project_id=again.project_id,
            now=again.opened_at,
        )
        assert new.number == "YS-2026-0002"
        assert new.id > again.id
        db.session.commit()
    leave(elsewhere)


def test_an_sqlite_office_moves_into_postgresql_and_back(
    case: cases.Case, request: pytest.FixtureRequest, workplace: Path, tmp_path: Path
) -> None:
    if db.engine.dialect.name != "postgresql":
        return  # the way there and back is walked once
    before = rows()
    db.session.rollback()
    first, second = tmp_path / "one.zip", tmp_path / "two.zip"
    backups.write(first)
    place = Path(tempfile.mkdtemp(dir=workplace))
    small = create_app(place, SQLALCHEMY_DATABASE_URI=f"sqlite:///{place / 'tendover.db'}", TESTING=True)
    with small.app_context():
        db.create_all()
        backups.bring_back(first)
        assert rows() == before
        assert faults() == []
        db.session.rollback()
        backups.write(second)
    leave(small)
    backups.bring_back(second, replace=True)
    assert rows() == before
    assert faults() == []
    assert opened(db.session.get_one(cases.Case, 1)).number


def test_a_backup_taken_while_people_work_is_one_picture(
    case: cases.Case, district: Flask, elsewhere: Flask, tmp_path: Path
) -> None:
    case_id, acked, enough = case.id, list[str](), Event()
    db.session.rollback()

    def work() -> None:
        while not enough.is_set():
            acked.append(inside(district, lambda: opened(db.session.get_one(cases.Case, case_id)).number)())
            if len(acked) == 2:
                begun.set()

    begun, writer = Event(), Thread(target=work)
    writer.start()
    try:
        assert begun.wait(60)
        earlier = list(acked)
        backups.write(tmp_path / "office.zip")
    finally:
        enough.set()
        writer.join(60)
    with elsewhere.app_context():
        backups.bring_back(tmp_path / "office.zip")
        there = set(db.session.scalars(sa.select(cases.Case.number)))
        assert set(earlier) <= there <= {"YS-2026-0001", *acked}
        assert faults() == []
        assert whole_files()
    leave(elsewhere)


def test_a_damaged_archive_is_refused_and_changes_nothing(
    case: cases.Case, elsewhere: Flask, tmp_path: Path
) -> None:
    db.session.rollback()
    archive = tmp_path / "office.zip"
    backups.write(archive)
    data = bytearray(archive.read_bytes())
    data[len(data) // 2] ^= 0xFF
    (tmp_path / "bit.zip").write_bytes(data)
    (tmp_path / "cut.zip").write_bytes(archive.read_bytes()[:-2000])
    (tmp_path / "text.zip").write_text("no archive", "utf-8")
    with zipfile.ZipFile(archive) as whole:
        lines = whole.read("tables/case.jsonl").replace("柳桥华庭".encode(), "柳桥花园".encode())
        file = next(n for n in whole.namelist() if n.startswith("files/"))
        about = json.loads(whole.read("manifest.json"))
    damaged = [
        tmp_path / "bit.zip",
        tmp_path / "cut.zip",
        tmp_path / "text.zip",
        edited(archive, tmp_path / "row.zip", "tables/case.jsonl", lines),
        edited(archive, tmp_path / "file.zip", file, b"something else"),
        edited(archive, tmp_path / "gone.zip", file, None),
        edited(archive, tmp_path / "bare.zip", "manifest.json", None),
        edited(archive, tmp_path / "odd.zip", "manifest.json", b"[]"),
    ]
    assert about["sha256"][file] == file.removeprefix("files/")
    with elsewhere.app_context():
        key = Path(elsewhere.instance_path) / "secret.key"
        secret = key.read_bytes()
        for each in damaged:
            with pytest.raises(NotYet, match="备份"):
                backups.bring_back(each, replace=True)
            assert not any(rows().values()), each.name
            assert key.read_bytes() == secret
            db.session.rollback()
    leave(elsewhere)


def test_what_is_there_is_not_overwritten_unasked(case: cases.Case, tmp_path: Path) -> None:
    archive = tmp_path / "office.zip"
    db.session.rollback()
    backups.write(archive)
    later = opened(case).number
    db.session.commit()
    before = rows()
    db.session.rollback()
    with pytest.raises(NotYet, match="不是空的"):
        backups.bring_back(archive)
    assert rows() == before
    db.session.rollback()
    backups.bring_back(archive, replace=True)
    assert later not in list(db.session.scalars(sa.select(cases.Case.number)))
    assert faults() == []


def test_an_organisation_under_one_that_was_founded_later_comes_back(
    case: cases.Case, elsewhere: Flask, tmp_path: Path
) -> None:
    """The tree of organisations and the case a case came from refer to rows of their own table."""
    district = db.session.scalars(sa.select(Organisation).where(Organisation.kind == "district")).first()
    assert district is not None
    new = Organisation(kind="city", name="新市", parent_id=None)
    db.session.add(new)
    db.session.flush()
    district.parent_id = new.id
    db.session.commit()
    before = rows()
    db.session.rollback()
    backups.write(tmp_path / "office.zip")
    with elsewhere.app_context():
        backups.bring_back(tmp_path / "office.zip")
        assert rows() == before
    leave(elsewhere)


def test_an_archive_from_before_the_facts_stood_apart_comes_back(
    case: cases.Case, elsewhere: Flask, tmp_path: Path
) -> None:
    before = rows()
    db.session.rollback()
    backups.write(tmp_path / "today.zip")
    with zipfile.ZipFile(tmp_path / "today.zip") as today, zipfile.ZipFile(tmp_path / "old.zip", "w") as old:
        read = {name: today.read(name) for name in today.namelist()}
        apart = [json.loads(line) for line in read.pop("tables/case_facts.jsonl").splitlines()]
        facts = {row["case_id"]: row["facts"] for row in apart}
        whole = [json.loads(line) for line in read["tables/case.jsonl"].splitlines()]
        lines = [json.dumps({**row, "facts": facts[row["id"]]}, ensure_ascii=False) + "\n" for row in whole]
        read["tables/case.jsonl"] = "".join(lines).encode()
        manifest = json.loads(read["manifest.json"])
        del manifest["sha256"]["tables/case_facts.jsonl"]
        manifest["sha256"]["tables/case.jsonl"] = hashlib.sha256(read["tables/case.jsonl"]).hexdigest()
        read["manifest.json"] = json.dumps(manifest).encode()
        for name, data in read.items():
            old.writestr(name, data)
    with elsewhere.app_context():
        backups.bring_back(tmp_path / "old.zip")
        assert rows() == before
    leave(elsewhere)


def test_an_archive_is_whole_or_not_there(case: cases.Case, tmp_path: Path) -> None:
    """A file is missing on the disk: no half archive is left, and the earlier one stays."""
    archive = tmp_path / "office.zip"
    db.session.rollback()
    backups.write(archive)
    good = archive.read_bytes()
    first = db.session.scalars(sa.select(File)).first()
    assert first is not None
    files.path(first).unlink()
    db.session.rollback()
    with pytest.raises(OSError):
        backups.write(archive)
    assert archive.read_bytes() == good
    assert list(tmp_path.iterdir()) == [archive]
    assert zipfile.is_zipfile(io.BytesIO(good))
