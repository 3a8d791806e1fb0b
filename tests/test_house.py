"""The rules of the house, checked against the house itself; every failure says what to do."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path

from flask import Flask

from casework import standing

ROOT = Path(__file__).resolve().parent.parent
FOUND = [ROOT / "app.py", ROOT / "run.py", *ROOT.glob("casework/**/*.py"), *ROOT.glob("blueprints/**/*.py")]
CODE = sorted(f for f in FOUND if f.parent.name != "versions")  # migrations are generated lists of tables
CASEWORK = [f for f in CODE if f.is_relative_to(ROOT / "casework") and "migrations" not in f.parts]
#: 用房 is a word of the office besides: a project's rooms (register, profile, FEEL), the rooms of the keys.
PROCEDURES = {p.parent.name for p in ROOT.glob("workflows/*/procedure.yaml")} - {"rooms"}
#: Words of the office that are also the key of a procedure: 限期整改 is a kind of record in an enterprise's file.
KINDS_OF_RECORD = set(standing.KINDS) & PROCEDURES
KEEPS_RECORDS = ("casework/standing/", "templates/registers/add_record.html")


def procedures_not_to_be_named(file: Path) -> set[str]:
    """Where records are kept, their kinds are named."""
    kept = file.relative_to(ROOT).as_posix().startswith(KEEPS_RECORDS)
    return PROCEDURES - KINDS_OF_RECORD if kept else PROCEDURES


TRACKED = [
    ROOT / name
    for name in subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.splitlines()
]


def all_of(files: list[Path]) -> Callable[[Callable[[Path], None]], Callable[[], None]]:
    """One test for all these files: its failure names every file that breaks the rule, and what to do."""

    def dressed(rule: Callable[[Path], None]) -> Callable[[], None]:
        def whole() -> None:
            broken = []
            for file in files:
                try:
                    rule(file)
                except AssertionError as says:
                    broken.append(f"{file.relative_to(ROOT)}: {says}")
            assert files
            assert not broken, "\n".join(broken)

        whole.__name__ = rule.__name__
        return whole

    return dressed


@cache
def tree(file: Path) -> ast.Module:
    """A module, read once for all rules."""
    return ast.parse(file.read_text("utf8"))


@all_of(CODE)
def test_files_stay_small(file: Path) -> None:
    lines = file.read_text("utf8").count("\n")
    assert lines <= 400, f"{lines} lines: find the second noun in this file and give it its own"


@all_of(CODE)
def test_functions_fit_on_a_screen_and_import_nothing(file: Path) -> None:
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or 0) - node.lineno
            assert length <= 60, f"{node.name} has {length} lines: name its paragraphs as functions"
            inner = [n for n in ast.walk(node) if isinstance(n, ast.Import | ast.ImportFrom)]
            assert not inner, f"{node.name} imports: the knot is elsewhere, mend it there"


@all_of([f for f in CASEWORK if f.name != "worker.py" and f.parent.name != "stories"])
def test_casework_never_commits(file: Path) -> None:
    calls = [
        node.lineno
        for node in ast.walk(tree(file))
        if isinstance(node, ast.Attribute) and node.attr == "commit"
    ]
    assert not calls, f"line {calls}: whoever began the work commits it: the page, the worker, the command"


@all_of(CASEWORK)
def test_casework_knows_no_visitor(file: Path) -> None:
    text = file.read_text("utf8")
    assert not re.search(r"from flask import .*\b(request|session|g)\b", text), "hand it in as an argument"
    assert "current_user" not in text, "every verb takes `by=`"


@all_of(CODE)
def test_every_module_says_what_it_is(file: Path) -> None:
    assert ast.get_docstring(tree(file)), "one line in the office's words"


def _names_of_fields(node: ast.AST) -> list[ast.AST]:
    """A procedure's key may also be the word for a field: `{"tender": …}`, `read["tender"]`, `read.get("tender")`."""
    if isinstance(node, ast.Dict):
        return [key for key in node.keys if key is not None]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get":
        return list(node.args[:1])
    return [node.slice] if isinstance(node, ast.Subscript) else []


@all_of(CODE)
def test_no_procedure_is_named_in_python(file: Path) -> None:
    whole = tree(file)
    fields = {id(node) for node in ast.walk(whole) for node in _names_of_fields(node)}
    found = [
        node.value
        for node in ast.walk(whole)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and node.value in procedures_not_to_be_named(file)
        and id(node) not in fields
    ]
    assert not found, f"{found}: a missing line in procedure.yaml"


@all_of(sorted(ROOT.glob("templates/**/*.html")))
def test_no_procedure_is_named_in_a_template(file: Path) -> None:
    text = file.read_text("utf8")
    for key in procedures_not_to_be_named(file):
        assert f"'{key}'" not in text, f"{key}: a missing line in procedure.yaml"
        assert f'"{key}"' not in text, f"{key}: a missing line in procedure.yaml"


@all_of(sorted(ROOT.glob("templates/**/*.html")))
def test_pages_carry_no_inline_style_or_script(file: Path) -> None:
    text = file.read_text("utf8")
    assert " style=" not in text, "the policy of the pages forbids it: a class in static/app.css"
    assert not re.search(r"\son[a-z]+=", text), "the policy of the pages forbids it: static/app.js"
    assert not re.search(r"<script(?![^>]*\bsrc=)", text), "static/app.js"


@all_of(CODE)
def test_unfinished_work_is_not_left_in_the_house(file: Path) -> None:
    text = file.read_text("utf8")
    words = "TO" + "DO|FIX" + "ME|XX" + "X"
    assert not re.search(rf"\b({words})\b|raise NotImplementedError", text), "finish it or file it"


def test_every_page_names_the_rule_that_opens_it(app: Flask) -> None:
    closed = [
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.endpoint != "static" and not hasattr(app.view_functions[rule.endpoint], "admits")
    ]
    assert not closed, f"{closed}: add @rules.admits(…) below the route"


def test_only_named_modules_know_the_foreign_libraries() -> None:
    owners = {
        "SpiffWorkflow": "casework/engine",
        "docx": "casework/papers",
        "docxtpl": "casework/papers",
        "lxml": "casework/xml.py",
        "openpyxl": "casework/workbooks",
        "PIL": "casework/files/thumbnails.py",
    }
    for file in CODE:
        for node in ast.walk(tree(file)):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for name in names:
                owner = owners.get(name.split(".")[0])
                here = file.relative_to(ROOT).as_posix()
                assert owner is None or here.startswith(owner), f"{here}: {name} belongs behind {owner}"


def test_nothing_secret_or_foreign_is_tracked() -> None:
    assert not [f for f in TRACKED if f.suffix in {".db", ".key", ".pem", ".mo"}], "keep it out of git"
    for lock in ROOT.glob("*.lock"):
        assert "://" not in lock.read_text("utf8"), f"{lock.name} names a host: compile it without"


def test_suppressions_are_few_and_reasoned() -> None:
    lines = marks = 0
    for file in CODE:
        for number, line in enumerate(file.read_text("utf8").splitlines(), 1):
            lines += 1
            if "noqa" in line or "type: ignore" in line:
                marks += 1
                assert re.search(r"noqa: [A-Z0-9, ]+\S|type: ignore\[[a-z-, ]+\]", line), (
                    f"{file}:{number}: name the rule"
                )
    assert marks <= max(12, lines * 3 // 1000), f"{marks} suppressions in {lines} lines"
