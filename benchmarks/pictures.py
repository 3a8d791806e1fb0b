"""Takes the pictures of the running product that the README shows: `python -m benchmarks.pictures`.

A demo district on a fixed Monday, the real server, a real browser; the same pictures on every run.
"""

from __future__ import annotations

import re
import shutil
import struct
import sys
import tempfile
import threading
import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from playwright.sync_api import Browser, Page, sync_playwright
from waitress.server import create_server

from app import create_app
from casework import cases, clock, papers, procedures, stories
from casework.db import db

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "static" / "pictures"
#: What the clock on the wall says in every picture.
MOMENT = datetime(2026, 3, 9, 10, 30, tzinfo=clock.SHANGHAI)
#: The most that a picture may weigh, in bytes.
LIMIT = 150_000

#: In a browser: the 256 commonest colours of a picture, and for each pixel the number of the nearest.
REDUCE = """async address => {
  const picture = new Image();
  picture.src = address;
  await picture.decode();
  const { width, height } = picture;
  const canvas = Object.assign(document.createElement('canvas'), { width, height });
  const pen = canvas.getContext('2d');
  pen.drawImage(picture, 0, 0);
  const pixels = new Uint32Array(pen.getImageData(0, 0, width, height).data.buffer), counts = new Map();
  for (const pixel of pixels) counts.set(pixel, (counts.get(pixel) || 0) + 1);
  const parts = c => [c & 255, c >> 8 & 255, c >> 16 & 255];
  const palette = [...counts].sort((a, b) => b[1] - a[1]).slice(0, 256).map(([c]) => parts(c));
  const nearest = new Map();
  for (const colour of counts.keys()) {
    const own = parts(colour), far = palette.map(p => p.reduce((sum, x, i) => sum + (x - own[i]) ** 2, 0));
    nearest.set(colour, far.indexOf(Math.min(...far)));
  }
  let numbers = '';
  for (const pixel of pixels) numbers += String.fromCharCode(nearest.get(pixel));
  return [width, height, palette.flat(), btoa(numbers)];
}"""


@dataclass(frozen=True)
class Picture:
    """One page as one person sees it."""

    name: str
    login: str
    path: str
    height: int
    lang: str = "zh"
    follow: str = ""


@dataclass(frozen=True)
class District:
    """A district that is served, and where to look in it."""

    url: str
    stamps: str
    code: str

    def pictures(self) -> Iterator[Picture]:
        """What the README shows."""
        case = f"/case/{self.stamps}"
        decision = "a.t:has-text('云河书苑'), a.t:has-text('Yunhe Book Court')"
        yield Picture("inbox", "head1", "/inbox", 800)
        yield Picture("decision", "head1", "/inbox", 1020, follow=decision)
        yield Picture("stamps", "exa1", case, 900)
        yield Picture("verification", "", f"/verify/{self.code}", 620)
        yield Picture("decision-en", "head1", "/inbox", 1020, "en", decision)
        yield Picture("stamps-en", "exa1", case, 900, "en")


@contextmanager
def district(place: Path) -> Iterator[District]:
    """The demo district with its cases, served until the pictures are taken."""
    app = create_app(place, DEMO=True)
    with app.app_context(), clock.at(MOMENT):
        db.create_all()
        for key, folder in procedures.folders(ROOT / "workflows").items():
            procedures.install(key, folder, clock.now())
        db.session.commit()
        stories.load_demo(ROOT / "workflows")
        db.session.commit()
        stamps = db.session.scalars(
            sa.select(cases.Case.number).where(cases.Case.title == "竣工验收四方确认：北苑锦园")
        ).first()
        code = db.session.scalars(
            sa.select(papers.Paper.verification).where(papers.Paper.code == "D17")
        ).first()
        db.session.remove()

    def always_then(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        with clock.at(MOMENT):
            return app(environ, start)

    server: Any = create_server(always_then, host="127.0.0.1", port=0, threads=4)
    threading.Thread(target=server.run, daemon=True).start()
    yield District(f"http://127.0.0.1:{server.effective_port}", stamps or "", code or "")
    server.close()


def take(browser: Browser, url: str, picture: Picture) -> Path:
    """One picture, in a browser that has seen nothing before."""
    context = browser.new_context(viewport={"width": 1280, "height": picture.height}, locale="zh-CN")
    context.add_cookies([{"name": "lang", "value": picture.lang, "url": url}])
    page: Page = context.new_page()
    if picture.login:
        page.goto(f"{url}/sign-in")
        people = page.locator("button[name=post]")
        people.filter(has_text=re.compile(rf"\b{picture.login}\b")).first.click()
    page.goto(url + picture.path)
    if picture.follow:
        page.click(picture.follow)
    file = FOLDER / f"{picture.name}.png"
    page.screenshot(path=file)
    context.close()
    return file


def lighten(page: Page, file: Path) -> None:
    """Write the picture again with 256 colours, which nobody can tell from all of them."""
    whole = f"data:image/png;base64,{b64encode(file.read_bytes()).decode()}"
    width, height, palette, numbers = page.evaluate(REDUCE, whole)
    lines = b64decode(numbers)
    rows = b"".join(b"\0" + lines[at : at + width] for at in range(0, width * height, width))
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
        (b"PLTE", bytes(palette)),
        (b"IDAT", zlib.compress(rows, 9)),
        (b"IEND", b""),
    )
    file.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + b"".join(
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
            for name, data in chunks
        )
    )


def main() -> None:
    """Take them all; say which is too heavy."""
    chromium = next((found for name in ("chromium", "google-chrome") if (found := shutil.which(name))), None)
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, district(Path(folder)) as here, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        files = [take(browser, here.url, picture) for picture in here.pictures()]
        page = browser.new_page()
        for file in files:
            lighten(page, file)
        browser.close()
    for file in files:
        print(f"{file.stat().st_size:7,} bytes  {file.relative_to(ROOT)}")
    if any(file.stat().st_size > LIMIT for file in files):
        sys.exit(f"a picture weighs more than {LIMIT:,} bytes")


if __name__ == "__main__":
    main()
