"""The administrators' pages and the bureau's check of accounts: the own part of the tree, nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from townspeople import City, Postbox, Visitor, Watch, bind, found, seen, sign_in

from casework import clock, files
from casework.letters import Letter
from casework.people import Organisation, Post, User, applications, by_login
from casework.people.organisations import check_sign

REASON = "本人手机遗失，已核实身份"


@pytest.fixture
def app(app: Flask) -> Flask:
    app.test_client_class = Visitor
    return app


@pytest.fixture
def city(db: Any) -> Iterator[City]:
    with clock.at(Watch()):
        yield found()


@pytest.fixture
def keeper(client: FlaskClient, city: City) -> FlaskClient:
    sign_in(client, "keeper")
    return client


PERSON = {"login": "wang", "name": "王小明", "email": "wang@example.cn", "phone": "000-0000-0001"}


def test_every_page_of_the_administrator_opens(keeper: FlaskClient, city: City) -> None:
    body, user = city.body("developer").id, city.user("handler").id
    for path in (
        "/admin/",
        "/admin/?q=云河",
        "/admin/?q=没有这样的单位",
        f"/admin/organisations/{body}",
        f"/admin/organisations/{body}/edit",
        f"/admin/organisations/{city.body('district').id}/add",
        f"/admin/organisations/{body}/people/add",
        f"/admin/organisations/{body}/posts/add?login=handler",
        f"/admin/people/{user}",
        f"/admin/people/{user}/edit",
        f"/admin/people/{city.user('keeper').id}",
        "/admin/log",
    ):
        for lang in ("zh", "en"):
            keeper.set_cookie("lang", lang)
            assert keeper.get(path).status_code == 200, path


def test_a_person_is_entered_with_a_post_and_gets_a_link(keeper: FlaskClient, db: Any, city: City) -> None:
    home = city.body("street").id
    page = keeper.post(f"/admin/organisations/{home}/people/add", data=PERSON, follow_redirects=True)
    assert "账号已开立" in page.text
    letter = db.session.scalars(sa.select(Letter)).one()
    assert "http://localhost/link/" in letter.body
    assert "http://localhost/link/" not in page.text
    data = {"login": "wang", "role": "head", "starts_on": "2026年3月5日", "ends_on": ""}
    page = keeper.post(f"/admin/organisations/{home}/posts/add", data=data, follow_redirects=True)
    assert "岗位已设置" in page.text
    user = by_login("wang")
    assert user is not None
    post = db.session.scalars(sa.select(Post).where(Post.user_id == user.id)).one()
    assert (post.role, post.organisation_id, post.starts_on.isoformat()) == ("head", home, "2026-03-05")
    again = keeper.post(f"/admin/organisations/{home}/posts/add", data=data)
    assert (again.status_code, "已有此岗位" in again.text) == (422, True)
    keeper.post(f"/admin/posts/{post.id}/end")
    db.session.refresh(post)
    assert not post.active(clock.today())


def test_faults_are_named_beside_the_question(keeper: FlaskClient, city: City) -> None:
    for other, says in (
        ({"login": "keeper"}, "已被使用"),
        ({"login": "1x"}, "账号应以字母开头"),
        ({"name": ""}, "请填写姓名"),
        ({"name": "王" * 51}, "姓名最多 50 个字，现为 51 个字"),
        ({"email": "x"}, "不完整"),
    ):
        path = f"/admin/organisations/{city.body('street').id}/people/add"
        answer = keeper.post(path, data={**PERSON, **other})
        assert answer.status_code == 422
        assert says in answer.text
        assert "有 1 处需要更正" in answer.text


def test_nothing_that_was_not_asked_is_taken(keeper: FlaskClient, db: Any, city: City) -> None:
    more = {
        "password_hash": "x",
        "active": "",
        "home_id": "1",
        "totp_secret": "x",
        "id": "1",
        "must_change": "1",
    }
    user = city.user("handler")
    keeper.post(f"/admin/people/{user.id}/edit", data={**PERSON, **more})
    db.session.refresh(user)
    assert (user.name, user.login, user.active, user.home_id) == (
        "王小明",
        "handler",
        True,
        city.body("developer").id,
    )
    assert user.totp_secret is None
    body = city.body("developer")
    facts = {"kind": "bureau", "name": "云河安居", "state": "closed", "parent_id": "1", "code": body.code}
    assert (
        keeper.post(f"/admin/organisations/{body.id}/edit", data=facts).status_code == 422
    )  # no such kind here
    keeper.post(f"/admin/organisations/{body.id}/edit", data={**facts, "kind": "developer"})
    db.session.refresh(body)
    assert (body.name, body.kind, body.state) == ("云河安居", "developer", "active")
    assert body.parent_id == city.body("district").id


def test_closing_and_resetting_need_a_reason_and_are_written_down(
    keeper: FlaskClient, app: Flask, db: Any, city: City
) -> None:
    user = city.user("seal")
    bind(user)
    page = f"/admin/people/{user.id}"
    empty = keeper.post(f"{page}/code", data={"reason": ""})
    assert (empty.status_code, "请填写原因" in empty.text) == (422, True)
    assert keeper.post(f"{page}/code", data={"reason": REASON}).status_code == 302
    db.session.refresh(user)
    assert user.totp_secret is None
    keeper.post(f"{page}/close", data={"reason": REASON})
    db.session.refresh(user)
    assert not user.active
    keeper.post(f"{page}/open")
    keeper.post(f"{page}/leave")
    keeper.post(f"{page}/link")
    log = keeper.get("/admin/log").text
    for act in ("重置动态码", "停用账号", "恢复账号", "强制退出登录", "发送设置密码链接"):
        assert act in log
    assert log.count(REASON) == 2


def test_nobody_closes_or_resets_the_own_account(keeper: FlaskClient, city: City) -> None:
    page = f"/admin/people/{city.user('keeper').id}"
    for act in ("close", "code"):
        assert keeper.post(f"{page}/{act}", data={"reason": REASON}).status_code == 403
    assert keeper.post(f"/admin/posts/{city['keeper'].id}/end").status_code == 403


def test_strange_parts_of_the_tree_do_not_exist(client: FlaskClient, app: Flask, city: City) -> None:
    sign_in(client, "dev-keeper")
    body, user, post = city.body("enterprise").id, city.user("seal").id, city["seal"].id
    for path in (
        f"/admin/organisations/{body}",
        f"/admin/organisations/{body}/edit",
        f"/admin/organisations/{body}/add",
        f"/admin/organisations/{body}/people/add",
        f"/admin/organisations/{body}/posts/add",
        f"/admin/people/{user}",
        f"/admin/people/{user}/edit",
    ):
        foreign, missing = client.get(path), client.get(re.sub(r"\d+", "99999", path, count=1))
        assert (foreign.status_code, missing.status_code) == (404, 404), path
        number = re.search(r"\d+", path).group()  # type: ignore[union-attr]
        assert seen(foreign)[1].replace(f"/{number}", "/99999") == seen(missing)[1]
    for path in (
        f"/admin/organisations/{body}/close",
        f"/admin/organisations/{body}/open",
        f"/admin/people/{user}/close",
        f"/admin/people/{user}/code",
        f"/admin/people/{user}/open",
        f"/admin/people/{user}/leave",
        f"/admin/people/{user}/link",
        f"/admin/posts/{post}/end",
    ):
        assert client.post(path, data={"reason": REASON}).status_code == 404, path
    for path in ("/admin/", "/admin/?q=安心", "/admin/log"):
        assert "云河安心" not in client.get(path).text.replace("搜索：安心", "")


def test_a_strange_login_is_not_betrayed_by_giving_it_a_post(client: FlaskClient, city: City) -> None:
    sign_in(client, "dev-keeper")
    path = f"/admin/organisations/{city.body('developer').id}/posts/add"
    data = {"role": "handler", "starts_on": "2026-03-05"}
    known, unknown = (client.post(path, data={"login": login, **data}) for login in ("street", "nobody"))
    assert seen(known)[1].replace("street", "X") == seen(unknown)[1].replace("nobody", "X")


def test_only_administrators_come_in(app: Flask, city: City) -> None:
    for who in ("handler", "clerk", "street", None):
        client = app.test_client()
        if who:
            sign_in(client, who)
        for path in ("/admin/", "/admin/log", f"/admin/people/{city.user('handler').id}"):
            assert client.get(path).status_code == (403 if who else 302)


def test_an_administrator_sees_no_business(keeper: FlaskClient) -> None:
    for path in ("/inbox", "/accounts/"):
        assert keeper.get(path).status_code == 403


def test_organisations_are_entered_changed_closed_and_opened(
    keeper: FlaskClient, db: Any, city: City
) -> None:
    district = city.body("district").id
    first = "91999999MA0000009"
    facts = {
        "kind": "enterprise",
        "name": "云河新风物业服务有限公司",
        "code": first + (check_sign(first) or ""),
    }
    missing = keeper.post(f"/admin/organisations/{district}/add", data={**facts, "code": ""})
    assert (missing.status_code, "企业应填写统一社会信用代码" in missing.text) == (422, True)
    taken = keeper.post(
        f"/admin/organisations/{district}/add", data={**facts, "code": city.body("developer").code}
    )
    assert (taken.status_code, "已登记在另一单位名下" in taken.text) == (422, True)
    assert keeper.post(f"/admin/organisations/{district}/add", data=facts).status_code == 302
    made = db.session.scalars(sa.select(Organisation).where(Organisation.code == facts["code"])).one()
    page = f"/admin/organisations/{made.id}"
    assert keeper.post(f"{page}/close", data={"reason": ""}).status_code == 422
    keeper.post(f"{page}/close", data={"reason": "企业注销"})
    db.session.refresh(made)
    assert made.state == "closed"
    keeper.post(f"{page}/open")
    db.session.refresh(made)
    assert made.active


# -- accounts of companies


def ask(city: City) -> applications.AccountApplication:
    first = "91999999MA0000003"
    asked = applications.Asked(
        kind="developer",
        name="云河和顺开发有限公司",
        name_en="",
        code=first + (check_sign(first) or ""),
        representative="李一一",
        address="云河区柳桥路 1 号",
        contact="李二二",
        phone="000-0000-0003",
        email="heshun@example.cn",
    )
    scan = files.store("执照.pdf", "pdf", b"%PDF-1.7 scan")
    return applications.apply(
        city.body("district"),
        asked,
        keep_licence=lambda: applications.Licence(scan.id, scan.name),
        from_address="10.0.0.8",
        send=Postbox(),
    )


def test_the_window_approves_and_the_company_comes_in(client: FlaskClient, db: Any, city: City) -> None:
    made = ask(city)
    db.session.commit()
    sign_in(client, "clerk")
    assert "云河和顺开发有限公司" in client.get("/accounts/").text
    page = client.get(f"/accounts/{made.id}")
    assert "李一一" in page.text
    scan = client.get(f"/accounts/{made.id}/licence")
    assert scan.data == b"%PDF-1.7 scan"
    assert scan.headers["Content-Disposition"].startswith("attachment")
    assert client.post(f"/accounts/{made.id}/approve").status_code == 302
    assert client.post(f"/accounts/{made.id}/approve").status_code == 409
    body = db.session.scalars(sa.select(Letter.body)).one()
    path = re.search(r"/link/\S+", body).group()  # type: ignore[union-attr]
    new = {"new": "another quiet harbour", "again": "another quiet harbour"}
    client.post(path, data=new)
    code = made.organisation.code or ""
    assert sign_in(client, code, "another quiet harbour").headers["Location"] == "/posts"
    assert db.session.scalars(sa.select(User).where(User.login == code.lower())).one().name == "李二二"
    assert "已开户" in page.text or made.state == "approved"


def test_the_window_refuses_with_a_reason(client: FlaskClient, db: Any, city: City) -> None:
    made = ask(city)
    db.session.commit()
    sign_in(client, "clerk")
    assert client.post(f"/accounts/{made.id}/refuse", data={"reason": "无"}).status_code == 422
    assert client.post(f"/accounts/{made.id}/refuse", data={"reason": "营业执照已过期"}).status_code == 302
    letter = db.session.scalars(sa.select(Letter)).one()
    assert (letter.address, "营业执照已过期" in letter.body) == ("heshun@example.cn", True)
    assert "营业执照已过期" in client.get(f"/accounts/{made.id}").text
    assert made.number in client.get("/accounts/?state=refused").text


def test_the_window_of_another_district_sees_nothing(client: FlaskClient, db: Any, city: City) -> None:
    made = ask(city)
    db.session.commit()
    sign_in(client, "other-clerk")
    assert "云河和顺" not in client.get("/accounts/").text
    for path in (f"/accounts/{made.id}", f"/accounts/{made.id}/licence", "/accounts/?state=none"):
        assert client.get(path).status_code == 404
    assert client.post(f"/accounts/{made.id}/approve").status_code == 404


def test_only_windows_check_accounts(app: Flask, city: City) -> None:
    for who in ("keeper", "handler", "street"):
        client = app.test_client()
        sign_in(client, who)
        assert client.get("/accounts/").status_code == 403
