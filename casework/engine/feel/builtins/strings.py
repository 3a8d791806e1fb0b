"""String functions (DMN 1.3 table 74; string join of DMN 1.4). Positions count characters from 1."""

from __future__ import annotations

from typing import Any

from casework.engine.feel import exact, patterns
from casework.engine.feel.builtins.signature import Table, define
from casework.engine.feel.scope import Null, Run

FUNCTIONS: Table = {}


@define(FUNCTIONS, "substring", "string: string, start position: number, length: number?")
def substring(run: Run, string: str, start: Any, length: Any = None) -> str:
    first = exact.whole(start)
    count = len(string) if length is None else exact.whole(length)
    if not first or abs(first) > len(string) or count is None or count < 1:
        raise Null("起始位置或长度不在字符串内", "the start position or length is not within the string")
    begin = first - 1 if first > 0 else len(string) + first
    return string[begin : begin + count]


@define(FUNCTIONS, "string length", "string: string")
def string_length(run: Run, string: str) -> int:
    return len(string)


@define(FUNCTIONS, "upper case", "string: string")
def upper_case(run: Run, string: str) -> str:
    run.characters(3 * len(string))
    return string.upper()


@define(FUNCTIONS, "lower case", "string: string")
def lower_case(run: Run, string: str) -> str:
    run.characters(3 * len(string))
    return string.lower()


@define(FUNCTIONS, "substring before", "string: string, match: string")
def substring_before(run: Run, string: str, match: str) -> str:
    before, found, _ = string.partition(match) if match else ("", "", "")
    return before if found else ""


@define(FUNCTIONS, "substring after", "string: string, match: string")
def substring_after(run: Run, string: str, match: str) -> str:
    return string.partition(match)[2] if match else string


@define(FUNCTIONS, "contains", "string: string, match: string")
def contains(run: Run, string: str, match: str) -> bool:
    run.characters(len(string))
    return match in string


@define(FUNCTIONS, "starts with", "string: string, match: string")
def starts_with(run: Run, string: str, match: str) -> bool:
    return string.startswith(match)


@define(FUNCTIONS, "ends with", "string: string, match: string")
def ends_with(run: Run, string: str, match: str) -> bool:
    return string.endswith(match)


@define(FUNCTIONS, "matches", "input: string, pattern: string, flags: string?")
def matches(run: Run, source: str, pattern: str, flags: str | None = None) -> bool:
    return patterns.search(patterns.program(pattern, flags or ""), source, 0, run) is not None


@define(FUNCTIONS, "replace", "input: string, pattern: string, replacement: string, flags: string?")
def replace(run: Run, source: str, pattern: str, replacement: str, flags: str | None = None) -> str:
    program = patterns.program(pattern, flags or "")
    found: list[str] = []
    end = 0
    for spans in patterns.every(program, source, run):
        found += [
            source[end : spans[0]],
            patterns.filled(replacement, source, spans, literal="q" in (flags or "")),
        ]
        run.characters(len(found[-1]))
        end = spans[1]
    found.append(source[end:])
    run.characters(sum(map(len, found)))
    return "".join(found)


@define(FUNCTIONS, "split", "string: string, delimiter: string")
def split(run: Run, string: str, delimiter: str) -> list[str]:
    parts: list[str] = []
    end = 0
    for spans in patterns.every(patterns.program(delimiter, ""), string, run):
        parts.append(string[end : spans[0]])
        end = spans[1]
    run.items(len(parts) + 1)
    return [*parts, string[end:]]


@define(FUNCTIONS, "string join", "list: list, delimiter: string?, prefix: string?, suffix: string?")
def string_join(
    run: Run,
    items: list[Any],
    delimiter: str | None = None,
    prefix: str | None = None,
    suffix: str | None = None,
) -> str:
    texts = [item for item in items if item is not None]
    if not all(type(text) is str for text in texts):
        raise Null("只能连接字符串", "only strings can be joined")
    run.items(len(items))
    run.characters(
        sum(map(len, texts)) + len(delimiter or "") * len(texts) + len(prefix or "") + len(suffix or "")
    )
    return (prefix or "") + (delimiter or "").join(texts) + (suffix or "")
