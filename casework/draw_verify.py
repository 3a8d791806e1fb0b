"""Draws the experts again from a published record: `python draw_verify.py draw.json`.

Standard library only, so that anybody can run it anywhere. It checks the hash of the pool
and each secret against its commitment, makes the seed and draws by the same rule; exit 1 if anything differs.
`python draw_verify.py --commit SECRET` prints the commitment of a secret; `--new` also makes the secret.

The rule: seed = SHA-256 of the pool hash and `party:secret` of each party, in order, one a line. In each
speciality, in the order asked for, the eligible are ranked by SHA-256(seed|label), smallest first. Whoever is
drawn for one speciality is passed over in the next; then the reserves are drawn in the same way.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # Python 3.8 cannot read it
    Record = Mapping[str, Any]


def sha256(text: str) -> str:
    """The hash of a text, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def pool_hash(pool: Record) -> str:
    """The hash of everything that is fixed before anybody reveals a secret."""
    return sha256(json.dumps(pool, ensure_ascii=False, sort_keys=True, separators=(",", ":")))


def seed(fixed: str, brought: Sequence[tuple[str, str]]) -> str:
    """The seed that nobody could choose alone: `brought` is (party, secret) in the order of the record."""
    return sha256("\n".join([fixed, *(f"{party}:{secret}" for party, secret in brought)]))


def seal(label: str, code: str, salt: str) -> str:
    """What binds a label to a person of the register without naming the person."""
    return sha256(f"{label}|{code}|{salt}")


def draw(pool: Record, chosen: str) -> dict[str, list[dict[str, Any]]]:
    """Who is drawn and who is in reserve, each in the order of calling."""
    taken: set[str] = set()
    found: dict[str, list[dict[str, Any]]] = {"drawn": [], "reserves": []}
    for place in ("drawn", "reserves"):
        for demand in pool["demands"]:
            able = [
                one["label"]
                for one in pool["eligible"]
                if demand["speciality"] in one["specialities"] and one["label"] not in taken
            ]
            able.sort(key=lambda label: sha256(f"{chosen}|{label}"))
            for label in able[: demand["count"] if place == "drawn" else pool["reserves"]]:
                taken.add(label)
                found[place].append({"label": label, "speciality": demand["speciality"]})
    return found


def check(record: Record) -> Iterator[str]:
    """Every difference between the record and what its own parts give, in words."""
    fixed = pool_hash(record["pool"])
    if fixed != record["pool_hash"]:
        yield "the pool is not the one whose hash was fixed"
    for one in record["secrets"]:
        if sha256(one["secret"]) != one["commitment"]:
            yield f"{one['party']}: the secret is not the one committed to"
    if seed(fixed, [(one["party"], one["secret"]) for one in record["secrets"]]) != record["seed"]:
        yield "the seed is not the hash of pool and secrets"
    if draw(record["pool"], record["seed"]) != record["result"]:
        yield "the result is not the one that this seed gives"
    for label, code in (record.get("behind") or {}).get("codes", {}).items():
        sealed = {one["label"]: one["seal"] for one in record["pool"]["eligible"]}
        if label in sealed and sealed[label] != seal(label, code, record["behind"]["salt"]):
            yield f"{label}: the seal is not that of expert {code}"


def main(words: list[str]) -> int:
    """Check a record, or make a commitment."""
    if words[:1] == ["--new"]:
        words = ["--commit", secrets.token_hex(16)]
        sys.stdout.write(f"secret      {words[1]}\n")
    if words[:1] == ["--commit"] and len(words) == 2:
        sys.stdout.write(f"commitment  {sha256(words[1])}\n")
        return 0
    if len(words) != 1:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    record = json.loads(Path(words[0]).read_text("utf-8"))
    faults = list(check(record))
    sys.stdout.write("".join(f"{fault}\n" for fault in faults))
    for place in ("drawn", "reserves"):
        for order, one in enumerate(draw(record["pool"], record["seed"])[place], start=1):
            sys.stdout.write(f"{place} {order}: {one['label']} ({one['speciality']})\n")
    sys.stdout.write(f"{len(faults)} faults\n" if faults else "no fault\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
