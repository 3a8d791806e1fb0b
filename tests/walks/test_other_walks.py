"""Without scripts; with a deadline that passes; on a page that was left open too long."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from office import Office
from visitor import Visitor, said

People = Callable[..., Visitor]
#: rules.md D.3, in the words of the drawing; filed: no notice yet; both contracts come from an evaluation
FOURTEEN = {
    "draft": 2, "notice": 1, "open": 2, "suspended": 1, "opened today": 1, "evaluation": 1,
    "publicity": 1, "awarded": 1, "contracted": 1, "failed": 2, "cancelled": 1,
}  # fmt: skip


def test_the_district_has_fourteen_tenders_in_all_states(office: Office) -> None:
    assert office.first == FOURTEEN
    assert office.first.total() == 14


def test_an_application_and_a_signature_without_scripts(person: People, office: Office) -> None:
    """A browser that runs no scripts can do the same, button by button."""
    developer = person("dev1", scripts=False)
    developer.apply("exemption", "云河天境")
    developer.press("保存并核对")
    assert developer.page.locator(".sum-err a").count() > 10  # the same list of what is missing
    developer.answer(said("exemption", "small", candidate={"label": "云河青禾物业服务有限公司"}))
    developer.press("保存并核对")
    if developer.title() == "核对并提交":
        developer.press("提交申请")
    assert "申请已提交" in developer.read()

    street = office.number("青山云庐", "acceptance")  # one of the district's own cases waits for its stamps
    party = person("com17", scripts=False)
    party.work_on(street)
    party.press("全部确认")
    party.sign()
    party.press("签署并提交")
    assert "已办理：逐项确认盖章" in party.read()


def test_a_deadline_that_passes(person: People, quiet_office: Office) -> None:
    """Five working days without a word from the window: accepted from receipt (行政许可法 第三十二条)."""
    developer = person("dev1", at=quiet_office)
    developer.apply("exemption", "柳岸雅苑")
    developer.answer(said("exemption", "small", candidate={"label": "云河青禾物业服务有限公司"}))
    developer.press("保存并核对")
    developer.press("提交申请")
    developer.page.wait_for_selector("text=申请已提交")
    number = quiet_office.number("柳岸雅苑")

    quiet_office.pass_time(timedelta(days=6))
    window = person("win1", at=quiet_office)
    assert "剩" in window.page.locator("li", has_text=number).locator(".due").first.inner_text()
    quiet_office.pass_time(timedelta(days=3))
    window = person("win1", at=quiet_office)
    assert number not in window.read()
    page = window.go(f"/case/{number}")
    assert "到时自动处理" in page.inner_text("#record")
    assert "受理通知书" in page.inner_text("#papers")

    quiet_office.pass_time(timedelta(days=40))
    examiner = person("exa1", at=quiet_office)
    assert "已逾期" in examiner.read()
    assert "逾期" in examiner.page.locator("li", has_text=number).locator(".due").first.inner_text()


def test_a_page_left_open_too_long_loses_nothing(person: People) -> None:
    """The session ends while somebody types: what was saved by itself and what was not are both there afterwards."""
    developer = person("dev8")
    developer.page.clock.install()
    developer.apply("exemption", "北苑和园")
    developer.answer({"permit_no": "建字第330199202600777号"})
    where = developer.page.url
    developer.page.clock.fast_forward(9_000)
    developer.page.wait_for_selector(".saved:not(:empty)")
    developer.context.clear_cookies()
    developer.answer({"contact": "联系人丙"})
    developer.press("保存并核对")
    assert "页面已过期" in developer.read()
    with developer.context.expect_page() as window:
        developer.press("登录（新窗口）")
    window.value.locator("button[name=post]").filter(has_text="dev8").click()
    window.value.wait_for_url("**/signed-in")
    developer.press("已登录，继续")
    developer.press("把填写的内容放回表单")
    developer.page.wait_for_selector("#contact")
    assert developer.page.url == where
    assert developer.page.input_value("#permit_no") == "建字第330199202600777号"
    assert developer.page.input_value("#contact") == "联系人丙"
