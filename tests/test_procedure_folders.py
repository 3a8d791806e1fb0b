"""Every procedure folder is whole: what one file names, another one has; every Chinese sentence has its English."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from folders import (
    CHINESE,
    FOLDERS,
    STEP_FACTS,
    about,
    effects_facts,
    expressions,
    folders,
    heard,
    opened,
    questions,
    texts,
    variables,
)

from casework import blanks, forms, procedures, xml
from casework.cases import addressed, effects, recorders
from casework.deadlines import Rule
from casework.engine import decisions, drawing, feel
from casework.people.organisations import KINDS as ORGANISATION_KINDS
from casework.people.posts import ROLES
from casework.procedures import FACTS


def test_there_are_the_two_procedures_of_the_foundation() -> None:
    assert {"exemption", "acceptance"} <= {folder.name for folder in FOLDERS}
    assert len({about(folder)["code"] for folder in FOLDERS}) == len(FOLDERS)


#: An expression that gives a day.
DAY = re.compile(r"^(?:date\(|if .*date\()|(?:_on|_until|_by|\buntil|\bdue|_from|^\w+\.off)$")


@folders
def test_every_form_is_clean_bilingual_and_used(folder: Path) -> None:
    known = STEP_FACTS | variables(folder)
    asked = {}
    for path in folder.glob("forms/*.form"):
        form = forms.read(path.read_text(encoding="utf-8"))
        assert [f"{f.id}: {f.en}" for f in form.lint(known)] == []
        assert form.raw["id"] == path.stem
        assert form.title.en
        asked[path.stem] = form
    bids = {one["form"] for one in [about(folder).get("bidding")] if one}
    assert set(asked) == opened(folder).forms | {about(folder)["asks"]} | bids


@folders
def test_every_answer_a_case_remembers_is_asked_somewhere(folder: Path) -> None:
    flow = opened(folder)
    for name in about(folder).get("keeps") or ():
        assert name in questions(folder), f"{name} is kept and never asked"
    read = flow.names - FACTS - set(effects_facts(flow)) - heard(folder)
    assert read <= questions(folder), "the drawing reads what nobody answers"


@folders
def test_the_drawing_runs_and_has_nothing_to_remark(folder: Path) -> None:
    tables = [decisions.read(path.read_bytes()) for path in folder.glob("*.dmn")]
    found = drawing.check((folder / "process.bpmn").read_bytes(), decisions=tables)
    assert [f"{f.line} {f.element}: {f.en}" for f in found] == []


@folders
def test_every_lane_with_work_for_people_is_a_party(folder: Path) -> None:
    procedure, flow = about(folder), opened(folder)
    for element in flow.elements.values():
        if element.kind == "userTask" and not element.properties.get("party", "").startswith("="):
            assert (element.properties.get("party") or element.lane) in procedure["parties"], element.id
        record = element.properties.get("record")
        assert record is None or record in recorders.RECORDS
        for name in (element.properties.get(way, "") for way in ("recalls", "compares")):
            for earlier, _dot, key in (each.partition(".") for each in name.split()):
                form = folder / "forms" / f"{flow.elements[earlier].form}.form"
                asked = forms.read(form.read_text(encoding="utf-8")).keys
                assert not key or key in asked, f"{element.id}: {name}"
    for lane, party in procedure["parties"].items():
        assert set(party["roles"]) <= set(ROLES), lane
        feel.compile(str(party["organisation"]))
    assert set(procedure["starts"]["roles"]) <= set(ROLES)
    assert set(procedure["starts"]["kinds"]) <= set(ORGANISATION_KINDS)
    assert set(procedure.get("confirms") or ()) <= set(procedure["parties"])


@folders
def test_every_effect_exists_and_names_what_the_folder_has(folder: Path) -> None:
    procedure, flow = about(folder), opened(folder)
    named: dict[str, set[str]] = {"paper": set(), "notice": set(), "letter": set()}
    for element in flow.elements.values():
        if element.effect is None:
            continue
        assert element.effect in effects.EFFECTS, element.id
        for kind, found in named.items():
            found |= set(element.properties.get(kind, "").split())  # `withdraw paper` may name several
        to = element.properties.get("to")
        circle = to == addressed.CIRCLE and "bidding" in procedure
        assert to is None or circle or to in procedure["parties"], element.id
    assert named["paper"] == set(procedure.get("papers") or ())
    for kind in ("notice", "letter"):
        listed = set(procedure.get(f"{kind}s") or ())
        assert named[kind] == listed
        assert {n for n in texts(folder, f"{kind}s") if not n.endswith(".en")} == listed


@folders
def test_every_deadline_is_named_once_and_used(folder: Path) -> None:
    rules = about(folder).get("deadlines") or {}
    for name, rule in rules.items():
        assert Rule.read(rule, name).start.startswith("=")
        assert rule["event_en"]
    files = (folder / "process.bpmn", *folder.glob("*.dmn"))
    drawn = "".join(f.read_text(encoding="utf-8").replace("&quot;", '"') for f in files)
    drawn += (about(folder).get("outcome") or {}).get("says", "")  # told on the page of the case
    asked = set(re.findall(r'deadline\("(\w+)"\)', drawn))
    written = set()
    for kind in ("letters", "notices"):
        for leaf in texts(folder, kind).values():
            written |= set(re.findall(r'deadline\("(\w+)"\)', leaf.body))
    explained = set((about(folder).get("bidding") or {}).get("schedule") or ())  # on the public page
    assert asked | explained == set(rules)
    assert written <= set(rules)


@folders
def test_a_chinese_sentence_writes_a_day_as_the_office_does(folder: Path) -> None:
    """2026年3月5日, by `dated(…)` in expressions; `string(…)`, which gives 2026-03-05, is for English."""
    said = [(name, text) for name, text in sentences(folder) if not name.endswith((".en", "_en"))]
    assert [(name, text) for name, text in said if any(map(chinese, raw_days(text)))] == []


def sentences(folder: Path) -> Iterator[tuple[str, str]]:
    """Every text of the folder that may be an expression, with the name under which it stands."""
    for path in folder.glob("forms/*.form"):
        yield from named(json.loads(path.read_text("utf-8")))
    yield from named(about(folder))
    for path in (*folder.glob("*.dmn"), folder / "process.bpmn"):
        lines = path.read_text("utf-8").replace("&quot;", '"').splitlines()
        yield from (("", line) for line in lines if CHINESE.search(line))
    for kind in ("letters", "notices"):
        yield from ((name, leaf.body) for name, leaf in texts(folder, kind).items())


def named(part: Any, name: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(part, dict):
        for key, value in part.items():
            yield from named(value, str(key))
    elif isinstance(part, list):
        for value in part:
            yield from named(value, name)
    elif isinstance(part, str):
        yield name, part


def raw_days(text: str) -> Iterator[str]:
    """What stands before each `string(…)` of a day."""
    for start in re.finditer(r"\bstring\(", text):
        end, depth = start.end(), 1
        while depth and end < len(text):
            depth += {"(": 1, ")": -1}.get(text[end], 0)
            end += 1
        if DAY.search(text[start.end() : end - 1]):
            yield text[: start.start()]


def chinese(before: str) -> bool:
    """Whether the part of a text in both languages that goes on here is the Chinese one."""
    marks = re.findall(r'\b(label\.en|label|zh|en)"?: ', before)
    return not marks or marks[-1] in {"label", "zh"}


@folders
def test_a_letter_takes_its_day_from_the_deadline_and_quotes_what_people_typed(folder: Path) -> None:
    read = (forms.read(path.read_text("utf-8")) for path in folder.glob("forms/*.form"))
    asked = [each for form in read for each in form.everything]
    typed = {each.key for each in asked if each.type == "textarea"}
    wordy = (own for own in asked if any(one.limits.get("maxLength", 0) >= 100 for one in own.children))
    typed |= {own.key for own in wordy}
    for kind in ("letters", "notices"):
        for name, leaf in texts(folder, kind).items():
            for blank, expression, filtered in re.findall(r"(\{\{(.+?)(\| *quoted)? *\}\})", leaf.body):
                assert not re.search(r'\+ duration\("P\d', expression), f"{name}: {blank}: use deadline(…)"
                paths = feel.compile(expression.partition(" | ")[0]).paths
                quotes = {path[1] for path in paths if path[0] == "answers"}
                asks = re.search(r"\bif\b|^ *count\(", expression)  # only whether, or how many
                long = quotes & typed if name.endswith(".en") and not asks else set()
                assert filtered or not long, f"{name}: {blank}: | quoted"


@folders
def test_every_expression_of_the_procedure_reads_known_names(folder: Path) -> None:
    known = FACTS | variables(folder) | questions(folder) | {"about"}  # `stands_still`: the case it concerns
    for text in expressions(
        {k: v for k, v in about(folder).items() if k not in {"concerns", "ending_rooms", "takes_over"}}
    ):
        assert feel.compile(text).names <= known, text
    for text in expressions(about(folder).get("ending_rooms") or {}):
        assert feel.compile(text).names <= {"room", "project"}, text


def test_what_a_folder_asks_of_another_one_is_shown_there() -> None:
    opened = {f.name: procedures.open_files(f.name, procedures.read_folder(f)) for f in FOLDERS}
    assert list(procedures.loose(opened)) == []


# ------------------------------------------------------------------------------------------- English


@folders
def test_every_chinese_sentence_has_its_english(folder: Path) -> None:
    english = yaml.safe_load((folder / "texts.en.yaml").read_text(encoding="utf-8"))
    wanted = set(procedures.slips.sentences({**about(folder), "life": None}))  # it bears its English itself
    tree = xml.read((folder / "process.bpmn").read_bytes())
    wanted |= {" ".join(n.get("name").split()) for n in tree.iter() if CHINESE.search(n.get("name") or "")}
    assert sorted(wanted - set(english)) == []
    assert sorted(set(english) - wanted) == [], "English for sentences that are no longer there"
    assert not [text for text in english.values() if not text or CHINESE.search(text)]


@folders
def test_every_letter_and_notice_says_the_same_in_english(folder: Path) -> None:
    roots = STEP_FACTS | variables(folder) | {"answers", "parties", "stamps", "matrix", "today", "recipient"}
    for kind in ("letters", "notices"):
        leaves = texts(folder, kind)
        for name, leaf in leaves.items():
            if name.endswith(".en"):
                assert not CHINESE.search(leaf.body + str(leaf.front)), name
                continue
            english = leaves[f"{name}.en"]
            assert len(leaf.body.splitlines()) == len(english.body.splitlines()), name
            read = blanks.names(leaf.body) | blanks.names(str(leaf.front["title"]))
            assert read <= roots, name
            assert blanks.names(english.body) | blanks.names(str(english.front["title"])) <= roots
            assert kind == "letters" or leaf.front["days"] > 0


def test_no_notice_prints_a_person() -> None:
    """个人信息保护法 第二十五条: what hangs on the board names no contact, manager or phone."""
    for folder in FOLDERS:
        for name, leaf in texts(folder, "notices").items():
            assert not re.search(r"answers\.(contact|phone|manager|receiver|witness)", leaf.body), name


@folders
def test_every_procedure_has_its_place_in_the_life_of_a_project(folder: Path) -> None:
    life = procedures.open_files(folder.name, procedures.read_folder(folder)).life
    assert life is not None, "write life: {order, label, label_en} (workflows/README.md)"
    others = [about(other)["life"] for other in FOLDERS if other != folder]
    assert life.order not in [one["order"] for one in others]
    english = {one["label_en"] for one in others if one["label"] == life.label}
    assert english <= {life.label_en}, "one stage has one name"


def test_services_stand_in_the_order_of_a_projects_life_and_strangers_to_it_come_last() -> None:
    opened_all = [procedures.open_files(f.name, procedures.read_folder(f)) for f in FOLDERS]
    stray = dataclasses.replace(opened_all[0], key="a", life=None)
    found = [one.key for one in sorted([stray, *opened_all], key=lambda one: one.order)]
    assert (
        found.index("registration")
        < found.index("tender")
        < found.index("contract")
        < found.index("acceptance")
    )
    assert found[-1] == "a"


@pytest.mark.parametrize(
    ("life", "place"),
    [
        ("承接查验", "life"),
        ({"order": 10, "label": "查验", "label_en": "Check", "colour": "red"}, "life"),
        ({"order": 0, "label": "查验", "label_en": "Check"}, "life.order"),
        ({"order": "10", "label": "查验", "label_en": "Check"}, "life.order"),
        ({"order": 10, "label_en": "Check"}, "life.label"),
        ({"order": 10, "label": "查验", "label_en": "x" * 25}, "life.label_en"),
        ({"order": 10, "label": "查验", "label_en": "Check", "done_on": "decided_on"}, "life.done_on"),
        ({"order": 10, "label": "查验", "label_en": "Check", "done_on": "=1 +"}, "life.done_on"),
        ({"order": 10, "label": "查验", "label_en": "Check", "aside": "no"}, "life.aside"),
    ],
)  # fmt: skip
def test_a_place_in_life_that_would_not_do_is_named(life: object, place: str) -> None:
    folder = next(f for f in FOLDERS if f.name == "acceptance")
    files = procedures.read_folder(folder)
    files["procedure.yaml"] = yaml.safe_dump(about(folder) | {"life": life}, allow_unicode=True).encode()
    with pytest.raises(procedures.BadFolder) as bad:
        procedures.open_files("acceptance", files)
    assert place in {finding.element for _file, finding in bad.value.findings}
