"""Statements that are built once and given to the database's driver as they stand.

An act consists of the same ten statements each time, and SQLAlchemy spends on each five times what the
database needs for it: on finding its compiled form, on binding, on dressing the result. Here that is done
once, when a statement is first used. It runs in the session's transaction all the same, past the unit of
work: what is pending in the session stays pending.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, TypeAlias

from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.exc import DBAPIError

from casework.db.tables import db

Given: TypeAlias = Mapping[str, Any]
Rows: TypeAlias = list[tuple[Any, ...]]
#: Turns a value into what the driver takes, or back.
_Process: TypeAlias = Callable[[Any], Any]


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
        return self.on(_connection(), rows)

    def on(self, connection: Connection, rows: Sequence[Given] = ({},)) -> Rows:
        """Execute it on a connection that is at hand."""
        form = self._forms.get(connection.dialect.name) or self._form(connection.dialect)
        cursor = connection.connection.cursor()
        try:
            return form.execute(cursor, rows)
        except form.errors as error:
            raise _known(error, form, connection, cursor) from error
        finally:
            cursor.close()

    def _form(self, dialect: Dialect) -> _Form:
        form = self._forms[dialect.name] = _form(self._statement, self._columns, dialect)
        return form


@dataclass(frozen=True, slots=True)
class _Form:
    """A statement as one of the two databases reads it."""

    text: str
    #: the values that the statement says itself, by name
    preset: Given
    takes: tuple[tuple[str, _Process], ...]
    #: puts the values in order; None where the driver takes them by name
    order: Callable[[Given], Sequence[Any]] | None
    returns: bool
    reads: tuple[tuple[int, _Process], ...]
    errors: type[Exception]

    def execute(self, cursor: Any, rows: Sequence[Given]) -> Rows:
        bound = [self._bound(given) for given in rows]
        if not self.returns:
            (cursor.execute(self.text, bound[0]) if len(bound) == 1 else cursor.executemany(self.text, bound))
            return []
        found: Rows = []
        for one in bound:
            cursor.execute(self.text, one)
            found += cursor.fetchall()
        return [self._read(row) for row in found] if self.reads else found

    def _bound(self, given: Given) -> Any:
        known = {**self.preset, **given}
        for name, process in self.takes:
            known[name] = process(known[name])
        return known if self.order is None else self.order(known)

    def _read(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        found = list(row)
        for place, process in self.reads:
            found[place] = process(found[place])
        return tuple(found)


def _form(statement: Any, columns: Sequence[str], dialect: Dialect) -> _Form:
    compiled = statement.compile(dialect=dialect, column_keys=columns or None)
    binds = {name: compiled.binds[name] for name in compiled.params}
    takes = {name: bind.type.dialect_impl(dialect).bind_processor(dialect) for name, bind in binds.items()}
    returned = [column.type.dialect_impl(dialect) for column in getattr(statement, "exported_columns", ())]
    reads = [(place, kind.result_processor(dialect, None)) for place, kind in enumerate(returned)]
    return _Form(
        str(compiled),
        {name: bind.value for name, bind in binds.items() if not bind.required},
        tuple((name, process) for name, process in takes.items() if process),
        _order(compiled.positiontup) if compiled.positional else None,
        bool(returned),
        tuple((place, process) for place, process in reads if process),
        dialect.loaded_dbapi.Error,
    )


def _order(names: Sequence[str]) -> Callable[[Given], Sequence[Any]]:
    """The values of these names, as the driver numbers them."""
    if len(names) > 1:
        return itemgetter(*names)
    return lambda known: [known[name] for name in names]


def _connection() -> Connection:
    """The connection of the session's transaction; the session itself looks for it anew each time."""
    session = db.session()
    known, connection = session.info.get("connection", (None, None))
    if known is None or known is not session.get_transaction():
        connection = session.connection()
        session.info["connection"] = (session.get_transaction(), connection)
    return connection  # type: ignore[no-any-return]


def _known(error: Any, form: _Form, connection: Connection, cursor: Any) -> Any:
    """The driver's complaint as SQLAlchemy names it; a connection that is gone is not used again."""
    gone = connection.dialect.is_disconnect(error, connection.connection.driver_connection, cursor)
    if gone:
        connection.invalidate(error)
    return DBAPIError.instance(
        form.text, None, error, form.errors, connection_invalidated=gone, dialect=connection.dialect
    )
