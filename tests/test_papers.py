"""Papers are complete before they have a number, prove themselves, and never change after they were issued."""

from __future__ import annotations

import hashlib
import io
import threading
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from docx import Document
from flask import Flask

from casework import clock, files, papers, yaml
from casework.errors import Conflict, NotYet, OfficeError, Refused, Unknown
from casework.papers import blanks, codes, numbering, printing
from casework.people import Organisation, Post, User

ROOT = Path(__file__).resolve().parents[1]
REFUSAL = (ROOT / "workflows/exemption/papers/refusal.docx").read_bytes()
CONFIRMATION = (ROOT / "workflows/acceptance/papers/confirmation.docx").read_bytes()
KIND = papers.Kind(
    "D18", "不予批准决定书", "refusal", REFUSAL, "云房物", ("answers.refuse_facts", "answers.remedies")
)
REASONS = "经查，投标截止时投标人为四个，不属于投标人少于三个的情形。"
REMEDIES = "如不服本决定，可以自收到之日起六十日内向云河区人民政府申请行政复议，或者六个月内向云河区人民法院提起行政诉讼。"
DATA: dict[str, Any] = {
    "case": {"number": "XP-2026-0007"},
    "project": {"name": "柳岸花园", "address": "云河区柳岸路18号", "gfa_total": Decimal("110340.5")},
    "starter": {"name": "云河区示范房地产开发有限公司", "code": "91999999MA0000000X"},
    "answers": {
        "refuse_facts": REASONS,
        "refuse_basis": "物业管理条例第二十四条第二款",
        "remedies": REMEDIES,
    },
    "accepted_on": date(2026, 11, 9),
}
MORNING = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)


class Office:
    """A bureau with a clerk, a foreign clerk, and a case to issue papers in."""

    def __init__(self, db: Any) -> None:
        self.db = db
        self.bureau = Organisation(kind="bureau", name="云河区住房和城乡建设局")
        other = Organisation(kind="bureau", name="青山区住房和城乡建设局")
        db.session.add_all([self.bureau, other])
        db.session.flush()
        self.clerk, self.stranger = self._post(self.bureau, "bur1"), self._post(other, "bur2")
        self.case_id = self._case()
        self.name = papers.Office(self.bureau.id, self.bureau.name)
        db.session.commit()

    def _post(self, organisation: Organisation, login: str) -> Post:
        user = User(login=login, name="经办", password_hash="x")
        self.db.session.add(user)
        self.db.session.flush()
        post = Post(user_id=user.id, organisation_id=organisation.id, role="head", starts_on=date(2026, 1, 1))
        self.db.session.add(post)
        self.db.session.flush()
        return post

    def _case(self) -> int:
        """A bare row: what a case is belongs to other tests."""
        from casework.cases.model import Case  # noqa: PLC0415  with the office open
        from casework.procedures import Version  # noqa: PLC0415

        version = Version(key="exemption", sha256="0" * 64, archive=b"", created_at=MORNING)
        self.db.session.add(version)
        self.db.session.flush()
        case = Case(
            number="XP-2026-0007", version_id=version.id, key="exemption", title="协议方式选聘", state="", facts={},
            variables={}, starter_organisation_id=self.bureau.id, opened_at=MORNING,
        )  # fmt: skip
        self.db.session.add(case)
        self.db.session.flush()
        return int(case.id)

    def issue(self, kind: papers.Kind = KIND, data: dict[str, Any] = DATA, **more: Any) -> papers.Paper:
        with clock.at(MORNING):
            return papers.issue(case_id=self.case_id, kind=kind, office=self.name, data=data, **more)

    def printed(self, paper: papers.Paper) -> bytes:
        wanted = printing.order(paper.id)
        made = printing.docx(wanted)
        printing.file(wanted, printing.Printed(made, None), files.store)
        return made


@pytest.fixture
def office(app: Flask, db: Any) -> Office:
    return Office(db)


