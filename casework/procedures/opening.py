"""Opening a folder of workflows/: every file read, everything that would not run named."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from casework import deadlines, forms, papers, yaml
from casework.engine import decisions, drawing, expressions, feel
from casework.engine.findings import Finding, Refused
from casework.procedures import heading, publishing, standing_still, taken_over, unreadable, watching
from casework.procedures.procedure import Check, Party, Procedure

#: What every expression of a procedure may read besides the answers (casework/cases/facts.py gives them).
FACTS = frozenset(
    {
        "project",
        "starter",
        "district",
        "profile",
        "case",
        "party",
        "item",
        "pending",
        "refused",
        "items",
        "enterprises",
        "agencies",
        "papers",
        "fingerprints",
        "attached",
        "colleagues",
        "sitting",
        "ballot",
        "sheet",
        "specialities",
        "concerned",
        "concerning",
        "told",
        "progress",
        "questions",
        "opened_bids",
        "said_at_opening",
        "signals",
        "developers",
        "units",
        "localities",
        "own_projects",
    }
)
#: Functions the office adds to FEEL (casework/cases/asking.py).
FUNCTIONS = frozenset(
    {
        *("deadline", "standing", "today", "now", "rooms", "rooms_judged", "agreement", "eligible"),
        *("bidder", "keepers", "organisation", "tender_method", "permit", "yuan", "dated"),
        *("project_rooms", "project_facilities", "project_facility"),
        *("nearby_projects", "project_named", "area_mates", "merger_unfit"),
    }
)
#: What a drawing may ask of the office (casework/cases/effects.py carries it out; a test compares the two).
EFFECTS = frozenset(
    {
        "issue paper",
        "withdraw paper",
        "lapse paper",
        "publish notice",
        "send letter",
        "check standing",
        "table items",
        "tally stamps",
        "record",
        "tell case",
        "open procedure",
        "open case",
        "record standing",
        "lift standing",
        "open bidding",
        "amend bidding",
        "suspend bidding",
        "resume bidding",
        "close bidding",
        "open bids",
        "entrust",
        "record violation",
        "settle violation",
        "register project",
        "record area",
        "register parts",
        "hand over rooms",
        "list facilities",
        "note facilities",
        "stop bidding",
        "read bid",
        "fix pool",
        "draw experts",
        "replace expert",
        "check bids",
        "tally scores",
        "draft report",
        "count signatures",
    }
)
TEXTS = (".yaml", ".bpmn", ".dmn", ".form", ".md")


class BadFolder(Exception):
    """The folder would not run; each finding names file, place and reason."""

    def __init__(self, key: str, findings: list[tuple[str, Finding]]) -> None:
        self.key, self.findings = key, findings
        super().__init__("\n".join(_line(f"{key}/{file}", finding) for file, finding in findings))


def _line(file: str, finding: Finding) -> str:
    place = f"{file}:{finding.line}" if finding.line else file
    element = "" if finding.element in {"", Path(file).name} else f" {finding.element}"
    return f"{place}{element}: {finding.zh} / {finding.en}"


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


def open_frozen(key: str, files: Mapping[str, bytes]) -> Procedure:
    """A version that was checked when it was frozen: what this program no longer knows makes it `outdated`.

    It can then be read, never carried on; BadFolder when not even that.
    """
    try:
        return open_files(key, files)
    except BadFolder as bad:
        try:
            return _opened(key, files, tuple(finding for _file, finding in bad.findings))
        except (BadFolder, KeyError, TypeError, ValueError):
            raise bad from None


def open_files(key: str, files: Mapping[str, bytes]) -> Procedure:
    """Read and check a folder's files; BadFolder names everything that would not run."""
    procedure = _opened(key, files)
    bad = [("process.bpmn" if f.line else "procedure.yaml", f) for f in _loose_ends(procedure)]
    if bad:
        raise BadFolder(key, bad)
    return procedure


