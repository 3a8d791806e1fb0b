"""Every sentence of the site has its English, and an English page has no Chinese left that is the site's own."""

from __future__ import annotations

import ast
import itertools
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from babel.messages.pofile import read_po
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import refresh
from offices import open_office
from townspeople import Visitor

from casework import clock, journal, letters, papers, places, procedures, stories
from casework.cases.model import Case, Step
from casework.cases.steps import signature
from casework.committee import Expert, Note, Tie
from casework.db import db
from casework.people import Organisation, Post, User
from casework.standing.record import Lift, Record
from casework.standing.relations import Relation
from casework.words import say_in

ROOT = Path(__file__).resolve().parent.parent
WORKFLOWS = ROOT / "workflows"
CATALOGUE = ROOT / "translations" / "en" / "LC_MESSAGES" / "messages.po"
CHINESE = re.compile("[\u3400-\u9fff，。：；、（）《》！？]")
HAN = re.compile("[\u3400-\u9fff]")
BLANK = re.compile(r"%\((\w+)\)[a-z]")
#: Numbers of Chinese documents, which stand in examples as they are.
SAMPLES = re.compile(r"云房信〔2026〕\d号")


@pytest.fixture(scope="module")
def english() -> dict[str, str]:
    with CATALOGUE.open("rb") as file:
        return {str(m.id): "" if m.fuzzy else str(m.string) for m in read_po(file) if m.id}


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Every sentence that the code and the templates say, freshly extracted."""
    found = tmp_path_factory.mktemp("words") / "messages.pot"
    command = [sys.executable, "-m", "babel.messages.frontend", "-q", "extract", "-F", "pyproject.toml"]
    command += ["--ignore-dirs", ".* instance tests workflows", "-o", str(found), "."]
    subprocess.run(command, cwd=ROOT, check=True, timeout=120)
    with found.open("rb") as file:
        return {str(m.id) for m in read_po(file) if m.id}


def test_every_sentence_has_its_english(said, english):
    missing = sorted(text for text in said if not english.get(text))
    assert not missing, f"add them to {CATALOGUE.relative_to(ROOT)}"


def test_no_piece_of_a_sentence_is_left_over_in_the_catalogue() -> None:
    """A line of a sentence that was taken out would be read as the end of the one before it."""
    lines = CATALOGUE.read_text("utf-8").splitlines()
    over = [line for before, line in itertools.pairwise(lines) if line[:1] == '"' and before in {"", "#"}]
    assert not over, "take out the whole sentence"


def test_the_catalogue_keeps_no_sentence_that_nobody_says(said, english):
    assert not sorted(set(english) - said), "take them out of the catalogue"


def test_english_has_the_same_blanks_and_no_chinese(english):
    wrong = [
        text
        for text, words in english.items()
        if Counter(BLANK.findall(text)) != Counter(BLANK.findall(words))
        or words.replace("%%", "").count("%") < words.count("%(")
        or CHINESE.search(SAMPLES.sub("", words))
    ]
    assert not wrong


# ------------------------------------------------------------------ sentences that nobody has marked

COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
MARKED = re.compile(r"""_\(\s*(?:'[^']*'|"[^"]*")""")
#: What may stand unmarked in a template, and why.
TEMPLATES = {
    "base.html": {"'中文'": "each language names itself"},
    "cases/page.html": {
        "seal('已确认')": "the lettering of a seal, hidden from readers; 已盖章 is said beside it"
    },
    "forms/field.html": {
        "join('；')": "forms speak by themselves",
        "join('、')": "forms speak by themselves",
    },
}
SHOWN = sorted((ROOT / "templates").rglob("*.html"))


@pytest.mark.parametrize("file", SHOWN, ids=lambda f: f"{f.parent.name}/{f.stem}")
def test_a_template_says_nothing_unmarked(file: Path) -> None:
    text = MARKED.sub("", COMMENT.sub("", file.read_text("utf-8")))
    for allowed in TEMPLATES.get(file.relative_to(ROOT / "templates").as_posix(), ()):
        assert allowed in text, f"{allowed} is not said here any more: take it off the list"
        text = text.replace(allowed, "")
    assert not [line.strip() for line in text.splitlines() if CHINESE.search(line)], "mark it: {{ _('…') }}"


BOTH = "carries its sentences in both languages itself"
RECORD = "what is kept is written in Chinese, whoever reads"
PAPER = "papers are Chinese"
#: Python that says Chinese unmarked, and why. A folder stands for all its files.
PYTHON = {
    "blueprints/board.py": "the feed is Chinese",
    "blueprints/console.py": "the name of the demo's office, which stands beside its English",
    "blueprints/workshop.py": BOTH,
    "casework/archive_verify.py": BOTH,
    "casework/bids/signals.py": BOTH,
    "casework/bids/sums.py": BOTH,
    "casework/bids/traces.py": "names that programs put into files by themselves",
    "casework/blanks.py": BOTH,
    "casework/calendars.py": BOTH,
    "casework/cases/choices.py": BOTH,
    "casework/cases/context.py": PAPER,
    "casework/cases/panel.py": RECORD,
    "casework/cases/panel_papers.py": PAPER,
    "casework/committee/register.py": RECORD,
    "casework/committee/scoring.py": BOTH,
    "casework/cases/dossier_word.py": PAPER,
    "casework/cases/effects.py": BOTH,
    "casework/cases/keeping.py": "the classes of retention, as the folders write them",
    "casework/cases/shown.py": BOTH,
    "casework/deadlines": BOTH,
    "casework/doctor.py": BOTH,
    "casework/draw_verify.py": BOTH,
    "casework/engine": BOTH,
    "casework/files/intake.py": "the name of a file that came without one",
    "casework/forms": BOTH,
    "casework/papers/numbering.py": PAPER,
    "casework/papers/wording.py": PAPER,
    "casework/packages.py": "the classes of retention, as the folders write them",
    "casework/people/founding.py": RECORD,
    "casework/people/questions.py": "patterns of what people type",
    "casework/people/texts.py": BOTH,
    "casework/cases/enclosures.py": RECORD,
    "casework/places/grouping.py": RECORD,
    "casework/cases/parts.py": "patterns of what people type",
    "casework/places/importing.py": RECORD,
    "casework/places/by_hand.py": RECORD,
    "casework/places/tables.py": RECORD,
    "casework/stories/holdings.py": RECORD,
    "casework/words.py": "the signs of a day",
    "casework/workbooks": "what people write into cells; a fault names its column in both languages",
    "casework/places/kinds.py": "the units as forms write them; their names are marked",
    "casework/places/project.py": "the words the statutes use, as they are stored; their names are marked",
    "casework/places/register.py": RECORD,
    "casework/procedures/heading.py": BOTH,
    "casework/procedures/taken_over.py": BOTH,
    "casework/procedures/standing_still.py": BOTH,
    "casework/procedures/watching.py": BOTH,
    "casework/procedures/names.py": BOTH,
    "casework/procedures/opening.py": BOTH,
    "casework/procedures/publishing.py": BOTH,
    "casework/procedures/slips.py": BOTH,
    "casework/procedures/unreadable.py": BOTH,
    "casework/profiles": BOTH,
    "casework/spoken.py": BOTH,
    "casework/standing": BOTH,
    "casework/xml.py": BOTH,
    "casework/yaml.py": BOTH,
}


def unmarked(file: Path) -> list[str]:
    """The Chinese texts of a module that are neither marked nor docstrings."""
    tree, known = ast.parse(file.read_text("utf-8")), set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            known.add(node.value)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"_", "say", "N_"}:
            known |= set(ast.walk(node.args[0]))
    texts = (n for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str))
    return [n.value for n in texts if HAN.search(n.value) and n not in known]


