"""What a visitor hands in over the counter, and what is handed back to be mended."""

from __future__ import annotations

from flask import g, request

from casework import files
from casework.answers import Answers
from casework.db import db, row
from casework.errors import NotYet, OfficeError
from casework.places.listing import Wanted


def wanted() -> Wanted:
    """What the visitor has narrowed a register to."""
    args = request.args
    return Wanted(
        project=args.get("project", type=row),
        kind=args.get("kind", "")[:20],
        mode=args.get("mode", "")[:20],
        due=args.get("due", "") if args.get("due") in {"soon", "late"} else "",
        words=args.get("q", "").strip()[:60],
        after=args.get("after", 0, type=row),
    )


def kept_paper(answers: Answers) -> int | None:
    """The paper that came with the answers, kept; one not taken is a fault of its field. Raises NotYet."""
    sent = request.files.get("paper")
    if sent is None or not sent.filename:
        return None
    try:
        return files.keep(sent.filename, sent.read(), post_id=g.post.id).id
    except files.Unfit as error:
        answers.fault("paper", error.says)
        raise NotYet(error.says) from error


def refused(answers: Answers, field: str, error: OfficeError) -> None:
    """The office's own check failed: nothing is stored, the sentence stands beside its question."""
    db.session.rollback()
    if not answers.wrong:
        answers.fault(field, error.says)