def words(docx: bytes) -> str:
    document = Document(io.BytesIO(docx))
    cells = [p.text for t in document.tables for row in t.rows for cell in row.cells for p in cell.paragraphs]
    return "\n".join([*(p.text for p in document.paragraphs), *cells])


def without(data: dict[str, Any], path: str, value: Any = None) -> dict[str, Any]:
    first, _dot, rest = path.partition(".")
    return {**data, first: without(data[first], rest, value) if rest else value}


# ------------------------------------------------------------------------------------------ numbers


def test_numbers_follow_each_other_within_office_series_and_year(office: Office) -> None:
    first, second = office.issue(), office.issue()
    other = office.issue(replace(KIND, series="云房受"))
    assert [first.number, second.number, other.number] == [
        "云房物〔2026〕1号",
        "云房物〔2026〕2号",
        "云房受〔2026〕1号",
    ]
    with clock.at(datetime(2026, 12, 31, 16, 0, tzinfo=UTC)):  # 2027-01-01 00:00 in the office
        later = papers.issue(case_id=office.case_id, kind=KIND, office=office.name, data=DATA)
    assert later.number == "云房物〔2027〕1号"
    assert later.data["paper"]["date"] == date(2027, 1, 1)


def test_a_number_that_is_rolled_back_is_given_again(office: Office, db: Any) -> None:
    office.issue()
    db.session.commit()
    office.issue()
    db.session.rollback()
    assert office.issue().number == "云房物〔2026〕2号"


def test_a_refused_issue_takes_no_number(office: Office) -> None:
    with pytest.raises(papers.Incomplete):
        office.issue(data=without(DATA, "answers.remedies"))
    assert office.issue().serial == 1


