"""A case that is written down and read again after every step goes exactly as one that never is.

`TENDOVER_WALKS=1000 pytest tests/engine/test_differential.py` walks longer.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.engine import walks

WALKS = int(os.environ.get("TENDOVER_WALKS", "20"))
COMPARED: dict[str, int] = {}


@pytest.mark.parametrize("name", walks.DRAWINGS)
def test_written_down_after_every_step_or_never(name: str) -> None:
    COMPARED[name] = walks.compare(name, range(WALKS))
    assert COMPARED[name] >= 100


def test_thousands_of_steps_were_compared() -> None:
    if set(COMPARED) == set(walks.DRAWINGS):  # not when single drawings are chosen on the command line
        assert sum(COMPARED.values()) > 5000, COMPARED


def test_a_fresh_process_carries_cases_on_as_this_one_does() -> None:
    kept = [walks.written(name, seed, seed + 2) for name in walks.DRAWINGS for seed in range(3)]
    here = [walks.carried_on(one) for one in kept]
    there = subprocess.run(
        [sys.executable, "-m", "tests.engine.walks", "--go-on"], input=json.dumps(kept), capture_output=True, text=True, check=True,
        cwd=Path(__file__).parents[2], timeout=60, env={**os.environ, "PYTHONHASHSEED": "7", "PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip
    assert json.loads(there.stdout) == here
    assert sum(len(one) for one in here) > 300
