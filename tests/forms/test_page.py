"""The page in a real browser: with and without scripts, in both languages, wide and narrow."""

from __future__ import annotations

import random
import re
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from conftest import Site
from forms_site import FACTS, FORM, TODAY
from playwright.sync_api import Page, expect
from test_answers import FILES, RIGHT
from werkzeug.datastructures import MultiDict

from casework.forms.messages import AROUND

#: Every rule of these; only what breaks one is described: to describe what keeps them took more than half the time.
TAGS = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}


def fill_right(page: Page) -> None:
    """Everything right, typed as a person would; one building."""
    for key in ("uscc", "contact", "phone", "permit", "mgmt_area"):
        page.fill(f"#{key}", RIGHT[key])
    page.select_option("#street", "nanhu")
    page.fill("[id='buildings-0-no']", "1")
    page.select_option("[id='buildings-0-use']", "home")
    page.fill("[id='buildings-0-floors']", "18")
    page.fill("[id='buildings-0-area']", "12,680.5")
    page.fill("[id='buildings-0-households']", "144")
    page.fill("#delivery", "2027-06-30")
    page.check("#method-0")
    page.fill("#fee", "2.85")
    page.fill("#years", "3")
    page.check("#truth")
    page.set_input_files(
        "#permit_file", {"name": "证.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"}
    )


def findings(page: Page) -> list[Any]:
    page.wait_for_load_state()  # a page without its stylesheet yet has small targets
    page.evaluate(AXE_SCRIPT)
    found = page.evaluate("options => axe.run(options).then(found => found.violations)", TAGS)
    return [(each["id"], each["nodes"][0]["html"][:120]) for each in found]


