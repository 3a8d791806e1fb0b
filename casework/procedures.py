"""A procedure is a folder: this module opens it, checks it, and freezes the version a case began with."""

from __future__ import annotations

import hashlib
import io
import json
import threading
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import yaml
from sqlalchemy.orm import Mapped, mapped_column

from casework import deadlines, forms, papers
from casework.db import Base, Moment, db
from casework.engine import decisions, drawing, feel
from casework.engine.findings import Finding, Refused
from casework.errors import Unknown

#: What every expression of a procedure may read besides the answers (casework/cases/facts.py gives them).
FACTS = frozenset({"project", "starter", "district", "profile", "case", "party", "pending", "enterprises"})
#: Functions the office adds to FEEL (casework/cases/facts.py).
FUNCTIONS = frozenset({"deadline", "standing", "today", "now", "working days", "rooms", "agreement"})
TEXTS = (".yaml", ".bpmn", ".dmn", ".form", ".md")


class Version(Base):
    """A procedure folder as it was, kept for as long as a case began with it."""

    __tablename__ = "procedure_version"
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(60), index=True)
    sha256: Mapped[str] = mapped_column(sa.String(64), unique=True)
    archive: Mapped[bytes] = mapped_column(sa.LargeBinary)
    created_at: Mapped[datetime] = mapped_column(Moment)


class BadFolder(Exception):
    """The folder would not run; each finding names file, place and reason."""

    def __init__(self, key: str, findings: list[tuple[str, Finding]]) -> None:
        self.key, self.findings = key, findings
        super().__init__(
            "\n".join(f"{key}/{file}:{f.line} {f.element}: {f.zh} / {f.en}" for file, f in findings)
        )


@dataclass(frozen=True)
class Party:
    """A lane of the drawing: which organisation it is for a case, and which posts act for it."""

    lane: str
    organisation: feel.Expression
    roles: tuple[str, ...]


@dataclass(frozen=True)
class Check:
    """One line of 系统核验: a sentence with its legal source, and whether it holds."""

    name: str
    title: str
    ok: feel.Expression
    says: feel.Expression | None
    basis: str


@dataclass(frozen=True, eq=False)
class Procedure:
    """One folder of workflows/, checked: what a case of this kind is called, asks and produces."""

    key: str
    files: Mapping[str, bytes]
    about: Mapping[str, Any]
    flow: drawing.Drawing
    forms: Mapping[str, forms.Form]
    texts: Mapping[str, str]
    parties: Mapping[str, Party]
    deadlines: Mapping[str, deadlines.Rule]
    checks: tuple[Check, ...]
    papers: Mapping[str, papers.Kind]

    @cached_property
    def sha256(self) -> str:
        """What the folder says, in one number."""
        return fingerprint(self.files)

    @property
    def title(self) -> str:
        return str(self.about["title"])

    @property
    def code(self) -> str:
        """The letters a case number begins with."""
        return str(self.about["code"])

    @property
    def asks(self) -> str:
        """The form of the application."""
        return str(self.about["asks"])

    @cached_property
    def case_title(self) -> feel.Expression:
        return feel.compile(str(self.about["case_title"]))

    def says(self, chinese: str, lang: str) -> str:
        """A sentence of the folder in the reader's language."""
        return self.texts.get(chinese, chinese) if lang == "en" else chinese

    def text(self, name: str) -> str:
        """A notice or letter of the folder, as written."""
        if name not in self.files:
            raise Unknown
        return self.files[name].decode("utf-8")


# ------------------------------------------------------------------------------------------ opening


