"""The hard paths of a bid: its key lost and found, practice, late, unsealed, confirmed anew."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import tender_until_opening as before
from playing import Person
from rehearsed import Town


def draft_key(town: Town) -> None:
    """The draft's key is exported, the browser's storage lost, wrong files named, the right one imported."""
    with town.after("tender/moved", 6) as (play, number):
        first = play.who("ent1")
        room(first, number)
        first.page.fill("[name=price]", "2.71")
        first.page.fill("[name=plan]", "草稿里的服务方案：夜间巡逻每两小时一次。")
        kept(first)
        own = exported(first)
        other = play.who("ent2")
        room(other, number)
        theirs = exported(other)
        lost = Person(
            play.browser, play.office.url, "ent1"
        )  # the same person, nothing in the browser's storage
        play.people["ent1 again"] = lost
        room(lost, number)
        lost.page.wait_for_selector("#no-draft-key:not([hidden])")
        assert not lost.page.is_visible("#export"), "a key that opens nothing is not handed out"
        assert lost.page.input_value("[name=price]") == ""
        lost.page.fill("[name=price]", "9.99")
        lost.page.click(".btn[name=_save]")
        lost.page.wait_for_selector("#saved.bad:has-text('原草稿还没有打开')")
        play.picture(lost, "draft-without-key")
        stale = {**json.loads(own), "key": "0" * 64}
        foreign = {**json.loads(own), "tender": "ZB-2025-0009"}
        for name, data, told in (
            ("投标函.pdf", b"%PDF-1.4", "“投标函.pdf”不是草稿密钥文件"),
            ("别的招标.key", json.dumps(foreign).encode(), "另一次招标（ZB-2025-0009）"),
            ("同事的.key", theirs, "是其他人员的草稿密钥"),
            ("旧的.key", json.dumps(stale).encode(), "打不开保存的草稿"),
        ):
            give(lost, name, data)
            lost.page.wait_for_selector(f"#seal-state.warn:has-text('{told}')")
        play.picture(lost, "draft-wrong-key")
        give(lost, "草稿.key", own)
        lost.page.wait_for_selector("#seal-state.ok:has-text('草稿已取回')")
        assert lost.page.input_value("[name=price]") == "2.71"
        assert "夜间巡逻" in lost.page.input_value("[name=plan]")
        play.picture(lost, "draft-back")
        room(first, number)  # and the first browser still opens it
        first.page.wait_for_selector("#saved:has-text('已取回')")


def given_up(town: Town) -> None:
    """Without the key file the draft is given up: nothing but that person's word does it."""
    with town.after("tender/moved", 6) as (play, number):
        first = play.who("ent1")
        room(first, number)
        first.page.fill("[name=price]", "2.71")
        kept(first)
        lost = Person(play.browser, play.office.url, "ent1")
        play.people["ent1 again"] = lost
        room(lost, number)
        lost.page.wait_for_selector("#start-over:visible")
        lost.page.fill("[name=price]", "2.72")
        lost.page.click("#start-over")
        lost.page.wait_for_selector("#saved:has-text('已加密保存')")
        assert lost.page.is_hidden("#no-draft-key")
        room(lost, number)
        lost.page.wait_for_selector("#saved:has-text('已取回')")
        assert lost.page.input_value("[name=price]") == "2.72"
        room(first, number)  # now the first browser is the one without the key
        first.page.wait_for_selector("#no-draft-key:not([hidden])")


def room(person: Person, number: str) -> None:
    person.go(f"/tenders/{number}/bid/fill")
    person.page.wait_for_selector("form[data-seal]:visible")  # not before its draft is open


def kept(person: Person) -> None:
    person.page.click(".btn[name=_save]")
    person.page.wait_for_selector("#saved:has-text('已加密保存')")


def exported(person: Person) -> bytes:
    with person.page.expect_download() as coming:
        person.page.click("#export")
    return Path(coming.value.path()).read_bytes()


def give(person: Person, name: str, data: bytes) -> None:
    file: Any = {"name": name, "mimeType": "application/octet-stream", "buffer": data}
    person.page.set_input_files("#import", file)


def deadline(town: Town) -> None:
    """Practice, replaced, withdrawn, confirmed anew after the deadline moved, late by a second, unsealed."""
    with town.after("tender/moved", 6) as (play, number):
        play.until("2026-03-26 09:00")
        for login in ("ent1", "ent2", "ent3", "ent4"):
            before.seal(play, login, number)  # with a practice bid before it
        play.until("2026-03-27 15:00")
        developer = play.at("dev1", number, "clarify")
        developer.answer({"action": "clarify", "changes": "电梯年度检验费用计入运行维护费，报价时单列。"})
        developer.answer({"affects": True, "new_closes_on": "2026-04-10"})
        play.submit(developer, refused="十五日")
        developer.answer({"new_closes_on": "2026-04-11"})
        play.submit(developer)
        for login in ("ent1", "ent2", "ent3", "ent4"):
            person = play.who(login)
            person.go(f"/tenders/{number}/bid")
            assert "须重新确认" in person.read()
            if login == "ent1":
                play.picture(person, "confirm-again")
                person.press("确认继续有效")
                assert "已递交，有效" in person.read()
                play.picture(person, "confirmed")
        before.seal(play, "ent2", number, "2.60")  # replaced instead of confirmed
        person = play.who("ent3")
        person.go(f"/tenders/{number}/bid")
        person.page.click("summary:has-text('撤回投标')")
        person.press("确认撤回")
        play.picture(person, "withdrawn")
        play.until("2026-04-11 09:55")
        late = before.written(play, "ent5", number)
        plain = late.page.evaluate(before.PLAIN, number)
        assert (plain[0], "投标文件未按规定加密，不予接收" in plain[1]) == (422, True), plain
        play.at_clock("2026-04-11 10:00:01")
        before.send(late.page)
        late.page.wait_for_selector("#seal-state.warn:has-text('投标截止时间已过')")
        play.picture(late, "late")
        play.until("2026-04-11 10:01")
        # ent1 confirmed and ent2 replaced; ent3 took back, ent4 did nothing, ent5 was late: two
        assert play.open(number) == ["after_failure"]
