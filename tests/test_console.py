"""The operator's commands, as they are typed."""

from __future__ import annotations

import shutil
import socket
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from acting import WORKFLOWS, opened, played
from click.testing import Result
from flask import Flask

from blueprints.console import lead_here
from casework import cases, doctor, procedures, profiles
from casework.db import db
from casework.journal import Entry


@pytest.fixture
def case(district: Flask, keys: dict[str, int]) -> cases.Case:
    """Four parties have four items to stamp; the tables are those of the newest migration."""
    assert run(district, "db", "stamp", "head").exit_code == 0
    return played("acceptance/all_confirmed", keys)


def run(app: Flask, *words: Any) -> Result:
    """One command; what this test has open is given up first."""
    db.session.rollback()
    return app.test_cli_runner().invoke(args=[str(word) for word in words])


def test_the_record_is_verified_and_a_changed_one_is_named(case: cases.Case, district: Flask) -> None:
    length = case.journal_seq
    found = run(district, "journal", "verify")
    assert (found.exit_code, found.output) == (0, f"{length} entries of 1 cases: no fault\n")
    db.session.execute(sa.update(Entry).where(Entry.case_id == case.id, Entry.seq == 2).values(who="别人"))
    db.session.commit()
    found = run(district, "journal", "verify")
    assert found.exit_code == 1
    assert f"case {case.number}, entry 2 (" in found.output
    assert "别人): changed after it was written" in found.output
    assert found.output.endswith("1 faults\n")


def test_a_backup_is_written_and_brought_back(case: cases.Case, district: Flask, tmp_path: Path) -> None:
    archive, length = tmp_path / "office.zip", case.journal_seq
    found = run(district, "backup", archive)
    assert found.exit_code == 0, found.output
    assert found.output.startswith(f"{archive}: ")
    later = opened(db.session.get_one(cases.Case, 1)).number
    db.session.commit()
    found = run(district, "restore", archive)
    assert found.exit_code == 1
    assert "--yes" in found.output
    assert "Traceback" not in found.output
    assert later in list(db.session.scalars(sa.select(cases.Case.number)))
    found = run(district, "restore", archive, "--yes")
    assert (found.exit_code, found.output) == (0, f"{length} entries of 1 cases: no fault\n")
    assert later not in list(db.session.scalars(sa.select(cases.Case.number)))


def test_a_damaged_backup_is_refused_in_a_sentence(case: cases.Case, district: Flask, tmp_path: Path) -> None:
    archive = tmp_path / "office.zip"
    run(district, "backup", archive)
    archive.write_bytes(archive.read_bytes()[:-500])
    found = run(district, "restore", archive, "--yes")
    assert found.exit_code == 1
    assert "备份已损坏" in found.output
    assert isinstance(found.exception, SystemExit), "a sentence, not a stack trace"
    assert db.session.scalar(sa.select(cases.Case.number)) == "YS-2026-0001"
    assert run(district, "restore", tmp_path / "nothing.zip").exit_code == 2


def test_a_restored_tampered_record_is_not_passed_over(
    case: cases.Case, district: Flask, tmp_path: Path
) -> None:
    db.session.execute(sa.delete(Entry).where(Entry.case_id == case.id, Entry.seq == 3))
    db.session.commit()
    archive = tmp_path / "office.zip"
    assert run(district, "backup", archive).exit_code == 0
    assert run(district, "restore", archive, "--yes").exit_code == 1


def test_procedure_folders_are_checked_and_installed(district: Flask) -> None:
    found = run(district, "procedures", "check")
    assert found.exit_code == 0, found.output
    assert {line.partition(":")[0] for line in found.output.splitlines()} >= {
        p.parent.name for p in WORKFLOWS.glob("*/procedure.yaml")
    }
    before = procedures.current("acceptance")
    assert f"acceptance: version {before}\n" in run(district, "procedures", "install").output
    # the city's own folder wins
    own = Path(district.instance_path) / "workflows" / "acceptance"
    shutil.copytree(WORKFLOWS / "acceptance", own)
    text = (own / "procedure.yaml").read_text("utf-8")
    (own / "procedure.yaml").write_text(text.replace("code: YS", "code: QR"), "utf-8")
    assert run(district, "procedures", "install").exit_code == 0
    db.session.rollback()
    assert procedures.current("acceptance") > before
    assert procedures.of(procedures.current("acceptance")).code == "QR"
    assert "stories" not in found.output
    shutil.rmtree(own / "stories")
    found = run(district, "procedures", "check")
    assert "acceptance/stories: 提醒：没有情景" in found.output
    assert found.exit_code == 0
    (own / "process.bpmn").write_text("<definitions/>", "utf-8")
    found = run(district, "procedures", "check")
    assert found.exit_code == 1
    assert "acceptance/process.bpmn" in found.output


def test_the_doctor_says_what_is_missing_and_what_that_costs(district: Flask) -> None:
    found = run(district, "doctor")
    checks = doctor.checks()
    assert found.exit_code == (0 if all(check.ok for check in checks) else 1)
    for check in checks:
        assert check.zh in found.output
        assert check.ok or check.costs in found.output


def test_every_command_is_named_with_what_it_does(district: Flask) -> None:
    found = run(district, "--help").output
    for name in ("backup", "restore", "doctor", "journal", "procedures", "serve", "setup", "worker", "demo"):
        assert f"  {name} " in found


