"""Asks for one page as one role, and says in one word how the house answered."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from town import ROLES, Town
from werkzeug.routing import Rule

#: Placeholders of an address that name nothing the office knows, by the name of the placeholder.
NOTHING: dict[str, Any] = {"register": "aviary",
    "number": "XP-2026-9999", "key": "nowhere", "form": "nowhere", "kind": "odt", "code": "0" * 16, "token": "x" * 43,
    "filename": "nowhere.css", "act": "close",
}  # fmt: skip
NO_ROW = 2_000_000_000


@dataclass(frozen=True)
class Answer:
    """What came back; `word` is how the table writes it."""

    status: int
    text: str
    body: bytes
    to: str
    headers: Any

    @property
    def word(self) -> str:
        return "in" if self.status == 302 and urlsplit(self.to).path == "/sign-in" else str(self.status)


def ask(town: Town, role: str, method: str, address: str, data: Any = None) -> Answer:
    """One request with a fresh browser that bears the role's session; a form may be written already: bytes and kind."""
    client = town.browser(role)
    data, kind = data if isinstance(data, tuple) else (data, None)
    headers = {"Accept-Language": "zh"}
    answer = client.open(address, method=method, data=data or None, content_type=kind, headers=headers)
    body = answer.get_data()
    text = body.decode("utf-8", "replace")
    found = Answer(answer.status_code, text, body, answer.headers.get("Location", ""), answer.headers)
    answer.close()
    return found


def missing(rule: Rule, parts: dict[str, Any]) -> dict[str, Any]:
    """The same address with the object it names replaced by one that is not there."""
    converters = rule._converters
    first = next(name for name in rule.rule_names if name in parts)
    kind = type(converters[first]).__name__
    return {**parts, first: NO_ROW if kind == "RowNumber" else NOTHING[first]}


def rules_of(town: Town) -> dict[str, list[Rule]]:
    """Every address of the house by endpoint."""
    found: dict[str, list[Rule]] = {}
    for rule in town.app.url_map.iter_rules():
        rule.rule_names = re.findall(r"<(?:[^:<>]+:)?(\w+)>", rule.rule)
        found.setdefault(rule.endpoint, []).append(rule)
    return found


__all__ = ["NOTHING", "NO_ROW", "ROLES", "Answer", "ask", "missing", "rules_of"]
