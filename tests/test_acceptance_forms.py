"""The application of P07: all four classes, or a declaration with reason and evidence (rules.md P07)."""

from __future__ import annotations

from typing import Any

import pytest
from acting import post
from flask import Flask
from werkzeug.datastructures import MultiDict

from casework import clock, places, procedures
from casework.cases import facts

pytestmark = pytest.mark.once  # what a form says does not depend on the database

#: One row of each class, as typed.
ROWS = {
    "rooms": {"kind": "office", "code": "YF-01", "unit": "平方米", "owner": "owners"},
    "community": {"kind": "community", "code": "SQ-01", "unit": "平方米", "owner": "public"},
    "parking": {"kind": "parking_common", "code": "TC-01", "unit": "个", "owner": "owners"},
    "facilities": {"kind": "rain", "code": "SS-01", "unit": "米", "owner": "owners"},
}
EACH = {"name": "名称", "location": "一层", "planned": "10", "built": "10", "use": "使用", "state": "good"}
REASON = "建设工程规划许可证附件第四项载明本项目不配建停车场（泊位）。"


def said(district: Flask, listed: list[str], lang: str = "zh", **typed: Any) -> dict[str, str]:
    """What the form says about the list and the declaration."""
    procedure = procedures.of(procedures.current("acceptance"))
    by = post("dev7")
    project = places.search(by, own=True)[0]
    data: MultiDict[str, str] = MultiDict()
    for at, name in enumerate(listed):
        for key, value in {"class": name, **ROWS[name], **EACH}.items():
            data.add(f"items-{at}-{key}", value)
    for key, value in typed.items():
        for one in value if isinstance(value, list) else [value]:
            data.add(key, one)
    bound = procedure.forms["apply"].bind(
        lang, formdata=data, facts=facts.for_application(by, project, clock.now()), today=clock.today()
    )
    bound.validate()
    about = ("items", "absent", "missing_note", "file_absent")
    return {e.key: e.text for e in bound.errors() if e.key in about}


def test_all_four_classes_and_nothing_is_asked(district: Flask) -> None:
    assert said(district, list(ROWS)) == {}


@pytest.mark.parametrize("lacking", list(ROWS))
def test_a_missing_class_is_refused_with_what_to_do(district: Flask, lacking: str) -> None:
    listed = [name for name in ROWS if name != lacking]
    faults = said(district, listed)
    assert list(faults) == ["items"]
    assert "四类都要列入清单" in faults["items"]
    assert "不适用的类别" in faults["items"]
    assert "all four classes" in said(district, listed, "en")["items"]


def test_a_declaration_needs_its_reason_and_its_evidence(district: Flask) -> None:
    listed = ["rooms", "community", "facilities"]
    faults = said(district, listed, absent=["parking"])
    assert sorted(faults) == ["file_absent", "missing_note"]
    assert list(said(district, listed, absent=["parking"], missing_note="没有")) == [
        "missing_note",
        "file_absent",
    ]
    assert list(said(district, listed, absent=["parking"], missing_note=REASON)) == ["file_absent"]


def test_what_is_on_the_list_cannot_be_declared_absent(district: Flask) -> None:
    assert "items" in said(district, list(ROWS), absent=["parking"], missing_note=REASON)


def test_management_rooms_cannot_be_declared_absent(district: Flask) -> None:
    faults = said(district, ["community", "parking", "facilities"], absent=["rooms"], missing_note=REASON)
    assert "absent" in faults, "there is no such choice"
    assert "items" in said(district, ["community", "parking", "facilities"])


def test_a_declaration_for_another_class_does_not_help(district: Flask) -> None:
    faults = said(district, ["rooms", "community", "facilities"], absent=["community"], missing_note=REASON)
    assert "items" in faults
