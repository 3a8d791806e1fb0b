"""Decision tables and literal decisions (DMN 1.3 clauses 7–8), with their requirements, on our own FEEL.

`read(data)` reads a .dmn file (DMN 1.1–1.5, also with Camunda's extras) and refuses what would not run;
`findings(data)` says what it would refuse, without raising.
"""

from casework.engine.decisions.model import DecisionError
from casework.engine.decisions.reading import Decisions, findings, read
from casework.engine.findings import Finding, Refused

__all__ = ["DecisionError", "Decisions", "Finding", "Refused", "findings", "read"]
