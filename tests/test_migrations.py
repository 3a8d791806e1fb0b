"""The migrations make exactly the tables that the code describes, on both databases."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask_migrate import downgrade, upgrade

from app import create_app
from casework.db import Base, db

MIGRATIONS = Path(__file__).resolve().parent.parent / "casework" / "migrations"
#: What stands in a column of which nothing is said.
_EMPTY: dict[type, Any] = {int: 1, bool: True, bytes: b""}


def test_migrating_an_empty_database_gives_todays_tables(models: Any, tmp_path: Path) -> None:
    app = create_app(tmp_path, SQLALCHEMY_DATABASE_URI=models.blank(tmp_path), TESTING=True)
    with app.app_context():
        upgrade(directory=str(MIGRATIONS))
        with db.engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": False})
            assert compare_metadata(context, Base.metadata) == [], "run `flask db migrate`"
            assert "case" in sa.inspect(connection).get_table_names()
        db.engine.dispose()


def test_migrating_twice_changes_nothing(models: Any, tmp_path: Path) -> None:
    app = create_app(tmp_path, SQLALCHEMY_DATABASE_URI=models.blank(tmp_path), TESTING=True)
    with app.app_context():
        upgrade(directory=str(MIGRATIONS))
        upgrade(directory=str(MIGRATIONS))
        db.engine.dispose()


def test_the_facts_of_cases_move_to_a_table_of_their_own_and_back(models: Any, tmp_path: Path) -> None:
    uri = models.blank(tmp_path)
    app = create_app(tmp_path, SQLALCHEMY_DATABASE_URI=uri, TESTING=True)
    known = {number: f'{{"case":{{"number":"{number}"}},"starter":"甲公司"}}' for number in ("甲-1", "甲-2")}
    with app.app_context():
        upgrade(directory=str(MIGRATIONS), revision="0039")
        with db.engine.begin() as connection:
            for one in ("organisation", "procedure_version"):
                _begin(connection, one)
            for number, facts in known.items():
                _begin(connection, "case", number=number, facts=facts)
        read = 'SELECT number, {0}.facts FROM "case" {1} ORDER BY number'
        apart = sa.text(read.format("case_facts", 'JOIN case_facts ON case_id = "case".id'))
        upgrade(directory=str(MIGRATIONS))
        assert _read(apart) == known
        assert "facts" not in _columns("case")
        downgrade(directory=str(MIGRATIONS), revision="0039")
        assert _read(sa.text(read.format('"case"', ""))) == known
        assert not _columns("case_facts")
        upgrade(directory=str(MIGRATIONS))
        assert _read(apart) == known
        db.engine.dispose()


def _begin(connection: sa.Connection, name: str, **said: Any) -> None:
    """A row as the table demands it: what is not said is a number 1, or an empty text."""
    table = sa.Table(name, sa.MetaData(), autoload_with=connection)
    for column in table.columns:
        needed = not column.nullable and column.server_default is None and column.name != "id"
        if needed and column.name not in said:
            said[column.name] = _EMPTY.get(column.type.python_type, "")
    connection.execute(sa.insert(table).values(said))


def _read(query: sa.TextClause) -> dict[str, str]:
    with db.engine.begin() as connection:
        return {row.number: row.facts for row in connection.execute(query)}


def _columns(table: str) -> set[str]:
    inspector = sa.inspect(db.engine)
    return (
        {column["name"] for column in inspector.get_columns(table)} if inspector.has_table(table) else set()
    )
