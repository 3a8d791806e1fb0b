"""A contract signed on paper: held to the award as a draft is, counted by its day, bound by the scan."""

from __future__ import annotations

import io
import json
import re
from datetime import date

from acting import browser, played, post
from docx import Document
from flask import Flask
from offices import WORKFLOWS

from casework import cases, clock, papers, standing
from casework.cases import context
from casework.db import db
from casework.files import File
from casework.papers import printing
from casework.people import Organisation
from casework.stories.story import moment


def test_a_contract_signed_on_paper_is_held_to_the_bid_as_a_draft_is_and_filed_with_the_same_papers() -> None:
    """The same questions, limits and sentences, word for word, but for where they stand."""
    drafted = [
        *("price", "total_year", "level", "years", "staff", "staff_total", "manager"),
        *("fee_system", "fees", "parts", "parts_reason", "starts_on", "ends_on", "performance_bond"),
    ]
    filed = [
        *("file_ownership", "file_other", "sale_state", "presale_no", "presale_on", "declare_shown"),
        *("performance_due", "performance_state", "performance_on", "file_performance"),
    ]
    draft, file, terms = (
        {one.get("key") or one.get("path"): one for part in json.loads(text)["components"] for one in part["components"]}
        for text in ((WORKFLOWS / f"contract/forms/{name}.form").read_text("utf-8") for name in ("draft", "file", "terms"))
    )  # fmt: skip
    for there, held in ((draft, drafted), (file, filed)):
        assert [terms[key] for key in held] == [there[key] for key in held]


def test_a_contract_signed_on_paper_counts_by_its_day_and_is_bound_by_its_scan(
    district: Flask, keys: dict[str, int]
) -> None:
    """Who was barred on the day of signing is not filed for, who is barred later is; D21 names the scan and its day."""
    case = played("contract/paper", keys, after=2)
    ours = db.session.get_one(Organisation, keys["ent1"])
    with clock.at(moment("2026-03-10 09:00")):
        head = post("head1")
        for begins, refused in ((date(2026, 3, 6), False), (date(2026, 3, 5), True)):
            bar = standing.record(
                "rectification", ours, by=head, begins=begins, ends=None,
                reason="限期整改", document="云房整〔2026〕9号", basis="区物业管理工作方案 第三条",
            )  # fmt: skip
            db.session.commit()
            assert ("在合同签订之日有限制承接" in checking(case)) == refused, begins
            standing.lift(bar, by=head, how="revoked", on=begins, reason="改正", document="云房整〔2026〕9号")
            db.session.commit()
    case = played("contract/paper", keys, after=99)
    scan = next(one for one in context.answers(case)["file_contract"])
    paper = next(one for one in papers.of(case.id) if one.code == "D21")
    word = Document(io.BytesIO(printing.docx(printing.order(paper.id))))
    text = "\n".join(cell.text for table in word.tables for row in table.rows for cell in row.cells)
    for said in (
        "2026年3月5日（纸面签订）",
        "2026年3月4日，云河区柳桥街18 号",
        db.session.get_one(File, scan["id"]).sha256,
    ):
        assert said in text
    page = browser(district, "dev1").get(f"/case/{case.number}").text
    assert re.search(
        rf'id="papers".*签字盖章的文本.*/case/{case.number}/file/{scan["id"]}">前期物业服务合同扫描件<',
        page,
        re.DOTALL,
    )
    assert 'data-end="done"' in page, "the drawing opens where the case has ended"


def checking(case: cases.Case) -> str:
    """What the form that checks a paper contract says to the enterprise."""
    (step,) = cases.lists.open_steps(case.id)
    turn = cases.Turn(cases.lock(case.id), post("ent1"), clock.now())
    typed = {"answer": ["agree"], "ent_code": ["91999999MA0000101C"], "ent_checked": ["y"]}
    bound = cases.drafts.bind_step(turn, step, None, lang="zh", formdata=typed)
    bound.validate()
    db.session.rollback()
    return "；".join(error.text for error in bound.errors())
