"""What happens by itself: timers once, letters through a real mail server, papers made, failures seen."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from acting import faults, opened, played, stamp, told
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP
from flask import Flask, current_app

from casework import calendars, cases, clock, deadlines, files, journal, letters, outbox, papers, worker
from casework.cases import lists
from casework.db import db, prepared
from casework.files import File
from casework.letters import Letter
from casework.outbox import Job


class Mailbox:
    """A mail server's ear: keeps what it is given, or says no."""

    def __init__(self) -> None:
        self.got: list[str] = []
        self.full = False

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:  # noqa: N802  aiosmtpd's name
        if self.full:
            return "452 4.2.2 mailbox full"
        self.got.append(envelope.content.decode("utf-8", "replace"))
        return "250 OK"


@pytest.fixture
def mail(district: Flask) -> Iterator[Mailbox]:
    """A real server on the loopback."""
    box = Mailbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    district.config["SMTP"] = f"smtp://127.0.0.1:{port}"
    try:
        yield box
    finally:
        server.stop()


@pytest.fixture
def case(district: Flask, keys: dict[str, int]) -> cases.Case:
    """Four parties have four items to stamp, and nothing is left to be sent."""
    found = played("acceptance/all_confirmed", keys)
    db.session.execute(sa.delete(Job))
    db.session.commit()
    return found


def jobs(kind: str) -> list[Job]:
    db.session.expire_all()
    return list(db.session.scalars(sa.select(Job).where(Job.kind == kind).order_by(Job.id)))


def first_due(case_id: int) -> Any:
    return db.session.scalar(sa.select(sa.func.min(cases.Timer.due)).where(cases.Timer.case_id == case_id))


def test_letters_and_the_next_application_do_not_wait_behind_a_heap_of_papers(case: cases.Case) -> None:
    now = clock.now()
    for place, kind in enumerate(("paper", "paper", "letter", "begin", "paper")):
        outbox.put(kind, {}, due=now - timedelta(minutes=9 - place))
    db.session.commit()
    taken = [job.kind for _place in range(5) if (job := outbox.claim(now))]
    assert taken == ["letter", "begin", "paper", "paper", "paper"]


def test_whoever_ordered_a_package_takes_turns_with_a_heap_of_papers(case: cases.Case) -> None:
    """Each kind goes behind the other; what takes several turns goes on where it stood, as often as needed."""
    now = clock.now()
    for place, kind in enumerate(("paper", "paper", "paper", "archive", "archive")):
        outbox.put(kind, {"place": place}, due=now - timedelta(minutes=9 - place))
    db.session.commit()
    taken: list[int] = []
    behind, turns = "", 2 * outbox.TRIES
    while (job := outbox.claim(now, behind=behind)) is not None:
        taken.append(job.about["place"])
        behind = job.kind
        if job.about["place"] == 3 and (turns := turns - 1):
            outbox.onward(job)
    assert taken == [0, 3, 1, 3, 2, *[3] * (2 * outbox.TRIES - 2), 4]


def test_a_paper_of_today_does_not_wait_behind_the_papers_of_last_month(case: cases.Case) -> None:
    now = clock.now()
    for name, days in (("old", 30), ("older", 31), ("yesterday", 0.9), ("today", 0)):
        outbox.put("paper", {"name": name}, due=now - timedelta(days=days))
    db.session.commit()
    taken = [job.about["name"] for _place in range(4) if (job := outbox.claim(now))]
    assert taken == ["yesterday", "today", "older", "old"]


# ------------------------------------------------------------------------------------------------ timers


def test_a_timer_fires_at_its_time_and_once(case: cases.Case) -> None:
    due = first_due(case.id)
    assert worker.work(due - timedelta(seconds=1)) == 0
    assert told(case.id, "timer") == []
    assert worker.work(due) > 0
    for _ in range(3):
        worker.work(due)
    assert [e.facts["due"] for e in told(case.id, "timer")] == [due]
    assert {e.facts["name"] for e in told(case.id, "letter")} == {"reminder"}
    assert first_due(case.id) > due
    assert faults() == []


def test_setting_the_clock_back_fires_nothing_again(case: cases.Case) -> None:
    due = first_due(case.id)
    worker.work(due)
    assert worker.work(due - timedelta(days=2)) == 0
    assert len(told(case.id, "timer")) == 1


