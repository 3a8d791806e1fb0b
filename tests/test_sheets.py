"""A step taken along: what the device gets, what comes back, and what is shown when both sides have changed."""

from __future__ import annotations

import hashlib
import io
import re
from pathlib import Path
from typing import Any

import hostile
import pytest
import taken_along
from acting import browser, elsewhere, played, post, waiting
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict

from casework import cases, files
from casework.cases import drafts, sheets
from casework.db import db
from casework.procedures.opening import BadFolder

DEVICE = "0123456789abcdef" * 2
MISSING = {"paper": "服务费用测算", "demand": "补充人工成本的测算依据"}


@pytest.fixture
def step(district: Flask, keys: dict[str, int], tmp_path: Path) -> int:
    """The examination of an application, on the desk of the window."""
    taken_along.install(tmp_path)
    db.session.commit()
    case = played("exemption/corrected_soon", keys)
    db.session.commit()
    return waiting(case.id, "win1").id


@pytest.fixture
def window(district: Flask, step: int) -> FlaskClient:
    return browser(district, "win1")


def get(client: FlaskClient, address: str) -> Any:
    return elsewhere(lambda: client.get(address))


def send(client: FlaskClient, address: str, data: Any) -> Any:
    return elsewhere(lambda: client.post(address, data=data))


def filled(*rows: dict[str, str], **more: str) -> MultiDict[str, str]:
    """The examination as the device sends it: a correction with these rows."""
    found = MultiDict({"_section": "Part_result", "intake": "correct", **more})
    for place, row in enumerate(rows):
        found[f"missing-{place}-_"] = "1"
        for column, text in row.items():
            found[f"missing-{place}-{column}"] = text
    return found


def photograph(
    data: bytes, key: str = "file_site", name: str = "现场.jpg", sha256: str = ""
) -> dict[str, Any]:
    digest = sha256 or hashlib.sha256(data).hexdigest()
    return {"key": key, "sha256": digest, "file": (io.BytesIO(data), name)}


def draft(step: int) -> cases.Draft:
    db.session.rollback()
    found = db.session.query(cases.Draft).filter_by(step_id=step).one()
    assert found is not None
    return found


# -- what is taken along


def test_the_sheet_has_the_form_with_one_blank_row_more(window: FlaskClient, step: int) -> None:
    sheet = get(window, f"/sheet/{step}/form").get_json()
    assert sheet["user"] == post("win1").user_id
    assert sheet["name"] == "审查申请材料"
    assert sheet["html"].count('class="tf-row"') == 2  # the first one of the form, and the blank one
    assert "csrf_token" not in sheet["html"]
    assert "<img" not in sheet["html"]  # no pictures, no addresses where there is no signal
    assert "Field_missing" in sheet["css"]
    send(window, f"/sheet/{step}/answers", filled(MISSING, MISSING, _base=sheet["state"]))
    again = get(window, f"/sheet/{step}/form").get_json()
    assert re.findall(r'name="(missing-\d+)-_"', again["html"]) == ["missing-0", "missing-1", "missing-2"]
    assert again["state"] != sheet["state"]


def test_the_page_itself_says_nothing_about_anybody(district: Flask, window: FlaskClient, step: int) -> None:
    nobody = FlaskClient(district, district.response_class)
    for address in ("/sheet/", f"/sheet/{step}", "/sheet/999999"):
        assert get(window, address).text == get(nobody, address).text
        assert "csrf" not in get(window, address).text


def test_a_step_that_may_not_be_taken_along_has_no_sheet(
    district: Flask, keys: dict[str, int], step: int
) -> None:
    deciding = waiting(played("exemption/small_approved", keys, after=5).id, "head1").id
    db.session.commit()
    assert get(browser(district, "head1"), f"/sheet/{deciding}/form").status_code == 404
    strange, admin = browser(district, "dev2"), browser(district, "admin1")
    for client, status in ((strange, 404), (admin, 403)):
        assert get(client, f"/sheet/{step}/form").status_code == status
        assert send(client, f"/sheet/{step}/answers", filled(MISSING)).status_code == status
        assert send(client, f"/sheet/{step}/photo", photograph(hostile.jpeg())).status_code == status


def test_who_is_signed_in_opens_only_their_own_sheets(district: Flask, window: FlaskClient) -> None:
    nobody, colleague = FlaskClient(district, district.response_class), browser(district, "exa1")
    mine = get(window, f"/sheet/who?device={DEVICE}").get_json()
    assert mine["user"] == post("win1").user_id
    assert mine["csrf"]
    assert len(bytes.fromhex(mine["key"])) == 32
    assert get(window, f"/sheet/who?device={DEVICE}").get_json()["key"] == mine["key"]
    assert get(window, f"/sheet/who?device={DEVICE[::-1]}").get_json()["key"] != mine["key"]
    assert get(colleague, f"/sheet/who?device={DEVICE}").get_json()["key"] != mine["key"]
    assert get(nobody, f"/sheet/who?device={DEVICE}").get_json() == {"user": 0}
    assert get(window, "/sheet/who?device=../x").get_json()["key"] == ""


