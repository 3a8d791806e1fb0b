"""The migrations make exactly the tables that the code describes, on both databases."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask_migrate import upgrade

from app import create_app
from casework.db import Base, db

MIGRATIONS = Path(__file__).resolve().parent.parent / "casework" / "migrations"


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
