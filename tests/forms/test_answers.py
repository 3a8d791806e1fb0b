"""What is typed becomes answers; what is wrong is said in one sentence that says what to do."""

from __future__ import annotations

import datetime as dt
import io
import json
from decimal import Decimal
from typing import Any

import pytest
from forms_site import FACTS, FORM, HERE, TODAY
from werkzeug.datastructures import MultiDict

from casework import forms
from casework.forms import pieces

RIGHT: dict[str, Any] = {
    "建设单位": "云河恒景置业有限公司（集团）",
    "uscc": "91999999MA27X3QK6N",
    "contact": "李敏",
    "phone": "０５７１－８２００ ００００",
    "street": "nanhu",
    "permit": "建字第330000202600001号",
    "buildings-0-no": "1",
    "buildings-0-use": "home",
    "buildings-0-floors": "18",
    "buildings-0-area": "12,680.5",
    "buildings-0-households": "１４４",
    "buildings-4-no": "2",
    "buildings-4-use": "garage",
    "buildings-4-floors": "1",
    "buildings-4-area": "0.5万",
    "buildings-4-households": "99",
    "mgmt_area": "88.41",
    "delivery": "2027年6月30日",
    "method": "agreement",
    "reason": "few",
    "bidders": "2",
    "candidate": "E1",
    "story": "两次公开招标的投标人均不足三个，现申请采用协议方式选聘。",
    "fee": "2.85",
    "years": "3",
    "items-A-verdict": "yes",
    "items-B-verdict": "no",
    "items-B-why": "面积不足",
    "items-C-verdict": "yes",
    "items-C-why": "多余的话",
    "truth": "y",
}
FILES = {"permit_file": [forms.Stored("1", "permit.pdf", 9)], "proof": [forms.Stored("2", "proof.pdf", 9)]}


def bind(lang: str = "zh", *, files: Any = FILES, draft: Any = None, **changes: Any) -> forms.Bound:
    data = MultiDict({**RIGHT, **{name.replace("__", "-"): value for name, value in changes.items()}})
    return FORM.bind(lang, formdata=data, facts=FACTS, files=files, today=TODAY, draft=draft)


def mistakes(lang: str = "zh", **changes: Any) -> list[str]:
    bound = bind(lang, **changes)
    assert not bound.validate()
    return [each.text for each in bound.errors()]


def test_right_answers_become_values() -> None:
    bound = bind()
    assert bound.validate(), bound.errors()
    answers = bound.answers()
    assert answers["phone"] == "0571-82000000"
    assert answers["建设单位"] == "云河恒景置业有限公司（集团）"  # names keep their Chinese brackets
    assert answers["delivery"] == dt.date(2027, 6, 30)
    assert answers["total_area"] == Decimal("17680.5")
    assert answers["total_households"] == 144
    assert answers["buildings"][1] == {"no": "2", "use": "garage", "floors": 1, "area": 5000}
    assert answers["permit_file"] == [{"id": "1", "name": "permit.pdf", "size": 9}]


def test_a_list_of_boxes_that_must_all_be_ticked_names_those_left() -> None:
    left = "受邀企业：每一项都要勾选（须全部邀请），还缺："
    assert f"{left}安和物业服务有限公司" in mistakes(method="invite", invited="E1")
    assert f"{left}青禾物业服务有限公司、安和物业服务有限公司" in mistakes(method="invite", reason="few")
    whole = MultiDict([*RIGHT.items(), ("invited", "E1"), ("invited", "E2")])
    whole["method"] = "invite"
    bound = FORM.bind("zh", formdata=whole, facts=FACTS, files=FILES, today=TODAY)
    assert bound.validate(), bound.errors()


def test_answers_to_hidden_questions_are_dropped() -> None:
    answers = bind(method="open", reason="few").answers()
    assert not {"reason", "bidders", "candidate", "story", "proof", "invited", "agent_name"} & set(answers)
    assert "households" not in bind().answers()["buildings"][1]


