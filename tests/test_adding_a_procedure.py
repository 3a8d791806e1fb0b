"""A procedure is added without Python: a copied folder, other parties, other questions, its own story; and what a mistake says."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import docx
import pytest
import sqlalchemy as sa
import yaml
from flask import Flask

from casework import clock, files, journal, papers, procedures, stories, worker
from casework.db import db
from casework.procedures import BadFolder

#: What a folder says does not depend on the database; the stories of all folders are played on both.
pytestmark = pytest.mark.once
WORKFLOWS = Path(__file__).resolve().parent.parent / "workflows"
GONE = "社区居委会"


def edit(file: Path, change: Callable[[Any], None]) -> None:
    """Change a YAML or .form file as somebody with an editor would."""
    text = file.read_text(encoding="utf-8")
    content = json.loads(text) if file.suffix == ".form" else yaml.safe_load(text)
    change(content)
    written = (
        json.dumps(content, ensure_ascii=False, indent=2)
        if file.suffix == ".form"
        else yaml.safe_dump(content, allow_unicode=True)
    )
    file.write_text(written, encoding="utf-8")


def replace(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{file.name}: {old}"
    file.write_text(text.replace(old, new), encoding="utf-8")


def part(form: dict[str, Any], part_id: str) -> dict[str, Any]:
    return next(one for one in form["components"] if one["id"] == part_id)


def drop_column(table: Any, place: int) -> None:
    """What Word does when a column is deleted: cells go, a header over several columns shrinks."""
    for row in table.rows:
        at = 0
        for cell in list(row._tr.tc_lst):
            span = cell.grid_span
            if at <= place < at + span:
                if span == 1:
                    row._tr.remove(cell)
                else:
                    cell.grid_span = span - 1
                break
            at += span
    grid = table._tbl.tblGrid
    grid.remove(grid.gridCol_lst[place])


def three_parties(about: dict[str, Any]) -> None:
    about["code"], about["title"] = "SF", "车库验收三方确认"
    del about["parties"][GONE]
    about["confirms"].remove(GONE)
    about["papers"]["D23"]["series"] = "云房库"


def garage(root: Path) -> Path:
    """The folder of the four confirmations, made into one of three for garages: no Python is touched."""
    folder = root / "garage"
    shutil.copytree(WORKFLOWS / "acceptance", folder)
    edit(folder / "procedure.yaml", three_parties)
    edit(
        folder / "texts.en.yaml",
        lambda english: english.update({"车库验收三方确认": "Three confirmations of a garage"}),
    )
    question = {
        "type": "textfield",
        "id": "Field_entrances",
        "key": "entrances",
        "label": "车库出入口位置",
        "validate": {"required": True, "maxLength": 60},
        "properties": {"label.en": "Entrances of the garage"},
    }
    edit(
        folder / "forms" / "apply.form",
        lambda form: part(form, "Part_project")["components"].append(question),
    )
    edit(
        folder / "forms" / "stamp.form",
        lambda form: form["properties"].update(title="逐项核对车库", submitLabel="核对并盖章"),
    )
    template = docx.Document(str(folder / "papers" / "confirmation.docx"))
    for table in template.tables:
        named = [place for row in table.rows for place, cell in enumerate(row.cells) if cell.text == GONE]
        for place in named:
            drop_column(table, place)
    template.save(str(folder / "papers" / "confirmation.docx"))
    _keep_one_story(folder / "stories")
    return folder


def _keep_one_story(folder: Path) -> None:
    for file in folder.glob("*.yaml"):
        if file.name not in {"answers.yaml", "all_confirmed.yaml"}:
            file.unlink()
    edit(folder / "answers.yaml", lambda answers: answers["four"].update(entrances="1 幢东侧、3 幢北侧"))

    def without_the_community(story: dict[str, Any]) -> None:
        story["starts"]["then"]["open"].remove("stamp")
        story["steps"] = [step for step in story["steps"] if step["who"] != "com6"]

    edit(folder / "all_confirmed.yaml", without_the_community)


def own_root(office: Flask) -> Path:
    """Where a city keeps its own procedures."""
    root = Path(office.instance_path) / "workflows"
    root.mkdir()
    return root


def run(office: Flask, *command: str) -> Any:
    """A command of the operator, in a transaction of its own."""
    db.session.rollback()
    return office.test_cli_runner().invoke(args=command)


def test_a_copied_folder_with_other_parties_and_questions_plays_its_own_story(
    district: Flask, keys: dict[str, int]
) -> None:
    folder = garage(own_root(district))
    checked = run(district, "procedures", "check")
    assert "garage: ok" in checked.output
    assert checked.exit_code == 0
    assert run(district, "procedures", "install").exit_code == 0

    (story,) = stories.of(folder)
    case = stories.Player(story, keys).play()
    assert case is not None
    assert stories.differences(story.then, case) == []
    assert case.number == "SF-2026-0001"
    assert list(journal.verify({case.id: (case.journal_seq, case.journal_head)})) == []
    assert GONE not in case.procedure.parties
    assert case.procedure.forms["stamp"].raw["properties"]["title"] == "逐项核对车库"

    worker.work(clock.now())
    (paper,) = papers.of(case.id)
    assert paper.number == "云房库〔2026〕1号"
    word = docx.Document(BytesIO(files.read(db.session.get_one(files.File, paper.docx_id))))
    shown = "\n".join(cell.text for table in word.tables for row in table.rows for cell in row.cells)
    assert "物业甲" in shown
    assert GONE not in shown


def test_a_new_question_must_be_answered(district: Flask, keys: dict[str, int]) -> None:
    folder = garage(own_root(district))
    procedures.install("garage", folder, clock.now())
    db.session.commit()
    edit(folder / "stories" / "answers.yaml", lambda answers: answers["four"].pop("entrances"))
    (story,) = stories.of(folder)
    with pytest.raises(stories.Astray, match="车库出入口位置"):
        stories.Player(story, keys).play()


def test_the_new_procedure_is_offered_in_both_languages(district: Flask) -> None:
    garage(own_root(district))
    run(district, "procedures", "install")
    visitor = district.test_client()
    assert "车库验收三方确认" in visitor.get("/guide").text
    visitor.set_cookie("lang", "en")
    assert "Three confirmations of a garage" in visitor.get("/guide").text


def test_a_citys_own_folder_wins_over_ours_of_the_same_name(district: Flask) -> None:
    before = procedures.current("acceptance")
    folder = own_root(district) / "acceptance"
    shutil.copytree(WORKFLOWS / "acceptance", folder)
    replace(folder / "procedure.yaml", "retention: 永久", "retention: 30年")
    assert procedures.folders(WORKFLOWS, folder.parent)["acceptance"] == folder
    assert run(district, "procedures", "install").exit_code == 0
    after = procedures.current("acceptance")
    assert after != before
    assert procedures.of(after).about["retention"] == "30年"
    assert procedures.of(before).about["retention"] == "永久", "running cases keep the folder they began with"


#: What somebody may get wrong -> change of the drawing, the element that is named, the word that both sentences say.
MISTAKES = {
    "a condition reads a name that nobody answers": (
        ("=all_confirmed</bpmn:conditionExpression>", "=all_confirmd</bpmn:conditionExpression>"),
        "f_confirmed",
        "all_confirmd",
    ),
    "a step without its form": (
        ('formId="correct"', 'formId="corect"'),
        "correct",
        "corect",
    ),
    "a word that no effect has": (
        ('type="table items"', 'type="table itmes"'),
        "table",
        "table itmes",
    ),
    "a gateway that leads nowhere": (
        ('sourceRef="result_gate" targetRef="certify"', 'sourceRef="result_gate" targetRef="certifi"'),
        "f_confirmed",
        "certifi",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_named_with_file_line_element_and_sentence(mistake: str, tmp_path: Path) -> None:
    (old, new), element, word = MISTAKES[mistake]
    folder = garage(tmp_path)
    replace(folder / "process.bpmn", old, new)
    line = 1 + (folder / "process.bpmn").read_text(encoding="utf-8").partition(new)[0].count("\n")
    refused = refusal(folder)
    found = {f.element: f for file, f in refused.findings if file == "process.bpmn"}
    assert element in found, refused
    finding = found[element]
    assert finding.level == "error"
    assert 0 <= line - finding.line <= 12, (finding, line)  # the element begins a few lines above the mistake
    assert word in finding.zh
    assert re.search(r"[\u4e00-\u9fff]", finding.zh)
    assert word in finding.en
    assert f"garage/process.bpmn:{finding.line} {element}: {finding.zh} / {finding.en}" in str(refused)


def refusal(folder: Path) -> BadFolder:
    with pytest.raises(BadFolder) as refused:
        procedures.open_files(folder.name, procedures.read_folder(folder))
    return refused.value


def test_a_lane_that_is_no_party_is_named_in_both_languages(tmp_path: Path) -> None:
    folder = garage(tmp_path)
    replace(
        folder / "process.bpmn", 'id="Lane_developer" name="建设单位"', 'id="Lane_developer" name="开发商"'
    )
    (finding,) = [f for _file, f in refusal(folder).findings if f.element == "correct"]
    assert "开发商" in finding.zh
    assert "开发商" in finding.en


def test_a_broken_folder_stops_neither_the_check_of_the_others_nor_running_cases(district: Flask) -> None:
    folder = garage(own_root(district))
    run(district, "procedures", "install")
    good = procedures.current("garage")
    replace(folder / "process.bpmn", 'formId="correct"', 'formId="corect"')
    checked = run(district, "procedures", "check")
    assert checked.exit_code == 1
    assert "acceptance: ok" in checked.output
    assert "exemption: ok" in checked.output
    assert re.search(r"garage/process\.bpmn:\d+ correct: .*corect.* / .*corect", checked.output)
    assert procedures.current("garage") == good
    kept = db.session.scalar(
        sa.select(sa.func.count(procedures.Version.id)).where(procedures.Version.key == "garage")
    )
    assert kept == 1


def test_a_form_that_cannot_be_read_and_a_template_with_a_foreign_blank_are_named_too(tmp_path: Path) -> None:
    folder = garage(tmp_path)
    (folder / "forms" / "stamp.form").write_text("{", encoding="utf-8")
    assert "forms/stamp.form" in {file for file, _finding in refusal(folder).findings}
    shutil.copy(WORKFLOWS / "acceptance" / "forms" / "stamp.form", folder / "forms" / "stamp.form")
    template = docx.Document(str(folder / "papers" / "confirmation.docx"))
    template.add_paragraph("{{ open('/etc/passwd') }}")
    template.save(str(folder / "papers" / "confirmation.docx"))
    assert "papers/confirmation.docx" in str(refusal(folder))
