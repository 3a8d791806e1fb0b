"""An approval from the first click to the Word file, in a real browser, by the people whose task it is."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable

from office import Office
from visitor import Visitor, said, words_of

People = Callable[..., Visitor]
SMALL = said("exemption", "small", candidate={"label": "云河青禾物业服务有限公司"})


def apply(developer: Visitor, office: Office, project: str) -> str:
    """Fill in, check, submit; the case number."""
    developer.apply("exemption", project)
    developer.answer(SMALL)
    developer.press("保存并核对")
    assert developer.title() == "核对并提交"
    developer.press("提交申请")
    assert developer.page.wait_for_selector("text=申请已提交")
    return office.number(project)


def test_from_click_to_word(person: People, office: Office) -> None:
    """Apply, accept, opinion, two reviews, decision signed, delivered; paper, verification, notice."""
    developer, window = person("dev1"), person("win1")
    number = apply(developer, office, "柳岸雅苑")
    assert "审查申请材料" in developer.read()

    window.go("/inbox")
    window.page.locator("li", has_text=number).locator("a.t").click()
    window.answer({"intake": "accept"})
    window.press("提交")
    assert f"已办理：审查申请材料（{number}）" in window.read()

    street = person("str2")
    street.work_on(number)
    street.page.focus("#opinion-0")  # by keyboard alone
    street.page.keyboard.press("Space")
    street.page.locator("[name=_submit]").focus()
    street.page.keyboard.press("Enter")
    street.page.wait_for_url("**/inbox")

    for login in ("exa1", "exa2"):
        examiner = person(login)
        examiner.work_on(number)
        examiner.answer(said("exemption", "review"))
        examiner.press("提交")
        examiner.page.wait_for_url("**/inbox")

    decide(person("head1"), number)
    window.work_on(number)
    window.answer(said("exemption", "delivery", delivered_on=office.now().date()))
    window.press("提交")
    window.page.wait_for_url("**/inbox")
    read_the_paper(developer, office, number)


def decide(head: Visitor, number: str) -> None:
    """A wrong password signs nothing and loses nothing; the code signs."""
    head.work_on(number)
    head.answer({"decision": "approve"})
    head.sign(password="not-the-password")
    head.press("签署并提交")
    assert "签署未完成" in head.page.inner_text(".sign .err")
    assert head.page.is_checked("[name=decision][value=approve]")
    head.sign()
    head.press("签署并提交")
    head.page.wait_for_url("**/inbox")


def read_the_paper(developer: Visitor, office: Office, number: str) -> None:
    """The approval as a Word file, its verification page, and the notice on the public board."""
    office.work()
    page = developer.go(f"/case/{number}")
    row = page.locator("#papers li,#papers tr").filter(
        has_text="关于同意采用协议方式选聘前期物业服务企业的批复"
    )
    assert "有效" in row.inner_text()
    paper_number = re.search(r"云房物〔2026〕\d+号", row.inner_text())
    assert paper_number
    with page.expect_download() as coming:
        row.locator("a", has_text="Word").click()
    text = words_of(coming.value.path().read_bytes())
    assert "柳岸雅苑" in text
    assert paper_number[0] in re.sub(r"\s", "", text)
    if shutil.which("soffice"):
        with page.expect_download() as coming:
            row.locator("a", has_text="PDF").click()
        assert coming.value.path().read_bytes().startswith(b"%PDF")
    row.locator("a", has_text="核验").click()
    assert "此文书真实有效" in developer.read()
    assert paper_number[0] in developer.read()
    developer.go("/notices")
    developer.press("柳岸雅苑")
    assert "云河青禾物业服务有限公司" in developer.read()


def test_correction_and_withdrawal(person: People, office: Office) -> None:
    """The window asks for one correction; the developer sends it, then takes the application back."""
    developer, window = person("dev3"), person("win1")
    number = apply(developer, office, "青山竹里")
    window.work_on(number)
    demands = [{"paper": "服务费用测算", "demand": "补充人工成本和能耗的测算依据"}]
    window.answer({"intake": "correct", "missing": demands})
    window.press("提交")
    window.page.wait_for_url("**/inbox")

    developer.work_on(number)
    assert "补充人工成本和能耗的测算依据" in developer.read()
    developer.press("提交")
    assert developer.page.query_selector(".sum-err")  # nothing was sent: what is missing is named
    developer.rule({"done": "已补充测算表第 3、4 页"})
    developer.answer({"file_supplement": ["补正材料.pdf"], "declare_true": True})
    developer.press("提交")
    developer.page.wait_for_url("**/inbox")

    developer.go(f"/case/{number}")
    developer.press("撤回申请")
    developer.page.fill("#reason", "改为公开招标")
    developer.sign(password=office.app.config["DEMO_PASSWORD"])
    developer.press("签署并撤回")
    assert "申请已撤回。" in developer.read()
    assert "已撤回" in developer.page.inner_text(".head")
    window.go("/inbox")
    assert number not in window.read()
