"""What was acknowledged is there, once, after any kill; what was not is there whole or not at all."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import pytest
import sqlalchemy as sa
from acting import STAMPERS, faults, played, post
from flask import Flask

from app import create_app
from casework import cases, offline_verify, signoffs
from casework.cases.model import Act, Numbered
from casework.db import db

ROOT = Path(__file__).resolve().parent.parent
KILLS = 200 if os.environ.get("TENDOVER_LONG") else 12


@pytest.fixture
def place(district: Flask, keys: dict[str, int], tmp_path: Path) -> Iterator[Path]:
    """A district with one case, on a real disk."""
    if db.engine.dialect.name == "postgresql":
        yield tmp_path
        return
    played("acceptance/all_confirmed", keys)
    db.session.remove()
    with db.engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    db.engine.dispose()
    shutil.copy(str(db.engine.url.database), tmp_path / "tendover.db")
    yield tmp_path


def test_every_connection_writes_through_to_the_disk(district: Flask) -> None:
    engine = db.engine
    db.session.rollback()
    if engine.dialect.name == "postgresql":
        return  # the test's own server runs without fsync, for speed; an office's is set by its keeper
    raw = [engine.raw_connection() for _ in range(6)]
    try:
        for connection in raw:
            told = [connection.cursor().execute(f"PRAGMA {name}").fetchone()[0] for name in PRAGMAS]
            assert dict(zip(PRAGMAS, told, strict=True)) == PRAGMAS
    finally:
        for connection in raw:
            connection.close()


PRAGMAS = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 15000}


def test_kill_after_kill_nothing_acknowledged_is_lost_or_twice(
    place: Path, district: Flask, dialect: str
) -> None:
    if dialect != "sqlite":
        return  # the server keeps its own promise
    acked, chance = list[str](), random.Random(7)
    with working(place) as process:
        for _ in range(KILLS):
            acked += killed_after(process, chance.randint(1, 12), chance.random() / 50)
    assert len(acked) > KILLS
    office = create_app(place, SQLALCHEMY_DATABASE_URI=f"sqlite:///{place / 'tendover.db'}", TESTING=True)
    with office.app_context():
        look(acked)
        db.session.remove()
        db.engine.dispose()
    assert offline_verify.main([str(place / "tendover.db")]) == 0


@contextmanager
def working(place: Path) -> Iterator[subprocess.Popen[str]]:
    """killed.py beside the test, with the office in `place`."""
    command = [sys.executable, str(ROOT / "tests" / "killed.py"), str(place), "1"]
    known = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, text=True, env=known, cwd=place, **pipes) as process:
        yield process


def killed_after(process: subprocess.Popen[str], lines: int, more: float) -> list[str]:
    """Work until so many acts were acknowledged and a moment longer, then kill -9; what was acknowledged."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("work\n")
    process.stdin.flush()
    ready, worker = process.stdout.readline().split()
    said = [process.stdout.readline() for _ in range(lines)]
    Event().wait(more)  # somewhere within the next act
    os.kill(int(worker), signal.SIGKILL)
    said += iter(process.stdout.readline, "died\n")
    assert ready == "ready"
    return [line.strip() for line in said]


def look(acked: list[str]) -> None:
    """Every acknowledged act once; every number, stamp and key whole."""
    assert faults() == []
    numbers = list(db.session.scalars(sa.select(cases.Case.number).order_by(cases.Case.id)))
    by_series = Counter(number.rpartition("-")[0] for number in numbers)
    for series, last in db.session.execute(sa.select(Numbered.year, Numbered.last)):
        assert by_series[f"YS-{series}"] == last, "numbers without gaps"
    assert len(set(numbers)) == len(numbers)
    opened = [line.split()[1] for line in acked if line.startswith("opened")]
    assert set(opened) <= set(numbers)
    assert len(set(opened)) == len(opened)
    keys = dict(db.session.execute(sa.select(Act.key, Act.leads_to)).all())
    lanes = dict(zip(STAMPERS, ("区房管局", "街道办事处", "社区居委会", "物业服务企业"), strict=True))
    ids = dict(db.session.execute(sa.select(cases.Case.number, cases.Case.id)).all())
    for line in acked:
        if line.startswith("stamped"):
            _, number, login, key = line.split()
            assert keys[key] == number
            stamps = [row.stamps[lanes[login]] for row in signoffs.matrix(ids[number], (lanes[login],))]
            assert [s.post_id for s in stamps if s] == [post(login).id] * 4
    done = sa.select(sa.func.count()).where(cases.Step.status == "done", cases.Step.token != "start")
    assert db.session.scalar(done) == len(keys), "no step without its key, no key without its step"
    assert db.session.scalar(sa.select(sa.func.count()).select_from(signoffs.Stamp)) == 4 * len(keys)
