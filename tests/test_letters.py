"""What was sent of a case, as its page tells the bureau: each text once, with everybody it went to."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from acting import browser, elsewhere, played, post
from flask import Flask

from casework import cases, clock, letters
from casework.db import db

NOON = datetime.fromisoformat("2026-09-01T04:00:00+00:00")


@pytest.fixture
def case(district: Flask, keys: dict[str, int]) -> cases.Case:
    return played("exemption/small_approved", keys, after=1)


def write(case: cases.Case, *logins: str, at: datetime = NOON, sent: bool = True) -> None:
    for login in logins:
        letter = letters.send(post(login).user_id, "现场核对通知", "请到场。", now=at, case_id=case.id)
        letter.sent_at = at + timedelta(minutes=1) if sent else None
    db.session.commit()


def test_one_text_to_several_persons_is_one_entry_with_all_of_them(case: cases.Case) -> None:
    write(case, "win1", "head1", "str2")
    write(case, "dev1", at=NOON + timedelta(hours=1), sent=False)
    newest, before = letters.dispatches(case.id, 20)[:2]
    assert ([one.user_id for one in newest.to], newest.waiting) == ([post("dev1").user_id], 1)
    assert [one.user_id for one in before.to] == [post(who).user_id for who in ("win1", "head1", "str2")]
    assert before.waiting == 0
    assert len(letters.dispatches(case.id, 1)) == 1


def test_the_bureau_reads_who_it_went_to_how_and_when(district: Flask, case: cases.Case) -> None:
    write(case, "win1", "head1", "str2")
    silent = post("dev1").user
    silent.email = ""
    write(case, "dev1", at=NOON + timedelta(hours=1), sent=False)
    where = f"/case/{case.number}"
    client = browser(district, "exa1")
    page = elsewhere(lambda: client.get(where)).text
    assert page.count(">现场核对通知</a>") == 2
    assert "收件人 3 人" in page
    assert "局长甲（电子邮件，2026年9月1日 12:01发出）" in page
    assert "建设甲（未留电子邮箱，请另行告知，待发送）" in page
    developer = browser(district, "dev1")
    own = elsewhere(lambda: developer.get(where)).text
    assert "收件人" not in own
    (to_window, *_others), (to_developer,) = [one.to for one in letters.dispatches(case.id, 20)[1::-1]]
    assert own.count(">现场核对通知</a>") == 1
    theirs, windows = (f"{where}/letter/{one.id}" for one in (to_developer, to_window))
    assert "<p>请到场。</p>" in elsewhere(lambda: developer.get(theirs)).text
    assert elsewhere(lambda: developer.get(windows)).status_code == 404
    assert elsewhere(lambda: client.get(windows)).status_code == 200


def test_letters_that_differ_stand_apart_however_alike_their_heads(case: cases.Case) -> None:
    write(case, "win1", "head1")
    letters.send(post("str2").user_id, "现场核对通知", "请带钥匙到场。", now=NOON, case_id=case.id)
    found = letters.dispatches(case.id, 2)
    assert [(one.letter.body, len(one.to)) for one in found] == [("请带钥匙到场。", 1), ("请到场。", 2)]
    assert [one.body for one in letters.read_by(case.id, post("str2").organisation_id)] == ["请带钥匙到场。"]


def test_a_letter_stays_with_the_organisation_it_was_written_to(case: cases.Case) -> None:
    """Whoever moves to another enterprise does not take its letters along."""
    before, now = post("ent1"), post("ent2").organisation_id
    about = {"now": NOON, "case_id": case.id}
    letters.send(before.user_id, "甲", "旧的", **about)
    own = letters.send(before.user_id, "乙", "新的", organisation_id=before.organisation_id, **about)
    before.organisation_id, was = now, before.organisation_id
    db.session.commit()
    assert [one.body for one in letters.read_by(case.id, was)] == ["新的"]
    assert [one.body for one in letters.read_by(case.id, now)] == ["旧的"], "of old ones nobody wrote it down"
    assert (letters.find(case.id, own.id, now), letters.find(case.id, own.id, was)) == (None, own)


def test_a_page_reads_no_more_letters_than_it_may(case: cases.Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(letters, "READ", 2)
    write(case, "win1", "head1", "str2", at=clock.now())
    assert [len(each.to) for each in letters.dispatches(case.id, 20)] == [2]
