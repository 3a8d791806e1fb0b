"""Checks records without Tendover: `python offline_verify.py journal.jsonl case.jsonl` or `… tendover.db`.

Standard library only, so that a court, an auditor or the other party can run it on any machine with Python.
The `.jsonl` files lie in a backup under `tables/`, one row a line; `case.jsonl` says where each record ends.
Exit 1 when anything was changed.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

GENESIS = "0" * 64
#: What is hashed of an entry, in this order, as a JSON list: by its version.
HASHED = {
    1: ("case_id", "seq", "at", "what", "element", "who", "detail", "previous"),
    2: ("version", "case_id", "seq", "at", "what", "element", "post_id", "who", "detail", "previous"),
}

Row = Mapping[str, Any]


def version(entry: Row) -> int:
    """In which form an entry was hashed."""
    return int(entry.get("version", 1))


def digest(entry: Row) -> str:
    """The hash of an entry over its stored texts; none for a form nobody knows."""
    names = HASHED.get(version(entry))
    if names is None:
        return ""
    text = json.dumps([entry[name] for name in names], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def check(entries: Iterable[Row], heads: Mapping[int, tuple[int, str]]) -> Iterator[str]:
    """Every fault, in words; `heads` is how many entries each case remembers, and the last one's hash."""
    records: dict[int, list[Row]] = {case_id: [] for case_id in heads}
    for entry in entries:
        records.setdefault(entry["case_id"], []).append(entry)
    for case_id, record in sorted(records.items()):
        record.sort(key=lambda entry: entry["seq"])
        yield from (f"case {case_id}, {fault}" for fault in _one(record, heads.get(case_id)))


def _one(record: list[Row], head: tuple[int, str] | None) -> Iterator[str]:
    previous, form = GENESIS, 1
    for count, entry in enumerate(record, start=1):
        seq = entry["seq"]
        if seq != count:
            yield f"entry {count}: entry missing or out of order"
            return
        if entry["previous"] != previous:
            yield f"entry {seq}: does not follow the entry before it"
        if version(entry) < form or entry["hash"] != digest(entry):
            yield f"entry {seq}: changed after it was written"
        previous, form = entry["hash"], version(entry)
    if head is not None and head != (len(record), previous if record else ""):
        yield f"entry {len(record)}: the end of the record is not the one the case remembers"


def read(file: Path) -> tuple[list[Row], dict[int, tuple[int, str]]]:
    """The entries and the remembered ends in a file."""
    return _database(file) if file.read_bytes()[:15] == b"SQLite format 3" else _lines(file)


def _lines(file: Path) -> tuple[list[Row], dict[int, tuple[int, str]]]:
    entries, heads = [], {}
    for line in file.read_text("utf-8").split("\n"):
        if not line.strip():
            continue
        row = json.loads(line)
        if "journal_head" in row:
            heads[row["id"]] = (row["journal_seq"], row["journal_head"])
        elif "hash" in row:
            entries.append(row)
    return entries, heads


def _database(file: Path) -> tuple[list[Row], dict[int, tuple[int, str]]]:
    connection = sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)
    try:
        connection.row_factory = sqlite3.Row
        entries: list[Row] = [dict(row) for row in connection.execute("SELECT * FROM journal")]
        ends = connection.execute('SELECT id, journal_seq, journal_head FROM "case"')
        return entries, {row[0]: (row[1], row[2]) for row in ends}
    finally:
        connection.close()


def main(files: list[str]) -> int:
    """Check the files together; print every fault."""
    entries: list[Row] = []
    heads: dict[int, tuple[int, str]] = {}
    for name in files:
        more, ends = read(Path(name))
        entries += more
        heads |= ends
    faults = list(check(entries, heads))
    cases = {entry["case_id"] for entry in entries} | set(heads)
    found = f"{len(faults)} faults" if faults else "no fault"
    unknown = len(cases - set(heads))
    note = (
        f" ({unknown} of them without a remembered end: a cut tail would not be noticed)" if unknown else ""
    )
    sys.stdout.write("".join(f"{fault}\n" for fault in faults))
    sys.stdout.write(f"{len(entries)} entries of {len(cases)} cases{note}: {found}\n")
    return 1 if faults or not files else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
