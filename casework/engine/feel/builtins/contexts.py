"""Context functions (DMN 1.3 table 78; context, context put and context merge of DMN 1.4)."""

from __future__ import annotations

from typing import Any

from casework.engine.feel.builtins.signature import Table, define
from casework.engine.feel.scope import Null, Run

FUNCTIONS: Table = {}

#: Levels that `context put` goes down.
MAX_KEYS = 40


@define(FUNCTIONS, "get value", "m: context, key: string")
def get_value(run: Run, m: dict[str, Any], key: str) -> Any:
    if key not in m:
        raise Null(f"上下文中没有“{key[:40]}”", f"the context has no “{key[:40]}”")
    return m[key]


@define(FUNCTIONS, "get entries", "m: context")
def get_entries(run: Run, m: dict[str, Any]) -> list[Any]:
    run.items(len(m))
    return [{"key": key, "value": value} for key, value in m.items()]


@define(FUNCTIONS, "context", "entries: list")
def context(run: Run, entries: list[Any]) -> dict[str, Any]:
    run.items(len(entries))
    made: dict[str, Any] = {}
    for entry in entries:
        if type(entry) is not dict or type(entry.get("key")) is not str or "value" not in entry:
            raise Null("每一项应有 key 和 value", "every entry needs a key and a value")
        if entry["key"] in made:
            raise Null("键重复", "a key stands twice")
        made[entry["key"]] = entry["value"]
    return made


@define(FUNCTIONS, "context put", "context: context, key: any, value: any")
@define(FUNCTIONS, "context put", "context: context, keys: list, value: any")
def put(run: Run, m: dict[str, Any], keys: Any, value: Any) -> dict[str, Any]:
    """With a list of keys: deep inside."""
    path = keys if type(keys) is list else [keys]
    run.items(len(m) + len(path))
    if not path or len(path) > MAX_KEYS or type(path[0]) is not str:
        raise Null("键应为字符串", "keys must be strings")
    key, rest = path[0], path[1:]
    if not rest:
        return {**m, key: value}
    inner = m.get(key)
    if type(inner) is not dict:
        raise Null(f"“{key[:40]}”不是上下文", f"“{key[:40]}” is no context")
    return {**m, key: put(run, inner, rest, value)}


@define(FUNCTIONS, "context merge", "contexts: list")
def merge(run: Run, contexts: list[Any]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for one in contexts:
        if type(one) is not dict:
            raise Null("只能合并上下文", "only contexts can be merged")
        run.items(len(one) + 1)
        made.update(one)
    return made