def test_two_at_once_get_consecutive_numbers(app: Flask, office: Office, db: Any) -> None:
    together, taken, faults = threading.Barrier(8), [], []

    def work() -> None:
        with app.app_context():
            try:
                together.wait(20)
                for _each in range(3):
                    paper = papers.issue(case_id=case_id, kind=KIND, office=name, data=DATA)
                    taken.append(paper.serial)
                    db.session.commit()
            except Exception as fault:  # noqa: BLE001  shown by the test
                faults.append(fault)
            finally:
                db.session.remove()

    case_id, name = office.case_id, office.name
    db.session.commit()
    threads = [threading.Thread(target=work) for _each in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not faults
    assert sorted(taken) == list(range(1, 25))


@pytest.mark.parametrize("good", ["云房物〔2026〕5号", "国发〔2012〕33号", "云房物验〔2026〕117号"])
def test_t92_a_well_formed_number_is_valid(good: str) -> None:
    assert numbering.valid(good)


@pytest.mark.parametrize(
    "bad",
    ["云房物[2026]5号", "云房物[2026]第05号", "云房物〔2026〕05号", "云房物〔2026〕第5号", "云房物（2026）5号", "云房物〔26〕5号",
     "云房物〔2026〕0号", "云房物〔2026〕5", "〔2026〕5号", "云房物〔2026〕5号 ", "XP〔2026〕5号"],
)  # fmt: skip
def test_t92_a_malformed_number_is_not(bad: str) -> None:
    assert not numbering.valid(bad)


def test_every_number_that_is_issued_is_valid(office: Office) -> None:
    assert numbering.valid(office.issue().number)


def test_a_form_without_a_series_has_no_number(office: Office) -> None:
    document = Document()
    document.add_paragraph("{{ case.number }}")
    kind = papers.Kind("F1", "登记表", "form", saved(document))
    first, second = office.issue(kind), office.issue(kind)
    assert (first.number, first.serial, second.serial) == ("", None, None)


# ------------------------------------------------------------------------------------------ completeness


@pytest.mark.parametrize(
    ("path", "value"),
    [("answers.refuse_facts", None), ("answers.refuse_facts", "  "), ("answers.remedies", None), ("answers.remedies", ""),
     ("answers.refuse_basis", None), ("starter.name", None), ("project.name", "")],
)  # fmt: skip
def test_t48_a_refusal_without_reasons_or_remedies_cannot_be_issued(
    office: Office, path: str, value: Any
) -> None:
    """行政许可法 第三十八条."""
    with pytest.raises(papers.Incomplete) as refusal:
        office.issue(data=without(DATA, path, value))
    assert path in refusal.value.missing
    assert path in str(refusal.value)
    assert not papers.of(office.case_id)


def test_t48_a_template_without_the_remedies_cannot_be_issued_either(office: Office) -> None:
    document = Document()
    document.add_paragraph("{{ answers.refuse_facts }}")
    kind = replace(KIND, docx=saved(document))
    with pytest.raises(papers.BadTemplate, match=r"answers\.remedies"):
        papers.check(kind)
    with pytest.raises(papers.Incomplete, match=r"answers\.remedies"):
        office.issue(kind)


def test_a_confirmation_without_all_stamps_cannot_be_issued(office: Office) -> None:
    kind = papers.Kind("D23", "确认书", "confirmation", CONFIRMATION, "云房验")
    data = confirmation(3)
    data["matrix"][1]["stamps"].pop("社区居委会")
    with pytest.raises(papers.Incomplete) as refusal:
        office.issue(kind, data)
    assert "matrix[2].stamps.社区居委会.verdict" in refusal.value.missing
    assert office.issue(kind, confirmation(3)).number == "云房验〔2026〕1号"
    with pytest.raises(papers.Incomplete, match="matrix"):
        office.issue(kind, {**confirmation(1), "matrix": []})


def test_a_blank_of_the_wrong_kind_is_named(office: Office) -> None:
    with pytest.raises(papers.Incomplete, match="matrix"):
        office.issue(
            papers.Kind("D23", "确认书", "c", CONFIRMATION, ""), without(confirmation(1), "matrix", "nothing")
        )
    data = confirmation(1)
    data["matrix"][0]["built"] = "很多"
    with pytest.raises(papers.Incomplete, match=r"built\|两位"):
        office.issue(papers.Kind("D23", "确认书", "c", CONFIRMATION, ""), data)


LANES = ("区房管局", "街道办事处", "社区居委会", "物业服务企业")


def confirmation(count: int) -> dict[str, Any]:
    """What a confirmation of so many items says, every stamp given."""
    stamp = {"verdict": "确认", "person": "王某某", "on": date(2026, 11, 20)}
    rows = [
        {"index": index, "class": "社区用房", "code": f"SQ-{index}", "name": f"用房{index}",
         "location": "1幢", "built": Decimal("20.5"), "unit": "平方米", "owner": "全体业主共有",
         "stamps": dict.fromkeys(LANES, stamp)}
        for index in range(1, count + 1)
    ]  # fmt: skip
    return {**DATA, "matrix": rows, "parties": {lane: {"organisation": lane} for lane in LANES}}


# ------------------------------------------------------------------------------------------ proof


def test_the_fingerprint_covers_what_is_said_and_with_which_template(office: Office) -> None:
    first, second = office.issue(), office.issue()
    assert first.fingerprint == papers.fingerprint(first.data, first.template_sha256)
    assert first.template_sha256 == hashlib.sha256(REFUSAL).hexdigest()
    changed = {**first.data, "answers": {**first.data["answers"], "remedies": "无"}}
    assert papers.fingerprint(changed, first.template_sha256) != first.fingerprint
    assert papers.fingerprint(first.data, "0" * 64) != first.fingerprint
    assert first.fingerprint != second.fingerprint


def test_the_fingerprint_is_the_same_after_the_database_has_kept_it(office: Office, db: Any) -> None:
    paper = office.issue()
    db.session.commit()
    db.session.expire_all()
    assert papers.fingerprint(paper.data, paper.template_sha256) == paper.fingerprint


def test_a_code_finds_its_paper_however_it_is_typed(office: Office, db: Any) -> None:
    paper = office.issue()
    db.session.commit()
    shown = codes.shown(paper.verification)
    assert len(paper.verification) == 16
    assert paper.data["paper"]["code"] == shown
    assert paper.data["paper"]["verify_url"].endswith(f"/verify/{paper.verification}")
    for typed in (
        shown,
        shown.lower(),
        paper.verification,
        f" {shown} ",
        shown.replace("0", "O").replace("1", "l"),
    ):
        assert papers.find(typed).id == paper.id


@pytest.mark.parametrize(
    "typed", ["", "AAAA", "' OR 1=1 --", "0" * 15 + "1", "\u0000" * 16, "０" * 16, "U" * 16]
)
def test_an_invented_code_finds_nothing(office: Office, typed: str) -> None:
    with pytest.raises(Unknown):
        papers.find(typed)


def test_every_slip_of_one_symbol_and_every_swap_is_noticed() -> None:
    for _each in range(20):
        code = codes.new()
        assert codes.read(code) == code
        for at in range(16):
            for symbol in codes.SYMBOLS:
                if symbol != code[at]:
                    assert codes.read(code[:at] + symbol + code[at + 1 :]) is None
        for one in range(16):
            for two in range(one + 1, 16):
                if code[one] != code[two]:
                    swapped = list(code)
                    swapped[one], swapped[two] = code[two], code[one]
                    assert codes.read("".join(swapped)) is None


def test_codes_do_not_repeat() -> None:
    assert len({codes.new() for _each in range(5000)}) == 5000


# ------------------------------------------------------------------------------------------ afterwards


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("number", "云房物〔2026〕9号"),
        ("data", {}),
        ("fingerprint", "0" * 64),
        ("title", "批复"),
        ("verification", "0" * 16),
        ("case_id", 2),
    ],
)
def test_what_was_said_never_changes(office: Office, db: Any, name: str, value: Any) -> None:
    paper = office.issue()
    db.session.commit()
    setattr(paper, name, value)
    with pytest.raises(papers.Unalterable):
        db.session.flush()


