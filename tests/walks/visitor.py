"""A person at a browser: signs in, finds a step, answers a form as it is drawn, signs."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Locator, Page

from casework import yaml
from casework.stories import samples

STORIES = Path(__file__).resolve().parents[2] / "workflows"
#: What a browser writes into its console when a page is an answer of 4xx, as it should be.
EXPECTED = re.compile(r"status of (400|404|409|422)")


def said(procedure: str, like: str, **other: Any) -> dict[str, Any]:
    """Answers as the stories of a procedure give them, with what is different here."""
    answers = yaml.read((STORIES / procedure / "stories" / "answers.yaml").read_text("utf-8"))[like]
    inherited = said(procedure, answers.pop("like")) if "like" in answers else {}
    return {**inherited, **answers, **other}


class Visitor:
    """One person in a browser of their own."""

    def __init__(
        self, browser: Browser, url: str, login: str = "", *, scripts: bool = True, **look: Any
    ) -> None:
        look = {"viewport": {"width": 1280, "height": 900}, "locale": "zh-CN", **look}
        self.context = browser.new_context(java_script_enabled=scripts, accept_downloads=True, **look)
        self.context.set_default_timeout(60_000)  # a page that comes late is no fault of the page
        self.page, self.url, self.login = self.context.new_page(), url, login
        self.faults: list[str] = []
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("console", self._listen)
        if login:
            self.enter(login)

    def _listen(self, message: Any) -> None:
        if message.type in {"error", "warning"} and not EXPECTED.search(message.text):
            self.faults.append(message.text)

    def close(self) -> None:
        self.context.close()
        assert not self.faults, self.faults

    # -- about the house

    def enter(self, login: str) -> None:
        """Sign in by the demo's list of people."""
        self.go("/sign-in")
        self.page.locator("button[name=post]").filter(has_text=re.compile(rf"\b{login}\b")).first.click()
        self.page.wait_for_url(lambda url: not url.endswith("/sign-in"))

    def go(self, path: str) -> Page:
        self.page.goto(self.url + path)
        return self.page

    def press(self, words: str) -> None:
        """The button or link that says so."""
        self.page.locator("button:visible,a:visible").filter(has_text=words).first.click()

    def read(self) -> str:
        return self.page.inner_text("main")

    def title(self) -> str:
        return self.page.inner_text("h1")

    def work_on(self, number: str) -> Page:
        """From the case page to the step that waits for this person."""
        self.go(f"/case/{number}")
        self.press("去办理")
        return self.page

    # -- forms

    def apply(self, key: str, project: str) -> None:
        """Choose service and project, as far as the empty form."""
        self.go(f"/apply/new/{key}")
        self.page.get_by_label(project).check()
        self.press("下一步")

    def answer(self, answers: Mapping[str, Any]) -> None:
        for key, value in answers.items():
            if isinstance(value, list) and value and isinstance(value[0], dict):
                self._rows(key, value)
            elif isinstance(value, dict) and "all" in value:
                self.rule(value["all"])
            else:
                self._one(key, value)

    def _rows(self, key: str, rows: list[dict[str, Any]]) -> None:
        for index, row in enumerate(rows):
            first = f"[name='{key}-{index}-{next(iter(row))}']"
            if not self.page.query_selector(first):
                self.page.click(f"[name=_add][value='{key}']")
                self.page.wait_for_selector(first)
            for column, value in row.items():
                self._one(f"{key}-{index}-{column}", value)

    def rule(self, verdict: Mapping[str, Any], only: str = "") -> None:
        """Fill a row of a fixed table, or every row alike."""
        for row in self.page.locator("tr.tf-row").filter(has_text=only).all():
            for column, value in verdict.items():
                self._set(row.locator(f"[name$='-{column}']"), value)

    def _one(self, key: str, value: Any) -> None:
        self._set(self.page.locator(f"[name='{key}']"), value)

    def _set(self, control: Locator, value: Any) -> None:
        kind = control.first.evaluate("e => e.type")
        if kind == "file":
            control.set_input_files(
                [
                    {"name": n, "mimeType": "application/octet-stream", "buffer": samples.sample(n)}
                    for n in value
                ]
            )
        elif kind in {"radio", "checkbox"}:
            for each in value if isinstance(value, list) else [value]:
                self._tick(control, each)
        elif kind == "select-one":
            control.select_option(label=value["label"]) if isinstance(value, dict) else control.select_option(
                value
            )
        else:
            control.fill(str(value))

    def _tick(self, control: Locator, value: Any) -> None:
        if value is True:
            control.check()
        else:
            control.and_(self.page.locator(f"[value='{value}']")).check()

    def sign(self, *, password: str = "", code: str = "") -> None:
        """Prove who signs; without either: the code that the demo shows."""
        if password:
            self.page.fill("[name=_password]", password)
        else:
            self.page.fill("[name=_code]", code or self.page.inner_text(".sign b.mono"))

    # -- papers

    def fetch(self, words: str, where: str = "main") -> bytes:
        """A file, downloaded by clicking on its link."""
        with self.page.expect_download() as coming:
            self.page.locator(f"{where} a").filter(has_text=words).first.click()
        return Path(coming.value.path()).read_bytes()


def words_of(docx: bytes) -> str:
    """Everything a Word file says."""
    with zipfile.ZipFile(io.BytesIO(docx)) as parts:
        assert parts.testzip() is None
        return re.sub(r"<[^>]+>", "", parts.read("word/document.xml").decode())
