"""How long the inbox of one post takes, first and last page, with 1,000 to 1,000,000 steps on its desk."""

from __future__ import annotations

import json
import statistics
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import sqlalchemy as sa

from benchmarks import browser, office
from casework.db import Base, db

SIZES = (1_000, 10_000, 100_000, 1_000_000)
QUICK = (50, 100, 150, 200)
READER = "win1"
#: Rows at both ends are whole, as the pages show them; those between keep no facts, to spare the disk.
SHOWN = 30
DUE = "strftime('%Y-%m-%dT%H:%M:%S', '2026-01-01', '+' || n || ' minutes') || '.000000Z'"
NUMBERS = "WITH RECURSIVE numbers(n) AS (SELECT :low UNION ALL SELECT n + 1 FROM numbers WHERE n < :high) "


def fill(low: int, high: int) -> None:
    """Copy the first case, its open step and the desk row: the numbers low to high, a minute apart."""
    shown = f"n < :low + {SHOWN} OR n > :high - {SHOWN}"
    state, facts = (f"CASE WHEN {shown} THEN {name} ELSE '{{}}' END" for name in ("state", "facts"))
    step = {"id": "id + 1000 + n", "case_id": "case_id + n", "token": "token || '-' || n", "due": DUE}
    _copy("case", "id = 1", {"id": "id + n", "number": "number || '-' || n", "state": state}, low, high)
    _copy("case_facts", "case_id = 1", {"case_id": "case_id + n", "facts": facts}, low, high)
    _copy("step", "case_id = 1 AND status = 'open'", step, low, high)
    _copy("desk", "step_id < 1000", {"step_id": "step_id + 1000 + n", "due": DUE}, low, high)
    db.session.commit()


def _copy(table: str, first: str, changed: dict[str, str], low: int, high: int) -> None:
    columns = [column.name for column in Base.metadata.tables[table].columns]
    names = ", ".join(f'"{name}"' for name in columns)
    values = ", ".join(changed.get(name, f'"{name}"') for name in columns)
    copies = (
        f'INSERT INTO "{table}" ({names}) {NUMBERS} SELECT {values} FROM "{table}", numbers WHERE {first}'  # noqa: S608
    )
    db.session.execute(sa.text(copies), {"low": low, "high": high})


def measure(reader: browser.Browser, times: int) -> dict[str, float]:
    """The first page and the last one: medians, and the size of the first."""
    first = [reader.ask("/inbox") for _ in range(times)]
    last = [reader.ask("/inbox?last=1") for _ in range(times)]
    assert {answer.status for answer in (*first, *last)} == {200}
    return {
        "p50_ms": office.milliseconds(statistics.median(answer.took for answer in first)),
        "last_page_ms": office.milliseconds(statistics.median(answer.took for answer in last)),
        "kib": round(len(first[-1].body) / 1024, 1),
    }


def main() -> None:
    """Print the figures as JSON on the last line."""
    quick = office.arguments(__doc__ or "").quick
    found: dict[str, dict[str, float]] = {}
    few = ["approval"] if quick else []
    with office.sqlite() as (place, uri), office.office(place, uri, *few):
        office.begin()
        with browser.server(place, uri) as port:
            reader = office.visitor(browser.Browser(port), READER)
            filled = 0
            for size in QUICK if quick else SIZES:
                fill(filled + 1, size)
                filled = size
                measure(reader, 3)
                found[str(size)] = measure(reader, 5 if quick else 40)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
