"""Rows of a list on the page: what folds, and what a row leaves out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from forms_site import TODAY
from werkzeug.datastructures import MultiDict

from casework import forms
from casework.forms import pieces

FORMS = Path(__file__).resolve().parents[2] / "workflows" / "acceptance" / "forms"
ITEM = {
    "class": "rooms", "kind": "office", "name": "物业管理用房", "location": "1 幢 1 层", "planned": "200",
    "built": "201.35", "unit": "平方米", "owner": "owners", "use": "物业办公", "state": "good",
}  # fmt: skip


def lines(name: str, key: str, facts: dict[str, Any], typed: dict[str, str]) -> list[pieces.Line]:
    form = forms.read((FORMS / f"{name}.form").read_text("utf-8"))
    bound = form.bind("zh", formdata=MultiDict(typed), facts=facts, today=TODAY)
    parts = [block for section in bound.page() for block in section.parts]
    return list(next(block for block in parts if block.key == key).lines)


@pytest.mark.parametrize(("count", "folded"), [(10, 0), (12, 12)])
def test_of_many_broad_rows_only_those_show_whole_that_lack_something(count: int, folded: int) -> None:
    typed = {f"items-{n}-{key}": value for n in range(count) for key, value in ITEM.items()}
    typed |= {f"items-{n}-code": f"YF-{n:02}" for n in range(count)} | {"items-4-state": ""}
    found = lines("correct", "items", {"refused": []}, typed)
    assert len(found) == count
    assert [line.folds for line in found if line.folds][:1] == ["YF-00 物业管理用房"] * bool(folded)
    assert len([line for line in found if line.folds]) == folded
    assert [line.number for line in found if line.open] == [5] * bool(folded)


def test_a_row_says_nothing_of_an_earlier_refusal_that_never_was() -> None:
    item = {**ITEM, "title_paper": "", "remark": "", "refused_before": None}
    pending = [
        {**item, "key": "A", "code": "YF-01"},
        {**item, "key": "B", "code": "YF-02", "refused_before": "没有通水电"},
    ]
    found = lines("stamp", "verdicts", {"pending": pending}, {})
    cells = [{id_: cell for cell, id_, _label in line.cells} for line in found]
    assert [cell["Field_before"] and cell["Field_before"].value for cell in cells] == [None, "没有通水电"]
    assert cells[0]["Field_reason"] is not None  # a verdict of the row can bring this one up
