"""Checks records without Tendover: `python offline_verify.py tables/*.jsonl` or `… tendover.db`.

Standard library only, so that a court, an auditor or the other party can run it on any machine with Python.
The `.jsonl` files lie in a backup under `tables/`, one row a line: `journal.jsonl` are the records,
`case.jsonl` says where each ends, `checkpoint.jsonl` and `checkpoint_leaf.jsonl` what was signed over them.
Of a checkpoint the hashes are checked, not the signature: compare number and root with a published one.
Exit 1 when anything was changed.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

GENESIS = "0" * 64
#: What is hashed of an entry, in this order, as a JSON list: by its version.
HASHED = {
    1: ("case_id", "seq", "at", "what", "element", "who", "detail", "previous"),
    2: ("version", "case_id", "seq", "at", "what", "element", "post_id", "who", "detail", "previous"),
}

if TYPE_CHECKING:  # Python 3.8 cannot read it
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


def leaf(row: Row) -> bytes:
    """The hash of the end of a record in the tree of a checkpoint (RFC 6962, section 2.1)."""
    end = json.dumps([row["case_id"], row["seq"], row["head"]])
    return hashlib.sha256(b"\x00" + end.encode()).digest()


def root(leaves: list[bytes]) -> str:
    """The root over all leaves; one without a neighbour goes up unchanged."""
    level = leaves or [hashlib.sha256(b"").digest()]
    while len(level) > 1:
        pairs = [level[at : at + 2] for at in range(0, len(level), 2)]
        level = [hashlib.sha256(b"\x01" + b"".join(p)).digest() if len(p) == 2 else p[0] for p in pairs]
    return level[0].hex()


def signed_text(row: Row) -> str:
    """What is signed of a checkpoint."""
    told = (row["number"], row["at"], row["cases"], row["root"], row["previous"])
    return "\n".join(("tendover checkpoint 1", *map(str, told), ""))


def check_signed(found: Found) -> Iterator[str]:
    """Every checkpoint whose hashes do not fit, and every signed end that is not in its record any more."""
    hashes = {(entry["case_id"], entry["seq"]): entry["hash"] for entry in found.entries}
    ends: dict[int, bytes] = {}
    new: dict[int, list[Row]] = {}
    for row in found.leaves:
        new.setdefault(row["number"], []).append(row)
        case_id, seq = row["case_id"], row["seq"]
        if hashes.get((case_id, seq)) != row["head"]:
            yield f"checkpoint {row['number']}: case {case_id}, entry {seq} is not the one signed"
    previous = GENESIS
    for count, row in enumerate(sorted(found.checkpoints, key=lambda one: one["number"]), start=1):
        if row["number"] != count or row["previous"] != previous:
            yield f"checkpoint {count}: does not follow the one before it"
            return
        ends |= {one["case_id"]: leaf(one) for one in new.get(count, [])}
        last = count == len(found.checkpoints)
        if row["cases"] != len(ends) or (last and row["root"] != root([ends[each] for each in sorted(ends)])):
            yield f"checkpoint {count}: the ends of the records are not those that were signed"
        previous = hashlib.sha256(signed_text(row).encode()).hexdigest()


class Found:
    """What the files hold."""

    def __init__(self) -> None:
        self.entries: list[Row] = []
        self.heads: dict[int, tuple[int, str]] = {}
        self.checkpoints: list[Row] = []
        self.leaves: list[Row] = []

    def take_in(self, row: Row) -> None:
        """A row of any of the four tables, known by its columns; others are passed over."""
        if "journal_head" in row:
            self.heads[row["id"]] = (row["journal_seq"], row["journal_head"])
        elif "root" in row and "signature" in row:
            self.checkpoints.append(row)
        elif "head" in row and "number" in row:
            self.leaves.append(row)
        elif "hash" in row and "previous" in row:
            self.entries.append(row)


def read(file: Path, found: Found) -> None:
    """Add what a file holds."""
    rows = _database(file) if file.read_bytes()[:15] == b"SQLite format 3" else _lines(file)
    for row in rows:
        found.take_in(row)


def _lines(file: Path) -> Iterator[Row]:
    for line in file.read_text("utf-8").split("\n"):
        if line.strip():
            yield json.loads(line)


def _database(file: Path) -> Iterator[Row]:
    connection = sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)
    try:
        connection.row_factory = sqlite3.Row
        there = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        for table in ("journal", "case", "checkpoint", "checkpoint_leaf"):
            if table in there:
                yield from (dict(row) for row in connection.execute(f'SELECT * FROM "{table}"'))  # noqa: S608
    finally:
        connection.close()


def main(files: list[str]) -> int:
    """Check the files together; print every fault."""
    found = Found()
    for name in files:
        read(Path(name), found)
    faults = [*check(found.entries, found.heads), *check_signed(found)]
    cases = {entry["case_id"] for entry in found.entries} | set(found.heads)
    said = f"{len(faults)} faults" if faults else "no fault"
    unknown = len(cases - set(found.heads))
    note = (
        f" ({unknown} of them without a remembered end: a cut tail would not be noticed)" if unknown else ""
    )
    sys.stdout.write("".join(f"{fault}\n" for fault in faults))
    if found.checkpoints:
        last = max(found.checkpoints, key=lambda one: one["number"])
        sys.stdout.write(f"checkpoint {last['number']} over {last['cases']} cases, {last['root']}\n")
    sys.stdout.write(f"{len(found.entries)} entries of {len(cases)} cases{note}: {said}\n")
    return 1 if faults or not files else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