def _opened(key: str, files: Mapping[str, bytes], outdated: tuple[Finding, ...] = ()) -> Procedure:
    """The folder as it stands; of one that is `outdated` the vocabulary is not asked again."""
    about = _mapping(key, files, "procedure.yaml")
    texts = {str(k): str(v) for k, v in _mapping(key, files, "texts.en.yaml", needed=False).items()}
    ocds = _mapping(key, files, "ocds.yaml", needed=False)
    bad: list[tuple[str, Finding]] = [("procedure.yaml", f) for f in heading.findings(about, texts)]
    bad += [("ocds.yaml", f) for f in (publishing.findings(ocds) if ocds else ())]
    if bad and not outdated:
        raise BadFolder(key, bad)
    bad.clear()
    tables = _tables(files, bad)
    asked = _forms(files, bad)
    keeps = frozenset(about.get("keeps") or ()) | _names_of(about) | publishing.names(ocds) - FACTS
    known = FACTS | keeps | heading.heard(about) | {name for form in asked.values() for name in form.keys}
    try:
        flow = drawing.open(
            files.get("process.bpmn", b""),
            decisions=tables,
            keep=keeps,
            known=None if outdated else known,
            functions=None if outdated else FUNCTIONS,
            effects=None if outdated else EFFECTS,
            forms=asked,
        )
    except Refused as refused:
        bad += [("process.bpmn", f) for f in refused.findings if f.level == "error"]
    else:
        bad += [] if outdated else _form_findings(asked, known | expressions.written(flow.elements))
    if bad:
        raise BadFolder(key, bad)
    with _lacking(key):
        return Procedure(
            key=key,
            files=files,
            about=about,
            flow=flow,
            forms=asked,
            texts={f.title.zh: f.title.en for f in asked.values() if f.title.en} | texts,
            parties={lane: _party(lane, p) for lane, p in (about.get("parties") or {}).items()},
            deadlines={n: _rule(n, rule) for n, rule in (about.get("deadlines") or {}).items()},
            checks=tuple(_check(c) for c in about.get("checks") or ()),
            papers={code: _paper(code, p, files) for code, p in (about.get("papers") or {}).items()},
            concerns=heading.concerns(about),
            shows={name: feel.compile(text) for name, text in (about.get("shows") or {}).items()},
            publishing=publishing.read(ocds),
            life=heading.life(about),
            watching=watching.read(about.get("watched")),
            suspended=standing_still.suspended(about.get("suspended")),
            stands_still=standing_still.stands_still(about.get("stands_still")),
            outcome=heading.outcome(about),
            unnamed=heading.unnamed(about),
            takes_over=taken_over.read(about.get("takes_over")),
            outdated=outdated,
        )


@contextmanager
def _lacking(key: str) -> Iterator[None]:
    """An entry that lacks a part, or a period that cannot be, is named like every other fault."""
    try:
        yield
    except KeyError as lacks:
        name = str(lacks.args[0])
        finding = Finding(0, "", "missing", "error", f"有一项没有写“{name}”", f"an entry has no {name}")
        raise BadFolder(key, [("procedure.yaml", finding)]) from None
    except deadlines.BadRule as wrong:
        finding = Finding(0, "deadlines", "deadline", "error", wrong.zh, wrong.en)
        raise BadFolder(key, [("procedure.yaml", finding)]) from None


def _mapping(key: str, files: Mapping[str, bytes], name: str, *, needed: bool = True) -> dict[str, Any]:
    if name not in files and not needed:
        return {}
    if name not in files:
        missing = Finding(0, name, "missing", "error", f"缺少文件 {name}", f"{name} is missing")
        raise BadFolder(key, [(name, missing)])
    try:
        found = yaml.read(files[name].decode("utf-8-sig"))
    except (UnicodeDecodeError, yaml.Unreadable) as error:
        raise BadFolder(key, [(name, unreadable.text(error))]) from None
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
            bad.append((name, unreadable.form(error)))
            continue
        found[Path(name).stem] = form
    return found


def _form_findings(asked: Mapping[str, forms.Form], known: frozenset[str]) -> Iterator[tuple[str, Finding]]:
    """What would not work in the forms, now that it is known what their expressions may read."""
    for name, form in asked.items():
        for f in form.lint(known):
            if f.level == "error":
                yield f"forms/{name}.form", Finding(0, f.id, f.code, f.level, f.zh, f.en)


def _names_of(about: Mapping[str, Any]) -> frozenset[str]:
    """The names that the FEEL texts of procedure.yaml read: they must stay case variables.

    `concerns`, `watched`, `stands_still`, `takes_over` read what cases show, which is read here as `shows`.
    """
    names: set[str] = set()
    for _place, text in heading.feel_texts(
        {k: v for k, v in about.items() if k not in {"concerns", "watched", "stands_still", "takes_over"}}
    ):
        names |= feel.compile(text).names
    return frozenset(names) - FACTS


def _party(lane: str, part: Mapping[str, Any]) -> Party:
    return Party(lane, feel.compile(str(part["organisation"])), tuple(part.get("roles") or ("handler",)))


