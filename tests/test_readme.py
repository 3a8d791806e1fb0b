"""What the READMEs name is there: commands and their switches, settings, files, pictures, people of the demo, figures' scripts."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from flask import Flask

import run
from app import create_app
from casework import yaml
from casework.db import db

ROOT = Path(__file__).resolve().parent.parent
PAPERS = ("README.md", "README.zh-CN.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md")
READMES = PAPERS[:2]
FENCED = re.compile(r"^```\w*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
LINK = re.compile(r"!?\[[^\]]*\]\(([^)#\s]+)\)")
PATH = re.compile(r"(?:casework|blueprints|benchmarks|static|templates|tests|workflows|\.ci)/[\w./-]+")
#: What stands before a flask command.
CALL = re.compile(r"(?:python run\.py |^|\s)flask ([a-z].*)")

papers = pytest.mark.parametrize("name", PAPERS)
readmes = pytest.mark.parametrize("name", READMES)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The house without its database: only what it can be asked for."""
    house = create_app(tmp_path_factory.mktemp("house"), TESTING=True)
    yield house
    with house.app_context():
        db.engine.dispose()


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def lines(name: str) -> list[str]:
    """Every line of every code block, and every piece of code in a sentence; comments left out."""
    blocks = [line for block in FENCED.findall(text(name)) for line in block.splitlines()]
    pieces = CODE.findall(FENCED.sub("", text(name)))
    return [re.sub(r"\s{2,}#.*$", "", line).strip() for line in blocks + pieces]


def tables(name: str) -> dict[str, list[str]]:
    """First cell -> the other cells of every table line."""
    rows = (line.strip("|").split("|") for line in text(name).splitlines() if line.startswith("| `"))
    return {row[0].strip(): [cell.strip() for cell in row[1:]] for row in rows}


def find(app: Flask, words: list[str]) -> tuple[click.Command, list[str]]:
    """The command these words begin with, and the words after its name."""
    command: click.Command = app.cli
    while isinstance(command, click.Group) and words:
        found = command.commands.get(words[0])
        assert found is not None, f"flask {' '.join(words)}: there is no command {words[0]}"
        command, words = found, words[1:]
    assert not isinstance(command, click.Group), (
        f"{command.name} is a group: which of {list(command.commands)}?"
    )
    return command, words


def check(app: Flask, call: str) -> None:
    """A call of flask as written: the command is there, takes these switches, and this many names."""
    command, rest = find(app, call.split())
    known = {
        switch: p
        for p in command.params
        if isinstance(p, click.Option)
        for switch in [*p.opts, *p.secondary_opts]
    }
    named = 0
    while rest:
        word, rest = rest[0], rest[1:]
        if not word.startswith("-"):
            named += 1
            continue
        assert word in known, f"flask {call}: there is no {word}"
        rest = rest if known[word].is_flag else rest[known[word].nargs :]
    arguments = [p for p in command.params if isinstance(p, click.Argument)]
    assert named >= sum(p.required for p in arguments), f"flask {call}: what is it about?"
    assert any(p.nargs == -1 for p in arguments) or named <= len(arguments), f"flask {call}: too many words"


@papers
def test_every_command_in_a_block_can_be_typed(name: str, app: Flask) -> None:
    for line in lines(name):
        called = CALL.search(line)
        if called and called[1] != "…" and not line.endswith("…"):
            command, rest = find(app, called[1].split())
            if rest or not [p for p in command.params if isinstance(p, click.Argument)]:
                check(app, called[1])


@readmes
def test_the_table_of_commands_names_every_command_of_ours(name: str, app: Flask) -> None:
    listed = [
        first.strip("`") for first in tables(name) if not first.startswith(("`TENDOVER_", "`benchmarks/"))
    ]
    told = set()
    for call in listed:
        command, _rest = find(app, call.split())
        check(app, call)
        told.add(command)
        for switch in re.findall(r"`(-{1,2}[\w-]+)", " ".join(tables(name)[f"`{call}`"])):
            assert any(switch in p.opts for p in command.params), f"{call}: there is no {switch}"
    theirs = {"db"}  # Flask-Migrate's, named where it is needed
    ours = {c for key, one in app.cli.commands.items() if key not in theirs for c in _leaves(one)}
    assert {c.name for c in ours - told} == set(), "commands that the table leaves out"


def _leaves(command: click.Command) -> list[click.Command]:
    if isinstance(command, click.Group):
        return [leaf for one in command.commands.values() for leaf in _leaves(one)]
    return [command]


def test_run_py_takes_what_the_readmes_say() -> None:
    told = run.__doc__ or ""
    assert "python run.py test" in told
    assert "python run.py flask" in told
    for name in READMES:
        assert "py run.py test" in text(name)
        for port in re.findall(r"python run\.py --(\w+) \d+", text(name)):
            assert port == "port"  # handed on to `flask demo`


