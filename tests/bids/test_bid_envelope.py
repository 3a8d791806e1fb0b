"""The envelope: every k of n opens it, k-1 never; nothing can be exchanged, damaged or handed in open."""

from __future__ import annotations

import json
import secrets
import struct
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.bids import container, envelope, merkle, papercode
from casework.bids.container import Attached, pack, unpack
from casework.bids.envelope import Binding, fingerprint, public_bytes, seal

BINDING = Binding("MB-2026-0001", "ab" * 32, "form1", "docs1")
KEYS = [envelope.new_key() for _each in range(5)]
NAMED = {fingerprint(public_bytes(key)): key for key in KEYS}
PLAIN = pack(
    {"tender": "MB-2026-0001", "bidder": "ab" * 32},
    {"price": ["2.80"]},
    [Attached("letter", "函.pdf", b"%PDF-1")],
)


def publics(count: int) -> list[bytes]:
    return [public_bytes(key) for key in KEYS[:count]]


@pytest.mark.parametrize(("needed", "count"), [(1, 1), (1, 3), (2, 3), (3, 3), (3, 5)])
def test_every_k_of_n_opens_and_no_fewer(needed: int, count: int) -> None:
    found = envelope.read(seal(PLAIN, BINDING, publics(count), needed))
    names = list(NAMED)[:count]
    for group in combinations(names, needed):
        assert envelope.open_with(found, {name: NAMED[name] for name in group}) == PLAIN
    for group in combinations(names, needed - 1):
        with pytest.raises(envelope.Sealed):
            envelope.open_with(found, {name: NAMED[name] for name in group})


def test_a_fourth_key_opens_nothing() -> None:
    found = envelope.read(seal(PLAIN, BINDING, publics(3), 2))
    names = list(NAMED)
    with pytest.raises(envelope.Sealed):
        envelope.open_with(found, {names[0]: NAMED[names[0]], names[4]: NAMED[names[4]]})


def changed(blob: bytes, **header: object) -> bytes:
    length = struct.unpack(">I", blob[4:8])[0]
    said = {**json.loads(blob[8 : 8 + length]), **header}
    text = json.dumps(said, separators=(",", ":")).encode()
    return blob[:4] + struct.pack(">I", len(text)) + text + blob[8 + length :]


@pytest.mark.parametrize("name", ["tender", "pseudonym", "form", "documents"])
def test_an_envelope_cannot_be_relabelled(name: str) -> None:
    blob = changed(seal(PLAIN, BINDING, publics(3), 2), **{name: "other"})
    with pytest.raises(envelope.Sealed):
        envelope.open_with(envelope.read(blob), NAMED)


def test_a_wrong_share_is_noticed_and_another_group_still_opens() -> None:
    blob = seal(PLAIN, BINDING, publics(3), 2)
    shares = json.loads(blob[8 : 8 + struct.unpack(">I", blob[4:8])[0]])["shares"]
    shares[0][0]["sha256"] = "00" * 32
    found = envelope.read(changed(blob, shares=shares))
    names = list(NAMED)[:3]
    with pytest.raises(envelope.Sealed, match="校验值"):
        envelope.open_with(found, {name: NAMED[name] for name in names[:2]})
    assert envelope.open_with(found, {name: NAMED[name] for name in names}) == PLAIN


@given(st.integers(0, 4000), st.integers(1, 255))
def test_one_changed_byte_never_opens_to_something_else(place: int, mask: int) -> None:
    blob = bytearray(seal(PLAIN, BINDING, publics(3), 2))
    blob[place] ^= mask
    try:
        found = envelope.open_with(envelope.read(bytes(blob)), NAMED)
    except (envelope.Sealed, envelope.Unfit):
        return
    assert found == PLAIN  # only a share that was not needed has changed


@given(st.binary(max_size=600))
def test_any_bytes_are_refused_with_a_sentence(data: bytes) -> None:
    for blob in (data, envelope.MAGIC + data, envelope.MAGIC + struct.pack(">I", len(data)) + data):
        with pytest.raises(envelope.Unfit):
            envelope.check(envelope.read(blob), BINDING, list(NAMED)[:3], 2)
    for plain in (data, container.MAGIC + data):
        with pytest.raises(container.Unreadable):
            unpack(plain)


