"""ocds.yaml: what the public learns of a case as data, and from when (Open Contracting Data Standard 1.1).

when: =stage != "filing"     # nothing is published while this is not true
tag: ="tender"               # the release tag
says: {tender: {id: =case.number, …}}   # texts beginning with = are FEEL; what is null is left out
continues: =processes[1].ocid  # optional: of which process published before this case tells the end
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from casework import clock
from casework.engine import feel
from casework.engine.findings import Finding

KEYS = frozenset({"when", "tag", "says"})
OPTIONAL = frozenset({"continues"})
#: What a release may read besides the case's variables (casework/cases/context.py and releasing.py give it).
GIVEN = frozenset(
    {
        "answers",
        "parties",
        "deadlines",
        "today",
        "matrix",
        "defects",
        "documents",
        "related",
        "notices",
        "processes",
        "published",
    }
)
#: The tag of a release whose mapping gives none (OCDS 1.1, release tag codelist).
UNTAGGED = "tenderUpdate"
Functions = Mapping[str, Callable[..., Any]]


@dataclass(frozen=True)
class Publishing:
    """The mapping of a procedure's facts to a release."""

    when: feel.Expression
    tag: feel.Expression
    says: Any
    continues: feel.Expression | None = None

    def release(self, scope: Mapping[str, Any], functions: Functions) -> tuple[str, dict[str, Any]] | None:
        """Tag and body of the release as things stand; None while nothing is to be published."""
        if self.when.evaluate(scope, functions) is not True:
            return None
        body = _evaluated(self.says, scope, functions)
        tag = self.tag.evaluate(scope, functions)  # names that are not known yet are null here
        return str(tag or UNTAGGED), body if isinstance(body, dict) else {}


def findings(about: Mapping[str, Any]) -> Iterator[Finding]:
    """What in the file could not be published."""
    for key in (set(about) - OPTIONAL) ^ KEYS:
        yield Finding(
            0, str(key), "ocds", "error", f"ocds.yaml 应写 when、tag、says：{key}", f"ocds.yaml: {key}"
        )
    for text in _texts(about):
        try:
            feel.compile(text)
        except feel.FeelError as error:
            yield Finding(
                0, text[:60], "ocds", "error", f"表达式无法读取：{error.zh}", f"cannot be read: {error.en}"
            )


def read(about: Mapping[str, Any]) -> Publishing | None:
    """The mapping of a checked file; None: nothing of these cases is published."""
    if not about:
        return None
    continues = about.get("continues")
    return Publishing(
        feel.compile(str(about["when"])),
        feel.compile(str(about["tag"])),
        _compiled(about["says"]),
        feel.compile(str(continues)) if continues else None,
    )


def names(about: Mapping[str, Any]) -> frozenset[str]:
    """What its expressions read: those must stay case variables."""
    return frozenset(name for text in _texts(about) for name in feel.compile(text).names) - GIVEN


def _texts(part: Any) -> Iterator[str]:
    if isinstance(part, str) and part.startswith("="):
        yield part
    elif isinstance(part, Mapping):
        for value in part.values():
            yield from _texts(value)
    elif isinstance(part, list):
        for value in part:
            yield from _texts(value)


def _compiled(part: Any) -> Any:
    if isinstance(part, str) and part.startswith("="):
        return feel.compile(part)
    if isinstance(part, Mapping):
        return {str(key): _compiled(value) for key, value in part.items()}
    return [_compiled(value) for value in part] if isinstance(part, list) else part


def _evaluated(part: Any, scope: Mapping[str, Any], functions: Functions) -> Any:
    """The tree with its values; nulls and what is empty without them are left out, lists in lists opened."""
    if isinstance(part, feel.Expression):
        return plain(part.evaluate(scope, functions))
    if isinstance(part, Mapping):
        found = {key: _evaluated(value, scope, functions) for key, value in part.items()}
        return {key: value for key, value in found.items() if value not in (None, {}, [], "")}
    if isinstance(part, list):
        values = [_evaluated(value, scope, functions) for value in part]
        flat = [one for value in values for one in (value if isinstance(value, list) else [value])]
        return [one for one in flat if one not in (None, {}, "")]
    return plain(part)


def plain(value: Any) -> Any:
    """A value as JSON has it; days are the beginning of that day in the office's time."""
    if isinstance(value, datetime):
        return clock.local(value).isoformat(timespec="seconds")
    if isinstance(value, date):
        return clock.local(clock.at_local(value)).isoformat(timespec="seconds")
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, Mapping):
        found = {str(key): plain(one) for key, one in value.items()}
        return {key: one for key, one in found.items() if one not in (None, {}, [], "")}
    return [plain(one) for one in value] if isinstance(value, list | tuple) else value
