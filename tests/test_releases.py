"""What the public learns as data: only what is public, once for each change, as the standard writes it."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from acting import played
from flask import Flask
from flask.testing import FlaskClient

from casework import cases, procedures, releases
from casework.cases import releasing
from casework.db import db
from casework.procedures import publishing

ROOT = Path(__file__).resolve().parents[1]
NOW = datetime(2026, 3, 12, 1, 0, tzinfo=UTC)


def test_values_are_written_as_json_has_them_and_what_is_empty_is_left_out() -> None:
    read = publishing.read(
        {
            "when": "=true",
            "tag": '="tender"',
            "says": {"a": "=n", "b": "=day", "c": {"d": "=null"}, "e": ["=many", "x"]},
        }
    )
    assert read is not None
    scope = {
        "n": Decimal("2.50"),
        "day": date(2026, 3, 12),
        "many": [{"v": Decimal(3), "w": None}, {"v": None}],
    }
    tag, body = read.release(scope, {}) or ("", {})
    assert tag == "tender"
    assert body == {"a": 2.5, "b": "2026-03-12T00:00:00+08:00", "e": [{"v": 3}, "x"]}
    assert json.dumps(body)


def test_a_mapping_that_cannot_be_read_is_named_when_the_folder_is_opened() -> None:
    files = procedures.read_folder(ROOT / "workflows" / "exemption")
    bad = {"when: =a +\ntag: =1\nsays: {}\n": "cannot be read", "when: =true\nsays: {}\n": "ocds.yaml: tag"}
    for text, said in bad.items():
        with pytest.raises(procedures.BadFolder, match=said):
            procedures.open_files("exemption", {**files, "ocds.yaml": text.encode()})


def publish(case: cases.Case, now: datetime, **body: Any) -> releases.Release | None:
    return releases.publish(case.id, "ocds-000000-YH-007-1", "tender", body, now=now)


def test_only_a_change_is_published_and_the_record_is_what_stands_now(
    district: Flask, keys: dict[str, int]
) -> None:
    case = played("acceptance/all_confirmed", keys, after=0)
    assert publish(case, NOW, tender={"id": "1", "status": "active"}) is not None
    assert publish(case, NOW + timedelta(hours=1), tender={"id": "1", "status": "active"}) is None
    assert publish(case, NOW + timedelta(hours=2), tender={"id": "1", "status": "complete"}) is not None
    found = releases.of("ocds-000000-YH-007-1")
    assert [one.says()["date"] for one in found] == ["2026-03-12T01:00:00Z", "2026-03-12T03:00:00Z"]
    whole = releases.record_package(
        "https://x.example/r", releases.Publisher("云河区", "https://x.example/p", ""), found
    )
    assert whole["records"][0]["compiledRelease"]["tender"] == {"id": "1", "status": "complete"}
    assert whole["publishedDate"] == "2026-03-12T03:00:00Z"


def test_the_public_addresses_answer_with_packages(district: Flask, keys: dict[str, int]) -> None:
    case = played("acceptance/all_confirmed", keys, after=0)
    first = publish(case, NOW, tender={"id": "1"})
    db.session.commit()
    visitor: FlaskClient = district.test_client()
    assert first is not None
    assert visitor.get("/ocds/").json["processes"][0]["ocid"] == first.ocid  # type: ignore[index]
    assert visitor.get("/ocds/releases").json["releases"] == [first.says()]  # type: ignore[index]
    assert visitor.get(f"/ocds/releases/{first.id}").json["version"] == "1.1"  # type: ignore[index]
    answer = visitor.get(f"/ocds/records/{first.ocid}")
    assert answer.json["records"][0]["ocid"] == first.ocid  # type: ignore[index]
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert visitor.get("/ocds/records/nothing").status_code == 404
    assert visitor.get("/ocds/releases/99999").status_code == 404


def test_a_folder_without_a_mapping_publishes_nothing(district: Flask, keys: dict[str, int]) -> None:
    case = played("acceptance/all_confirmed", keys, after=0)
    assert releasing.release(case.id, NOW) is None
    assert releases.known() == []
