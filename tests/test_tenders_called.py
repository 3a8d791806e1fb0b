"""What the public reads of where a tender stands: a word for every stage, in both languages."""

from __future__ import annotations

import html
import json
import re

from acting import WORKFLOWS, played
from flask import Flask

from casework import cases, clock, procedures
from casework.cases import asking
from casework.db import db
from casework.engine import feel

#: Stages in which the state of the bidding says all, and those before anything is public.
ITS_OWN = {"open", "suspended", "closed", "opening", "filing", "notice"}


def test_every_stage_of_the_drawing_has_its_word_in_both_languages() -> None:
    folder = procedures.open_files("tender", procedures.read_folder(WORKFLOWS / "tender"))
    stages = set(re.findall(r"""'="(\w+)"' target="stage\"""", folder.text("process.bpmn")))
    called = feel.compile(folder.about["bidding"]["called"])
    now = clock.now()
    known = {"failure": "few", "orders": [], "prequal_closes_at": now}
    may = asking.functions(now)
    words = {stage: called.evaluate({**known, "stage": stage}, may) for stage in stages}
    assert {stage for stage, said in words.items() if said is None} == ITS_OWN
    said = {word["label"] for word in words.values() if word}
    assert "流标" in said
    assert {word for word in said if folder.says(word, "en") == word} == set()


def test_why_an_enterprise_is_no_longer_the_winner_is_said_in_both_languages() -> None:
    """Beside every reason that the drawing keeps stands its English, and the form gives it."""
    drawing = (WORKFLOWS / "tender/process.bpmn").read_text("utf-8")
    kept = [html.unescape(one) for one in re.findall(r'source="=append\(given_up, ([^"]+)\)"', drawing)]
    form = json.loads((WORKFLOWS / "tender/forms/fix_winner.form").read_text("utf-8"))
    [text] = [c for part in form["components"] for c in part["components"] if c["id"] == "Text_off"]
    may = {**asking.functions(clock.now()), "organisation": lambda _scope, _id: {"name_en": "A Co."}}
    award = {"no": 1, "enterprise": 1, "name": "甲", "price": 1, "total_year": 1, "on": clock.today()}
    for one in (feel.compile(each).evaluate({"award": award}, may) for each in kept):
        for words, why in (
            (text["text"], "：" + one["why"]),
            (text["properties"]["text.en"], ": " + one["why_en"]),
        ):
            said = feel.compile(words[words.index("{{") + 2 : -2]).evaluate({"given_up": [one]}, may)
            assert said.endswith(why)
    assert len(kept) == 2


def test_an_ended_case_says_what_was_decided() -> None:
    now = clock.now()
    award = {"name": "甲", "name_en": "A", "price": 2.6, "years": 3}
    held = {"intake": "file", "accepted_on": now, "awarded_on": clock.local(now).date(), "award": award}
    area = {"version": 2, "number": "云房区〔2026〕7号", "together": "", "together_en": ""}
    for key, known, said, english in (
        ("tender", {**held, "stage": "contracted"}, "中标人：甲，中标价2.60元", "Winner: A, 2.60 yuan"),
        ("tender", {**held, "stage": "awarded"}, "None", "None"),
        ("registration", {"area_decided": area, "proposal": "separate"}, "第 2 版（区域核定单云房区〔2026〕7号）：单独划分。", "version 2"),
        ("registration", {"area_decided": {**area, "together": "乙苑"}, "proposal": "merge"}, "与乙苑合并为一个", "one area with"),
    ):  # fmt: skip
        outcome = procedures.open_files(key, procedures.read_folder(WORKFLOWS / key)).about["outcome"]
        for name, wanted in (("says", said), ("says_en", english)):
            told = feel.compile(outcome[name]).evaluate(known, asking.functions(now))
            assert wanted in str(told), key


def test_the_list_and_the_page_say_that_a_tender_failed_or_was_ended(
    district: Flask, keys: dict[str, int]
) -> None:
    case = played("tender/cancelled", keys, after=99)
    address, visitor = f"/tenders/{case.number}", district.test_client()
    for page in ("/tenders/", address):
        assert "已终止招标" in visitor.get(page).text
    (record,) = re.findall(r'href="(/ocds/records/[^"]+)"', visitor.get(address).text)
    assert case.number in visitor.get(record).text
    case.variables = {**case.variables, "stage": "failed", "failure": "few"}
    db.session.commit()
    for page in ("/tenders/", address):
        assert "流标" in visitor.get(page).text
    visitor.set_cookie("lang", "en")
    for page in ("/tenders/", address):
        assert "Tender failed" in visitor.get(page).text
    told = {c.title: (c.says, c.ok) for c in cases.checks(cases.Turn(case, None, clock.now()), "zh")}
    assert told["投标有效期"][0].endswith("至 2026年6月30日 届满；最晚 2026年5月31日 定标"), (
        "130号 第三十六条"
    )
    assert "2026年12月31日" in told["完成招标的期限"][0], "130号 第十九条"
