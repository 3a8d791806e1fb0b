"""Who may bid: prequalification and its limits, invitations, too few bidders, restrictions at the door and at the award."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from rehearsed import Town
from visitor import said

from casework import clock, standing
from casework.db import db
from casework.people import Organisation, Post, User, by_login, in_force

BARRED = {"ent17": "控股", "ent20": "整改", "ent21": "不诚信名单", "ent22": "五年内禁止"}


def prequalification(town: Town) -> None:
    """Two of three qualify: every one is told, the tender is announced as failed and begun again."""
    with town.after("tender/few_qualified", 10) as (play, number):
        developer = play.at("dev1", number, "qualify")
        developer.page.check("[name=prequal_action][value=select]")
        rows = developer.page.locator("[name$='-verdict']")
        for place in range(rows.count()):
            rows.nth(place).select_option("go" if place < 2 else "no")
        assert "ZY-2026-0003" in developer.page.inner_text("#Part_applicants"), (
            "the number of each application"
        )
        play.submit(developer, refused="不合格的理由")
        developer.page.locator("textarea[name$='-reason']:visible").fill(
            "近三年没有五万平方米以上的住宅项目。"
        )
        play.picture(developer, "qualify")
        play.submit(developer)
        applicant = play.who("ent3")
        applicant.go("/case/ZY-2026-0003")
        assert "资格预审失败" in applicant.read()
        other = play.who("ent2")
        other.go("/case/ZY-2026-0003")
        assert "没有找到" in other.read(), "who else applied is told to nobody"
        developer = play.at("dev1", number, "after_prequal")
        ways = developer.page.locator("[name=next_step]").evaluate_all("all => all.map(one => one.value)")
        assert ways == ["retender", "stop"], "no agreement without a tender"
        developer.answer(
            {"next_step": "retender", "failure_analysis": "项目距各企业在管项目较远，申请的企业较少。"}
        )
        play.submit(developer)
        developer.go("/apply")
        assert "前期物业服务招标：云河天境" in developer.read(), "the next tender is begun"


def too_many(town: Town) -> None:
    """Seven qualify where five were announced: exactly by the announced rule; each is told why."""
    with town.after("tender/too_many_qualified", 15) as (play, number):
        play.until("2026-03-23 09:00")
        developer = play.at("dev1", number, "qualify")
        developer.page.check("[name=prequal_action][value=select]")
        rows = developer.page.locator("[name$='-verdict']")
        for place in range(rows.count()):
            rows.nth(place).select_option("go")
        play.submit(developer, refused="选入五家以上")
        for place in (4, 5, 6):
            rows.nth(place).select_option("spare")
        developer.answer({"spare_reason": "按公告的类似项目建筑面积排序，名次在前五名以外。"})
        play.submit(developer, refused="选入五家以上")
        rows.nth(4).select_option("go")
        play.picture(developer, "qualify-many")
        play.submit(developer)
        assert play.open(number) == ["publish"]
        with play.inside():
            facts = play.case("ZY-2026-0007").variables or {}
        assert (facts["qualified"], facts["reason"][:6]) == (False, "按公告的类似"), facts


def too_few(town: Town) -> None:
    """Two bids at the deadline: nothing is opened; an application for an agreement begins, with this record."""
    with town.after("tender/too_few", 8) as (play, number):
        play.until("2026-04-10 10:01")
        developer = play.who("dev1")
        developer.go(f"/tenders/{number}/opening")
        assert "依法不予开标" in developer.read()
        play.picture(developer, "not-opened")
        assert "查看投标文件" not in developer.read()
        developer = play.at("dev1", number, "after_failure")
        developer.answer(
            {
                "next_step": "agreement",
                "failure_analysis": "至投标截止时只有两家递交投标文件。",
            }
        )
        play.picture(developer, "after-failure")
        play.submit(developer)
        developer.go("/apply")
        developer.press("协议方式选聘审批：")
        developer.page.wait_for_selector("form.tf")
        assert number in developer.page.inner_text("main"), "the record of the tender goes with it"
        play.picture(developer, "agreement")


def restrictions(town: Town) -> None:
    """Each restriction is named with its document at the door; a ban that comes later keeps from the award."""
    with town.after("tender/gave_up", 14) as (play, number):
        with play.inside():
            hire()
        play.until("2026-04-20 09:00")
        assert play.open(number) == ["fix_winner"]
        with play.inside():
            ban("ent2")
        developer = play.at("dev1", number, "fix_winner")
        ways = developer.page.locator("[name=winner_no]").evaluate_all("all => all.map(one => one.value)")
        assert ways == ["1", "none"], "the first is barred meanwhile"
        for told in ("不能定标", "禁止参与投标期限未满", "第五十三条", "云房信〔2026〕9号"):
            assert told in developer.read(), told
        play.picture(developer, "barred-candidate")
        assert "cannot win" in play.english(developer, "barred-candidate")
        developer.page.check("[name=winner_no][value='1']")
        play.submit(developer)
    with town.after("tender/moved", 6) as (play, number):
        with play.inside():
            hire()
        for login, why in (*BARRED.items(), ("ent19", "整改")):
            enterprise = play.who(login)
            enterprise.go(f"/tenders/{number}/bid")
            assert why in enterprise.read(), (login, enterprise.read())
            enterprise.go(f"/tenders/{number}/bid/fill")
            assert not enterprise.page.query_selector("form[data-seal]"), login
        play.picture(play.people["ent22"], "barred")


def hire() -> None:
    """People for enterprises of the demo that have none; one is held by the tenderer."""
    tenderer = by_login("dev1")
    assert tenderer is not None
    for key in BARRED:
        code = Organisation.code.contains(f"MA00001{key[3:]}")
        firm = db.session.scalars(sa.select(Organisation).where(code)).one()
        user = User(login=key, name=f"物业{key[3:]}", home_id=firm.id, made_at=clock.now())
        user.password_hash = tenderer.password_hash
        db.session.add(user)
        db.session.flush()
        db.session.add(
            Post(user_id=user.id, organisation_id=firm.id, role="handler", starts_on=date(2026, 1, 1))
        )
        if key == "ent17":
            upper, lower = (standing.Body("", organisation_id=one) for one in (tenderer.home_id, firm.id))
            told = {"begins": date(2025, 1, 1), "document": "企业信用信息公示报告", "share": "60"}
            standing.add_relation("holding", upper, lower, by=head(), **told)
    db.session.commit()


def ban(login: str) -> None:
    user = by_login(login)
    assert user is not None
    firm = db.session.get_one(Organisation, user.home_id)
    standing.record("ban", firm, by=head(), begins=clock.today(), ends=date(2029, 4, 19), reason="串通投标",
                    reason_en="collusion", basis="招标投标法 第五十三条", document="云房信〔2026〕9号", value=None)  # fmt: skip
    db.session.commit()


def head() -> Post:
    user = by_login("head1")
    assert user is not None
    return in_force(user, clock.today())[0]


def invited(town: Town) -> None:
    """Two invitees are refused; a project under the limit may be tendered by invitation; only those invited bid."""
    with town.after("tender/invited", 5) as (play, number):
        play.until("2026-03-12 09:10")
        developer = play.at("dev9", number, "publish")
        developer.answer(said("tender", "publish"))
        play.submit(developer)
        outsider, inside = play.who("ent4"), play.who("ent1")
        outsider.go(f"/tenders/{number}/bid")
        assert "贵单位不在其列" in outsider.read()
        play.picture(outsider, "not-invited")
        inside.go(f"/tenders/{number}/bid/fill")
        assert inside.page.query_selector("form[data-seal]")
