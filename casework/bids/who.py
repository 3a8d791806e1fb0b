"""Who may bid at all: the rule, and the people it means."""

from __future__ import annotations

from datetime import date
from typing import Any

from casework import people
from casework.rules import rule
from casework.words import _

KIND = "enterprise"
ROLES = ("handler", "head")


@rule(_("投标由物业服务企业的经办人或者负责人办理。"), basis=_("物业管理条例 第三十二条"))
def bid(by: Any) -> bool:
    """Who may enter the bid room at all."""
    return by is not None and by.organisation.kind == KIND and by.role in ROLES


def circle(at: date, only: frozenset[int] | None = None) -> list[int]:
    """Everybody who may bid on a day, or those of these organisations alone."""
    return people.circle(KIND, ROLES, at, only)


def of(organisation_id: int, at: date) -> list[int]:
    """The people who bid for an organisation."""
    return sorted({post.user_id for post in people.holders(organisation_id, ROLES, at)})