def test_a_bound_stands_beside_the_question_before_a_mistake(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/?lang=zh")
    expect(page.locator("#delivery-b")).to_have_text("最早 2026年12月23日（至少提前 30 日申请）")
    expect(page.locator("#mgmt_area-b")).to_be_hidden()  # nothing to reckon it from yet
    page.fill("[id='buildings-0-area']", "12,680.5")
    page.press("[id='buildings-0-area']", "Tab")
    expect(page.locator("#mgmt_area-b")).to_have_text("不小于 63.41 ㎡（总建筑面积的 5‰）")
    page.check("#method-1")
    page.check("#invited-0")
    left = page.locator("#invited-err")
    expect(left).to_have_text("受邀企业：每一项都要勾选（须全部邀请），还缺：安和物业服务有限公司")
    page.check("#invited-1")
    expect(left).to_be_hidden()
    described = page.get_attribute("#mgmt_area", "aria-describedby") or ""
    assert "mgmt_area-b" in described.split()


@pytest.mark.parametrize(("width", "lang"), [(1280, "zh"), (360, "en")])
def test_no_barrier(page: Page, site: Site, width: int, lang: str) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{site.url}/check?lang={lang}")
    assert findings(page) == []
    page.goto(f"{site.url}/?lang={lang}")
    page.check("#method-2")
    page.click("button.pri")
    page.wait_for_selector(".sum-err")
    assert findings(page) == []
    assert page.evaluate("document.activeElement.className") == "sum-err"


def test_nothing_scrolls_sideways(page: Page, site: Site) -> None:
    page.set_viewport_size({"width": 360, "height": 900})
    for path in ("/?lang=zh", "/?lang=en", "/check?lang=en"):
        page.goto(site.url + path)
        for width in (360, 768, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, (width, path)


def test_each_mistake_leads_to_its_control(page: Page, site: Site) -> None:
    page.goto(site.url)
    page.check("#method-2")
    page.click("button.pri")
    for link in page.query_selector_all(".sum-err a"):
        anchor = link.get_attribute("href")
        assert page.query_selector(f"[id='{anchor[1:]}']"), anchor
    described = page.get_attribute("#mgmt_area", "aria-describedby")
    assert described.split() == ["mgmt_area-hint", "mgmt_area-b", "mgmt_area-unit", "mgmt_area-err"]
    assert page.evaluate("id => document.getElementById(id).textContent", described.split()[0])


def test_everything_works_without_scripts(quiet: Page, site: Site) -> None:
    page = quiet
    page.goto(site.url)
    fill_right(page)
    page.click("text=添加一栋")
    page.fill("[id='buildings-1-no']", "2")
    assert page.input_value("[id='buildings-0-area']") == "12,680.5"
    assert page.is_visible("text=证.pdf")  # kept although the page was only shown again
    page.click("[name=_remove][value='buildings-1']")
    page.click("summary:has-text('从 Excel 粘贴')")
    page.fill("[name=_pastetext_buildings]", "3\t商业\t2\t1.2万\t\n4\t地下车库\t1\t800")
    page.click("text=填入表格")
    assert page.input_value("[id='buildings-2-use']") == "garage"
    assert page.inner_text("output[data-name=total_area]") == "25,480.50"
    page.click("text=全部确认")
    page.fill("#mgmt_area", "127.39")
    page.click("button.pri")
    assert page.inner_text(".sum-err li") == "物业管理用房面积不能小于 127.41 ㎡（总建筑面积的 5‰）"
    page.fill("#mgmt_area", "127.41")
    page.click("button.pri")
    assert page.inner_text("h1") == "提交前请核对"
    assert not page.is_visible(".sum-err")
    assert site.kept["answers"]["total_households"] == 144
    assert [row["verdict"] for row in site.kept["answers"]["items"]] == ["yes"] * 3


LIVE = [
    ("years", "三", {}), ("years", "2.5", {}), ("years", "6", {}), ("years", "0", {}),
    ("fee", "abc", {}), ("fee", "2.855", {}), ("fee", "0.01", {}), ("fee", "21", {}),
    ("fee", "3.01", {"method": "agreement"}), ("bidders", "3", {"method": "agreement", "reason": "few"}),
    ("mgmt_area", "50", {}), ("mgmt_area", "１万㎡x", {}), ("delivery", "2026-12-01", {}), ("delivery", "2041-01-01", {}), ("delivery", "明年", {}),
    ("story", "不足三个", {"method": "agreement"}), ("story", "长" * 501, {"method": "agreement"}),
    ("buildings-0-area", "五千", {}), ("buildings-0-floors", "121", {}), ("buildings-0-area", "0.5", {}),
]  # fmt: skip


#: Types into controls as a person would and gives the sentence that stands beside one of them.
TYPE = """([values, key]) => {
  for (const [name, value] of Object.entries(values)) {
    for (const control of document.querySelectorAll(`[name="${name}"]`)) {
      if (control.type === 'radio') control.checked = control.value === value; else control.value = value;
      if (control.type === 'date' && control.value !== value) control.type = 'text', control.value = value;
      control.dispatchEvent(new Event('input', {bubbles: true}));
      control.dispatchEvent(new Event('change', {bubbles: true}));
    }
  }
  const said = document.getElementById(key + '-err');
  return said && said.textContent;
}"""


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_script_says_what_the_server_says_word_for_word(page: Page, site: Site, lang: str) -> None:
    page.goto(f"{site.url}/?lang={lang}")
    for key, text, others in LIVE:
        set_to = {"buildings-0-area": "12680.5", "method": "open", **others, key: text}
        live = page.evaluate(TYPE, [set_to, key])
        data = {**RIGHT, **set_to}
        data = {name: value for name, value in data.items() if not name.startswith("buildings-4")}
        bound = FORM.bind(lang, formdata=MultiDict(data), facts=FACTS, files=FILES, today=TODAY)
        bound.validate()
        said = [re.sub(r"^(第 1 栋：|Building 1: )", "", each.text) for each in bound.errors()]
        assert live in said, (key, text, live, said)
    assert len(LIVE) >= 13


def test_computed_values_and_limits_follow_the_answers(page: Page, site: Site) -> None:
    page.goto(site.url)
    page.fill("[id='buildings-0-area']", "１万")
    assert page.inner_text("output[data-name=total_area]") == "10,000.00"
    page.fill("#mgmt_area", "60")
    page.press("#mgmt_area", "Tab")
    assert not page.query_selector("#mgmt_area-err")
    page.fill("[id='buildings-0-area']", "20000")
    page.press("[id='buildings-0-area']", "Tab")
    assert page.inner_text("#mgmt_area-err") == "物业管理用房面积不能小于 100 ㎡（总建筑面积的 5‰）"
    assert page.get_attribute("#mgmt_area", "aria-invalid") == "true"
    page.fill("#mgmt_area", "100")
    assert not page.query_selector("#mgmt_area-err")
    assert not page.is_visible("#big")
    page.fill("[id='buildings-0-area']", "5.1万")
    assert page.is_visible("#big")


def test_css_and_server_agree_on_what_applies(quiet: Page, site: Site) -> None:
    """Choices made at random; what CSS alone hides is what the server would drop."""
    quiet.goto(site.url)
    dice, checked = random.Random(7), 0
    conditional = {
        "Field_24": "invited", "Group_reason": "reason", "Field_26": "bidders", "Field_41": "proof", "Field_44": "agent_name",
    }  # fmt: skip
    for _turn in range(25):
        choice = {
            "method": dice.choice(["open", "invite", "agreement"]),
            "reason": dice.choice(["few", "small"]),
        }
        for key, value in choice.items():
            quiet.evaluate(
                """([key, value]) => { for (const r of document.querySelectorAll(`[name=${key}]`)) r.checked = r.value === value }""",
                [key, value],
            )
        agent = dice.random() < 0.5
        quiet.evaluate("on => { document.getElementById('agent').checked = on }", agent)
        data = {**choice, **({"agent": "y"} if agent else {})}
        hidden = FORM.bind("zh", formdata=MultiDict(data), facts=FACTS, today=TODAY).settled.hidden
        for id_ in conditional:
            shown = quiet.is_visible(f"[data-cond='{id_}']")
            assert shown == (id_ not in hidden), (id_, data)
            checked += 1
    assert checked >= 120


def test_a_hidden_choice_decides_nothing_in_css_either(page: Page, site: Site) -> None:
    page.goto(site.url)
    page.check("#method-2")
    page.check("#reason-0")
    assert page.is_visible("#bidders")
    page.check("#method-0")
    assert not page.is_visible("#bidders")
    assert "bidders" in FORM.by_key


def test_a_browser_that_cannot_hide_is_told_in_words(page: Page, site: Site) -> None:
    html = site.client.get("/").text
    assert "仅当「选聘方式」为「邀请招标」时填写" in html
    assert "仅当「意见」为「不确认」或「确认，有缺陷」时填写" in html
    assert "Only if “Method” is “Invited tender”" in site.client.get("/?lang=en").text
    page.add_init_script("CSS.supports = () => false")
    page.route(
        "**/*.css", lambda route: route.abort() if FORM.version in route.request.url else route.continue_()
    )
    page.goto(site.url)
    assert not page.is_visible("#agent_name")  # scripts run: they hide it
    page.check("#agent")
    assert page.is_visible("#agent_name")


def test_options_say_what_they_bring_up(page: Page, site: Site) -> None:
    page.goto(site.url)
    described = page.get_attribute("#method-2", "aria-describedby")
    assert page.inner_text(f"[id='{described}']") == "选此项后需填：协议选聘理由、协议选聘证明材料"


def test_rows_change_without_reload_and_with_the_same_html(page: Page, site: Site) -> None:
    page.goto(site.url)
    page.evaluate("window.stays = true")
    page.fill("[id='buildings-0-area']", "1.2万")
    page.click("text=添加一栋")
    page.wait_for_selector("[id='buildings-1-no']")
    assert page.evaluate("window.stays && document.activeElement.id") == "buildings-1-no"
    assert page.inner_text("#live") == "已添加，现有 2 栋"
    assert page.input_value("[id='buildings-0-area']") == "1.2万"
    page.fill("[id='buildings-1-area']", "800")
    assert page.inner_text("output[data-name=total_area]") == "12,800.00"
    page.click("[name=_remove][value='buildings-0']")
    expect(page.locator(".tf-row", has=page.locator("[name^=buildings]"))).to_have_count(1)
    assert page.inner_text("output[data-name=total_area]") == "800.00"
    page.click("text=全部确认")
    page.wait_for_selector("[id='items-C-verdict-0']:checked")
    assert page.evaluate("window.stays") is True


def test_a_file_is_kept_when_a_row_is_added_and_sent_once(page: Page, site: Site) -> None:
    page.goto(site.url)
    page.set_input_files(
        "#permit_file", {"name": "证.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"}
    )
    page.click("text=添加一栋")
    page.wait_for_selector("[id='buildings-1-no']")
    assert site.kept["files"]["permit_file"] == []
    page.click("button.pri")
    page.wait_for_selector(".sum-err")
    assert [each.name for each in site.kept["files"]["permit_file"]] == ["证.pdf"]
    assert page.is_visible("text=证.pdf")
    page.click("[name=_drop]")
    page.wait_for_selector("#permit_file[type=file]")
    assert site.kept["files"]["permit_file"] == []


def test_the_draft_is_saved_by_itself_without_files(page: Page, site: Site) -> None:
    page.goto(site.url)
    page.fill("#contact", "李敏")
    page.set_input_files(
        "#permit_file", {"name": "证.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"}
    )
    page.evaluate(
        "Object.defineProperty(document, 'hidden', {value: true}); document.dispatchEvent(new Event('visibilitychange'))"
    )
    expect(page.locator("#saved")).to_have_text(re.compile(r"已自动保存 \d\d:\d\d"))
    assert site.kept["posts"][-1]["wants"] == "save"
    assert site.kept["posts"][-1]["files"] == []
    assert site.kept["draft"]["contact"] == ["李敏"]


def test_leaving_with_unsaved_words_is_asked_about(page: Page, site: Site) -> None:
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.goto(site.url)
    page.reload()
    assert asked == []
    page.type("#contact", "李敏")
    page.reload()
    assert asked == ["beforeunload"]


def test_enter_only_saves_the_draft(page: Page, site: Site) -> None:
    page.goto(site.url)
    page.fill("#contact", "李敏")
    page.press("#contact", "Enter")
    page.wait_for_load_state()
    assert [post["wants"] for post in site.kept["posts"]] == ["save"]
    assert page.input_value("#contact") == "李敏"


def test_a_second_click_sends_nothing(page: Page, site: Site) -> None:
    page.goto(site.url)
    page.evaluate("const b = document.querySelector('button.pri'); b.click(); b.click(); b.click()")
    page.wait_for_selector(".sum-err")
    assert len(site.kept["posts"]) == 1


def test_every_word_around_the_questions_is_in_both_languages() -> None:
    assert all(zh and en for zh, en in AROUND.values())


def test_a_printed_form_keeps_headings_and_loses_buttons(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/check")
    page.emulate_media(media="print")
    assert page.is_visible("h2:has-text('项目概况')")
    assert not page.is_visible("button.pri")
    assert not page.is_visible("a:has-text('修改')")
