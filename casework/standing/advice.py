"""What an enterprise can do about each thing that keeps it out of a tender: where to go, and when it ends."""

from __future__ import annotations

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
    return str(say("这项限制自%(day)s起不再有效。", day=day(until + timedelta(days=1)))) + step
