from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from blueprints import workshop
from casework import clock

DRAWINGS = Path(__file__).parent / "engine" / "drawings"
ROOT = Path(__file__).parent.parent


@pytest.fixture
def bench() -> Flask:
    app = Flask("workshop", static_folder=str(ROOT / "static"))
    app.register_blueprint(workshop.bp)
    return app


def run(bench: Flask, *words: str) -> Result:
    return bench.test_cli_runner().invoke(args=list(words))


def test_a_good_drawing_passes_with_its_warnings(bench: Flask) -> None:
    path = DRAWINGS / "camunda7.bpmn"
    said = run(bench, "drawing", "check", str(path))
    assert said.exit_code == 0
    assert said.output == f"{path}:8 Activity_review listener: “审核”：监听器（Java 程序）不会执行。\n"


def test_errors_give_exit_status_1_and_speak_english_when_asked(bench: Flask) -> None:
    said = run(
        bench,
        "drawing",
        "check",
        "--lang",
        "en",
        str(DRAWINGS / "bizagi.bpmn"),
        str(DRAWINGS / "camunda8.bpmn"),
    )
    assert said.exit_code == 1
    assert "bizagi.bpmn:15 Id_f3 no-condition: This flow behind" in said.output
    assert said.output.endswith("camunda8.bpmn: ok\n")


def test_json_is_one_document(bench: Flask) -> None:
    said = run(
        bench, "drawing", "check", "--json", str(DRAWINGS / "bizagi.bpmn"), str(DRAWINGS / "camunda8.bpmn")
    )
    document = json.loads(said.output)
    assert document["ok"] is False
    assert [len(f["findings"]) > 0 for f in document["files"]] == [True, False]
    assert set(document["files"][0]["findings"][0]) == {"line", "element", "code", "level", "zh", "en"}


def test_our_own_procedures_pass_together_with_their_decisions(bench: Flask) -> None:
    for folder in sorted(p.parent for p in (ROOT / "workflows").glob("*/process.bpmn")):
        files = [str(p) for p in sorted(folder.iterdir()) if p.suffix in (".bpmn", ".dmn")]
        said = run(bench, "drawing", "check", *files)
        assert said.exit_code == 0, said.output


def test_a_missing_decision_is_found_when_decisions_are_given(bench: Flask, tmp_path: Path) -> None:
    asking = tmp_path / "a.bpmn"
    asking.write_text(
        '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:c="http://camunda.org/schema/1.0/bpmn">'
        '<process id="p" isExecutable="true"><startEvent id="s"/><businessRuleTask id="r" c:decisionRef="who"/>'
        '<sequenceFlow sourceRef="s" targetRef="r"/></process></definitions>',
        encoding="utf-8",
    )
    table = tmp_path / "t.dmn"
    table.write_text("<x/>", encoding="utf-8")
    said = run(bench, "drawing", "check", str(asking), str(table))
    assert said.exit_code == 1
    assert "missing-decision" in said.output
    assert "t.dmn" in said.output
    assert run(bench, "drawing", "check", str(asking)).exit_code == 0


def test_a_picture_goes_to_a_file_or_to_the_output(bench: Flask, tmp_path: Path) -> None:
    path = tmp_path / "out.svg"
    assert run(bench, "drawing", "picture", str(DRAWINGS / "bpmnio.bpmn"), "-o", str(path)).exit_code == 0
    text = path.read_text(encoding="utf-8")
    assert text.startswith("<svg ")
    assert ".picture .box" in text
    assert ":root{" in text
    shown = run(bench, "drawing", "picture", str(DRAWINGS / "activiti.bpmn"))
    assert shown.output.startswith("<svg ")
    path.write_bytes(b"<a>")
    wrong = run(bench, "drawing", "picture", "--lang", "en", str(path))
    assert wrong.exit_code == 1
    assert "Line 1, column 4: The file ends here and “a” of line 1 is not ended" in wrong.output


@pytest.mark.parametrize(
    ("expression", "given", "shown"),
    [
        ("x + 1", '{"x": 1.5}', "2.5"),
        ('date("2026-01-31") + duration("P1M")', "{}", "2026-02-28"),
        ('"云河" + "区"', "{}", '"云河区"'),
        ("=count(面积[item > 100])", '{"面积": [90, 120, 300]}', "2"),
        ('due < date("2026-09-01")', '{"due": {"@d": "2026-08-07"}}', "true"),
        ("用房 面积 * 2", '{"用房 面积": 3}', "6"),
    ],
)  # fmt: skip
def test_feel_prints_the_value(bench: Flask, expression: str, given: str, shown: str) -> None:
    said = run(bench, "feel", expression, "--given", given)
    assert (said.exit_code, said.output.strip()) == (0, shown)


def test_feel_says_why_a_value_is_null(bench: Flask) -> None:
    lines = run(bench, "feel", "x + y", "--given", '{"x": 1}').output.splitlines()
    assert lines[0] == "null"
    assert lines[1] == "5: 没有名为“y”的值。"


def test_feel_knows_the_office_s_clock(bench: Flask) -> None:
    with clock.at(datetime(2026, 2, 28, 23, 30, tzinfo=clock.SHANGHAI)):
        assert run(bench, "feel", 'today() + duration("P1D")').output == "2026-03-01\n"
        assert run(bench, "feel", 'now() - duration("PT30M")').output.startswith("2026-02-28T15:00:00")


def test_feel_says_where_a_mistake_is(bench: Flask) -> None:
    said = run(bench, "feel", "1 +", "--lang", "en")
    assert said.exit_code == 1
    assert "character 4" in said.output
    assert run(bench, "feel", "1", "--given", "[1]").exit_code == 1
    assert run(bench, "feel", "1", "--given", "{").exit_code == 1