def test_python_says_nothing_unmarked() -> None:
    found = {
        path.relative_to(ROOT).as_posix(): texts
        for path in (
            ROOT / "app.py",
            *(p for d in ("blueprints", "casework") for p in (ROOT / d).rglob("*.py")),
        )
        if (texts := unmarked(path))
    }
    reasons = {
        name: next((p for p in PYTHON if name == p or name.startswith(p + "/")), None) for name in found
    }
    assert not {n: found[n] for n, reason in reasons.items() if reason is None}, 'mark it: _("…")'
    assert not set(PYTHON) - set(reasons.values()), "nothing is unmarked here any more: take it off the list"


# ------------------------------------------------------------------------------------ English pages

#: Stories whose cases show most of what a case can show, and how many steps of each are played (None: all).
PLAYED = (
    ("exemption/small_approved", None),
    ("exemption/banned_enterprise", 4),
    ("exemption/corrected_soon", 1),
    ("acceptance/confirmed_with_defect", None),
    ("acceptance/one_refused", 4),
    ("acceptance/all_confirmed", 0),
)
#: Attributes that are read out or shown.
SPOKEN = ("placeholder", "aria-label", "title", "alt")


class Page(HTMLParser):
    """The texts a visitor sees or hears, without what is declared to be Chinese or is being written."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[tuple[str, bool]] = []
        self.texts: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        given = {name: value or "" for name, value in attrs}
        left_out = tag in {"script", "style", "textarea"} or given.get("lang", "").startswith("zh")
        left_out = left_out or (self.left_out and given.get("lang") != "en")
        if not left_out:
            self.texts += [given[name] for name in SPOKEN if name in given]
        if tag not in {"br", "hr", "img", "input", "link", "meta"}:
            self.open.append((tag, left_out))

    def handle_startendtag(self, tag: str, attrs: Any) -> None:
        """Closed at once: nothing in it to see."""

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not self.left_out:
            self.texts.append(data)

    @property
    def left_out(self) -> bool:
        return bool(self.open) and self.open[-1][1]


def leaves(value: Any) -> Iterator[str]:
    """Every text in an answer, its rows and its files."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from (text for part in value.values() for text in leaves(part))
    elif isinstance(value, list | tuple):
        yield from (text for part in value for text in leaves(part))


