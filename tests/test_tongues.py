"""Chinese within an English page says that it is Chinese; everything else stays as it was."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from lxml import html

from casework.tongues import marked

PIECES = {
    "<dd>云河天境</dd>": '<dd lang="zh">云河天境</dd>',
    "<dd>1 幢 2 单元</dd>": '<dd lang="zh">1 幢 2 单元</dd>',
    "<b>总平面图.pdf</b>": '<b lang="zh">总平面图.pdf</b>',
    "<i>YF-01 物业用房 Verdict</i>": '<i>YF-01 <bdi lang="zh">物业用房</bdi> Verdict</i>',
    "<p>Order 云房改〔2026〕3号, by 2026-12-01.</p>": '<p>Order <bdi lang="zh">云房改〔2026〕3号</bdi>, by 2026-12-01.</p>',
    "<p>Due 2026-12-01 水泵</p>": '<p>Due 2026-12-01 <bdi lang="zh">水泵</bdi></p>',
    "<p><b>No</b> 甲 &amp; 乙</p>": '<p><b>No</b> <bdi lang="zh">甲</bdi> &amp; <bdi lang="zh">乙</bdi></p>',
    '<textarea name="a">\n意见 A</textarea>': '<textarea lang="zh" name="a">\n意见 A</textarea>',
    '<option value="一级">First</option>': '<option value="一级">First</option>',
    '<option value="1">一级</option>': '<option lang="zh" value="1">一级</option>',
    '<input name="a" value="柳桥街">': '<input lang="zh" name="a" value="柳桥街">',
    '<input type="radio" value="多层">': '<input type="radio" value="多层">',
    '<button lang="zh-CN">中文</button>': '<button lang="zh-CN">中文</button>',
    "<title>云河 - Tendering</title>": "<title>云河 - Tendering</title>",
    '<script type="application/json">{"a":"云河"}</script>': '<script type="application/json">{"a":"云河"}</script>',
    "<text>云 Yun</text>": '<text lang="zh">云 Yun</text>',
}


@pytest.mark.parametrize("piece", PIECES)
def test_a_chinese_piece_is_marked_and_nothing_else(piece: str) -> None:
    assert marked(piece) == PIECES[piece]


def test_an_english_page_marks_its_chinese_and_a_chinese_page_needs_no_marks(client: FlaskClient) -> None:
    for lang, marks in (("en", ["云河天境"]), ("zh", [])):
        client.set_cookie("lang", lang)
        page = html.fromstring(client.get("/verify/云河天境").text)
        assert [field.get("value") for field in page.iter("input") if field.get("lang") == "zh"] == marks
