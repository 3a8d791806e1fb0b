"""A paper that was wrong: corrected by a new one, or withdrawn; only by the head of its office, for a reason."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from acting import browser, elsewhere, faults, played, post, told
from flask import Flask
from flask.testing import FlaskClient

from casework import cases, clock, papers
from casework.cases import revising
from casework.db import db
from casework.errors import Conflict, NotYet, Refused
from casework.letters import Letter
from casework.outbox import Job
from casework.papers import correcting
from casework.people import by_login, codes

REASON = "批复中的要求写错了期限"


@pytest.fixture
def case(district: Flask, keys: dict[str, int]) -> cases.Case:
    """Approved: D15 and D17 are issued."""
    found = played("exemption/small_approved", keys, after=6)
    db.session.execute(sa.delete(Job))
    db.session.commit()
    return found


def approval(case: cases.Case) -> papers.Paper:
    return next(p for p in papers.of(case.id) if p.code == "D17" and p.state == "genuine")


def test_a_corrected_paper_has_a_number_of_its_own_and_the_old_one_says_so(case: cases.Case) -> None:
    old = approval(case)
    said = old.data["project"]["name"]
    with clock.at(clock.at_local(date(2026, 6, 1), 9)):  # a new year numbers from one
        new = revising.correct(
            case.id, old.id, {"project.name": "柳岸雅苑（一期）"}, by=post("head1"), reason=REASON
        )
        db.session.commit()
    assert (old.state, old.reason, papers.successor(old)) == ("superseded", REASON, new)
    assert papers.predecessor(new) == old
    assert (new.serial, new.code, new.title) == ((old.serial or 0) + 1, old.code, old.title)
    assert new.data["project"]["name"] == "柳岸雅苑（一期）"
    assert old.data["project"]["name"] == said, "what was issued stays as it was"
    assert new.data["office"] == old.data["office"]
    assert new.fingerprint != old.fingerprint
    assert new.verification != old.verification
    (entry,) = told(case.id, "corrected")
    assert entry.facts["changes"] == {"project.name": [said, "柳岸雅苑（一期）"]}
    assert (entry.facts["was"], entry.facts["number"], entry.facts["reason"]) == (
        old.number,
        new.number,
        REASON,
    )
    (job,) = db.session.scalars(sa.select(Job).where(Job.kind == "paper"))
    assert job.about == {"paper": new.id}
    letter = db.session.scalars(sa.select(Letter).order_by(Letter.id.desc())).first()
    assert letter is not None
    assert old.number in letter.body
    assert new.number in letter.body
    assert faults() == []
    with pytest.raises(Conflict):
        revising.correct(case.id, old.id, {"project.name": "又一次"}, by=post("head1"), reason=REASON)


def test_a_withdrawn_paper_is_out_of_force_and_in_the_record(case: cases.Case) -> None:
    paper = revising.withdraw(case.id, approval(case).id, by=post("head1"), reason="申请人提交虚假材料")
    db.session.commit()
    assert paper.state == "withdrawn"
    (entry,) = told(case.id, "paper withdrawn")
    assert entry.facts["number"] == paper.number
    assert entry.who.startswith("云河区住房和城乡建设局")
    assert faults() == []


@pytest.mark.parametrize("login", ["win1", "exa1", "dev1", "str2"])
def test_nobody_but_the_head_of_the_office_may(case: cases.Case, login: str) -> None:
    with pytest.raises(Refused) as refused:
        revising.withdraw(case.id, approval(case).id, by=post(login), reason=REASON)
    assert "负责人" in str(refused.value)
    with pytest.raises(Refused):
        revising.correct(case.id, approval(case).id, {"project.name": "别名"}, by=post(login), reason=REASON)


def test_a_correction_corrects_something_and_in_its_kind(case: cases.Case) -> None:
    old = approval(case)
    blanks = {b.path: b for b in correcting.correctable(old, revising.kind_of(case, old))}
    assert not [path for path in blanks if path.split(".")[0] in {"paper", "office"}]
    head = post("head1")
    with pytest.raises(NotYet, match="至少改正一处"):
        revising.correct(case.id, old.id, {p: b.typed for p, b in blanks.items()}, by=head, reason=REASON)
    accepted = next(p for p in papers.of(case.id) if p.code == "D15")
    with pytest.raises(NotYet, match="“受理日期”应为日期"):
        revising.correct(case.id, accepted.id, {"accepted_on": "昨天"}, by=head, reason=REASON)
    with pytest.raises(NotYet, match="不能出具"):
        revising.correct(case.id, old.id, {"project.name": ""}, by=head, reason=REASON)
    db.session.rollback()
    assert approval(case).id == old.id, "the old one stands"


# ------------------------------------------------------------------------------------------------ the page


def sent(**more: Any) -> dict[str, Any]:
    head = by_login("head1")
    assert head is not None
    codes.rewind(head)
    db.session.commit()
    data = {"act": "correct", "reason": REASON, "_code": codes.current(head) or "", **more}
    db.session.rollback()
    return data


def test_the_head_corrects_on_the_page_and_the_public_sees_it(case: cases.Case, district: Flask) -> None:
    old = approval(case)
    number, where, code = case.number, f"/case/{case.number}/paper/{old.id}/revise", old.verification
    head = browser(district, "head1")
    assert where in head.get(f"/case/{number}").text
    page = head.get(where)
    assert "项目名称" in page.text
    assert 'name="blank.project.name"' in page.text
    answer = head.post(where, data=sent(**{"blank.project.name": "柳岸雅苑（一期）"}))
    assert answer.status_code == 302
    db.session.expire_all()
    new = approval(case)
    assert new.data["project"]["name"] == "柳岸雅苑（一期）"
    number = new.number
    public, newer = FlaskClient(district, district.response_class), new.verification
    was = elsewhere(lambda: public.get(f"/verify/{code}").text)
    now = elsewhere(lambda: public.get(f"/verify/{newer}").text)
    assert "已被新文书更正" in was
    assert number in was
    assert REASON not in was, "why is not for the public"
    assert "此文书真实有效" in now
    assert "所更正的文号" in now
    assert head.post(where, data=sent(**{"blank.project.name": "又一次"})).status_code == 409


def test_nothing_typed_is_lost_when_something_is_wrong(case: cases.Case, district: Flask) -> None:
    where = f"/case/{case.number}/paper/{approval(case).id}/revise"
    head = browser(district, "head1")
    typed = {"blank.project.name": "柳岸雅苑（一期）"}
    for more, says in (
        ({"act": ""}, "请选择更正或者撤回"),
        ({"reason": "错"}, "5 至 500 字，现为 1 字"),
        ({"_code": "000000"}, "密码或动态码不正确"),
        *[({"_code": ""}, "请输入密码或动态码")] * 6,  # forgotten, not wrong: nobody is locked out for it
    ):
        answer = head.post(where, data=sent(**typed, **more))
        assert answer.status_code == 422, says
        assert says in answer.text
        assert 'value="柳岸雅苑（一期）"' in answer.text
    db.session.expire_all()
    assert approval(case).state == "genuine"


def test_the_page_is_the_heads(case: cases.Case, district: Flask) -> None:
    paper = approval(case)
    where, number = f"/case/{case.number}/paper/{paper.id}/revise", case.number
    clerk = browser(district, "win1")
    assert clerk.get(where).status_code == 403
    assert where not in clerk.get(f"/case/{number}").text
    stranger = browser(district, "dev4")
    assert elsewhere(lambda: stranger.get(where).status_code) == 404
