"""Statements given to the driver as they stand do what SQLAlchemy's own would do."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from acting import post
from flask import Flask
from sqlalchemy import create_engine
from sqlalchemy.exc import IntegrityError, ProgrammingError
from sqlalchemy.pool import NullPool

from casework import clock
from casework.cases.model import Act
from casework.db import Base, Objects, Prepared, db
from casework.people import Organisation, User

ACTS, PEOPLE = Base.metadata.tables["act"], Base.metadata.tables["user_account"]
NEW_ACT = Prepared(sa.insert(ACTS).returning(ACTS.c.key, ACTS.c.at), *ACTS.c.keys())
WHO = Objects(sa.select(User, Organisation).outerjoin(User.home).where(User.id == sa.bindparam("row")))


def act(key: str) -> dict[str, object]:
    return {"key": key, "user_id": 1, "at": clock.now(), "leads_to": ""}


def test_rows_come_back_in_the_order_in_which_they_were_given(district: Flask) -> None:
    given = [act("third"), act("first"), act("second")]
    assert NEW_ACT.each(given) == [(one["key"], one["at"]) for one in given]
    assert set(db.session.scalars(sa.select(Act.key))) >= {"first", "second", "third"}


def test_a_statement_belongs_to_the_transaction_of_the_session(district: Flask) -> None:
    NEW_ACT.run(**act("undone"))
    db.session.rollback()
    assert db.session.get(Act, "undone") is None
    with db.session.begin_nested() as point:
        NEW_ACT.run(**act("undone"))
        point.rollback()
    NEW_ACT.run(**act("done"))
    db.session.commit()
    assert (db.session.get(Act, "undone"), db.session.get_one(Act, "done").user_id) == (None, 1)


def test_what_the_database_refuses_is_named_as_sqlalchemy_names_it(district: Flask) -> None:
    NEW_ACT.run(**act("twice"))
    with pytest.raises(IntegrityError):
        NEW_ACT.run(**act("twice"))
    db.session.rollback()
    NEW_ACT.run(**act("twice"))


def test_a_value_that_is_missing_is_named(district: Flask) -> None:
    with pytest.raises((KeyError, ProgrammingError), match="leads_to"):
        NEW_ACT.run(key="half", user_id=1, at=clock.now())


def test_objects_are_those_of_the_session_and_as_the_database_has_them_now(district: Flask) -> None:
    known = db.session.get_one(User, post("win1").user_id)
    rename = sa.update(PEOPLE).where(PEOPLE.c.id == known.id).values(name="改名")
    db.session.connection().execute(rename)
    assert known.name != "改名"
    found = WHO.first(row=known.id)
    assert found is not None
    assert found[0] is known
    assert known.name == "改名"
    assert known not in db.session.dirty


def test_objects_find_what_was_changed_and_not_yet_written(district: Flask) -> None:
    known = db.session.get_one(User, post("win1").user_id)
    known.name = "改名"
    assert WHO.first(row=known.id)[0].name == "改名"  # type: ignore[index]


def test_what_an_object_points_at_is_looked_up_as_ever(district: Flask) -> None:
    user_id = post("win1").user_id
    db.session.expunge_all()
    user, home = WHO.first(row=user_id)  # type: ignore[misc]
    assert sa.inspect(user).persistent
    assert user.home is home
    user.name = "改名"
    db.session.commit()
    assert db.session.scalar(sa.select(User.name).where(User.id == user_id)) == "改名"


def test_what_is_not_there_is_none(district: Flask) -> None:
    db.session.execute(sa.update(PEOPLE).where(PEOPLE.c.login == "win1").values(home_id=None))
    user_id = db.session.scalar(sa.select(User.id).where(User.login == "win1"))
    user, home = WHO.first(row=user_id)  # type: ignore[misc]
    assert (user.login, home) == ("win1", None)
    assert WHO.first(row=-1) is None


def test_a_connection_that_was_cut_while_it_rested_is_not_lent(
    district: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    if db.engine.dialect.name == "sqlite":
        pytest.skip("SQLite has no server that could go away")
    monkeypatch.setattr("casework.db.RESTED", 0.0)
    db.session.remove()
    with db.engine.connect() as first:
        cut = first.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
    elsewhere = create_engine(db.engine.url, poolclass=NullPool)
    with elsewhere.connect() as other:
        other.exec_driver_sql(f"SELECT pg_terminate_backend({cut})")
    assert NEW_ACT.run(**act("alive"))


def test_a_statement_stays_planned_when_a_page_that_only_read_has_ended(district: Flask) -> None:
    if db.engine.dialect.name == "sqlite":
        pytest.skip("SQLite keeps its statements whatever is rolled back")
    for _ in range(10):
        WHO.first(row=1)
        db.session.remove()
    planned = sa.text(
        "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%FROM user_account%'"
    )
    assert db.session.scalar(planned) == 1


def test_what_was_written_is_undone_after_an_error_too(district: Flask) -> None:
    NEW_ACT.run(**act("undone"))
    with pytest.raises(IntegrityError):
        NEW_ACT.run(**act("undone"))
    db.session.rollback()
    assert db.session.get(Act, "undone") is None
