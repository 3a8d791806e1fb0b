"""What the worker does after the commit: `order`, `carry_out` outside any transaction, `file`."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from xml.sax.saxutils import escape

import segno
from docx.shared import Mm
from docxtpl import DocxTemplate, InlineImage

from casework import clock
from casework.db import db
from casework.engine import values
from casework.errors import OfficeError, Unknown
from casework.papers import blanks, codes, pdf
from casework.papers.model import Paper, Template

QR_SIDE = Mm(22)
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff\u202a-\u202e\u2066-\u2069]")
#: ZB-2026-0001 of a case, 0571-82000000 of a telephone: not parted at their hyphens
_WHOLE = re.compile(r"(?<![\w-])(?:[A-Z]{2,4}-\d{4}-\d{4,}|0\d{2,3}-\d{4}[ -]?\d{3,4})(?![\w-])")
_TEXT = re.compile(r"(<w:t(?: [^>]*)?>)([^<]*)(</w:t>)")
_PROPERTIES = "application/vnd.openxmlformats-officedocument.custom-properties+xml"
_PROPERTIES_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/custom-properties"
_FORMAT_ID = "{D5CDD505-2E9C-101B-9397-08002B2CF9AE}"  # fixed by [MS-OLEPS] for user-defined properties


class Store(Protocol):
    """Keeps bytes under a name and a kind of file."""

    def __call__(self, name: str, kind: str, data: bytes) -> Any:
        """Durably, and answers with the row: `id` and `sha256`."""


class _Picture:
    """A picture that begins where its cell begins: LibreOffice adds 3 mm where a file names no distance."""

    def __init__(self, inline: InlineImage) -> None:
        self._inline = inline

    def __html__(self) -> str:
        return str(self._inline).replace(
            "<wp:inline ", '<wp:inline distT="0" distB="0" distL="0" distR="0" ', 1
        )


@dataclass(frozen=True)
class Order:
    """Everything needed to print a paper, so that no transaction waits for Word or LibreOffice."""

    paper_id: int
    name: str
    title: str
    number: str
    office: str
    verification: str
    fingerprint: str
    issued_at: datetime
    data: Mapping[str, Any]
    template: bytes
    has_docx: bool
    has_pdf: bool


@dataclass(frozen=True)
class Printed:
    """The files made, and what went wrong with the PDF (None: nothing, or LibreOffice is not installed)."""

    docx: bytes
    pdf: bytes | None
    fault: OfficeError | None = None


def order(paper_id: int) -> Order:
    """Read what is to be printed; raises Unknown."""
    paper = db.session.get(Paper, paper_id)
    template = db.session.get(Template, paper.template_sha256) if paper else None
    if paper is None or template is None:
        raise Unknown
    return Order(
        paper_id=paper.id,
        name=re.sub(r'[\\/:*?"<>|\s]+', " ", f"{paper.number} {paper.title}".strip())[:100],
        title=paper.title,
        number=paper.number,
        office=str(paper.data["office"]["name"]),
        verification=paper.verification,
        fingerprint=paper.fingerprint,
        issued_at=paper.issued_at,
        data=paper.data,
        template=template.docx,
        has_docx=paper.docx_id is not None,
        has_pdf=paper.pdf_id is not None,
    )


def carry_out(wanted: Order) -> Printed:
    """Make the Word file and, where LibreOffice is there, the PDF; touches no database, takes seconds."""
    made = docx(wanted)
    if wanted.has_pdf:
        return Printed(made, None)
    try:
        return Printed(made, pdf.convert(made))
    except pdf.NoConverter:
        return Printed(made, None)
    except pdf.NotConverted as fault:
        return Printed(made, None, fault)


def file(wanted: Order, printed: Printed, store: Store) -> None:
    """Note the files with the paper, each once; `store(name, kind, data)` keeps the bytes."""
    paper = db.session.get(Paper, wanted.paper_id)
    if paper is None:
        raise Unknown
    if paper.docx_id is None:
        kept = store(f"{wanted.name}.docx", "docx", printed.docx)
        paper.docx_id, paper.docx_sha256 = kept.id, kept.sha256
    if paper.pdf_id is None and printed.pdf is not None:
        kept = store(f"{wanted.name}.pdf", "pdf", printed.pdf)
        paper.pdf_id, paper.pdf_sha256 = kept.id, kept.sha256
    db.session.flush()


def extract(template: bytes, said: Mapping[str, Any]) -> bytes:
    """A Word file that is no paper: drawn up for a reader, without number, fingerprint or code."""
    blanks.read(template)
    word = DocxTemplate(io.BytesIO(template))
    word.init_docx()
    word.render(_printable(values.feel(said)), jinja_env=blanks.environment(), autoescape=True)
    made = io.BytesIO()
    word.save(made)
    return made.getvalue()


def docx(wanted: Order) -> bytes:
    """The Word file of an issued paper; the same paper always gives the same bytes."""
    blanks.read(wanted.template)
    word = DocxTemplate(io.BytesIO(wanted.template))
    word.init_docx()
    said = _printable(wanted.data)
    said["paper"]["qr"] = _Picture(InlineImage(word, _qr(wanted.data["paper"]["qr"]), width=QR_SIDE))
    said["paper"]["fingerprint"] = codes.mark(wanted.fingerprint)
    word.render(said, jinja_env=blanks.environment(), autoescape=True)
    _describe(word, wanted)
    made = io.BytesIO()
    word.save(made)
    return _sealed(made.getvalue(), wanted)


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


def _describe(word: DocxTemplate, wanted: Order) -> None:
    about, issued = word.docx.core_properties, wanted.issued_at.replace(tzinfo=None, microsecond=0)
    about.title, about.subject = wanted.title[:250], wanted.number
    about.author = about.last_modified_by = wanted.office
    about.keywords = f"{wanted.verification} {wanted.fingerprint}"
    about.comments, about.language, about.revision = "", "zh-CN", 1
    about.created = about.modified = issued


def _sealed(made: bytes, wanted: Order) -> bytes:
    """Parts in a fixed order with the time of issue, and the fingerprint among the custom properties."""
    stamp = clock.local(wanted.issued_at)
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["word/document.xml"] = _whole_numbers(parts["word/document.xml"].decode()).encode()
    parts["docProps/custom.xml"] = _custom(wanted)
    parts["[Content_Types].xml"] = _with_type(parts["[Content_Types].xml"])
    parts["_rels/.rels"] = _with_relation(parts["_rels/.rels"])
    sealed = io.BytesIO()
    with zipfile.ZipFile(sealed, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name in sorted(parts, key=lambda each: (each != "[Content_Types].xml", each)):
            archive.writestr(_entry(name, stamp), parts[name])
    return sealed.getvalue()


def _whole_numbers(xml: str) -> str:
    """The numbers of cases and telephones with hyphens that end no line, in Word as in LibreOffice."""

    def kept(number: re.Match[str]) -> str:
        return number[0].replace("-", '</w:t><w:noBreakHyphen/><w:t xml:space="preserve">')

    def text(found: re.Match[str]) -> str:
        said = _WHOLE.sub(kept, found[2])
        return found[0] if said == found[2] else f'<w:t xml:space="preserve">{said}{found[3]}'

    return _TEXT.sub(text, xml)


def _entry(name: str, stamp: datetime) -> zipfile.ZipInfo:
    moment = (stamp.year, stamp.month, stamp.day, stamp.hour, stamp.minute, stamp.second // 2 * 2)
    info = zipfile.ZipInfo(name, moment)
    info.compress_type, info.create_system, info.external_attr = zipfile.ZIP_DEFLATED, 3, 0o644 << 16
    return info


def _custom(wanted: Order) -> bytes:
    facts = {"Fingerprint": wanted.fingerprint, "Verification": wanted.verification, "Number": wanted.number}
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
