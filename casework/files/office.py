"""Word, Excel and OFD files: packages of XML parts, without macros, embedded programs or remote contents."""

from __future__ import annotations

import re
from collections.abc import Mapping

from casework import xml
from casework.files.archives import Part
from casework.files.flaws import Flaw
from casework.words import _

OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MAIN_TYPES: Mapping[str, tuple[str, str]] = {
    "docx": (
        "word/document.xml",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
    ),
    "xlsx": ("xl/workbook.xml", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"),
}

_MACRO = re.compile(r"vba(project|data)|macrosheets?/|/activex|dialogsheets/", re.IGNORECASE)
_MACRO_TYPE = re.compile(
    r"macroenabled|vbaproject|activex|oleobject|ms-word\.attachedtoolbars", re.IGNORECASE
)
_REMOTE_PART = re.compile(r"(^|/)(externalLinks/|connections\.xml$|queryTables/)", re.IGNORECASE)
_DOCTYPE = re.compile(rb"<!(DOCTYPE|ENTITY)", re.IGNORECASE)
_ENCODING = re.compile(rb"""^<\?xml[^>]*encoding\s*=\s*["']([^"']+)""", re.IGNORECASE)
_FIELD = re.compile(rb"instrText[^>]*>([^<]*)|w:instr\s*=\s*[\"']([^\"']*)")
_REMOTE_FIELD = re.compile(
    rb"\b(DDE(AUTO)?|INCLUDEPICTURE|INCLUDETEXT|IMPORT|LINK|DATABASE)\b", re.IGNORECASE
)

_QUOTED = re.compile(rb'"[^"]*"')


def check_office(kind: str, parts: Mapping[str, Part]) -> None:
    """Refuses macros, embedded objects, remote templates, pictures and data, and unsafe XML."""
    main, main_type = MAIN_TYPES[kind]
    for needed in ("[Content_Types].xml", "_rels/.rels", main):
        if needed not in parts:
            raise Flaw("structure", _("缺少必要部分“%(part)s”，不是有效的 Office 文件。", part=needed))
    for part in parts.values():
        _check_part(part)
    _check_types(parts["[Content_Types].xml"].data, "/" + main, main_type)
    for name, part in parts.items():
        if name.endswith(".rels"):
            _check_relations(part.data)


def check_ofd(parts: Mapping[str, Part]) -> None:
    """An OFD package (GB/T 33190) has its OFD.xml and only safe XML."""
    if "OFD.xml" not in parts or b"OFD" not in parts["OFD.xml"].data[:2000]:
        raise Flaw("structure", _("缺少必要部分“%(part)s”，不是有效的 OFD 文件。", part="OFD.xml"))
    for part in parts.values():
        _check_part(part)


def _check_part(part: Part) -> None:
    if _MACRO.search(part.name):
        raise Flaw("macro", _("含有宏或控件（%(part)s），请另存为不含宏的文件。", part=part.name[:60]))
    if part.data.startswith((OLE2, b"MZ")):
        raise Flaw("embedded", _("内嵌其他程序或对象（%(part)s）。", part=part.name[:60]))
    if _REMOTE_PART.search(part.name):
        raise Flaw("remote", _("引用外部数据（%(part)s）。", part=part.name[:60]))
    if part.name.lower().endswith((".xml", ".rels", ".vml")):
        _check_xml(part)


def _check_xml(part: Part) -> None:
    declared = _ENCODING.match(part.data.lstrip(b"\xef\xbb\xbf"))
    odd = declared and declared[1].lower() not in {b"utf-8", b"utf8", b"us-ascii"}
    if odd or b"\0" in part.data[:200]:
        raise Flaw("encoding", _("“%(part)s”使用不允许的字符编码。", part=part.name[:60]))
    if _DOCTYPE.search(part.data):
        raise Flaw("entity", _("“%(part)s”含文档类型或实体声明。", part=part.name[:60]))
    if b"http://www.w3.org/2001/XInclude" in part.data:
        raise Flaw("remote", _("“%(part)s”引用外部内容。", part=part.name[:60]))
    fields = b"".join(text or instruction for text, instruction in _FIELD.findall(part.data))
    if _REMOTE_FIELD.search(_QUOTED.sub(b"", fields.replace(b"&quot;", b'"'))):
        raise Flaw("remote", _("“%(part)s”含引用外部内容的域。", part=part.name[:60]))


def _check_types(data: bytes, main: str, main_type: str) -> None:
    found = False
    for element in _root(data):
        kind = element.get("ContentType") or ""
        if _MACRO_TYPE.search(kind):
            raise Flaw("macro", _("含有宏或控件（%(part)s），请另存为不含宏的文件。", part=kind[:60]))
        found = found or (element.get("PartName") == main and kind == main_type)
    if not found:
        raise Flaw("structure", _("内容类型与扩展名不符。"))


def _check_relations(data: bytes) -> None:
    for relation in _root(data):
        kind = (relation.get("Type") or "").rsplit("/", 1)[-1]
        target = relation.get("Target") or ""
        if kind == "aFChunk":
            raise Flaw("embedded", _("内嵌其他格式的文档（%(part)s）。", part=target[:60]))
        if (relation.get("TargetMode") or "").lower() != "external" and "://" not in target:
            continue
        if kind != "hyperlink" or not re.match(r"(https?:|mailto:|#)", target, re.IGNORECASE):
            raise Flaw("remote", _("引用外部内容：%(kind)s（%(target)s）。", kind=kind, target=target[:60]))


def _root(data: bytes) -> xml.etree._Element:
    try:
        return xml.read(data)
    except xml.Unreadable as error:
        raise Flaw("structure", _("结构无法读取，不是有效的 Office 文件。")) from error
