"""The database alone shows nobody's one-time code."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyotp
import pytest
import sqlalchemy as sa
from acting import by_login
from flask import Flask, current_app
from townspeople import SECRET, City, Watch, bind

from app import create_app
from casework import backups, doctor
from casework.db import db as database
from casework.people import User, codes, sealing


def stored(user: User) -> str:
    """As it lies in the table."""
    found = database.session.execute(
        sa.text("SELECT totp_secret FROM user_account WHERE id = :id"), {"id": user.id}
    )
    return str(found.scalar_one())


def test_a_secret_lies_sealed_and_its_codes_are_right(city: City, watch: Watch) -> None:
    user = city.user("chief")
    device = bind(user)
    assert stored(user).startswith("sealed1:")
    assert SECRET not in stored(user)
    assert codes.accept(user, device.at(watch.now))


def test_an_offered_secret_is_sealed_too(city: City) -> None:
    user = city.user("chief")
    codes.begin(user)
    setup = codes.offered(user)
    assert setup is not None
    assert setup.secret.replace(" ", "") not in str(user.totp_pending)


def test_a_sealed_secret_opens_for_its_own_person_only(city: City, watch: Watch) -> None:
    """Whoever can write the table copies the secret of his own device into the head's row: in vain."""
    mine, theirs = city.user("handler"), city.user("chief")
    device = bind(mine)
    bind(theirs)
    theirs.totp_secret = mine.totp_secret
    database.session.flush()
    assert not codes.accept(theirs, device.at(watch.now))
    assert codes.accept(mine, device.at(watch.now))


def test_what_was_stored_before_there_was_a_seal_works_and_is_sealed(city: City, watch: Watch) -> None:
    user = city.user("chief")
    user.totp_secret, user.totp_pending = SECRET, "JBSWY3DPEHPK3PXP"
    database.session.flush()
    assert codes.seal_all() == 1
    assert codes.seal_all() == 0
    database.session.expire_all()
    assert sealing.sealed(stored(user))
    assert user.totp_pending is None, "an open offer is made anew"
    assert codes.accept(user, pyotp.TOTP(SECRET).at(watch.now))


def test_after_the_key_was_changed_the_old_one_still_opens_until_all_is_sealed_anew(
    city: City, watch: Watch
) -> None:
    user = city.user("chief")
    device = bind(user)
    config, old = current_app.config, current_app.config["SECRET_KEY"]
    config["SECRET_KEY"] = "another one"
    assert codes.unreadable() == 1
    assert not codes.accept(user, device.at(watch.now))
    assert not _secrets().ok
    config["SECRET_KEY_FALLBACKS"] = [old]
    assert codes.unreadable() == 0
    assert codes.seal_all() == 1
    config["SECRET_KEY_FALLBACKS"] = None
    assert codes.accept(user, device.at(watch.now))
    assert _secrets().ok


def _secrets() -> doctor.Check:
    return next(check for check in doctor.checks() if check.name == "secrets")


@pytest.mark.parametrize(
    "text", ["sealed1:", "sealed1:AAAA", "sealed1:no base64 at all!", "sealed1:" + "A" * 80]
)
def test_a_damaged_seal_opens_nothing_and_breaks_nothing(city: City, text: str) -> None:
    user = city.user("chief")
    user.totp_secret = text
    assert not codes.accept(user, "000000")
    assert codes.current(user) is None


@pytest.fixture
def elsewhere(models: Any, workplace: Path) -> Iterator[Path]:
    place = Path(tempfile.mkdtemp(dir=workplace))
    yield place
    shutil.rmtree(place, ignore_errors=True)


def test_a_restored_office_lets_people_in_with_their_codes(
    district: Flask, models: Any, elsewhere: Path, tmp_path: Path, watch: Watch
) -> None:
    head = by_login("head1")
    assert head is not None
    device = codes.current(head)
    assert device
    database.session.rollback()
    backups.write(tmp_path / "office.zip")
    address = models.copy("empty", elsewhere)
    with _opened(elsewhere, address):
        backups.bring_back(tmp_path / "office.zip")
    with _opened(elsewhere, address):
        again = by_login("head1")
        assert again is not None
        # The clock stands (`watch`): a code lasts half a minute, a restore may cross its end.
        assert codes.current(again) == device


@contextmanager
def _opened(place: Path, address: str) -> Iterator[None]:
    """Another office's context; its connections are closed also when the test fails."""
    with create_app(place, SQLALCHEMY_DATABASE_URI=address, TESTING=True).app_context():
        try:
            yield
        finally:
            database.session.remove()
            database.engine.dispose()
