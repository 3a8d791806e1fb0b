"""Why a file is not taken in: one code for machines, one sentence for the person who sent it."""

from __future__ import annotations

from casework.errors import NotYet
from casework.words import Words, _


class Flaw(Exception):
    """Something inside a file that the office does not take in."""

    def __init__(self, code: str, says: Words) -> None:
        self.code = code
        self.says = says
        super().__init__(code)


class Unfit(NotYet):
    """The file is not kept; the sentence names the file, the bound and the reason (422)."""

    def __init__(self, name: str, flaw: Flaw) -> None:
        self.name = name
        self.code = flaw.code
        super().__init__(_("附件“%(name)s”未予接收：%(reason)s", name=name, reason=flaw.says))


def amount_of(size: int) -> str:
    """Bytes as an office reads them: 300 B, 12.5 KB, 20 MB."""
    if size < 1024:
        return f"{size} B"
    if size < 1024**2:
        return f"{round(size / 1024, 1):g} KB"
    return f"{round(size / 1024**2, 1):g} MB"