def _check(part: Mapping[str, Any]) -> Check:
    says, says_en = (feel.compile(str(part[key])) if part.get(key) else None for key in ("says", "says_en"))
    return Check(
        name=part["name"],
        title=part["title"],
        ok=feel.compile(str(part["ok"])),
        says=says,
        says_en=says_en,
        basis=str(part.get("basis", "")),
        steps=frozenset(part.get("steps") or ()),
    )


def _rule(name: str, part: Mapping[str, Any]) -> deadlines.Rule:
    try:
        return deadlines.Rule.read(part)
    except deadlines.BadRule as wrong:
        raise deadlines.BadRule(name, *wrong.said) from None


def _paper(code: str, part: Mapping[str, Any], files: Mapping[str, bytes]) -> papers.Kind:
    template = str(part["template"])
    return papers.Kind(
        code=code,
        title=str(part["title"]),
        template=template,
        docx=files.get(f"papers/{template}.docx", b""),
        series=str(part.get("series", "")),
        requires=tuple(part.get("requires") or ()),
        office=str(part.get("office") or ""),
        readers=tuple(part.get("readers") or ()),
        basis=str(part.get("basis") or ""),
        unnamed=part.get("unnamed") is True,
    )


def _loose_ends(procedure: Procedure) -> Iterator[Finding]:
    """What the drawing asks for and the folder does not have."""
    for element in procedure.flow.elements.values():
        if element.kind == "userTask":
            yield from _loose_task(procedure, element)
        for paper in element.properties.get("paper", "").split():
            if paper not in procedure.papers:
                yield _loose(element, f"文书 {paper} 未登记", f"paper {paper} is not listed")
    for kind in procedure.papers.values():
        yield from _loose_paper(kind)
    yield from _loose_watchers(procedure)
    yield from _loose_rests(procedure)
    if procedure.asks not in procedure.forms:
        yield Finding(
            0, "asks", "form", "error", f"表单 {procedure.asks} 不存在", f"no form {procedure.asks}"
        )


def _loose_paper(kind: papers.Kind) -> Iterator[Finding]:
    file = f"papers/{kind.template}.docx"
    if (kind.readers or kind.unnamed) and not kind.basis:
        zh, en = "不公开的文书应写依据 basis", "a paper that not everybody may open says its basis"
        yield Finding(0, kind.code, "paper", "error", zh, en)
    if not kind.docx:
        yield Finding(0, kind.code, "paper", "error", f"没有文件 {file}", f"there is no file {file}")
        return
    try:
        papers.check(kind)
    except papers.BadTemplate as bad:
        yield Finding(0, kind.code, "paper", "error", f"{file}：{bad}", f"{file}: {bad}")


def _loose_watchers(procedure: Procedure) -> Iterator[Finding]:
    named = {"watches": tuple(procedure.about.get("watches") or ())}
    named |= {f"papers.{code}.readers": kind.readers for code, kind in procedure.papers.items()}
    for place, lanes in named.items():
        for lane in lanes:
            if lane not in procedure.parties:
                zh, en = f"parties 中没有“{lane}”", f"{lane} is not one of the parties"
                yield Finding(0, place, "party", "error", zh, en)


def _loose_rests(procedure: Procedure) -> Iterator[Finding]:
    """A step that is to rest, or shows a check, and is nowhere in the drawing: it would do neither."""
    named = {f"checks.{check.name}.steps": check.steps for check in procedure.checks}
    for place, part in (("suspended", procedure.suspended), ("stands_still", procedure.stands_still)):
        if part:
            named[f"{place}.steps"] = part.steps | getattr(part, "acts", frozenset())
    for place, steps in named.items():
        for step in sorted(steps - procedure.flow.elements.keys()):
            zh, en = f"流程图中没有“{step}”", f"the drawing has no {step}"
            yield Finding(0, place, "step", "error", zh, en)


def _loose_task(procedure: Procedure, element: drawing.Element) -> Iterator[Finding]:
    if element.form and element.form not in procedure.forms:
        yield _loose(element, f"表单 {element.form} 不存在", f"there is no form {element.form}")
    offline = element.properties.get("offline", "true")
    if offline != "true" or ("offline" in element.properties and "room" in element.properties):
        zh = f"offline 只能为 true，且不能与 room 同用，现为“{offline}”"
        yield _loose(element, zh, f"offline says true and does not go with room, not “{offline}”")
    lane = element.properties.get("party", "") or element.lane or ""
    if not lane.startswith("=") and lane not in procedure.parties:
        yield _loose(element, f"泳道“{lane}”未在 parties 中指定单位", f"lane {lane} has no organisation")


def _loose(element: drawing.Element, zh: str, en: str) -> Finding:
    return Finding(element.line, element.id, "loose-end", "error", zh, en)
