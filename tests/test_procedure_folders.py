"""Every procedure folder is whole: what one file names, another one has; every Chinese sentence has its English."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from casework import blanks, forms, xml
from casework.cases import effects, recorders
from casework.deadlines import Rule
from casework.engine import decisions, drawing, feel
from casework.people.organisations import KINDS as ORGANISATION_KINDS
from casework.people.organisations import code_holds
from casework.people.posts import ROLES
from casework.procedures import FACTS

WORKFLOWS = Path(__file__).parent.parent / "workflows"
FOLDERS = sorted(path.parent for path in WORKFLOWS.glob("*/procedure.yaml"))
STORIES = sorted(p for p in WORKFLOWS.glob("*/stories/*.yaml") if p.name != "answers.yaml")
CHINESE = re.compile(r"[\u4e00-\u9fff]")
QUOTED = re.compile(r'"([^"]*)"')
BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
DI = "{http://www.omg.org/spec/DD/20100524/DI}"
BPMNDI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
DC = "{http://www.omg.org/spec/DD/20100524/DC}"
#: What a form of a step may read besides the variables of its case (casework/cases/facts.py).
STEP_FACTS = FACTS | {"item", "items", "refused"}
THEN = {"status", "open", "ends", "papers", "notices", "letters", "facts", "due", "pending"}

folders = pytest.mark.parametrize("folder", FOLDERS, ids=lambda f: f.name)
stories = pytest.mark.parametrize("path", STORIES, ids=lambda p: f"{p.parent.parent.name}/{p.stem}")


def about(folder: Path) -> dict[str, Any]:
    return yaml.safe_load((folder / "procedure.yaml").read_text(encoding="utf-8"))


def opened(folder: Path) -> drawing.Drawing:
    tables = [decisions.read(path.read_bytes()) for path in folder.glob("*.dmn")]
    keep = about(folder).get("keeps") or ()
    return drawing.open((folder / "process.bpmn").read_bytes(), decisions=tables, keep=keep)


def variables(folder: Path) -> frozenset[str]:
    """Everything a case of this kind may hold: answers it keeps and what its drawing writes."""
    flow = opened(folder)
    written = {name for e in flow.elements.values() for name in e.outputs}
    results = {e.result for e in flow.elements.values() if e.result}
    collected = {e.loop.output for e in flow.elements.values() if e.loop and e.loop.output}
    return flow.keeps | written | results | collected | set(effects_facts(flow))


def effects_facts(flow: drawing.Drawing) -> Iterator[str]:
    """The facts that effects return under their own names (workflows/README.md)."""
    if "tally stamps" in flow.effects.values():
        yield from ("all_confirmed", "refused_items", "pending_parties", "defects")


def texts(folder: Path, kind: str) -> dict[str, blanks.Leaf]:
    return {p.stem: blanks.read(p.read_text(encoding="utf-8")) for p in folder.glob(f"{kind}/*.md")}


def sentences(part: Any) -> Iterator[str]:
    """The Chinese of a YAML file: plain texts whole, of an expression only its quoted texts."""
    if isinstance(part, dict):
        for key, value in part.items():
            yield from sentences(key)
            yield from sentences(value)
    elif isinstance(part, list):
        for value in part:
            yield from sentences(value)
    elif isinstance(part, str):
        found = QUOTED.findall(part) if part.startswith("=") else [part]
        yield from (text for text in found if CHINESE.search(text))


def expressions(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        part = list(part.values())
    if isinstance(part, list):
        for value in part:
            yield from expressions(value)
    elif isinstance(part, str) and part.startswith("="):
        yield part


# ------------------------------------------------------------------------------------ files together


def test_there_are_the_two_procedures_of_the_foundation() -> None:
    assert {"exemption", "acceptance"} <= {folder.name for folder in FOLDERS}
    assert len({about(folder)["code"] for folder in FOLDERS}) == len(FOLDERS)


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
    assert set(asked) == opened(folder).forms | {about(folder)["asks"]}


def questions(folder: Path) -> frozenset[str]:
    """Every question of every form of the folder, computed ones included."""
    found = (forms.read(p.read_text(encoding="utf-8")).keys for p in folder.glob("forms/*.form"))
    return frozenset().union(*found)


@folders
def test_every_answer_a_case_remembers_is_asked_somewhere(folder: Path) -> None:
    flow = opened(folder)
    for name in about(folder).get("keeps") or ():
        assert name in questions(folder), f"{name} is kept and never asked"
    read = flow.names - FACTS - set(effects_facts(flow))
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
            if name := element.properties.get(kind):
                found.add(name)
        to = element.properties.get("to")
        assert to is None or to in procedure["parties"], element.id
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
    drawn = (folder / "process.bpmn").read_text(encoding="utf-8").replace("&quot;", '"')
    asked = set(re.findall(r'deadline\("(\w+)"\)', drawn))
    written = set()
    for kind in ("letters", "notices"):
        for leaf in texts(folder, kind).values():
            written |= set(re.findall(r'deadline\("(\w+)"\)', leaf.body))
    assert asked == set(rules)
    assert written <= set(rules)


@folders
def test_every_expression_of_the_procedure_reads_known_names(folder: Path) -> None:
    known = FACTS | variables(folder) | questions(folder)
    for text in expressions(about(folder)):
        assert feel.compile(text).names <= known, text


# ------------------------------------------------------------------------------------------- English


@folders
def test_every_chinese_sentence_has_its_english(folder: Path) -> None:
    english = yaml.safe_load((folder / "texts.en.yaml").read_text(encoding="utf-8"))
    wanted = set(sentences(about(folder)))
    tree = xml.read((folder / "process.bpmn").read_bytes())
    wanted |= {" ".join(n.get("name").split()) for n in tree.iter() if CHINESE.search(n.get("name") or "")}
    assert sorted(wanted - set(english)) == []
    assert sorted(set(english) - wanted) == [], "English for sentences that are no longer there"
    assert not [text for text in english.values() if not text or CHINESE.search(text)]


@folders
def test_every_letter_and_notice_says_the_same_in_english(folder: Path) -> None:
    roots = STEP_FACTS | variables(folder) | {"answers", "parties", "stamps", "today"}
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


# ---------------------------------------------------------------------------------- how it is drawn


def shapes(folder: Path) -> dict[str, tuple[float, float, float, float]]:
    tree = xml.read((folder / "process.bpmn").read_bytes())
    found = {}
    for shape in tree.iter(f"{BPMNDI}BPMNShape"):
        box = shape.find(f"{DC}Bounds")
        x, y, w, h = (float(box.get(k)) for k in ("x", "y", "width", "height"))
        found[shape.get("bpmnElement")] = (x, y, x + w, y + h)
    return found


def lines(folder: Path) -> dict[str, list[tuple[float, float]]]:
    tree = xml.read((folder / "process.bpmn").read_bytes())
    return {
        edge.get("bpmnElement"): [(float(p.get("x")), float(p.get("y"))) for p in edge.iter(f"{DI}waypoint")]
        for edge in tree.iter(f"{BPMNDI}BPMNEdge")
    }


@folders
def test_the_drawing_is_laid_by_hand_and_tidy(folder: Path) -> None:
    flow, boxes = opened(folder), shapes(folder)
    assert set(flow.elements) <= set(boxes)
    tree = xml.read((folder / "process.bpmn").read_bytes())
    pool = boxes[next(tree.iter(f"{BPMN}participant")).get("id")]
    assert 1200 <= pool[2] - pool[0] <= 1900
    for lane in tree.iter(f"{BPMN}lane"):
        x1, y1, x2, y2 = boxes[lane.get("id")]
        for ref in lane.iter(f"{BPMN}flowNodeRef"):
            a, b, c, d = boxes[ref.text]
            assert x1 <= a and y1 <= b and c <= x2 and d <= y2, f"{ref.text} sticks out of its lane"
    solid = [e for e in flow.elements.values() if not e.attached]
    for one, other in itertools.combinations(solid, 2):
        a, b = boxes[one.id], boxes[other.id]
        apart = a[2] + 8 <= b[0] or b[2] + 8 <= a[0] or a[3] + 8 <= b[1] or b[3] + 8 <= a[1]
        assert apart, f"{one.id} and {other.id} lie on each other"


@folders
def test_no_line_is_slanted_and_no_two_lines_cross(folder: Path) -> None:
    segments = []
    for name, points in lines(folder).items():
        for (x1, y1), (x2, y2) in itertools.pairwise(points):
            assert x1 == x2 or y1 == y2, f"{name} is slanted"
            segments.append((name, min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)))
    for one, other in itertools.combinations(segments, 2):
        if one[0] == other[0]:
            continue
        across, down = (one, other) if one[2] == one[4] else (other, one)
        if across[2] != across[4] or down[1] != down[3]:
            continue
        meet = across[1] < down[1] < across[3] and down[2] < across[2] < down[4]
        assert not meet, f"{one[0]} crosses {other[0]}"


# ------------------------------------------------------------------------------------------- stories


def story(path: Path) -> dict[str, Any]:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def demo(name: str) -> Any:
    return yaml.safe_load((WORKFLOWS / "demo" / f"{name}.yaml").read_text(encoding="utf-8"))


@stories
def test_a_story_speaks_of_steps_questions_and_people_that_exist(path: Path) -> None:
    told, folder = story(path), path.parent.parent
    procedure, flow = about(folder), opened(folder)
    named = yaml.safe_load((path.parent / "answers.yaml").read_text(encoding="utf-8"))
    logins = {user["login"] for user in demo("people")["users"]}
    asked = {p.stem: forms.read(p.read_text(encoding="utf-8")).keys for p in folder.glob("forms/*.form")}
    assert told["title"] and told["title_en"] and not CHINESE.search(told["title_en"])
    assert all(re.fullmatch(r"T\d\d", case) for case in told["cases"])
    assert told["project"] in {p["code"] for p in demo("projects")["projects"]}
    moments = []
    for step in (told["starts"], *told.get("steps", ())):
        moments.append(datetime.fromisoformat(step.get("until") or step["at"]))
        who = step.get("who") or (step.get("withdraw") or {}).get("who")
        assert who is None or who in logins
        form = procedure["asks"] if step is told["starts"] else None
        if "does" in step:
            form = flow.elements[step["does"]].form
        if form:
            says = dict(step.get("says") or {})
            while like := says.pop("like", None):
                says = {**named[like], **says}
            assert set(says) <= asked[form], f"{form} does not ask all of this"
        check_then(step.get("then") or {}, folder, flow)
    assert moments == sorted(moments)
    check_then(told.get("then") or {}, folder, flow)


def check_then(then: dict[str, Any], folder: Path, flow: drawing.Drawing) -> None:
    procedure = about(folder)
    assert set(then) <= THEN
    assert set(then.get("open") or ()) <= set(flow.elements)
    assert set(then.get("ends") or ()) <= {e.id for e in flow.elements.values() if e.kind == "endEvent"}
    for kind in ("papers", "notices", "letters"):
        assert set(then.get(kind) or ()) <= set(procedure.get(kind) or ())
    assert set(then.get("facts") or ()) <= variables(folder)
    for element, due in (then.get("due") or {}).items():
        assert element in flow.elements
        assert isinstance(due, date)
    assert set(then.get("pending") or ()) <= set(procedure.get("confirms") or ())


@folders
def test_every_end_of_the_drawing_is_reached_in_some_story(folder: Path) -> None:
    """Ends of reminders are reached beside another end: they have no story of their own."""
    flow = opened(folder)
    beside = {"reminded", "urged", "correction_urged"}
    ends = {e.id for e in flow.elements.values() if e.kind == "endEvent"} - beside
    reached = set()
    for path in (p for p in STORIES if p.parent.parent == folder):
        reached |= set((story(path).get("then") or {}).get("ends") or ())
    assert reached == ends


# ---------------------------------------------------------------------------------------------- demo


def test_the_demo_district_is_whole_and_synthetic() -> None:
    people, projects = demo("people"), demo("projects")["projects"]
    organisations = {one["key"]: one for one in people["organisations"]}
    count = {kind: sum(o["kind"] == kind and not o.get("state") for o in organisations.values())
             for kind in ORGANISATION_KINDS}  # fmt: skip
    assert (count["street"], count["community"], count["developer"], count["enterprise"]) == (6, 24, 10, 22)
    for one in organisations.values():
        assert one["name_en"] and not CHINESE.search(one["name_en"])
        assert "parent" not in one or one["parent"] in organisations
        if one["kind"] in {"developer", "enterprise"}:
            assert one["code"].startswith("91999999") and code_holds(one["code"])
    assert all(user["organisation"] in organisations for user in people["users"])
    assert all(user["role"] in ROLES for user in people["users"])
    for project in projects:
        assert set(project["parties"].values()) <= set(organisations)
        assert organisations[project["parties"]["community"]]["parent"] == project["parties"]["street"]
    sizes = {project["sizes"]["gfa_total"] for project in projects}
    assert {"19999.99", "20000.00", "20000.01", "29999.99", "30000.00", "30000.01"} <= sizes
    assert {"39999.99", "40000.00", "40000.01", "49999.99", "50000.00", "50000.01"} <= sizes


def test_the_demo_enterprises_stand_as_rules_md_says() -> None:
    kinds: dict[Any, int] = {}
    for record in demo("standing")["records"]:
        key = record.get("stars", record["kind"])
        kinds[key] = kinds.get(key, 0) + 1
    assert kinds == {3: 4, 2: 6, 1: 5, 0: 3, "rectification": 2, "blacklist": 1, "ban": 1}


def test_every_live_case_of_the_demo_is_a_story_with_people_of_its_project() -> None:
    people = {user["login"]: user for user in demo("people")["users"]}
    projects = {project["code"]: project for project in demo("projects")["projects"]}
    for case in demo("cases")["cases"]:
        key, _, name = case["story"].partition("/")
        told = story(WORKFLOWS / key / "stories" / f"{name}.yaml")
        steps = told.get("steps", [])[: case.get("after")]
        parties = set(projects[case["project"]]["parties"].values())
        for step in (told["starts"], *steps):
            who = step.get("who") or (step.get("withdraw") or {}).get("who")
            if who is not None:
                user = people[case.get("as", {}).get(who, who)]
                bureau = user["organisation"] == "bureau"
                assert bureau or user["organisation"] in parties, f"{case['story']} {case['project']}: {who}"
