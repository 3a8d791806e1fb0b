"""A form that would not work is refused with the component, a code and a sentence in both languages."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from forms_site import FACTS, FORM

from casework import forms
from casework.forms.profile import REFUSED

RAW = json.loads(Path(__file__).with_name("rich.form").read_text(encoding="utf-8"))


def part(raw: dict[str, Any], key: str) -> dict[str, Any]:
    """The component with this key, anywhere in the file."""
    for each in raw.get("components", ()):
        if key in (each.get("key"), each.get("path"), each["id"]):
            return each
        if found := part(each, key):
            return found
    return {}


def codes(change: Callable[[dict[str, Any]], object]) -> list[tuple[str, str]]:
    raw = copy.deepcopy(RAW)
    change(raw)
    return [(each.code, each.level) for each in forms.read(raw).lint(FACTS)]


def test_the_rich_sample_is_clean() -> None:
    assert FORM.lint(FACTS) == []
    assert set(FACTS) == FORM.reads


@pytest.mark.parametrize(
    ("code", "level", "change"),
    [
        ("id", "error", lambda raw: part(raw, "fee").update(id=part(raw, "years")["id"])),
        ("key", "error", lambda raw: part(raw, "fee").update(key="years")),
        ("key", "error", lambda raw: part(raw, "fee").update(key="a.b")),
        ("key", "error", lambda raw: part(raw, "fee").update(key="csrf_token")),
        ("label", "error", lambda raw: part(raw, "contact").update(label="")),
        ("english", "warning", lambda raw: part(raw, "contact")["properties"].pop("label.en")),
        ("english", "warning", lambda raw: part(raw, "uscc")["properties"].pop("description.en")),
        ("english", "warning", lambda raw: part(raw, "method")["properties"].pop("option.open.en")),
        ("english", "warning", lambda raw: part(raw, "fee")["properties"].pop("maxReason.en")),
        ("unit", "warning", lambda raw: part(raw, "years")["properties"].pop("unit.en")),
        ("options", "error", lambda raw: part(raw, "method").update(values=[])),
        ("options", "error", lambda raw: part(raw, "method")["values"].append({"label": "公开", "value": "open"})),
        ("all", "warning", lambda raw: part(raw, "invited")["properties"].pop("all")),
        ("all", "error", lambda raw: part(raw, "invited")["properties"].update(all="most")),
        ("all", "error", lambda raw: part(raw, "fee")["properties"].update(all="true")),
        ("all", "error", lambda raw: part(raw, "invited")["validate"].update(required=False)),
        ("pattern", "error", lambda raw: part(raw, "permit")["validate"].update(pattern="[")),
        ("limits", "error", lambda raw: part(raw, "years")["validate"].update(min=9)),
        ("limits", "error", lambda raw: part(raw, "story")["validate"].update(minLength=900)),
        ("rows", "error", lambda raw: part(raw, "buildings")["properties"].update(minRows="70")),
        ("fill", "error", lambda raw: part(raw, "items")["properties"].update(fillValue="perhaps")),
        ("kind", "error", lambda raw: part(raw, "contact")["properties"].update(kind="shoe size")),
        ("kind", "error", lambda raw: part(raw, "contact")["properties"].update(kind="money")),
        ("location", "error", lambda raw: part(raw, "contact")["properties"].update(location="keep")),
        ("location", "error", lambda raw: next(c for s in raw["components"] for c in s["components"] if c["type"] == "filepicker")["properties"].update(location="yes")),
        ("expression", "error", lambda raw: part(raw, "fee").update(conditional={"hide": "=method ="})),
        ("name", "error", lambda raw: part(raw, "bidders").update(conditional={"hide": '=methd != "few"'})),
        ("name", "error", lambda raw: part(raw, "Text_1").update(text="{{projekt.name}}")),
        ("live", "warning", lambda raw: part(raw, "total_area").update(expression="=string(fee)")),
        ("section", "error", lambda raw: raw["components"].append(part(raw, "fee") | {"id": "x", "key": "x"})),
        ("type", "error", lambda raw: part(raw, "buildings")["components"].append({"type": "filepicker", "id": "q", "key": "q", "label": "图"})),
        *[("type", "error", lambda raw, kind=kind: part(raw, "Text_1").update(type=kind)) for kind in sorted(REFUSED)],
        ("type", "error", lambda raw: part(raw, "Text_1").update(type="hologram")),
    ],
)  # fmt: skip
def test_a_fault_is_found(code: str, level: str, change: Callable[[dict[str, Any]], object]) -> None:
    assert (code, level) in codes(change)


@pytest.mark.parametrize("text", ["", "[]", "{", '{"components": {}}', '"x"', "[" * 5000])
def test_what_is_no_form_is_said_in_both_languages(text: str) -> None:
    with pytest.raises(forms.NotAForm) as refused:
        forms.read(text)
    assert refused.value.zh
    assert refused.value.en


@pytest.mark.parametrize(
    "path", sorted((Path(__file__).parents[2] / "workflows").glob("*/forms/*.form")), ids=str
)
def test_the_office_s_own_forms_are_clean(path: Path) -> None:
    form = forms.read(path.read_text(encoding="utf-8"))
    assert form.lint() == []
    for lang in ("zh", "en"):
        bound = form.bind(lang, formdata={})
        bound.validate()
        assert bound.page()


def test_strange_shapes_are_findings_and_never_a_crash() -> None:
    for broken in (None, 3, "x", [], {}):
        for name in (
            "properties",
            "validate",
            "conditional",
            "appearance",
            "values",
            "components",
            "label",
            "layout",
        ):
            raw = copy.deepcopy(RAW)
            part(raw, "method")[name] = broken
            part(raw, "buildings")[name] = broken
            form = forms.read(raw)
            form.lint(FACTS)
            form.bind("zh", formdata={"method": "open"}).validate()
