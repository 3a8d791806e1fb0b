"""What whoever writes a folder may have overlooked: names that lead nowhere, and Chinese without its English.

Asked when folders are checked, not when a case goes on: a version that ran goes on running.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from casework import people, xml
from casework.procedures import names
from casework.procedures.procedure import Procedure

RETENTION = ("永久", "30年", "10年")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_QUOTED = re.compile(r'"([^"]*)"')
_PROFILE = re.compile(r"\bprofile\.([A-Za-z_]\w*)")
#: What a profile says of itself beside its values.
_ITSELF = frozenset({"values", "sources", "version", "place", "name", "name_en", "on"})
_NAMED = {"letter": "letters", "notice": "notices"}


def of(procedure: Procedure, rules: frozenset[str]) -> Iterator[str]:
    """Each in one sentence in both languages, with the file first; `rules`: what places give values to."""
    for place, said in _all(procedure, rules):
        yield f"{procedure.key}/{place}: {said}"


def _all(procedure: Procedure, rules: frozenset[str]) -> Iterator[tuple[str, str]]:
    about, files = procedure.about, procedure.files
    yield from (*_people(about), *_listed(about, files), *_asked(files), *_profile(files, rules))
    yield from names.of(procedure)


def untranslated(procedure: Procedure) -> Iterator[str]:
    """A remark for each sentence without English; the folder runs without."""
    for text in _untranslated(procedure):
        yield f"{procedure.key}/texts.en.yaml: 提醒：缺少英文：{text} / remark: no English for this sentence"


def unplayed(key: str, folder: Path) -> Iterator[str]:
    """A remark when no story plays the folder; `answers.yaml` alone is none."""
    if not any(path.name != "answers.yaml" for path in folder.glob("stories/*.yaml")):
        yield f"{key}/stories: 提醒：没有情景，没有试演过 / remark: no story, nobody has tried this procedure"


def _people(about: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Kinds of organisations and roles that there are not: nobody could ever act."""
    starts = about.get("starts") or {}
    given = [("starts", role) for role in starts.get("roles") or ()]
    for lane, party in (about.get("parties") or {}).items():
        given += [(f"parties.{lane}", role) for role in party.get("roles") or ()]
    for place, role in given:
        if role not in people.ROLES:
            yield "procedure.yaml", f"{place}: {_unknown('岗位', 'role', role, people.ROLES)}"
    for kind in starts.get("kinds") or ():
        if kind not in people.KINDS:
            yield (
                "procedure.yaml",
                f"starts: {_unknown('单位类别', 'kind of organisation', kind, people.KINDS)}",
            )
    if str(about.get("retention")) not in RETENTION:
        said = _unknown("保管期限", "retention period", about.get("retention"), RETENTION)
        yield "procedure.yaml", f"retention: {said}"


def _unknown(zh: str, en: str, given: Any, known: Iterable[str]) -> str:
    listed = "、".join(known)
    return f"没有“{given}”这个{zh}；可以写：{listed} / there is no {en} {given}; known: {listed}"


def _listed(about: Mapping[str, Any], files: Mapping[str, bytes]) -> Iterator[tuple[str, str]]:
    """Letters and notices of the list that have no file, in either language."""
    for kind in _NAMED.values():
        for name in about.get(kind) or ():
            for file in (f"{kind}/{name}.md", f"{kind}/{name}.en.md"):
                if file not in files:
                    yield "procedure.yaml", f"{kind}: 没有文件 {file} / there is no file {file}"


def _asked(files: Mapping[str, bytes]) -> Iterator[tuple[str, str]]:
    """Letters and notices that the drawing sends and publishes, and nobody has written."""
    for element in xml.read(files["process.bpmn"]).iter():
        kind, name = _NAMED.get(element.get("key") or ""), element.get("value") or ""
        if kind and name and not name.startswith("=") and f"{kind}/{name}.md" not in files:
            place = f"process.bpmn:{element.sourceline}"
            yield place, f"没有文件 {kind}/{name}.md / there is no file {kind}/{name}.md"


def _profile(files: Mapping[str, bytes], known: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Rule values that no place has."""
    for file, data in files.items():
        if file.endswith((".yaml", ".bpmn", ".form", ".dmn", ".md")):
            for name in sorted({*_PROFILE.findall(data.decode("utf-8-sig"))} - known - _ITSELF):
                yield file, f"地方规定（profiles）中没有“{name}” / no profile has a value {name}"


def _untranslated(procedure: Procedure) -> Iterator[str]:
    """Sentences of procedure.yaml and of the drawing that have no English."""
    said = list(sentences({**procedure.about, "life": None}))  # it bears its English itself
    for element in xml.read(procedure.files["process.bpmn"]).iter():
        said += [name for name in [" ".join((element.get("name") or "").split())] if _CHINESE.search(name)]
    return (text for text in dict.fromkeys(said) if text not in procedure.texts and text not in RETENTION)


def sentences(part: Any) -> Iterator[str]:
    """The Chinese of a YAML file: plain texts whole, of an expression only its quoted texts."""
    if isinstance(part, Mapping):
        for key, value in part.items():
            yield from sentences(key)
            yield from sentences(value)
    elif isinstance(part, list):
        for value in part:
            yield from sentences(value)
    elif isinstance(part, str):
        found = _QUOTED.findall(part) if part.startswith("=") else [part]
        yield from (text for text in found if _CHINESE.search(text))
