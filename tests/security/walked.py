"""The walk through the whole house: every line of the table as every role, and what was seen."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from town import CANARIES, NOW, ROLES, Town, plain
from walker import Answer, ask, missing, rules_of
from werkzeug.routing import Rule

from casework import clock

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
#: One of each kind: what they read is kept.
READERS = frozenset({"anon", "dev", "win", "exa", "aud", "ent", "adm"})
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
    #: the first answer of each kind that an address gives, with the line of the table that got it
    kinds: dict[tuple[str, str, str], tuple[Line, Answer]] = field(default_factory=dict)
    #: the pages that those in READERS read
    pages: dict[tuple[Line, str], Answer] = field(default_factory=dict)

    def keep(self, line: Line, role: str, answer: Answer) -> None:
        """For those who look into the same answers for something else."""
        self.kinds.setdefault((line.endpoint, line.method, answer.word), (line, answer))
        if role in READERS and line.method == "GET" and answer.word == "200":
            self.pages[line, role] = answer


def walk(town: Town) -> Findings:
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
    found.keep(line, one.role, answer)
    if answer.word != wanted:
        found.different.append(f"{one}: {answer.word}, not {wanted}")
    seen = answer.body + repr(answer.headers).encode()
    for text, readers in CANARIES.items():
        if one.role not in readers and text.encode() in seen:
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
