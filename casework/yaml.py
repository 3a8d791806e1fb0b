"""The one reader of YAML: plain values only, by libyaml where PyYAML brings it (nine times as fast).

A procedure's folder, a profile, a story and the head of every letter are YAML; a letter's is read when it
is sent.
"""

from __future__ import annotations

from typing import Any

import yaml

__all__ = ["Unreadable", "read"]

#: What a text that is no YAML raises; says line and column.
Unreadable = yaml.YAMLError

_Loader: type[yaml.SafeLoader | yaml.CSafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read(text: str) -> Any:
    """Its value: mappings, lists, strings, numbers, dates, booleans and null; Unreadable otherwise."""
    return yaml.load(text, _Loader)  # noqa: S506  one of the two safe loaders
