"""Every benchmark runs, and says what it promises; how fast is for a quiet machine to say."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from casework import procedures
from casework.procedures import open_files, read_folder

BENCHMARKS = Path(__file__).resolve().parent.parent / "benchmarks"


def run(name: str) -> dict[str, Any]:
    """The JSON object of the last line."""
    done = subprocess.run(
        [sys.executable, BENCHMARKS / f"{name}.py", "--quick"],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def shape(found: Any) -> Any:
    """Names without figures; a figure is a number above nought."""
    if isinstance(found, dict):
        return {name: shape(each) for name, each in found.items()}
    assert isinstance(found, int | float)
    assert found > 0
    return None


def test_the_approval_is_a_procedure_like_any_other() -> None:
    approval = open_files("approval", read_folder(procedures.folders(BENCHMARKS)["approval"]))
    assert set(approval.parties) >= {"街道办事处", "社区居委会", "物业服务企业"}


def test_step_measures_one_completion_both_ways_on_both_databases() -> None:
    figures = {"p50_ms": None, "p95_ms": None}
    ways = {"in_process": figures, "http": figures}
    assert shape(run("step")) == {"sqlite": ways, "postgresql": ways}


def test_long_case_compares_the_last_dozen_with_the_first() -> None:
    assert set(shape(run("long_case"))) == {"ratio_20", "ratio_200"}


def test_inbox_measures_both_ends_and_the_size_of_the_page() -> None:
    found = shape(run("inbox"))
    assert len(found) == 4
    assert all(set(one) == {"p50_ms", "last_page_ms", "kib"} for one in found.values())


def test_forms_measures_compiling_and_rendering() -> None:
    assert set(shape(run("forms"))) == {"compile_ms", "render_ms"}


def test_papers_measures_issuing_word_and_pdf(needs: Callable[[str], str]) -> None:
    needs("soffice")
    assert set(shape(run("papers"))) == {"issue_ms", "docx_ms", "pdf_ms"}


def test_tender_measures_sealing_opening_and_the_rush() -> None:
    found = shape(run("tender"))
    assert set(found["opening"]) == {"bids", "megabytes_each", "seal_ms", "deliver_ms", "open_all_s"}
    assert set(found["rush"]) == {"delivered", "late_refused", "p50_ms", "p99_ms"}


def test_registers_finds_exactly_the_planted_mistakes_and_imports_the_rest() -> None:
    found = run("registers")
    assert set(shape(found)) >= {"check_s", "import_s", "memory_mib"}
    assert (found["rows"], found["planted"]) == (200, 4)