def test_rows_the_office_gives_are_not_taken_from_the_page() -> None:
    items = bind(items__A__name="改名", items__X__verdict="yes").answers()["items"]
    assert [row["name"] for row in items] == ["物业管理用房", "社区用房", "停车场"]
    assert [row.get("why") for row in items] == [None, "面积不足", None]
    assert "why" not in items[2]


def test_what_is_read_only_is_not_taken_from_the_page() -> None:
    assert bind(approved="别的事项").answers()["approved"] == "江南里雅苑前期物业"


@pytest.mark.parametrize(
    ("change", "zh", "en"),
    [
        ({"contact": " "}, "请填写联系人", "Enter Contact person"),
        ({"street": ""}, "请选择属地街道", "Select Street"),
        ({"street": "moon"}, "请从列表中选择属地街道", "Select Street from the list"),
        ({"candidate": "E9"}, "请从列表中选择拟选聘企业", "Select Proposed enterprise from the list"),
        ({"truth": ""}, "请勾选：所填内容和附件真实、完整", "Tick to confirm: What I filled in and attached is true and complete"),
        ({"buildings__4__area": "五千"}, "第 2 栋：建筑面积应为数字，例如 1200.5", "Building 2: Floor area must be a number, like 1200.5"),
        ({"years": "三"}, "合同期限应为整数，例如 12", "Contract term must be a whole number, like 12"),
        ({"years": "2.5"}, "合同期限应为整数，例如 12", "Contract term must be a whole number, like 12"),
        ({"years": "6"}, "合同期限不能大于 5 年", "Contract term must be 5 years or less"),
        ({"fee": "2.855"}, "拟定物业服务费最多保留 2 位小数", "Proposed fee must have at most 2 decimal places"),
        ({"fee": "3.01"}, "拟定物业服务费不能大于 3 元/㎡·月（片区指导价）", "Proposed fee must be 3 CNY/m²/month or less (area guide price)"),
        ({"mgmt_area": "88.4"}, "物业管理用房面积不能小于 88.41 ㎡（总建筑面积的 5‰）", "Management room area must be 88.41 ㎡ or more (5‰ of the total floor area)"),
        ({"bidders": "3"}, "实际投标人数不能大于 2 个（三个以上应当招标）", "Actual bidders must be 2 bidders or less (three or more must go to tender)"),
        ({"delivery": "2026-12-01"}, "预计交付日期不能早于 2026年12月23日（至少提前 30 日申请）", "Expected delivery must be 2026-12-23 or later (apply at least 30 days ahead)"),
        ({"delivery": "2041-01-01"}, "预计交付日期不能晚于 2040年12月31日", "Expected delivery must be 2040-12-31 or earlier"),
        ({"delivery": "明年"}, "预计交付日期应为日期，例如 2026-03-05", "Expected delivery must be a date, like 2026-03-05"),
        ({"uscc": "91999999MA27X3QK61"}, "统一社会信用代码的校验位不符，请逐位核对，例如 91999999MA27X3QK6N", None),
        ({"phone": "138000"}, "联系电话的格式不正确，例如 0571-82000000", "Phone is not in the right format, like 0571-82000000"),
        ({"idcard": "110101199001010011"}, "经办人身份证号码的校验位不符，请逐位核对", None),
        ({"permit": "规字1"}, "建设工程规划许可证号的格式不正确，例如 建字第330000202600001号", None),
        ({"story": "不足三个"}, "情况说明至少 20 个字", "Explanation must be at least 20 characters"),
        ({"story": "长" * 501}, "情况说明最多 500 个字，现在 501 个字", "Explanation must be 500 characters or fewer; it has 501"),
        ({"items__B__why": ""}, "社区用房：请填写理由", "社区用房: Enter Reason"),
        ({"files": {"permit_file": FILES["permit_file"]}}, "请上传协议选聘证明材料", "Upload Proof for agreement"),
    ],
    ids=lambda part: str(part)[:40],
)  # fmt: skip
def test_a_mistake_is_said_with_its_name_its_bound_and_its_reason(
    change: dict[str, Any], zh: str, en: str | None
) -> None:
    assert mistakes(**change) == [zh]
    if en:
        assert mistakes("en", **change) == [en]