def test_a_taken_port_is_told_before_anything_is_loaded(district: Flask, monkeypatch: Any) -> None:
    monkeypatch.setenv("TENDOVER_ALLOW_ROOT", "1")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        for command in ("serve", "demo"):
            found = run(district, command, "--port", port)
            assert found.exit_code == 1
            assert found.output.startswith(f"Error: cannot serve at 127.0.0.1, port {port}: ")
            assert "--port 8000" in found.output
    assert run(district, "serve", "--port", 99999).exit_code == 2


def test_a_folder_is_checked_for_what_its_writer_overlooked(tmp_path: Path) -> None:
    """Every mistake of a first copy is named with its file, in both languages; nothing ends in a traceback."""
    place = tmp_path / "workflows" / "parking"
    shutil.copytree(WORKFLOWS / "exemption", place)
    given = (place / "procedure.yaml").read_text("utf-8")
    names = (
        "exemption",
        "tender",
        "committee",
    )  # whose answers it takes over, and whom that shows its bids to
    ours = {name: procedures.open_files(name, procedures.read_folder(WORKFLOWS / name)) for name in names}

    def said(old: str, new: str, encoding: str = "utf-8") -> str:
        assert old in given
        (place / "procedure.yaml").write_bytes(given.replace(old, new, 1).encode(encoding))
        try:
            copy = procedures.open_files("parking", procedures.read_folder(place))
        except procedures.BadFolder as bad:
            return str(bad)
        slips = [*procedures.slips.of(copy, profiles.official().keys), *procedures.slips.untranslated(copy)]
        return "\n".join([*slips, *procedures.loose({**ours, "parking": copy})])

    for old, new, found in (
        ("code: XP", "code: xp", "已由“exemption”使用"),
        ("code: XP", "#", "缺少“code”一项"),
        ("  receive:", "  receive", "procedure.yaml:50: 上一行缺少冒号"),
        ("about:", "\tabout:", "procedure.yaml:4: 缩进不能用制表符"),
        ("about: ", "about:", "冒号是英文的“:”，后面要有一个空格"),
        ("[developer]", "[开发商]", "没有“开发商”这个单位类别"),
        ("[window]", "[窗口]", "没有“窗口”这个岗位"),
        ("kind: ceiling", "kind: 以内", "期限“correct”：不认识的种类 以内"),
        ("licence_decision_wd", "licence_decison_wd", "没有“licence_decison_wd”"),
        ("template: approval", "template: approve", "没有文件 papers/approve.docx"),
        ("letters: [correction", "letters: [corection", "没有文件 letters/corection.md"),
        ("retention: 30年", "retention: 三十年", "没有“三十年”这个保管期限"),
        ("title: 协议方式选聘审批", "title: 停车方案审批", "texts.en.yaml: 提醒：缺少英文：停车方案审批"),
        ("organisation: =starter.id, ", "", "有一项没有写“organisation”"),
    ):
        assert found in said(old, new), (old, new)
    assert "文件不是 UTF-8 编码" in said("code: XP", "code: TC", "gb18030")
    assert said("code: XP", "code: TC", "utf-8-sig") == ""
    (place / "forms" / "review.form").write_text('{"id": "review"', "utf-8")
    assert "review.form:1: 第 16 列：JSON 格式不正确。前一项之后缺少逗号" in said("code: XP", "code: TC")


def test_names_that_nobody_gives_are_named_in_tables_letters_and_notices(tmp_path: Path) -> None:
    place = tmp_path / "workflows" / "exemption"
    shutil.copytree(WORKFLOWS / "exemption", place)

    def said(file: str, old: str, new: str) -> list[str]:
        given = (place / file).read_text("utf-8")
        assert old in given
        (place / file).write_text(given.replace(old, new), "utf-8")
        copy = procedures.open_files("exemption", procedures.read_folder(place))
        (place / file).write_text(given, "utf-8")
        return list(procedures.slips.of(copy, profiles.official().keys))

    for file, old, new, found in (
        ("rules.dmn", "bidders &lt;", "biders &lt;", "没有名为“biders”的答案或者变量，是不是“bidders”？"),
        ("process.bpmn", 'deadline("receive")', 'deadline("recieve")', "没有期限“recieve”"),
        ("notices/decision.md", "eligibility.reason", "eligible.reason", "没有名为“eligible”的答案或者变量"),
        ("notices/decision.md", "| date }}", "| day }}", "没有过滤“day”；可以写：area、cited、date"),
        ("notices/decision.md", "{{ answers.why }}", "{{ answers. }}", "空格写错"),
        ("notices/decision.md", "days: 30", "days: 一个月", "days 应为天数，不是“一个月”"),
        ("letters/decided.md", "title:", "titel:", "开头没有写 title"),
        ("procedure.yaml", "retention:", "originals: [scan]\nretention:", "没有一个表单要求上传“scan”"),
    ):
        (line,) = said(file, old, new)
        assert line.startswith(f"exemption/{file}: "), line
        assert found in line
        assert " / " in line
    assert said("letters/decided.md", "title:", "title:") == []


def test_letters_of_the_demo_lead_to_the_port_on_which_it_is_served(
    district: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PUBLIC_URL", "RESET_LINK"):
        monkeypatch.setitem(district.config, name, "http://127.0.0.1:5000")
    with district.app_context():
        lead_here("::1", 8123)
    assert district.config["PUBLIC_URL"] == "http://[::1]:8123"
    assert district.config["RESET_LINK"] == "http://[::1]:8123/link/"