def read_folder(folder: Path) -> dict[str, bytes]:
    """The files of a folder that make the procedure, by their path inside it."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and not name.startswith("stories/") and path.suffix in {*TEXTS, ".docx"}:
            # a checkout on Windows may hold CRLF: the same folder must be the same version
            found[name] = (
                path.read_bytes().replace(b"\r\n", b"\n") if path.suffix in TEXTS else path.read_bytes()
            )
    return found


def open_files(key: str, files: Mapping[str, bytes]) -> Procedure:
    """Read and check a folder's files; BadFolder names everything that would not run."""
    about = _mapping(key, files, "procedure.yaml")
    texts = {str(k): str(v) for k, v in _mapping(key, files, "texts.en.yaml", needed=False).items()}
    bad: list[tuple[str, Finding]] = []
    tables = _tables(files, bad)
    asked = _forms(files, bad)
    keep = frozenset(about.get("keeps") or ()) | _names_of(about)
    try:
        flow = drawing.open(files.get("process.bpmn", b""), decisions=tables, keep=keep)
    except Refused as refused:
        bad += [("process.bpmn", f) for f in refused.findings if f.level == "error"]
    if bad:
        raise BadFolder(key, bad)
    procedure = Procedure(
        key=key,
        files=files,
        about=about,
        flow=flow,
        forms=asked,
        texts=texts,
        parties={lane: _party(lane, p) for lane, p in (about.get("parties") or {}).items()},
        deadlines={n: deadlines.Rule.read(rule) for n, rule in (about.get("deadlines") or {}).items()},
        checks=tuple(_check(c) for c in about.get("checks") or ()),
        papers={code: _paper(code, p, files) for code, p in (about.get("papers") or {}).items()},
    )
    bad = [("procedure.yaml", f) for f in _loose_ends(procedure)]
    if bad:
        raise BadFolder(key, bad)
    return procedure


def _mapping(key: str, files: Mapping[str, bytes], name: str, *, needed: bool = True) -> dict[str, Any]:
    if name not in files and not needed:
        return {}
    try:
        found = yaml.safe_load(files[name].decode("utf-8"))
    except (KeyError, UnicodeDecodeError, yaml.YAMLError) as error:
        finding = Finding(
            0, name, "unreadable", "error", f"无法读取 {name}：{error}", f"cannot read {name}: {error}"
        )
        raise BadFolder(key, [(name, finding)]) from None
    if not isinstance(found, dict):
        finding = Finding(0, name, "shape", "error", f"{name} 应为键值对照", f"{name} must be a mapping")
        raise BadFolder(key, [(name, finding)])
    return found


def _tables(files: Mapping[str, bytes], bad: list[tuple[str, Finding]]) -> list[decisions.Decisions]:
    found = []
    for name, data in files.items():
        if name.endswith(".dmn"):
            errors = [f for f in decisions.findings(data) if f.level == "error"]
            bad += [(name, f) for f in errors]
            if not errors:
                found.append(decisions.read(data))
    return found


def _forms(files: Mapping[str, bytes], bad: list[tuple[str, Finding]]) -> dict[str, forms.Form]:
    found = {}
    for name, data in files.items():
        if not name.endswith(".form"):
            continue
        try:
            form = forms.read(json.loads(data))
        except ValueError as error:
            bad.append((name, Finding(0, name, "unreadable", "error", f"表单无法读取：{error}", str(error))))
            continue
        bad += [
            (name, Finding(0, f.element, f.code, f.level, f.zh, f.en))
            for f in form.lint()
            if f.level == "error"
        ]
        found[Path(name).stem] = form
    return found


def _names_of(about: Mapping[str, Any]) -> frozenset[str]:
    """The names that the FEEL texts of procedure.yaml read: they must stay case variables."""
    names: set[str] = set()
    for text in _feel_texts(about):
        names |= feel.compile(text).names
    return frozenset(names) - FACTS


def _feel_texts(part: Any) -> Iterator[str]:
    if isinstance(part, str) and part.startswith("="):
        yield part
    elif isinstance(part, Mapping):
        for value in part.values():
            yield from _feel_texts(value)
    elif isinstance(part, list):
        for value in part:
            yield from _feel_texts(value)


def _party(lane: str, part: Mapping[str, Any]) -> Party:
    return Party(lane, feel.compile(str(part["organisation"])), tuple(part.get("roles") or ("handler",)))


def _check(part: Mapping[str, Any]) -> Check:
    says = feel.compile(str(part["says"])) if part.get("says") else None
    return Check(part["name"], part["title"], feel.compile(str(part["ok"])), says, str(part.get("basis", "")))


def _paper(code: str, part: Mapping[str, Any], files: Mapping[str, bytes]) -> papers.Kind:
    template = str(part["template"])
    return papers.Kind(
        code=code,
        title=str(part["title"]),
        template=template,
        docx=files.get(f"papers/{template}.docx", b""),
        series=str(part.get("series", "")),
        requires=tuple(part.get("requires") or ()),
    )


