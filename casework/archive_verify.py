"""Checks the archive package of a case without Tendover: `python archive_verify.py package.zip`, or a folder.

Standard library only, so that an archive, a court or the other party can run it on any machine with Python
3.8 or later; a copy lies in every package as verify.py. Whoever doubts that copy takes this file from the
program itself. `--key HEX` also demands that checkpoint and package were signed with this key, which the
bureau publishes: without it somebody else may have signed. Exit 1: something is missing, changed or added.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import sys
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

FORM = "tendover archive 2"
GENESIS = "0" * 64
#: What is not part of the contents: who exported it, the lists, and the signature over them.
ABOUT_THE_EXPORT = ("export.json", "manifest.json", "contents.txt", "signature.json")
#: What is hashed of an entry of the record, in this order, as a JSON list: by its version.
HASHED = {
    1: ("case_id", "seq", "at", "what", "element", "who", "detail", "previous"),
    2: ("version", "case_id", "seq", "at", "what", "element", "post_id", "who", "detail", "previous"),
}
UNREADABLE = (KeyError, TypeError, ValueError, IndexError, AttributeError, OSError, zipfile.BadZipFile)
SIGNED = ("submitted", "completed")
ISSUED = ("issued", "corrected")
_FINGERPRINT = re.compile(r'name="Fingerprint"[^>]*><vt:lpwstr>([0-9a-f]{64})</vt:lpwstr>')

if TYPE_CHECKING:  # Python 3.8 cannot read them
    Row = Mapping[str, Any]
    Point = tuple[int, int, int, int]


class Package:
    """The files of a package, in a zip or unpacked in a folder; nothing it says of itself is believed."""

    def __init__(self, place: Path) -> None:
        self._folder = place if place.is_dir() else None
        self._zip = None if self._folder else zipfile.ZipFile(place)
        self.twice: list[str] = []
        self.names = self._listed()

    def _listed(self) -> list[str]:
        if self._folder is not None:
            inside = (path for path in sorted(self._folder.rglob("*")) if path.is_file())
            return [path.relative_to(self._folder).as_posix() for path in inside]
        names = [one.filename for one in self._zip.infolist() if not one.is_dir()] if self._zip else []
        same = Counter(name.lower() for name in names)  # unpacked on Windows one would hide the other
        self.twice = sorted({name for name in names if same[name.lower()] > 1})
        return sorted(set(names))

    def close(self) -> None:
        """Let go of the file."""
        if self._zip is not None:
            self._zip.close()

    def read(self, name: str) -> bytes:
        """One file, whole."""
        if self._folder is not None:
            return (self._folder / name).read_bytes()
        return b"" if self._zip is None else self._zip.read(name)

    def hashed(self, name: str) -> tuple[str, int]:
        """Its SHA-256 and how long it is, read piece by piece."""
        whole, size = hashlib.sha256(), 0
        opened = (self._folder / name).open("rb") if self._folder else self._zip and self._zip.open(name)
        if not opened:
            return "", 0
        with opened as stream:
            while block := stream.read(1 << 20):
                whole.update(block)
                size += len(block)
        return whole.hexdigest(), size

    def json(self, name: str) -> Any:
        """A file of JSON; its numbers as they are written."""
        return json.loads(self.read(name).decode("utf-8"), parse_float=str)


def listing(files: Iterable[tuple[str, str]]) -> bytes:
    """All contents, a line `sha256  path` for each in the order of the paths: contents.txt."""
    return "".join(f"{digest}  {name}\n" for name, digest in sorted(files)).encode()


def signed_text(case: str, contents: str) -> bytes:
    """What the bureau signs at the export."""
    return f"tendover archive signature 1\n{case}\n{contents}\n".encode()


# -- 1. every file is there, unchanged, and none is added ---------------------------------------------------


def check_files(package: Package) -> Iterator[str]:
    """Against the manifest."""
    manifest = package.json("manifest.json")
    listed: dict[str, Row] = {one["path"]: one for one in manifest["files"]}
    if manifest.get("form") != FORM:
        yield f"manifest.json: form {manifest.get('form')} is not {FORM}"
    yield from (f"{name}: stands twice in the package" for name in package.twice)
    there = set(package.names) - {"manifest.json"}
    for name in sorted(there - set(listed)):
        yield f"{name}: not listed in the manifest"
    found = {}
    for name, one in sorted(listed.items()):
        if name.startswith("/") or ".." in name.split("/") or "\\" in name:
            yield f"{name}: not a path inside the package"
        elif name not in there:
            yield f"{name}: missing"
        else:
            found[name], size = package.hashed(name)
            if (found[name], size) != (one["sha256"], one["size"]):
                yield f"{name}: changed ({size} bytes, SHA-256 {found[name]})"
    inside = [(name, one["sha256"]) for name, one in listed.items() if name not in ABOUT_THE_EXPORT]
    if hashlib.sha256(listing(inside)).hexdigest() != manifest.get("content"):
        yield "manifest.json: the hash over all contents is another one"


# -- 2. the record is whole, and the case ends where it says ------------------------------------------------


def digest(entry: Row) -> str:
    """The hash of an entry over its stored texts; none for a form nobody knows."""
    names = HASHED.get(int(entry.get("version", 1)))
    if names is None:
        return ""
    text = json.dumps([entry[name] for name in names], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def record(package: Package) -> list[Row]:
    """The entries of the record."""
    lines = package.read("record/journal.jsonl").decode("utf-8").split("\n")
    return [json.loads(line) for line in lines if line.strip()]


def check_record(package: Package) -> Iterator[str]:
    """Entry by entry."""
    case, previous, form, entries = package.json("case.json"), GENESIS, 1, record(package)
    for count, entry in enumerate(entries, start=1):
        where = f"record/journal.jsonl, entry {count}"
        if entry["seq"] != count or entry["case_id"] != case["id"]:
            yield f"{where}: missing, out of order or of another case"
            return
        if entry["previous"] != previous:
            yield f"{where}: does not follow the entry before it"
        if int(entry["version"]) < form or entry["hash"] != digest(entry):
            yield f"{where}: changed after it was written"
        previous, form = entry["hash"], int(entry["version"])
    if (case["record"]["entries"], case["record"]["head"]) != (len(entries), previous):
        yield "case.json: the end of the record is not the one the case remembers"


# -- 3. the record ends as the office signed it -------------------------------------------------------------


def check_checkpoint(package: Package, key: str = "") -> Iterator[str]:
    """The end of the record, the path to the root of the tree (RFC 6962), the signature (RFC 8032)."""
    proof, entries = package.json("record/checkpoint.json"), record(package)
    signed, end = proof["checkpoint"], proof["end"]
    last = entries[-1] if entries else {"case_id": 0, "seq": 0, "hash": ""}
    if (end["case_id"], end["seq"], end["head"]) != (last["case_id"], last["seq"], last["hash"]):
        yield "record/checkpoint.json: what was signed is not the end of this record"
    node = hashlib.sha256(b"\x00" + json.dumps([end["case_id"], end["seq"], end["head"]]).encode()).digest()
    for side, other in proof["path"]:
        pair = (bytes.fromhex(other), node) if side == "left" else (node, bytes.fromhex(other))
        node = hashlib.sha256(b"\x01" + b"".join(pair)).digest()
    if node.hex() != signed["root"]:
        yield "record/checkpoint.json: the path does not lead to the root that was signed"
    told = (signed["number"], signed["at"], signed["cases"], signed["root"], signed["previous"])
    text = "\n".join(("tendover checkpoint 1", *map(str, told), "")).encode()
    if not ed25519_holds(bytes.fromhex(signed["key"]), text, bytes.fromhex(signed["signature"])):
        yield "record/checkpoint.json: the signature does not hold"
    if key and key.lower() != signed["key"].lower():
        yield f"record/checkpoint.json: signed with the key {signed['key']}, not with {key}"


# -- 4. what is shown is what was signed --------------------------------------------------------------------


def check_answers(package: Package) -> Iterator[str]:
    """Answers against the record; attachments against the answers."""
    steps = [step for step in package.json("answers.json")["steps"] if step["status"] == "done"]
    recorded: dict[int, Row] = {}
    for entry in record(package):
        if entry["what"] in SIGNED:
            fact = json.loads(entry["detail"], parse_float=str)
            recorded[fact["step"]] = fact
    for step in steps:
        fact = recorded.pop(step["id"], {"answers": None})
        if step["answers"] != fact["answers"]:
            yield f"answers.json: the answers of step {step['id']} are not those that were signed"
        yield from _check_attachments(package, step, fact.get("files") or {})
    yield from (f"answers.json: step {step_id}, which was signed, is missing" for step_id in recorded)


def _check_attachments(package: Package, step: Row, signed: Mapping[str, str]) -> Iterator[str]:
    """`signed`: the SHA-256 of each as the record has it; records before 2026-11-26 name no bytes."""
    kept = {str(one["id"]): one for one in step["attachments"]}
    for one in _files(step["answers"]):
        file = kept.get(str(one["id"]))
        if file is None or file["path"] not in package.names:
            yield f"answers.json: step {step['id']}: the attachment {one['name']} is missing"
        elif (file["name"], file["size"]) != (one["name"], one["size"]):
            yield f"{file['path']}: not the attachment {one['name']} of {one['size']} bytes"
        elif str(one["id"]) in signed and package.hashed(file["path"])[0] != signed[str(one["id"])]:
            yield f"{file['path']}: not the bytes that were signed"


def _files(answers: Any) -> Iterator[Row]:
    """What looks like an attachment among the answers of a step, at its first level."""
    for value in (answers or {}).values():
        for one in value if isinstance(value, list) else ():
            if isinstance(one, dict) and set(one) >= {"id", "name", "size"}:
                yield one


# -- 5. each paper says what was issued ---------------------------------------------------------------------


def check_papers(package: Package) -> Iterator[str]:
    """Fingerprint over data and template, in the record and inside the Word file."""
    issued = {}
    for entry in record(package):
        if entry["what"] in ISSUED:
            fact = json.loads(entry["detail"])
            issued[fact["paper"]] = fact["fingerprint"]
    for paper in package.json("papers.json")["papers"]:
        name, template = f"papers.json: {paper['code']} {paper['number']}", paper["template_sha256"]
        said = hashlib.sha256(f"{template}\n{paper['data']}".encode()).hexdigest()
        if said != paper["fingerprint"]:
            yield f"{name}: does not say what its fingerprint covers"
        if issued.pop(paper["id"], None) != paper["fingerprint"]:
            yield f"{name}: not the paper that the record names"
        if package.hashed(f"papers/templates/{template}.docx")[0] != template:
            yield f"{name}: its template is another one"
        if _inside(package.read(paper["files"]["docx"])) != paper["fingerprint"]:
            yield f"{paper['files']['docx']}: another paper's Word file"
    yield from (f"papers.json: paper {paper_id}, which the record names, is missing" for paper_id in issued)


def _inside(docx: bytes) -> str:
    """The fingerprint that a Word file bears."""
    with zipfile.ZipFile(io.BytesIO(docx)) as word:
        found = _FINGERPRINT.search(word.read("docProps/custom.xml").decode("utf-8"))
    return found[1] if found else ""


# -- 6. all of it is what the bureau exported ---------------------------------------------------------------


def check_signature(package: Package, key: str = "") -> Iterator[str]:
    """The signature over the hash of all contents, with the key of the checkpoint."""
    manifest, signed = package.json("manifest.json"), package.json("signature.json")
    text = signed_text(manifest["case"], manifest["content"])
    if hashlib.sha256(package.read("contents.txt")).hexdigest() != manifest["content"]:
        yield "contents.txt: does not list the contents"
    if manifest["case"] != package.json("case.json")["number"]:
        yield "manifest.json: names another case"
    if not ed25519_holds(bytes.fromhex(signed["key"]), text, bytes.fromhex(signed["signature"])):
        yield "signature.json: the signature does not hold"
    wanted = key or package.json("record/checkpoint.json")["checkpoint"]["key"]
    if wanted.lower() != signed["key"].lower():
        yield f"signature.json: signed with the key {signed['key']}, not with {wanted}"


# -- Ed25519 (RFC 8032, section 5.1), verification only -----------------------------------------------------

P, Q = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D, ROOT = -121665 * pow(121666, P - 2, P) % P, pow(2, (P - 1) // 4, P)


def _add(a: Point, b: Point) -> Point:
    left, right = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    both, depth = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = right - left, depth - both, depth + both, right + left
    return e * f % P, g * h % P, f * g % P, e * h % P


def _times(number: int, point: Point) -> Point:
    found: Point = (0, 1, 1, 0)
    while number:
        if number & 1:
            found = _add(found, point)
        point, number = _add(point, point), number >> 1
    return found


def _point(data: bytes) -> Point | None:
    """The point of 32 bytes; None when there is none."""
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if y >= P or (x * x - square) % P or (not x and sign):
        return None
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


BASE = _point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def ed25519_holds(key: bytes, text: bytes, signature: bytes) -> bool:
    """Whether the owner of this public key signed this text."""
    if len(key) != 32 or len(signature) != 64 or BASE is None:
        return False
    public, point, scalar = _point(key), _point(signature[:32]), int.from_bytes(signature[32:], "little")
    if public is None or point is None or scalar >= Q:
        return False
    mixed = int.from_bytes(hashlib.sha512(signature[:32] + key + text).digest(), "little") % Q
    left, right = _times(scalar, BASE), _add(point, _times(mixed, public))
    same_x = (left[0] * right[2] - right[0] * left[2]) % P == 0
    return same_x and (left[1] * right[2] - right[1] * left[2]) % P == 0


# -- all of it ----------------------------------------------------------------------------------------------

PROVES = {
    "files": "文件与清单一致，没有改动、缺失、添加。Every file is listed; none is changed, missing or added.",
    "record": "办理记录逐条相连，自立案至办结。The record is an unbroken chain from opening to end.",
    "checkpoint": "签署检查点时记录的末条已经存在。The record's end existed when the checkpoint was signed.",
    "answers": "填报内容和附件与记录在案的一致。Answers and attachments are those in the record.",
    "papers": "文书内容与记录在案的指纹相符。What each paper says is what its recorded fingerprint covers.",
    "signature": "全部内容就是导出时签署的内容。All contents are those that were signed at the export.",
}


def check(place: Path, key: str = "") -> dict[str, list[str]]:
    """Every fault by what it concerns; an empty list: it holds."""
    package = Package(place)
    ways = {
        "files": check_files(package),
        "record": check_record(package),
        "checkpoint": check_checkpoint(package, key),
        "answers": check_answers(package),
        "papers": check_papers(package),
        "signature": check_signature(package, key),
    }
    found: dict[str, list[str]] = {}
    for name, way in ways.items():
        found[name] = []
        try:
            found[name].extend(way)
        except UNREADABLE as error:
            found[name].append(f"{name}: cannot be read: {type(error).__name__}: {error}")
    package.close()
    return found


def main(words: list[str]) -> int:
    """Check one package and say what that proves."""
    key = words[words.index("--key") + 1] if "--key" in words[:-1] else ""
    if "--key" in words and len(key) != 64:
        sys.stdout.write("--key: 应为 64 位十六进制数 64 hexadecimal digits are wanted\n")
        return 1
    places = [word for word in words if not word.startswith("-") and word != key]
    place = Path(places[0]) if places else Path(__file__).resolve().parent
    if not (zipfile.is_zipfile(place) if place.is_file() else (place / "manifest.json").is_file()):
        sys.stdout.write(f"{place}: 不是归档包 not an archive package\n")
        return 1
    found = check(place, key)
    for name, faults in found.items():
        sys.stdout.write(f"{'×' if faults else '√'} {PROVES[name]}\n")
        sys.stdout.write("".join(f"    {fault}\n" for fault in faults))
    if not (found["files"] or found["checkpoint"]):
        _say_limits(place, key)
    count = sum(map(len, found.values()))
    sys.stdout.write(f"{count} faults 处问题\n" if count else "no fault 未发现问题\n")
    return 1 if count else 0


def _say_limits(place: Path, key: str) -> None:
    """What a reader has to compare himself."""
    package = Package(place)
    signed, whole = package.json("record/checkpoint.json")["checkpoint"], package.json("manifest.json")
    package.close()
    sys.stdout.write(
        f"检查点 checkpoint {signed['number']} {signed['at']}\n  root {signed['root']}\n"
        f"  key  {signed['key']}\n内容校验值 contents {whole['content']}\n"
    )
    if not key:
        sys.stdout.write(
            "！没有核对公钥：请将上列公钥与本局公布的比对，或者用 --key 核对。\n"
            "! Whoever holds this key has signed: compare it with the bureau's, or give that with --key.\n"
        )


if __name__ == "__main__":
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8")
    sys.exit(main(sys.argv[1:]))
