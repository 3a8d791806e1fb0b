"""Hostile attachments are refused with a sentence, benign ones are taken in, and neither takes a second."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import hostile
import pytest
from flask import Flask

from casework.files.flaws import Unfit
from casework.files.intake import check, clean_name

HOSTILE = list(hostile.hostile())
BENIGN = list(hostile.benign())


def look(sample: hostile.Sample) -> tuple[Unfit | None, float]:
    data, began = sample.make(), time.process_time()
    try:
        check(clean_name(sample.name), data)
    except Unfit as refusal:
        return refusal, time.process_time() - began
    return None, time.process_time() - began


@pytest.mark.parametrize("sample", HOSTILE, ids=lambda s: f"{s.name}: {s.what}")
def test_a_hostile_file_is_refused_for_the_right_reason_in_less_than_a_second(sample: hostile.Sample) -> None:
    refusal, took = look(sample)
    if sample.code == "none":
        assert refusal is None
    else:
        assert refusal is not None, "taken in"
        assert refusal.code == sample.code
        assert clean_name(sample.name) in str(refusal)
        assert str(refusal).endswith(("。", "。）"))
    assert took < 1


@pytest.mark.parametrize("sample", BENIGN, ids=lambda s: f"{s.name}: {s.what}")
def test_a_benign_file_is_taken_in(sample: hostile.Sample) -> None:
    refusal, took = look(sample)
    assert refusal is None
    assert took < 1


def test_there_are_enough_hostile_files() -> None:
    assert len({(s.name, s.what) for s in HOSTILE}) >= 90


def test_the_sentence_names_file_bound_and_what_was_sent() -> None:
    refusal, _took = look(next(s for s in HOSTILE if s.name == "big.png"))
    assert "“big.png”" in str(refusal)
    assert "31 MB" in str(refusal)
    assert "30 MB" in str(refusal)


def test_what_libreoffice_makes_is_taken_in(needs: Callable[[str], str], tmp_path: Path) -> None:
    """Real files of another program: its PDF and its Word file."""
    program = needs("soffice")
    (tmp_path / "a.docx").write_bytes(hostile.word("第一段。" * 200))
    for target in ("pdf", "docx:MS Word 2007 XML"):
        subprocess.run(
            [program, f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless", "--convert-to",
             target, "--outdir", str(tmp_path / "out"), str(tmp_path / "a.docx")],
            check=True, capture_output=True, timeout=120,
        )  # fmt: skip
    for name in ("a.pdf", "a.docx"):
        check(name, (tmp_path / "out" / name).read_bytes())


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("..\\..\\windows\\evil.pdf", "evil.pdf"),
        ("/abs/文件.pdf", "文件.pdf"),
        ("a\r\nSet-Cookie: x.pdf", "aSet-Cookie x.pdf"),
        ('a";filename="b.pdf', "a filename= b.pdf"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("<script>.pdf", "script.pdf"),
        ("%2e%2e.pdf", "2e 2e.pdf"),
        (".pdf", "附件.pdf"),
        ("", "附件"),
        ("长" * 5000 + ".pdf", "长" * 116 + ".pdf"),
        ("证明（一）.pdf", "证明（一）.pdf"),
    ],
)
def test_a_name_is_shown_without_what_could_mislead(sent: str, shown: str) -> None:
    assert clean_name(sent) == shown


def test_nothing_is_kept_when_refused(app: Flask) -> None:
    from casework import files  # noqa: PLC0415  with the office open

    with pytest.raises(Unfit):
        files.keep("evil.pdf", b"<html>")
    assert not list(files.folder().rglob("*")) if files.folder().exists() else True
