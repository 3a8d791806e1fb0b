"""What the letters about accounts say, in both languages; sending them is the pages' business."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from casework import clock
from casework.people.users import User
from casework.words import unended


class Send(Protocol):
    """Puts a letter to a user (by id) or an e-mail address into the outbox: `letters.send`."""

    def __call__(self, to: int | str, subject: str, body_zh: str, body_en: str, *, now: datetime) -> Any:
        """In the caller's transaction."""


@dataclass(frozen=True)
class Letter:
    """One letter; the reader gets both languages."""

    subject: str
    zh: str
    en: str

    def go(self, to: User | str, send: Send) -> None:
        """Into the outbox, in the caller's transaction."""
        send(to if isinstance(to, str) else to.id, self.subject, self.zh, self.en, now=clock.now())


def code_reset(reason: str) -> Letter:
    """Somebody must hear of it who did not ask for it."""
    return Letter(
        "动态码已重置｜Your one-time code was reset",
        f"系统管理员已重置您的动态码，原因：{unended(reason)}。您的登录已全部退出，下次登录时请重新绑定。\n"
        "如非您本人申请，请立即联系本单位系统管理员。",
        f"An administrator has reset your one-time code. Reason: {unended(reason)}. "
        "You have been signed out everywhere; please set up a new code when you next sign in.\n"
        "If you did not ask for this, tell your administrator at once.",
    )


def code_set_up() -> Letter:
    """So that a strange device is noticed."""
    return Letter(
        "动态码已绑定新设备｜A device was set up for your one-time code",
        "您的账号已绑定新的动态码设备。如非您本人操作，请立即联系本单位系统管理员。",
        "A new device was set up for the one-time codes of your account. If this was not you, "
        "tell your administrator at once.",
    )


def password_link(login: str, link: str) -> Letter:
    """Asked for on the public page, or sent by an administrator."""
    return Letter(
        "重置密码｜Reset your password",
        f"账号 {login} 申请重置密码。请在 30 分钟内打开下面的链接设置新密码，链接只能使用一次：\n{link}\n"
        "如非您本人申请，请忽略此信，原密码不变。",
        f"A password reset was requested for account {login}. Open this link within 30 minutes; "
        f"it works once:\n{link}\n"
        "If you did not ask for this, ignore this letter; your password stays as it is.",
    )


def invitation(login: str, organisation: str, link: str) -> Letter:
    """A new account's first letter."""
    return Letter(
        "账号已开立｜Your account is ready",
        f"已为您开立账号 {login}（{organisation}）。请在 7 日内打开下面的链接设置密码，"
        f"链接只能使用一次：\n{link}",
        f"Account {login} has been opened for you ({organisation}). Open this link within 7 days to set your "
        f"password; it works once:\n{link}",
    )


def password_changed() -> Letter:
    """So that a theft is noticed."""
    return Letter(
        "密码已修改｜Your password was changed",
        "您的账号密码已修改，所有登录均已退出。如非您本人操作，请立即联系本单位系统管理员。",
        "The password of your account was changed and every session ended. If this was not you, "
        "tell your administrator at once.",
    )


def account_received(name: str, number: str) -> Letter:
    """Receipt of an application for an account."""
    return Letter(
        "开户申请已收到｜Your application was received",
        f"{name}的开户申请已收到，受理编号 {number}。区房管局窗口核验后将以邮件告知结果。",
        f"The application of {name} was received under number {number}. The housing bureau's window "
        "will check it and tell you the result by e-mail.",
    )


def account_refused(name: str, reason: str) -> Letter:
    """Why there is no account, and what to do."""
    return Letter(
        "开户申请未通过｜Your application was not approved",
        f"{name}的开户申请未通过核验，原因：{unended(reason)}。更正后可以重新申请。",
        f"The application of {name} was not approved. Reason: {unended(reason)}. "
        "You may apply again once this is corrected.",
    )
