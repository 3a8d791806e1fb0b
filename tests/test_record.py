"""The record of a case says what was done, what was found and by whom, in the reader's language."""

from __future__ import annotations

from acting import played, post, story
from flask import Flask

from casework import cases, journal, stories, words
from casework.cases import lists, record
from casework.db import db
from casework.engine import values
from casework.people import by_login


def lines(case: cases.Case, login: str, lang: str) -> list[str]:
    """What the record says to somebody, oldest first."""
    with words.speaking(lang):
        reader = record.reader(case.procedure, post(login), lists.steps(case.id))
        return [
            f"{reader.says(each)} | {record.who(each)}".rstrip(" |") for each in reversed(journal.of(case.id))
        ]


def whole(name: str, keys: dict[str, int]) -> cases.Case:
    """A case as its story leaves it."""
    case = stories.Player(story(name), keys).play()
    assert case is not None
    return case


def test_the_record_says_what_was_found_and_done_and_by_whom(district: Flask, keys: dict[str, int]) -> None:
    case = whole("exemption/banned_enterprise", keys)
    chinese, english = lines(case, "exa1", "zh"), lines(case, "exa1", "en")
    assert "登记收件" in chinese  # not “a matter was recorded”
    assert "出具文书：受理通知书，云房受〔2026〕1号" in chinese
    assert "审查申请材料 | 云河区住房和城乡建设局 窗口甲（窗口）" in chinese
    assert "Examine the papers | Yunhe District Housing Bureau, Window A (Service window)" in english
    assert not [line for line in english if line.startswith("Matter recorded")]
    banned = [line for line in chinese if line.startswith("核查信用记录：")]
    assert banned
    assert all("栖霞" in line and "禁止参与投标期限未满" in line for line in banned)
    assert any("The ban on taking part in tenders is in force" in line for line in english)


def test_why_an_enterprise_is_barred_is_for_those_who_may_read_its_file(
    district: Flask, keys: dict[str, int]
) -> None:
    case = played("exemption/small_approved", keys)
    poor = {"kind": "poor_rating", "zh": "年度考核评价差：五十九分", "en": "Rated poor: 59"}
    found = {"organisation": keys["ent1"], "eligible": False, "reasons": [poor]}
    entry = journal.Entry(what="checked", detail=values.dumps({"standing": found}))
    with words.speaking("zh"):
        told = {
            login: record.reader(case.procedure, post(login), []).says(entry) for login in ("exa1", "dev1")
        }
    assert "五十九分" in told["exa1"]
    assert "五十九分" not in told["dev1"]
    assert told["dev1"] == "核查信用记录：云河青禾物业服务有限公司"


def test_what_happens_by_itself_is_told_with_the_step_it_happens_to(
    district: Flask, keys: dict[str, int]
) -> None:
    case = whole("exemption/window_silent", keys)
    assert "到时自动处理：审查申请材料（期满视为受理）" in lines(case, "head1", "zh")


def test_what_another_case_let_it_know_is_told_by_the_name_of_its_event(
    district: Flask, keys: dict[str, int]
) -> None:
    case = played("tender/complaint", keys, after=13)
    came = ("责令暂停", "收到异议", "责令暂停", *["投诉已处理，不成立"] * 3, "异议已答复，不成立")
    told = [f"收到其他案件的通知：{one}" for one in came]
    assert [one for one in lines(case, "aud1", "zh") if one.startswith("收到其他")] == told
    english = [one for one in lines(case, "aud1", "en") if one.startswith("Notified")]
    assert english[-1] == "Notified by another case: Objection answered, not upheld"


def test_a_person_acting_alone_is_named_once_and_a_changed_name_stays_as_written(
    district: Flask, keys: dict[str, int]
) -> None:
    assert record.spoken("专家九 专家九（专家本人）", None) == "专家九（专家本人）"
    by = post("win1")
    written = cases.signature(by)
    user = by_login("win1")
    assert user is not None
    user.name = "窗口丙"
    with words.speaking("en"):
        assert record.spoken(written, by.id) == written
    db.session.rollback()
