"""Signing in and out, and what slows guessing down."""

from __future__ import annotations

import time
from datetime import timedelta
from statistics import median
from typing import Any

import pytest
import sqlalchemy as sa
from townspeople import NOON, PASSWORD, City, Postbox, Watch, enter

from casework.people import (
    Locked,
    links,
    passwords,
    register,
    sessions,
)


def test_the_right_password_opens_a_session(city: City) -> None:
    admitted = enter(" Handler ")
    assert sessions.whose(admitted.key)[0] is city.user("handler")
    assert sessions.whose("another key") == (None, ())


def test_the_table_keeps_only_hashes_of_session_keys(city: City, db: Any) -> None:
    admitted = enter("handler")
    rows = db.session.execute(sa.text("select * from sign_in")).all()
    assert admitted.key not in str(rows)


@pytest.mark.parametrize("login", ["handler", "nobody-of-this-name"])
def test_after_five_failures_known_and_unknown_accounts_wait_alike(
    city: City, watch: Watch, login: str
) -> None:
    for _ in range(5):
        assert enter(login, "wrong") is None
    with pytest.raises(Locked) as caught:
        enter(login)
    assert caught.value.until == NOON + timedelta(minutes=1)
    watch.wind(seconds=59)
    with pytest.raises(Locked):
        enter(login)


def test_each_further_failure_waits_longer_up_to_a_quarter_of_an_hour(city: City, watch: Watch) -> None:
    for _ in range(4):
        enter("handler", "wrong")
    waits = []
    for _ in range(6):
        enter("handler", "wrong")
        with pytest.raises(Locked) as caught:
            enter("handler")
        waits.append((caught.value.until - watch.now) / timedelta(minutes=1))
        watch.now = caught.value.until
    assert waits == [1, 2, 4, 8, 15, 15]
    assert enter("handler") is not None
    assert [enter("handler", "wrong") for _ in range(4)] == [None] * 4
    assert enter("handler") is not None


def test_failures_are_forgotten_after_a_day(city: City, watch: Watch) -> None:
    for _ in range(4):
        enter("handler", "wrong")
    watch.wind(hours=25)
    enter("handler", "wrong")
    assert enter("handler") is not None


def test_one_address_cannot_try_many_accounts(city: City, watch: Watch) -> None:
    for number in range(20):
        enter(f"guess{number}", "wrong")
    with pytest.raises(Locked):
        enter("handler")
    assert enter("handler", address="10.0.0.2") is not None


def test_a_closed_account_is_answered_like_a_wrong_password(city: City, db: Any) -> None:
    city.user("handler").active = False
    db.session.commit()
    assert enter("handler") is None


def test_an_account_without_password_lets_nobody_in(city: City, db: Any) -> None:
    city.user("handler").password_hash = ""
    db.session.commit()
    assert enter("handler", "") is None
    assert enter("handler", "nobody has this password") is None


def test_unknown_accounts_take_as_long_as_known_ones(city: City, watch: Watch) -> None:
    city.user("handler").password_hash = passwords.seal(PASSWORD)  # as the office makes it

    def seconds(login: str) -> float:
        began = time.process_time()  # what others do on the machine is not counted
        enter(login, "wrong", address=f"10.1.{watch.now.hour}.{watch.now.minute}")
        watch.wind(minutes=16)
        return time.process_time() - began

    rounds = [(seconds("handler"), seconds("nobody")) for _ in range(9)]
    known, unknown = (median(column) for column in zip(*rounds, strict=True))
    assert 1 / 3 < known / unknown < 3


def test_signing_out_ends_one_session_and_signing_out_everywhere_all(city: City) -> None:
    first, second, third = (enter("handler").key for _ in range(3))
    sessions.end(first)
    assert [sessions.whose(key)[0] is None for key in (first, second, third)] == [True, False, False]
    sessions.end_all(city.user("handler"))
    assert [sessions.whose(key) for key in (second, third)] == [(None, ())] * 2


def test_a_session_ends_after_twelve_hours_however_busy(city: City, watch: Watch) -> None:
    key = enter("handler").key
    watch.wind(hours=11, minutes=59)
    assert sessions.whose(key)[0] is not None
    watch.wind(minutes=1)
    assert sessions.whose(key)[0] is None


def test_password_change_and_closing_end_every_session_at_once(city: City, db: Any, post: Postbox) -> None:
    key = enter("handler").key
    assert links.change_password(city.user("handler"), PASSWORD, "another quiet harbour", send=post)
    assert sessions.whose(key)[0] is None
    key = enter("handler", "another quiet harbour").key
    register.close_person(city["keeper"], city.user("handler"), "离职")
    assert sessions.whose(key)[0] is None