def test_the_worker_has_its_own_page_and_files_only(district: Flask, window: FlaskClient) -> None:
    answer = get(window, "/sheet/worker.js")
    assert answer.headers["Service-Worker-Allowed"] == "/sheet/"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Type"].startswith("text/javascript")
    kept = re.search(r"FILES = (\[.*?\]);", answer.text)
    assert kept is not None
    paths = re.findall(r'"(.*?)"', kept[1])
    assert paths[0] == "/sheet/"
    assert all(path.startswith("/static/") for path in paths[1:])
    nobody = FlaskClient(district, district.response_class)
    assert get(nobody, "/sheet/worker.js").text == answer.text
    window.set_cookie("lang", "en")
    assert get(window, "/sheet/worker.js").text != answer.text  # another page: a new version


def test_signing_out_leads_to_what_the_device_keeps(window: FlaskClient) -> None:
    window.set_cookie("sheets", "1")
    answer = send(window, "/sign-out", {})
    assert answer.headers["Location"] == f"/sheet/?left={post('win1').user_id}"
    assert get(window, "/inbox").status_code == 302  # signed out, whatever becomes of the sheets


# -- photographs


def test_a_photograph_sent_twice_is_there_once(window: FlaskClient, step: int) -> None:
    data = hostile.jpeg()
    first = send(window, f"/sheet/{step}/photo", photograph(data)).get_json()
    again = send(window, f"/sheet/{step}/photo", photograph(data, name="另名.jpg")).get_json()
    assert first == again
    send(window, f"/sheet/{step}/photo", photograph(hostile.jpeg(32, 32)))
    assert [one["name"] for one in draft(step).files["file_site"]] == ["现场.jpg", "现场.jpg"]
    assert draft(step).raw == {}  # a photograph changes no answer
    sheet = get(window, f"/sheet/{step}/form").get_json()
    saved = send(window, f"/sheet/{step}/answers", filled(MISSING, _base=sheet["state"]))
    assert saved.get_json() == {"next": f"/step/{step}"}
    assert len(draft(step).files["file_site"]) == 2


@pytest.mark.parametrize(
    ("what", "status", "says"),
    [
        (lambda: photograph(hostile.jpeg(), sha256="0" * 64), 422, "照片没有传完整"),
        (lambda: photograph(hostile.jpeg(), key="intake"), 404, ""),
        (lambda: photograph(hostile.jpeg(), key="nothing"), 404, ""),
        (lambda: photograph(hostile.pdf()), 422, "内容与后缀不符"),
        (lambda: photograph(hostile.pdf(), name="a.pdf"), 422, "不是允许的格式"),
        (lambda: photograph(hostile.png(60_000, 60_000), name="a.png"), 422, "像素"),
        (lambda: photograph(hostile.jpeg(tail=b"\0" * 300_000)), 422, "超过单个文件 0.2 MB 的上限"),
        (lambda: {"key": "file_site", "sha256": ""}, 404, ""),
    ],
)
def test_a_photograph_that_may_not_be_kept(
    window: FlaskClient, step: int, what: Any, status: int, says: str
) -> None:
    answer = send(window, f"/sheet/{step}/photo", what())
    assert answer.status_code == status
    assert says in answer.text
    db.session.rollback()
    assert db.session.query(files.File).filter(files.File.name.like("现场%")).count() == 0


def test_a_draft_takes_so_many_files(window: FlaskClient, step: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "MOST_FILES", 1)
    assert send(window, f"/sheet/{step}/photo", photograph(hostile.jpeg())).status_code == 200
    full = send(window, f"/sheet/{step}/photo", photograph(hostile.jpeg(9, 9)))
    assert full.status_code == 413
    assert "已有 1 个附件" in full.text
    assert (
        send(window, f"/sheet/{step}/photo", photograph(hostile.jpeg())).status_code == 200
    )  # the first one again


# -- answers


