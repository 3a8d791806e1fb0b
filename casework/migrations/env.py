"""Alembic's way into the office: always online, inside the application, one transaction a migration."""

from __future__ import annotations

from typing import Any

from alembic import context
from flask import current_app

extension = current_app.extensions["migrate"]
engine = extension.db.engine


def _no_empty(_context: Any, _revision: Any, directives: list[Any]) -> None:
    """`flask db migrate` writes no file when nothing has changed."""
    if getattr(context.config.cmd_opts, "autogenerate", False) and directives[0].upgrade_ops.is_empty():
        directives[:] = []


def _plain(kind: str, item: Any, _context: Any) -> str | bool:
    """Our column types are written as what they are stored as: a migration must not need today's code."""
    if kind == "type" and type(item).__module__.startswith("casework."):
        stored = item.impl_instance
        return f"sa.{stored!r}"
    return False


with engine.connect() as connection:
    sqlite = connection.dialect.name == "sqlite"
    raw: Any = connection.connection.driver_connection
    if sqlite:  # batch mode copies tables; the pragma counts only outside a transaction
        raw.execute("PRAGMA foreign_keys=OFF")
    arguments = dict(extension.configure_args)
    arguments.setdefault("process_revision_directives", _no_empty)
    arguments["render_as_batch"] = True
    arguments["render_item"] = _plain
    arguments["compare_type"] = False  # Moment and Json are compared as what they are stored as
    context.configure(
        connection=connection,
        target_metadata=extension.db.metadata,
        transaction_per_migration=True,
        **arguments,
    )
    with context.begin_transaction():
        context.run_migrations()
    if connection.in_transaction():
        connection.commit()
    if sqlite:
        broken = raw.execute("PRAGMA foreign_key_check").fetchall()
        raw.execute("PRAGMA foreign_keys=ON")
        if broken:
            raise RuntimeError(f"foreign keys broken by a migration: {broken[:5]}")
