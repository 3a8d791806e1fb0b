"""Photographs lose the place they were taken at before they reach the disk, and are shown as small pictures."""

from __future__ import annotations

import io
import struct
import time
import zlib
from typing import Any

import hostile
import pytest
from acting import browser, elsewhere, played, post, waiting
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from casework import files
from casework.cases import drafts, lists
from casework.db import db
from casework.errors import Unknown
from casework.files import thumbnails

TAKEN = "2026:03:05 14:21:07"
GPS, EXIF = 0x8825, 0x8769


def photo(size: tuple[int, int] = (640, 480), *, way: int = 6, kind: str = "JPEG", **more: Any) -> bytes:
    """A photograph as a phone takes it: maker, place, moment, lying on its side; its left half is red."""
    image = Image.new("RGB", size, "navy")
    image.paste("red", (0, 0, size[0] // 2, size[1]))
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "TELLTALE-MAKER", way
    exif.get_ifd(EXIF).update({0x9003: TAKEN, 0x927C: b"TELLTALE-NOTE", 0x8827: 400})
    exif.get_ifd(GPS).update({1: "N", 2: (30.0, 15.0, 7.5), 3: "E", 4: (120.0, 9.0, 1.5)})
    out = io.BytesIO()
    image.save(out, kind, exif=exif, **more)
    return out.getvalue()


def pixels(data: bytes) -> bytes:
    with Image.open(io.BytesIO(data)) as image:
        return image.tobytes()


def told(data: bytes) -> tuple[dict[int, Any], dict[int, Any], dict[int, Any]]:
    """The three directories of a picture's EXIF: general, photograph, place."""
    with Image.open(io.BytesIO(data)) as image:
        exif = image.getexif()
        return dict(exif), dict(exif.get_ifd(EXIF)), dict(exif.get_ifd(GPS))


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_place_and_maker_never_reach_the_disk(app: Flask, kind: str) -> None:
    data = photo(kind=kind, **({"comment": b"TELLTALE-WORDS"} if kind == "JPEG" else {}))
    assert told(data)[2]
    file = files.keep("现场.jpg" if kind == "JPEG" else "现场.png", data)
    general, photograph, place = told(files.read(file))
    assert place == {}
    assert set(general) == {0x0112, EXIF}
    assert general[0x0112] == 6
    assert photograph == {0x9003: TAKEN}
    assert b"TELLTALE" not in files.read(file)
    assert pixels(files.read(file)) == pixels(data)  # not compressed anew
    on_disk = b"".join(path.read_bytes() for path in files.folder().rglob("*") if path.is_file())
    assert b"TELLTALE" not in on_disk
    assert file.size == len(files.read(file)) < len(data)


def test_a_question_that_needs_the_place_keeps_the_bytes(app: Flask) -> None:
    data = photo()
    assert files.read(files.keep("现场.jpg", data, with_place=True)) == data


def test_what_follows_the_picture_goes_too(app: Flask) -> None:
    """Phones hang a film with its own place, and a second picture, behind the first."""
    data = photo(progressive=True) + b"ftypmp42 TELLTALE-FILM" + photo()
    kept = files.read(files.keep("动态.jpg", data))
    assert b"TELLTALE" not in kept
    assert kept.endswith(b"\xff\xd9")
    assert kept.count(b"Exif\0\0") == 1
    assert pixels(kept) == pixels(data)


def test_other_ways_to_write_the_same_things_go(app: Flask) -> None:
    """XMP, IPTC, a later EXIF block in a JPEG; texts and times in a PNG."""
    plain = photo()
    for marker, body in ((0xE1, b"http://ns.adobe.com/xap/1.0/\0TELLTALE"), (0xED, b"Photoshop 3.0\0TELLTALE"),
                         (0xE2, b"MPF\0TELLTALE"), (0xE5, b"TELLTALE"), (0xFE, b"TELLTALE")):  # fmt: skip
        part = bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body
        assert b"TELLTALE" not in files.read(files.keep("a.jpg", plain[:2] + part + plain[2:])), marker
    drawing = hostile.png()
    for kind in (b"tEXt", b"iTXt", b"zTXt", b"prVt"):
        chunk = struct.pack(">I4s", 8, kind) + b"TELLTALE" + struct.pack(">I", zlib.crc32(kind + b"TELLTALE"))
        kept = files.read(files.keep("a.png", drawing[:33] + chunk + drawing[33:]))
        assert kept == drawing, kind


@pytest.mark.parametrize(
    "broken",
    [b"II*\0\xff\xff\xff\xff", b"MM\0*\0\0\0\x08\xff\xff" + b"\x01\x12" * 9, b"II*\0\x08\0\0\0", b"??", b""],
)
def test_a_block_that_cannot_be_read_tells_nothing(app: Flask, broken: bytes) -> None:
    body = b"Exif\0\0" + broken
    plain = hostile.jpeg()
    part = b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body
    assert files.read(files.keep("a.jpg", plain[:2] + part + plain[2:])) == plain


def test_a_photograph_that_never_ends_is_refused(app: Flask) -> None:
    """The end mark stands inside a part that reaches beyond the file."""
    data = hostile.jpeg()
    cut = data[:-2] + b"\xff\xda\x40\x00\xff\xd9"
    with pytest.raises(files.Unfit) as refusal:
        files.keep("a.jpg", cut)
    assert "图片已损坏或不完整" in str(refusal.value)


def test_a_small_picture_stands_upright_and_tells_nothing(app: Flask) -> None:
    file = files.keep("现场.jpg", photo((1600, 1200)))
    for size, side in thumbnails.SIDES.items():
        drawn = thumbnails.of(file, size)
        with Image.open(io.BytesIO(drawn)) as image:
            assert image.format == "JPEG"
            assert image.size == (side * 3 // 4, side)  # way 6: the top is on the right
            red, navy = (
                image.getpixel((side // 3, side // 16)),
                image.getpixel((side // 3, side - side // 16)),
            )
            assert (red[0] > 200, navy[0] < 100) == (True, True)
            assert not image.getexif()
        assert files.beside(file, size).read_bytes() == drawn
    files.beside(file, "thumb").chmod(0o600)
    files.beside(file, "thumb").write_bytes(b"kept")
    assert thumbnails.of(file, "thumb") == b"kept"  # made once


def test_a_plan_with_nothing_behind_it_lies_on_white(app: Flask) -> None:
    for mode, colour in (("RGBA", (0, 0, 0, 0)), ("P", 0), ("1", 1), ("L", 255), ("I;16", 65535)):
        out = io.BytesIO()
        Image.new(mode, (900, 300), colour).save(out, "PNG", **({"transparency": 0} if mode == "P" else {}))
        with Image.open(io.BytesIO(thumbnails.of(files.keep("图.png", out.getvalue()), "thumb"))) as image:
            assert (image.mode, image.size) == ("RGB", (320, 107))
            assert min(image.getpixel((5, 5))) > 250, mode


def bomb(width: int, height: int) -> bytes:
    """Few bytes that unpack to many."""
    rows = zlib.compressobj(9)
    packed = b"".join(rows.compress(b"\0" * (width * 3 + 1)) for _row in range(height)) + rows.flush()

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(body, zlib.crc32(kind)))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("bomb.png", lambda: bomb(12_000, 3_000)),  # 108 MB out of 100 KB
        ("liar.png", lambda: hostile.png(10_000, 10_000)),  # says more than there is
        ("noise.jpg", hostile.jpeg),
    ],
)
def test_a_picture_that_cannot_be_shown_is_still_a_file(app: Flask, name: str, make: Any) -> None:
    """Nothing is drawn, the file stays what it is, and it is tried once."""
    file, began = files.keep(name, make()), time.process_time()
    for _again in range(2):
        with pytest.raises(Unknown):
            thumbnails.of(file, "thumb")
    assert time.process_time() - began < 2
    assert files.beside(file, "thumb").read_bytes() == b""
    assert files.read(file)


def test_only_photographs_are_read_and_only_by_their_own_reader(app: Flask) -> None:
    """A row that says jpg over other bytes (an older program's, an attacker's) opens no other reader."""
    out = io.BytesIO()
    Image.new("RGB", (9, 9)).save(out, "TIFF")
    for data in (out.getvalue(), b"%!PS-Adobe-3.0 EPSF-3.0", b"<svg xmlns='http://www.w3.org/2000/svg'/>"):
        with pytest.raises(Unknown):
            thumbnails.of(files.store("a.jpg", "jpg", data), "thumb")
    for kind, size in (("pdf", "thumb"), ("png", "../x"), ("png", "huge")):
        with pytest.raises(Unknown):
            thumbnails.of(files.store(f"a.{kind}", kind, hostile.png()), size)


def test_small_pictures_go_with_their_file(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "FRESH", -1)
    file = files.keep("a.jpg", photo())
    thumbnails.of(file, "thumb")
    files.discard(files.forget([file]))
    assert not [path for path in files.folder().rglob("*") if path.is_file()]


# -- on the pages


def seen(client: FlaskClient, address: str) -> Any:
    return elsewhere(lambda: client.get(address))


def test_answers_show_pictures_to_those_who_may_open_the_file(district: Flask, keys: dict[str, int]) -> None:
    """The page of the application's answers, to which the page of a later step leads."""
    case = played("acceptance/all_confirmed", keys)
    number, step_id = case.number, waiting(case.id, "exa1").id
    sent = files.keep("查看.jpg", photo())
    first = next(step for step in lists.steps(case.id) if step.token == "start")
    first.answers = {
        **first.answers,
        "file_photos": [{"id": str(sent.id), "name": sent.name, "size": sent.size}],
    }
    db.session.commit()
    address = f"/case/{number}/file/{sent.id}/thumb"
    examiner, stranger = browser(district, "exa1"), browser(district, "dev2")
    page = f"/case/{number}/step/{first.id}"
    assert f'href="{page}"' in seen(examiner, f"/step/{step_id}").text
    image = seen(examiner, page).text.split(f'src="{address}"')[1].split(">")[0]
    assert "照片" in image.split('alt="')[1]
    assert "：查看.jpg" in image
    shown = seen(examiner, address)
    assert shown.status_code == 200
    assert shown.headers["Content-Type"] == "image/jpeg"
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    assert shown.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert seen(stranger, address).status_code == 404
    assert seen(examiner, f"/case/{number}/file/{sent.id}/svg").status_code == 404


def test_a_draft_shows_its_pictures_to_its_writer_alone(district: Flask, keys: dict[str, int]) -> None:
    step_id = waiting(played("acceptance/all_confirmed", keys).id, "exa1").id
    writer, other = browser(district, "exa1"), browser(district, "exa2")
    data = {"file_evidence": (io.BytesIO(photo()), "渗水.jpg"), "_save": "1"}
    saved = elsewhere(lambda: writer.post(f"/step/{step_id}", data=data, content_type="multipart/form-data"))
    assert saved.status_code == 302
    page = seen(writer, f"/step/{step_id}").text
    assert "/static/app.js" in page  # opens the large picture, keeps the draft
    assert "照片中的拍摄位置自动去除" in page
    address = page.split('class="pic" href="')[1].split('"')[0]
    assert address.startswith(f"/step/{step_id}/file/")
    assert seen(writer, address).status_code == 200
    assert seen(other, f"/step/{step_id}").status_code == 200  # a colleague has the step, not the draft
    assert seen(other, address).status_code == 404
    draft = drafts.for_(waiting(1, "exa1"), post("exa1"))
    assert draft is not None
    kept = db.session.get(files.File, int(draft.files["file_evidence"][0]["id"]))
    assert kept is not None
    assert b"TELLTALE" not in files.read(kept)