def test_both_versions_are_shown_and_each_row_is_chosen(window: FlaskClient, step: int) -> None:
    taken = get(window, f"/sheet/{step}/form").get_json()["state"]
    here = filled(MISSING, {"paper": "甲", "demand": "乙"}, _save="1")
    assert send(window, f"/step/{step}", here).status_code == 302  # at the desk, meanwhile
    there = filled(
        {**MISSING, "demand": "现场所见"}, {"paper": "甲", "demand": "乙"}, {"paper": "丙", "demand": "丁"}
    )
    answer = send(window, f"/sheet/{step}/answers", MultiDict([*there.items(multi=True), ("_base", taken)]))
    assert answer.status_code == 409
    found = answer.get_json()
    assert [each["id"] for each in found["differences"]] == ["missing-0", "missing-2"]
    first, third = found["differences"]
    assert first["label"] == "需要补正的内容 第 1 项"
    assert ("现场所见" in first["mine"], MISSING["demand"] in first["theirs"]) == (True, True)
    assert third["theirs"] == ""
    assert draft(step).raw["missing-0-demand"] == [MISSING["demand"]]  # nothing is written before the choice

    send(window, f"/step/{step}", filled({"paper": "又改", "demand": "又改"}, _save="1"))
    chosen = [("_base", found["state"]), ("_theirs", "missing-0")]
    late = send(window, f"/sheet/{step}/answers", MultiDict([*there.items(multi=True), *chosen]))
    assert late.status_code == 409  # changed once more: asked once more
    chosen[0] = ("_base", late.get_json()["state"])
    assert (
        send(window, f"/sheet/{step}/answers", MultiDict([*there.items(multi=True), *chosen])).status_code
        == 200
    )
    raw = draft(step).raw
    assert (raw["missing-0-paper"], raw["missing-2-paper"]) == (["又改"], ["丙"])


def test_the_same_answers_are_no_conflict_and_sending_twice_changes_nothing(
    window: FlaskClient, step: int
) -> None:
    taken = get(window, f"/sheet/{step}/form").get_json()["state"]
    for _again in range(2):  # the answer to the first was lost on the way
        assert send(window, f"/sheet/{step}/answers", filled(MISSING, _base=taken)).status_code == 200
    assert draft(step).raw["missing-0-paper"] == [MISSING["paper"]]


def test_a_step_done_by_a_colleague_is_shown_beside_ones_own(window: FlaskClient, step: int) -> None:
    cases.complete(step, by=post("win1"), answers={"intake": "accept"})
    db.session.commit()
    assert get(window, f"/sheet/{step}/form").status_code == 404
    answer = send(window, f"/sheet/{step}/answers", filled(MISSING, _base="x"))
    assert answer.status_code == 409
    gone = answer.get_json()
    assert "此步骤已由" in gone["gone"]
    assert {each["id"]: (each["mine"], each["theirs"]) for each in gone["differences"]}["intake"] == (
        "一次性告知补正",
        "受理",
    )
    assert "gone" in send(window, f"/sheet/{step}/photo", photograph(hostile.jpeg())).get_json()
    db.session.rollback()
    assert db.session.query(cases.Draft).filter_by(step_id=step).count() == 0


def test_a_withdrawn_application_is_said_so(window: FlaskClient, step: int) -> None:
    case = db.session.get_one(cases.Step, step).case
    cases.withdraw(case.id, by=post("dev1"), reason="改为公开招标")
    db.session.commit()
    answer = send(window, f"/sheet/{step}/answers", filled(MISSING, _base="x"))
    assert (answer.status_code, answer.get_json()["gone"]) == (409, "此步骤已取消，无需办理。")


@pytest.mark.parametrize("value", ["yes", "false"])
def test_the_drawing_says_true_or_nothing(app: Flask, tmp_path: Path, value: str) -> None:
    with pytest.raises(BadFolder, match="offline"):
        taken_along.install(tmp_path, offline=value)


def test_rows_that_are_no_longer_asked_are_shown_before_they_go(
    district: Flask, keys: dict[str, int]
) -> None:
    """Rows given by the office (the items that wait for a stamp), one of which is settled meanwhile."""
    step = waiting(played("acceptance/all_confirmed", keys).id, "exa1")
    db.session.commit()
    turn = cases.Turn(step.case, post("exa1"), step.opened_at)
    form = turn.procedure.forms[step.form]

    def bound(rows: int, said: Any = None) -> Any:
        given = [{"key": f"K-{n}", "code": f"K-{n}", "name": "门厅"} for n in range(rows)]
        return form.bind("zh", formdata=said, facts={"pending": given}, today=None)

    said = {"_section": ["Part_1"], **{f"verdicts-K-{n}-verdict": ["confirm"] for n in range(2)}}
    said["_section"] = [form.sections[0].id]
    before, after = bound(2), bound(1)
    assert sheets.state(before) != sheets.state(after)
    assert sheets.state(before) == sheets.state(bound(2))
    lost = sheets.differences(bound(2, said), bound(1, said), typed=False)
    assert [(one.id, one.mine) for one in lost] == [("verdicts-K-1", "")]
    assert drafts.for_(step, post("exa1")) is None
