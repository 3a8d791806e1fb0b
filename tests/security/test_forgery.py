"""No page changes anything for a form that is not its own (trust.md 27)."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from town import Town
from walked import TABLE
from walker import ask

#: Letting somebody in or out is the only thing that a stranger's page could bring about without a token.
UNSAFE = [line for line in TABLE if line.method == "POST"]


@pytest.fixture
def guarded(town: Town) -> Iterator[Town]:
    with town.setting(WTF_CSRF_ENABLED=True):
        yield town


def token(page: str) -> str:
    return re.search(r'name="csrf_token" value="([^"]+)"', page).group(1)  # type: ignore[union-attr]


def admitted(line) -> str:
    """A role that would be let in."""
    return next((role for role, word in line.words.items() if word not in {"in", "403", "404"}), "dev")


@pytest.mark.once
def test_nothing_is_done_without_the_token_of_the_very_session(guarded: Town) -> None:
    before = guarded.prints()
    strange = token(ask(guarded, "dev_far", "GET", "/projects").text)
    for line in UNSAFE:
        address, role = guarded.address(line.endpoint, line.about), admitted(line)
        for value in (None, "", "0", "x" * 200, strange if role != "dev_far" else strange[:-1] + "!"):
            data = (
                {"reason": "一个理由", "csrf_token": value} if value is not None else {"reason": "一个理由"}
            )
            answer = ask(guarded, role, "POST", address, data)
            assert answer.status == 400, (str(line), role, value)
            assert "页面已过期" in answer.text
    assert guarded.prints() == before


def test_a_page_left_open_does_nothing_after_signing_out(guarded: Town) -> None:
    with guarded.setting(WTF_CSRF_ENABLED=False):
        client = guarded.app.test_client()
        client.post("/sign-in", data={"login": "dev1", "password": "yunhe-yanshi-2026"})
    page = client.get("/me").text
    stolen, kept = client.get_cookie("tendover").value, token(page)
    assert client.post("/sign-out", data={"csrf_token": kept}).status_code == 302
    before = guarded.prints()
    for line in UNSAFE:
        if line.words["anon"] != "in" or line.about.endswith("-elsewhere"):
            continue
        address = guarded.address(line.endpoint, line.about)
        assert client.post(address, data={"csrf_token": kept}).status_code == 400, str(line)
        thief = guarded.app.test_client()
        thief.set_cookie("tendover", stolen)
        answer = thief.post(address, data={"csrf_token": kept})
        assert answer.status_code == 302, str(line)
        assert answer.headers["Location"].startswith("/sign-in"), str(line)
    assert guarded.prints() == before


def test_the_right_token_is_enough(guarded: Town) -> None:
    client = guarded.browser("dev")
    page = client.get(guarded.address("apply.fill", "draft")).text
    address = guarded.address("apply.autosave", "draft")
    assert client.post(address, data={"csrf_token": token(page)}).status_code == 200


def test_reading_changes_no_row(guarded: Town) -> None:
    """Fingerprints of all tables around each page; the walk of test_permissions.py does it for every role."""
    before = guarded.prints()
    for line in TABLE:
        if line.method == "GET":
            ask(guarded, admitted(line), "GET", guarded.address(line.endpoint, line.about))
            ask(guarded, admitted(line), "HEAD", guarded.address(line.endpoint, line.about))
    assert guarded.prints() == before
