"""Statements that are built once and given to the database's driver as they stand.

An act consists of the same ten statements each time, and SQLAlchemy spends on each five times what the
database needs for it: on finding its compiled form, on binding, on dressing the result. Here that is done
once, when a statement is first used. It runs in the session's transaction all the same, past the unit of
work: what is pending in the session stays pending.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

from casework.db.tables import db

Given: TypeAlias = Mapping[str, Any]
Rows: TypeAlias = list[tuple[Any, ...]]
#: Turns a value into what the driver takes, or back; None where it is the same.
_Process: TypeAlias = Callable[[Any], Any] | None


class Prepared:
    """A statement on tables. `columns`: what an INSERT or UPDATE writes that does not say so itself."""

    def __init__(self, statement: Any, *columns: str) -> None:
        self._statement, self._columns = statement, columns
        self._forms: dict[str, _Form] = {}

    def run(self, **given: Any) -> Rows:
        """Execute it; what it returns."""
        return self.each([given])

    def each(self, rows: Sequence[Given]) -> Rows:
        """Execute it once for each of these; what they return, in their order."""
        connection = db.session.connection()
        form = self._forms.get(connection.dialect.name) or self._form(connection.dialect)
        cursor = connection.connection.cursor()
        try:
            return form.execute(cursor, rows)
        except form.errors as error:
            raise _known(error, form, connection, cursor) from error
        finally:
            cursor.close()

    def _form(self, dialect: Dialect) -> _Form:
        compiled = self._statement.compile(dialect=dialect, column_keys=self._columns or None)
        returned = getattr(self._statement, "exported_columns", ())
        form = _Form(
            str(compiled),
            tuple(_bind(name, compiled, dialect) for name in compiled.positiontup or compiled.params),
            tuple(_reader(column.type, dialect) for column in returned),
            named=not compiled.positional,
            errors=dialect.loaded_dbapi.Error,
        )
        self._forms[dialect.name] = form
        return form


@dataclass(frozen=True, slots=True)
class _Bind:
    """One value of a statement: its name, what it is when not given, how the driver takes it."""

    name: str
    preset: Any
    process: _Process

    def of(self, given: Given) -> Any:
        value = given[self.name] if self.preset is None else self.preset
        return value if self.process is None else self.process(value)


@dataclass(frozen=True, slots=True)
class _Form:
    """A statement as one of the two databases reads it."""

    text: str
    binds: tuple[_Bind, ...]
    readers: tuple[_Process, ...]
    named: bool
    errors: type[Exception]

    def execute(self, cursor: Any, rows: Sequence[Given]) -> Rows:
        bound = [self._bound(given) for given in rows]
        if not self.readers:
            (cursor.execute(self.text, bound[0]) if len(bound) == 1 else cursor.executemany(self.text, bound))
            return []
        found: Rows = []
        for one in bound:
            cursor.execute(self.text, one)
            found += cursor.fetchall()
        return found if not any(self.readers) else [self._read(row) for row in found]

    def _bound(self, given: Given) -> Any:
        if self.named:
            return {bind.name: bind.of(given) for bind in self.binds}
        return [bind.of(given) for bind in self.binds]

    def _read(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(
            value if reader is None else reader(value)
            for value, reader in zip(row, self.readers, strict=True)
        )


def _bind(name: str, compiled: SQLCompiler, dialect: Dialect) -> _Bind:
    bind = compiled.binds[name]
    preset = None if bind.required else bind.value
    return _Bind(name, preset, bind.type.dialect_impl(dialect).bind_processor(dialect))


def _reader(kind: TypeEngine[Any], dialect: Dialect) -> _Process:
    return kind.dialect_impl(dialect).result_processor(dialect, None)


def _known(error: Any, form: _Form, connection: Connection, cursor: Any) -> Any:
    """The driver's complaint as SQLAlchemy names it; a connection that is gone is not used again."""
    gone = connection.dialect.is_disconnect(error, connection.connection.driver_connection, cursor)
    if gone:
        connection.invalidate(error)
    return DBAPIError.instance(
        form.text, None, error, form.errors, connection_invalidated=gone, dialect=connection.dialect
    )