#: Where Chinese on an English page may come from: what people wrote, and what the office put on record.
DATA: Mapping[str, tuple[Any, ...]] = {
    "names and addresses": (
        *(Organisation.name, Organisation.address, Organisation.contact, Organisation.representative),
        *(User.name, places.Project.name, places.Project.address),
    ),
    "titles of cases, which are composed in Chinese": (Case.title,),
    "papers": (papers.Paper.title, papers.Paper.number),
    "the record": (journal.Entry.who, places.SizeRecord.recorded_by),
    "letters as they were sent": (letters.Letter.subject,),
    "decisions about enterprises": (
        Record.basis,
        Record.document,
        Record.reason,
        Record.recorded_by,
        Lift.document,
    ),
    "answers": (Step.answers, Case.variables),
    "areas and relations": (
        *(places.Area.east, places.Area.south, places.Area.west, places.Area.north, places.Area.number),
        *(places.Area.recorded_by, Relation.document, Relation.recorded_by),
        *(Relation.upper_name, Relation.lower_name),
    ),
    "rooms, facilities and records": (
        *(places.Room.name, places.Room.building, places.Room.floor, places.Room.door, places.Room.use),
        *(places.Room.certificate_no, places.Facility.name, places.Facility.location, places.Facility.model),
        *(places.Facility.maker, places.FacilityRecord.what, places.FacilityRecord.by_whom),
        *(places.Version.says, places.Version.reason, places.Version.recorded_by),
    ),
    "contracts": (places.ServiceContract.number, places.ServiceContract.recorded_by),
    "experts": (Expert.employer, Expert.title, Tie.firm, Note.says),
}
#: Local rules are cited by their Chinese names.
CITED = re.compile(r"云河区物业服务管理办法（虚构，仅供演示） 第[一二三四五六七八九十]+条")
#: Followed on each role's way through the office: one page of each kind.
LINK = re.compile(r'href="(/[^"#]*)"')
NO_PAGE = re.compile(r"^/(static|sign-out)|/(file|paper)/|[.](css|xml|svg)|[?&](before|after)=")
NUMBER = re.compile(r"[0-9]+|[A-Z0-9-]{8,}")


