"""The one reader of XML: what it refuses, how soon, and with which sentence."""

from __future__ import annotations

import socket
import time

import pytest

from casework import xml


def refused(data: bytes, **limits: int) -> xml.Unreadable:
    started = time.thread_time()  # its own work: others may be at work on the machine
    with pytest.raises(xml.Unreadable) as caught:
        xml.read(data, **limits)
    assert time.thread_time() - started < 0.5
    assert caught.value.zh
    assert caught.value.en
    return caught.value


def test_a_plain_file_is_read_with_its_lines():
    root = xml.read("<a>\n  <b>协议</b>\n</a>".encode())
    assert root[0].text == "协议"
    assert root[0].sourceline == 2


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "gb18030", "gbk"]
)
def test_files_of_chinese_tools_are_read_in_their_encoding(encoding):
    declared = "utf-8" if encoding == "utf-8-sig" else encoding.removesuffix("-le").removesuffix("-be")
    text = f'<?xml version="1.0" encoding="{declared}"?><a>物业</a>'
    assert xml.read(text.encode(encoding)).text == "物业"


LAUGHS = "".join(f'<!ENTITY a{i} "&a{i - 1};&a{i - 1};">' for i in range(1, 41))
BOMB = f'<!DOCTYPE a [<!ENTITY a0 "ha">{LAUGHS}]><a>&a40;</a>'
QUADRATIC = f'<!DOCTYPE a [<!ENTITY x "{"x" * 50_000}">]><a>{"&x;" * 50_000}</a>'


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
        '<!DOCTYPE a [<!ENTITY x SYSTEM "http://127.0.0.1:9/x">]><a>&x;</a>',
        '<!DOCTYPE a [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]><a/>',
        '<!DOCTYPE a [<!ATTLIST a b CDATA "default">]><a/>',
        "<!DOCTYPE a><a/>",
        '<?xml version="1.0"?>\n<!-- <a> -->\n<?x y?>\n<!DOCTYPE a><a/>',
        BOMB,
        QUADRATIC,
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_no_document_type_in_any_encoding(text, encoding):
    found = refused(text.encode(encoding))
    assert "DOCTYPE" in found.zh
    assert "DOCTYPE" in found.en


def test_the_refusal_names_the_line_of_the_document_type():
    assert refused(b'<?xml version="1.0"?>\n\n<!DOCTYPE a>\n<a/>').line == 3


def test_the_network_is_never_asked(monkeypatch):
    def connect(*_):
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", connect)
    for text in (
        '<!DOCTYPE a SYSTEM "http://127.0.0.1/x.dtd"><a/>',
        '<a xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="http://127.0.0.1/"/></a>',
    ):
        try:
            xml.read(text.encode())
        except xml.Unreadable:
            continue


def test_an_include_is_only_an_element():
    root = xml.read(
        b'<a xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="/etc/passwd" parse="text"/></a>'
    )
    assert "".join(root.itertext()) == ""


def test_a_doctype_inside_a_comment_or_text_is_only_text():
    assert xml.read(b"<!-- <!DOCTYPE a> --><a><![CDATA[<!DOCTYPE b>]]></a>").text == "<!DOCTYPE b>"


@pytest.mark.parametrize("depth", [201, 1_000, 10_000, 100_000])
def test_deep_files_are_refused(depth):
    found = refused(b"<a>" * depth + b"</a>" * depth)
    assert "层" in found.zh
    assert "deep" in found.en


def test_two_hundred_levels_are_read():
    assert xml.read(b"<a>" * 200 + b"</a>" * 200).tag == "a"
    refused(b"<a><b/></a>", max_depth=1)


def test_large_files_are_refused_before_they_are_read():
    assert "2,000,000" in refused(b"<a>" + b" " * 2_000_000 + b"</a>").zh
    assert refused(b"<abc/>", max_bytes=5).line == 0


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b" ",
        b"not xml",
        b"<a>",
        b"<a></b>",
        b"<a b='1' b='2'/>",
        b"\xff\xfe",
        b"<a>\x00</a>",
        b"<a>&nbsp;</a>",
        b"<a>\xff</a>",
        b"PK\x03\x04",
        b"<a/><b/>",
        b"<a>&#0;</a>",
        b"\x00<\x00a",
        b"<?xml",
    ],
)
def test_what_is_no_xml_is_refused_with_a_sentence(data):
    refused(data)


@pytest.mark.parametrize("encoding", ["utf-7", "ebcdic-cp-us", "x-unknown", "hex", "rot13", "unicode_escape"])
def test_encodings_that_hide_things_are_refused(encoding):
    data = f'<?xml version="1.0" encoding="{encoding}"?><a/>'.encode()
    assert "UTF-8" in refused(data).zh


def test_a_wrong_line_is_named():
    assert refused(b"<a>\n<b>\n</a>").line == 3


@pytest.mark.parametrize(
    ("text", "zh", "en"),
    [
        ("<a>\n<b>\n</a>", "第 3 行第 5 列：第 2 行开始的“b”还没有结束，这里却写着“</a>”。", "“b” of line 2 is not ended yet"),
        ("<a><b></b>", "文件到此为止，第 1 行开始的“a”还没有结束", "The file ends here and “a” of line 1"),
        ("<a>\n 甲 & 乙</a>", "第 2 行第 5 列：", "write “&lt;” for “<” and “&amp;” for “&”"),
        ('<a x="1" x="2"/>', "属性“x”写了两次", "“x” stands there twice"),
        ("<a>&nbsp;</a>", "“&nbsp;”不是 XML 认识的符号", "“&nbsp;” is no sign that XML knows"),
        ("<camunda:a/>", "前缀“camunda”没有用 xmlns:camunda 声明", "“camunda” is not declared"),
        ("PK", "文件不是 XML，或者是空的", "The file is no XML"),
    ],
)  # fmt: skip
def test_what_is_not_well_formed_is_said_with_its_place(text: str, zh: str, en: str) -> None:
    wrong = refused(text.encode())
    assert zh in wrong.zh
    assert en in wrong.en
    assert wrong.en.startswith(f"Line {wrong.line}, column ")


def test_every_fault_of_libxml2_that_we_name_is_one_of_its_faults() -> None:
    for code, (names, zh, en) in xml._FAULTS.items():
        assert xml.etree.ErrorTypes._getName(code), code
        assert ("{a}" in zh) == ("{a}" in en) == bool(names), code
