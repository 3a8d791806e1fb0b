"""What the bureau is asked when it writes into an enterprise's file, or ends what stands there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wtforms import FileField

from casework.answers import Answers, Area, Choice, Day, Whole, line, words
from casework.people import Organisation
from casework.standing.record import BARS, DECISIONS, LIFTS, SCOPES
from casework.standing.relations import RELATIONS, Body
from casework.words import Words, _

#: Which questions each kind of record asks beside date, reason and document.
ASKED = {
    "star": ("value", "score", "ends"),
    "poor_rating": ("score", "ends"),
    "rectification": ("ends",),
    "blacklist": ("basis", "scope"),
    "ban": ("basis", "years", "ends", "scope"),
    "misconduct": ("basis",),
}
STARS: dict[str, Words] = {
    "": _("请选择"),
    "0": _("合格，无星"),
    "1": _("一星级"),
    "2": _("二星级"),
    "3": _("三星级"),
    "4": _("四星级"),
    "5": _("五星级"),
}


class RecordAnswers(Answers):
    """One record; questions that its kind does not ask are taken out."""

    begins = line(_("起始日期"), _("请填写起始日期（决定生效或者评定之日）。"), 20, Day())
    value = Choice(_("星级"), _("请选择星级。"), STARS)
    score = line(_("得分"), None, 10)
    years = line(_("禁入年数"), None, 4, Whole(1, 10))
    ends = line(_("截止日期"), None, 20, Day())
    scope = Choice(_("适用范围"), _("请选择适用范围。"), dict(SCOPES))
    reason = words(_("原因"), _("请写明原因，将向当事企业说明。"))
    reason_en = words(_("原因（英文）"), None)
    basis = line(_("法律依据"), None, 300)
    document = line(_("文号"), None, 100)
    paper = FileField(_("文书扫描件"))

    def __init__(self, *args: Any, kind: str, **named: Any) -> None:
        super().__init__(*args, **named)
        for name in ("value", "score", "years", "ends", "scope", "basis"):
            if name not in ASKED[kind]:
                del self[name]
        self._kind = kind
        self.document.flags.required = kind in BARS | DECISIONS

    def validate(self, extra_validators: Any = None) -> bool:
        """A measure against an enterprise rests on a paper; a ban has one end."""
        fine = super().validate(extra_validators)
        if self._kind in BARS | DECISIONS and not self.document.data:
            self.fault("document", _("请填写文书的文号。"))
        if self._kind == "ban" and bool(self.years.data) == bool(self.ends.data):
            self.fault("years", _("年数和截止日期填写一项，且只填一项。"))
        return fine and not self.wrong

    def facts(self) -> dict[str, Any]:
        """For `standing.record`."""
        texts = ("reason", "reason_en", "score", "basis", "document", "scope")
        read: dict[str, Any] = {n: self.read[n] for n in ("begins", "ends", "years") if n in self.read}
        given = {name: self[name].data or "" for name in texts if name in self}
        if "value" in self and self.value.data:
            read["value"] = int(self.value.data)
        return {**given, **read}


class LiftAnswers(Answers):
    """The end of a record; a rating is replaced by the next one, not by hand."""

    how = Choice(
        _("解除方式"), _("请选择解除方式。"), {k: LIFTS[k] for k in ("cleared", "repaired", "revoked")}
    )
    on = line(_("解除日期"), _("请填写解除日期。"), 20, Day())
    reason = words(_("原因"), _("请写明解除的原因。"))
    reason_en = words(_("原因（英文）"), None)
    document = line(_("文号"), None, 100)
    paper = FileField(_("文书扫描件"))

    def facts(self) -> dict[str, Any]:
        """For `standing.lift`."""
        return {
            "how": self.how.data,
            "on": self.read["on"],
            "reason": self.reason.data,
            "reason_en": self.reason_en.data or "",
            "document": self.document.data or "",
        }


class RelationAnswers(Answers):
    """A relation between two bodies: each from the register, or as the document names it."""

    kind = Choice(_("关系种类"), _("请选择关系种类。"), {"": _("请选择"), **RELATIONS})
    upper = Choice(_("上级单位（控股方、控制方、管理方）"), _("请选择单位。"))
    upper_name = line(_("不在名录内的，填写单位名称"), None, 200)
    upper_code = line(_("统一社会信用代码"), None, 18)
    lower = Choice(_("下级单位（被控股、被控制、被管理方）"), _("请选择单位。"))
    lower_name = line(_("不在名录内的，填写单位名称"), None, 200)
    lower_code = line(_("统一社会信用代码"), None, 18)
    share = line(_("持股比例（%）"), None, 10, Area("0.01", "100"))
    begins = line(_("起始日期"), _("请填写关系开始的日期。"), 20, Day())
    document = line(_("依据的文件"), _("请填写依据的文件，例如公司章程、企业信用信息公示报告。"), 200)
    paper = FileField(_("文件扫描件"))

    def offer(self, companies: Sequence[Organisation], lang: str) -> None:
        """The companies of the district to choose from."""
        listed = {"": _("不在名录内"), **{str(one.id): one.label(lang) for one in companies}}
        self.upper.options = self.lower.options = listed

    def side(self, name: str) -> Body:
        """One side as it was answered."""
        chosen = self[name].data
        if chosen:
            return Body("", organisation_id=int(chosen))
        return Body(self[f"{name}_name"].data or "", self[f"{name}_code"].data or "")


class EndAnswers(Answers):
    """The end of a relation."""

    on = line(_("终止日期"), _("请填写关系终止的日期。"), 20, Day())
    reason = words(_("原因"), _("请写明终止的原因。"))
    document = line(_("依据的文件"), _("请填写依据的文件。"), 200)
