"""The small tender of the tests and benchmarks: its folder with the bid form of workflows/tender."""

from __future__ import annotations

import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def folder(place: Path) -> Path:
    """A copy of benchmarks/sealing in `place`, with the bid form that real tenders use."""
    target = place / "sealing"
    shutil.copytree(ROOT / "benchmarks" / "sealing", target, dirs_exist_ok=True)
    shutil.copy(ROOT / "workflows" / "tender" / "forms" / "bid.form", target / "forms" / "bid.form")
    return target
