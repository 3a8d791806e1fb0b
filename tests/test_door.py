"""The door in a visitor's hands: sessions, guessing, redirects, links, the demo's list."""

from __future__ import annotations

import io
import os
import re
import struct
import zlib
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from flask.testing import FlaskClient
from townspeople import PASSWORD, City, Visitor, Watch, bind, found, hire, seen, sign_in

from casework import clock, files, worker
from casework.letters import Letter
from casework.people import User, agreement, applications, by_login, codes, links, texts, throttle
from casework.people.organisations import check_sign


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


#: A grey point.
PNG = (
    b"\x89PNG\r\n\x1a\n"
    + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    + chunk(b"IDAT", zlib.compress(b"\0\x80"))
    + chunk(b"IEND", b"")
)


@pytest.fixture
def app(app: Flask) -> Flask:
    app.test_client_class = Visitor
    return app


@pytest.fixture
def watch() -> Iterator[Watch]:
    watch = Watch()
    with clock.at(watch):
        yield watch


@pytest.fixture
def city(db: Any, watch: Watch) -> City:
    return found()


def who(client: FlaskClient) -> str | None:
    """The name on the account page, None for a visitor who is sent to the door."""
    answer = client.get("/me")
    if answer.status_code == 302:
        return None
    return re.search(r"<dt>账号</dt><dd>(.*?)</dd>", answer.text).group(1)  # type: ignore[union-attr]


def cookie(client: FlaskClient) -> str:
    found = client.get_cookie("tendover")
    return found.value if found else ""


# -- sessions


def test_a_right_password_lets_in_and_signing_out_ends_it_for_good(client: FlaskClient, city: City) -> None:
    assert who(client) is None
    assert sign_in(client, "handler").status_code == 302
    assert who(client) == "handler"
    stolen = cookie(client)
    assert client.post("/sign-out").status_code == 302
    assert who(client) is None
    client.set_cookie("tendover", stolen)
    assert who(client) is None


def test_a_session_written_by_an_earlier_release_still_says_what_it_had_to_say(app: Flask) -> None:
    client, before = app.test_client(), SecureCookieSessionInterface().get_signing_serializer(app)
    assert before is not None
    client.set_cookie("tendover", str(before.dumps({"_flashes": [("ok", "已办理：受理。")]})))
    assert "已办理：受理。" in client.get("/sign-in").text
    assert "已办理：受理。" not in client.get("/sign-in").text


def test_signing_in_begins_a_fresh_session_with_safe_flags(client: FlaskClient, city: City) -> None:
    with client.session_transaction() as before:
        before["planted"], before["post"] = "by an attacker", 999
    answer = sign_in(client, "handler")
    with client.session_transaction() as after:
        assert "planted" not in after
        assert "post" not in after
    flags = answer.headers["Set-Cookie"]
    assert "HttpOnly" in flags
    assert "SameSite=Lax" in flags
    assert "no-store" in answer.headers["Cache-Control"]


def test_an_idle_session_ends_and_a_busy_one_goes_on(client: FlaskClient, city: City, watch: Watch) -> None:
    sign_in(client, "handler")
    for _ in range(3):
        watch.wind(minutes=50)
        assert who(client) == "handler"
    watch.wind(minutes=61)
    assert who(client) is None


def test_signing_out_everywhere_ends_every_browser(app: Flask, city: City) -> None:
    here, there = app.test_client(), app.test_client()
    sign_in(here, "handler")
    sign_in(there, "handler")
    here.post("/me/sign-out-everywhere")
    assert (who(here), who(there)) == (None, None)


def test_a_password_change_ends_every_browser_and_tells_the_person(app: Flask, db: Any, city: City) -> None:
    here, there = app.test_client(), app.test_client()
    sign_in(here, "handler")
    sign_in(there, "handler")
    new = "another quiet harbour"
    wrong = here.post("/me/password", data={"old": "wrong", "new": new, "again": new})
    assert (wrong.status_code, "原密码不正确" in wrong.text) == (422, True)
    short = here.post("/me/password", data={"old": PASSWORD, "new": "short", "again": "short"})
    assert "密码至少 10 个字符，现为 5 个" in short.text
    assert here.post("/me/password", data={"old": PASSWORD, "new": new, "again": new}).status_code == 302
    assert (who(here), who(there)) == (None, None)
    assert sign_in(here, "handler").status_code == 422
    assert sign_in(here, "handler", new).status_code == 302
    assert db.session.scalars(sa.select(Letter.subject)).all() == ["密码已修改｜Your password was changed"]


