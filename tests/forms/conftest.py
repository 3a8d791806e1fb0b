"""A browser and the sample site, for the tests of forms."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator

import pytest
from forms_site import create_site
from playwright.sync_api import Browser, Page
from werkzeug.serving import make_server


class Site:
    """A running sample site."""

    def __init__(self, *, scripts: bool = True) -> None:
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        app = create_site(scripts=scripts)
        self.kept = app.extensions["kept"]
        self.client = app.test_client()
        self.server = make_server("127.0.0.1", 0, app, threaded=True)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def site() -> Iterator[Site]:
    running = Site()
    yield running
    running.server.shutdown()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="zh-CN")
    context.set_default_timeout(60_000)
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if "Content Security" in said.text else None)
    yield page
    context.close()
    assert not faults


@pytest.fixture
def quiet(browser: Browser) -> Iterator[Page]:
    """A page whose browser runs no scripts."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 900}, locale="zh-CN", java_script_enabled=False
    )
    context.set_default_timeout(60_000)
    yield context.new_page()
    context.close()