def test_control_signs_and_endless_texts_do_not_come_in() -> None:
    assert bind(contact="李\x00敏\x07").answers()["contact"] == "李敏"
    assert bind(story="第一行\r\n第二行" + "长" * 20).answers()["story"].startswith("第一行\n第二行")
    assert mistakes(contact="李" * 301) == ["联系人最多 300 个字，现在 301 个字"]


def test_a_list_wants_its_rows() -> None:
    data = MultiDict({name: value for name, value in RIGHT.items() if not name.startswith("buildings")})
    bound = FORM.bind("zh", formdata=data, facts=FACTS, files=FILES, today=TODAY)
    bound.validate()
    assert [(each.anchor, each.text) for each in bound.errors()] == [("add-buildings", "楼栋至少填写 1 栋")]


def test_the_limit_moves_with_the_answers() -> None:
    assert bind(method="open", fee="19").validate() is True
    assert "20" in mistakes(method="open", fee="21")[0]


def test_what_the_office_says_in_two_languages_is_read_in_the_readers_own() -> None:
    said = {"zh": "物业管理用房", "en": "Service rooms"}
    facts = {**FACTS, "pending": [{"id": "A", "name": said, "size": 96}]}
    for lang, word in said.items():
        bound = FORM.bind(lang, facts=facts, today=TODAY)
        own = next(each for each in bound.form.lists if each.rows and each.rows.key == "id")
        assert bound.row_name(own, 0) == word
        column = next(each for each in own.children if each.type == "expression")
        assert forms.table.plain(column, said, lang) == word


def test_the_limits_of_now_stand_beside_the_questions() -> None:
    def hints(**typed: str) -> dict[str, str]:
        bound, found = bind(**typed), {}
        for section in bound.page():
            for part in section.parts:
                for question in part.parts if part.kind == "cols" else [part.question]:
                    if question is not None and question.bounds:
                        found[question.key] = question.bounds.said
        return found

    assert hints()["delivery"] == "最早 2026年12月23日（至少提前 30 日申请）"
    assert hints()["mgmt_area"] == "不小于 88.41 ㎡（总建筑面积的 5‰）"
    assert hints(**{"buildings-0-area": "12000"})["mgmt_area"] == "不小于 85 ㎡（总建筑面积的 5‰）"
    assert "years" not in hints()  # what never moves is said when it is passed


def test_a_limit_of_today_is_another_tomorrow_and_a_deadline_another_in_each_case() -> None:
    def told(form: forms.Form, day: dt.date, due: dt.date) -> str:
        bound = form.bind("zh", today=day, functions={"deadline": lambda _scope: due})
        return "".join(str(part.question.attributes) for block in bound.page() for part in block.parts)

    days = [dt.date(2026, 3, 12), dt.date(2026, 4, 16)]
    for limit in ("=today()", "=deadline()"):
        part = {"type": "datetime", "id": "On", "key": "on", "label": "交接日期", "subtype": "date"}
        part["properties"] = {"label.en": "On", "max": limit}
        section = {"type": "group", "id": "S", "label": "现场", "components": [part]}
        section["properties"] = {"label.en": "S"}
        form = forms.read({"type": "default", "id": "f", "components": [section]})
        for day in days:
            page = told(form, day, day)
            assert str(day) in page, (limit, page)
            assert not any(str(other) in page for other in days if other != day)


def test_a_limit_that_all_rows_share_stands_above_the_list() -> None:
    part = {"type": "datetime", "id": "On", "key": "on", "label": "移交时间", "subtype": "date"}
    part["properties"] = {
        "label.en": "By",
        "max": "=delivery",
        "maxReason": "交付之前",
        "maxReason.en": "before",
    }
    listed = {"type": "dynamiclist", "id": "Papers", "path": "papers", "label": "资料", "components": [part]}
    listed["properties"] = {"label.en": "Papers"}
    section = {
        "type": "group",
        "id": "S",
        "label": "移交",
        "components": [listed],
        "properties": {"label.en": "S"},
    }
    form = forms.read({"type": "default", "id": "f", "components": [section]})
    (block,) = form.bind("zh", facts={"delivery": dt.date(2027, 6, 30)}, today=TODAY).page()
    assert block.parts[0].hint == "移交时间：最晚 2027年6月30日（交付之前）"


