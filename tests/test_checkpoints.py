"""What was signed once stands against whoever writes a record anew."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
import sqlalchemy as sa
from acting import at_once, faults, inside, opened, played, stamp
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from flask import Flask, current_app

from app import create_app
from casework import backups, cases, checkpoints, clock, journal, merkle, offline_verify, worker
from casework.cases import proof
from casework.checkpoints import Checkpoint, End, Leaf
from casework.db import db
from casework.journal import Entry

SCRIPT = Path(offline_verify.__file__)


@pytest.fixture
def case(district: Flask, keys: dict[str, int]) -> cases.Case:
    """Three cases under three checkpoints: opened, stamped, opened again."""
    first = played("acceptance/all_confirmed", keys)
    db.session.commit()
    assert worker.checkpoint(clock.now())
    stamp(first.id, "str2")
    second = opened(first)
    db.session.commit()
    assert worker.checkpoint(clock.now())
    stamp(second.id, "str2")
    opened(first)
    db.session.commit()
    assert worker.checkpoint(clock.now())
    return db.session.get_one(cases.Case, first.id)


def found() -> list[str]:
    db.session.expire_all()
    return [f"{f.number}: {f.says}" for f in checkpoints.verify({})]


def offline(place: Path) -> subprocess.CompletedProcess[str]:
    """The script alone over the four tables, as a backup writes them."""
    tables = {"journal": Entry, "case": cases.Case, "checkpoint": Checkpoint, "checkpoint_leaf": Leaf}
    for name, model in tables.items():
        rows = db.session.execute(backups._raw(model.__table__)).mappings()
        lines = [json.dumps(dict(row), ensure_ascii=False) for row in rows]
        (place / f"{name}.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
    command = [sys.executable, "-I", "-S", str(SCRIPT), *(str(place / f"{name}.jsonl") for name in tables)]
    return subprocess.run(command, capture_output=True, text=True, cwd="/", timeout=60, check=False)


def test_the_ends_of_all_records_are_signed_when_one_is_new(case: cases.Case, tmp_path: Path) -> None:
    newest = checkpoints.newest()
    assert newest is not None
    assert (newest.number, newest.cases) == (3, 3)
    ends = proof.ends()
    assert [end.head for end in ends] == list(
        db.session.scalars(sa.select(cases.Case.journal_head).order_by(cases.Case.id))
    )
    assert newest.root == merkle.Tree(end.record for end in ends).root
    assert not any(end.new for end in ends)
    assert not worker.checkpoint(clock.now()), "nothing is new"
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Leaf)) == 5
    assert found() == []
    script = offline(tmp_path)
    assert (script.returncode, script.stderr) == (0, "")
    assert script.stdout.startswith(f"checkpoint 3 over 3 cases, {newest.root}\n")


def test_whoever_writes_a_whole_record_anew_is_found(case: cases.Case, tmp_path: Path) -> None:
    """Every hash fits, the case remembers the new end: only what was signed before tells."""
    previous = journal.GENESIS
    for entry in reversed(journal.of(case.id)):
        who = entry.who.replace("云", "雲")
        moment = entry.at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        named = (2, case.id, entry.seq, moment, entry.what, entry.element, entry.post_id, who)
        head = journal.digest(*named, entry.detail, previous)
        at = sa.and_(Entry.case_id == case.id, Entry.seq == entry.seq)
        db.session.execute(sa.update(Entry).where(at).values(who=who, previous=previous, hash=head))
        previous = head
    case.journal_head = previous
    db.session.flush()
    db.session.expire_all()
    assert faults() == [], "the chain alone says nothing"
    told = [line for line in found() if "not the entry that was signed" in line]
    assert [line.partition(":")[0] for line in told] == ["1", "2"]
    script = offline(tmp_path)
    assert script.returncode == 1
    assert f"checkpoint 1: case {case.id}, entry " in script.stdout
    db.session.rollback()


def _other_root() -> None:
    db.session.execute(sa.update(Checkpoint).where(Checkpoint.number == 2).values(root="0" * 64))


def _lost() -> None:
    db.session.execute(sa.delete(Leaf).where(Leaf.number == 2))
    db.session.execute(sa.delete(Checkpoint).where(Checkpoint.number == 2))


def _lost_leaf() -> None:
    db.session.execute(sa.delete(Leaf).where(Leaf.number == 3, Leaf.case_id == 2))


def _other_leaf() -> None:
    db.session.execute(sa.update(Leaf).where(Leaf.number == 2, Leaf.case_id == 2).values(head="a" * 64))


def _later() -> None:
    newest = checkpoints.newest()
    assert newest is not None
    newest.at += timedelta(days=1)


TAMPERINGS = [_other_root, _lost, _lost_leaf, _other_leaf]


@pytest.mark.parametrize("tamper", TAMPERINGS, ids=lambda t: t.__name__)
def test_a_changed_checkpoint_is_found_here_and_offline(
    case: cases.Case, tmp_path: Path, tamper: Callable[[], None]
) -> None:
    tamper()
    db.session.flush()
    assert found()
    assert offline(tmp_path).returncode == 1
    db.session.rollback()
    assert found() == []


def test_only_the_offices_signature_counts(case: cases.Case) -> None:
    _later()
    db.session.flush()
    assert found() == ["3: changed after it was signed"]
    newest, stranger = checkpoints.newest(), Ed25519PrivateKey.generate()
    assert newest is not None
    newest.key = checkpoints._public(stranger.public_key())
    newest.signature = stranger.sign(newest.text.encode()).hex()
    db.session.flush()
    assert found() == ["3: signed with another key than this office's"]
    newest.signature = "no digits"
    db.session.flush()
    assert "3: changed after it was signed" in found()
    db.session.rollback()


def test_a_case_that_is_committed_after_one_with_a_higher_number_takes_its_place(case: cases.Case) -> None:
    """Two transactions on PostgreSQL end in the other order than they began."""
    ends, now = proof.ends(), clock.now()
    db.session.execute(sa.delete(Leaf))
    db.session.execute(sa.delete(Checkpoint))
    early = [End(e.case_id, e.seq, e.head, new=True) for e in ends]
    checkpoints.sign([early[0], early[2]], now)
    checkpoints.sign([ends[0], early[1], ends[2]], now)
    db.session.flush()
    assert found() == []
    db.session.rollback()


def test_two_workers_sign_once(case: cases.Case, district: Flask) -> None:
    opened(case)
    db.session.commit()
    at_once(district, [inside(district, lambda: worker.checkpoint(clock.now())) for _ in range(4)])
    newest = checkpoints.newest()
    assert newest is not None
    assert newest.number == 4
    assert found() == []


def test_the_key_is_the_owners_alone_and_not_in_the_database(case: cases.Case) -> None:
    path = Path(current_app.instance_path) / checkpoints.KEY_FILE
    assert path.stat().st_mode & 0o077 == 0
    secret = path.read_text("ascii")
    rows = [str(tuple(row)) for row in db.session.execute(backups._raw(Checkpoint.__table__))]
    assert rows
    assert not any(secret in row for row in rows)


def test_anybody_can_read_and_check_the_newest_signature(case: cases.Case, district: Flask) -> None:
    newest = checkpoints.newest()
    assert newest is not None
    root, key = newest.root, newest.key
    db.session.rollback()
    client = district.test_client()
    page = client.get("/verify")
    assert root in page.text
    assert key in page.text
    signed = client.get("/verify/checkpoint.txt").text
    text, _, rest = signed.partition("key ")
    given, signature = (line.rpartition(" ")[2] for line in rest.splitlines())
    assert given == key
    Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(bytes.fromhex(signature), text.encode())
    assert text.splitlines()[-2] == root


def test_before_the_first_signature_the_page_says_so(district: Flask) -> None:
    client = district.test_client()
    assert "record" not in client.get("/verify").text.partition("<main")[2]
    answer = client.get("/verify/checkpoint.txt")
    assert answer.status_code == 404
    assert "尚未签名" in answer.text


@pytest.fixture
def elsewhere(models: Any, workplace: Path) -> Iterator[Flask]:
    place = Path(tempfile.mkdtemp(dir=workplace))
    app = create_app(place, SQLALCHEMY_DATABASE_URI=models.copy("empty", place), TESTING=True)
    yield app
    with app.app_context():  # also when the test has failed: a forgotten connection would fail another one
        db.engine.dispose()
    shutil.rmtree(place, ignore_errors=True)


def test_a_restored_office_goes_on_signing_with_the_same_key(
    case: cases.Case, elsewhere: Flask, tmp_path: Path
) -> None:
    db.session.rollback()
    backups.write(tmp_path / "office.zip")
    with elsewhere.app_context():
        backups.bring_back(tmp_path / "office.zip")
        assert found() == []
        stamp(2, "exa1")
        db.session.commit()
        assert worker.checkpoint(clock.now())
        assert found() == []
        db.session.remove()
        db.engine.dispose()


def test_the_worker_signs_now_and_then(
    case: cases.Case, district: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It signs when it begins and then every so many minutes; in between it leaves the records alone."""
    monkeypatch.setattr(worker, "PAUSE", 0.1)
    case_id, stop = case.id, Event()
    opened(case)
    db.session.commit()

    def signed() -> int:
        newest = checkpoints.newest()
        number = newest.number if newest else 0
        db.session.rollback()  # on SQLite one transaction at a time: the worker waits as long as we read
        return number

    loop = Thread(target=worker.loop, args=(district, stop))
    loop.start()
    try:
        _until(lambda: signed() == 4)
        stamp(case_id, "exa1")
        db.session.commit()
        for _round in range(10):
            assert signed() == 4
            stop.wait(0.1)
    finally:
        stop.set()
        loop.join(30)
    district.config["CHECKPOINT_MINUTES"] = 0
    stop.clear()
    loop = Thread(target=worker.loop, args=(district, stop))
    loop.start()
    try:
        _until(lambda: signed() == 5)
    finally:
        stop.set()
        loop.join(30)


def _until(so: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not so():
        assert time.monotonic() < end, "nothing happened"
        time.sleep(0.02)
