"""Every kind of page, wide and narrow, in both languages: no barrier, no sideways scroll, no error, little weight."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from office import Office
from playwright.sync_api import Page
from visitor import Visitor, said

People = Callable[..., Visitor]
#: Every rule of these; only what breaks one is described: to describe what keeps them took more than half the time.
TAGS = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
#: Bytes and requests of a whole page, as they go over the wire (HTML, CSS and script, compressed).
WEIGHT, REQUESTS = 20 * 1024, 5

#: Who looks at which pages; {paper} {notice} {draft} {step} {done} {stamps} {approved} {answers} {tender} are filled in.
PAGES = {
    "": ["/", "/notices", "/notices/{notice}", "/verify", "/verify/{paper}", "/verify/AAAA-BBBB", "/guide", "/guide/exemption", "/guide/tender",
         "/accessibility", "/sign-in", "/no-such-page"],
    "dev1": ["/inbox", "/inbox?box=mine", "/apply/", "/apply/new/exemption", "{draft}", "/me"],
    "head1": ["/inbox", "/inbox?box=done", "/cases", "/cases?q=zzz", "{decide}", "/projects", "/projects/1/dossier", "/enterprises"],
    "exa1": ["{stamp}", "/case/{stamps}", "/case/{approved}", "{answers}"],
    "ent1": ["/tenders/{tender}", "/tenders/{tender}/bid", "/tenders/{tender}/bid/fill"],
    "admin1": ["/admin/organisations"],
}  # fmt: skip


def barriers(page: Page) -> list[Any]:
    page.wait_for_load_state()  # a page without its stylesheet yet has small targets
    page.evaluate(AXE_SCRIPT)
    found = page.evaluate("options => axe.run(options).then(found => found.violations)", TAGS)
    return [(each["id"], each["nodes"][0]["html"][:160]) for each in found]


def addresses(visitor: Visitor, login: str, office: Office) -> list[str]:
    """The pages of one person, with what they are about filled in by looking for it."""
    about: dict[str, str] = {}
    page = visitor.page
    if login == "dev1":
        visitor.apply("exemption", "云河天境")
        about["draft"] = page.url.removeprefix(office.url)
    if login in {"head1", "exa1"}:
        visitor.go("/inbox")
        about["decide"] = page.get_attribute("a.t:has-text('决定')", "href") if login == "head1" else ""
        about["stamp"] = page.get_attribute("a.t:has-text('逐项确认')", "href") or ""
        about["stamps"], about["approved"] = office.number("北苑锦园"), office.number("云锦台")
        visitor.go(f"/case/{about['approved']}")
        about["answers"] = page.get_attribute("#answers a >> nth=0", "href") or ""
    if login == "ent1":
        about["tender"] = office.number("云锦天宸", "tender")
    if not login:
        visitor.go("/notices")
        about["notice"] = (page.get_attribute(".notices a >> nth=0", "href") or "").rpartition("/")[2]
        about["paper"] = office.code()
    return [path.format_map(about) for path in PAGES[login]]


@pytest.mark.parametrize("login", PAGES)
def test_every_page_is_open_to_everybody(login: str, person: People, office: Office) -> None:
    visitor = person(login)
    page = visitor.page
    faults = []
    for path in addresses(visitor, login, office):
        for lang in ("zh", "en"):
            visitor.context.add_cookies([{"name": "lang", "value": lang, "url": office.url}])
            heavy = weigh(page, office.url + path)
            faults += [(path, lang, heavy)] if heavy else []
            for width in (1280, 360):
                page.set_viewport_size({"width": width, "height": 900})
                if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                    faults.append((path, lang, f"scrolls sideways at {width}"))
                if (lang == "zh") == (
                    width == 1280
                ):  # each language and each width, not each pair: axe is slow
                    faults += [(path, lang, width, barrier) for barrier in barriers(page)]
    assert not faults, "\n".join(map(str, faults))


def weigh(page: Page, address: str) -> str:
    """Load a page for the first time; what is too much about it."""
    asked: list[str] = []

    def note(request: Any) -> None:
        asked.append(request.url)

    page.goto("about:blank")  # what the page before still loads is not this one's
    page.on("request", note)
    page.goto(address, wait_until="load")
    page.remove_listener("request", note)
    parts = [url for url in asked if not url.endswith(".svg")]
    size = sum(len(gzip.compress(page.request.get(url).body())) for url in parts)
    return f"{size} bytes in {len(asked)} requests" if size > WEIGHT or len(asked) > REQUESTS else ""


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_keyboard_reaches_the_work(person: People, lang: str, office: Office) -> None:
    """Skip links first; from the inbox a case opens with Enter, arrows go from case to case."""
    head = person("head1")
    head.context.add_cookies([{"name": "lang", "value": lang, "url": office.url}])
    page = head.go("/inbox")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.locator("a.t").first.focus()
    page.keyboard.press("ArrowDown")
    assert page.evaluate("[...document.querySelectorAll('a.t')].indexOf(document.activeElement)") == 1
    page.keyboard.press("Enter")
    page.wait_for_url("**/step/*")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "say"


def test_states_that_no_address_leads_to(person: People, office: Office) -> None:
    """Mistakes, the page to check, the question before withdrawing, a refusal; the last two narrow, in large letters."""
    developer = person("dev1")
    page = developer.page
    developer.apply("exemption", "柳岸听雨轩")
    developer.press("保存并核对")
    assert page.evaluate("document.activeElement.className") == "sum-err"
    assert barriers(page) == []
    # what was said of a choice goes once it is made, with its place at the head of the page
    place, faults = page.locator(".field:has(> select[name=candidate])"), page.locator(".sum-err li")
    assert place.locator(".err").count() == 1
    said_first = faults.count()
    page.select_option("[name=candidate]", index=1)
    page.check("[name=declare_true]")
    assert page.get_attribute("[name=candidate]", "aria-invalid") is None
    assert place.locator(".err").count() == 0
    assert faults.count() == said_first - 2
    assert page.locator("#err-h").text_content() == f"有 {said_first - 2} 处需要改正"
    developer.answer(said("exemption", "small", candidate={"label": "云河青禾物业服务有限公司"}))
    developer.press("保存并核对")
    assert barriers(page) == []
    looks = [
        {"name": "lang", "value": "en", "url": office.url},
        {"name": "big", "value": "1", "url": office.url},
    ]
    developer.context.add_cookies(looks)
    page.set_viewport_size({"width": 360, "height": 900})
    for path in (f"/case/{office.number('柳岸雅苑')}/withdraw", f"/case/{office.number('北苑锦园')}"):
        developer.go(path)
        assert barriers(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
