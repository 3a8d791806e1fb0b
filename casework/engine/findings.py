"""What a reader of drawings and decision tables has to say about a file, in both languages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Finding:
    """One remark on a file. `line` counts from 1 (0: the file as a whole); `code` is stable."""

    line: int
    element: str
    code: str
    level: Literal["error", "warning"]
    zh: str
    en: str


class Refused(ValueError):
    """The file would not run; `findings` say where and why."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        said = (f"{f.line} {f.element} {f.code}: {f.zh} {f.en}" for f in findings if f.level == "error")
        super().__init__("\n".join(said))
