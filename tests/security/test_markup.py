"""Whatever people type, file or draw stays text: pages are read back with a parser (trust.md 28)."""

from __future__ import annotations

import html
import json
import re
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote

import pytest
import sqlalchemy as sa
from town import Town
from walked import TABLE
from walker import ask

from casework import cases, journal, letters, notices, papers, places, standing, xml
from casework.db import db
from casework.engine import picture
from casework.files import File
from casework.people import Organisation, User

#: A mark that a parser would report as a tag or an attribute the moment it is not escaped.
MARK = "zqxmark"
PAYLOADS = (
    f"<{MARK}>",
    f'"><{MARK} {MARK}=1>',
    f"'><img {MARK}=x src=x onerror={MARK}()>",
    f"</textarea></title></style></script><{MARK}>",
    f'" {MARK}="1" autofocus onfocus="{MARK}()',
    f"' {MARK}='1",
    f"{{{{ 7*7 }}}}<{MARK}>{{% raw %}}",
    f"javascript:{MARK}()",
    f"&lt;{MARK}&gt;<svg/{MARK}>",
    f"[x](javascript:{MARK}()) **b** <{MARK}>",
)


class Reader(HTMLParser):
    """Notes every tag, attribute name and script address that bears the mark."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if MARK in tag:
            self.found.append(f"<{tag}>")
        for name, value in attrs:
            if MARK in name or name.startswith("on"):
                self.found.append(f"<{tag} {name}>")
            where = (value or "").strip().lower()
            if name in {"href", "src", "action", "formaction", "xlink:href"} and where.startswith(
                ("javascript", "data:text")
            ):
                self.found.append(f"<{tag} {name}={where[:20]}>")

    def handle_comment(self, data: str) -> None:
        if MARK in data:
            self.found.append("<!-- -->")


def marked(text: str) -> list[str]:
    reader = Reader()
    reader.feed(text)
    reader.close()
    return reader.found


def test_the_reader_would_notice() -> None:
    for one in (*PAYLOADS[:5], *PAYLOADS[6:7]):
        assert marked(f"<p title=\"{one}\"><p class='{one}'>{one}"), one
    assert marked(f'<a href="{PAYLOADS[7]}">')


@pytest.mark.once
def test_what_a_query_says_is_never_markup(town: Town) -> None:
    for address in (
        "/cases?q=", "/projects?q=", "/enterprises?q=", "/admin/?q=", "/notices?kind=", "/inbox?key=", "/inbox?box=",
        "/inbox?after=", "/accounts/?state=", "/sign-in?next=", "/verify?code=", "/verify/", "/case/", "/nowhere/",
        "/apply/new/", "/link/", "/static/", "/admin/log?before=", "/form/1/",
    ):  # fmt: skip
        role = "adm" if "admin" in address else "win"
        for payload in PAYLOADS:
            answer = ask(town, role, "GET", address + quote(payload, safe=""))
            assert not marked(answer.text), (address, payload)
            assert answer.status < 500


def test_what_a_form_says_comes_back_as_text(town: Town) -> None:
    names = (
        "name", "name_en", "address", "login", "email", "code", "contact", "reason", "phone", "representative", "demand",
        "password", "project_name", "permit_no", "why", "begins", "score", "document", "gfa_total", "starts_on", "role",
        "license", "_act", "_section", "items-0-name", "window_note", "refuse_reason", "state", "kind", "q", "next",
    )  # fmt: skip
    for at, line in enumerate(line for line in TABLE if line.method == "POST"):
        role = next((r for r, word in line.words.items() if word == "422"), "dev")
        payload = PAYLOADS[at % len(PAYLOADS)]
        answer = ask(
            town, role, "POST", town.address(line.endpoint, line.about), dict.fromkeys(names, payload)
        )
        assert answer.status < 500, str(line)
        assert not marked(answer.text), (str(line), payload)


@pytest.mark.once
def test_what_is_stored_is_shown_as_text_wherever_it_is_shown(town: Town) -> None:
    """Every text column that people fill, in every table, then every page as everybody who may see it."""
    with town.app.app_context():
        _poison()
        db.session.commit()
    seen = 0
    for line in TABLE:
        for role in ("anon", "dev", "win", "head", "str", "com", "ent", "aud", "adm"):
            if line.method == "GET" and line.words[role] == "200" and line.endpoint != "static":
                answer = ask(town, role, "GET", town.address(line.endpoint, line.about))
                assert answer.status == 200, (str(line), role)
                if "html" in answer.headers["Content-Type"]:
                    seen += MARK in answer.text
                    assert not marked(answer.text), (str(line), role)
                elif line.endpoint == "board.feed":
                    assert all(MARK not in one.tag for one in xml.read(answer.body).iter())
                assert "\n" not in answer.headers.get("Content-Disposition", "")
    assert seen > 40


def _poison() -> None:
    plain, quoted = PAYLOADS[1], PAYLOADS[4]
    every: dict[Any, tuple[str, ...]] = {
        Organisation: ("name", "name_en", "address", "contact", "phone", "representative", "email"),
        User: ("name", "name_en", "email", "phone"),
        places.Project: ("name", "name_en", "address"),
        standing.Record: ("reason", "reason_en", "document", "basis"),
        notices.Notice: ("title", "title_en", "body", "body_en"),
        letters.Letter: ("subject", "body"),
        cases.Case: ("title",),
        journal.Entry: ("who",),
        papers.Paper: ("title", "number"),
    }
    for table, columns in every.items():
        db.session.execute(sa.update(table).values({name: plain for name in columns if name != "name_en"}))
    db.session.execute(sa.update(File).values(name=quoted + ".pdf"))
    for step in db.session.scalars(sa.select(cases.Step).where(cases.Step.answers.is_not(None))):
        step.answers = _poisoned(step.answers)
    for draft in db.session.scalars(sa.select(cases.Draft)):
        draft.raw = {key: value if key == "_section" else [quoted] for key, value in draft.raw.items()}


def _poisoned(value: Any, key: str = "") -> Any:
    """Free texts of an answer, not its choices, numbers and files' ids."""
    if isinstance(value, dict):
        return {k: _poisoned(v, k) for k, v in value.items()}
    if isinstance(value, list):
        return [_poisoned(one, key) for one in value]
    free = {
        "why",
        "small_reason",
        "contact",
        "manager",
        "location",
        "name",
        "finding_reason",
        "title_paper",
        "use",
    }
    return PAYLOADS[2] if key in free and isinstance(value, str) else value


def test_names_in_a_drawing_are_text_in_its_picture(town: Town) -> None:
    with town.app.app_context():
        case = db.session.scalars(sa.select(cases.Case)).first()
        bpmn = case.procedure.files["process.bpmn"].decode()
    spoiled = re.sub(r'\bname="[^"]*"', f'name="{html.escape(PAYLOADS[1])}"', bpmn)
    svg = picture.svg(spoiled.encode(), title=PAYLOADS[1], lang="zh")
    assert not marked(svg)
    for one in xml.read(svg.encode()).iter():
        assert MARK not in str(one.tag)
        assert not any(MARK in name for name in one.attrib)


def test_a_saved_draft_answers_as_data(town: Town) -> None:
    answer = ask(town, "dev", "POST", town.address("apply.autosave", "draft"), {"contact": PAYLOADS[1]})
    assert answer.headers["Content-Type"] == "application/json"
    assert MARK not in json.dumps(json.loads(answer.text))