def test_the_draft_keeps_what_was_typed() -> None:
    typed = bind(mgmt_area="约一百", years=" ３ ").raw()
    assert json.loads(json.dumps(typed, ensure_ascii=False)) == typed
    again = FORM.bind("zh", draft=typed, facts=FACTS, files=FILES, today=TODAY)
    assert again.questions.answer("mgmt_area").typed_text() == "约一百"
    assert again.questions.answer("years").typed_text() == " ３ "
    assert again.answers()["buildings"][1]["area"] == 5000


def test_a_page_replaces_only_its_own_section() -> None:
    draft = bind().raw()
    page = MultiDict([("_section", "Part_developer"), ("contact", "王芳"), ("fee", "0"), ("_save", "1")])
    bound = FORM.bind("zh", formdata=page, draft=draft, facts=FACTS, files=FILES, sections=["Part_developer"])
    assert bound.wants == "save"
    assert bound.answers()["contact"] == "王芳"
    assert bound.answers()["uscc"] is None
    assert bound.answers()["fee"] == Decimal("2.85")


def test_earlier_answers_and_defaults_stand_until_something_is_typed() -> None:
    bound = FORM.bind(
        "zh", facts=FACTS, values={"street": "beishan", "buildings": [{"no": "7"}, {"no": "8"}]}
    )
    assert bound.answers()["street"] == "beishan"
    assert bound.answers()["建设单位"] == "云河恒景置业有限公司"
    assert [row["no"] for row in bound.answers()["buildings"]] == ["7", "8"]


def press(button: str, value: str, **changes: Any) -> forms.Bound:
    bound = bind(**{f"_{button}": value}, **changes)
    assert bound.wants == button
    assert bound.only_changes
    return bound


def test_rows_come_and_go_and_keep_their_numbers() -> None:
    added = press("add", "buildings")
    assert [row.index for row in added.rows["buildings"]] == ["0", "4", "5"]
    removed = press("remove", "buildings-0")
    assert [row.index for row in removed.rows["buildings"]] == ["4"]
    assert removed.answers()["buildings"][0]["no"] == "2"


def test_a_sheet_is_pasted_with_its_labels() -> None:
    sheet = "楼号\t用途\t层数\t建筑面积\t户数\r\n3\t住宅\t6\t1,200\t12\r\n4\t商业\t2\t800\t\r\n"
    pasted = press("paste", "buildings", _pastetext_buildings=sheet).answers()["buildings"]
    assert [row["no"] for row in pasted] == ["1", "2", "3", "4"]
    assert pasted[2] == {"no": "3", "use": "home", "floors": 6, "area": 1200, "households": 12}


def test_a_column_is_filled_where_it_is_empty() -> None:
    empty = press("fill", "items", items__A__verdict="", items__B__verdict="", items__C__verdict="")
    assert [row["verdict"] for row in empty.answers()["items"]] == ["yes"] * 3
    judged = press("fill", "items", items__A__verdict="").answers()["items"]
    assert [row["verdict"] for row in judged] == ["yes", "no", "yes"]  # what has been judged stays


