"""What is asked about people and organisations, with the checks and the words of their answers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar

from wtforms import Field, Form, StringField, TextAreaField
from wtforms.validators import InputRequired, Optional, StopValidation, ValidationError

from casework.people import passwords
from casework.people.applications import KINDS as APPLICANTS
from casework.people.organisations import COMPANIES, KINDS, code_holds, plain
from casework.people.posts import ROLES
from casework.words import Words, _, dated

_EMAIL = re.compile(r"[^@\s,;<>\"()\[\]\\]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})\.)+[A-Za-z]{2,24}")
_PHONE = re.compile(r"\+?[0-9][0-9 \-]{5,18}[0-9](?:转[0-9]{1,6})?")
_LOGIN = re.compile(r"[a-z][a-z0-9_.\-]{2,31}")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]")


def tidy(text: str | None) -> str:
    """One line without outer or double blanks; full-width brackets belong to Chinese names and stay."""
    return " ".join((text or "").split(" ")).strip()


def narrow(text: str | None) -> str:
    """Codes, numbers, addresses: full-width letters and digits as half-width."""
    return plain(text or "")


class Text:
    """A text with a shortest and a longest length; control and direction signs are refused."""

    def __init__(self, thing: Words, longest: int, shortest: int = 0) -> None:
        self.thing, self.longest, self.shortest = thing, longest, shortest
        self.field_flags = {"maxlength": longest}

    def __call__(self, form: Form, field: Field) -> None:
        """Say what is wrong, with the bound and what was given."""
        text = field.data or ""
        facts = {"thing": self.thing, "given": len(text)}
        if len(text) > self.longest:
            raise StopValidation(
                _("%(thing)s最多 %(n)s 个字，现为 %(given)s 个字。", n=self.longest, **facts)
            )
        if len(text) < self.shortest:
            raise StopValidation(
                _("%(thing)s至少 %(n)s 个字，现为 %(given)s 个字。", n=self.shortest, **facts)
            )
        if _CONTROL.search(text):
            raise StopValidation(_("%(thing)s含有不可见的控制字符，请重新输入。", thing=self.thing))


class Choice(StringField):
    """One of a few; `options` are what may be chosen, and nothing else is taken."""

    options: Mapping[str, Words]

    def __init__(self, label: Words, ask: Words, **named: Any) -> None:
        super().__init__(label, [self._offered], **named)
        self.ask, self.options = ask, {}

    def _offered(self, form: Form, field: Field) -> None:
        if self.data not in self.options:
            raise StopValidation(self.ask)


def _line(label: Words, ask: Words | None, longest: int, *checks: Any, shortest: int = 0) -> StringField:
    """A one-line question; `ask` is what to say when it is empty, None when it may be."""
    meant = narrow if checks else tidy
    first = Optional(strip_whitespace=True) if ask is None else InputRequired(message=ask)
    return StringField(label, [first, Text(label, longest, shortest), *checks], filters=[meant])


def _email(form: Form, field: Field) -> None:
    if not _EMAIL.fullmatch(field.data):
        raise ValidationError(_("电子邮箱“%(given)s”不完整，应为 name@example.cn 的样式。", given=field.data))


def _phone(form: Form, field: Field) -> None:
    if not _PHONE.fullmatch(field.data):
        raise ValidationError(
            _("电话“%(given)s”应为 7 至 20 位数字，可用短横线分隔，例如 0571-8200 0000。", given=field.data)
        )


def _code(form: Form, field: Field) -> None:
    field.data = field.data.upper()
    if len(field.data) != 18:
        says = _("统一社会信用代码应为 18 位，现为 %(given)s 位。", given=len(field.data))
        raise ValidationError(says)
    if not code_holds(field.data):
        raise ValidationError(_("统一社会信用代码的校验位不符（GB 32100），请对照营业执照逐位核对。"))


def _login(form: Form, field: Field) -> None:
    field.data = field.data.lower()
    if not _LOGIN.fullmatch(field.data):
        raise ValidationError(
            _(
                "账号应以字母开头，由 3 至 32 位字母、数字、点、短横线或下划线组成，现为“%(given)s”。",
                given=field.data,
            )
        )


def _secret(label: Words, ask: Words) -> StringField:
    return StringField(label, [InputRequired(message=ask), Text(label, 1000)])


def _reason(label: Words) -> TextAreaField:
    checks = [InputRequired(message=_("请填写原因，将记入日志并告知当事人。")), Text(label, 500, 2)]
    return TextAreaField(label, checks, filters=[lambda text: (text or "").strip()])


class Questions(Form):
    """The base of every page's questions: what was not asked cannot be answered.

    `first`: the fields with which the page begins, where a class asks something before what it inherits.
    """

    first: ClassVar[tuple[str, ...]] = ()

    @property
    def wrong(self) -> list[tuple[str, Words]]:
        """Each fault with the id of its field, in the order of the page."""
        fields = [self[name] for name in self.first]
        fields += [field for field in self if field not in fields]
        return [(str(field.id), field.errors[0]) for field in fields if field.errors]

    def fault(self, name: str, says: Words) -> None:
        """Put a fault found by the office beside its question."""
        self[name].errors = [says]


class SignIn(Questions):
    """The door."""

    login = _line(_("账号"), _("请填写账号。"), 64)
    password = _secret(_("密码"), _("请填写密码。"))
    code = _line(_("动态码"), None, 12)


class Forgotten(Questions):
    """Asking for a link."""

    email = _line(_("电子邮箱"), _("请填写账号登记的电子邮箱。"), 200, _email)


class NewPassword(Questions):
    """A password that is set through a link."""

    new = _secret(_("新密码"), _("请填写新密码。"))
    again = _secret(_("再输一次"), _("请再输一次新密码。"))

    def __init__(self, *args: Any, login: str = "", **named: Any) -> None:
        super().__init__(*args, **named)
        self._login = login

    def validate_new(self, field: Field) -> None:
        """Long enough, not guessable."""
        if (says := passwords.objection(field.data, self._login)) is not None:
            raise ValidationError(says)

    def validate_again(self, field: Field) -> None:
        """Typed the same twice."""
        if field.data != self.new.data:
            raise ValidationError(_("两次输入的新密码不一致，请重新输入。"))


class ChangePassword(NewPassword):
    """The person's own change."""

    first: ClassVar[tuple[str, ...]] = ("old",)
    old = _secret(_("原密码"), _("请填写原密码。"))


