"""Sessions, cookies, headers, hosts and redirects (trust.md 29, 30)."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
from flask import request
from town import PASSWORD, Town
from walked import TABLE, Findings
from walker import ask

from app import create_app
from casework.people import sessions

POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
}

pytestmark = pytest.mark.once


def door(town: Town, login: str = "dev1"):
    client = town.app.test_client()
    client.post("/sign-in", data={"login": login, "password": PASSWORD})
    return client


def key(client) -> str:
    with client.session_transaction() as kept:
        return kept.get("key", "")


def test_a_session_planted_before_signing_in_is_worth_nothing_after_it(town: Town) -> None:
    client = town.app.test_client()
    with client.session_transaction() as kept:
        kept["key"], kept["seen"], kept["post"], kept["agreed"] = "planted", 9_999_999_999, 1, "x"
    client.post("/sign-in", data={"login": "dev1", "password": PASSWORD})
    assert key(client) not in {"", "planted"}
    with client.session_transaction() as kept:
        assert set(kept) <= {"key", "seen", "_flashes", "csrf_token", "agreed"}
    assert key(door(town)) != key(door(town))


def test_signing_in_again_gives_another_key(town: Town) -> None:
    client = door(town)
    first = key(client)
    client.post("/sign-in", data={"login": "dev1", "password": PASSWORD})
    assert key(client) not in {"", first}


def test_a_copied_cookie_dies_with_the_sign_out(town: Town) -> None:
    client, thief = door(town), town.app.test_client()
    thief.set_cookie("tendover", client.get_cookie("tendover").value)
    assert thief.get("/me").status_code == 200
    client.post("/sign-out")
    assert thief.get("/me").status_code == 302


def test_a_cookie_signed_with_another_key_is_nobody(town: Town) -> None:
    cookie = door(town).get_cookie("tendover").value
    body, time, sign = cookie.rsplit(".", 2)
    for forged in (
        f"{body}.{time}.{'B' if sign[0] == 'A' else 'A'}{sign[1:]}",
        f"{body}.{time}.",
        body,
        "e30.AAAA.AAAA",
        "\x00",
        "a" * 4000,
    ):
        client = town.app.test_client()
        client.set_cookie("tendover", forged)
        assert client.get("/me").status_code == 302


def test_no_table_holds_what_opens_a_session(town: Town) -> None:
    secret = key(door(town))
    with town.app.app_context():
        rows = sessions.db.session.query(sessions.SignIn).all()
        assert rows
        assert all(secret not in repr(vars(one)) for one in rows)


@pytest.mark.parametrize(
    ("public", "secure"), [("https://office.example", True), ("http://localhost", False)]
)
def test_cookies_are_secure_when_the_office_is_reached_by_https(
    public: str, secure: bool, tmp_path: Path
) -> None:
    app = create_app(tmp_path, PUBLIC_URL=public, TESTING=True)
    assert app.config["SESSION_COOKIE_SECURE"] is secure
    with app.test_request_context(base_url=public):
        answer = app.make_response("")
        app.session_interface.save_session(app, _filled(app), answer)
    flags = answer.headers["Set-Cookie"]
    assert ("Secure" in flags) is secure
    assert "HttpOnly" in flags
    assert "SameSite=Lax" in flags
    assert "Domain" not in flags


def _filled(app):
    session = app.session_interface.session_class()
    session["key"] = "x"
    return session


def test_every_answer_forbids_what_a_planted_script_would_need(walked: Findings, town: Town) -> None:
    """Pages, downloads, redirects, errors, static files: all of them, for every role that gets another answer."""
    assert {(line.endpoint, line.method, word) for line in TABLE for word in line.words.values()} == set(
        walked.kinds
    )
    for line, answer in walked.kinds.values():
        _fit(answer, str(line))
    for address in (
        "/nowhere",
        "/static/nowhere.js",
        "/static/%2e%2e/app.py",
        "/case/%00",
        "/projects/" + "9" * 30,
    ):
        _fit(ask(town, "dev", "GET", address), address)
    for method in ("PUT", "DELETE", "TRACE", "OPTIONS"):
        _fit(ask(town, "dev", method, "/inbox"), method)


def _fit(answer, where: str) -> None:
    headers = answer.headers
    policy = dict(
        part.strip().split(" ", 1)
        for part in headers["Content-Security-Policy"].split(";")
        if " " in part.strip()
    )
    # shown, and boxed in like a download
    kind = headers["Content-Type"].partition(";")[0]
    picture = kind == "image/jpeg" or (kind == "image/svg+xml" and "static" not in where)
    if "attachment" not in headers.get("Content-Disposition", "") and not picture:
        for name, value in POLICY.items():
            assert policy[name] == value, where
    else:
        assert "sandbox" in headers["Content-Security-Policy"], where
    assert "unsafe" not in headers["Content-Security-Policy"], where
    assert headers["X-Content-Type-Options"] == "nosniff", where
    assert headers["X-Frame-Options"] == "DENY", where
    assert headers["Referrer-Policy"] in {"same-origin", "no-referrer"}, where
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin", where
    if where.startswith(("GET ocds.", "GET board.feed")) and "ETag" in headers:
        assert headers["Cache-Control"] == "public, no-cache", where  # asked for again by its ETag
    elif answer.status >= 400 or ("static" not in where and "form_css" not in where):
        assert "no-store" in headers["Cache-Control"], where
    # only what is published for everybody's programs may be read by other sites, and by nobody's session
    assert "Access-Control-Allow-Origin" not in headers or where.startswith("GET ocds."), where
    assert "Access-Control-Allow-Credentials" not in headers, where


def test_no_page_has_a_script_or_style_inside(walked: Findings) -> None:
    for (line, _role), answer in walked.pages.items():
        assert not re.search(r"<script(?![^>]*\ssrc=\"/static/)[^>]*>", answer.text), str(line)
        assert not re.search(r"<[a-z][^>]*\s(style|on[a-z]+)=", answer.text), str(line)
        assert "javascript:" not in answer.text, str(line)


def test_the_host_header_leads_nobody_astray(town: Town) -> None:
    evil = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"}
    for address in ("/", "/notices", "/notices.xml", "/sign-in", "/forgotten", "/inbox"):
        answer = town.app.test_client().get(address, headers=evil)
        assert "evil.example" not in answer.text + repr(answer.headers), address


def test_the_address_of_a_visitor_is_believed_only_from_a_trusted_proxy(tmp_path: Path) -> None:
    for hops, given, seen in (
        (0, "10.1.1.1", "127.0.0.1"),
        (1, "10.1.1.1", "10.1.1.1"),
        (1, "6.6.6.6, 10.1.1.1", "10.1.1.1"),
        (2, "6.6.6.6, 10.1.1.1, 10.2.2.2", "10.1.1.1"),
    ):
        app = create_app(tmp_path, TRUSTED_PROXIES=hops, TESTING=True)
        found = []
        app.before_request_funcs.setdefault(None, []).insert(0, lambda f=found: f.append(_address()))
        app.test_client().get("/accessibility", headers={"X-Forwarded-For": given})
        assert found == [seen]


def _address() -> str:
    return request.remote_addr or ""


STRANGE = [
    "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "https://evil.example",
    "https:evil.example", "javascript:alert(1)", "data:text/html,x", " //evil.example", "/\t/evil.example",
    "/%09/evil.example", "//evil.example/%2e%2e", "http:///evil.example", "/.//evil.example", "//@evil.example", "//[::1]",
]  # fmt: skip


def test_no_redirect_leaves_the_house(town: Town) -> None:
    for target in STRANGE:
        client = town.app.test_client()
        asked = client.get("/sign-in", query_string={"next": target})
        look = client.post("/look", data={"lang": "zh", "next": target})
        code = client.get("/verify", query_string={"code": target})
        client.post("/sign-in", data={"login": "dev1", "password": PASSWORD})
        inside = client.get("/sign-in")
        for answer in (asked, look, code, inside):
            to = answer.headers.get("Location", "/")
            assert re.match(r"/(?![/\\])", to), (target, to)
            assert urlsplit(urljoin("http://localhost/", to)).netloc == "localhost", (target, to)
