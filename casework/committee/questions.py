"""What the bureau is asked when it keeps the register of experts."""

from __future__ import annotations

from typing import Any, ClassVar

from wtforms import BooleanField
from wtforms.validators import StopValidation

from casework.answers import PLEASE, Answers, Choice, Day, line, words
from casework.committee.model import SPECIALITIES, TIES
from casework.committee.register import Facts, Person
from casework.forms.identifiers import idcard
from casework.people.questions import NewPerson
from casework.words import Words, _

EDUCATION: dict[str, Words] = {
    "": PLEASE,
    "college": _("大专"),
    "bachelor": _("本科"),
    "master": _("硕士研究生"),
    "doctor": _("博士研究生"),
}


def _identity(form: Any, field: Any) -> None:
    """An identity number with its check sign; it is not kept as typed."""
    if not idcard("".join((field.data or "").split())):
        raise StopValidation(_("身份证号码不正确，请核对 18 位号码和校验位。"))


class FactsAnswers(Answers):
    """What may change about an expert."""

    employer = line(_("工作单位"), _("请填写工作单位，用于计算回避。"), 200)
    title = line(_("职称"), _("请填写职称。"), 60)
    since = line(_("从事相关领域工作起始日期"), _("请填写起始日期，须已满八年。"), 20, Day())
    education = Choice(_("学历"), _("请选择学历。"), EDUCATION)
    A01 = BooleanField(SPECIALITIES["A01"])
    A02 = BooleanField(SPECIALITIES["A02"])
    A03 = BooleanField(SPECIALITIES["A03"])
    A04 = BooleanField(SPECIALITIES["A04"])

    @property
    def specialities(self) -> list[Any]:
        """The boxes of the specialities."""
        return [self[code] for code in SPECIALITIES]

    def validate(self, extra_validators: Any = None) -> bool:
        """At least one speciality."""
        fine = super().validate(extra_validators)
        if not any(box.data for box in self.specialities):
            self.fault("A01", _("请至少选择一个评标专业。"))
        return fine and not self.wrong

    def facts(self) -> Facts:
        """For the register."""
        chosen = tuple(code for code in SPECIALITIES if self[code].data)
        return Facts(
            self.employer.data or "",
            self.title.data or "",
            chosen,
            self.read["since"],
            self.education.data or "",
        )


class ExpertAnswers(FactsAnswers, NewPerson):
    """A new expert."""

    first: ClassVar[tuple[str, ...]] = ("name", "name_en", "id_number", "login")
    id_number = line(_("身份证号码"), _("请填写身份证号码。"), 20, _identity)

    def person(self) -> Person:
        """For the register."""
        return Person(
            self.name.data or "",
            self.name_en.data or "",
            self.id_number.data or "",
            self.login.data or "",
            self.email.data or "",
            self.phone.data or "",
        )


class TieAnswers(Answers):
    """A firm from which an expert stays away."""

    kind = Choice(_("回避事由"), _("请选择回避事由。"), dict(TIES))
    firm = line(_("单位名称"), _("请填写单位全称。"), 200)
    begins = line(_("起始日期"), _("请填写起始日期。"), 20, Day())
    ends = line(_("终止日期"), None, 20, Day())


class NoteAnswers(Answers):
    """A training or an assessment."""

    kind = Choice(_("种类"), _("请选择种类。"), {"training": _("培训"), "assessment": _("评标后考核")})
    on = line(_("日期"), _("请填写日期。"), 20, Day())
    says = words(_("内容"), _("请填写内容。"))


class TurnAnswers(Answers):
    """Suspended, restored or removed, with the reason."""

    how = Choice(
        _("办理"),
        _("请选择办理方式。"),
        {"suspended": _("暂停抽取"), "restored": _("恢复抽取"), "removed": _("出库")},
    )
    reason = words(_("理由"), _("请填写理由。"))
