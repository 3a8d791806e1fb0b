"""The first half of the whole tender: from the registration of the project to the record of the opening."""

from __future__ import annotations

from collections.abc import Mapping

from playing import Person, Play
from playwright.sync_api import Page
from visitor import said

from casework.stories import samples

PASSPHRASE = "云河区开标密钥测试口令2026"
HOLDERS = ("dev1", "head1", "agt1")
NAME = "云锦雅园"
AGENCY = {"label": "云河衡准招标代理有限公司"}
#: What the five bid: price, yearly total, manager, identity number, plan.
BIDS: Mapping[str, tuple[str, int, str, str, str]] = {
    "ent1": ("2.59", 1_517_000, "甲", "11010519491231002X", "设项目服务中心，实行二十四小时值守；电梯每半月维护保养一次。"),
    "ent2": ("2.65", 1_552_300, "乙", "110101198805120119", "以智能门禁和巡更系统提高效率，人员按片区定岗；每季度公开收支。"),
    "ent3": ("3.05", 1_786_900, "丙", "110101197911230157", "一梯一管家；重点区域每小时巡查一次；每年两次第三方满意度调查。"),
    "ent4": ("2.92", 1_710_400, "丁", "110101199003070134", "设客服、工程、秩序、环境四个组；设备台账到期自动提醒。"),
    "ent5": ("2.71", 1_588_700, "戊", "110101198502030175", "推行网格化服务；夜间巡逻每两小时一次；二维码报修四小时内处理。"),
}  # fmt: skip
#: Their cost lines as parts of a hundred; the profit takes the rest.
COSTS = {"ent1": (58, 12, 6, 3, 6), "ent2": (61, 10, 5, 4, 7), "ent3": (55, 14, 7, 3, 5), "ent4": (60, 11, 5, 2, 8),
         "ent5": (57, 13, 4, 4, 6)}  # fmt: skip
STAFF = (("项目负责人", 1), ("客户服务", 2), ("秩序维护", 9), ("工程维修", 3), ("保洁", 6))
#: A file that was not sealed, sent as the bid room sends its envelopes.
PLAIN = """async number => {
  const headers = {'X-CSRFToken': document.querySelector('input[name=csrf_token]').value, 'X-Partial': 'seal'};
  const to = '/tenders/' + number + '/bid/', bytes = {...headers, 'Content-Type': 'application/octet-stream'};
  const begun = await (await fetch(to + 'upload', {method: 'POST', headers: bytes, body: new Uint8Array(0)})).json();
  await fetch(begun.url + '?at=0', {method: 'POST', headers: bytes, body: '%PDF-1.4 price 1.99'});
  const body = JSON.stringify({token: begun.token});
  const kind = {...headers, 'Content-Type': 'application/json'};
  const answer = await fetch(to + 'place', {method: 'POST', headers: kind, body});
  return [answer.status, await answer.text()];
}"""


def registration(play: Play) -> str:
    """P01: one correction, two opinions, the decision; returns the number."""
    developer = play.who("dev1")
    developer.go("/apply/new/registration")
    developer.press("下一步")
    places = developer.page.locator("[name=place] option").all_inner_texts()
    answers = said("registration", "new", place={"label": next(p for p in places if "柳岸" in p)})
    number = play.apply(developer, answers, "registration")
    window = play.at("win1", number, "receive")
    window.answer(
        {"intake": "correct", "missing": [{"paper": "总平面图", "demand": "补充标明出入口的总平面图"}]}
    )
    play.submit(window)
    developer = play.at("dev1", number, "supplement")
    developer.answer({"supplement_note": "已补充标明出入口的总平面图", "file_supplement": ["总平面图.pdf"]})
    play.submit(developer)
    window = play.at("win1", number, "receive")
    ways = window.page.locator("[name=intake]").evaluate_all("all => all.map(one => one.value)")
    assert ways == ["accept", "refuse"], "a correction is asked for once"
    window.answer({"intake": "accept"})
    play.submit(window)
    for login, element, answer in (
        ("str2", "street_opinion", said("registration", "agree_street")),
        ("com5", "community_opinion", {"community_opinion": "agree"}),
        ("exa1", "review", said("registration", "separate")),
        ("head1", "decide", {"decision": "approve"}),
        ("dev1", "show_area", said("registration", "shown", shown_on="2026-03-02")),
    ):
        person = play.at(login, number, element)
        play.picture(person, element)
        person.answer(answer)
        play.submit(person)
    assert play.open(number) == []
    return number


