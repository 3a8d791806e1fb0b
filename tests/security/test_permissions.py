"""Every page × every role × an own, a strange and a missing object, against a table kept apart from the code."""

from __future__ import annotations

import re

import pytest
from town import CANARIES, ROLES, Town, plain
from walked import TABLE, Findings
from walker import NO_ROW, ask, rules_of

from casework import cases
from casework.db import db


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
def test_every_planted_text_is_met_by_those_who_may_read_it(walked: Findings) -> None:
    """The canaries sing: otherwise their silence elsewhere would prove nothing."""
    pages = {text: set() for text in CANARIES}
    for (_line, role), answer in walked.pages.items():
        for text in CANARIES:
            if text.encode() in answer.body:
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