def test_a_paper_cannot_be_deleted_and_its_files_not_exchanged(office: Office, db: Any) -> None:
    paper = office.issue()
    office.printed(paper)
    db.session.commit()
    paper.docx_sha256 = "0" * 64
    with pytest.raises(papers.Unalterable):
        db.session.flush()
    db.session.rollback()
    db.session.delete(paper)
    with pytest.raises(papers.Unalterable):
        db.session.flush()


def test_a_correction_is_a_new_paper_and_the_old_one_says_so(office: Office, db: Any) -> None:
    old = office.issue()
    new = office.issue(supersedes=old, reason="企业名称有误", by=office.clerk)
    db.session.commit()
    assert (old.state, old.reason, new.state) == ("superseded", "企业名称有误", "genuine")
    assert papers.successor(old).id == new.id
    assert papers.successor(new) is None
    with pytest.raises(Conflict):
        office.issue(supersedes=old, reason="再次更正", by=office.clerk)


def test_a_withdrawn_paper_keeps_its_number_and_reason(office: Office, db: Any) -> None:
    paper = office.issue()
    papers.withdraw(paper, "申请人提交虚假材料", by=office.clerk)
    assert (paper.state, str(paper.state_name)) == ("withdrawn", "已撤回")
    assert office.issue().serial == 2
    with pytest.raises(Conflict):
        papers.withdraw(paper, "又一次", by=office.clerk)


def test_nobody_but_the_issuing_office_tends_a_paper_and_never_without_a_reason(
    office: Office, db: Any
) -> None:
    paper = office.issue()
    for act in (
        lambda: papers.withdraw(paper, "理由", by=office.stranger),
        lambda: papers.attach_scan(paper, 1, "0" * 64, by=office.stranger),
        lambda: office.issue(supersedes=paper, reason="理由", by=office.stranger),
    ):
        with pytest.raises(Refused):
            act()
    with pytest.raises(NotYet):
        papers.withdraw(paper, " ", by=office.clerk)
    assert paper.state == "genuine"


