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
import io
import json
import secrets
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # Python 3.8 cannot read it
    Record = Mapping[str, Any]

USAGE = """\
用法 / Usage:
  python draw_verify.py draw.json
    核对抽取数据并重新抽取：没有差异退出码为 0，有差异为 1，不能读取为 2
    check the record and draw again; exit 0 without a difference, 1 with one, 2 when it cannot be read
  python draw_verify.py --commit SECRET
    计算密数的承诺值（SHA-256） / the commitment of a secret
  python draw_verify.py --new
    生成密数和它的承诺值 / make a secret and its commitment
"""


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
        yield _both("抽取范围的校验值与固定时公布的不符", "the pool is not the one whose hash was fixed")
    void = not record["seed"]
    for one in record["secrets"]:
        if not (void and not one["secret"]) and sha256(one["secret"]) != one["commitment"]:
            yield _both(
                f"{one['party']}的密数与其承诺值不符",
                f"{_english(record, one['party'])}: the secret is not the one committed to",
            )
    if (
        not void
        and seed(fixed, [(one["party"], one["secret"]) for one in record["secrets"]]) != record["seed"]
    ):
        yield _both("种子值不是由抽取范围和各方密数算得", "the seed is not the hash of pool and secrets")
    if (None if void else draw(record["pool"], record["seed"])) != record["result"]:
        yield _both("抽取结果不是由该种子值抽得", "the result is not the one that this seed gives")
    sealed = {one["label"]: one["seal"] for one in record["pool"]["eligible"]}
    for label, code in (record.get("behind") or {}).get("codes", {}).items():
        if label in sealed and sealed[label] != seal(label, code, record["behind"]["salt"]):
            yield _both(
                f"抽取代码 {label} 的封签不属于专家 {code}", f"{label}: the seal is not that of expert {code}"
            )


def report(record: Record, faults: Sequence[str]) -> Iterator[str]:
    """What the record gives, line by line: who was drawn, then what differs."""
    yield _both(f"{record['case']}，第 {record['draw']} 次抽取", f"{record['case']}, draw {record['draw']}")
    if not record["seed"]:
        yield _both(
            "本次抽取作废：有承诺方未公开密数", "this draw is void: a party did not reveal its secret"
        )
    else:
        found = draw(record["pool"], record["seed"])
        for place, chinese, english in (("drawn", "正选", "Drawn"), ("reserves", "备选", "Reserve")):
            for order, one in enumerate(found[place], start=1):
                named = _both(_chinese(record, one["speciality"]), _english(record, one["speciality"]))
                yield f"{chinese} {english} {order}: {one['label']}  {named}"
    for fault in faults:
        yield f"× {fault}"
    if not faults:
        yield _both("核验结果：没有差异", "Result: no difference found")
    else:
        many = "difference" if len(faults) == 1 else "differences"
        yield _both(f"核验结果：有 {len(faults)} 处差异", f"Result: {len(faults)} {many} found")


def _both(chinese: str, english: str) -> str:
    return f"{chinese} / {english}"


def _chinese(record: Record, word: str) -> str:
    """What the record calls a speciality or a party; the word itself in a record that does not say."""
    return str((record.get("names") or {}).get(word, {}).get("zh", word))


def _english(record: Record, word: str) -> str:
    return str((record.get("names") or {}).get(word, {}).get("en", word))


def main(words: list[str]) -> int:
    """Check a record, or make a commitment."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(
            stream, io.TextIOWrapper
        ):  # a console without Chinese letters shows the English all the same
            stream.reconfigure(errors="replace")
    if words[:1] == ["--new"]:
        words = ["--commit", secrets.token_hex(16)]
        sys.stdout.write(f"{_both('密数', 'secret')}: {words[1]}\n")
    if words[:1] == ["--commit"] and len(words) == 2:
        sys.stdout.write(f"{_both('承诺值', 'commitment')}: {sha256(words[1])}\n")
        return 0
    if len(words) != 1:
        sys.stderr.write(USAGE)
        return 2
    try:
        record = json.loads(Path(words[0]).read_text("utf-8"))
        faults = list(check(record))
        said = list(report(record, faults))
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as why:
        sys.stderr.write(
            f"{_both('不能读取抽取数据', 'not a readable record of a draw')}: {words[0]} ({why})\n"
        )
        return 2
    sys.stdout.write("".join(f"{line}\n" for line in said))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
