"""The hard paths of an opening: a wrong key, lost keys, a lost bid, a bid that cannot be opened, objections."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

import tender_until_opening as before
from playing import Person, Play
from rehearsed import WORD, Town

from casework.bids import vault

#: A key that is not the holder's, handed over as the key room does.
FOREIGN = """async () => {
  const key = await window.sealing.newKey();
  document.querySelector('[name=released]').checked = true;
  document.querySelector('#private').value = window.sealing.hex(key.pkcs8);
  HTMLFormElement.prototype.submit.call(document.querySelector('#release'));
}"""
HELD_BACK = "口令由已离任人员保管，恢复码封存袋启封后字迹无法辨认。"


def opening(town: Town) -> None:
    """A wrong key is named, a lost one within the limit does no harm; each bid fails or opens by itself."""
    with town.after("tender/gave_up", 9) as (play, number):
        play.until("2026-04-07 09:00")
        tampered(play, "ent4", number)
        copy = copied(before.seal(play, "ent5", number))
        for what in (copy, receipt(play, "ent3", number)):
            destroy(play, number, what)
        play.until("2026-04-10 10:01")
        supplied(play, number, copy)
        holder = play.at("head1", number, "release_key")
        holder.page.evaluate(FOREIGN)
        holder.page.wait_for_selector(".note.warn[role=alert]")
        told = holder.page.inner_text(".note.warn[role=alert]")
        assert "云河区住房和城乡建设局" in told, told
        play.picture(holder, "wrong-key")
        declared(play, "head1", number)
        for login in ("dev1", "agt1"):
            released(play, login, number)
        play.work()
        enterprise = play.who("ent2")
        enterprise.go(f"/tenders/{number}/opening")
        read = enterprise.read()
        for words in (
            "视为撤销",
            "封装内的投标人与递交的单位不一致",
            "视为撤回",
            "未能按承诺值重新提交",
            "已声明遗失",
        ):
            assert words in read, words
        assert enterprise.page.locator(".price").count() == 3, (
            "two of the first three, and what was supplied again"
        )
        play.picture(enterprise, "opened")
        before.objected_on_the_spot(
            play,
            number,
            "ent4",
            "我方投标文件由本单位封装，不应视为撤销，请说明理由。",
            "封装清单写明的投标人与递交单位不一致，依照规定视为撤销，其余投标照常开启。",
        )


def tampered(play: Play, login: str, number: str) -> None:
    """Sealed in the name of another: what the list inside says is not whoever delivers it."""
    person = play.who(login)

    def forge(route: Any) -> None:
        page = route.fetch()
        text = re.sub(r'("bidder": ?")[0-9a-f]+', r"\g<1>" + "0" * 32, page.text())
        route.fulfill(response=page, body=text)

    person.page.route(f"**/tenders/{number}/bid/sealing", forge)
    before.seal(play, login, number)
    person.page.unroute(f"**/tenders/{number}/bid/sealing")


def copied(person: Person) -> bytes:
    with person.page.expect_download() as coming:
        person.page.click("#copy")
    return Path(coming.value.path()).read_bytes()


def receipt(play: Play, login: str, number: str) -> str:
    """The hash of what this bidder has delivered."""
    person = play.who(login)
    person.go(f"/tenders/{number}/bid")
    return person.page.locator("dd.mono").first.inner_text()


def destroy(play: Play, number: str, what: bytes | str) -> None:
    """The office's disk loses a sealed bid."""
    with play.inside():
        digest = what if isinstance(what, str) else hashlib.sha256(what).hexdigest()
        vault.place(play.case(number).id, digest).unlink()


def supplied(play: Play, number: str, copy: bytes) -> None:
    """A lost bid comes again, byte for byte; anything else is refused."""
    person = play.who("ent5")
    person.go(f"/tenders/{number}/bid")
    assert "本平台存储的密文损坏" in person.read()
    play.picture(person, "lost-bid")
    give(person, copy[:-1] + bytes([copy[-1] ^ 1]))
    person.page.wait_for_selector("#seal-state.warn:has-text('承诺值')")
    play.picture(person, "lost-bid-wrong")
    give(person, copy)
    person.page.wait_for_selector("text=与承诺值一致，已重新收到")


def give(person: Person, data: bytes) -> None:
    file: Any = {"name": "投标.bid", "mimeType": "application/octet-stream", "buffer": data}
    person.page.set_input_files("#supply", file)


def released(play: Play, login: str, number: str) -> None:
    page = play.at(login, number, "release_key").page
    page.check("[name=released]")
    page.fill("#word", WORD)
    page.click("#release .btn.pri")
    page.wait_for_url("**/opening")


def declared(play: Play, login: str, number: str) -> None:
    """The holder says that the key is lost."""
    holder = play.at(login, number, "release_key")
    holder.page.check("[name=key_lost]")
    assert holder.page.is_hidden("#word")
    holder.page.click("#release .btn.pri")
    holder.page.wait_for_selector(".note.warn:has-text('遗失的经过')")
    assert holder.page.is_hidden("#word"), "it is shown again as it was"
    assert holder.page.is_hidden("[name=released]")
    holder.page.fill("[name=lost_facts]", HELD_BACK)
    play.picture(holder, "key-lost")
    holder.page.click("#release .btn.pri")
    holder.page.wait_for_url("**/opening")


def unopened(town: Town) -> None:
    """More keys are lost than may be: announced, tendered again; an agreement is not offered."""
    with town.after("tender/gave_up", 9) as (play, number):
        play.until("2026-04-10 10:01")
        declared(play, "head1", number)
        declared(play, "agt1", number)
        play.work()
        developer = play.who("dev1")
        developer.go(f"/tenders/{number}/opening")
        assert "本次招标不能开标" in developer.read()
        play.picture(developer, "unopened")
        developer = play.at("dev1", number, "after_failure")
        ways = developer.page.locator("[name=next_step]").evaluate_all("all => all.map(one => one.value)")
        assert ways == ["retender", "stop"]
        developer.answer(
            {
                "next_step": "retender",
                "failure_analysis": "两份开标密钥遗失，投标文件不能开启。",
            }
        )
        play.picture(developer, "unopened-next")
        play.submit(developer)
        developer.go(f"/tenders/{number}")
        assert "不能开标公告" in developer.read()
        play.picture(developer, "unopened-tender")
