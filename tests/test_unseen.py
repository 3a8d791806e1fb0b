"""The browser of the tests is started as Playwright would start it, but for what `unseen` leaves out."""

from __future__ import annotations

import re
from pathlib import Path

import playwright
import unseen


def test_what_playwright_disables_is_disabled_still() -> None:
    """The browser heeds the last switch only, so `unseen` says Playwright's own again: as it is installed."""
    library = Path(playwright.__file__).parent / "driver" / "package" / "lib"
    scripts = (path.read_text("utf-8") for path in library.rglob("*.js"))
    found = (re.search(r"disabledFeatures = \[(.*?)\n *\]", script, re.DOTALL) for script in scripts)
    features = re.findall(r'^ *"(\w+)"', next(one for one in found if one)[1], re.MULTILINE)
    assert sorted(unseen.PLAYWRIGHTS) == sorted(features)
