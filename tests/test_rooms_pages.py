"""The pages and the paper on which rooms are handed over, as whoever signs reads them."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import docx
import pytest

from casework import forms

WORKFLOWS = Path(__file__).resolve().parent.parent / "workflows"


def columns(folder, name):
    """The lists of a form, as they are asked."""
    asked = forms.read((WORKFLOWS / folder / "forms" / f"{name}.form").read_text(encoding="utf-8"))
    return {each.key: each for each in asked.by_key["checked" if name == "visit" else "seen"].children}


@pytest.mark.parametrize("name", ["visit", "sign"])
def test_an_area_has_two_decimals_where_rooms_are_seen_and_signed_for(name):
    asked = columns("rooms", name)["size"]
    assert forms.table.number(asked, 50) == "50.00"
    assert forms.table.number(asked, Decimal("1234.5")) == "1,234.50"


def test_what_is_wrong_with_a_room_has_more_than_one_line():
    assert columns("rooms", "visit")["problem"].type == "textarea"


def test_money_that_is_handed_over_has_its_cents():
    asked = forms.read((WORKFLOWS / "exit/forms/list.form").read_text(encoding="utf-8"))
    for key in ("money_total", "prepaid_total", "owed_total"):
        assert forms.table.number(asked.by_key[key], Decimal("254580.2")) == "254,580.20"


def test_the_column_that_says_until_when_a_room_is_lent_holds_a_year_in_one_line():
    (table,) = (
        each
        for each in docx.Document(str(WORKFLOWS / "rooms/papers/confirmation.docx")).tables
        if each.rows[0].cells[-1].text == "方式"
    )
    assert table.rows[2].cells[-1].width.cm >= 2.7, "借用至 2026 年 in 10 pt"
    assert sum(cell.width.cm for cell in table.rows[0].cells) < 16.7, "no wider than the page"
