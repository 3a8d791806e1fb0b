"""Every page × every role × an own, a strange and a missing object, against a table kept apart from the code."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from town import CANARIES, NOW, ROLES, Town, plain
from walker import NO_ROW, Answer, ask, missing, rules_of
from werkzeug.routing import Rule

from casework import cases, clock
from casework.db import db

#: Pages that write something down although they are only asked for: none. A page that must, is named here.
WRITES_WHEN_READ: frozenset[str] = frozenset()
#: Public addresses that are not about an object somebody owns: a missing one is told apart from a present one.
OPEN = {
    "draws.page",
    "draws.record",
    "own.link",
    "board.service",
    "board.verified",
    "board.notice",
    "static",
    "registers.enterprise",
    "registers.project",
    "dossiers.page",
    "sheets.sheet",  # the same empty page whatever the number is
} | {"ocds.release", "ocds.record"}
#: On the second database these walk.
FEW = ("anon", "dev_far", "win", "adm")


@dataclass(frozen=True, eq=False)
class Line:
    """One line of the table."""

    endpoint: str
    method: str
    about: str
    words: dict[str, str]

    def __str__(self) -> str:
        return f"{self.method} {self.endpoint} ({self.about or 'no object'})"


def table() -> list[Line]:
    lines = []
    for text in (Path(__file__).parent / "expected.txt").read_text("utf-8").splitlines():
        if text and not text.startswith("#"):
            endpoint, method, about, *words = text.split()
            assert len(words) == len(ROLES), f"expected.txt: {endpoint} needs {len(ROLES)} answers"
            about = "" if about == "-" else about
            lines.append(Line(endpoint, method, about, dict(zip(ROLES, words, strict=True))))
    return lines


TABLE = table()


@dataclass
class Findings:
    """What the walk saw, by kind."""

    cells: int = 0
    different: list[str] = field(default_factory=list)
    leaked: list[str] = field(default_factory=list)
    wrote: list[str] = field(default_factory=list)
    told_apart: list[str] = field(default_factory=list)
    turned_away: set[tuple[Line, str]] = field(default_factory=set)


@pytest.fixture(scope="session")
def walks() -> dict[str, Findings]:
    """What was found on each database; nobody walks there twice."""
    return {}


@pytest.fixture
def walked(dialect: str, walks: dict[str, Findings], _standing_town: Town) -> Findings:
    if dialect not in walks:
        walks[dialect] = _walk(_standing_town)
    return walks[dialect]


def _walk(town: Town) -> Findings:
    found, rules = Findings(), rules_of(town)
    with clock.at(NOW):
        for line in TABLE:
            for role in ROLES if town.on_sqlite else FEW:
                _cell(Cell(town, found, rules[line.endpoint], line, role))
    return found


@dataclass(frozen=True)
class Cell:
    """One line of the table as one role."""

    town: Town
    found: Findings
    rules: list[Rule]
    line: Line
    role: str

    def __str__(self) -> str:
        return f"{self.line} as {self.role}"


def _cell(one: Cell) -> None:
    town, found, line = one.town, one.found, one.line
    answer = ask(town, one.role, line.method, town.address(line.endpoint, line.about))
    wanted = line.words[one.role]
    found.cells += 1
    if answer.word != wanted:
        found.different.append(f"{one}: {answer.word}, not {wanted}")
    for text, readers in CANARIES.items():
        if one.role not in readers and text.encode() in answer.body + repr(answer.headers).encode():
            found.leaked.append(f"{one}: {text}")
    if town.changed():
        if line.method == "GET" and line.endpoint not in WRITES_WHEN_READ:
            found.wrote.append(str(one))
        if wanted in {"in", "403", "404"} and line.endpoint not in {
            "own.sign_out_everywhere",
            "door.sign_out",
        }:
            found.wrote.append(f"{one}, who was refused")
        town.again()
    rule = next(r for r in one.rules if line.method in r.methods)
    if line.endpoint not in OPEN and rule.rule_names and not line.about.endswith("-elsewhere"):
        if answer.word not in {"in", "403"}:
            _nothing(one, rule, answer)
        elif (line, answer.word) not in found.turned_away:
            # who is turned away by what he is never gets as far as the object: one of them is enough
            found.turned_away.add((line, answer.word))
            _nothing(one, rule, answer)


def _nothing(one: Cell, rule: Rule, answer: Answer) -> None:
    """The same of an object that is not there."""
    parts = missing(rule, one.town.objects[one.line.about])
    with one.town.app.test_request_context():
        address = one.town.app.url_for(one.line.endpoint, **parts)
    none = ask(one.town, one.role, one.line.method, address)
    one.found.cells += 1
    wanted = answer.word if answer.word in {"in", "403"} else "404"
    if none.word not in {wanted, "404"}:
        one.found.told_apart.append(f"{one}: {none.word} for what is not there, not {wanted}")
    if answer.word == "404" and plain(none.text) != plain(answer.text):
        one.found.told_apart.append(f"{one}: a strange object and a missing one read differently")


def test_every_route_is_in_the_table(town: Town) -> None:
    known = {(line.endpoint, line.method) for line in TABLE}
    for rule in town.app.url_map.iter_rules():
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
            assert (rule.endpoint, method) in known, (
                f"{method} {rule.rule} ({rule.endpoint}) is open to nobody knows whom: add a line to "
                "tests/security/expected.txt that says what each role gets there"
            )
    for endpoint, method in known:
        assert any(method in r.methods for r in rules_of(town).get(endpoint, ())), (
            f"{method} {endpoint} is gone: take its lines out of tests/security/expected.txt"
        )


def test_every_page_says_who_may_open_it(town: Town) -> None:
    """Deny by default: a page without a rule is closed to everybody; here is a sentence before a visitor meets it."""
    for endpoint, view in town.app.view_functions.items():
        assert endpoint == "static" or hasattr(view, "admits"), f"{endpoint} needs @admits(rule)"


def test_every_role_gets_what_the_table_says(walked: Findings, town: Town) -> None:
    assert not walked.different, "\n".join(walked.different)
    assert walked.cells > (2500 if town.on_sqlite else 600)


def test_nobody_meets_what_is_not_theirs(walked: Findings) -> None:
    assert not walked.leaked, "\n".join(walked.leaked)


@pytest.mark.once
def test_every_planted_text_is_met_by_those_who_may_read_it(town: Town) -> None:
    """The canaries sing: otherwise their silence elsewhere would prove nothing."""
    pages = {text: set() for text in CANARIES}
    for line in TABLE:
        if line.method != "GET":
            continue
        for role in ("dev", "win", "exa", "aud", "ent"):
            if line.words[role] == "200":
                body = ask(town, role, "GET", town.address(line.endpoint, line.about)).body
                for text in CANARIES:
                    if text.encode() in body:
                        pages[text].add(role)
    silent = {text for text, roles in pages.items() if not roles and CANARIES[text]}
    assert not silent, f"planted, but on no page of those who may read it: {sorted(silent)}"


def test_a_strange_object_answers_like_one_that_is_not_there(walked: Findings) -> None:
    assert not walked.told_apart, "\n".join(walked.told_apart)


def test_reading_and_being_refused_change_no_row(walked: Findings, town: Town) -> None:
    assert not walked.wrote, "\n".join(walked.wrote)


def test_the_lists_show_exactly_the_cases_whose_pages_open(town: Town) -> None:
    numbers = {parts["number"] for parts in town.objects.values() if "number" in parts}
    assert len(numbers) == 7
    for role in ROLES[1:]:
        ledger = ask(town, role, "GET", "/cases")
        if ledger.status != 200:
            continue
        shown = set(re.findall(r"/case/([A-Z]+-\d{4}-\d+)", ledger.text))
        opened = {n for n in numbers if ask(town, role, "GET", f"/case/{n}").status == 200}
        assert shown & numbers == opened, role
        for box in ("todo", "done", "mine"):
            inbox = ask(town, role, "GET", f"/inbox?box={box}")
            assert set(re.findall(r"/case/([A-Z]+-\d{4}-\d+)", inbox.text)) <= shown, (role, box)


def test_the_register_of_papers_shows_papers_of_cases_that_open(town: Town) -> None:
    seen = set()
    for role in ROLES[1:]:
        listed = ask(town, role, "GET", "/registers/papers")
        if listed.status != 200:
            continue
        numbers = set(re.findall(r"/case/([A-Z]+-\d{4}-\d+)", listed.text))
        seen |= {role for number in numbers if number == town.objects["case"]["number"]}
        strange = {n for n in numbers if ask(town, role, "GET", f"/case/{n}").status != 200}
        assert not strange, role
    assert seen >= {"dev", "win", "aud"}
    assert not seen & {"dev_far", "win_far", "ent_far", "com_far"}


def test_searching_by_number_tells_a_stranger_nothing(town: Town) -> None:
    number = town.objects["case"]["number"]
    for role in ("dev_far", "ent", "aud_far", "win_far"):
        there = ask(town, role, "GET", f"/cases?q={number}")
        none = ask(town, role, "GET", "/cases?q=XP-2026-9999")
        assert there.status == none.status == 200
        assert plain(there.text).replace(number, "XP-2026-9999") == plain(none.text), role


def test_a_strange_project_cannot_be_applied_for(town: Town) -> None:
    plan = town.objects["plan"]["project_id"]
    there = ask(town, "dev_far", "POST", "/apply/new/exemption", {"project": str(plan)})
    none = ask(town, "dev_far", "POST", "/apply/new/exemption", {"project": str(NO_ROW)})
    assert (there.status, plain(there.text)) == (404, plain(none.text))


def test_an_answer_that_looks_like_a_file_opens_none(town: Town) -> None:
    """A row of a list with `id` and `name` is an answer, not an attachment."""
    number, file_id = town.objects["four-parties"]["number"], town.objects["file"]["file_id"]
    with town.app.app_context():
        case = db.session.query(cases.Case).filter_by(number=number).one()
        step = db.session.query(cases.Step).filter_by(case_id=case.id, token="start").one()
        step.answers = {**step.answers, "items": [{"id": str(file_id), "name": "x.pdf"}]}
        db.session.commit()
    assert ask(town, "com", "GET", f"/case/{number}/file/{file_id}").status == 404