class Code(Questions):
    """The first code of a newly bound device."""

    code = _line(_("动态码"), _("请填写动态码应用显示的 6 位数字。"), 12)


class Proof(Questions):
    """Before a bound device is replaced: password and code again."""

    password = _secret(_("密码"), _("请填写密码。"))
    code = _line(_("现用设备的动态码"), _("请填写现用设备显示的 6 位动态码。"), 12)


class Reason(Questions):
    """Why."""

    reason = _reason(_("原因"))


class _Body(Questions):
    name = _line(_("单位全称"), _("请填写单位全称，与营业执照或印章一致。"), 100, shortest=2)
    name_en = _line(_("英文名称"), None, 150)
    representative = _line(_("法定代表人（负责人）"), None, 50)
    address = _line(_("地址"), None, 200)
    contact = _line(_("联系人"), None, 50)
    phone = _line(_("联系电话"), None, 30, _phone)
    email = _line(_("电子邮箱"), None, 200, _email)


class OrganisationAnswers(_Body):
    """The register's facts; a company needs its credit code."""

    first: ClassVar[tuple[str, ...]] = ("kind", "name", "name_en", "code")
    kind = Choice(_("单位类别"), _("请选择单位类别。"))
    code = _line(_("统一社会信用代码"), None, 30, _code)

    def __init__(self, *args: Any, kinds: tuple[str, ...], **named: Any) -> None:
        super().__init__(*args, **named)
        self.kind.options = {kind: KINDS[kind] for kind in kinds}

    def validate(self, extra_validators: Any = None) -> bool:
        """A company without credit code cannot be told from another."""
        fine = super().validate(extra_validators)
        if self.kind.data in COMPANIES and not self.code.data:
            self.fault("code", _("企业应填写统一社会信用代码。"))
            return False
        return fine


