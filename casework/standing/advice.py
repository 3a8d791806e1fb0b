"""What an enterprise can do about each thing that keeps it out of a tender: where to go, and when it ends."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from casework.spoken import day
from casework.words import Words, _, say

#: What ties it to the tenderer cannot be mended here when it is true; what is wrong in the register can.
TIED = _(
    "登记情况有误或者已经变更的，请带证明材料向区房管局申请更正；情况属实的，不能参加本招标人的招标，参加其他招标人的招标不受影响。"
)
STEPS: dict[str, Words] = {
    "rectification": _(
        "完成整改后，向发出整改通知的部门报送整改结果、申请复查；复查合格并销号的，限制解除。"
    ),
    "poor_rating": _("按要求改正后，向区房管局申请解除；对考核结果有异议的，可以申请复核。"),
    "blacklist": _(
        "纠正失信行为、消除影响后，可以向区房管局申请信用修复；认为认定有误的，可以提出异议，也可以依法申请行政复议或者提起行政诉讼。"
    ),
    "ban": _("不服该决定的，可以依法申请行政复议或者提起行政诉讼；决定撤销或者解除以前不能投标。"),
    "unregistered": _("请向区房管局申请登记或者恢复登记。"),
    "no_legal_person": _("请带营业执照向区房管局补登统一社会信用代码。"),
    "tenderer": _("招标人不能参加自己的招标，参加其他招标人的招标不受影响。"),
}


def on(kind: str, until: date | None) -> str:
    """The next step; where the last day is known, first the day from which it no longer keeps anybody out."""
    step = str(STEPS.get(kind, TIED))
    if until is None:
        return step
    days = {"last": day(until), "day": day(until + timedelta(days=1))}
    return str(say("这项限制到%(last)s为止，自%(day)s起不再有效。", **days)) + step


def outlook(reasons: Iterable[tuple[str, date | None]], closing: date) -> Words:
    """Whether what keeps an enterprise out (kind, last day) can still end before the bids close."""
    known = list(reasons)
    longest = max((until for _kind, until in known if until is not None), default=None)
    if longest is not None and longest >= closing:
        return _(
            "限制到%(last)s为止，晚于本次投标截止之日，本次不能投标；有关决定在截止之前撤销、解除的除外。",
            last=day(longest),
        )
    if any(kind not in STEPS or kind == "tenderer" for kind, _until in known):
        return _("与招标人的关系属实的，不能参加本次投标；登记在截止之前更正的，可以投标。")
    return _("上列原因在投标截止之前全部消除的，仍可投标。")
