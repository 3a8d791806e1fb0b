"""The English catalogue is compiled when it must be, and wherever it can be."""

from __future__ import annotations

import gettext
import os
from pathlib import Path

import pytest

from casework import catalogue

TEXT = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\nmsgid "待办"\nmsgstr "{}"\n'


@pytest.fixture
def source(tmp_path: Path) -> Path:
    place = tmp_path / "translations" / "en" / "LC_MESSAGES"
    place.mkdir(parents=True)
    (place / "messages.po").write_text(TEXT.format("To do"), "utf-8")
    return tmp_path / "translations"


def say(folder: Path) -> str:
    with (folder / "en/LC_MESSAGES/messages.mo").open("rb") as file:
        return gettext.GNUTranslations(file).gettext("待办")


def test_a_missing_catalogue_is_compiled_beside_its_text(source, tmp_path):
    assert catalogue.ready(source, tmp_path / "spare") == source
    assert say(source) == "To do"
    assert not (tmp_path / "spare").exists()
    assert sorted(p.name for p in source.rglob("*.*")) == ["messages.mo", "messages.po"], (
        "nothing half made is left"
    )


def test_a_catalogue_of_another_text_is_compiled_again_though_it_be_newer(source, tmp_path):
    catalogue.ready(source, tmp_path / "spare")
    text = source / "en/LC_MESSAGES/messages.po"
    text.write_text(TEXT.format("Waiting"), "utf-8")
    os.utime(text, (1, 1))
    catalogue.ready(source, tmp_path / "spare")
    assert say(source) == "Waiting"


def test_a_catalogue_of_this_text_is_left_alone(source, tmp_path):
    catalogue.ready(source, tmp_path / "spare")
    made = (source / "en/LC_MESSAGES/messages.mo").stat()
    catalogue.ready(source, tmp_path / "spare")
    assert (source / "en/LC_MESSAGES/messages.mo").stat().st_ino == made.st_ino


def test_where_the_checkout_cannot_be_written_the_office_keeps_its_own(source, tmp_path):
    (source / "en/LC_MESSAGES/messages.mo").mkdir()  # even root cannot put a file there
    spare = tmp_path / "instance" / "translations"
    assert catalogue.ready(source, spare) == spare
    assert say(spare) == "To do"
    assert sorted(p.name for p in (source / "en/LC_MESSAGES").iterdir()) == ["messages.mo", "messages.po"]
    text = source / "en/LC_MESSAGES/messages.po"
    text.write_text(TEXT.format("Waiting"), "utf-8")
    assert say(catalogue.ready(source, spare)) == "Waiting"