def test_the_scan_of_the_stamped_copy_lies_beside_the_number(office: Office, db: Any) -> None:
    paper = office.issue()
    scan = files.store("盖章件.pdf", "pdf", b"%PDF-1.7 scan")
    papers.attach_scan(paper, scan.id, scan.sha256, by=office.clerk)
    db.session.commit()
    found = papers.compare(b"%PDF-1.7 scan", lambda file_id: b"")
    assert (found.answer, found.paper.id) == ("same file", paper.id)


# ------------------------------------------------------------------------------------------ the Word file


def test_the_word_file_says_what_was_issued(office: Office) -> None:
    paper = office.issue()
    text = words(office.printed(paper))
    for part in (
        paper.number,
        "2026年11月23日",
        "2026年11月9日",
        REASONS,
        REMEDIES,
        "云河区住房和城乡建设局",
        codes.shown(paper.verification),
        paper.fingerprint[:16],
    ):
        assert part in text
    assert "{{" not in text
    assert "{%" not in text


def test_the_same_paper_always_gives_the_same_bytes(office: Office, db: Any) -> None:
    paper = office.issue()
    first = office.printed(paper)
    db.session.commit()
    assert printing.docx(printing.order(paper.id)) == first
    assert paper.docx_sha256 == hashlib.sha256(first).hexdigest()


def test_printing_twice_files_once(office: Office, db: Any) -> None:
    paper = office.issue()
    office.printed(paper)
    kept = paper.docx_id
    office.printed(paper)
    assert paper.docx_id == kept


def test_properties_carry_the_fingerprint_and_the_number(office: Office) -> None:
    paper = office.issue()
    with zipfile.ZipFile(io.BytesIO(office.printed(paper))) as archive:
        custom = archive.read("docProps/custom.xml").decode()
        assert b"custom-properties" in archive.read("_rels/.rels")
        assert b"/docProps/custom.xml" in archive.read("[Content_Types].xml")
        assert len(archive.namelist()) == len(set(archive.namelist()))
    assert paper.fingerprint in custom
    assert paper.number in custom


def test_signs_of_markup_and_line_breaks_survive(office: Office) -> None:
    text = '甲 < 乙 & "丙" {{ 7*7 }} {% x %}\n第二段'
    document = Document(
        io.BytesIO(office.printed(office.issue(data=without(DATA, "answers.refuse_facts", text))))
    )
    lines = [paragraph.text for paragraph in document.paragraphs]
    assert '甲 < 乙 & "丙" {{ 7*7 }} {% x %}' in lines
    assert "第二段。" in lines, "the paper ends the sentence itself"


def test_signs_that_word_cannot_hold_are_left_out(office: Office) -> None:
    data = without(DATA, "answers.refuse_facts", "甲\x00\x0b\f\u202e乙\ufffe" + "丙" * 20)
    assert "甲乙丙丙" in words(office.printed(office.issue(data=data)))


def test_an_issued_paper_can_be_handed_in_as_an_attachment(office: Office) -> None:
    files.keep("决定书.docx", office.printed(office.issue()))


def test_compare_tells_the_issued_file_from_a_saved_and_from_a_changed_one(office: Office, db: Any) -> None:
    paper = office.issue()
    made = office.printed(paper)
    db.session.commit()

    def read(file_id: int) -> bytes:
        return files.read(db.session.get(files.File, file_id))

    assert papers.compare(made, read).answer == "same file"
    saved_again = saved(Document(io.BytesIO(made)))
    assert papers.compare(saved_again, read).answer == "same words"
    forged = Document(io.BytesIO(made))
    forged.paragraphs[-1].insert_paragraph_before("同意。")
    found = papers.compare(saved(forged), read)
    assert (found.answer, found.paper.id) == ("changed", paper.id)
    for foreign in (saved(Document()), b"%PDF-1.4 x", b"", b"PK\x03\x04"):
        assert papers.compare(foreign, read).answer == "unknown"
    for answer in ("same file", "same words", "changed", "unknown"):
        assert str(papers.Comparison(answer, None).says)


# ------------------------------------------------------------------------------------------ templates


