"""The one safe reader of XML: no document type, no entities, no network, bounded size and depth.

The only module that imports lxml; others take `etree` from here. Why not lxml's defaults: lxml 4.9 handed out
local files through entities, and every version accepts a document type, which no drawing needs.
"""

from __future__ import annotations

import codecs
import re

from lxml import etree

__all__ = ["Element", "Unreadable", "etree", "read"]

#: The type of an element, for annotations.
Element = etree._Element  # noqa: SLF001  lxml names its public class so

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: its mark begins with the same two bytes
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_UNMARKED = (
    (b"<\0\0\0", "utf-32-le"),
    (b"\0\0\0<", "utf-32-be"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
)
_ENCODINGS = {
    "utf-8": "utf-8", "utf8": "utf-8", "us-ascii": "utf-8", "ascii": "utf-8",
    "gb18030": "gb18030", "gbk": "gb18030", "gb2312": "gb18030",
    "iso-8859-1": "latin-1", "windows-1252": "cp1252",
}  # fmt: skip
_DECLARED = re.compile(r"""^\s*<\?xml\b[^>]{0,200}?\bencoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_PROLOGUE = re.compile(r"(?:\s++|<\?.*?\?>|<!--.*?-->)*+", re.DOTALL)
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class Unreadable(ValueError):
    """The bytes are no XML this office reads. `line` counts from 1 (0: the file as a whole)."""

    def __init__(self, line: int, zh: str, en: str) -> None:
        super().__init__(f"{zh} {en}")
        self.line = line
        self.zh = zh
        self.en = en


def read(data: bytes, *, max_bytes: int = 2_000_000, max_depth: int = 200) -> Element:
    """The root element of an XML file; elements keep their `sourceline`. Raises `Unreadable`."""
    if len(data) > max_bytes:
        zh = f"文件有 {len(data):,} 字节，超过 {max_bytes:,} 字节的上限。"
        raise Unreadable(0, zh, f"The file has {len(data):,} bytes; the limit is {max_bytes:,}.")
    text = _decoded(data)
    _refuse_document_type(text)
    try:
        root = etree.fromstring(text.encode("utf-8"), _parser())
    except etree.XMLSyntaxError as error:
        raise _syntax(error) from None
    _refuse_depth(root, max_depth)
    return root


def _parser() -> etree.XMLParser:
    """A fresh parser each time: lxml parsers are not shared between threads."""
    return etree.XMLParser(
        encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False,
        attribute_defaults=False, huge_tree=False, remove_blank_text=False, recover=False,
    )  # fmt: skip


def _decoded(data: bytes) -> str:
    """The text as everything after this sees it, so that what was checked is what is parsed."""
    name, start = _encoding(data)
    try:
        text = data[start:].decode(name)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, start + error.start) + 1
        zh = f"文件内容与其声明的编码（{name}）不符。"
        raise Unreadable(line, zh, f"The contents do not fit the declared encoding ({name}).") from None
    if illegal := _ILLEGAL.search(text):
        line = text.count("\n", 0, illegal.start()) + 1
        raise Unreadable(line, "文件含有 XML 不允许的字符。", "The file holds a character that XML forbids.")
    return text


def _encoding(data: bytes) -> tuple[str, int]:
    """The encoding's Python name, and where the text starts. Only listed ones: UTF-7 hides things."""
    for mark, name in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return name, len(mark)
    for beginning, name in _UNMARKED:
        if data.startswith(beginning):
            return name, 0
    declared = _DECLARED.match(data[:400].decode("latin-1"))
    if declared is None:
        return "utf-8", 0
    wanted = declared.group(1).lower()
    if wanted not in _ENCODINGS:
        zh = f"不支持文件声明的编码“{wanted}”，请另存为 UTF-8。"
        raise Unreadable(
            1, zh, f"The declared encoding “{wanted}” is not supported; please save the file as UTF-8."
        )
    return _ENCODINGS[wanted], 0


def _refuse_document_type(text: str) -> None:
    """A document type may stand only before the root element; with it fall entities of every kind."""
    prologue = _PROLOGUE.match(text)
    end = prologue.end() if prologue else 0
    if text.startswith("<!DOCTYPE", end):
        line = text.count("\n", 0, end) + 1
        zh = "文件含有文档类型声明（DOCTYPE），出于安全原因不予读取。"
        raise Unreadable(line, zh, "The file has a document type (DOCTYPE), which is refused for safety.")


#: What libxml2 finds wrong, by its code: which names its remark holds, and our sentences over them.
_FAULTS: dict[int, tuple[str, str, str]] = {
    4: (
        "",
        "文件不是 XML，或者是空的：应当以“<”开头。",
        "The file is no XML, or empty: it must begin with “<”.",
    ),
    5: (
        "",
        "最外层的标记已经结束，后面还有内容。",
        "Something follows after the end of the outermost element.",
    ),
    9: ("", "含有 XML 不允许的字符编号。", "There is a character number that XML forbids."),
    23: ("", "“&”要写成“&amp;”。", "“&” must be written “&amp;”."),
    26: (
        r"'(?P<a>.*?)'",
        "“&{a};”不是 XML 认识的符号，请直接写这个字符。",
        "“&{a};” is no sign that XML knows; write the character itself.",
    ),
    38: ("", "属性值里的“<”要写成“&lt;”。", "“<” in the value of an attribute must be written “&lt;”."),
    39: ("", "属性的值要放在引号里。", "The value of an attribute must stand in quotation marks."),
    40: ("", "属性值后面缺少引号。", "The closing quotation mark of an attribute is missing."),
    41: (r"attribute (?P<a>\S+)", "属性“{a}”没有写值。", "The attribute “{a}” has no value."),
    42: (r"Attribute (?P<a>\S+)", "属性“{a}”写了两次。", "The attribute “{a}” stands there twice."),
    45: ("", "注释没有用“-->”结束。", "A comment is not closed with “-->”."),
    47: ("", "处理指令没有用“?>”结束。", "A processing instruction is not closed with “?>”."),
    62: ("", "文字里的“]]>”要写成“]]&gt;”。", "“]]>” in a text must be written “]]&gt;”."),
    63: ("", "CDATA 没有用“]]>”结束。", "A CDATA section is not closed with “]]>”."),
    64: (
        "",
        "XML 声明（<?xml …?>）只能在文件开头。",
        "The XML declaration (<?xml …?>) must be the very first.",
    ),
    65: ("", "属性之间缺少空格。", "A space between attributes is missing."),
    68: (
        "",
        "“<”后面不是标记名称，或者“&”后面不是符号名称；文字里的“<”要写成“&lt;”，“&”要写成“&amp;”。",
        "No name follows “<” or “&”; in texts write “&lt;” for “<” and “&amp;” for “&”.",
    ),
    73: ("", "标记没有用“>”结束。", "A tag is not closed with “>”."),
    76: (
        r"mismatch: (?P<a>\S+) line (?P<n>\d+) and (?P<b>[^\s,]+)",
        "第 {n} 行开始的“{a}”还没有结束，这里却写着“</{b}>”。",
        "“{a}” of line {n} is not ended yet, but here stands “</{b}>”.",
    ),
    77: (
        r"tag (?P<a>\S+) line (?P<n>\d+)",
        "文件到此为止，第 {n} 行开始的“{a}”还没有结束；文件可能不完整。",
        "The file ends here and “{a}” of line {n} is not ended; it may be cut off.",
    ),
    80: ("", "注释里不能有“--”。", "“--” must not stand in a comment."),
    96: ("", 'XML 声明缺少版本（version="1.0"）。', 'The XML declaration has no version (version="1.0").'),
    108: ("", "XML 声明的版本应为 1.0。", "The version in the XML declaration must be 1.0."),
    200: ("", "命名空间声明（xmlns）的地址是空的。", "A declaration of a namespace (xmlns) is empty."),
    201: (
        r"prefix (?P<a>\S+)",
        "前缀“{a}”没有用 xmlns:{a} 声明。",
        "The prefix “{a}” is not declared with xmlns:{a}.",
    ),
}


def _syntax(error: etree.XMLSyntaxError) -> Unreadable:
    """What is wrong, with line and column, in both languages; a rare fault in libxml2's words, in English."""
    line, column = error.position or (error.lineno or 0, 0)
    remark = (error.msg or "").strip()
    if "depth" in remark.lower():
        return Unreadable(line, "文件嵌套层数过多。", "The file is nested too deeply.")
    names, zh, en = _FAULTS.get(
        getattr(error, "code", 0), ("", "XML 格式不正确。", f"The XML is not well formed: {remark}.")
    )
    found = re.search(names, remark)
    said = found.groupdict() if found else {}
    if names and not said:
        zh, en = "XML 格式不正确。", f"The XML is not well formed: {remark}."
    zh, en = zh.format(**said) if said else zh, en.format(**said) if said else en
    return Unreadable(line, f"第 {line} 行第 {column} 列：{zh}", f"Line {line}, column {column}: {en}")


def _refuse_depth(root: Element, max_depth: int) -> None:
    depth = 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > max_depth:
            zh = f"文件嵌套超过 {max_depth} 层。"
            line = int(element.sourceline or 0)
            raise Unreadable(line, zh, f"The file is nested more than {max_depth} levels deep.")
