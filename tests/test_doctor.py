"""The doctor says what is missing, in both languages, and what it costs."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from offices import WORKFLOWS

from app import create_app
from casework import doctor, stories


def test_every_check_speaks_both_languages_and_names_a_cost_when_it_fails(app: Flask) -> None:
    found = doctor.checks()
    assert {"write", "room", "clock", "soffice", "chromium"} <= {check.name for check in found}
    for check in found:
        assert check.zh
        assert check.en
        assert check.ok or " / " in check.costs


def test_without_programs_the_doctor_names_packages_and_costs(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    found = {check.name: check for check in doctor.checks()}
    assert not found["soffice"].ok
    assert "libreoffice-writer" in found["soffice"].costs
    assert not found["chromium"].ok
    assert not found["fonts"].ok
    assert "fonts-noto-cjk" in found["fonts"].costs


def test_a_full_disk_is_named(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "ENOUGH_ROOM", 1 << 60)
    room = next(check for check in doctor.checks() if check.name == "room")
    assert not room.ok
    assert "2 GB" in room.costs


@pytest.mark.skipif(os.name != "posix", reason="Windows has other means")
def test_a_data_folder_is_closed_to_other_accounts_and_an_open_one_is_named(
    app: Flask, tmp_path: Path
) -> None:
    made = create_app(tmp_path / "new" / "data")
    place = Path(made.instance_path)
    assert place.stat().st_mode & 0o077 == 0
    for mode, closed in ((0o700, True), (0o750, True), (0o755, False)):
        place.chmod(mode)
        with made.app_context():
            found = doctor._private()
        assert found is not None
        assert found.ok is closed, oct(mode)


def test_a_folder_that_cannot_be_written_is_named(
    app: Flask, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "instance_path", str(tmp_path / "gone"))
    monkeypatch.setattr(doctor, "_room", lambda: None)
    write = next(check for check in doctor.checks() if check.name == "write")
    assert not write.ok


def test_a_clock_behind_the_last_recorded_act_is_named(
    app: Flask, db: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "_newest_entry", lambda: datetime.now(UTC) + timedelta(hours=2))
    assert not next(check for check in doctor.checks() if check.name == "clock").ok


def test_an_office_without_tables_has_no_last_act(app: Flask, db: Any) -> None:
    db.session.execute(sa.text("SELECT 1"))
    assert doctor._newest_entry() is None


@pytest.mark.parametrize(
    ("version", "sound"),
    [
        ("3.40.1", False),
        ("3.44.5", False),
        ("3.44.6", True),
        ("3.50.7", True),
        ("3.51.2", False),
        ("3.51.3", True),
        ("3.53.4", True),
    ],
)
def test_versions_of_sqlite_that_can_lose_commits_are_known(version: str, sound: bool) -> None:
    assert doctor.sound(version) is sound


def test_the_key_of_the_bids_is_named_as_kept_in_no_backup(
    district: Flask, keys: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    story = stories.read(WORKFLOWS / "tender" / "stories" / "awarded.yaml")
    stories.Player(replace(story, steps=story.steps[:12]), keys).play()
    found = next(check for check in doctor.checks() if check.name == "bids")
    assert found.ok
    assert "1 项招标尚未开标" in found.zh
    monkeypatch.setitem(district.config, "BID_SECRET", "another secret altogether")
    lost = next(check for check in doctor.checks() if check.name == "bids")
    assert not lost.ok
    assert "1 项招标" in lost.zh
