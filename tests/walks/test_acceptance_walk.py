"""Four parties stamp item by item; what one refuses comes back alone; the last stamp issues the certificate."""

from __future__ import annotations

from collections.abc import Callable

from office import Office
from visitor import Visitor, said, words_of

People = Callable[..., Visitor]
PARTIES = ("exa1", "str2", "com6", "ent1")
REFUSAL = "社区用房面积比规划少 1.40 平方米，且未通水电"


def stamp(party: Visitor, number: str, refused: str = "") -> None:
    """Confirm everything with the one button for it, refuse what is named, sign."""
    party.work_on(number)
    party.press("全部确认")
    party.page.wait_for_selector("[name$=-verdict][value=confirm]:checked")
    if refused:
        party.rule({"verdict": "refuse", "reason": REFUSAL}, only=refused)
    party.sign(password="yunhe-yanshi-2026")
    party.press("签署并提交")
    party.page.wait_for_url("**/inbox")


def test_four_parties_one_refusal_and_the_certificate(person: People, office: Office) -> None:
    developer, parties = person("dev7"), {login: person(login) for login in PARTIES}
    developer.apply("acceptance", "柳桥华庭")
    developer.answer(said("acceptance", "four"))
    developer.press("保存并核对")
    developer.press("提交申请")
    developer.page.wait_for_selector("text=申请已提交")
    number = office.number("柳桥华庭")

    for login in PARTIES:
        stamp(parties[login], number, refused="SQ-01" if login == "str2" else "")
    matrix = parties["ent1"].go(f"/case/{number}").locator("#stamps")
    refused = matrix.locator("td.obj")
    assert refused.count() == 1
    assert REFUSAL in refused.inner_text()

    developer.work_on(number)
    assert REFUSAL in developer.read()
    developer.rule({"measure": "已补足面积并通水通电"}, only=REFUSAL)
    developer.page.locator("[name^=items-][name$=-built]").nth(1).fill("120.00")
    developer.answer({"file_evidence": ["整改照片.pdf"], "declare_true": True})
    developer.press("提交")
    developer.page.wait_for_url("**/inbox")

    for login in PARTIES:
        page = parties[login].work_on(number)
        assert (
            page.locator("tr.tf-row", has=page.locator("[name$=-verdict]")).count() == 1
        )  # only what changed
        stamp(parties[login], number)

    office.work()
    page = developer.go(f"/case/{number}")
    assert page.locator("#stamps .seal").count() == 16
    assert "已办结" in page.inner_text(".head")
    certificate = words_of(developer.fetch("Word", "#papers"))
    for words in ("柳桥华庭", "社区用房", "雨水管网"):
        assert words in certificate
    developer.go("/notices")
    developer.press("柳桥华庭")
    assert "社区用房" in developer.read()


def test_two_people_answer_the_same_step_at_once(person: People, office: Office) -> None:
    """The second one is told who was first, and sees both answers side by side."""
    developer, first, second = person("dev6"), person("win1"), person("win2")
    developer.apply("exemption", "东关学府里")
    developer.answer(said("exemption", "small", candidate={"label": "云河青禾物业服务有限公司"}))
    developer.press("保存并核对")
    developer.press("提交申请")
    developer.page.wait_for_selector("text=申请已提交")
    number = office.number("东关学府里")
    for window in (first, second):
        window.work_on(number)
    first.answer({"intake": "accept", "window_note": "材料齐全"})
    second.answer(
        {
            "intake": "refuse",
            "refuse_ground": "elsewhere",
            "refuse_to": "临溪区住房和城乡建设局",
            "refuse_reason": "不属于本局职权范围，项目坐落在临溪区，请向有权机关申请。",
        }
    )
    first.press("提交")
    first.page.wait_for_url("**/inbox")
    with second.page.expect_response("**/step/*") as answer:
        second.press("提交")
    second.page.wait_for_selector("h1:has-text('此步骤已由他人办理')")
    assert answer.value.status == 409
    theirs, mine = (part.inner_text() for part in second.page.locator(".pair section section").all())
    assert "窗口甲" in second.read()
    assert "材料齐全" in theirs
    assert "不属于本局职权范围" in mine