def filing(play: Play) -> str:
    """P02: the application that the registration began; limits refused, two invitees refused, one correction."""
    developer = play.who("dev1")
    developer.go("/apply")
    developer.press("前期物业服务招标：" + NAME)
    rooms = [{"kind": "office", "place": "3 幢一层东侧", "room_area": "202.00", "floor": "1"},
             {"kind": "committee", "place": "3 幢二层", "room_area": "30.00", "floor": "2"}]  # fmt: skip
    answers = said("tender", "apply", agent=AGENCY, third_holder=AGENCY, households=312, rooms=rooms,
                   permit_no="建字第330199202600401号", performance_bond_percent="10.5", bid_bond="120000.01")  # fmt: skip
    developer.answer(answers)
    page = developer.page
    page.fill("[name='criteria-0-points']", "20")
    developer.press("保存并核对")
    refused = page.inner_text(".sum-err")
    for words in ("投标保证金不能大于", "履约保证金不能大于 10 %", "满分合计应为 100 分"):
        assert words in refused, refused
    page.fill("[name='criteria-0-points']", "30")
    page.check("[name=method][value=invited]")
    two = [{"enterprise": {"label": one}} for one in ("云河青禾物业服务有限公司", "云河安澜物业服务有限公司")]
    developer.answer({"performance_bond_percent": "5", "bid_bond": "31000", "invitees": two,
                      "reason_for_invited": said("tender", "invited")["reason_for_invited"]})  # fmt: skip
    developer.press("保存并核对")
    assert "第 3 家：请选择企业" in page.inner_text(".sum-err"), "three invitees at least (T08)"
    page.check("[name=method][value=public]")
    number = play.apply(developer, {}, "tender")
    street = play.at("str2", number, "opinion")
    street.answer({"opinion": "agree"})
    play.submit(street)
    window = play.at("win1", number, "receive")
    play.picture(window, "filing")
    window.answer(
        {"intake": "correct", "missing": [{"paper": "评分标准", "demand": "补充各评分项目的评分细则"}]}
    )
    play.submit(window)
    developer = play.at("dev1", number, "supplement")
    developer.answer(
        {"correction_note": "已补充各评分项目的评分细则，见附件。", "file_correction": ["评分细则.pdf"]}
    )
    play.submit(developer)
    window = play.at("win1", number, "receive")
    window.answer({"intake": "file", "verified": ["approval", "plan", "documents", "contract"]})
    play.submit(window)
    return number


