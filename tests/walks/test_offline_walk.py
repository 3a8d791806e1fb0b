"""The site check of an inspection, in a basement: taken along, filled in, sent when the sign-in has long expired."""

from __future__ import annotations

import io
import re
import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import unseen
from office import BEGIN, WORKFLOWS, Office
from offices import Models
from PIL import Image
from playwright.sync_api import Browser, Page
from test_pages import barriers
from visitor import Visitor

from blueprints import sheets as pages
from casework import cases, clock, stories, yaml
from casework.cases import sheets
from casework.db import db

People = Callable[..., Visitor]
CODE = "地下二层B2"
FOUND = "集水坑潜水泵不能自动启动"
ROW = "checked-GB-02"


class Phone(Visitor):
    """A phone whose browser keeps what it has when it is closed."""

    def __init__(self, browser: Browser, url: str, place: Path, chromium: str) -> None:
        self.browser, self.url, self.place, self.chromium = browser, url, place, chromium
        self.faults: list[str] = []
        self.open()

    def open(self, *, signal: bool = True) -> None:
        self.context = self.browser.browser_type.launch_persistent_context(
            self.place, executable_path=self.chromium, args=unseen.SWITCHES,
            viewport={"width": 360, "height": 780}, locale="zh-CN", accept_downloads=True,
        )  # fmt: skip
        self.context.set_default_timeout(60_000)
        self.context.set_offline(not signal)
        self.page = self.context.pages[0]
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))

    def switch_off(self) -> None:
        self.context.close()

    def unlock(self, code: str) -> None:
        self.page.fill("#code", code)
        self.page.keyboard.press("Enter")

    def take(self, step: int) -> None:
        self.go(f"/sheet/{step}")
        if self.page.wait_for_selector("text=保存到本机") and self.page.query_selector("#code-1"):
            self.page.fill("#code-1", CODE)
            self.page.fill("#code-2", CODE)
        self.press("保存到本机")
        self.page.wait_for_selector("#sheet-form")

    def write(self, name: str, text: str) -> None:
        self.page.fill(f"[name={name}]", text)

    def choose(self, row: str, value: str) -> None:
        self.page.check(f"[name={row}-result][value={value}]")

    def add(self, *photos: bytes) -> None:
        sent = [
            {"name": f"泵房{n}.{kind(data)}", "mimeType": MEDIA[kind(data)], "buffer": data}
            for n, data in enumerate(photos, 1)
        ]
        self.page.locator("#zone-photos input[type=file]").set_input_files(sent)

    def kept(self, words: str) -> None:
        """Until the line above the sheet says so: then it is on the disk."""
        self.page.wait_for_function(
            "words => document.querySelector('#counts').textContent.includes(words)", arg=words
        )

    def lies_open(self, words: str) -> bool:
        """Whether a text, or the beginning of a photograph, can be read in what the browser has stored."""
        found: bool = self.page.evaluate(
            """async words => {
              const open = await new Promise(done => { const r = indexedDB.open('tendover-sheets'); r.onsuccess = () => done(r.result); });
              const all = name => new Promise(done => { const r = open.transaction(name).objectStore(name).getAll(); r.onsuccess = () => done(r.result); });
              const text = v => v instanceof ArrayBuffer || ArrayBuffer.isView(v) ? new TextDecoder().decode(v) + new TextDecoder('latin1').decode(v)
                : v && typeof v === 'object' ? Object.values(v).map(text).join(' ') : String(v);
              const stored = text(await Promise.all([...open.objectStoreNames].map(all)));
              open.close();
              return stored.length < 1000 || stored.includes(words) || stored.includes('JFIF');
            }""",
            words,
        )
        return found

    def left(self) -> list[Any]:
        """What of the sheets is still on the device: records, workers, caches."""
        return self.page.evaluate(
            """async () => {
              const open = await new Promise(done => { const r = indexedDB.open('tendover-sheets'); r.onsuccess = () => done(r.result); });
              const count = name => new Promise(done => { const r = open.transaction(name).objectStore(name).count(); r.onsuccess = () => done(r.result); });
              const counts = await Promise.all(['keys', 'sheets', 'answers', 'photos', 'pixels'].map(count));
              open.close();
              const workers = await navigator.serviceWorker.getRegistrations(), caches_ = await caches.keys();
              return [counts.reduce((a, b) => a + b), workers.length, caches_.length, document.cookie];
            }"""
        )


MEDIA = {"jpg": "image/jpeg", "webp": "image/webp", "heic": "image/heic"}


def kind(data: bytes) -> str:
    """What a phone says of its picture."""
    if data[4:12] == b"ftypheic":
        return "heic"
    return "webp" if data[8:12] == b"WEBP" else "jpg"


