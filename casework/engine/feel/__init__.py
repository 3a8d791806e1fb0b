"""FEEL, the expression language of DMN 1.3 (clause 10.3), for conditions, dates, forms, tables and papers.

`compile(text)` reads a text once (and keeps it), `.evaluate(scope)` gives its value as often as needed. As in
the standard an ill-typed operation gives null; `explain` says why, `require` refuses null and unknown names.
"""

from casework.engine.feel.errors import FeelError, FeelLimit, FeelSyntax, NoValue, Reason
from casework.engine.feel.expression import Expression, compile, compile_unary  # noqa: A004  the office's verb

__all__ = [
    "Expression",
    "FeelError",
    "FeelLimit",
    "FeelSyntax",
    "NoValue",
    "Reason",
    "compile",
    "compile_unary",
]