def announcing(play: Play, number: str) -> dict[str, str]:
    """Keys are made and tried; the notice not before its day, the deadline not too early; returns the paper codes."""
    codes = {}
    for login in HOLDERS:
        page = play.at(login, number, "make_key").page
        page.fill("#first", PASSPHRASE)
        page.fill("#second", PASSPHRASE)
        page.click("#make")
        page.wait_for_selector("#step-try:not([hidden])")
        codes[login] = page.inner_text("#paper")
        page.check("#kept")
        page.check("[name=key_kept]")
        page.fill("#word", "not this one at all")
        page.click("#prove .btn.pri")
        page.wait_for_selector("#key-state:has-text('不正确')")
        page.fill("#word", PASSPHRASE)
        page.click("#prove .btn.pri")
        page.wait_for_url("**/case/*")
    play.until("2026-03-11 09:00")
    developer = play.at("dev1", number, "publish")
    early = said("tender", "publish", notice_date="2026-03-11", doc_from="2026-03-11", closes_on="2026-03-30")
    developer.answer(early)
    play.submit(developer, refused="备案满十日后方可发布")
    play.until("2026-03-16 09:00")
    developer = play.at("dev1", number, "publish")
    dates = {
        "notice_date": "2026-03-16",
        "doc_from": "2026-03-16",
        "doc_to": "2026-03-22",
        "visit_on": "2026-03-19",
        "visit_time": "09:30",
    }
    developer.answer(said("tender", "publish", **dates, closes_on="2026-04-03"))
    play.submit(developer, refused="自招标文件发出之日起不少于二十日")
    play.picture(developer, "publish-refused")
    developer.answer({"closes_on": "2026-04-10"})
    play.submit(developer)
    street = play.who("str2")
    street.go(f"/tenders/{number}")
    assert "对招标文件提出异议的最后一日" in street.read()
    play.picture(street, "tender-page")
    return codes


def questions(play: Play, number: str) -> None:
    """Two bids are there, one bidder is barred; questions; a late clarification moves the deadline and asks again."""
    for login, asks in (("ent1", "电梯年度检验费用由谁承担？"), ("ent3", "监控系统质保期何时届满？")):
        enterprise = play.who(login)
        enterprise.go(f"/tenders/{number}")
        enterprise.page.fill("#question", asks)
        enterprise.press("提交问题")
        assert "招标人看不到提问单位" in enterprise.page.inner_text("body")
    play.until("2026-03-20 09:00")
    for login in ("ent1", "ent2"):
        seal(play, login, number)
    barred = play.who("ent19")
    barred.go(f"/tenders/{number}/bid")
    assert "处于整改期内，尚未销号" in barred.read(), "T79"
    play.picture(barred, "barred")
    play.until("2026-03-27 09:00")
    developer = play.at("dev1", number, "clarify")
    developer.answer({"action": "clarify"})
    assert "云河" not in "".join(developer.page.locator("#zone-answers_given").all_inner_texts()), (
        "who asked is hidden"
    )
    for one in developer.page.locator("[name^='answers_given-'][name$='-answer']").all():
        one.fill("以招标文件第三章为准，列入运行维护费。")
    developer.answer({"changes": "电梯年度检验费用计入运行维护费，报价时单列。", "affects": True})
    play.submit(developer, refused="影响编制的澄清须在截止十五日前发出")
    play.picture(developer, "clarify-refused")
    developer.answer({"new_closes_on": "2026-04-13"})
    play.submit(developer)
    enterprise = play.who("ent2")
    enterprise.go(f"/tenders/{number}/bid")
    assert "须重新确认" in enterprise.read(), "T04"
    enterprise.press("确认继续有效")


def objection(play: Play, number: str, kind: str, on: str) -> str:
    """P05: an objection suspends or blocks until it is answered."""
    play.until(on)
    enterprise = play.who("ent3")
    enterprise.go(f"/apply/new/objection?about={number}")
    enterprise.press("下一步")
    found = play.apply(enterprise, said("objection", kind), f"objection-{kind}")
    if kind == "documents":
        enterprise.go(f"/tenders/{number}/bid")
        assert "招标已暂停" in enterprise.read()
    assert play.open(number) == [], "the tender waits"
    return found


def answered(play: Play, objected: str, reason: str) -> None:
    developer = play.at("dev1", objected, "answer")
    play.picture(developer, "answer")
    developer.answer(said("objection", "rejected", reply_reason=reason))
    play.submit(developer)


def seal(play: Play, login: str, number: str, price: str = "") -> Person:
    """Fill in, practise, seal in the browser, deliver; the draft comes back encrypted."""
    bidder = written(play, login, number, price)
    send(bidder.page)
    bidder.page.wait_for_selector("#placed:not([hidden])")
    assert bidder.page.inner_text("#same") == "与本机计算的哈希值一致"
    return bidder


