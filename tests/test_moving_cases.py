"""A case that is carried over to a newer version of its procedure: tried first, then done and written down."""

from __future__ import annotations

import json
import re
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from acting import browser, elsewhere, played, post, told, waiting
from flask import Flask

from casework import cases, clock, journal, procedures
from casework.cases import contents, proof
from casework.cases.model import Case, Step
from casework.db import db

WORKFLOWS = Path(__file__).resolve().parent.parent / "workflows"
LOGIN = ("--by", "head1")


@pytest.fixture
def case(district: Flask, keys: dict[str, int]) -> Case:
    """Corrected, and on the window's desk again."""
    found = played("exemption/corrected_soon", keys)
    db.session.commit()
    return found


def newer(tmp_path: Path, case: Case, **other: str) -> int:
    """Another version of the folder: the window's step has another name, and its form one question more."""
    folder = tmp_path / "exemption"
    shutil.copytree(WORKFLOWS / "exemption", folder)
    step = waiting(case.id, "win1")
    drawing = (folder / "process.bpmn").read_text("utf-8")
    assert f'name="{step.name}"' in drawing
    drawing = drawing.replace(f'name="{step.name}"', 'name="新的收件"')
    checks = (folder / "procedure.yaml").read_text("utf-8")
    for was, now in other.items():
        checks = re.sub(rf"(steps: \[.*)\b{was}\b", rf"\1{now}", checks)
        drawing = re.sub(rf'(\bid=|Ref=|bpmnElement=)"{was}"', rf'\1"{now}"', drawing)
        drawing = drawing.replace(f">{was}<", f">{now}<")
    (folder / "process.bpmn").write_text(drawing, "utf-8")
    (folder / "procedure.yaml").write_text(checks, "utf-8")
    english = folder / "texts.en.yaml"
    english.write_text(english.read_text("utf-8") + "新的收件: New receipt\n", "utf-8")
    form = folder / "forms" / f"{step.form}.form"
    about = json.loads(form.read_text("utf-8"))
    words = {"label.en": "Shelf"}
    more = {"type": "textfield", "id": "shelf", "key": "shelf", "label": "柜号", "properties": words}
    about["components"][0]["components"].append(more)
    form.write_text(json.dumps(about, ensure_ascii=False), "utf-8")
    version = procedures.install("exemption", folder, clock.now())
    db.session.commit()
    return version


def run(district: Flask, case: Case, *more: str) -> tuple[int, str]:
    number = case.number
    opened = sa.select(sa.func.max(Step.opened_at)).where(Step.case_id == case.id)
    with clock.at(db.session.scalar(opened) + timedelta(hours=1)):
        done = district.test_cli_runner().invoke(args=["cases", "move", number, *LOGIN, *more])
    db.session.rollback()
    return done.exit_code, done.output


def again(case: Case) -> Case:
    return db.session.get_one(Case, case.id, populate_existing=True)


def test_trying_says_what_would_be_and_changes_nothing(case: Case, district: Flask, tmp_path: Path) -> None:
    version, before = newer(tmp_path, case), (case.version_id, case.journal_seq)
    old = waiting(case.id, "win1").name
    code, said = run(district, case)
    assert (code, f"version {version}" in said, f"{old} → 新的收件" in said) == (0, True, True), said
    assert ("+ shelf" in said, "nothing changed" in said) == (True, True)
    assert (again(case).version_id, again(case).journal_seq) == before
    assert waiting(case.id, "win1").name == old


def test_a_moved_case_goes_on_in_the_new_drawing_and_shows_what_was_done_as_it_was(
    case: Case, district: Flask, tmp_path: Path
) -> None:
    began, due = case.version_id, waiting(case.id, "win1").due
    version = newer(tmp_path, case)
    code, said = run(district, case, "--reason", "收件增加柜号")
    assert (code, "nothing changed" in said) == (0, False)
    (entry,) = told(case.id, "moved")
    assert (entry.facts["reason"], entry.facts["mapping"], "局长甲" in entry.who) == (
        "收件增加柜号",
        {},
        True,
    )
    moved = again(case)
    assert moved.version_id == version
    step = waiting(case.id, "win1")
    assert (step.name, step.due, step.procedure.sha256) == ("新的收件", due, procedures.of(version).sha256)
    done = db.session.scalars(sa.select(Step).where(Step.case_id == case.id, Step.status == "done")).all()
    assert {each.version_id for each in done} == {began}
    assert list(journal.verify({case.id: (moved.journal_seq, moved.journal_head)})) == []
    assert list(proof.altered([case.id])) == []
    kept = {part.path.split("/")[0] for part in contents._drawing(moved, clock.now())}
    assert kept == {"procedure", "procedure-before"}
    client, number, first, onward = browser(district, "win1"), case.number, done[0].id, step.id
    page = elsewhere(lambda: client.get(f"/case/{number}")).text
    assert ("转到流程的另一版本" in page, "新的收件" in page) == (True, True)
    assert elsewhere(lambda: client.get(f"/case/{number}/step/{first}")).status_code == 200
    asked = elsewhere(lambda: client.get(f"/step/{onward}")).text
    assert "柜号" in asked


def test_a_step_without_a_place_is_named_and_can_be_given_one(
    case: Case, district: Flask, tmp_path: Path
) -> None:
    step, began = waiting(case.id, "win1"), case.version_id
    element, name = step.element, step.name
    version = newer(tmp_path, case, **{element: f"{element}_anew"})
    code, said = run(district, case, "--reason", "改图")
    assert (code, f"“{name}”（{element}）正在办理" in said) == (1, True)
    assert again(case).version_id == began
    code, said = run(district, case, "--reason", "改图", "--place", f"{element}={element}_anew")
    assert (code, again(case).version_id) == (0, version), said
    assert waiting(case.id, "win1").element == f"{element}_anew"


def test_who_may_not_and_what_cannot_move_is_said(case: Case, district: Flask, keys: dict[str, int]) -> None:
    number = case.number
    done = district.test_cli_runner().invoke(args=["cases", "move", number, "--by", "win1"])
    assert (done.exit_code, "仅案件所属房管局负责人" in done.output) == (1, True)
    assert "案件已经在这一版本。" in run(district, case)[1]
    other = procedures.current("registration")
    assert "不是本案的流程" in run(district, case, "--to", str(other))[1]
    cases.withdraw(case.id, by=post("dev1"), reason="不办了")
    db.session.commit()
    assert "已经办结或者撤回" in run(district, case)[1]


def test_a_case_that_would_get_stuck_stays_where_it_is(case: Case, district: Flask, tmp_path: Path) -> None:
    began, folder = case.version_id, tmp_path / "exemption"
    shutil.copytree(WORKFLOWS / "exemption", folder)
    drawing = (folder / "process.bpmn").read_text("utf-8")
    assert drawing.count('>=deadline("receive")<') == 1
    drawing = drawing.replace('>=deadline("receive")<', ">=if corrected then now() else null<")
    drawing = re.sub(
        r"\breceive_due\b", "receive_late", drawing
    )  # another event: armed when the case arrives
    (folder / "process.bpmn").write_text(drawing, "utf-8")
    procedures.install("exemption", folder, clock.now())
    db.session.commit()
    code, said = run(district, case, "--reason", "改图")
    assert (code, "（receive_late）办不下去" in said) == (1, True), said
    assert (again(case).version_id, waiting(case.id, "win1").status) == (began, "open")
