"""The ways through the house: its navigation, the registers, the door."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from flask import current_app, g, redirect, request, url_for

from casework import packages, rules
from casework.cases import MANY, waiting_count
from casework.people import may
from casework.rules import Rule
from casework.words import Words, _


@dataclass(frozen=True)
class Way:
    """One entry of the navigation."""

    endpoint: str
    name: Words
    to: Rule


WAYS = (
    Way("desk.inbox", _("收件箱"), rules.staff),
    Way("apply.services", _("我要办理"), rules.applies),
    Way("desk.ledger", _("案件"), rules.staff),
    Way("registers.projects", _("登记簿"), rules.staff),
    Way("archives.index", _("归档"), packages.export),
    Way("accounts.waiting", _("开户核验"), may.window),
    Way("admin.organisations", _("单位和人员"), rules.administrator),
    Way("tenders.index", _("招标项目"), rules.anyone),
    Way("board.board", _("公示公告"), rules.anyone),
)


#: The registers, by the name under which their pages know them; offered to those whom the page admits.
REGISTERS: dict[str, tuple[str, Words]] = {
    "projects": ("registers.projects", _("物业项目")),
    "enterprises": ("registers.enterprises", _("物业服务企业")),
    "holdings": ("holdings.rooms", _("用房")),
    "facilities": ("holdings.facilities", _("设施设备")),
    "contracts": ("filed.contracts", _("服务合同")),
    "papers": ("filed.papers", _("文书")),
    "relations": ("relations.index", _("单位关系")),
    "experts": ("experts.register", _("评标专家库")),
    "violations": ("violations.index", _("违规线索")),
    "indicators": ("indicators.index", _("指标和逾期")),
}


@dataclass(frozen=True)
class Shown:
    """An entry as the page shows it."""

    name: Words
    url: str
    here: bool
    count: str


def navigation() -> Iterator[Shown]:
    """The ways open to this visitor."""
    by = getattr(g, "post", None)
    known: dict[str, Callable[..., Any]] = current_app.view_functions
    for way in WAYS:
        if way.endpoint in known and way.to(by):
            count = waiting_count(by) if by and way.endpoint == "desk.inbox" else 0
            here = (request.endpoint or "").split(".")[0] == way.endpoint.split(".")[0]
            exact = request.endpoint == way.endpoint or way.endpoint.split(".")[0] != "desk"
            shown = f"{MANY - 1}+" if count >= MANY else str(count or "")
            yield Shown(way.name, url_for(way.endpoint), here and exact, shown)


def register_ways(here: str) -> Iterator[Shown]:
    """The registers open to this visitor; `here` is the one being read."""
    by, known = getattr(g, "post", None), current_app.view_functions
    for key, (endpoint, name) in REGISTERS.items():
        admitted: Rule = vars(known[endpoint])["admits"]
        if admitted(by):
            yield Shown(name, url_for(endpoint), key == here, "")


def ask_to_sign_in() -> Any:
    """To the sign-in page, and back here afterwards when this page can simply be asked for again."""
    here = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("door.sign_in", next=here))
