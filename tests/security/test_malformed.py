"""Nonsense is answered with a page, never with a crash (trust.md 31, 32)."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from town import PASSWORD, Town
from walked import TABLE
from walker import ask
from werkzeug.test import encode_multipart

HUGE = str(2**63)
NUMBERS = (
    "0",
    "-1",
    "99999999999",
    HUGE,
    "9" * 5000,
    "1e9",
    "１２",
    "²",
    "NaN",
    "0x10",
    "1.5",
    "",
    " ",
    "\x00",
    "'",
    "%",
)
TEXTS = {
    "nul": "\x00",
    "long": "长" * 33_000,
    "huge number": HUGE,
    "sql": '\'; DROP TABLE "case"; --',
    "directions": "\u202e\u2066\ufffe\uffff",
    "astral": "\U0001f9fe" * 50,
    "lines": "a\r\nSet-Cookie: x=1\r\n\r\nb",
    "format": "%s%n%(name)s{0}{__class__}",
}
NAMES = (
    "name", "login", "password", "code", "email", "reason", "contact", "gfa_total", "begins", "starts_on", "role", "post",
    "project", "enterprise", "_act", "_section", "items-0-name", "items-99999999999-name", "_add", "_remove", "_onward", "demand",
    "intake", "lang", "big", "next", "agree", "district", "kind", "years", "delivery_on", "ends", "_password", "_code",
)  # fmt: skip


def _written(text: str) -> tuple[bytes, str]:
    """The text in every field, as a browser sends it; a long one as it sends files, which is read a hundred times faster."""
    fields = dict.fromkeys(NAMES, text)
    if len(text) < 10_000:
        return urlencode(fields).encode(), "application/x-www-form-urlencoded"
    mark, body = encode_multipart(fields)
    return body, f"multipart/form-data; boundary={mark}"


#: Written once, sent to every form.
BODIES = {name: _written(text) for name, text in TEXTS.items()}


@pytest.fixture
def calm(town: Town) -> Iterator[Town]:
    """The office as it is in service: an unexpected fault would be a page with a number, so look for that."""
    with town.setting(TESTING=False):
        yield town


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.ERROR)
    return caplog


def role_for(line) -> str:
    return next((r for r, word in line.words.items() if word not in {"in", "403", "404"}), "dev")


def fine(answer, lines: pytest.LogCaptureFixture, where: object) -> None:
    assert answer.status < 500, (where, lines.text[-3000:])
    assert "Traceback" not in answer.text, where


def test_numbers_beyond_all_rows_are_no_pages(calm: Town, lines: pytest.LogCaptureFixture) -> None:
    for rule in calm.app.url_map.iter_rules():
        for number in NUMBERS[1:7]:
            address = rule.rule
            for name, converter in rule._converters.items():
                kind = type(converter).__name__
                value = number if kind == "RowNumber" else "act" if kind == "AnyConverter" else number[:30]
                for shape in (f"<int:{name}>", f"<path:{name}>", f"<{name}>"):
                    address = address.replace(shape, value)
            if address != rule.rule and "any(" not in address:
                for role in ("adm", "win"):
                    answer = ask(calm, role, "GET", address)
                    fine(answer, lines, address[:80])
                    assert answer.status in {302, 403, 404, 405, 410}, address[:80]


def test_marks_of_a_list_may_be_anything(calm: Town, lines: pytest.LogCaptureFixture) -> None:
    pages = {
        "/inbox": "win",
        "/cases": "win",
        "/projects": "anon",
        "/enterprises": "anon",
        "/notices": "anon",
    }
    pages |= {
        "/admin/": "adm",
        "/admin/log": "adm",
        "/accounts/": "win",
        calm.address("cases.page", "case"): "dev",
    }
    pages[calm.address("admin.organisation", "organisation")] = "adm"
    for page, role in pages.items():
        for number in NUMBERS:
            both = {
                "before": number,
                "after": number,
                "people": number,
                "q": number,
                "own": number,
                "box": "mine",
            }
            fine(ask(calm, role, "GET", f"{page}?{urlencode(both)}"), lines, (page, number[:20]))
            fine(
                ask(calm, role, "GET", f"{page}?{urlencode({**both, 'box': 'done'})}"),
                lines,
                (page, number[:20]),
            )
            due = urlencode({"after": f"2026-03-25|{number}", "key": number, "kind": number})
            fine(ask(calm, role, "GET", f"{page}?{due}"), lines, (page, number[:20]))
    for mark in (
        "2026-03-25|1",
        "0001-01-01T00:00:00+14:00|1",
        "9999-12-31T23:59:59-14:00|1",
        "|",
        "x|y",
        "2026-03-25T10:00Z|1",
    ):
        fine(ask(calm, "win", "GET", "/inbox?" + urlencode({"after": mark})), lines, mark)


def test_every_form_takes_every_nonsense(calm: Town, lines: pytest.LogCaptureFixture) -> None:
    for at, line in enumerate(line for line in TABLE if line.method == "POST"):
        if line.endpoint in {"own.sign_out_everywhere", "door.sign_out"} or line.about.endswith("-elsewhere"):
            continue
        for name, body in BODIES.items() if calm.on_sqlite else list(BODIES.items())[at % 3 : at % 3 + 2]:
            answer = ask(calm, role_for(line), "POST", calm.address(line.endpoint, line.about), body)
            fine(answer, lines, (str(line), name))
            assert "\r" not in repr(sorted(answer.headers.keys()))
            if calm.changed():
                calm.again()


def test_bodies_that_are_no_forms(calm: Town, lines: pytest.LogCaptureFixture) -> None:
    bodies = (
        (b"\xff\xfe\x00%zz=&&&=%00", "application/x-www-form-urlencoded"),
        (b"name=%ED%A0%80&reason=%C0%AF&login=%FF", "application/x-www-form-urlencoded"),
        (b'{"login": [1,2', "application/json"),
        (
            b'--x\r\nContent-Disposition: form-data; name="login"\r\n\r\n\xff\xfe\r\n--x',
            "multipart/form-data; boundary=x",
        ),
        (b"--x\r\nno header", "multipart/form-data; boundary=x"),
        (b"", "multipart/form-data"),
        (b"--x--", "multipart/form-data; boundary=" + "x" * 5000),
        (b"<a/>", "text/xml"),
        (b"a=1&" * 20_000, "application/x-www-form-urlencoded"),
    )
    addresses = {"/sign-in": "anon", "/forgotten": "anon", "/account/apply": "anon", "/look": "anon"}
    addresses[calm.address("apply.fill", "draft")] = "dev"
    addresses[calm.address("desk.autosave", "step-win")] = "win"
    for address, role in addresses.items():
        for body, kind in bodies:
            answer = calm.browser(role).post(address, data=body, content_type=kind)
            assert answer.status_code < 500, (address, body[:40], lines.text[-3000:])
    for address in (
        b"/%FF%FE",
        b"/case/%C0%AE%C0%AE",
        b"/verify/%ED%A0%80",
        b"/cases?q=%ED%A0%80%00",
        b"/verify?code=%FF",
    ):
        fine(ask(calm, "win", "GET", address.decode()), lines, address)


def test_strange_cookies_and_headers(calm: Town, lines: pytest.LogCaptureFixture) -> None:
    for value in ("", "\xff", "lang=" * 500, "zh; big", "../../etc/passwd", "zh\x7f"):
        client = calm.app.test_client()
        headers = {
            "Cookie": f"lang={value}; big={value}; tendover={value}",
            "Accept-Language": value,
            "User-Agent": value * 9,
        }
        assert client.get("/", headers=headers).status_code == 200
        assert client.get("/me", headers=headers).status_code == 302


def test_file_names_of_every_shape(calm: Town, lines: pytest.LogCaptureFixture) -> None:
    address = calm.address("apply.fill", "draft")
    for name in (
        "../../x.pdf",
        "..\\..\\x.pdf",
        "/etc/passwd",
        "a\x00.pdf",
        "x" * 5000 + ".pdf",
        "\u202efdp.exe",
        ".",
        "CON",
        "",
    ):
        data = {"file_fee": (io.BytesIO(b"%PDF-1.4\n%%EOF"), name)}
        answer = calm.browser("dev").post(address, data=data, content_type="multipart/form-data")
        assert answer.status_code < 500, (name, lines.text[-3000:])


def test_too_much_at_once_says_the_limit_and_keeps_the_draft(calm: Town) -> None:
    address = calm.address("apply.fill", "draft")
    with calm.setting(MAX_CONTENT_LENGTH=300_000, MAX_FORM_MEMORY_SIZE=100_000):
        for data in ({"file_fee": (io.BytesIO(b"x" * 400_000), "a.pdf")}, {"contact": "长" * 60_000}):
            answer = calm.browser("dev").post(address, data=data, content_type="multipart/form-data")
            assert answer.status_code == 413
            assert "128 MB" in answer.text
            assert "草稿不受影响" in answer.text
    assert "DRAFT-IBIS" in ask(calm, "dev", "GET", address).text


def test_an_unexpected_fault_shows_a_number_and_nothing_else(
    calm: Town, lines: pytest.LogCaptureFixture
) -> None:
    def fault() -> None:
        raise RuntimeError("secret inside")

    view = calm.app.view_functions["board.accessibility"]
    fault.admits = view.admits  # type: ignore[attr-defined]
    calm.app.view_functions["board.accessibility"] = fault
    try:
        answer = ask(calm, "anon", "GET", "/accessibility")
    finally:
        calm.app.view_functions["board.accessibility"] = view
    assert answer.status == 500
    assert "错误编号" in answer.text
    assert "secret inside" not in answer.text
    assert "Traceback" not in answer.text
    assert "secret inside" in lines.text


def test_sign_in_answers_alike_to_what_nobody_has(calm: Town) -> None:
    seen = set()
    for login in ("dev1", "nobody", "", "dev1'--", "DEV1 "):
        answer = calm.app.test_client().post(
            "/sign-in", data={"login": login or "x", "password": PASSWORD + "!"}
        )
        seen.add((answer.status_code, "账号、密码或动态码不正确" in answer.text))
    assert seen == {(422, True)}
