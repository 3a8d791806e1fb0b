"""Objects of tables, read with a prepared statement: SQLAlchemy's own way to them costs twice as much."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import inspect
from sqlalchemy.orm import Mapper, Session, make_transient_to_detached
from sqlalchemy.orm.attributes import instance_dict, instance_state, set_committed_value

from casework.db.prepared import Prepared
from casework.db.tables import db


class Objects:
    """What a SELECT of whole classes finds, as the session's own objects.

    They are what the database says now, also where the session had read them before; None stands for what
    an outer join did not find.
    """

    def __init__(self, statement: Any) -> None:
        self._prepared = Prepared(statement)
        self._kinds = [_Kind(inspect(each["entity"])) for each in statement.column_descriptions]

    def all(self, **given: Any) -> list[tuple[Any, ...]]:
        """Every row: one object for each class, in the order of the statement."""
        session = db.session()
        if session.autoflush:
            session.flush()
        return [self._objects(session, row) for row in self._prepared.run(**given)]

    def first(self, **given: Any) -> tuple[Any, ...] | None:
        """The first row."""
        return next(iter(self.all(**given)), None)

    def _objects(self, session: Session, row: tuple[Any, ...]) -> tuple[Any, ...]:
        found, at = [], 0
        for kind in self._kinds:
            found.append(kind.present(session, dict(zip(kind.names, row[at : at + kind.width], strict=True))))
            at += kind.width
        return tuple(found)


class _Kind:
    """One class, and the names under which it keeps its columns."""

    def __init__(self, mapper: Mapper[Any]) -> None:
        self.make, self.key = mapper.class_, mapper.identity_key_from_primary_key
        self.names = [mapper.get_property_by_column(column).key for column in mapper.local_table.c]
        self.row = mapper.get_property_by_column(mapper.primary_key[0]).key
        self.width = len(self.names)

    def present(self, session: Session, values: Mapping[str, Any]) -> Any:
        """The session's object of this row."""
        if values[self.row] is None:
            return None
        known = session.identity_map.get(self.key((values[self.row],)))
        if known is not None:
            session.expire(known)
            for name, value in values.items():
                set_committed_value(known, name, value)
            return known
        new = self.make()
        instance_dict(new).update(values)
        make_transient_to_detached(new)
        # what `add` does, without a look at everything the object points at: it points at nothing yet
        session._update_impl(instance_state(new))  # noqa: SLF001
        return new
