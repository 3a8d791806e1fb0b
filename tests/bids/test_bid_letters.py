"""What bidders are written: while bids are sealed so that nobody learns who they are, afterwards each by name."""

from __future__ import annotations

from datetime import date, datetime

import pytest
import sqlalchemy as sa
from acting import browser, elsewhere, played, post, story, waiting
from flask import Flask

from casework import bids, cases, clock, journal, letters, stories
from casework.bids import vault
from casework.cases import bidding, tenders
from casework.cases.model import Case, Step
from casework.db import db
from casework.outbox import Job
from casework.people import Post
from casework.stories import sealing


def written(case: Case | None, name: str) -> list[letters.Letter]:
    """The letters of this title to people, or round the circle; None: of no case."""
    query = sa.select(letters.Letter).where(letters.Letter.case_id == (case.id if case else None))
    return [one for one in db.session.scalars(query.order_by(letters.Letter.id)) if name in one.subject]


def may_bid() -> set[int]:
    """Everybody who could bid."""
    today = clock.today()
    held = db.session.scalars(sa.select(Post).where(Post.role.in_(("handler", "head"))))
    return {one.user_id for one in held if one.active(today) and one.organisation.kind == "enterprise"}


def names(*logins: str) -> list[str]:
    return [post(login).organisation.name for login in logins]


def bid_page(district: Flask, login: str, number: str, at: datetime) -> str:
    client = browser(district, login)

    def read() -> str:
        with clock.at(at):
            return client.get(f"/tenders/{number}/bid").text

    return elsewhere(read)


def damage(case: Case, login: str) -> None:
    """What this bidder has handed in cannot be read any more."""
    mine = bids.room.mine(bidding.terms(case), post(login).organisation_id)
    assert mine is not None
    vault.place(case.id, mine.sha256).write_bytes(b"damaged")


@pytest.mark.parametrize(
    "told",
    [
        ("tender/cancelled", 9, "终止的原因：规划设计", date(2026, 3, 28)),
        ("tender/too_few", 9, "投标人2个", date(2026, 4, 11)),
    ],
)
def test_where_bids_stay_sealed_all_who_could_bid_are_written_the_same(
    district: Flask, keys: dict[str, int], monkeypatch: pytest.MonkeyPatch, told: tuple[str, int, str, date]
) -> None:
    name, after, says, day = told
    player = stories.Player(story(name), keys)
    *before, (_written, ends) = player.acts(after)
    for _written, do in before:
        do()
    case = player.of("tender")
    damage(case, "ent1")
    ends()
    assert written(case, "密文损坏") == [], "nobody is asked again for what is not opened"
    (one,) = written(case, "投标文件不予开启")
    assert (one.user_id, one.address) == (None, letters.ROUND), "no row says to whom"
    assert says in one.body
    assert "{{" not in one.subject + one.subject_en
    to = {
        job.about["user"] for job in db.session.scalars(sa.select(Job)) if job.about.get("letter") == one.id
    }
    assert to == may_bid() >= {post(who).user_id for who in ("ent1", "ent4")}, "whoever bid is one of all"
    (entry,) = [e for e in journal.of(case.id) if e.what == "letter" and e.facts["name"] == "sealed"]
    assert entry.facts["to"] == ["circle"]

    posted: list[str] = []
    monkeypatch.setattr(
        letters, "_post", lambda message, _smtp: posted.append(f"{message['To']} {message['Message-ID']}")
    )
    one.sent_at = None
    for user_id in to:
        letters.deliver(one, "smtp://mail.example", "office@mail.example", clock.now(), user_id)
    assert len(set(posted)) == len(to), "each got it at an address of its own"

    now, number = clock.at_local(day, 9), case.number
    for login in ("dev1", "win1", "head1", "aud1"):
        client = browser(district, login)
        page = elsewhere(lambda c=client: c.get(f"/case/{number}")).text
        assert not any(bidder in page for bidder in names("ent1", "ent2")), login
        assert login not in {"win1", "head1"} or "可以参加本次投标的企业" in page, login
    mine, other = (bid_page(district, who, number, now) for who in ("ent1", "ent4"))
    assert ("本单位的投标</h2>" in mine, "本单位的投标</h2>" in other) == (True, False)
    assert ("已递交，不予开启" in mine, "密文副本" in mine) == (True, False)
    for page in (mine, other):
        assert ("发给本单位的信函" in page, says in page) == (True, True)


