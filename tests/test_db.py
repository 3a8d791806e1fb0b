"""A process that hangs with the lock of the database stops nobody for ever."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest
from acting import browser, post
from flask import Flask

from casework.cases import drafts
from casework.db import HeldUp, Turnstile, db
from casework.db import turnstile as module

#: Another program that takes the turn and goes to sleep with it.
HOLDER = "import fcntl, sys, time; f = open(sys.argv[1], 'a'); fcntl.flock(f, 2); print('has it', flush=True); time.sleep(600)"


class Holder:
    """The process that hangs."""

    def __init__(self, path: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", HOLDER, str(path)], stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "has it\n"

    def end(self) -> None:
        self.process.kill()
        self.process.wait(30)
        self.process.stdout.close()  # type: ignore[union-attr]


@pytest.fixture
def turn(tmp_path: Path) -> Path:
    return tmp_path / "office.db.turn"


@pytest.fixture
def holder(turn: Path) -> Iterator[Holder]:
    found = Holder(turn)
    yield found
    found.end()


def test_whoever_waits_too_long_is_told_why(
    turn: Path, holder: Holder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.4)
    turnstile = Turnstile(turn)
    for _ in range(3):
        began = time.monotonic()
        with pytest.raises(HeldUp):
            turnstile.enter()
        assert 0.3 < time.monotonic() - began < 5
    holder.end()
    turnstile.enter()
    turnstile.leave()


def test_who_waits_gets_the_turn_when_the_other_ends(turn: Path, holder: Holder) -> None:
    turnstile, entered = Turnstile(turn), list[float]()

    def wait() -> None:
        turnstile.enter()
        entered.append(time.monotonic())
        turnstile.leave()

    waiting = Thread(target=wait)
    waiting.start()
    time.sleep(0.3)
    assert entered == []
    holder.end()
    waiting.join(10)
    assert len(entered) == 1


def test_a_place_that_nobody_wants_any_more_goes_to_the_next_process(
    turn: Path, holder: Holder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.2)
    turnstile = Turnstile(turn)
    with pytest.raises(HeldUp):
        turnstile.enter()
    holder.end()
    second = Holder(turn)  # would wait for ever if the first turnstile had kept the turn
    with pytest.raises(HeldUp):
        turnstile.enter()
    second.end()
    turnstile.enter()
    turnstile.leave()


def test_a_page_answers_while_another_program_holds_the_database(
    district: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    if db.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL has no turnstile: its own lock_timeout and statement_timeout end the wait")
    client = browser(district, "dev1")
    db.session.rollback()
    project = {"project": "1"}
    held = Holder(Path(f"{db.engine.url.database}.turn"))
    try:
        monkeypatch.setattr(module, "PATIENCE", 0.5)
        answer = client.post("/apply/new/exemption", data=project)
        assert answer.status_code == 503
        assert "另一个程序占用数据库已超过" in answer.text
        assert client.get("/inbox").status_code == 200, "reading goes on"
    finally:
        held.end()
    monkeypatch.undo()
    assert drafts.of(post("dev1")) == []
    db.session.rollback()
    assert client.post("/apply/new/exemption", data=project).status_code == 302