def test_rows_of_a_group_stand_under_its_name_and_are_filled_alone() -> None:
    raw = json.loads((HERE / "rich.form").read_text("utf-8"))
    items = next(
        each for part in raw["components"] for each in part["components"] if each.get("path") == "items"
    )
    items["properties"] |= {
        "rowTitle.en": '=id + " " + name',
        "rowGroup": '=if size < 100 then "用房" else "车位"',
        "rowGroup.en": '=if size < 100 then "Rooms" else "Parking"',
    }
    form = forms.read(raw)

    def bound(lang: str, **changes: str) -> forms.Bound:
        data = {f"items-{row}-_": mark for row, mark in (("A", "g1"), ("B", "g1"), ("C", "g2"))}
        return form.bind(lang, formdata=MultiDict({**data, **changes}), facts=FACTS, today=TODAY)

    def lines(lang: str) -> list[pieces.Line]:
        parts = [block for section in bound(lang).page() for block in section.parts]
        found = next(block for block in parts if block.key == "items")
        assert (found.dense, found.named) == (True, True)
        return list(found.lines)

    assert [(line.mark, line.head and line.head.label) for line in lines("zh")] == [
        ("g1", "用房"), ("g1", None), ("g2", "车位"),
    ]  # fmt: skip
    heads = [line.head for line in lines("en") if line.head]
    assert [(head.label, head.says, head.fill) for head in heads] == [
        ("Rooms", "2", "items:g1"), ("Parking", "1", "items:g2"),
    ]  # fmt: skip
    assert [line.title for line in lines("en")] == ["A 物业管理用房", "B 社区用房", "C 停车场"]
    one = bound("zh", _fill="items:g1", **{"items-B-verdict": "no"}).answers()["items"]
    assert [row["verdict"] for row in one] == ["yes", "no", None]


def test_rows_the_office_gives_neither_come_nor_go() -> None:
    assert len(press("add", "items").rows["items"]) == 3
    assert len(press("remove", "items-A").rows["items"]) == 3


def upload(name: str, data: bytes) -> list[tuple[str, io.BytesIO]]:
    return [(name, io.BytesIO(data))]


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("证.pdf", b"%PDF-1.7 x", None),
        ("证.exe", b"MZ", "「证.exe」不是允许的格式（PDF / JPG / JPEG / PNG）"),
        ("证.pdf", b"MZ....", "「证.pdf」的内容与后缀不符，请换成可以打开的文件"),
        ("证.pdf", b"", "「证.pdf」是空文件"),
        ("证.pdf", b"%PDF" + b"0" * 1_200_000, "「证.pdf」有 1.1 MB，超过单个文件 1 MB 的上限"),
    ],
)
def test_a_file_is_judged_when_it_arrives(name: str, data: bytes, said: str | None) -> None:
    bound = FORM.bind(
        "zh", formdata=MultiDict({"_save": "1"}), uploads={"permit_file": upload(name, data)}, facts=FACTS
    )
    assert [each.text for each in bound.errors()] == ([said] if said else [])
    assert ("permit_file" in bound.uploads) == (said is None)


def test_a_kept_file_stays_and_a_dropped_one_goes() -> None:
    bound = bind(_drop="proof:2")
    assert bound.wants == "drop"
    assert bound.drop == ["2"]
    assert bound.answers()["proof"] == []
    assert bind().answers()["proof"][0]["name"] == "proof.pdf"


def test_the_answers_are_read_back_in_words() -> None:
    lines = {line.label: line for part in bind().parts() for line in part.lines}
    assert lines["拟选聘企业"].value == "青禾物业服务有限公司"
    assert lines["总建筑面积"].value == "17,680.50 ㎡"
    assert lines["预计交付日期"].value == "2027年6月30日"
    assert lines["楼栋"].value == "2 栋"
    assert lines["楼栋"].rows[1] == ("2", "地下车库", "1", "5,000.00 ㎡", "—")
    english = {line.label: line.value for part in bind("en").parts() for line in part.lines}
    assert english["Proposed enterprise"] == "Qinghe Property Service"
    assert english["Expected delivery"] == "2027-06-30"


def test_the_steps_say_how_far_each_section_is() -> None:
    steps = {each.label: each.says for each in bind(contact="").steps()}
    assert steps["建设单位"] == "1 处待改"
    assert steps["项目概况"] == "已完成"
    fresh = FORM.bind("zh", facts=FACTS)
    assert {each.says for each in fresh.steps()} == {"未填写"}
    assert fresh.after("Part_developer") == "Part_project"


