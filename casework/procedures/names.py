"""Names in the tables, letters and notices of a folder that nobody gives, and blanks nobody can fill."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches

from casework import blanks, yaml
from casework.engine import expressions, feel
from casework.procedures.heading import heard
from casework.procedures.opening import FACTS
from casework.procedures.procedure import Procedure

#: What letters and notices read beside the facts (casework/cases/context.py).
SAID = frozenset({"answers", "parties", "deadlines", "matrix", "defects", "recipient", "today"})
_DEADLINE = re.compile(r"\bdeadline\(\s*(?:\"|&quot;)(.+?)(?:\"|&quot;)\s*\)")


def of(procedure: Procedure) -> Iterator[tuple[str, str]]:
    """Each with its file, in one sentence in both languages."""
    about, flow = procedure.about, procedure.flow
    known = FACTS | set(about.get("keeps") or ()) | heard(about) | expressions.written(flow.elements)
    known |= {name for form in procedure.forms.values() for name in form.keys}
    said = known | SAID | {name for each in flow.elements.values() for name in each.inputs}
    for name, table in flow.decisions.items():
        for read in sorted(table.names(name) - known):
            yield "rules.dmn", f"{name}: {_unknown(read, known)}"
    sent = {key for form in procedure.forms.values() for key in form.uploads}
    for key in sorted({*(about.get("originals") or ())} - sent):
        yield "procedure.yaml", f"originals：没有一个表单要求上传“{key}” / no form asks for the file “{key}”"
    for file, data in procedure.files.items():
        text = data.decode("utf-8-sig") if not file.endswith(".docx") else ""
        for name in sorted({*_DEADLINE.findall(text)} - procedure.deadlines.keys()):
            yield file, f"procedure.yaml 没有期限“{name}” / procedure.yaml has no deadline “{name}”"
        if file.startswith(("letters/", "notices/")):
            yield from ((file, fault) for fault in (*_leaf(text, said), *_ended(text, procedure)))


def _leaf(text: str, known: frozenset[str]) -> Iterator[str]:
    """What keeps a letter or notice from being written."""
    try:
        leaf = blanks.read(text)
    except yaml.Unreadable:
        yield "开头两行“---”之间不是“名称: 值” / between the two lines of dashes there must be “name: value”"
        return
    if not leaf.front.get("title"):
        yield "开头没有写 title / there is no title at the head"
    days = leaf.front.get("days")
    if days is not None and not (isinstance(days, int) and days > 0):
        yield f"days 应为天数，不是“{days}” / days must be a number of days, not “{days}”"
    for filter_ in sorted(blanks.filters(text) - blanks.FILTERS.keys()):
        listed = "、".join(sorted(blanks.FILTERS.keys() - {"plain"}))
        yield f"没有过滤“{filter_}”；可以写：{listed} / there is no filter {filter_}; known: {listed}"
    try:
        for name in sorted(blanks.names(text) - known):
            yield _unknown(name, known)
    except feel.FeelError as wrong:
        yield f"空格写错：{wrong.zh} / a blank is wrong: {wrong.en}"


def _ended(text: str, procedure: Procedure) -> Iterator[str]:
    """Notices that a notice ends, which are not there."""
    try:
        named = blanks.read(text).front.get("ends") or ()
    except yaml.Unreadable:
        return
    for one in [named] if isinstance(named, str) else named:
        if f"notices/{one}.md" not in procedure.files:
            yield f"ends 中的公告“{one}”不存在 / there is no notice “{one}” to end"


def _unknown(name: str, known: frozenset[str]) -> str:
    near = get_close_matches(name, known, 1)
    zh, en = (f"，是不是“{near[0]}”？", f"; “{near[0]}”?") if near else ("", "")
    return f"没有名为“{name}”的答案或者变量{zh} / no answer or variable is called “{name}”{en}"
