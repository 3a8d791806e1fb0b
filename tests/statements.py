"""What is asked of the database, for tests of how much a page or a list asks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from casework.db import db


@contextmanager
def counted() -> Iterator[list[str]]:
    """Every statement sent inside the block, except those that the office keeps prepared."""
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        asked.append(statement)

    sa.event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", note)