def photo(side: int, made: str = "JPEG") -> bytes:
    out = io.BytesIO()
    exif = Image.Exif()
    exif.get_ifd(0x8825).update({1: "N", 2: (30.0, 15.0, 7.5)})
    Image.new("RGB", (side, side // 2), "navy").save(out, made, exif=exif)
    return out.getvalue()


@pytest.fixture
def basement(workplace: Path, models_on: Callable[[str], Models]) -> Iterator[tuple[Office, int]]:
    """An inspection whose site check waits for the enterprise; the id of that step."""
    place = Path(tempfile.mkdtemp(dir=workplace))
    office = Office(place, lived_in=False, furnished=models_on("sqlite").copy("district", place))
    told = stories.read(WORKFLOWS / "inspection" / "stories" / "through.yaml")
    about = yaml.read((WORKFLOWS / "demo" / "people.yaml").read_text("utf-8"))
    with office.app.app_context():
        case = stories.Player(told, stories.organisations(about)).play(stop_after=5)
        assert case is not None
        db.session.commit()
        step = next(s.id for s in cases.lists.open_steps(case.id) if s.element == "site_check")
        db.session.remove()
    office.offset = datetime(2026, 6, 5, 9, tzinfo=clock.SHANGHAI) - BEGIN
    yield office, step
    office.close()


@pytest.fixture
def phone(
    basement: tuple[Office, int], browser: Browser, needs: Callable[[str], str], tmp_path: Path
) -> Iterator[Phone]:
    held = Phone(browser, basement[0].url, tmp_path / "phone", needs("chromium"))
    yield held
    held.switch_off()
    assert not held.faults, held.faults


def narrow(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def test_a_site_check_without_a_signal(
    basement: tuple[Office, int], phone: Phone, person: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    office, step = basement
    monkeypatch.setattr(sheets, "MOST_PHOTOS", 2)
    phone.enter("ent1")
    phone.go(f"/step/{step}")
    phone.press("带到现场")
    phone.page.wait_for_selector("#code-1")
    assert (barriers(phone.page), narrow(phone.page)) == ([], True)
    phone.take(step)
    assert (barriers(phone.page), narrow(phone.page)) == ([], True)

    # no signal: rows, a row more, photographs, and one photograph too many
    phone.context.set_offline(True)
    phone.page.wait_for_selector("text=没有信号")
    phone.choose(ROW, "不合格")
    phone.write(f"{ROW}-finding", FOUND)
    for _row in range(2):
        phone.page.click("[name=_add][value=added]")
    rows = phone.page.locator("#zone-added .tf-row")
    assert rows.count() == 2
    rows.last.locator("[name$=new_name]").fill("地下室集水坑")
    rows.first.locator("[name=_remove]").click()
    phone.add(b"\0\0\0\x18ftypheic")
    phone.page.wait_for_selector("text=“泵房1.heic”不能使用，没有保存")
    phone.add(photo(4000), photo(900, "WEBP"), photo(800))
    phone.page.wait_for_selector("text=本机已有 2 张照片，达到上限，“泵房3.jpg”没有保存")
    assert phone.page.locator("#zone-photos li").filter(has_text="泵房2.jpg").count() == 1, "drawn anew"
    phone.kept("照片 2 张")
    sizes = phone.page.eval_on_selector_all("#zone-photos img", "all => all.map(i => i.naturalWidth)")
    assert sizes == [2000, 900]

    assert not phone.lies_open(FOUND)

    # the phone is switched off and on: the code opens it, nothing else
    phone.switch_off()
    phone.open(signal=False)
    phone.go("/sheet/")
    phone.page.wait_for_selector("text=本机有 1 张表单尚未打开")
    assert "承接查验" not in phone.read()
    phone.unlock("不是这个口令")
    phone.page.wait_for_selector("text=离线口令不对")
    phone.unlock(CODE)
    phone.page.click(".sheets a.t")
    phone.unlock(CODE)
    phone.page.wait_for_selector("#zone-photos li")
    assert phone.page.input_value(f"[name={ROW}-finding]") == FOUND
    assert phone.page.input_value("#zone-added .tf-row [name$=new_name]") == "地下室集水坑"
    assert phone.page.locator("#zone-added .tf-row").count() == 1
    assert phone.page.locator("#zone-photos li").count() == 2

    # meanwhile the same person corrects the draft at the desk, and the sign-in of the phone expires
    desk = person("ent1", at=office)
    desk.go(f"/step/{step}")
    desk.page.check(f"[name={ROW}-result][value=合格]")
    desk.page.check("[name=checked-GB-04-result][value=合格]")
    desk.page.fill("[name=weather]", "阴")
    desk.press("保存草稿")
    desk.page.wait_for_selector("text=草稿已保存")
    phone.context.clear_cookies()
    phone.context.set_offline(False)
    phone.page.wait_for_selector("text=登录已过期")

    # a colleague at the same phone sees that there is a sheet, and nothing in it
    phone.page.click("#state >> text=登录")
    phone.enter("ins1")
    phone.go(f"/sheet/{step}")
    phone.page.wait_for_selector("#code-1")
    assert FOUND not in phone.page.content()
    phone.go("/inbox")
    phone.press("退出")
    phone.page.wait_for_selector("text=这台设备上没有您的离线表单")

    # the person signs in again: opened without the code, sent, both versions shown, each row chosen
    phone.page.goto(f"{phone.url}/sign-in?next=/sheet/{step}")
    phone.page.locator("button[name=post]").filter(has_text=re.compile(r"\bent1\b")).first.click()
    phone.page.wait_for_selector("text=有信号，可以发送")
    phone.press("发送到系统")
    phone.page.wait_for_selector("#compare")
    assert (barriers(phone.page), narrow(phone.page)) == ([], True)
    lines = {row.get_attribute("data-id"): row for row in phone.page.locator("#compare [data-id]").all()}
    assert {ROW, "checked-GB-04", "weather"} <= set(lines)
    assert lines[ROW].locator("[value=mine]").is_checked()
    assert lines["weather"].locator("[value=theirs]").is_checked()  # only the desk has changed it
    lines["checked-GB-04"].locator("[value=mine]").check()
    phone.press("按所选内容发送")
    phone.page.wait_for_url(f"**/step/{step}")
    assert phone.page.input_value("[name=weather]") == "阴"
    assert phone.page.input_value(f"[name={ROW}-finding]") == FOUND
    assert not phone.page.is_checked("[name=checked-GB-04-result][value=合格]")
    assert phone.page.input_value("[name$=new_name]") == "地下室集水坑"
    assert phone.page.locator("#zone-photos .pic img").count() == 2
    assert phone.left() == [0, 0, 0, ""]


def test_a_step_that_is_gone_and_a_phone_that_is_shared(
    basement: tuple[Office, int], phone: Phone, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    office, step = basement
    phone.enter("ent1")
    phone.take(step)
    phone.write("weather", "雷阵雨")
    phone.add(photo(600))
    phone.kept("答案 1 处，照片 1 张")

    # the worker has its own page alone: the inbox comes from the server, and a new version replaces the old one
    caches_ = phone.page.evaluate("caches.keys()")
    assert len(caches_) == 1
    kept = phone.page.evaluate(
        "name => caches.open(name).then(c => c.keys()).then(all => all.map(r => new URL(r.url).pathname))",
        caches_[0],
    )
    assert [path for path in kept if path != "/sheet/" and not path.startswith("/static/")] == []
    office.app.config["OFFICE"] = "云河区房产管理局"
    phone.go("/inbox")
    assert "云河区房产管理局" in phone.page.inner_text("header")
    newer = tmp_path / "worker.js"
    newer.write_text(pages.SCRIPT.read_text("utf-8") + "// newer\n", "utf-8")
    monkeypatch.setattr(pages, "SCRIPT", newer)
    phone.go(f"/sheet/{step}")
    phone.page.wait_for_function(
        "async old => { const all = await caches.keys(); return all.length === 1 && all[0] !== old; }",
        arg=caches_[0],
    )
    assert phone.page.input_value("[name=weather]") == "雷阵雨"

    # done by a colleague meanwhile: both are shown, one's own can be kept as a file
    with office.app.app_context(), clock.at(office.now):
        found = db.session.get_one(cases.Step, step)
        found.status, found.done_at, found.answers = "done", clock.now(), {"weather": "晴"}
        db.session.commit()
        db.session.remove()
    phone.go(f"/sheet/{step}")
    phone.page.wait_for_selector("text=有信号，可以发送")
    phone.press("发送到系统")
    phone.page.wait_for_selector("text=不能发送")
    assert ("雷阵雨" in phone.page.inner_text("#compare"), "晴" in phone.page.inner_text("#compare")) == (
        True,
        True,
    )
    with phone.page.expect_download() as coming:
        phone.press("下载我的填写和照片")
    text = Path(coming.value.path()).read_text("utf-8")
    assert "雷阵雨" in text
    assert text.count("data:image/jpeg;base64,") == 1

    # signing out asks, for something is unsent; clearing says what is lost, and leaves nothing
    phone.go("/inbox")
    phone.press("退出")
    phone.page.wait_for_selector("text=其中 1 处答案、1 张照片没有发送")
    phone.press("清除本机内容")
    dialog = phone.page.locator("dialog")
    assert "1 处答案、1 张照片还没有发送，清除后不能找回" in dialog.inner_text()
    dialog.locator("text=取消").click()
    assert phone.left()[0] > 0
    phone.press("清除本机内容")
    phone.page.locator("dialog .pri").click()
    phone.page.wait_for_selector("text=本机内容已清除")
    assert phone.left() == [0, 0, 0, ""]
