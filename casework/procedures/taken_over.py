"""What an application takes over from an earlier case: `takes_over` in a procedure.yaml."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from casework.engine import feel
from casework.engine.findings import Finding

KEYS = frozenset({"when", "corrected", "named", "anew"})


@dataclass(frozen=True)
class TakenOver:
    """Which answers of a case of one procedure an application proposes, to be checked by its applicant."""

    #: over what that case shows: which are looked for where a person begins by hand; None: none are
    when: feel.Expression | None
    #: its steps that corrected what its application said
    corrected: frozenset[str]
    #: questions that are asked otherwise there: by their name here, what the answer there means
    named: Mapping[str, feel.Expression]
    #: questions that are asked anew, whatever was said there
    anew: frozenset[str]


def findings(part: Any) -> Iterator[Finding]:
    """Everything that would not do what its writer means."""
    for key, one in (part if isinstance(part, Mapping) else {}).items():
        place = f"takes_over.{key}"
        if not isinstance(one, Mapping) or set(one) - KEYS:
            known = "、".join(sorted(KEYS))
            yield _bad(place, f"应为键值对照，可以写：{known}", f"is a mapping of: {known}")
            continue
        if not str(one.get("when", "=")).startswith("="):
            zh, en = "应为以 = 开头的表达式", "must be an expression that begins with ="
            yield _bad(f"{place}.when", zh, en)
        for name in ("corrected", "anew"):
            if not isinstance(one.get(name, []), list):
                yield _bad(f"{place}.{name}", "应为名称的列表", "is a list of names")
        if not isinstance(one.get("named", {}), Mapping):
            zh, en = (
                "应为“本表的问题: =那里的名称或者表达式”",
                "maps questions here to expressions over those there",
            )
            yield _bad(f"{place}.named", zh, en)
    if part is not None and not isinstance(part, Mapping):
        zh, en = "takes_over 应为“流程: 带入什么”", "takes_over maps procedures to what is taken over"
        yield _bad("takes_over", zh, en)


def read(part: Any) -> Mapping[str, TakenOver]:
    """By the procedure of the earlier case, of a checked procedure.yaml."""
    return {
        str(key): TakenOver(
            feel.compile(str(one["when"])) if one.get("when") else None,
            frozenset(one.get("corrected") or ()),
            {str(here): feel.compile(str(there)) for here, there in (one.get("named") or {}).items()},
            frozenset(one.get("anew") or ()),
        )
        for key, one in (part or {}).items()
    }


def _bad(place: str, zh: str, en: str) -> Finding:
    return Finding(0, place, "heading", "error", zh, en)