@pytest.fixture(scope="module")
def office(workplace: Path) -> Iterator[Flask]:
    """The demo district with a few cases, at any database: words do not depend on it."""
    place = workplace / "words"
    app = open_office(place, f"sqlite:///{place / 'tendover.db'}", DEMO=True)
    app.test_client_class = Visitor
    with app.app_context():
        db.create_all()
        for key, folder in procedures.folders(WORKFLOWS).items():
            procedures.install(key, folder, clock.now())
        keys = stories.load_town(WORKFLOWS / "demo")
        db.session.commit()
        for name, count in PLAYED:
            key, _, told = name.partition("/")
            story = stories.read(WORKFLOWS / key / "stories" / f"{told}.yaml")
            part = replace(story, steps=story.steps[:count])
            stories.Player(stories.shifted(part, clock.now()), keys).play()
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(scope="module")
def data(office: Flask) -> list[str]:
    """Every Chinese text that people wrote or the office put on record, the longest first."""
    found = {
        text.strip()
        for columns in DATA.values()
        for column in columns
        for value in db.session.scalars(sa.select(column))
        for text in leaves(value)
        if HAN.search(text) and len(text.strip()) > 1
    }
    found |= {title.partition("：")[2] for title in found if "：" in title}
    return sorted(found, key=len, reverse=True)


def visit(client: FlaskClient, starts: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Address and page of one page of each kind that this visitor can reach."""
    ways, kinds = list(starts), set()
    while ways:
        way = ways.pop(0)
        kind = NUMBER.sub("N", way.partition("?")[0])
        if kind in kinds or NO_PAGE.search(way):
            continue
        kinds.add(kind)
        answer = client.get(way, follow_redirects=True)
        assert answer.status_code < 500, way
        if answer.mimetype == "text/html":
            yield way, answer.text
            ways += [unescape(link) for link in LINK.findall(answer.text)]


def chinese(page: str, data: Iterable[str]) -> list[str]:
    """What is Chinese on a page and did not come from the data."""
    found = []
    for text in Page(page).texts:
        rest = CITED.sub("", SAMPLES.sub("", " ".join(text.split())))
        if HAN.search(rest):
            for known in data:
                rest = rest.replace(known, "")
        if HAN.search(rest):
            found.append(rest)
    return found


ROLES = (
    *(None, "bureau/window", "bureau/examiner", "bureau/head", "street/head", "community/head"),
    *("developer/handler", "enterprise/head", "district/admin", "district/auditor"),
)


@pytest.mark.parametrize("role", ROLES)
def test_an_english_page_has_no_chinese_of_ours(office: Flask, data: list[str], role: str | None) -> None:
    client = office.test_client()
    client.set_cookie("lang", "en")
    if role:
        kind, _, name = role.partition("/")
        posts = db.session.scalars(
            sa.select(Post).join(Organisation).where(Organisation.kind == kind, Post.role == name)
        )
        client.post("/demo", data={"post": min(post.id for post in posts)})
    if role == "developer/handler":
        for key in procedures.folders(WORKFLOWS):
            page = client.get(f"/apply/new/{key}").text
            projects = re.findall(r'name="project"[^>]* value="(\d+)"', page)
            client.post(f"/apply/new/{key}", data={"project": projects[0]} if projects else {})
    rules = (r for r in office.url_map.iter_rules() if "GET" in (r.methods or ()) and not r.arguments)
    pages = list(visit(client, sorted(r.rule for r in rules)))
    assert len(pages) > 8
    assert all('<html lang="en"' in page for _way, page in pages)
    left = {way: found for way, page in pages if (found := chinese(page, data))}
    assert not left


def test_a_record_is_chinese_whoever_acts(office: Flask) -> None:
    post = db.session.scalars(sa.select(Post).where(Post.role == "head").order_by(Post.id)).first()
    with office.test_request_context("/", headers={"Cookie": "lang=en"}):
        refresh()  # the context of the whole office remembers what it read last
        assert str(post.role_name) == "Head"
        assert signature(post) == "云河区住房和城乡建设局 局长甲（负责人）"
        assert say_in("en", post.role_name) == "Head"
