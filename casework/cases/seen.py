"""What the page of a step lays before whoever acts on it; nobody acts on what came in after that.

Property of a user task (workflows/README.md): `acts_on`, what is shown to be acted on, e.g. the complaints
that were upheld. Its fingerprint goes out with the form and comes back with the answers.
"""

from __future__ import annotations

import hashlib

from casework.cases.model import Step
from casework.cases.turn import Turn
from casework.engine import feel, values
from casework.errors import NotYet
from casework.words import _


class Changed(NotYet):
    """Something has come in since the page was made; it is to be read first."""

    says = _(
        "您打开本页以后，需要处理的内容有了变动（例如又有投诉成立），所以没有提交。"
        "请先核对本页现在列出的内容，再重新提交；您填写的内容已经保留。"
    )


def mark(turn: Turn, step: Step) -> str:
    """The fingerprint of what the page shows to be acted on now; "" where the drawing names nothing."""
    text = turn.procedure.flow.elements[step.element].properties.get("acts_on", "")
    if not text:
        return ""
    shown = values.dumps(turn.value(feel.compile(text)))
    return hashlib.sha256(shown.encode()).hexdigest()[:16]


def ask(turn: Turn, step: Step, shown: str | None) -> None:
    """Go on, or Changed. `shown`: the mark of the page that was sent; None where there was no page."""
    if shown is not None and shown != mark(turn, step):
        raise Changed
