"""An empty installation becomes usable with one command, and only once."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from casework import clock, people
from casework.errors import NotYet
from casework.people import founding, links


def test_the_first_administrator_sets_a_password_by_the_link_and_signs_in(app: Flask, db: Any) -> None:
    begun = founding.found("某市", "某区", "某区住房和城乡建设局", login="Root1 ", name="首任管理员")
    db.session.commit()
    assert links.set_password(begun.token, "first-Password-2026", send=lambda *a, **k: None)
    admitted = people.sessions.attempt("root1", "first-Password-2026", address="127.0.0.1")
    assert admitted is not None
    post = people.in_force(admitted.user, clock.today())[0]
    assert (post.role, post.organisation.kind) == ("admin", "district")
    assert people.bureau(post.organisation).name == "某区住房和城乡建设局"


def test_founding_twice_is_refused(app: Flask, db: Any) -> None:
    founding.found("某市", "某区", "某局", login="a", name="甲")
    with pytest.raises(NotYet):
        founding.found("某市", "某区", "某局", login="b", name="乙")
