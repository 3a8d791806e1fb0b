"""How long a paper takes: issued in a transaction of its own (durable), as a Word file, and as a PDF.

The paper is D23, the confirmation that ends workflows/acceptance: a matrix of four parties. The PDF is made
by LibreOffice, started anew each time as the worker does it; null where it is not installed.
"""

from __future__ import annotations

import json
import statistics
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import sqlalchemy as sa

from benchmarks import office
from casework import papers, procedures, stories, yaml
from casework.cases.model import Case
from casework.db import db
from casework.papers import pdf, printing
from casework.papers.model import Paper

WORKFLOWS = office.ROOT / "workflows"
STORY = WORKFLOWS / "acceptance" / "stories" / "all_confirmed.yaml"


def issued() -> Paper:
    """Play the story; the paper it ends with."""
    people = yaml.read((WORKFLOWS / "demo" / "people.yaml").read_text("utf-8"))
    stories.Player(stories.read(STORY), stories.organisations(people)).play()
    return db.session.scalars(sa.select(Paper)).one()


def again(first: Paper) -> None:
    """Issue the same paper once more."""
    kind = procedures.of(db.session.get_one(Case, first.case_id).version_id).papers[first.code]
    bureau = papers.Office(**first.data["office"])
    data = {name: value for name, value in first.data.items() if name not in {"office", "paper"}}
    papers.issue(case_id=first.case_id, kind=kind, office=bureau, data=data)
    db.session.commit()


def main() -> None:
    """Print the figures as JSON on the last line."""
    quick = office.arguments(__doc__ or "").quick
    few = [STORY.parent.parent.name] if quick else []
    with office.sqlite() as (place, uri), office.office(place, uri, *few):
        paper = issued()
        issuing = [office.timed(lambda: again(paper)) for _ in range(3 if quick else 50)]
        wanted = printing.order(paper.id)
        writing = [office.timed(lambda: printing.docx(wanted)) for _ in range(3 if quick else 20)]
        docx = printing.docx(wanted)
        times = (1 if quick else 5) if pdf.converter() else 0
        converting = [office.timed(lambda: pdf.convert(docx)) for _ in range(times)]
    figures = {"issue_ms": issuing, "docx_ms": writing, "pdf_ms": converting}
    print(
        json.dumps(
            {
                name: office.milliseconds(statistics.median(took)) if took else None
                for name, took in figures.items()
            }
        )
    )


if __name__ == "__main__":
    main()
