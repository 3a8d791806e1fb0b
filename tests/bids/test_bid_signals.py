"""Signs of collusion: every planted pair is found with its article; honest bids give hardly any."""

from __future__ import annotations

import io
import random
import zipfile
from decimal import Decimal
from typing import Any

import docx
import pytest

from casework.bids import signals, traces
from casework.bids.model import OPENED, OpenedBid

WORDS = [
    "管理处",
    "值守",
    "巡查",
    "保洁",
    "绿化",
    "修剪",
    "电梯",
    "维保",
    "消防",
    "检查",
    "记录",
    "报修",
    "响应",
    "回访",
    "培训",
    "考核",
    "应急",
    "演练",
    "台账",
    "公示",
    "门岗",
    "监控",
    "车辆",
    "停放",
    "水泵",
    "配电",
    "照明",
    "外墙",
    "屋面",
    "管道",
    "疏通",
    "垃圾",
    "分类",
    "消杀",
    "社区",
    "活动",
    "服务",
    "标准",
    "频次",
    "满意",
]
LINES = ("人员", "运行", "清洁", "绿化", "秩序", "办公", "折旧", "保险", "其他", "税金", "利润")


def honest(no: int, rng: random.Random, **other: Any) -> OpenedBid:
    """A bid written by nobody else: prices, costs and words of its own."""
    price = Decimal(rng.randint(180, 420)) / 100
    text = "".join(rng.choice(WORDS) for _each in range(260))
    answers = {
        "price": price,
        "costs": [{"line": line, "amount": Decimal(rng.randint(20_000, 900_000))} for line in LINES],
        "contact_phone": f"0571-8{rng.randint(1_000_000, 9_999_999)}",
        "contact_email": f"a{rng.randint(0, 10**9)}@ent.example",
        **other.pop("answers", {}),
    }
    marks = {
        "agent": [1000 + no], "manager_id": f"{rng.random()}", "authors": [f"作者{rng.randint(0, 10**9)}"],
        "files": [f"{rng.random()}"], "sketch": traces.sketch([text]), **other.pop("marks", {}),
    }  # fmt: skip
    return OpenedBid(
        no=no, organisation_id=no, outcome=OPENED, answers=answers, marks=marks, invalid="", **other
    )


def kinds(bids: list[OpenedBid]) -> set[str]:
    return {signal.kind for signal in signals.among(bids)}


def five(rng: random.Random, **second: Any) -> list[OpenedBid]:
    """Four honest bids, and number 2 with what is planted."""
    return [honest(no, rng, **(second if no in (2, 4) else {})) for no in range(1, 6)]


PLANTED = {
    "same_agent": {"marks": {"agent": [7]}},
    "same_manager": {"marks": {"manager_id": "one and the same"}},
    "same_contact": {"answers": {"contact_phone": "０５７１ 8200 0301"}},
    "same_author": {"marks": {"authors": ["陶编制"]}},
    "same_file": {"marks": {"files": ["ab" * 32]}},
    "near_equal_text": {"marks": {"sketch": traces.sketch(["同一份方案" + "".join(WORDS) * 3])}},
    "equal_costs": {"answers": {"costs": [{"line": line, "amount": Decimal(n * 1000 + 17)} for n, line in enumerate(LINES, 1)]}},
}  # fmt: skip


@pytest.mark.parametrize("kind", PLANTED)
def test_every_planted_pair_is_found_with_its_article(kind: str) -> None:
    bids = five(random.Random(kind), **PLANTED[kind])
    found = [signal for signal in signals.among(bids) if signal.kind == kind]
    assert [signal.bids for signal in found] == [(2, 4)]
    assert "第四十条" in found[0].basis
    assert "2、4" in found[0].zh
    assert found[0].en


def test_texts_need_not_be_equal_to_the_letter() -> None:
    rng = random.Random(5)
    words = [rng.choice(WORDS) for _each in range(300)]
    copied = [rng.choice(WORDS) if n % 25 == 0 else word for n, word in enumerate(words)]
    bids = five(rng)
    bids[1].marks["sketch"], bids[3].marks["sketch"] = (
        traces.sketch(["".join(words)]),
        traces.sketch(["".join(copied)]),
    )
    assert [s.bids for s in signals.among(bids) if s.kind == "near_equal_text"] == [(2, 4)]


