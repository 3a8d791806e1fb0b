"""The PDF of a paper, as LibreOffice sets it: grid, pages, typefaces, and nothing torn apart."""

from __future__ import annotations

import io
import re
import subprocess
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from docx import Document

from casework.papers import pdf, printing

ROOT = Path(__file__).resolve().parents[1] / "workflows"
LANES = ("区房管局", "街道办事处", "社区居委会", "物业服务企业")
DAY = date(2026, 11, 23)
LONG = (
    "云河区柳桥街道青山路以南、滨河大道以西保障性租赁住房及配套公共服务设施综合开发建设项目（一期、二期）" * 4
)


def said(size: str) -> dict[str, Any]:
    """What a short, an ordinary and a very long paper say."""
    long, count = size == "long", {"short": 1, "normal": 8, "long": 40}[size]
    name = LONG[:200] if long else "柳岸花园"
    stamp = {"verdict": "确认", "person": "王某某", "on": DAY}
    rows = [
        {"index": i, "code": f"SQ-{i:02}", "class": "社区用房", "name": f"{name}{i}", "location": f"{i}幢", "built": Decimal("20.5"),
         "unit": "平方米", "owner": "全体业主共有", "stamps": dict.fromkeys(LANES, stamp)}
        for i in range(1, count + 1)
    ]  # fmt: skip
    return {
        "case": {"number": "XP-2026-0007", "opened_on": DAY},
        "project": {"name": name, "address": "云河区柳岸路18号", "gfa_total": 110340, "gfa_residential": Decimal("19999.99")},
        "starter": {"name": "云河区示范房地产开发有限公司", "code": "91999999MA0000000X"},
        "parties": {lane: {"organisation": lane} for lane in (*LANES, "拟选聘企业")},
        "answers": {
            "ground": "few_bidders", "conditions": "" if size == "short" else "合同签订之日起十日内备案。\n" * (20 if long else 2),
            "missing": [{"paper": "总平面图", "demand": "提供盖章的复印件"}] * count,
            "refuse_facts": "经查，不属于投标人少于三个的情形。" * (120 if long else 2),
            "refuse_basis": "物业管理条例第二十四条第二款", "remedies": "可以依法申请行政复议或者提起行政诉讼。",
        },
        "attachments": [f"测算依据之{i}" for i in range(14)] if long else [],
        "matrix": rows,
        "defects": [{"key": "SQ-01", "name": "给水管网", "lane": "街道办事处", "defect": "井盖未加锁", "due": DAY}] * (count // 4),
        "office": {"name": "云河区住房和城乡建设局", "review_body": "云河区人民政府", "court": "云河区人民法院", "phone": ""},
        "paper": {"number": "云房物〔2026〕5号", "date": DAY, "title": "文书", "code": "0000-0000-0000-0000",
                  "verify_url": "http://localhost/verify/0", "qr": "http://localhost/verify/0"},
    }  # fmt: skip


def printed(template: bytes, size: str) -> bytes:
    return printing.docx(
        printing.Order(1, "文书", "文书", "云房物〔2026〕5号", "云河区住房和城乡建设局", "0" * 16, "f" * 64,
                       datetime(2026, 11, 23, 4, tzinfo=UTC), said(size), template, False, False)
    )  # fmt: skip


def pages(made: bytes, *options: str) -> list[str]:
    done = subprocess.run(["pdftotext", *options, "-", "-"], input=made, capture_output=True, check=True)
    return done.stdout.decode().split("\f")[:-1]


@pytest.fixture
def converter(needs: Callable[[str], str]) -> Callable[[bytes], bytes]:
    needs("soffice")
    needs("pdftotext")
    return pdf.convert


def test_t93_a_page_holds_22_lines_of_28_characters(converter: Callable[[bytes], bytes]) -> None:
    """GB/T 9704-2012, 5.2.3; rules.md C.3."""
    document = Document(str(ROOT / "shared/papers/official-document.docx"))
    for element in list(document.element.body)[:-1]:
        document.element.body.remove(element)
    for _each in range(60):
        document.add_paragraph("物" * 28)
    made = io.BytesIO()
    document.save(made)
    set_by_office = converter(made.getvalue())
    assert b"WenQuanYi" not in set_by_office, (
        "a black face stands in for 仿宋: see workflows/shared/fonts.conf"
    )
    first = pages(set_by_office, "-layout")[0]
    lines = [line.strip() for line in first.splitlines() if "物" in line]
    assert len(lines) == 22
    assert {len(line) for line in lines} == {28}


def test_no_mark_is_lost_and_no_number_parted_where_a_line_ends(converter: Callable[[bytes], bytes]) -> None:
    """LibreOffice leaves out a mark that hangs over a justified line: a sentence would run into the next."""
    document = Document(str(ROOT / "shared/papers/official-document.docx"))
    for element in list(document.element.body)[:-1]:
        document.element.body.remove(element)
    for length in range(20, 56):
        document.add_paragraph("物" * length + "。" + "业" * 40)
    for length in range(18, 29):
        document.add_paragraph("物" * length + "（云房投〔2026〕1号）" + "业" * 9)
    made = io.BytesIO()
    document.save(made)
    lines = "".join(pages(converter(made.getvalue())))
    assert lines.count("。") == 36
    assert lines.replace("\u2060", "").count("云房投〔2026〕1号") == 11, "a document number is parted"


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("acceptance-notice", "short"),
        ("correction-notice", "long"),
        ("approval", "long"),
        ("refusal", "normal"),
    ],
)
def test_the_seal_never_stands_alone(converter: Callable[[bytes], bytes], name: str, size: str) -> None:
    """Office, date and code stand on one page, with text of the paper above them."""
    template = (ROOT / f"exemption/papers/{name}.docx").read_bytes()
    found = pages(converter(printed(template, size)))
    signed = [re.sub(r"\s", "", page) for page in found if "数据指纹" in page]
    assert len(signed) == 1
    assert "云河区住房和城乡建设局2026年11月23日" in signed[0]
    assert re.search(r"(特此通知|此复|告知完毕|行政诉讼|备案|之\d+)", signed[0])