def saved(document: Any) -> bytes:
    made = io.BytesIO()
    document.save(made)
    return made.getvalue()


def template(text: str, place: str = "body") -> bytes:
    document = Document()
    if place == "body":
        document.add_paragraph(text)
    elif place == "header":
        document.sections[0].header.paragraphs[0].text = text
    elif place == "footer":
        document.sections[0].footer.paragraphs[0].text = text
    elif place == "split":  # as Word cuts a blank into runs
        paragraph = document.add_paragraph()
        for sign in text:
            paragraph.add_run(sign)
    else:
        setattr(document.core_properties, place, text)
    return saved(document)


BAD = [
    "{{ ''.__class__.__mro__ }}", "{{ case.__class__ }}", "{{ cycler.__init__.__globals__.os.popen('x') }}",
    "{{ joiner.__init__.__globals__ }}", "{{ lipsum() }}", "{{ case.number.upper() }}", "{{ 'x' * 999999999 }}",
    "{{ range(999999999) }}", "{{ case['number'] }}", "{{ case|attr('x') }}", "{{ case|pprint }}", "{{ 7 * 7 }}",
    "{{ [1,2] }}", "{{ case.a ~ case.b }}", "{{ case.number|date|safe }}", "{{ case.number|date('x') }}",
    "{% set x = 1 %}", "{% import 'x' as y %}", "{% include 'x' %}", "{% extends 'x' %}", "{% macro m() %}{% endmacro %}",
    "{% raw %}{% endraw %}{% call m() %}{% endcall %}", "{% for a in case.x if a %}{% endfor %}",
    "{% for a in case.x recursive %}{% endfor %}", "{% for a, b in case.x %}{% endfor %}", "{% for a in [1] %}{% endfor %}",
    "{% for a in case.x %}{% for b in a.y %}{% for c in b.z %}{{ c }}{% endfor %}{% endfor %}{% endfor %}",
    "{% if case.x is defined %}{% endif %}", "{% if case.x > 1 %}{% endif %}", "{% if case.x == case.y %}{% endif %}",
    "{% if 'a' in case.x %}{% endif %}", "{{ case.number if case.x else case.y }}", "{% filter upper %}{% endfilter %}",
    "{% with a = 1 %}{% endwith %}", "{% do x %}", "{{ case. }}", "{% if case.x %}", "{{ self.x() }}", "{{ _x }}",
    "{% autoescape false %}{{ case.x }}{% endautoescape %}", "{% block b %}{% endblock %}",
    "{% if case.a %}" * 8 + "x" + "{% endif %}" * 8,
]  # fmt: skip


@pytest.mark.parametrize("text", BAD)
@pytest.mark.parametrize("place", ["body", "split", "header"])
def test_a_template_with_anything_but_blanks_is_refused_with_a_sentence(text: str, place: str) -> None:
    with pytest.raises(papers.BadTemplate) as refusal:
        blanks.read(template(text, place))
    assert str(refusal.value).endswith("。")


@pytest.mark.parametrize("place", ["title", "author", "comments", "subject", "keywords", "category"])
def test_blanks_in_the_properties_are_refused(place: str) -> None:
    """docxtpl renders these too: code in them ran (trust.md 3.11)."""
    with pytest.raises(papers.BadTemplate):
        blanks.read(template("{{ cycler.__init__.__globals__ }}", place))


@pytest.mark.parametrize(
    "text",
    ["{{ case.number }}", "{{ parties.区房管局.organisation }}", "{{ paper.date|日期 }}", "{{ x|area }}", "{# note #}",
     "{% if a and not b or c %}x{% elif d == 'x' %}y{% else %}z{% endif %}", "{% for a in b.c %}{{ loop.index|序号 }}{{ a }}{% endfor %}",
     "{% for a in b %}{% for c in a.d %}{{ c.e }}{% endfor %}{% else %}none{% endfor %}"],
)  # fmt: skip
@pytest.mark.parametrize("place", ["body", "split", "footer"])
def test_blanks_are_let_through(text: str, place: str) -> None:
    blanks.read(template(text, place))


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"x" * 100])
def test_what_is_no_word_file_is_no_template(data: bytes) -> None:
    with pytest.raises(papers.BadTemplate):
        blanks.read(data)


