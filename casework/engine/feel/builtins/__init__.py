"""The functions of the standard (DMN 1.3 clause 10.3.4), one module for each of its tables."""

from casework.engine.feel.builtins import (
    contexts,
    conversions,
    dates,
    lists,
    numerics,
    ranges,
    statistics,
    strings,
)  # fmt: skip
from casework.engine.feel.builtins.signature import Builtin

_TABLES = (conversions, strings, lists, statistics, numerics, dates, contexts, ranges)

#: Every function of the standard by its name, with its signatures.
FUNCTIONS: dict[str, tuple[Builtin, ...]] = {
    name: tuple(signatures) for table in _TABLES for name, signatures in table.FUNCTIONS.items()
}