@pytest.mark.parametrize("size", ["short", "long"])
def test_the_confirmation_repeats_its_header_and_keeps_four_seals_together(
    converter: Callable[[bytes], bytes], size: str
) -> None:
    found = pages(
        converter(printed((ROOT / "acceptance/papers/confirmation.docx").read_bytes(), size)), "-layout"
    )
    listed = [page for page in found if "王某某" in page]
    assert all("四方确认意见" in page for page in listed)
    sealed = [page for page in found if "（盖章）" in page]
    assert len(sealed) == 1
    assert sealed[0].count("（盖章）") == 4
    assert sealed[0].count("负责人（签字）") == 4
    assert "四方签章" in sealed[0]
    above = sealed[0].split("四方签章")[0]
    assert re.search(r"王某某|整改期限", above), "the seals stand on a page without anything they seal"
    for number, page in enumerate(found, 1):
        assert f"第 {number} 页，共 {len(found)} 页" in page


def test_without_libreoffice_there_is_the_word_file_and_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "converter", lambda: None)
    template = (ROOT / "exemption/papers/refusal.docx").read_bytes()
    order = printing.Order(
        1, "a", "a", "", "局", "0" * 16, "f" * 64, datetime.now(UTC), said("short"), template, False, False
    )
    made = printing.carry_out(order)
    assert made.docx.startswith(b"PK")
    assert made.pdf is None
    assert made.fault is None


def test_a_converter_that_hangs_or_gives_nothing_is_a_fault_to_try_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    slow = tmp_path / "soffice"
    slow.write_text("#!/bin/sh\nsleep 60\n")
    slow.chmod(0o755)
    plain = io.BytesIO()
    Document().save(plain)
    word = plain.getvalue()
    monkeypatch.setattr(pdf, "converter", lambda: str(slow))
    with pytest.raises(pdf.NotConverted):
        pdf.convert(word, timeout=1)
    slow.write_text("#!/bin/sh\nexit 1\n")
    with pytest.raises(pdf.NotConverted):
        pdf.convert(word)
    monkeypatch.setattr(pdf, "converter", lambda: str(tmp_path / "gone"))
    with pytest.raises(pdf.NotConverted):
        pdf.convert(word)
