"""Every sentence a form says, in both languages. It says what to do and names the thing; never 'invalid'."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

#: What is wrong with an answer. {label} {bound} {unit} {why} {example} {have} {name} are filled in.
WRONG: dict[str, tuple[str, str]] = {
    "required.text": ("请填写{label}", "Enter {label}"),
    "required.choice": ("请选择{label}", "Select {label}"),
    "required.file": ("请上传{label}", "Upload {label}"),
    "required.check": ("请勾选：{label}", "Tick to confirm: {label}"),
    "number": ("{label}应为数字，例如 1200.5", "{label} must be a number, like 1200.5"),
    "integer": ("{label}应为整数，例如 12", "{label} must be a whole number, like 12"),
    "date": ("{label}应为日期，例如 2026-03-05", "{label} must be a date, like 2026-03-05"),
    "pattern": ("{label}的格式不正确{example}", "{label} is not in the right format{example}"),
    "checksum": (
        "{label}的校验位不符，请逐位核对{example}",
        "Check {label}: the check character does not match{example}",
    ),
    "min": ("{label}不能小于 {bound}{unit}{why}", "{label} must be {bound}{unit} or more{why}"),
    "max": ("{label}不能大于 {bound}{unit}{why}", "{label} must be {bound}{unit} or less{why}"),
    "min.date": ("{label}不能早于 {bound}{why}", "{label} must be {bound} or later{why}"),
    "max.date": ("{label}不能晚于 {bound}{why}", "{label} must be {bound} or earlier{why}"),
    # the same bounds beside the question, before anything is wrong
    "min.hint": ("不小于 {bound}{unit}{why}", "{bound}{unit} or more{why}"),
    "max.hint": ("不大于 {bound}{unit}{why}", "{bound}{unit} or less{why}"),
    "min.hint.date": ("最早 {bound}{why}", "{bound} or later{why}"),
    "max.hint.date": ("最晚 {bound}{why}", "{bound} or earlier{why}"),
    "minLength": ("{label}至少 {bound} 个字", "{label} must be at least {bound} characters"),
    "maxLength": (
        "{label}最多 {bound} 个字，现在 {have} 个字",
        "{label} must be {bound} characters or fewer; it has {have}",
    ),
    "decimals": ("{label}最多保留 {bound} 位小数", "{label} must have at most {bound} decimal places"),
    "all": (
        "{label}：每一项都要勾选{why}，还缺：{left}",
        "{label}: tick every one{why}; still missing: {left}",
    ),
    "all.hint": ("每一项都要勾选{why}", "Every one must be ticked{why}"),
    "choice": ("请从列表中选择{label}", "Select {label} from the list"),
    "file.size": (
        "「{name}」有 {have}，超过单个文件 {bound} 的上限",
        "“{name}” is {have}; the limit is {bound}",
    ),
    "file.type": ("「{name}」不是允许的格式（{bound}）", "“{name}” is not an allowed type ({bound})"),
    "file.content": (
        "「{name}」的内容与后缀不符，请换成可以打开的文件",
        "“{name}” is not what its ending says; upload a file that opens",
    ),
    "file.empty": ("「{name}」是空文件", "“{name}” is empty"),
    "file.count": ("{label}只能上传 1 个文件", "{label} takes one file only"),
    "rows.min": ("{label}至少填写 {bound} {rows}", "Add at least {bound} {rows} to {label}"),
    "rows.max": ("{label}最多填写 {bound} {rows}", "{label} can have at most {bound} {rows}"),
}

#: What stands around the questions.
AROUND: dict[str, tuple[str, str]] = {
    "error": ("错误：", "Error: "),
    "optional": ("（选填）", "(optional)"),
    "taken_over": ("带入，请核对", "taken over, please check"),
    "taken_over.date": ("以前填的是 {was}，没有带入：{why}", "It was {was}, which is not taken over: {why}"),
    "taken_over.choice": (
        "以前选的现在不能选，没有带入",
        "What was chosen before cannot be chosen now; it is not taken over",
    ),
    "taken_over.rows": (
        "以前有 {n} 行选的现在不能选，没有带入",
        "Rows not taken over, as what was chosen there cannot be chosen now: {n}",
    ),
    "select": ("请选择", "Select"),
    "reveals": ("选此项后需填：", "You will also need: "),
    "reveals.option": ("选「{option}」后需填：{what}", "“{option}”: you will also need {what}"),
    "upto": ("最多 {n} 个字", "Up to {n} characters"),
    "filemax": ("单个不超过 {n} MB", "up to {n} MB each"),
    "files.many": ("可上传多个文件", "several files allowed"),
    "place.gone": ("照片中的拍摄位置自动去除", "where a photo was taken is removed"),
    "place.kept": ("照片中的拍摄位置予以保留", "where a photo was taken is kept"),
    "of": ("{what}：{text}", "{what}: {text}"),
    "delete": ("删除", "Delete"),
    "add": ("添加一{unit}", "Add {unit}"),
    "row": ("行", "row"),
    "row.n": ("第 {n} {unit}", "{unit} {n}"),
    "number": ("序号", "No."),
    "action": ("操作", "Action"),
    "rows.n": ("{n} {unit}", "{n} in all"),
    "in.row": ("{row}：{text}", "{row}: {text}"),
    "paste": ("从 Excel 粘贴", "Paste from a spreadsheet"),
    "paste.hint": (
        "从表格中复制多行后粘贴到这里，列的顺序为：{columns}",
        "Copy rows from a spreadsheet and paste them here. Column order: {columns}",
    ),
    "paste.button": ("填入表格", "Fill the table"),
    "added": ("已添加，现有 {n} {unit}", "Added; {n} in all"),
    "removed": ("已删除，现有 {n} {unit}", "Deleted; {n} in all"),
    "pasted": ("已填入，现有 {n} {unit}", "Filled in; {n} in all"),
    "filled": ("已全部填好，请核对后提交", "All filled; check before you submit"),
    "dropped": ("已删除文件", "File deleted"),
    "fill": ("全部填写", "Fill all"),
    "of.group": ("{n} {unit}", "{n}"),
    "item": ("项目", "Item"),
    "left": ("还有 {n} {unit}未填", "{n} to go"),
    "next.gap": ("下一处未填", "Next to fill"),
    "unfold": ("展开：", "Show: "),
    "full": ("各{unit}都已填好", "Nothing left"),
    "norows": ("没有需要填写的内容", "Nothing to fill in here"),
    "onlyif": ("仅当{condition}时填写", "Only if {condition}"),
    "onlyif.some": ("视前面的回答填写", "Only if your answers above ask for it"),
    "problems": ("有 {n} 处需要改正", "There are {n} problems"),
    "problems.more": ("另外 {n} 处", "{n} more"),
    "problem": ("有 1 处需要改正", "There is a problem"),
    "kept": ("已自动保存 {time}", "Saved {time}"),
    "lost": ("暂时无法保存，请勿关闭本页", "Not saved yet; keep this page open"),
    "steps": ("填写步骤", "Sections"),
    "done": ("已完成", "Done"),
    "todo": ("未填写", "To do"),
    "unread": ("未打开", "Not opened"),
    "leaf": ("第 {n} 部分，共 {all} 部分：", "Part {n} of {all}: "),
    "onward": ("保存，继续下一部分", "Save and go to the next part"),
    "backward": ("上一部分", "Previous part"),
    "wrong.n": ("{n} 处待改", "{n} to fix"),
    "check": ("核对并提交", "Check and submit"),
    "check.title": ("提交前请核对", "Check your answers"),
    "intro": (
        "除标有「选填」的以外都要填写。填写的内容会自动保存为草稿。",
        "Answer every question unless it is marked optional. A draft is saved as you type.",
    ),
    "next": ("保存并继续", "Save and continue"),
    "tocheck": ("保存并核对", "Save and check"),
    "save": ("保存草稿", "Save draft"),
    "submit": ("提交", "Submit"),
    "back": ("返回修改", "Back"),
    "change": ("修改", "Change"),
    "notdone": ("还有 {n} 处未完成", "{n} answers are missing or wrong"),
    "print": ("打印", "Print"),
    "confirmed": ("已确认", "Confirmed"),
    "yes": ("是", "Yes"),
    "no": ("否", "No"),
    "none": ("—", "—"),
    "unanswered": ("未填", "Not answered"),
}

#: How a condition is said beside a question, for browsers that cannot hide it.
CONDITION: dict[str, tuple[str, str]] = {
    "=": ("「{a}」为{b}", "“{a}” is {b}"),
    "!=": ("「{a}」不为{b}", "“{a}” is not {b}"),
    "<": ("「{a}」小于 {b}", "“{a}” is less than {b}"),
    "<=": ("「{a}」不大于 {b}", "“{a}” is {b} or less"),
    ">": ("「{a}」大于 {b}", "“{a}” is more than {b}"),
    ">=": ("「{a}」不小于 {b}", "“{a}” is {b} or more"),
    "in": ("「{a}」为{b}", "“{a}” is {b}"),
    "not in": ("「{a}」不为{b}", "“{a}” is not {b}"),
    "has": ("「{a}」包含{b}", "“{a}” includes {b}"),
    "ticked": ("已勾选「{a}」", "“{a}” is ticked"),
    "unticked": ("未勾选「{a}」", "“{a}” is not ticked"),
    "blank": ("「{a}」未填", "“{a}” is empty"),
    "filled": ("「{a}」已填", "“{a}” is filled in"),
    "and": ("{a}且{b}", "{a} and {b}"),
    "or": ("{a}或{b}", "{a} or {b}"),
    "any": ("或", " or "),
    "value": ("「{v}」", "“{v}”"),
}


def pick(pair: tuple[str, str], lang: str) -> str:
    """One language of a pair (Chinese, English)."""
    return pair[1] if lang == "en" else pair[0]


def around(name: str, lang: str, **given: Any) -> str:
    """A word or sentence of the page around the questions."""
    text = pick(AROUND[name], lang)
    return text.format(**given) if given else text


def bracketed(unit: str, lang: str) -> str:
    """A unit behind the name of a column: （㎡）."""
    return pick((f"（{unit}）", f" ({unit})"), lang) if unit else ""


def figure(value: Any, lang: str = "zh") -> str:
    """A bound or value as it is typed: thousands commas, no idle zeros; 2026年3月5日 / 2026-03-05."""
    if isinstance(value, bool) or value is None:
        return ""
    if isinstance(value, int | Decimal):
        text = f"{Decimal(value):,f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    if isinstance(value, dt.date):
        return value.isoformat() if lang == "en" else f"{value.year}年{value.month}月{value.day}日"
    return str(value)


def size(count: int) -> str:
    """Bytes as a person reads them."""
    if count < 1024:
        return f"{count} B"
    return f"{count / 1024:.0f} KB" if count < 1024 * 1024 else f"{count / 1024 / 1024:.1f} MB"


def spoken(value: Any, lang: str) -> Any:
    """A value that the office says in both languages, `{zh: …, en: …}`, as this reader reads it."""
    if isinstance(value, Mapping) and {"zh", "en"} <= set(value):
        return value[lang] or value["zh"]
    return value
