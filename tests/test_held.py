"""What was typed into a page whose session has ended comes back, to the same person only."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from acting import browser, elsewhere, played, post, twin, waiting
from flask import Flask
from flask.testing import FlaskClient
from test_db import Holder

from casework import cases
from casework.cases import drafts
from casework.db import db, turnstile

TYPED = "第三项标志牌缺失，已拍照"


@pytest.fixture
def case(district: Flask, keys: dict[str, int]) -> cases.Case:
    """Four parties have four items to stamp."""
    return played("acceptance/all_confirmed", keys)


@pytest.fixture
def guarded(district: Flask) -> Iterator[Callable[[], None]]:
    """From the call on, no form without the token of its session."""
    yield lambda: district.config.update(WTF_CSRF_ENABLED=True)
    district.config["WTF_CSRF_ENABLED"] = False


def token(page: str) -> str:
    return re.search(r'name="csrf_token" value="([^"]+)"', page)[1]  # type: ignore[index]


def held(page: str) -> dict[str, str]:
    """The form that is offered to be sent once more."""
    form = page[page.index('<form method="post" action="/step/') :]
    fields = dict(re.findall(r'<textarea hidden name="([^"]+)">\n(.*?)</textarea>', form, re.DOTALL))
    return {**fields, "csrf_token": token(form)}


def answers(step: cases.Step, page: str) -> dict[str, str]:
    return {
        "csrf_token": token(page),
        "_section": re.search(r'name="_section" value="([^"]+)"', page)[1],  # type: ignore[index]
        "verdicts-YF-01-_": "1",
        "verdicts-YF-01-verdict": "refuse",
        "verdicts-YF-01-reason": TYPED,
        "_password": "yunhe-yanshi-2026",
        "_submit": "1",
    }


def draft_of(step_id: int, login: str) -> Any:
    db.session.rollback()
    step = db.session.get_one(cases.Step, step_id)
    return drafts.for_(step, post(login))


def test_what_was_typed_before_the_session_ended_goes_back_into_the_form(
    case: cases.Case, district: Flask, guarded: Callable[[], None]
) -> None:
    step = waiting(case.id, "ent1")
    where, number = f"/step/{step.id}", step.id
    client = browser(district, "ent1")
    data = answers(step, elsewhere(lambda: client.get(where).text))
    guarded()
    for end in (lambda: client.post("/sign-out", data={"csrf_token": data["csrf_token"]}), lambda: None):
        elsewhere(end)
        late = elsewhere(lambda: client.post(where, data=data))
        assert late.status_code == 400
        assert "页面已过期" in late.text
        assert TYPED in late.text
        assert "yunhe-yanshi-2026" not in late.text.partition("<main")[2]
        assert draft_of(number, "ent1") is None, "something was written without a token"
    district.config["WTF_CSRF_ENABLED"] = False
    again = browser(district, "ent1")
    guarded()
    for _turn in range(2):  # the page with the old token, then with the new one
        late = elsewhere(lambda: again.post(where, data=data))
        assert late.status_code == 400
        assert draft_of(number, "ent1") is None
        fresh = held(late.text)
        assert fresh["csrf_token"] != data["csrf_token"]
    put_back = elsewhere(lambda: again.post(where, data=fresh, follow_redirects=True))
    assert put_back.status_code == 200
    assert TYPED in put_back.text
    assert draft_of(number, "ent1").raw["verdicts-YF-01-reason"] == [TYPED]
    assert db.session.get_one(cases.Step, number).status == "open", "nothing is submitted unread"


def test_nobody_else_takes_up_what_was_typed(
    case: cases.Case, district: Flask, guarded: Callable[[], None]
) -> None:
    step = waiting(case.id, "exa1")
    where, number = f"/step/{step.id}", step.id
    client, other = browser(district, "exa1"), browser(district, "exa2")
    data = answers(step, elsewhere(lambda: client.get(where).text))
    guarded()
    late = elsewhere(lambda: other.post(where, data=data))
    assert late.status_code == 400
    assert "请先在新窗口退出" in late.text
    assert held(late.text)["csrf_token"] == data["csrf_token"], "of no use to whoever is signed in now"
    assert draft_of(number, "exa1") is None
    assert draft_of(number, "exa2") is None


def test_a_form_that_another_site_has_made_up_is_not_shown(
    case: cases.Case, district: Flask, guarded: Callable[[], None]
) -> None:
    step = waiting(case.id, "ent1")
    where = f"/step/{step.id}"
    client, stranger = browser(district, "ent1"), FlaskClient(district, district.response_class)
    data = answers(step, elsewhere(lambda: client.get(where).text))
    nobodys = token(elsewhere(lambda: stranger.get("/sign-in").text))
    forged = data["csrf_token"].replace(data["csrf_token"][:6], "IjEtYW", 1)
    guarded()
    for made_up in (nobodys, forged, "", "x"):
        answer = elsewhere(lambda made_up=made_up: client.post(where, data={**data, "csrf_token": made_up}))
        assert answer.status_code == 400
        assert TYPED not in answer.text


def test_the_script_says_that_the_session_has_ended(
    case: cases.Case, district: Flask, guarded: Callable[[], None]
) -> None:
    step = waiting(case.id, "ent1")
    where, client = f"/step/{step.id}", browser(district, "ent1")
    data = answers(step, elsewhere(lambda: client.get(where).text))
    client.delete_cookie("tendover")
    guarded()
    answer = elsewhere(lambda: client.post(f"{where}/save", data=data, headers={"X-Partial": "saved"}))
    assert answer.status_code == 400
    assert "登录已结束" in answer.json["lost"]


def test_a_session_that_ran_out_loses_nothing_either(case: cases.Case, district: Flask) -> None:
    step = waiting(case.id, "ent1")
    where, client = f"/step/{step.id}", browser(district, "ent1")
    data = answers(step, elsewhere(lambda: client.get(where).text))
    second = twin(district, client)
    elsewhere(lambda: second.post("/sign-out"))
    late = elsewhere(lambda: client.post(where, data=data))
    assert late.status_code == 400
    assert TYPED in late.text
    empty = elsewhere(lambda: client.post(where, data={"csrf_token": data["csrf_token"], "_submit": "1"}))
    assert empty.headers["Location"].startswith("/sign-in")


def test_the_comparison_stays_when_the_language_changes(case: cases.Case, district: Flask) -> None:
    """Two examiners answer one step; the second reads both answers, in Chinese, in English, and later again."""
    step = waiting(case.id, "exa1")
    where, number = f"/step/{step.id}", step.id
    first, second = browser(district, "exa1"), browser(district, "exa2")
    confirmed = {f"verdicts-{key}-verdict": "confirm" for key in ("YF-01", "SQ-01", "TC-01", "SS-01")}
    data = answers(step, elsewhere(lambda: first.get(where).text))
    done = elsewhere(lambda: first.post(where, data={**data, **confirmed}))
    assert done.status_code == 302, done.text
    late = elsewhere(lambda: second.post(where, data=data))
    assert late.status_code == 409
    assert f"<mark>{TYPED}</mark>" in late.text  # where it differs from what counts
    assert (
        '<td data-l="项目">SQ-01 社区用房</td>' in late.text
    )  # which item a row is about, a column on a phone
    assert "<h1>此步骤已由他人办理</h1>" in late.text
    assert f'name="next" value="{where}?"' in late.text
    again = elsewhere(lambda: twin(district, first).post(where, data={**data, "_act": "second-tab"}))
    assert again.status_code == 409
    assert "<h1>您已办理此步骤</h1>" in again.text
    assert f"<mark>{TYPED}</mark>" in again.text
    turned = elsewhere(
        lambda: second.post("/look", data={"lang": "en", "next": where}, follow_redirects=True)
    )
    assert '<html lang="en"' in turned.text
    assert "What you entered" in turned.text
    assert TYPED in turned.text
    assert draft_of(number, "exa2") is not None


def test_what_was_typed_for_a_step_that_was_withdrawn_is_shown(case: cases.Case, district: Flask) -> None:
    step = waiting(case.id, "ent1")
    where, client = f"/step/{step.id}", browser(district, "ent1")
    data = answers(step, elsewhere(lambda: client.get(where).text))
    cases.withdraw(case.id, by=post("dev7"), reason="清单有误")
    db.session.commit()
    for _turn in range(2):
        late = elsewhere(lambda: client.post(where, data=data))
        assert late.status_code == 409
        assert "此步骤已取消" in late.text
        assert "由申请人撤回" in late.text
        assert TYPED in late.text


def test_an_application_for_an_account_comes_back_to_the_browser_that_had_it_from_us(
    district: Flask, guarded: Callable[[], None]
) -> None:
    where, host = "/account/apply", {"Origin": "http://localhost"}
    client = FlaskClient(district, district.response_class)
    data = {"csrf_token": token(elsewhere(lambda: client.get(where).text)), "name": "云河新城置业有限公司"}
    client.delete_cookie("tendover")
    guarded()
    for strange in ({}, {"Origin": "null"}, {"Origin": "https://elsewhere.example"}):
        answer = elsewhere(lambda strange=strange: client.post(where, data=data, headers=strange))
        assert data["name"] not in answer.text, "another site can fetch a token as well"
    late = elsewhere(lambda: client.post(where, data=data, headers=host))
    assert late.status_code == 400
    assert data["name"] in late.text
    fresh = dict(re.findall(r'<textarea hidden name="([^"]+)">\n(.*?)</textarea>', late.text, re.DOTALL))
    again = {**fresh, "csrf_token": token(late.text.partition("<main")[2])}
    back = elsewhere(lambda: client.post(where, data=again, headers=host))
    assert back.status_code == 200, "shown, not judged"
    assert f'value="{data["name"]}"' in back.text


def test_what_could_not_be_written_stands_on_the_page(
    case: cases.Case, district: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    if db.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL has no turnstile: nobody outside holds the whole database")
    step = waiting(case.id, "ent1")
    where, number = f"/step/{step.id}", step.id
    client = browser(district, "ent1")
    data = answers(step, elsewhere(lambda: client.get(where).text))
    db.session.rollback()
    holder = Holder(Path(f"{db.engine.url.database}.turn"))
    try:
        monkeypatch.setattr(turnstile, "PATIENCE", 0.3)
        late = elsewhere(lambda: client.post(where, data=data))
        scripted = elsewhere(lambda: client.post(f"{where}/save", data=data, headers={"X-Partial": "saved"}))
    finally:
        holder.end()
    monkeypatch.undo()
    assert (late.status_code, scripted.status_code) == (503, 503)
    assert "另一个程序占用数据库" in late.text
    assert TYPED in late.text
    assert "yunhe-yanshi-2026" not in late.text.partition("<main")[2]
    assert draft_of(number, "ent1") is None
    put_back = elsewhere(lambda: client.post(where, data=held(late.text), follow_redirects=True))
    assert put_back.status_code == 200
    assert draft_of(number, "ent1").raw["verdicts-YF-01-reason"] == [TYPED]
