"""A tender in real browsers: keys made and tried, bids sealed with files, one replaced, opened, objected to."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import sqlalchemy as sa
from office import BEGIN, Office
from playwright.sync_api import Page, expect
from visitor import Visitor

from benchmarks.sealing_office import folder
from casework import cases, clock, procedures
from casework.bids import vault
from casework.cases.model import Step
from casework.db import db
from casework.people import by_login, in_force
from casework.places import Project
from casework.stories import samples

PASSPHRASE = "云河区开标密钥测试口令2026"
HOLDERS = ("dev1", "win1", "str2")
ANSWERS = {
    "price": "2.80", "total_year": "3360000", "years": "3", "manager": "项目经理甲", "manager_id": "11010519491231002X",
    "manager_cv": "从业十二年，管理过三个十万平方米以上的住宅项目，持有物业管理师证书。",
    "plan": "设项目服务中心，实行二十四小时值守；公共区域每日清扫两次，电梯每半月维护保养一次；绿化每季修剪；消防设施每月检查并记录。",
    "promises": "业主满意率不低于百分之九十二；报修三十分钟内到场。", "satisfaction": "92", "contact": "联系人甲",
    "contact_phone": "0571-82000301", "contact_email": "bid@ent.example",
}  # fmt: skip


def test_a_tender_from_its_keys_to_its_opening(
    person: Callable[..., Visitor], quiet_office: Office, tmp_path: Path
) -> None:
    office, codes = quiet_office, dict[str, str]()
    case_id, number = begun(office, tmp_path)
    for login in HOLDERS:
        codes[login] = make_key(person(login, at=office), office, case_id)
    bidders = {login: person(login, at=office) for login in ("ent1", "ent2", "ent3")}
    for login, price in zip(bidders, ("2.80", "2.65", "3.05"), strict=True):
        seal(bidders[login], number, price, tmp_path)
    replace(bidders["ent1"], number, "2.59", tmp_path)
    like_the_decoys(office, case_id)
    nothing_shows(person("win1", at=office), number)
    without_a_script(person("ent4", at=office, scripts=False), number)
    office.pass_time(timedelta(days=28))
    release(person("dev1", at=office), office, case_id, number)
    by_paper(person("str2", at=office), office, case_id, codes["str2"])
    opened(person("ent2", at=office), person("dev1", at=office), number)


def begun(office: Office, place: Path) -> tuple[int, str]:
    """A small tender in the office, which waits for its keys."""
    with office.app.app_context(), clock.at(office.now):
        procedures.install("sealing", folder(place), clock.now())
        project = db.session.scalars(sa.select(Project).where(Project.code == "YH-001")).one()
        by = in_force(by_login("dev1"), clock.today())[0]
        says = {"closes_on": date(2026, 3, 30), "price_cap": 5, "keys_needed": 2, "documents": []}
        case = cases.open_case("sealing", by=by, answers=says, project_id=project.id)
        db.session.commit()
        found = case.id, case.number
        db.session.remove()
    assert clock.local(BEGIN).date() < date(2026, 3, 30)
    return found


def step(office: Office, case_id: int, element: str, login: str) -> int:
    with office.app.app_context(), clock.at(office.now):
        by = in_force(by_login(login), clock.today())[0]
        query = sa.select(Step.id).where(
            Step.case_id == case_id, Step.element == element, Step.status == "open",
            Step.organisation_id == by.organisation_id,
        )  # fmt: skip
        found = db.session.scalars(query).one()
        db.session.remove()
    return found


def pictured(visitor: Visitor, name: str) -> None:
    """Nothing hangs over the edge of a phone; a picture is kept when a place for it is named."""
    for width in (360, 1280):
        visitor.page.set_viewport_size({"width": width, "height": 900})
        wide = visitor.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{name} is {wide} wide"
        if where := os.environ.get("TENDOVER_PICTURES"):
            visitor.page.screenshot(path=f"{where}/{name}-{width}.png", full_page=True)


def make_key(holder: Visitor, office: Office, case_id: int) -> str:
    page = holder.page
    holder.go(f"/step/{step(office, case_id, 'make_key', holder.login)}")
    assert page.url.endswith("/key")
    pictured(holder, "key-make")
    page.fill("#first", "short")
    page.click("#make")
    page.wait_for_selector("#key-state:has-text('12')")
    page.fill("#first", PASSPHRASE)
    page.fill("#second", PASSPHRASE)
    page.click("#make")
    page.wait_for_selector("#step-try:not([hidden])")
    code = page.inner_text("#paper")
    assert re.fullmatch(r"(?:[2-9A-Z]{4}-[2-9A-Z]{4}\n?){4}", code), code
    pictured(holder, "key-try")
    page.fill("#word", "not this one at all")
    page.check("#kept")
    page.click("#prove .btn.pri")
    page.wait_for_selector("#key-state:has-text('不正确')")
    page.fill("#word", PASSPHRASE)
    page.click("#prove .btn.pri")
    page.wait_for_url("**/case/*")
    return code


def seal(bidder: Visitor, number: str, price: str, place: Path) -> None:
    page = bidder.page
    bidder.go(f"/tenders/{number}/bid")
    page.wait_for_selector("#practise")
    page.click("#practise")
    page.wait_for_selector("#seal-state.ok")
    bidder.press("填写投标文件")
    page.click("[name=_submit]")  # nothing is filled in: what is missing is named, nothing is sent
    page.wait_for_selector("#seal-faults:not([hidden])")
    fill(bidder, price)
    if bidder.login == "ent1":
        pictured(bidder, "bid-form")
    deliver(bidder, place)


def fill(bidder: Visitor, price: str) -> None:
    page = bidder.page
    for key, text in {**ANSWERS, "price": price}.items():
        page.fill(f"[name={key}]", text)
    page.select_option("[name=level]", "二级")
    pasted(page, price)
    for place, amount in enumerate(page.locator("[name^='costs-'][name$='-amount']").all()):
        amount.fill(str(100_000 + 317 * place))
    for index, (kind, count) in enumerate((("保洁", "6"), ("秩序维护", "8"))):
        page.select_option(f"[name='staff-{index}-post']", kind)
        page.fill(f"[name='staff-{index}-count']", count)
    for index in (3, 2):
        page.locator(f"[name=_remove][value='staff-{index}']").click()


def pasted(page: Page, price: str) -> None:
    """A sheet with its heading and full-width figures; what is not in the list is named, too many rows stay where they are."""
    page.click("#zone-prices summary")
    sheet, area = "#paste-prices", "[name=_paste][value=prices]"
    page.fill(sheet, "高层住宅\t1\t1\n" * 31)
    page.click(area)
    page.wait_for_selector("#zone-prices .err:has-text('最多填写 30 类')")
    page.fill(
        sheet,
        f"物业类型\t收费面积\t单价\n高层住宅\t９８０００\t{price}\n\n商铺\t2600\t{price}\n车位\t812\t{price}",
    )
    page.click(area)
    page.wait_for_selector("#zone-prices .err:has-text('“商铺”不在列表中')")
    page.select_option("[name$='-house_type'] >> nth=1", "商业")
    assert page.locator("#zone-prices .err").count() == 0
    assert page.locator("#zone-prices .tf-row").count() == 3


def deliver(bidder: Visitor, place: Path) -> None:
    page = bidder.page
    refused_file(page)
    for key in ("letter", "licence"):
        file = place / f"{bidder.login}-{key}.pdf"
        file.write_bytes(samples.sample("a.pdf"))
        page.set_input_files(f"input[type=file][name={key}]", str(file))
    sent: list[bytes] = []
    page.on("request", lambda r: sent.append(r.post_data_buffer or b""))
    page.click("[name=_submit]")
    page.wait_for_selector("#seal-faults:has-text('合计不一致')")  # of its own will such a bid is sealed
    assert page.locator("#seal-faults li").count() == 1
    page.check("#despite")
    page.click("[name=_submit]")
    page.wait_for_selector("#placed:not([hidden])")
    assert page.inner_text("#same") == "与本机计算的哈希值一致"
    for secret in (ANSWERS["plan"][:12].encode(), ANSWERS["manager_id"].encode(), b"%PDF"):
        assert not any(secret in body for body in sent), "it left the page readable"
    with page.expect_download() as copy:
        page.click("#copy")
    assert Path(copy.value.path()).read_bytes()[:4] == b"TDE1"
    if bidder.login == "ent1":
        pictured(bidder, "bid-placed")


def refused_file(page: Page) -> None:
    """What would be a flaw at the opening is named before anything is sealed."""
    program = {"name": "投标函.pdf", "mimeType": "application/pdf", "buffer": b"MZ\x90\x00"}
    page.set_input_files("input[type=file][name=letter]", program)  # type: ignore[arg-type]
    page.click("[name=_submit]")
    page.wait_for_selector("#seal-faults:has-text('「投标函.pdf」的内容与后缀不符')")


def replace(bidder: Visitor, number: str, price: str, place: Path) -> None:
    page = bidder.page
    bidder.go(f"/tenders/{number}/bid")
    bidder.press("修改并替换投标")
    expect(page.locator("[name=price]")).to_have_value("2.80")  # the draft, decrypted here
    assert page.locator("[name^='prices-'][name$='-area']").count() == 3
    page.fill("[name=price]", price)
    deliver(bidder, place)
    bidder.go(f"/tenders/{number}/bid")
    assert "替换投标文件" in page.inner_text("main")
    pictured(bidder, "bid-mine")


def like_the_decoys(office: Office, case_id: int) -> None:
    """What a browser has sealed and what the office has laid beside it: one header, but for what is random."""
    with office.app.app_context():
        blobs = [path.read_bytes() for path in vault.place(case_id, "").iterdir()]
    heads = [blob[: 8 + int.from_bytes(blob[4:8], "big")] for blob in blobs]
    assert len(heads) > 12
    assert len({re.sub(rb"[0-9a-f]{24,}", lambda found: b"-" * len(found[0]), head) for head in heads}) == 1


def nothing_shows(clerk: Visitor, number: str) -> None:
    for address in (f"/case/{number}", f"/tenders/{number}", f"/tenders/{number}/opening"):
        clerk.go(address)
        text = clerk.page.content()
        assert "2.59" not in text
        assert "物业服务有限公司" not in text
    clerk.go(f"/tenders/{number}")
    pictured(clerk, "tender")


def without_a_script(bidder: Visitor, number: str) -> None:
    bidder.go(f"/tenders/{number}/bid")
    assert bidder.page.is_visible("#no-seal")
    bidder.press("填写投标文件")
    assert bidder.page.is_visible("#no-seal")
    assert not bidder.page.is_visible("[name=price]")
    pictured(bidder, "bid-no-script")


def release(holder: Visitor, office: Office, case_id: int, number: str) -> None:
    page = holder.page
    holder.go(f"/step/{step(office, case_id, 'release', 'dev1')}")
    pictured(holder, "release")
    page.fill("#word", PASSPHRASE)
    page.click("#release .btn.pri")
    page.wait_for_url(f"**/tenders/{number}/opening")
    assert page.locator(".keys .tag.ok").count() == 1
    pictured(holder, "opening-waits")


def by_paper(holder: Visitor, office: Office, case_id: int, code: str) -> None:
    page = holder.page
    holder.go(f"/step/{step(office, case_id, 'release', 'str2')}")
    page.check("#way-paper")
    lines = code.split("\n")
    slip = lines[2][:5] + ("A" if lines[2][5] != "A" else "B") + lines[2][6:]
    page.fill("#code", "\n".join([*lines[:2], slip, lines[3]]))
    page.click("#release .btn.pri")
    page.wait_for_selector("#key-state:has-text('第 3 行')")
    page.fill("#code", code.lower().replace("-", " "))
    page.click("#release .btn.pri")
    page.wait_for_url("**/opening")
    page.wait_for_selector(".tbl")


def opened(bidder: Visitor, tenderer: Visitor, number: str) -> None:
    bidder.go(f"/tenders/{number}/opening")
    assert bidder.page.locator(".price").all_inner_texts() == ["2.65", "3.05", "2.59"]
    bidder.page.fill("#object", "我方报价应为二点六五元，请核对宣读。")
    bidder.page.click("text=当场提出")
    tenderer.go(f"/tenders/{number}/opening")
    tenderer.page.fill("textarea[name=text]", "经核对，宣读为二点六五元，与投标文件一致。")
    tenderer.page.click("text=答复 >> nth=-1")
    tenderer.page.wait_for_selector(".answer")
    pictured(tenderer, "opening")
    bidder.go(f"/tenders/{number}/bids/1")
    assert "从业十二年" in bidder.page.inner_text("main")
    pictured(bidder, "opened-bid")
    bidder.go("/tenders/")
    pictured(bidder, "tenders")
