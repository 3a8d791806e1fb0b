"""What the office answers when it cannot do as asked; app.py maps each to a page and a status, once."""

from __future__ import annotations

from casework.words import Words, _


class OfficeError(Exception):
    """Every expected answer other than yes. `says` is what the person reads; `basis` its article."""

    says: Words = _("无法办理。")
    basis: Words = ""

    def __init__(self, says: Words | None = None, basis: Words = "") -> None:
        if says is not None:
            self.says = says
        if basis:
            self.basis = basis
        super().__init__(self.says)

    def __str__(self) -> str:
        return str(self.says)


class Refused(OfficeError):
    """The rule says no (403)."""

    says = _("您没有办理此事项的权限。")


class Unknown(OfficeError):
    """There is no such thing, or it is not yours to see: both are answered alike (404)."""

    says = _("没有找到您要的内容。")


class Conflict(OfficeError):
    """Somebody was faster, or the thing has changed since it was read (409)."""

    says = _("此步骤已由他人办理，内容已有变化。")


class NotYet(OfficeError):
    """A condition of the act is not fulfilled; the sentence names it (422)."""

    says = _("条件尚未满足。")


class TooMuch(OfficeError):
    """A size limit is passed; the sentence names the thing, the limit and what was sent (413)."""

    says = _("内容超过限额。")


class Busy(OfficeError):
    """Nothing was stored; trying again later is right (503)."""

    says = _("系统繁忙，您的内容未提交，请稍后重试。")