@papers
def test_every_setting_is_one_that_the_program_reads(name: str, app: Flask) -> None:
    sources = [
        *ROOT.glob("*.py"),
        *ROOT.glob("casework/**/*.py"),
        *ROOT.glob("blueprints/**/*.py"),
        *ROOT.glob("tests/**/*.py"),
    ]
    code = "\n".join(file.read_text("utf-8") for file in sources if file != Path(__file__))
    for setting in set(re.findall(r"TENDOVER_([A-Z_]+)", text(name))):
        read = re.search(rf"TENDOVER_{setting}\b|config(?:\.get\(|\[)\"{setting}\"", code)
        assert setting in app.config or read, f"{name} names TENDOVER_{setting}, which nothing reads"


def test_both_readmes_name_the_same_settings_commands_and_scripts() -> None:
    chinese, english = (
        [re.sub(r" (FILE…?|文件…?|EXPRESSION|表达式)", "", first) for first in tables(name)]
        for name in reversed(READMES)
    )
    assert chinese == english


@readmes
def test_defaults_are_the_programs(name: str, app: Flask) -> None:
    settings = {
        first.strip("`"): cells for first, cells in tables(name).items() if first.startswith("`TENDOVER_")
    }
    for setting in ("PLACE", "MAX_CONTENT_LENGTH"):
        assert str(app.config[setting]) in settings[f"TENDOVER_{setting}"][-1]
    assert (ROOT / "workflows" / "profiles" / f"{app.config['PLACE']}.yaml").is_file()


@papers
def test_every_file_and_picture_it_names_is_there(name: str) -> None:
    named = {target for target in LINK.findall(text(name)) if "://" not in target}
    named |= {path for piece in CODE.findall(text(name)) for path in PATH.findall(piece)}
    missing = [path for path in sorted(named) if not (ROOT / path.rstrip("/.")).exists()]
    assert missing == []


@readmes
def test_the_people_and_projects_of_the_first_case_are_in_the_demo(name: str) -> None:
    demo = ROOT / "workflows" / "demo"
    people = yaml.read((demo / "people.yaml").read_text("utf-8"))["users"]
    projects = yaml.read((demo / "projects.yaml").read_text("utf-8"))["projects"]
    logins = {user["login"]: user for user in people}
    told = {
        piece
        for piece in CODE.findall(text(name))
        if re.fullmatch(r"(?:dev|win|exa|head|str|com|ent)\d+", piece)
    }
    assert told >= {"exa1", "str2", "com6", "ent1", "win1", "dev1"}
    assert told <= set(logins)
    said = "name" if name == "README.zh-CN.md" else "name_en"
    for login in ("exa1", "str2", "com6", "ent1", "win1"):
        assert logins[login][said] in text(name)
    cases = yaml.read((demo / "cases.yaml").read_text("utf-8"))["cases"]
    fresh = {(one["story"].partition("/")[0], one.get("project")) for one in cases if one.get("after") == 0}
    by_name = {project["name"]: project["code"] for project in projects}
    for procedure, project in (("acceptance", "柳桥华庭"), ("exemption", "柳岸雅苑")):
        assert project in text(name)
        assert (procedure, by_name[project]) in fresh, f"{project} must wait for its first step"


@readmes
def test_nothing_is_promised_that_has_no_folder(name: str) -> None:
    ours = {p.parent.name for p in ROOT.glob("workflows/*/procedure.yaml")}
    assert set(re.findall(r"`workflows/(\w+)`", text(name))) - {"profiles"} <= ours
    for folder in ours:
        assert f"workflows/{folder}" in text(name), f"{name} does not say that there is {folder}"


def test_the_scripts_of_the_sealing_page_are_the_published_ones(app: Flask) -> None:
    """Whoever compares finds a value for every script that can see a bid, and it is that of what the site sends."""
    pages = [ROOT / "templates" / "bidroom" / "fill.html", *(ROOT / "templates" / "forms").glob("*.html")]
    named = re.findall(r"asset\('(\w+\.js)'\)", "".join(page.read_text("utf-8") for page in pages))
    client = app.test_client()
    sent = {f"static/{name}": client.get(f"/static/{name}") for name in named}
    found = {script: hashlib.sha256(answer.data).hexdigest() for script, answer in sent.items()}
    published = dict(
        re.findall(r"^\| `(static/\w+\.js)` \| `([0-9a-f]{64})` \|$", text("SECURITY.md"), re.MULTILINE)
    )
    assert published == found, (
        "write into SECURITY.md what sha256sum says of these scripts as the site sends them"
    )