def test_who_did_not_confirm_and_whose_bid_is_damaged_hears_what_can_be_done(
    district: Flask, keys: dict[str, int]
) -> None:
    case = played("tender/upheld_extended", keys, after=18)
    now = clock.at_local(date(2026, 4, 28), 11)
    damage(case, "ent2")
    with clock.at(now):
        step = waiting(case.id, "dev1")
        assert step.element == "correct"
        says = {"correct_step": "continue", "remedy_reason": "已经按照处理决定公布踏勘记录，不影响投标。"}
        cases.complete(step.id, by=post("dev1"), answers=says)
        db.session.commit()
    (note,) = written(case, "密文损坏")
    assert note.address == letters.ROUND
    assert written(case, "投标文件未开启") + written(None, "投标文件未开启") == [], "nobody is named yet"
    hidden = list(db.session.scalars(sa.select(bids.BidRefusal).where(bids.BidRefusal.case_id == case.id)))
    assert (len(hidden), len({len(one.note) for one in hidden})) == (bids.room.ASIDE, 1), "one of many alike"
    assert bidding.late(case) == [], "it was not late"
    pages = {who: bid_page(district, who, case.number, now) for who in ("ent1", "ent2", "ent3", "ent4")}
    assert [who for who in pages if "截止时不计入" in pages[who]] == ["ent3"]
    assert "招标文件修改后，截止以前没有重新确认或者替换，不予开启" in pages["ent3"]
    assert [who for who in pages if "本平台存储的密文损坏" in pages[who]] == ["ent2"]
    assert "密文损坏的，请在开标拆封以前" in pages["ent2"]

    for login in ("dev1", "head1"):
        with clock.at(now):
            mine = sa.select(Step).where(
                Step.case_id == case.id, Step.status == "open", Step.element == "release_key"
            )
            by = post(login)
            step = next(s for s in db.session.scalars(mine) if s.organisation_id == by.organisation_id)
            assert sealing.work_in_room(step, by, {"released": True, "key_lost": False}, None)
            db.session.commit()
    db.session.expire_all()
    opened = tenders.find(case.number)
    assert opened.bidding.status == "opened", case.incident
    (named,) = written(case, "投标文件未开启")
    assert named.user_id == post("ent2").user_id
    for words in (f"{names('ent2')[0]}：", "视为撤回", "丢失或者损坏", "第四十四条", "赔偿"):
        assert words in named.body, words
    (apart,) = written(None, "投标文件未开启")
    assert apart.user_id == post("ent3").user_id
    assert "没有重新确认或者替换，截止时不计入" in apart.body
    assert "视为撤回" not in apart.body
    assert "视为撤回" in bid_page(district, "ent2", case.number, now)
    assert names("ent3")[0] not in "".join(str(e.facts) for e in journal.of(case.id)), "who did not confirm"
    with clock.at(now):
        assert [bids.hearing.object_rule(post(who), opened.bidding) for who in ("ent1", "ent2", "ent3")] == [
            True,
            True,
            False,
        ]


def test_after_the_opening_each_bidder_reads_that_there_is_no_winner_and_why(
    district: Flask, keys: dict[str, int]
) -> None:
    player = stories.Player(story("tender/all_rejected"), keys)
    *before, (_written, ends) = player.acts(14)
    for _written, do in before:
        do()
    ours, theirs = post("ent1"), post("ent2").organisation_id
    db.session.add(Post(user_id=ours.user_id, organisation_id=theirs, role="head", starts_on=ours.starts_on))
    db.session.commit()
    ends()
    case = player.of("tender")
    found = written(case, "没有中标人")
    assert {one.organisation.name for one in found if one.organisation} == set(names("ent1", "ent2", "ent3"))
    both = sorted(one.organisation_id or 0 for one in found if one.user_id == ours.user_id)
    assert both == sorted([ours.organisation_id, theirs]), "who acts for two bidders reads what each is told"
    for one in found:
        assert one.organisation is not None
        assert one.body.startswith(f"{one.organisation.name}：")
        assert "你单位的投标被否决的理由：未响应" in one.body
    page = bid_page(district, "ent1", case.number, clock.at_local(date(2026, 4, 17), 9))
    assert ("本次招标没有中标人" in page, names("ent2")[0] in page) == (True, False)