def test_who_must_change_the_password_does_nothing_else_first(
    client: FlaskClient, db: Any, city: City
) -> None:
    city.user("handler").must_change = True
    db.session.commit()
    answer = client.post("/sign-in", data={"login": "handler", "password": PASSWORD}, follow_redirects=True)
    assert answer.request.path == "/me/password"
    assert client.get("/inbox").status_code == 302
    assert who(client) is None


def test_an_account_without_post_is_told_whom_to_ask(client: FlaskClient, db: Any, city: City) -> None:
    city["handler"].ends_on = clock.today() - timedelta(days=1)
    db.session.commit()
    answer = client.post("/sign-in", data={"login": "handler", "password": PASSWORD}, follow_redirects=True)
    assert "没有有效岗位" in answer.text
    assert client.get("/inbox").status_code == 302


def test_a_post_that_ends_meanwhile_is_gone_with_the_next_page(
    client: FlaskClient, db: Any, city: City
) -> None:
    sign_in(client, "handler")
    assert who(client) == "handler"
    city.body("developer").state = "closed"
    db.session.commit()
    assert who(client) is None


def test_several_posts_are_chosen_between_and_nobody_takes_a_strange_one(
    client: FlaskClient, db: Any, city: City
) -> None:
    user = city.user("handler")
    second = hire("spare", city.body("developer"), "admin")
    second.user_id = user.id
    db.session.commit()
    assert sign_in(client, "handler").headers["Location"] == "/posts"
    assert client.post("/posts", data={"post": str(city["clerk"].id)}).status_code == 404
    assert client.post("/posts", data={"post": "1e9"}).status_code == 404
    client.post("/posts", data={"post": str(second.id)})
    assert client.get("/admin/").status_code == 200
    client.post("/posts", data={"post": str(city["handler"].id)})
    assert client.get("/admin/").status_code == 403


# -- guessing


def test_the_sixth_try_is_told_to_wait(client: FlaskClient, city: City, watch: Watch) -> None:
    for _ in range(5):
        assert sign_in(client, "handler", "wrong").status_code == 422
    answer = sign_in(client, "handler")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "61")
    assert "请于 12:01:00 后再试" in answer.text
    watch.wind(minutes=1)
    assert sign_in(client, "handler").status_code == 302


def test_known_and_unknown_accounts_get_the_same_page(client: FlaskClient, db: Any, city: City) -> None:
    def page(login: str) -> tuple[int, str]:
        status, page = seen(sign_in(client, login, "wrong"))
        return status, page.replace(login, "LOGIN")

    city.user("street").active = False
    db.session.commit()
    assert page("handler") == page("nobody") == page("street")
    bind(city.user("chief"))
    assert sign_in(client, "chief").status_code == 422  # the right password without its code
    assert page("chief") == page("nobody")


