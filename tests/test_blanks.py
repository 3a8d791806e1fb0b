"""Sentences with blanks: letters, notices and the free text of forms."""

from __future__ import annotations

import pytest

from casework import blanks
from casework.forms import prose

FIRM = {"winner": {"name": "Yunhe Anlan Property Services Co., Ltd."}}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("The winner is {{ winner.name }}. Thank you.", "The winner is {name}. Thank you."),
        ("The winner is {{ winner.name }}.", "The winner is {name}."),
        ("{{ winner.name }} has won.", "{name} has won."),
        ("{{ winner.name }}, {{ winner.name }}: both.", "{name}, {name}: both."),
    ],
)
def test_a_sentence_that_ends_with_a_company_has_one_full_stop(text: str, said: str) -> None:
    wanted = said.format(name=FIRM["winner"]["name"]).replace("Ltd..", "Ltd.")
    assert blanks.fill(text, FIRM, {}, "en") == wanted
    assert prose.filled(text.replace("{{ ", "{{").replace(" }}", "}}"), FIRM, {}, "en") == wanted


def test_no_line_breaks_inside_a_date_of_a_text() -> None:
    said = str(prose.paragraphs("原期限 2026-12-04，**延长**至2026-12-19。 12026-12-190"))
    kept = [f'<span class="nowrap">{day}</span>' for day in ("2026-12-04", "2026-12-19")]
    assert said == f"<p>原期限 {kept[0]}，<b>延长</b>至{kept[1]}。 12026-12-190</p>"


def test_what_was_typed_in_chinese_is_quoted_in_an_english_text() -> None:
    reason = {"why": "未附总平面图。", "said": "no plan"}
    assert blanks.fill("理由：{{ why | quoted }}", reason, {}, "zh") == "理由：未附总平面图。"
    assert blanks.fill("{{ why | quoted }} {{ said | quoted }}", reason, {}, "en") == (
        "“未附总平面图。” (as written, in Chinese) no plan"
    )
