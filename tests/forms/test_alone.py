"""What a page knows that judges its answers alone: the server's own sentences, limits and signs of files."""

from __future__ import annotations

import re
from pathlib import Path

from casework.forms import alone, read

BID = Path(__file__).resolve().parents[2] / "workflows" / "tender" / "forms" / "bid.form"


def test_the_bid_form_tells_what_it_asks_for() -> None:
    said = alone.rules(read(BID.read_text("utf-8")), "zh")
    assert said["missing"]["prices.house_type"] == "请选择物业类型"
    assert "contact_email" not in said["missing"]
    assert said["rows"] == {
        "prices": [30, "各类物业分项单价最多填写 30 类"],
        "staff": [60, "人员配备最多填写 60 岗"],
    }
    pattern, words = said["patterns"]["contact_phone"]
    assert (bool(re.search(pattern, "0571-82000000")), bool(re.search(pattern, "82000000x"))) == (True, False)
    assert words == "联系电话的格式不正确，例如 0571-8200 0000"
    letter = said["files"]["letter"]
    assert (letter["begins"][".pdf"], letter["most"]) == ([b"%PDF".hex()], 20 * 1024 * 1024)
    assert letter["size"] == "「{name}」有 {have}，超过单个文件 20 MB 的上限"