def _loose_ends(procedure: Procedure) -> Iterator[Finding]:
    """What the drawing asks for and the folder does not have."""
    for element in procedure.flow.elements.values():
        if element.kind == "userTask":
            yield from _loose_task(procedure, element)
        paper = element.properties.get("paper")
        if paper and paper not in procedure.papers:
            yield _loose(element, f"文书 {paper} 未登记", f"paper {paper} is not listed")
    for kind in procedure.papers.values():
        try:
            papers.check(kind)
        except papers.BadTemplate as bad:
            file = f"papers/{kind.template}.docx"
            yield Finding(0, kind.code, "paper", "error", f"{file}：{bad}", f"{file}: {bad}")
    if procedure.asks not in procedure.forms:
        yield Finding(
            0, "asks", "form", "error", f"表单 {procedure.asks} 不存在", f"no form {procedure.asks}"
        )


def _loose_task(procedure: Procedure, element: drawing.Element) -> Iterator[Finding]:
    if element.form and element.form not in procedure.forms:
        yield _loose(element, f"表单 {element.form} 不存在", f"there is no form {element.form}")
    lane = element.properties.get("party", "") or element.lane or ""
    if not lane.startswith("=") and lane not in procedure.parties:
        yield _loose(element, f"泳道“{lane}”未在 parties 中指定单位", f"lane {lane} has no organisation")


def _loose(element: drawing.Element, zh: str, en: str) -> Finding:
    return Finding(element.line, element.id, "loose-end", "error", zh, en)


# ----------------------------------------------------------------------------------------- versions

#: Opened once per process, shared read-only; by what the folder says, so that two databases share too.
_parsed: dict[str, Procedure] = {}
_frozen: dict[tuple[str, int], Procedure] = {}
_opening = threading.Lock()


def folders(*roots: Path) -> dict[str, Path]:
    """Every procedure folder; a later root wins over an earlier one (a city's own over ours)."""
    found: dict[str, Path] = {}
    for root in roots:
        if root.is_dir():
            found |= {p.parent.name: p.parent for p in sorted(root.glob("*/procedure.yaml"))}
    return found


def install(key: str, folder: Path, now: datetime) -> int:
    """Freeze what the folder says now as the version that new cases begin with; the caller commits."""
    files = read_folder(folder)
    procedure = _open_once(key, files)
    version_id = db.session.scalar(sa.select(Version.id).where(Version.sha256 == procedure.sha256))
    if version_id is None:
        version = Version(key=key, sha256=procedure.sha256, archive=_pack(files), created_at=now)
        db.session.add(version)
        db.session.flush()
        version_id = version.id
    return version_id


def of(version_id: int) -> Procedure:
    """The frozen procedure a case began with."""
    place = (str(db.engine.url), version_id)
    found = _frozen.get(place)
    if found is None:
        version = db.session.get(Version, version_id)
        if version is None:
            raise Unknown
        found = _frozen[place] = _open_once(version.key, _unpack(version.archive))
    return found


def current(key: str) -> int:
    """The id of the newest version of a procedure."""
    version_id = db.session.scalar(sa.select(sa.func.max(Version.id)).where(Version.key == key))
    if version_id is None:
        raise Unknown
    return version_id


def offered() -> list[Procedure]:
    """The newest version of every procedure, for the page on which an application begins."""
    newest = sa.select(sa.func.max(Version.id)).group_by(Version.key).order_by(Version.key)
    return [of(version_id) for version_id in db.session.scalars(newest)]


def _open_once(key: str, files: Mapping[str, bytes]) -> Procedure:
    sha256 = fingerprint(files)
    with _opening:
        if sha256 not in _parsed:
            _parsed[sha256] = open_files(key, files)
        return _parsed[sha256]


def fingerprint(files: Mapping[str, bytes]) -> str:
    """What a folder says, in one number."""
    whole = hashlib.sha256()
    for name, data in sorted(files.items()):
        whole.update(name.encode() + b"\0" + hashlib.sha256(data).digest())
    return whole.hexdigest()


def _pack(files: Mapping[str, bytes]) -> bytes:
    """A zip that is the same for the same files."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)
    return target.getvalue()


def _unpack(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