def test_nothing_a_visitor_sends_breaks_the_form() -> None:
    strange = MultiDict(
        [
            ("_remove", "x"),
            ("buildings-", "1"),
            ("buildings-a-b-c", "1"),
            ("buildings-0-area", "9" * 400),
            ("delivery", "0000-00-00"),
            ("method", "\x00"),
            ("_section", "moon"),
            ("_drop", ""),
            ("_add", "buildings"),
        ]
    )
    bound = FORM.bind("zh", formdata=strange, facts=FACTS, today=TODAY)
    bound.validate()
    bound.page()
    bound.answers()


def test_all_rows_together_are_judged_by_what_the_list_must_be() -> None:
    raw = {
        "type": "default", "id": "points", "components": [{
            "type": "group", "id": "Part", "label": "评分", "components": [{
                "type": "dynamiclist", "id": "Field_criteria", "path": "criteria", "label": "评分标准",
                "components": [{"type": "number", "id": "Field_points", "key": "points", "label": "满分"}],
                "properties": {
                    "must": "=sum(criteria.points) = 100",
                    "mustMessage": "评分标准的满分合计应为 100 分",
                    "mustMessage.en": "The points must add up to 100",
                },
            }],
        }],
    }  # fmt: skip
    form = forms.read(raw)

    def said(lang: str, *points: str) -> list[str]:
        data = MultiDict({f"criteria-{n}-points": value for n, value in enumerate(points)})
        bound = form.bind(lang, formdata=data)
        bound.validate()
        return [each.text for each in bound.errors()]

    assert said("zh", "40", "60") == []
    assert said("zh", "40", "59.5") == ["评分标准的满分合计应为 100 分"]
    assert said("en", "40", "") == ["The points must add up to 100"]


def test_a_list_begins_with_the_rows_of_its_default_until_something_is_typed() -> None:
    raw = {
        "type": "default", "id": "rooms", "components": [{
            "type": "group", "id": "Part", "label": "用房", "components": [{
                "type": "dynamiclist", "id": "Field_rooms", "path": "rooms", "label": "用房",
                "components": [{"type": "textfield", "id": "Field_code", "key": "code", "label": "编号"}],
                "properties": {"default": "=register[item.free]"},
            }],
        }],
    }  # fmt: skip
    form = forms.read(raw)
    register = [{"code": "YF-01", "free": True}, {"code": "YF-02", "free": False}]

    def codes(**given: Any) -> list[str | None]:
        return [
            row["code"] for row in form.bind("zh", facts={"register": register}, **given).answers()["rooms"]
        ]

    assert codes() == ["YF-01"]
    assert codes(values={"rooms": [{"code": "YF-09"}]}) == ["YF-09"]
    assert codes(formdata=MultiDict({"_section": "Part", "rooms-0-code": "YF-05"})) == ["YF-05"]


def test_one_answer_is_judged_by_what_it_must_be() -> None:
    raw = {
        "type": "default", "id": "terms", "components": [{
            "type": "group", "id": "Part", "label": "价格", "components": [{
                "type": "number", "id": "Field_price", "key": "price", "label": "单价", "decimalDigits": 2,
                "validate": {"required": True},
                "properties": {
                    "must": "=price = won.price",
                    "mustMessage": "单价应与中标单价一致",
                    "mustMessage.en": "The price must be the winning price",
                },
            }],
        }],
    }  # fmt: skip
    form = forms.read(raw)

    def said(lang: str, price: str) -> list[str]:
        bound = form.bind(
            lang, formdata=MultiDict({"price": price}), facts={"won": {"price": Decimal("2.35")}}
        )
        bound.validate()
        return [each.text for each in bound.errors()]

    assert said("zh", "2.35") == []
    assert said("zh", "2.36") == ["单价应与中标单价一致"]
    assert said("en", "2.34") == ["The price must be the winning price"]
    assert len(said("zh", "")) == 1, "a question left open has one mistake"