def test_a_template_with_a_macro_is_refused() -> None:
    made = io.BytesIO(template("{{ case.number }}"))
    with zipfile.ZipFile(made, "a") as archive:
        archive.writestr("word/vbaProject.bin", b"x")
    with pytest.raises(papers.BadTemplate):
        blanks.read(made.getvalue())


def test_an_answer_called_items_is_an_answer_and_not_a_method(office: Office) -> None:
    kind = papers.Kind("F", "表", "t", template("{% for one in answers.items %}{{ one.name }};{% endfor %}"))
    paper = office.issue(kind, {"answers": {"items": [{"name": "甲"}, {"name": "乙"}]}})
    assert "甲;乙;" in words(printing.docx(printing.order(paper.id)))
    with pytest.raises(papers.Incomplete):
        office.issue(kind, {"answers": {"values": 1}})


def test_a_guarded_blank_may_be_empty(office: Office) -> None:
    kind = papers.Kind("F", "表", "t", template("{% if a.b.c %}{{ a.b.c }}{% else %}无{% endif %}"))
    assert "无" in words(printing.docx(printing.order(office.issue(kind, {"case": {}}).id)))
    assert "有" in words(printing.docx(printing.order(office.issue(kind, {"a": {"b": {"c": "有"}}}).id)))


@pytest.mark.parametrize(
    "folder", sorted(ROOT.glob("workflows/*/papers/*.docx")), ids=lambda p: f"{p.parts[-3]}/{p.name}"
)
def test_every_template_of_ours_holds_only_blanks_and_real_typefaces(folder: Path) -> None:
    data = folder.read_bytes()
    # a dossier is drawn up for its reader and not issued: it has no number that could be verified
    wanted = set() if folder.name == "dossier.docx" else {"paper.code", "paper.fingerprint", "paper.qr"}
    file = folder.parents[1] / "procedure.yaml"
    about = yaml.read(file.read_text("utf-8"))["papers"] if file.is_file() else {}
    kinds = {one.get("kind") for one in about.values() if one["template"] == folder.stem}
    if kinds & {"official", "letter"}:  # a contract and a record name those who sign them
        wanted |= {"office.name"}
    assert wanted <= blanks.read(data).fields
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        styles = archive.read("word/styles.xml").decode()
        assert "/fonts/" not in "".join(archive.namelist())
    for typeface in ("仿宋_GB2312", "方正小标宋简体", "黑体"):
        assert f'w:eastAsia="{typeface}"' in styles
    # figures and Latin letters of Chinese text are broken anywhere: 2026 年 1/0 月
    assert '<w:lang w:val="en-US" w:eastAsia="zh-CN"' in styles


def test_numbers_of_cases_and_telephones_end_no_line_at_a_hyphen(office: Office) -> None:
    kind = papers.Kind(
        "F",
        "表",
        "t",
        template("案号：{{ case.number }}，电话：0571-8200 0000、0571-8200-0001，编号 A-1-2。"),
    )
    made = printing.docx(printing.order(office.issue(kind, {"case": {"number": "XP-2026-0007"}}).id))
    assert "案号：XP-2026-0007，电话：0571-8200 0000、0571-8200-0001，编号 A-1-2。" in words(made)
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        assert archive.read("word/document.xml").count(b"<w:noBreakHyphen/>") == 5


def test_issued_papers_stay_printable_when_their_folder_has_changed(office: Office, db: Any) -> None:
    paper = office.issue()
    db.session.commit()
    db.session.expire_all()
    assert printing.order(paper.id).template == REFUSAL
    assert db.session.scalar(sa.select(sa.func.count()).select_from(papers.Paper)) == 1
    with pytest.raises(OfficeError):
        printing.order(paper.id + 1)
