"""Passwords: hashed with argon2id at the strength OWASP asks for (t=2, m=19 MiB, p=1)."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from casework.words import Words, _

SHORTEST = 10
LONGEST = 128
#: What people type first when a password is asked for.
COMMON = (
    frozenset(["1234567890", "0123456789", "0987654321", "1122334455", "123456789a", "a123456789"])
    | frozenset(["abc1234567", "abcd123456", "qwertyuiop", "qwerty1234", "1q2w3e4r5t", "1qaz2wsx3edc"])
    | frozenset(["password123", "password1234", "passw0rd123", "p@ssw0rd123", "administrator"])
    | frozenset(["admin12345", "admin123456", "letmein1234", "woaini1314", "iloveyou123", "changeme123"])
)

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_nobody = _hasher.hash("nobody has this password")


def seal(password: str) -> str:
    """The hash to store."""
    return _hasher.hash(password)


def fits(stored: str, password: str) -> bool:
    """Whether the password belongs to the hash; as slow when there is no hash (unknown accounts)."""
    try:
        return _hasher.verify(stored or _nobody, password[: LONGEST + 1]) and bool(stored)
    except (VerificationError, InvalidHashError):
        return False


def objection(password: str, login: str) -> Words | None:
    """Why a new password is not good enough, or None."""
    if len(password) < SHORTEST:
        return _(
            "密码至少 %(n)s 个字符，现为 %(given)s 个。短密码容易被猜中。", n=SHORTEST, given=len(password)
        )
    if len(password) > LONGEST:
        return _("密码最多 %(n)s 个字符，现为 %(given)s 个。", n=LONGEST, given=len(password))
    small = password.lower()
    if login and login.lower() in small:
        return _("密码不能包含账号，否则容易被猜中。")
    if small in COMMON or len(set(small)) < 4:
        return _("该密码过于常见或重复字符过多，容易被猜中，请换一个。")
    return None