def test_a_question_that_no_offered_answer_brings_up_is_left_out() -> None:
    way = {"type": "radio", "id": "Way", "key": "way", "label": "招标方式"}
    way["valuesExpression"] = (
        '=concatenate([{"value": "public", "label": "公开招标"}], '
        'if large then [] else [{"value": "invited", "label": "邀请招标"}])'
    )
    why = {"type": "textfield", "id": "Why", "key": "why", "label": "理由"}
    why["conditional"] = {"hide": '=not(way = "invited")'}
    section = {"type": "group", "id": "S", "label": "方式", "components": [way, why]}
    form = forms.read({"type": "default", "id": "f", "components": [section]})

    def shown(*, large: bool) -> list[pieces.Question]:
        (block,) = form.bind("zh", facts={"large": large}, today=TODAY).page()
        return [part.question for part in block.parts]

    assert [each.key for each in shown(large=True)] == ["way"]
    way_q, why_q = shown(large=False)
    assert (way_q.key, why_q.key) == ("way", "why")
    assert why_q.only_if == "仅当「招标方式」为「邀请招标」时填写"
    done = form.bind("zh", facts={"large": True}, values={"way": "invited"}, today=TODAY, done=True)
    assert done.parts()[0].lines[0].value == "邀请招标", "an answer that is offered no more keeps its words"


def _part(*inside: dict[str, object], **more: object) -> dict[str, object]:
    return {"type": "group", "id": f"S{len(inside)}", "label": "部分", "components": list(inside), **more}


def test_what_is_computed_in_a_part_that_is_brought_up_later_is_there_already() -> None:
    answer = {"type": "radio", "id": "A", "key": "answer", "label": "意见"}
    answer["values"] = [{"label": word, "value": word} for word in ("agree", "changes")]
    name = {"type": "expression", "id": "N", "key": "name", "label": "乙方", "expression": "=said.name"}
    unknown = {**name, "id": "U", "key": "unknown", "expression": '=string join(["甲", "乙"], "、")'}
    rows = {
        "type": "dynamiclist",
        "id": "L",
        "path": "rows",
        "label": "清单",
        "components": [{**name, "id": "C"}],
    }
    rows["properties"] = {"rowsFrom": "=[{said: {name: one}}]"}
    hide = {"hide": '=answer != "agree"'}
    raw = [_part(answer), _part(name, unknown, rows, conditional=hide)]
    form = forms.read({"type": "default", "id": "late", "components": raw})
    facts = {"said": {"name": "云河物业"}, "one": "一期"}
    _first, late = form.bind("zh", facts=facts, today=TODAY).page()
    (reckoned, listed) = late.parts
    assert [each.value for each in reckoned.parts] == ["云河物业", "甲、乙"]
    assert listed.lines[0].cells[0][0].value == "一期"
    assert "name" not in form.bind("zh", facts=facts, today=TODAY).answers(), "it does not apply yet"


def test_what_was_computed_stands_as_it_was_when_the_answers_are_read() -> None:
    price = {
        "type": "expression",
        "id": "P",
        "key": "price",
        "label": "收费标准",
        "expression": "=yuan(asked)",
    }
    cell = {**price, "id": "C", "expression": "=yuan(item)"}
    rows = {"type": "dynamiclist", "id": "L", "path": "rows", "label": "清单", "components": [cell]}
    rows["properties"] = {"rowsFrom": "=each"}
    form = forms.read({"type": "default", "id": "done", "components": [_part(price, rows)]})
    lent = {"yuan": lambda _scope, number: {"zh": f"{number} 元", "en": f"{number} yuan"}}
    said = form.bind("zh", facts={"asked": 2, "each": [3]}, functions=lent, today=TODAY).answers()
    later = form.bind(
        "en", values=said, facts={"asked": 9}, rows={"rows": said["rows"]}, today=TODAY, done=True
    )
    first, second = later.parts()[0].lines
    assert (first.value, second.rows) == ("2 yuan", (("3 yuan",),))


