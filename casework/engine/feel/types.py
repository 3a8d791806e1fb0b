"""`instance of`, and which values a type has (DMN 1.3 clauses 10.3.2.9, 10.3.2.12, table 49)."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from casework.engine.feel import exact, tree
from casework.engine.feel.scope import Code, Make, Makers, Routine, Run
from casework.engine.values import Months, Range

_PYTHON: dict[str, type] = {
    "string": str, "boolean": bool, "date": date, "time": time, "date and time": datetime,
    "days and time duration": timedelta, "years and months duration": Months, "list": list, "context": dict,
    "range": Range, "function": Routine, "Null": type(None),
}  # fmt: skip


def conforms(value: Any, wanted: tree.Type, run: Run) -> bool:
    """Is the value of that type? Null is of type Null and of no other (table 49)."""
    run.spend(1)
    if wanted.name == "Any":
        return value is not None
    if wanted.name == "number":
        return exact.is_number(value)
    if isinstance(value, Routine):
        arity = len(wanted.arguments) if wanted.result else value.arity
        return wanted.name == "function" and value.arity == arity
    if type(value) is not _PYTHON[wanted.name]:
        return False
    return not wanted.arguments or _parts_conform(value, wanted, run)


def _parts_conform(value: Any, wanted: tree.Type, run: Run) -> bool:
    first = wanted.arguments[0]
    if wanted.name == "list":
        return all(_fits(item, first, run) for item in value)
    if wanted.name == "range":
        return all(end is None or conforms(end, first, run) for end in (value.low, value.high))
    pairs = zip(wanted.keys, wanted.arguments, strict=True)
    return all(key in value and _fits(value[key], part, run) for key, part in pairs)


def _fits(value: Any, wanted: tree.Type, run: Run) -> bool:
    """Inside a list or context null stands for a missing value of any type."""
    return value is None or conforms(value, wanted, run)


def _instance_of(node: tree.InstanceOf, make: Make) -> Code:
    value, wanted = make(node.value), node.type
    return lambda names, run: conforms(value(names, run), wanted, run)


MAKERS: Makers = {tree.InstanceOf: _instance_of}