def test_asking_for_a_link_answers_alike_and_uses_only_the_set_host(
    client: FlaskClient, db: Any, city: City
) -> None:
    evil = {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
    known = client.post("/forgotten", data={"email": "handler@example.cn"}, headers=evil)
    unknown = client.post("/forgotten", data={"email": "nobody@example.cn"}, headers=evil)
    assert seen(known) == seen(unknown)
    body = db.session.scalars(sa.select(Letter.body)).one()
    assert "evil" not in body
    assert re.search(r"http://localhost/link/[\w-]{43}", body)


def test_an_address_that_is_none_is_named(client: FlaskClient, city: City) -> None:
    for email in ("", "nobody", "a@b", "a b@example.cn", "x@example.cn\nBcc: y@example.cn"):
        answer = client.post("/forgotten", data={"email": email})
        assert (answer.status_code, "电子邮箱" in answer.text) == (422, True), email


def test_a_link_is_used_up_by_the_form_and_not_by_looking(client: FlaskClient, db: Any, city: City) -> None:
    client.post("/forgotten", data={"email": "handler@example.cn"})
    body = db.session.scalars(sa.select(Letter.body)).one()
    path = re.search(r"/link/\S+", body).group()  # type: ignore[union-attr]
    for _ in range(2):
        page = client.get(path)
        assert (page.status_code, page.headers["Referrer-Policy"]) == (200, "no-referrer")
    new = {"new": "another quiet harbour", "again": "another quiet harbour"}
    assert client.post(path, data={**new, "again": "something else"}).status_code == 422
    assert client.post(path, data=new).status_code == 302
    assert client.post(path, data=new).status_code == 410
    assert client.get(path).status_code == 410
    assert client.get("/link/" + "A" * 43).status_code == 410
    assert sign_in(client, "handler", "another quiet harbour").status_code == 302


# -- where to next

STRANGE = [
    "//evil.example",
    "///evil.example",
    "http://evil.example/",
    "https:evil.example",
    "javascript:alert(1)",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    " //evil.example",
    "evil.example/inbox",
    "/%0d%0aLocation: http://evil.example\r\nX: y",
    "data:text/html,x",
    "/\x01//evil.example",
]


def test_signing_in_never_leads_out_of_the_house(app: Flask, city: City) -> None:
    for target in STRANGE:
        client = app.test_client()
        client.get("/sign-in", query_string={"next": target})
        sign_in(client, "handler")
        assert client.get("/sign-in").headers["Location"] == "/inbox", target
        look = client.post("/look", data={"lang": "en", "next": target})
        assert look.headers["Location"] == "/sign-in", target


def test_signing_in_leads_to_where_one_wanted_to_go(client: FlaskClient, city: City) -> None:
    asked = client.get("/inbox?box=done")
    assert asked.status_code == 302
    client.get(asked.headers["Location"])
    sign_in(client, "handler")
    assert client.get("/sign-in").headers["Location"] == "/inbox?box=done"


def test_the_look_is_kept_and_strange_languages_are_ignored(client: FlaskClient, city: City) -> None:
    client.post("/look", data={"lang": "en", "big": "1", "next": "/sign-in"})
    page = client.get("/sign-in").text
    assert '<html lang="en" class="big">' in page
    assert "Set-Cookie" not in client.post("/look", data={"lang": "xx_XX", "big": "9"}).headers
    client.set_cookie("lang", "../../etc")
    assert client.get("/sign-in").status_code == 200


# -- duties of who signs


def test_who_signs_binds_a_device_and_accepts_the_agreement_first(
    client: FlaskClient, db: Any, city: City, watch: Watch
) -> None:
    page = client.post("/sign-in", data={"login": "chief", "password": PASSWORD}, follow_redirects=True)
    assert page.request.path == "/me/code"
    assert client.get("/inbox").status_code == 302
    offer = client.post("/me/code/begin", follow_redirects=True).text
    secret = re.search(r'class="code">([A-Z2-7 ]+)<', offer).group(1).replace(" ", "")  # type: ignore[union-attr]
    assert secret in client.get("/me/code").text.replace(" ", "")
    assert "<svg" in offer
    assert client.post("/me/code", data={"code": "000000"}).status_code == 422
    user = city.user("chief")
    db.session.refresh(user)
    user.totp_secret = secret  # the device shows what the secret gives
    code = codes.current(user)
    user.totp_secret = None
    page = client.post("/me/code", data={"code": code}, follow_redirects=True)
    assert page.request.path == "/me/agreement"
    assert client.get("/inbox").status_code == 302
    assert client.post("/me/agreement", data={}).status_code == 422
    assert client.post("/me/agreement", data={"agree": "2020-1"}).status_code == 422
    page = client.post("/me/agreement", data={"agree": agreement.VERSION}, follow_redirects=True)
    assert page.request.path == "/inbox"
    assert client.get("/me").status_code == 200


def test_a_bound_device_is_replaced_only_with_password_and_code(
    client: FlaskClient, db: Any, city: City, watch: Watch
) -> None:
    device = bind(city.user("handler"))
    sign_in(client, "handler", code=device.at(watch.now))
    assert client.post("/me/code/begin", data={"password": PASSWORD, "code": "000000"}).status_code == 422
    assert city.user("handler").totp_pending is None
    watch.wind(seconds=30)
    answer = client.post("/me/code/begin", data={"password": PASSWORD, "code": device.at(watch.now)})
    assert answer.status_code == 302
    assert "完成绑定" in client.get("/me/code").text


def test_looking_at_a_page_changes_no_row(client: FlaskClient, db: Any, city: City) -> None:
    sign_in(client, "handler")

    def rows() -> list[Any]:
        return [db.session.execute(sa.select(table)).all() for table in db.metadata.sorted_tables]

    before = rows()
    for path in ("/me", "/me/code", "/me/password", "/me/agreement", "/posts", "/sign-in", "/forgotten"):
        client.get(path)
    db.session.expire_all()
    assert rows() == before


def test_nothing_that_was_not_asked_is_taken(client: FlaskClient, db: Any, city: City) -> None:
    sign_in(client, "handler")
    more = {"role": "admin", "is_admin": "1", "active": "1", "organisation_id": "1", "session_epoch": "0"}
    new = {"old": PASSWORD, "new": "another quiet harbour", "again": "another quiet harbour"}
    client.post("/me/password", data={**new, **more})
    post = city["handler"]
    db.session.refresh(post)
    assert (post.role, post.organisation_id) == ("handler", city.body("developer").id)
    assert city.user("handler").session_epoch == 1


def test_malformed_bodies_are_no_accident(client: FlaskClient, city: City) -> None:
    names = ("login", "password", "code", "email", "post", "next", "name", "new", "district")
    for path in ("/sign-in", "/forgotten", "/look", "/posts", "/demo", "/account/apply", "/link/x"):
        for value in ("\x00", "9" * 40, "a" * 100_000, "\u202ex", "²"):
            answer = client.post(path, data=dict.fromkeys(names, value))
            assert answer.status_code < 500, (path, value[:9])


# -- the demo


def test_the_demo_lists_everybody_and_lets_in_with_one_click(app: Flask, db: Any, city: City) -> None:
    app.config.update(DEMO=True, DEMO_PASSWORD=PASSWORD)
    bind(city.user("chief"))
    agreement.accept(city.user("chief"))
    db.session.commit()
    client = app.test_client()
    page = client.get("/sign-in").text
    assert page.count('name="post"') == len(city.posts)
    assert "人员clerk" in page
    answer = client.post("/demo", data={"post": str(city["chief"].id)}, follow_redirects=True)
    assert answer.request.path == "/inbox"
    assert who(client) == "chief"
    for _ in range(4):  # faster than the codes change
        client.post("/demo", data={"post": str(city["chief"].id)})
        assert who(client) == "chief"
    for nobodys in ("999999", "9" * 30, "9" * 5000, "²", ""):
        assert client.post("/demo", data={"post": nobodys}).status_code == 404


def test_without_the_demo_there_is_no_list_and_no_click(app: Flask, city: City) -> None:
    app.config.update(DEMO=False, DEMO_PASSWORD=PASSWORD)
    client = app.test_client()
    page = client.get("/sign-in").text
    assert 'name="post"' not in page
    assert "人员clerk" not in page
    assert client.post("/demo", data={"post": str(city["handler"].id)}).status_code == 404
    assert who(client) is None


# -- a company asks for an account


def application(city: City, **other: Any) -> dict[str, Any]:
    code = "91999999MA0000003"
    return {
        "kind": "enterprise",
        "district": str(city.body("district").id),
        "name": "云河和顺物业服务（集团）有限公司",
        "code": code + (check_sign(code) or ""),
        "representative": "李一一",
        "address": "云河区柳桥路 1 号",
        "contact": "李二二",
        "phone": "０００-0000-0003",
        "email": "heshun@example.cn",
        "licence": (io.BytesIO(PNG), "执照.png"),
        **other,
    }


def test_a_company_applies_and_keeps_its_receipt(client: FlaskClient, db: Any, city: City) -> None:
    assert client.get("/account/applied").status_code == 422
    answer = client.post("/account/apply", data=application(city), follow_redirects=True)
    assert "受理编号 KH-2026-0001" in answer.text
    made = db.session.scalars(sa.select(applications.AccountApplication)).one()
    assert made.organisation.name == "云河和顺物业服务（集团）有限公司"
    assert made.organisation.phone == "000-0000-0003"
    assert (made.organisation.state, made.licence_name) == ("applied", "执照.png")


def test_every_fault_of_an_application_is_named_with_its_bound(
    client: FlaskClient, db: Any, city: City
) -> None:
    for other, says in (
        ({"licence": ""}, "请上传营业执照扫描件"),
        ({"code": "91999999MA00000031"}, "校验位不符"),
        ({"code": "123"}, "应为 18 位，现为 3 位"),
        ({"name": ""}, "请填写单位全称"),
        ({"name": "云" * 101}, "单位全称最多 100 个字，现为 101 个字"),
        ({"phone": "none"}, "应为 7 至 20 位数字"),
        ({"email": "none"}, "不完整，应为 name@example.cn 的样式"),
        ({"kind": "bureau"}, "请选择单位类别"),
        ({"district": "0"}, "请选择受理区"),
        ({"licence": (io.BytesIO(b"MZ"), "执照.exe")}, "应为 PDF、OFD、JPG 或 PNG 文件"),
        ({"licence": (io.BytesIO(b"<html>"), "执照.pdf")}, "执照.pdf"),
    ):
        answer = client.post("/account/apply", data=application(city, **other))
        assert (answer.status_code, says in answer.text) == (422, True), says
    assert db.session.scalars(sa.select(applications.AccountApplication)).all() == []
    assert db.session.scalars(sa.select(User).where(User.name == "李二二")).all() == []


def test_a_second_application_is_told_so_beside_the_form(client: FlaskClient, city: City) -> None:
    client.post("/account/apply", data=application(city))
    answer = client.post("/account/apply", data=application(city))
    assert answer.status_code == 422
    assert "已有一件开户申请待核验" in answer.text
    assert 'value="李一一"' in answer.text


@pytest.mark.parametrize("typed", ["执照已过有效期", "执照已过有效期。", "执照已过有效期；"])
def test_a_reason_in_a_letter_ends_with_one_full_stop(typed: str) -> None:
    letter = texts.account_refused("甲公司", typed)
    assert "原因：执照已过有效期。更正后" in letter.zh
    assert "Reason: 执照已过有效期. You may" in letter.en


def test_sweeping_the_links_leaves_the_working_ones(client: FlaskClient, db: Any, city: City) -> None:
    client.post("/forgotten", data={"email": "handler@example.cn"})
    assert links.sweep() == 0
    assert throttle.sweep() == 0
    assert by_login("handler") is not None


def scans(db: Any) -> list[tuple[str, bool]]:
    """The files there are, and whether they wait for somebody to claim them."""
    db.session.expire_all()
    return [
        (f.name, f.pending_until is not None)
        for f in db.session.scalars(sa.select(files.File).order_by(files.File.id))
    ]


def test_the_scan_of_the_licence_stays_while_the_rest_is_corrected(
    client: FlaskClient, db: Any, city: City
) -> None:
    page = client.post("/account/apply", data=application(city, email="none"))
    assert page.status_code == 422
    assert "已收到：执照.png" in page.text
    assert scans(db) == [("执照.png", True)]
    client.post("/account/apply", data=application(city, email="none"))
    assert len(scans(db)) == 1, "sent again: the same file"
    page = client.post(
        "/account/apply", data=application(city, email="none", licence=(io.BytesIO(b"MZ"), "x.exe"))
    )
    assert "应为 PDF、OFD、JPG 或 PNG 文件" in page.text
    assert "已收到：执照.png" in page.text
    assert client.post("/account/apply", data=application(city, phone="none", licence="")).status_code == 422
    answer = client.post("/account/apply", data=application(city, licence=""), follow_redirects=True)
    assert "受理编号" in answer.text
    made = db.session.scalars(sa.select(applications.AccountApplication)).one()
    assert made.licence_name == "执照.png"
    assert scans(db) == [("执照.png", False)]
    other_company = application(city, code="", licence="")
    assert "请上传营业执照扫描件" in client.post("/account/apply", data=other_company).text, (
        "a scan serves once"
    )


def test_a_scan_that_nobody_claims_goes_away_with_its_bytes(
    client: FlaskClient, db: Any, city: City, watch: Watch
) -> None:
    client.post("/account/apply", data=application(city, email="none"))
    (file,) = db.session.scalars(sa.select(files.File))
    path = files.path(file)
    os.utime(path, (1, 1))
    watch.wind(hours=23)
    worker.sweep()
    assert path.exists()
    watch.wind(hours=2)
    worker.sweep()
    assert scans(db) == []
    assert not path.exists()
    page = client.post("/account/apply", data=application(city, licence=""))
    assert "请上传营业执照扫描件" in page.text


def test_bytes_that_somebody_else_holds_or_has_just_sent_stay(
    client: FlaskClient, db: Any, city: City, watch: Watch
) -> None:
    kept = files.keep("另一份.png", PNG)
    db.session.commit()
    client.post("/account/apply", data=application(city, email="none"))
    os.utime(files.path(kept), (1, 1))
    watch.wind(days=2)
    worker.sweep()
    assert scans(db) == [("另一份.png", False)]
    assert files.read(kept) == PNG
    path = files.path(kept)
    gone = files.forget([kept])
    db.session.commit()
    files.discard(gone)
    assert not path.exists()
    files.store("刚刚.png", "png", PNG)
    files.discard(gone)
    assert path.exists(), "sent within the hour"


def test_one_address_cannot_fill_the_disk_with_scans(client: FlaskClient, db: Any, city: City) -> None:
    for number in range(10):
        scan = (io.BytesIO(b"%PDF-1.4\n" + str(number).encode()), "执照.pdf")
        client.post("/account/apply", data=application(city, email="none", licence=scan))
    before = len(scans(db))
    page = client.post(
        "/account/apply", data=application(city, email="none", licence=(io.BytesIO(PNG), "执照.png"))
    )
    assert "尝试次数过多" in page.text
    assert len(scans(db)) == before