def test_a_case_that_cannot_go_on_stops_no_other(case: cases.Case) -> None:
    """Its state is damaged: the worker says so, and the next case's timer fires all the same."""
    with clock.at(case.opened_at):
        other = opened(case)
    db.session.commit()
    due = max(first_due(case.id), first_due(other.id))
    case.state = "damaged"
    db.session.commit()
    with pytest.raises(ValueError):
        worker.work(due)
    assert len(told(other.id, "timer")) == 1
    assert told(case.id, "timer") == []
    assert all(letter.sent_at for letter in letters.of(other.id)), "and the letters went out"


def test_an_idle_round_touches_nothing(case: cases.Case, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []
    execute = prepared._Form.execute

    def look_at(statement: str) -> None:
        if not statement.lstrip().upper().startswith(("SELECT", "BEGIN", "PRAGMA")):
            written.append(statement)

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        look_at(statement)

    def note_prepared(form: Any, cursor: Any, rows: Any) -> Any:
        look_at(form.text)
        return execute(form, cursor, rows)

    db.session.rollback()
    monkeypatch.setattr(prepared._Form, "execute", note_prepared)
    sa.event.listen(db.engine, "before_cursor_execute", note)
    try:
        assert worker.work(case.opened_at + timedelta(seconds=1)) == 0
        assert written == []
        journal.write(case, "noted", at=case.opened_at)
        assert len(written) == 1, "a prepared statement is seen as well"
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", note)


# ----------------------------------------------------------------------------------------------- letters


def test_letters_leave_through_a_mail_server_once_each(case: cases.Case, mail: Mailbox) -> None:
    now = case.opened_at
    letters.send("window@yunhe.example", "请确认\r\nBcc: all@yunhe.example", "您好。", "Hello.", now=now)
    letters.send("desk@yunhe.example", "第二封", "正文", now=now)
    db.session.commit()
    assert worker.work(now) == 2
    assert worker.work(now + timedelta(minutes=5)) == 0
    assert len(mail.got) == 2
    assert "To: window@yunhe.example" in mail.got[0]
    assert "\nBcc:" not in mail.got[0]
    assert all(letter.sent_at == now for letter in db.session.scalars(sa.select(Letter)))


def test_a_letter_that_was_sent_is_not_sent_again_by_the_next_worker(case: cases.Case, mail: Mailbox) -> None:
    """The first worker died after sending: what is sent twice bears the same Message-ID."""
    now = case.opened_at
    letter = letters.send("window@yunhe.example", "一", "正文", now=now)
    db.session.commit()
    sender = "Tendover <office@yunhe.example>"
    letters.deliver(letter, case_smtp(), sender, now)
    db.session.rollback()  # it died before it could note it
    worker.work(now)
    lines = [line for text in mail.got for line in text.splitlines() if line.lower().startswith("message-id")]
    assert len(lines) == 2
    assert len({line.partition("@")[0] for line in lines}) == 1, lines
    assert not any(line.endswith(">>") for line in lines)
    worker.work(now + timedelta(hours=1))
    assert len(mail.got) == 2


def case_smtp() -> str:

    return str(current_app.config["SMTP"])


def test_a_server_that_says_no_is_tried_again_later_and_in_the_end_a_person_must_look(
    case: cases.Case, mail: Mailbox
) -> None:
    mail.full, now = True, case.opened_at
    letters.send("window@yunhe.example", "一", "正文", now=now)
    db.session.commit()
    pauses = []
    for _ in range(outbox.TRIES):
        worker.work(now)
        (job,) = jobs("letter")
        pauses.append((job.due - now) // timedelta(minutes=1))
        assert "452" in (job.fault or "")
        now = max(job.due, now)
    assert pauses[:-1] == [1, 2, 4, 8, 16]
    assert job.failed_at == now
    assert worker.work(now + timedelta(days=1)) == 0, "nobody tries for ever"
    mail.full = False
    outbox.again(job, now)
    db.session.commit()
    assert worker.work(now) == 1
    assert len(mail.got) == 1
    assert jobs("letter")[0].fault is None


def test_a_job_of_an_unknown_kind_fails_visibly_and_stops_no_other(case: cases.Case, mail: Mailbox) -> None:
    now = case.opened_at
    outbox.put("carrier pigeon", {}, due=now)
    letters.send("window@yunhe.example", "一", "正文", now=now)
    db.session.commit()
    assert worker.work(now) == 2
    assert "carrier pigeon" in (jobs("carrier pigeon")[0].fault or "")
    assert len(mail.got) == 1


# ------------------------------------------------------------------------------------------------ papers


def test_a_paper_becomes_a_word_file_and_a_pdf_and_twice_does_no_harm(
    district: Flask, keys: dict[str, int], needs: Callable[[str], str]
) -> None:
    needs("soffice")
    case = played("acceptance/all_confirmed", keys, after=4)
    (paper,) = papers.of(case.id)
    assert (paper.docx_id, paper.pdf_id) == (None, None)
    (job,) = jobs("paper")
    now = job.due
    assert worker.work(now) == 1
    db.session.expire_all()
    word, pdf = db.session.get_one(File, paper.docx_id), db.session.get_one(File, paper.pdf_id)
    assert files.read(word).startswith(b"PK")
    assert files.read(pdf).startswith(b"%PDF")
    before = (paper.docx_id, paper.docx_sha256, paper.pdf_id, paper.pdf_sha256)
    outbox.put("paper", {"paper": paper.id}, due=now, case_id=case.id)
    db.session.commit()
    assert worker.work(now) == 1
    db.session.expire_all()
    assert (paper.docx_id, paper.docx_sha256, paper.pdf_id, paper.pdf_sha256) == before
    assert [j.fault for j in jobs("paper")] == [None, None]


# ------------------------------------------------------------------------- dates that wait for a calendar


def published(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """The State Council announces the holidays of 2027."""
    shutil.copytree(calendars.FOLDER, folder / "calendars")
    (folder / "calendars" / "2027.yaml").write_text(
        "{year: 2027, source: 通知, holidays: [{name: 元旦, from: 2027-01-01, to: 2027-01-03}]}", "utf-8"
    )
    known = calendars.read(folder / "calendars")
    monkeypatch.setattr(deadlines, "official", lambda: known)


def timers(case_id: int) -> dict[str, cases.Timer]:
    db.session.expire_all()
    return {
        t.element: t for t in db.session.scalars(sa.select(cases.Timer).where(cases.Timer.case_id == case_id))
    }


def test_a_published_calendar_moves_the_steps_and_the_timers_of_a_running_case(
    case: cases.Case, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """2026-12-21 and ten working days: 4 January as long as nobody knows of the New Year's holiday."""
    began = clock.at_local(date(2026, 12, 21), 10)
    with clock.at(began):
        late = opened(case)
        db.session.commit()
    reminder, end = (timers(late.id)[each] for each in ("stamp_reminder", "stamp_overdue"))
    assert [end.due, end.explanation["provisional"]] == [clock.day_end(date(2027, 1, 4)), True]
    sure = reminder.due
    with clock.at(began):
        worker.sweep()
    assert told(late.id, "recomputed") == [], "nothing is known yet"

    published(monkeypatch, tmp_path)
    with clock.at(clock.at_local(date(2026, 12, 24))):
        worker.sweep()
        worker.sweep()
    due = clock.day_end(date(2027, 1, 5))
    found = timers(late.id)
    assert [found["stamp_overdue"].due, found["stamp_overdue"].explanation] == [due, None]
    assert found["stamp_reminder"].due == sure
    assert {s.due for s in lists.open_steps(late.id)} == {due}
    assert len([e for e in told(late.id, "recomputed") if "timer" in e.facts]) == 1
    assert worker.work(clock.day_end(date(2027, 1, 4))) >= 1, "the reminder"
    assert [e.element for e in told(late.id, "timer")] == ["stamp_reminder"]
    assert cases.unsettled(clock.now()) == [], "no date is open any more"
    worker.work(due)
    assert [e.element for e in told(late.id, "timer")] == ["stamp_overdue", "stamp_reminder"]
    assert faults() == []


def test_a_timer_keeps_its_reason_while_the_case_goes_on(case: cases.Case) -> None:
    """A stamp rewrites the timers of the case; why the others are due when they are is not lost."""
    with clock.at(clock.at_local(date(2026, 12, 21), 10)):
        late = opened(case)
        db.session.commit()
        before = {element: t.explanation for element, t in timers(late.id).items()}
        stamp(late.id, "str2")
        db.session.commit()
    after = {element: t.explanation for element, t in timers(late.id).items()}
    assert after == before
    assert any(after.values())