def test_two_answers_are_compared_question_by_question_and_row_by_row() -> None:
    text = {"type": "textarea", "id": "T", "key": "text", "label": "约定"}
    file = {"type": "filepicker", "id": "F", "key": "file", "label": "附件"}
    name = {"type": "textfield", "id": "N", "key": "name", "label": "名称"}
    rows = {"type": "dynamiclist", "id": "L", "path": "rows", "label": "设施", "components": [name]}
    rows["components"] = [name, {**name, "id": "A", "key": "area", "label": "面积"}]
    form = forms.read({"type": "default", "id": "f", "components": [_part(text, file, rows)]})

    def parts(lang: str, text: str, file: str, *rows: tuple[str, str]) -> list[forms.Part]:
        said = {"text": text, "rows": [{"name": name, "area": area} for name, area in rows]}
        kept = {"file": [forms.Stored(file, "清单.pdf", 9)]}
        return form.bind(lang, values=said, files=kept, today=TODAY).parts()

    long, same = "甲" * 300, [("大门", "3"), ("泵房", "8")]
    one = parts("zh", f"{long}八时{long}", "1", *same, ("车棚", "20"))
    other = parts("zh", f"{long}九时{long}", "2", ("围墙", "5"), ("大门", "3"), ("泵房", "9"))
    around = "甲" * 24
    assert [(each.label, each.before, each.after) for each in forms.changes(one, other, "zh")] == [
        ("约定", f"…{around}八时{around[1:]}…", f"…{around}九时{around[1:]}…"),
        ("附件", "清单.pdf", "清单.pdf"),
        ("设施：围墙", "—", "名称：围墙\n面积：5"),
        ("设施：泵房", "面积：8", "面积：9"),
        ("设施：车棚", "名称：车棚\n面积：20", "—"),
    ]
    assert forms.changes(one, one, "zh") == []


def test_the_files_that_are_judged_stand_beneath_their_option() -> None:
    ticks = {"type": "checklist", "id": "C", "key": "checked", "label": "已核对", "properties": {}}
    ticks["values"] = [{"label": word, "value": word} for word in ("contract", "list")]
    ticks["properties"] = {"papers": "={contract: sent, corrected: null}"}
    form = forms.read({"type": "default", "id": "f", "components": [_part(ticks)]})
    kept = [{"id": "7", "name": {"zh": "补正材料：合同", "en": "Corrected: 合同"}, "size": 9}]
    (block,) = form.bind("en", facts={"sent": kept}, today=TODAY).page()
    choices = block.parts[0].question.choices
    assert [[each.name for each in one.files] for one in choices] == [["Corrected: 合同"], []]
    assert form.reads == {"sent"}


def test_a_row_whose_choices_are_computed_does_not_name_a_choice_by_its_value() -> None:
    way = {"type": "select", "id": "Way", "key": "way", "label": "结论", "valuesExpression": '=[{"value": "no", "label": "不合格"}]'}  # fmt: skip
    why = {"type": "textfield", "id": "Why", "key": "why", "label": "理由", "conditional": {"hide": '=way != "no"'}}  # fmt: skip
    rows = {"type": "dynamiclist", "id": "R", "path": "rows", "label": "逐家", "components": [way, why]}
    rows |= {"isRepeating": True, "defaultRepetitions": 1, "properties": {"rowUnit": "家", "maxRows": "9"}}
    section = {"type": "group", "id": "S", "label": "审查", "components": [rows]}
    form = forms.read({"type": "default", "id": "f", "components": [section]})
    said = repr(form.bind("zh", facts={}, today=TODAY).page())
    assert "视前面的回答填写" in said
    assert "为no" not in said


def test_money_stands_in_its_field_with_all_its_decimals() -> None:
    raw = {"type": "number", "id": "Field_price", "key": "price", "label": "单价", "decimalDigits": 2}
    raw |= {"properties": {"label.en": "Price", "kind": "money"}}
    part = {"type": "group", "id": "Part_price", "label": "报价", "components": [raw]}
    source = {"type": "default", "id": "prices", "schemaVersion": 18, "components": [part]}
    form = forms.read(json.dumps(source))
    for value, shown in ((Decimal("1.2"), "1.20"), (Decimal(60), "60.00"), (Decimal("1.205"), "1.205")):
        bound = form.bind("zh", values={"price": value}, today=TODAY)
        assert [p.question.value for b in bound.page() for p in b.parts] == [shown]