def _plain_under_a_header() -> bytes:
    blob = seal(PLAIN, BINDING, publics(3), 2)
    start = 8 + struct.unpack(">I", blob[4:8])[0]
    return blob[:start] + PLAIN + bytes(16)


CASES = {
    "not encrypted": (lambda: PLAIN, "未按规定加密"),
    "padded plain text": (_plain_under_a_header, "未按规定加密"),
    "other keys": (lambda: seal(PLAIN, BINDING, [public_bytes(k) for k in KEYS[2:5]], 2), "不是用本次招标"),
    "fewer keys": (lambda: seal(PLAIN, BINDING, publics(2), 2), "不是用本次招标"),
    "one key is enough": (lambda: seal(PLAIN, BINDING, publics(3), 1), "不是用本次招标"),
    "another bidder": (lambda: seal(PLAIN, Binding("MB-2026-0001", "cd" * 32, "form1", "docs1"), publics(3), 2), "不属于"),
    "another tender": (lambda: seal(PLAIN, Binding("MB-2026-0002", "ab" * 32, "form1", "docs1"), publics(3), 2), "不属于"),
    "older documents": (lambda: seal(PLAIN, Binding("MB-2026-0001", "ab" * 32, "form1", "docs0"), publics(3), 2), "已有更新"),
    "no shares": (lambda: changed(seal(PLAIN, BINDING, publics(3), 2), shares=[]), "份额数目"),
    "shares of another shape": (lambda: changed(seal(PLAIN, BINDING, publics(3), 2), shares=[[{}]] * 3), "份额数目|封头"),
    "not padded": (lambda: seal(PLAIN[:-1], BINDING, publics(3), 2), "长度"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_what_is_not_sealed_for_this_tender_is_refused_with_the_reason(name: str) -> None:
    make, says = CASES[name]
    with pytest.raises(envelope.Unfit, match=says):
        envelope.check(envelope.read(make()), BINDING, list(NAMED)[:3], 2)


def test_sizes_tell_only_a_step_of_the_ladder() -> None:
    assert {len(pack({}, {}, [Attached("f", "a", bytes(n))])) for n in (1, 999, 30_000, 60_000)} == {65536}
    assert container.padded_size(4 << 20) == 4 << 20
    assert container.padded_size((4 << 20) + 1) == 8 << 20
    with pytest.raises(container.TooMuch):
        container.padded_size(container.MOST + 1)


def test_content_comes_back_whole_and_a_changed_attachment_is_named() -> None:
    data = secrets.token_bytes(100_000)
    plain = pack(
        {"a": 1}, {"price": ["1", "2"]}, [Attached("plan_files", "方案.pdf", data), Attached("x", "y", b"z")]
    )
    found = unpack(plain)
    assert (found.typed, found.files[0].data, found.files[1].name) == ({"price": ["1", "2"]}, data, "y")
    with pytest.raises(container.Unreadable, match=r"方案\.pdf"):
        unpack(plain.replace(data[:40], bytes(40)))


def test_the_paper_code_names_the_line_of_every_single_slip() -> None:
    code = papercode.make()
    right = papercode.read(code)
    assert papercode.read(code.lower().replace("-", " ")) == right
    lines = code.split("\n")
    for number, line in enumerate(lines):
        for place in (0, 2, 5, 8):
            other = next(s for s in papercode.SIGNS if s != line[place])
            slipped = [*lines]
            slipped[number] = line[:place] + other + line[place + 1 :]
            with pytest.raises(papercode.Slip, match=f"第 {number + 1} 行"):
                papercode.read("\n".join(slipped))
    with pytest.raises(papercode.Slip):
        papercode.read("\n".join([lines[1], lines[0], *lines[2:]]))
    with pytest.raises(papercode.Slip, match="31"):
        papercode.read(code[:-1])


@given(st.integers(1, 40))
def test_every_receipt_is_provably_under_the_root(count: int) -> None:
    leaves = sorted(secrets.token_hex(32) for _each in range(count))
    root = merkle.root(leaves)
    for place, leaf in enumerate(leaves):
        beside = merkle.path(leaves, place)
        assert merkle.under(leaf, place, count, beside, root)
        assert not merkle.under(secrets.token_hex(32), place, count, beside, root)


def test_the_root_is_that_of_rfc_6962() -> None:
    assert merkle.root([]) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert merkle.root([""]) == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    inputs = [
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    ]
    assert merkle.root(inputs) == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
