"""What the worker does after the commit: the issued paper as a Word file (pdf.py makes the PDF of it)."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape

import segno
from docx.shared import Mm
from docxtpl import DocxTemplate, InlineImage

from casework import clock
from casework.papers import blanks
from casework.papers.blanks import BadTemplate
from casework.papers.model import Paper
from casework.words import _

QR_SIDE = Mm(22)
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff\u202a-\u202e\u2066-\u2069]")
_PROPERTIES = "application/vnd.openxmlformats-officedocument.custom-properties+xml"
_PROPERTIES_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/custom-properties"
_FORMAT_ID = "{D5CDD505-2E9C-101B-9397-08002B2CF9AE}"  # fixed by [MS-OLEPS] for user-defined properties


def docx(paper: Paper, template: bytes) -> bytes:
    """The Word file of an issued paper; the same paper always gives the same bytes."""
    checked = blanks.read(template)
    if checked.sha256 != paper.template_sha256:
        raise BadTemplate(_("模板与出具时所用的不是同一份。"))
    word = DocxTemplate(io.BytesIO(template))
    word.init_docx()
    said = _printable(paper.data)
    said["paper"]["qr"] = InlineImage(word, _qr(paper.data["paper"]["qr"]), width=QR_SIDE)
    said["paper"]["fingerprint"] = paper.fingerprint[:16]
    word.render(said, jinja_env=blanks.environment(), autoescape=True)
    _describe(word, paper)
    made = io.BytesIO()
    word.save(made)
    return _sealed(made.getvalue(), paper)


def file_name(paper: Paper, extension: str) -> str:
    """云房物〔2026〕5号 关于….docx"""
    return re.sub(r'[\\/:*?"<>|\s]+', " ", f"{paper.number} {paper.title}".strip())[:100] + f".{extension}"


def _printable(value: Any) -> Any:
    """Text without signs that Word cannot hold; a line break typed by a person begins a new paragraph."""
    if isinstance(value, str):
        text = value.replace("\r\n", "\n").replace("\r", "\n").strip("\n")
        return _UNPRINTABLE.sub("", text).replace("\t", " ").replace("\n", "\a")
    if isinstance(value, Mapping):
        return {key: _printable(each) for key, each in value.items()}
    return [_printable(each) for each in value] if isinstance(value, list) else value


def _qr(text: str) -> io.BytesIO:
    picture = io.BytesIO()
    segno.make(text, error="m", micro=False).save(picture, kind="png", scale=8, border=1)
    picture.seek(0)
    return picture


def _describe(word: DocxTemplate, paper: Paper) -> None:
    about, issued = word.docx.core_properties, paper.issued_at.replace(tzinfo=None, microsecond=0)
    about.title, about.subject = paper.title[:250], paper.number
    about.author = about.last_modified_by = str(paper.data["office"]["name"])
    about.keywords = f"{paper.verification} {paper.fingerprint}"
    about.comments, about.language, about.revision = "", "zh-CN", 1
    about.created = about.modified = issued


def _sealed(made: bytes, paper: Paper) -> bytes:
    """Parts in a fixed order with the time of issue, and the fingerprint among the custom properties."""
    stamp = clock.local(paper.issued_at)
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["docProps/custom.xml"] = _custom(paper)
    parts["[Content_Types].xml"] = _with_type(parts["[Content_Types].xml"])
    parts["_rels/.rels"] = _with_relation(parts["_rels/.rels"])
    sealed = io.BytesIO()
    with zipfile.ZipFile(sealed, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name in sorted(parts, key=lambda each: (each != "[Content_Types].xml", each)):
            archive.writestr(_entry(name, stamp), parts[name])
    return sealed.getvalue()


def _entry(name: str, stamp: datetime) -> zipfile.ZipInfo:
    moment = (stamp.year, stamp.month, stamp.day, stamp.hour, stamp.minute, stamp.second // 2 * 2)
    info = zipfile.ZipInfo(name, moment)
    info.compress_type, info.create_system, info.external_attr = zipfile.ZIP_DEFLATED, 3, 0o644 << 16
    return info


def _custom(paper: Paper) -> bytes:
    facts = {"Fingerprint": paper.fingerprint, "Verification": paper.verification, "Number": paper.number}
    lines = "".join(
        f'<property fmtid="{_FORMAT_ID}" pid="{pid}" name="{name}">'
        f"<vt:lpwstr>{escape(text)}</vt:lpwstr></property>"
        for pid, (name, text) in enumerate(facts.items(), 2)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
        '<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/custom-properties" '
        f'xmlns:vt="http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes">{lines}</Properties>'
    ).encode()


def _with_type(types: bytes) -> bytes:
    if b"/docProps/custom.xml" in types:
        return types
    line = f'<Override PartName="/docProps/custom.xml" ContentType="{_PROPERTIES}"/></Types>'
    return types.replace(b"</Types>", line.encode())


def _with_relation(relations: bytes) -> bytes:
    if _PROPERTIES_RELATION.encode() in relations:
        return relations
    line = f'<Relationship Id="rIdFacts" Type="{_PROPERTIES_RELATION}" Target="docProps/custom.xml"/>'
    return relations.replace(b"</Relationships>", line.encode() + b"</Relationships>")
