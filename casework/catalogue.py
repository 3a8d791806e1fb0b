"""The site's English, made ready at the start: compiled when it is missing or its text has changed."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po


def ready(source: Path, spare: Path) -> Path:
    """The folder whose catalogues are compiled: `source`, or `spare` where `source` cannot be written."""
    try:
        return _compile(source, source)
    except OSError:
        return _compile(source, spare)


def _compile(source: Path, target: Path) -> Path:
    """A compiled catalogue bears the time of its text; any other time means that it is not of this text."""
    for text in source.glob("*/LC_MESSAGES/*.po"):
        made = target / text.relative_to(source).with_suffix(".mo")
        written = text.stat().st_mtime_ns
        if not made.is_file() or made.stat().st_mtime_ns != written:
            made.parent.mkdir(parents=True, exist_ok=True)
            _write(text, made, written)
    return target


def _write(text: Path, made: Path, written: int) -> None:
    """Whole or not at all, whoever else starts at the same moment."""
    with text.open("rb") as file:
        catalogue = read_po(file)
    handle, half = tempfile.mkstemp(".mo.part", dir=made.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            write_mo(file, catalogue)
        Path(half).chmod(0o644)
        os.utime(half, ns=(written, written))
        Path(half).replace(made)
    except OSError:
        Path(half).unlink(missing_ok=True)
        raise
