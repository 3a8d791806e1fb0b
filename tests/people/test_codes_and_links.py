"""One-time codes, passwords, links, the usage agreement, the log."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pyotp
import pytest
import sqlalchemy as sa
from townspeople import LINK, NOON, PASSWORD, City, Postbox, Watch, bind, enter

from casework.errors import Refused
from casework.people import (
    Locked,
    agreement,
    codes,
    links,
    log,
    passwords,
    prove,
    sessions,
)


def test_a_code_works_once_and_only_around_its_time(city: City, db: Any, watch: Watch) -> None:
    device = bind(city.user("chief"))
    user = city.user("chief")
    assert enter("chief") is None
    code = device.at(watch.now)
    assert enter("chief", code=code) is not None
    assert enter("chief", code=code) is None
    assert not codes.accept(user, device.at(watch.now - timedelta(seconds=30)))  # older than the last used
    assert codes.accept(user, device.at(watch.now + timedelta(seconds=30)))
    watch.wind(seconds=300)
    assert not codes.accept(user, device.at(watch.now - timedelta(seconds=60)))
    assert not codes.accept(user, device.at(watch.now + timedelta(seconds=60)))
    full_width = device.at(watch.now).translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    assert codes.accept(user, f" {full_width[:3]} {full_width[3:]}")


def test_a_code_that_is_no_code_is_refused(city: City) -> None:
    bind(city.user("chief"))
    for typed in ("", "12345", "1234567", "abcdef", "１２３４５６７", "²²²²²²", "\x00" * 6):
        assert not codes.accept(city.user("chief"), typed)


def test_a_device_is_bound_only_with_a_right_code(city: City, watch: Watch, post: Postbox) -> None:
    user = city.user("chief")
    assert codes.offered(user) is None
    codes.begin(user)
    setup = codes.offered(user)
    assert setup is not None
    assert "<svg viewBox=" in setup.picture  # scales with the page instead of being cut off
    assert not codes.confirm(user, "000000", send=post)
    device = pyotp.TOTP(setup.secret.replace(" ", ""))
    assert codes.confirm(user, device.at(watch.now), send=post)
    assert codes.offered(user) is None
    assert not codes.accept(user, device.at(watch.now))  # the code that bound the device is used up
    assert codes.current(user) == device.at(watch.now + timedelta(seconds=30))


def test_a_lost_device_is_reset_by_an_administrator_of_the_tree_only(
    city: City, db: Any, post: Postbox
) -> None:
    user = city.user("seal")
    bind(user)
    key = sessions.attempt("seal", PASSWORD, codes.current(user) or "", address="10.0.0.1").key
    for stranger in ("dev-keeper", "other-keeper", "clerk", "seal"):
        with pytest.raises(Refused):
            codes.reset(city[stranger], user, "手机遗失", send=post)
    codes.reset(city["keeper"], user, "手机遗失", send=post)
    assert user.totp_secret is None
    assert sessions.whose(key)[0] is None
    assert "手机遗失" in post.letters[-1][2]
    entry = log.entries(city.body("district").id)[0]
    assert (entry.what, entry.by_post_id, entry.detail["reason"]) == (
        "code reset",
        city["keeper"].id,
        "手机遗失",
    )


def test_nobody_resets_the_own_device(city: City, post: Postbox) -> None:
    with pytest.raises(Refused):
        codes.reset(city["keeper"], city.user("keeper"), "手机遗失", send=post)


def test_proving_asks_password_or_code_and_waits_after_five_failures(city: City, watch: Watch) -> None:
    user = city.user("chief")
    device = bind(user)
    assert prove(user, password=PASSWORD)
    assert prove(user, code=device.at(watch.now))
    assert not prove(user, code=device.at(watch.now))
    assert not prove(user, password=PASSWORD, code="000000")
    assert not prove(user)
    for _ in range(2):
        assert not prove(user, password="wrong")
    with pytest.raises(Locked):
        prove(user, password=PASSWORD)


@pytest.mark.parametrize(
    ("password", "good"),
    [
        ("short", False),
        ("1234567890", False),
        ("aaaaaaaaaaaa", False),
        ("handler-2026-x", False),
        ("x" * 129, False),
        ("a quiet harbour", True),
        ("云河区二〇二六年春天的早晨", True),
    ],
)
def test_a_password_is_long_and_not_guessable(password: str, good: bool) -> None:
    assert (passwords.objection(password, "handler") is None) is good


def test_passwords_are_argon2id_at_the_strength_asked_for() -> None:
    assert passwords.seal("x").startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_a_link_sets_the_password_once_and_ends_every_session(city: City, db: Any, post: Postbox) -> None:
    key = enter("handler").key
    links.ask("HANDLER@example.cn", from_address="10.0.0.9", link=LINK, send=post)
    token = post.link()
    assert links.holder(token) is city.user("handler")
    assert links.set_password(token, "another quiet harbour", send=post)
    assert not links.set_password(token, "a third quiet harbour", send=post)
    assert sessions.whose(key)[0] is None
    assert enter("handler", "another quiet harbour") is not None
    assert token not in str(db.session.execute(sa.text("select * from one_time_link")).all())
    assert len(token) >= 43  # 256 bits


def test_a_link_runs_out_after_half_an_hour_and_a_newer_one_kills_it(
    city: City, watch: Watch, post: Postbox
) -> None:
    links.ask("handler@example.cn", from_address="10.0.0.9", link=LINK, send=post)
    first = post.link()
    links.ask("handler@example.cn", from_address="10.0.0.9", link=LINK, send=post)
    second = post.link()
    assert links.holder(first) is None
    watch.wind(minutes=30)
    assert links.holder(second) is None
    assert not links.set_password(second, "another quiet harbour", send=post)


def test_asking_for_a_link_is_throttled_and_unknown_addresses_get_none(city: City, post: Postbox) -> None:
    for number in range(10):
        links.ask(f"unknown{number}@example.cn", from_address="10.0.0.9", link=LINK, send=post)
    assert post.letters == []
    with pytest.raises(Locked):
        links.ask("handler@example.cn", from_address="10.0.0.9", link=LINK, send=post)


def test_a_closed_account_gets_no_link_and_its_link_stops_working(city: City, db: Any, post: Postbox) -> None:
    links.ask("handler@example.cn", from_address="10.0.0.9", link=LINK, send=post)
    city.user("handler").active = False
    db.session.commit()
    assert links.holder(post.link()) is None
    sent = len(post.letters)
    links.ask("handler@example.cn", from_address="10.0.0.9", link=LINK, send=post)
    assert len(post.letters) == sent


def test_the_agreement_is_accepted_once_with_its_version_and_fingerprint(city: City, watch: Watch) -> None:
    user = city.user("chief")
    assert agreement.accepted(user) is None
    agreement.accept(user)
    agreement.accept(user)
    accepted = agreement.accepted(user)
    assert accepted is not None
    assert (accepted.version, accepted.fingerprint, accepted.accepted_at) == (
        agreement.VERSION,
        agreement.fingerprint(),
        NOON,
    )


def test_a_changed_sentence_of_the_agreement_needs_a_new_version() -> None:
    known = {"2026-1": "b328222ec571608c4a6ebcbad5f8b3de7475ab0d7890b1bcb6d04a1a72dafd7f"}
    assert known[agreement.VERSION] == agreement.fingerprint(), (
        "give the agreement a new VERSION and add it here"
    )


def test_the_log_cannot_be_changed(city: City, db: Any) -> None:
    log.note("signed in", city.user("handler"))
    db.session.flush()
    entry = db.session.scalars(sa.select(log.Entry)).first()
    entry.what = "locked"
    with pytest.raises(RuntimeError, match="append-only"):
        db.session.flush()
    db.session.rollback()
    log.note("signed in", city.user("handler"))
    db.session.flush()
    db.session.delete(db.session.scalars(sa.select(log.Entry)).first())
    with pytest.raises(RuntimeError, match="append-only"):
        db.session.flush()
    db.session.rollback()
