"""A small tender (benchmarks/sealing) in the demo district, up to where bids are taken in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from acting import post

from benchmarks.sealing_office import folder
from casework import bids, cases, clock, procedures, worker
from casework.cases import bidding
from casework.cases.model import Case, Step
from casework.db import db
from casework.places import Project
from casework.stories import sealing
from casework.stories.player import LATER

#: The tender opens in March 2026 and takes bids until 30 March, 9:30.
BEGINS, CLOSES = clock.at_local(date(2026, 3, 2), 9), clock.at_local(date(2026, 3, 30), 9, 30)
LINES = [
    "人员工资、社会保险和福利费",
    "共用部位和共用设施设备运行维护费",
    "清洁卫生费",
    "绿化养护费",
    "秩序维护费",
    "办公费",
    "固定资产折旧",
    "共用部位、设施设备和公众责任保险费",
    "业主同意的其他费用",
    "税金",
    "利润",
]
IDCARDS = ("11010519491231002X", "440524188001010014")


@dataclass
class Tender:
    """The case and who acts in it."""

    case_id: int
    now: datetime = BEGINS
    holders: tuple[str, ...] = ("dev1", "win1", "str2")
    receipts: list[bids.Receipt] = field(default_factory=list)

    @property
    def case(self) -> Case:
        return db.session.get_one(Case, self.case_id)

    @property
    def terms(self) -> bids.Terms:
        return bidding.terms(self.case)

    def at(self, month: int, day: int, hour: int = 9, minute: int = 0) -> Tender:
        self.now = clock.at_local(date(2026, month, day), hour, minute)
        return self

    def bid(self, login: str, **says: Any) -> bids.Receipt:
        """Seal and deliver; committed, like the page."""
        with clock.at(self.now):
            case, by = self.case, post(login)
            blob = sealing.sealed(case, by, bid(**says))
            receipt = self.hand_in(login, blob)
        self.receipts.append(receipt)
        return receipt

    def hand_in(self, login: str, blob: bytes) -> bids.Receipt:
        """Deliver some envelope; the next act comes a second later."""
        with clock.at(self.now):
            receipt = sealing.deliver(self.case, post(login), blob)
            db.session.commit()
        self.now += timedelta(seconds=1)
        return receipt

    def act(self, verb: str, login: str, text: str = "") -> Any:
        with clock.at(self.now):
            found = sealing.ACTS[verb](self.case, post(login), text)
            db.session.commit()
        return found

    def watch(self, **answers: Any) -> None:
        """The tenderer amends, suspends or resumes."""
        with clock.at(self.now):
            by = post("dev1")
            step = db.session.scalars(
                sa.select(Step).where(
                    Step.case_id == self.case_id, Step.element == "watch", Step.status == "open"
                )
            ).one()
            cases.complete(step.id, by=by, answers=answers)
            db.session.commit()

    def make_keys(self) -> None:
        for login in self.holders:
            self._room("make_key", login)

    def release(self, login: str) -> None:
        self._room("release", login)

    def _room(self, element: str, login: str) -> None:
        with clock.at(self.now):
            by = post(login)
            query = sa.select(Step).where(
                Step.case_id == self.case_id, Step.element == element, Step.status == "open"
            )
            step = next(s for s in db.session.scalars(query) if s.organisation_id == by.organisation_id)
            assert sealing.work_in_room(step, by, {}, None)
            db.session.commit()

    def close(self, moment: datetime = CLOSES) -> None:
        """Time goes on; due timers act."""
        self.now = moment
        with clock.at(moment):
            worker.work(moment, leave=LATER)

    def variables(self) -> Mapping[str, Any]:
        db.session.expire_all()
        return self.case.variables


def tender(place: Path, **answers: Any) -> Tender:
    """A tender that takes bids; the application can be answered otherwise."""
    with clock.at(BEGINS):
        procedures.install("sealing", folder(place), clock.now())
        project = db.session.scalars(sa.select(Project).where(Project.code == "YH-001")).one()
        says = {"closes_on": date(2026, 3, 30), "price_cap": 5, "keys_needed": 2, "documents": [], **answers}
        case = cases.open_case("sealing", by=post("dev1"), answers=says, project_id=project.id)
        db.session.commit()
    found = Tender(case.id)
    found.make_keys()
    assert db.session.get(bids.Bidding, case.id) is not None, found.case.incident
    return found


def bid(**says: Any) -> dict[str, Any]:
    """A complete bid; what is given replaces its part."""
    return {
        "price": "2.80",
        "total_year": "3360000.00",
        "level": "二级",
        "years": 3,
        "prices": [{"house_type": "高层住宅", "area": "98000", "unit_price": "2.80"}],
        "costs": [{"line": line, "amount": str(10000 + 137 * n)} for n, line in enumerate(LINES)],
        "manager": "项目经理甲",
        "manager_id": IDCARDS[0],
        "manager_cv": "从业十二年，管理过三个十万平方米以上的住宅项目，持有物业管理师证书。",
        "staff": [{"post": "保洁", "count": 6, "qualification": ""}, {"post": "秩序维护", "count": 8}],
        "plan": "设项目服务中心，实行二十四小时值守；公共区域每日清扫两次，电梯每半月维护保养一次；"
        "绿化每季修剪；消防设施每月检查并记录；遇汛期、停电、电梯困人等按预案处置。",
        "promises": "业主满意率不低于百分之九十二；报修三十分钟内到场。",
        "satisfaction": "92",
        "contact": "投标联系人甲",
        "contact_phone": "0571-82000301",
        "contact_email": "bid@ent.example",
        "letter": ["投标函.pdf"],
        "licence": ["营业执照.pdf"],
        **says,
    }