class AccountAnswers(_Body):
    """What a company says when it applies for an account."""

    first: ClassVar[tuple[str, ...]] = ("kind", "district")

    kind = Choice(_("单位类别"), _("请选择单位类别。"))
    district = Choice(_("受理区"), _("请选择受理区。"))
    code = _line(_("统一社会信用代码"), _("请填写营业执照上的统一社会信用代码。"), 30, _code)
    representative = _line(_("法定代表人"), _("请填写法定代表人姓名。"), 50, shortest=2)
    address = _line(_("住所"), _("请填写营业执照上的住所。"), 200, shortest=4)
    contact = _line(_("联系人"), _("请填写联系人姓名，该人员将成为本单位的系统管理员。"), 50, shortest=2)
    phone = _line(_("联系电话"), _("请填写联系电话。"), 30, _phone)
    email = _line(_("电子邮箱"), _("请填写电子邮箱，核验结果和设置密码的链接将发至该邮箱。"), 200, _email)

    def __init__(self, *args: Any, districts: Mapping[str, Words], **named: Any) -> None:
        super().__init__(*args, **named)
        self.kind.options = {kind: KINDS[kind] for kind in APPLICANTS}
        self.district.options = districts


class PersonAnswers(Questions):
    """The register's facts about a person."""

    name = _line(_("姓名"), _("请填写姓名。"), 50, shortest=2)
    name_en = _line(_("英文姓名"), None, 100)
    email = _line(_("电子邮箱"), _("请填写电子邮箱，设置密码的链接将发至该邮箱。"), 200, _email)
    phone = _line(_("联系电话"), None, 30, _phone)


class NewPerson(PersonAnswers):
    """The same with an account name."""

    first: ClassVar[tuple[str, ...]] = ("login",)
    login = _line(_("账号"), _("请填写账号。"), 64, _login)


class PostAnswers(Questions):
    """A post: whose, which role, from when until when."""

    login = _line(_("账号"), _("请填写该人员的账号。"), 64)
    role = Choice(_("岗位"), _("请选择岗位。"))
    starts_on = _line(_("起始日期"), _("请填写起始日期。"), 20)
    ends_on = _line(_("截止日期"), None, 20)

    def __init__(self, *args: Any, roles: tuple[str, ...], **named: Any) -> None:
        super().__init__(*args, **named)
        self.role.options = {role: ROLES[role] for role in roles}
        self.days: dict[str, date | None] = {}

    def validate_starts_on(self, field: Field) -> None:
        """A day."""
        self.days["starts_on"] = _day(field)

    def validate_ends_on(self, field: Field) -> None:
        """A day, or nothing for an open end."""
        first, last = self.days.get("starts_on"), _day(field)
        if first and last and last < first:
            raise ValidationError(_("截止日期不能早于起始日期 %(first)s。", first=dated(first)))
        self.days["ends_on"] = last


def _day(field: Field) -> date | None:
    """2026-03-05, 2026.3.5, 2026/3/5 or 2026年3月5日."""
    if not field.data:
        return None
    parts = re.fullmatch(r"(\d{4})[-./年](\d{1,2})[-./月](\d{1,2})日?", field.data)
    try:
        day = date(*(int(part) for part in parts.groups())) if parts else None
    except ValueError:  # the 31st of February
        day = None
    if day is None:
        raise ValidationError(_("“%(given)s”不是有效日期，应为 2026-03-05 的样式。", given=field.data))
    return day