def send(page: Page) -> None:
    """Seal and send; sums that do not agree are named once, and such a bid is sealed of one's own will."""
    page.click("[name=_submit]")
    page.wait_for_selector("#placed:not([hidden]),#seal-faults:not([hidden]),#seal-state.warn")
    if page.is_visible("#seal-faults"):
        assert page.locator("#seal-faults li").count() == 1, page.inner_text("#seal-faults")
        assert "合计不一致" in page.inner_text("#seal-faults")
        page.check("#despite")
        page.click("[name=_submit]")


def written(play: Play, login: str, number: str, price: str = "") -> Person:
    """A whole bid in the form, not yet sealed."""
    bidder, (own, total, manager, card, plan) = play.who(login), BIDS[login]
    page = bidder.go(f"/tenders/{number}/bid")
    page.click("#practise")
    page.wait_for_selector("#seal-state.ok")
    bidder.go(f"/tenders/{number}/bid/fill")
    page.wait_for_selector("form[data-seal]:visible")  # not before its draft is open
    if page.input_value("[name=price]"):
        assert page.input_value("[name=manager]") == f"项目经理{manager}", "the draft, decrypted here"
    texts = {
        "price": price or own, "total_year": str(total), "years": "3", "manager": f"项目经理{manager}", "plan": plan * 2,
        "manager_cv": f"从业十二年，管理过三个住宅项目，负责过{manager}类项目的接管。", "satisfaction": "92",
        "promises": f"业主满意率不低于百分之九十二；报修三十分钟内到场（{manager}）。", "contact": f"联系人{manager}",
        "contact_phone": f"0571-8200030{login[-1]}", "contact_email": f"{login}@bid.example",
        "manager_id": "110101199003070135" if not page.input_value("[name=manager_id]") else card,
    }  # fmt: skip
    for key, text in texts.items():
        page.fill(f"[name={key}]", text)
    page.select_option("[name=level]", "二级")
    while page.locator("[name^='prices-'][name$='-area']").count() < 3:
        page.click("#add-prices")
    for row, (what, area, each) in enumerate(
        (("高层住宅", "41300", own), ("商业", "4200", own), ("车位", "480", "60"))
    ):
        page.select_option(f"[name='prices-{row}-house_type']", what)
        page.fill(f"[name='prices-{row}-area']", area)
        page.fill(f"[name='prices-{row}-unit_price']", each)
    lines = page.locator("[name^='costs-'][name$='-amount']").all()
    parts = [*(total * part // 100 for part in COSTS[login]), *([0] * (len(lines) - 6))]
    for line, amount in zip(lines, [*parts, total - sum(parts)], strict=True):
        line.fill(str(amount))
    for row, (post, count) in enumerate(STAFF):
        if not page.query_selector(f"[name='staff-{row}-post']"):
            page.click("#add-staff")
        page.select_option(f"[name='staff-{row}-post']", post)
        page.fill(f"[name='staff-{row}-count']", str(count))
    if texts["manager_id"] != card:  # a wrong check digit is named before anything is sealed
        page.click("[name=_submit]")
        page.wait_for_selector("#seal-faults:has-text('校验位不符')")
        page.fill("[name=manager_id]", card)
    file = {
        "name": f"{login}.pdf",
        "mimeType": "application/pdf",
        "buffer": samples.sample(f"{login}.pdf") + b"%" + login.encode(),
    }
    for key in ("letter", "licence"):
        page.set_input_files(f"input[type=file][name={key}]", file)  # type: ignore[arg-type]
    return bidder


def bidding(play: Play, number: str) -> None:
    """Replace, withdraw, deliver again; a plain file and a late bid are refused; nobody sees anything."""
    play.until("2026-04-08 09:00")
    seal(play, "ent1", number, "2.55")  # in the place of the first
    for login in ("ent3", "ent4", "ent5"):
        seal(play, login, number)
    enterprise = play.who("ent4")
    enterprise.go(f"/tenders/{number}/bid")
    enterprise.page.click("summary:has-text('撤回投标')")
    enterprise.press("确认撤回")
    assert "投标文件已撤回并销毁" in enterprise.page.inner_text("body")
    play.picture(seal(play, "ent4", number), "bid-placed")
    enterprise = play.who("ent5")
    enterprise.go(f"/tenders/{number}/bid")
    status, told = enterprise.page.evaluate(PLAIN, number)
    assert (status, "投标文件未按规定加密，不予接收" in told) == (422, True), "T13"
    for login in ("win1", "head1", "dev1", "agt1", "str2", "ent2"):
        person = play.who(login)
        for page in (
            f"/case/{number}",
            f"/tenders/{number}",
            f"/tenders/{number}/opening",
            f"/tenders/{number}/bids/1",
        ):
            person.go(page)
            shown = person.page.content()
            assert not [w for w in ("2.55", "3.05", "项目经理", "网格化") if w in shown], (login, page)
    play.until("2026-04-14 10:01")
    late = play.who("ent5")
    late.go(f"/tenders/{number}/bid")
    assert "投标截止时间已过，系统不再接收投标文件" in late.read(), "T11"


def opening(play: Play, number: str, codes: Mapping[str, str]) -> None:
    """Two of three keys, one by its paper code with a slip of the pen; an objection, its answer, the record."""
    page = play.at("dev1", number, "release_key").page
    page.check("[name=released]")
    page.fill("#word", "wrong passphrase 1234")
    page.click("#release .btn.pri")
    page.wait_for_selector("#key-state:has-text('不正确')")
    page.fill("#word", PASSPHRASE)
    page.click("#release .btn.pri")
    page.wait_for_url("**/opening")
    holder = play.at("agt1", number, "release_key")
    page, lines = holder.page, codes["agt1"].split("\n")
    page.check("[name=released]")
    page.check("#way-paper")
    slip = lines[2][:5] + ("A" if lines[2][5] != "A" else "B") + lines[2][6:]
    page.fill("#code", "\n".join([*lines[:2], slip, lines[3]]))
    page.click("#release .btn.pri")
    page.wait_for_selector("#key-state:has-text('第 3 行')")
    page.fill("#code", codes["agt1"])
    page.click("#release .btn.pri")
    page.wait_for_url("**/opening")
    play.work()
    enterprise = play.who("ent2")
    enterprise.go(f"/tenders/{number}/opening")
    prices = enterprise.page.locator(".price").all_inner_texts()
    assert sorted(prices) == ["2.55", "2.65", "2.71", "2.92", "3.05"], "the last of each, read out"
    objected_on_the_spot(
        play,
        number,
        "ent2",
        "我方报价应为二点六五元，请核对宣读。",
        "经核对，宣读为二点六五元，与投标文件一致。",
    )


def objected_on_the_spot(play: Play, number: str, login: str, says: str, answer: str) -> None:
    """An objection at the opening holds its record until it is answered; what was typed is then still there."""
    enterprise = play.who(login)
    enterprise.go(f"/tenders/{number}/opening")
    enterprise.page.fill("#object", says)
    enterprise.press("当场提出")
    developer = play.at("dev1", number, "opening_record")
    for one in developer.page.locator("[name$='-read_aloud'], [name$='-spoken_read']").all():
        one.check()
    developer.answer(
        {
            "present": [{"unit": "云河澄川置业有限公司", "person": "代表甲"}],
            "objected": "no",
            "recorder": "记录员丙",
        }
    )
    play.submit(developer, refused="还有开标异议没有答复")
    developer.go(f"/tenders/{number}/opening")
    developer.page.fill("textarea[name=text]", answer)
    developer.page.click("text=答复 >> nth=-1")
    play.picture(developer, "opening-objection")
    play.submit(play.at("dev1", number, "opening_record"))
