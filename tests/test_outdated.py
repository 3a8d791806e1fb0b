"""A frozen version whose words this program no longer knows: its cases are read, and not carried on."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from acting import browser, elsewhere, played, post, told, waiting
from flask import Flask

from casework import cases, clock, journal, procedures
from casework.cases import contents
from casework.cases.model import Case, Step, Timer
from casework.db import db
from casework.procedures import versions


@pytest.fixture
def old(district: Flask, keys: dict[str, int]) -> Case:
    """A case on the window's desk, under a version that asks for an effect which has been removed."""
    case = played("exemption/corrected_soon", keys)
    frozen = dict(case.procedure.files)
    drawing = frozen["process.bpmn"].replace(b'type="publish notice"', b'type="recall bid"')
    assert drawing != frozen["process.bpmn"]
    frozen["process.bpmn"] = drawing
    row = versions.Version(
        key=case.key,
        sha256=versions.fingerprint(frozen),
        archive=versions._pack(frozen),
        created_at=clock.now() - timedelta(days=900),
    )
    db.session.add(row)
    db.session.flush()
    db.session.execute(sa.update(Case).where(Case.id == case.id).values(version_id=row.id))
    db.session.commit()
    return db.session.get_one(Case, case.id, populate_existing=True)


def again(case: Case) -> Case:
    return db.session.get_one(Case, case.id, populate_existing=True)


def test_the_version_names_the_word_it_lost_and_is_not_offered(old: Case) -> None:
    procedure = procedures.of(old.version_id)
    assert "recall bid" in procedure.outdated[0].zh
    assert procedure.papers, "everything else of it is there"
    assert old.version_id not in {procedures.current(one.key) for one in procedures.offered()}
    with pytest.raises(procedures.BadFolder, match="recall bid"):
        procedures.open_files(procedure.key, procedure.files)


def test_its_case_can_be_read_whole(old: Case, district: Flask) -> None:
    done = sa.select(Step.id).where(Step.case_id == old.id, Step.status == "done")
    number, step = old.number, db.session.scalars(done).first()
    assert [part.path for part in contents._drawing(old, clock.now())]
    assert list(journal.verify({old.id: (old.journal_seq, old.journal_head)})) == []
    client = browser(district, "win1")
    page = elsewhere(lambda: client.get(f"/case/{number}"))
    assert page.status_code == 200
    assert "<svg" in page.text
    assert elsewhere(lambda: client.get(f"/case/{number}/step/{step}")).status_code == 200


def test_going_on_is_refused_with_the_word_and_what_to_do(old: Case, district: Flask) -> None:
    step = waiting(old.id, "win1").id
    client = browser(district, "win1")
    answer = elsewhere(lambda: client.get(f"/step/{step}"))
    assert answer.status_code == 422
    for words in ("recall bid", "不能继续办理", "撤回后按现行流程重新申请"):
        assert words in answer.text
    with pytest.raises(procedures.Outdated):
        cases.complete(step, by=post("win1"), answers={})


def test_time_says_so_once_and_a_second_try_names_it_again(old: Case) -> None:
    db.session.add(Timer(case_id=old.id, token="x", element="x", due=old.opened_at))
    db.session.commit()
    later = clock.now() + timedelta(days=400)
    assert old.id in cases.due(later)
    cases.tick(old.id, later)
    db.session.commit()
    assert old.id not in cases.due(later), "the worker is not kept busy with it"
    (incident,) = again(old).incident
    assert "recall bid" in incident["zh"]
    assert "no longer" in incident["en"]
    assert "open bids" not in incident["en"], "not a list of all there is"
    assert len(told(old.id, "incident")) == 1
    with pytest.raises(procedures.Outdated):
        cases.retry(old.id, by=post("win1"), now=later)


def test_the_applicant_may_withdraw_it(old: Case) -> None:
    by = post("dev1")
    assert by.organisation_id == old.starter_organisation_id
    cases.withdraw(old.id, by=by, reason="按现行流程重新申请")
    db.session.commit()
    assert again(old).status == "withdrawn"
