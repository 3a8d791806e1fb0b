"""A tender that takes bids, for each test its own."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from tenderhouse import Tender, tender


@pytest.fixture
def open_tender(district: Flask, tmp_path: Path) -> Tender:
    return tender(tmp_path)