def test_the_wording_of_the_documents_is_nobodys_copy() -> None:
    """What most bids quote does not count."""
    rng, quoted = random.Random(6), "".join(random.Random(1).choice(WORDS) for _each in range(300))
    bids = [honest(no, rng) for no in range(1, 7)]
    for bid in bids:
        own = "".join(rng.choice(WORDS) for _each in range(260))
        bid.marks["sketch"] = traces.sketch([quoted + own])
    assert "near_equal_text" not in kinds(bids)


@pytest.mark.parametrize(
    "prices",
    [
        ("2.10", "2.20", "2.30", "2.40", "2.50"),
        ("2.00", "2.20", "2.42", "2.66", "2.93"),  # each a tenth more
        ("2.15", "2.30", "2.45"),
        ("1.90", "2.31", "2.41", "2.51", "2.61", "3.70"),
    ],
)
def test_regular_prices_are_found(prices: tuple[str, ...]) -> None:
    rng = random.Random(9)
    order = list(enumerate(prices, 1))
    rng.shuffle(order)
    assert "regular_prices" in kinds([honest(no, rng, answers={"price": Decimal(p)}) for no, p in order])


def test_costs_that_differ_by_one_factor_are_found() -> None:
    rng = random.Random(3)
    bids = five(rng)
    bids[3].answers["costs"] = [
        {"line": row["line"], "amount": (row["amount"] * Decimal("1.05")).quantize(Decimal(1))}
        for row in bids[1].answers["costs"]
    ]
    assert [s.bids for s in signals.among(bids) if s.kind == "proportional_costs"] == [(2, 4)]
    bids[0].answers["costs"] = [
        {"line": row["line"], "amount": (row["amount"] * Decimal("0.9")).quantize(Decimal(1))}
        for row in bids[1].answers["costs"]
    ]
    told = [s for s in signals.among(bids) if s.kind == "proportional_costs"]
    assert [s.bids for s in told] == [(1, 2, 4)], "said once for all of them"


def test_honest_bids_hardly_ever_give_a_sign() -> None:
    """Of 400 tenders with three to nine honest bids, fewer than one in fifty gives a false sign."""
    rng, false = random.Random(2026), []
    for _each in range(400):
        bids = [honest(no, rng) for no in range(1, rng.randint(3, 9) + 1)]
        false += [signal.kind for signal in signals.among(bids)]
    assert len(false) <= 8, false


def test_a_bid_that_was_not_opened_is_not_compared() -> None:
    bids = five(random.Random(1), **PLANTED["same_agent"])
    bids[1].outcome = "revoked"
    assert kinds(bids) == set()


def test_authors_are_read_from_word_and_pdf_and_programs_are_not_authors() -> None:
    document, target = docx.Document(), io.BytesIO()
    document.core_properties.author, document.core_properties.last_modified_by = "陶编制", "Administrator"
    document.add_paragraph("服务方案" * 40)
    document.save(target)
    assert traces.authors("方案.docx", target.getvalue()) == {"陶编制"}
    assert traces.words(target.getvalue()).startswith("服务方案服务方案")
    pdf = b"%PDF-1.4\n1 0 obj<</Author (Zhang San) /Creator (WPS)>>endobj\n"
    assert traces.authors("a.pdf", pdf) == {"Zhang San"}
    wide = "陶编制".encode("utf-16-be").hex().upper().encode()
    assert traces.authors("a.pdf", b"%PDF-1.4 /Author <FEFF" + wide + b">") == {"陶编制"}
    for name in ("Administrator", "微软用户", "user", "WPS Office"):
        text = name.encode() if name.isascii() else b"\xfe\xff" + name.encode("utf-16-be")
        assert traces.authors("a.pdf", b"%PDF-1.4 /Author (" + text + b")") == set()
    assert traces.authors("a.docx", b"PK\x03\x04 damaged") == set()
    hostile = io.BytesIO()
    with zipfile.ZipFile(hostile, "w") as archive:
        archive.writestr("docProps/core.xml", "<!DOCTYPE x [<!ENTITY e 'y'>]><x>&e;</x>")
    assert traces.authors("a.docx", hostile.getvalue()) == set()
