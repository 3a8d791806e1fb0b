"""Why a file of a folder cannot be read, said to whoever edits it: line, what is wrong, what to do."""

from __future__ import annotations

import json

from casework import yaml
from casework.engine.findings import Finding

#: What Python's JSON reader remarks, and our sentence for it.
_JSON = {
    "Expecting ',' delimiter": (
        "前一项之后缺少逗号，或者括号没有结束。",
        "A comma is missing, or a bracket is not closed.",
    ),
    "Expecting property name": (
        "名称要放在英文双引号里；最后一项后面不能有逗号。",
        "A name stands in double quotes; no comma follows the last entry.",
    ),
    "Expecting ':' delimiter": ("名称后面缺少冒号。", "The colon behind a name is missing."),
    "Expecting value": (
        "这里缺少内容，或者多了一个逗号。",
        "A value is missing here, or a comma is too many.",
    ),
    "Extra data": ("文件已经结束，后面还有内容。", "Something follows after the end."),
    "Invalid control": (
        "文字里的换行要写成 \\n，引号要成对。",
        "A line break in a text is written \\n; quotes come in pairs.",
    ),
    "Unterminated string": ("引号没有结束。", "A quotation mark is not closed."),
    "Invalid \\escape": ("文字里的“\\”要写成“\\\\”。", "“\\” in a text is written “\\\\”."),
}


def text(error: Exception) -> Finding:
    """A YAML file that was to be read."""
    fault = yaml.explained(error)
    return Finding(fault.line, "", "unreadable", "error", fault.zh, fault.en)


def form(error: ValueError) -> Finding:
    """A form: not UTF-8, no JSON, or none of our profile."""
    if isinstance(error, UnicodeDecodeError):
        return text(error)
    if not isinstance(error, json.JSONDecodeError):
        return Finding(0, "", "unreadable", "error", f"表单无法读取：{error}", str(error))
    fits = (said for remark, said in _JSON.items() if error.msg.startswith(remark))
    zh, en = next(fits, (f"{error.msg}。", f"{error.msg}."))
    zh, en = f"第 {error.colno} 列：JSON 格式不正确。{zh}", f"column {error.colno}: this is no JSON. {en}"
    return Finding(error.lineno, "", "unreadable", "error", zh, en)
