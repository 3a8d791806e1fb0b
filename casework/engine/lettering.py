"""Lettering on a drawing: lines of Chinese and Latin text that fit a width, with no browser to measure."""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape

#: Width of a character as a part of the font's size, when it is not Chinese.
LATIN = 0.56
#: From one base line to the next, in font sizes.
LEADING = 1.32
WORDS = re.compile(r"[A-Za-z0-9_.,:;%'’\-/@]+|\s+|.", re.DOTALL)
NEVER_FIRST = "，。、；：？！）》」』”’…—·％)]},.;:?!%"
NEVER_LAST = "（《「『“‘([{"


def width(text: str) -> float:
    """Measure a text in font sizes."""
    return sum(1.0 if ord(c) > 0x2E7F else LATIN for c in text)


@lru_cache(maxsize=2048)
def wrap(text: str, room: float, most: int = 4) -> tuple[str, ...]:
    """Break a text into even lines of at most `room` font sizes; what is too much ends in an ellipsis."""
    text = " ".join(text.split())
    if not text:
        return ()
    room = max(room, 2.0)
    lines = _break(text, room)
    if len(lines) > 1:  # narrower as long as the number of lines stays: no orphan on the last one
        narrow = width(text) / len(lines)
        while narrow < room and len(_break(text, narrow)) > len(lines):
            narrow += 0.25
        even = _break(text, min(narrow, room))
        lines = even if len(even) <= len(lines) else lines
    if len(lines) > most:
        lines = [*lines[: most - 1], _cut("".join(lines[most - 1 :]), room)]
    return tuple(lines)


def _cut(text: str, room: float) -> str:
    while text and width(text) + 1 > room:
        text = text[:-1]
    return f"{text}…"


def _break(text: str, room: float) -> list[str]:
    lines, line = [], ""
    for word in _pieces(text, room):
        full = width(line + word.rstrip()) > room
        hangs = len(word) == 1 and word in NEVER_FIRST and width(line) <= room + 0.1
        if full and line and not hangs:
            carry = ""
            while line and line[-1] in NEVER_LAST and len(line) > 1:
                line, carry = line[:-1], line[-1] + carry
            lines.append(line.strip())
            line = carry
        line += word if line or not word.isspace() else ""
    return [*lines, line.strip()] if line.strip() else lines


def _pieces(text: str, room: float) -> list[str]:
    """Words as they may be separated; a Latin word longer than the line is cut."""
    most = max(1, int(room / LATIN))
    return [word[i : i + most] for word in WORDS.findall(text) for i in range(0, len(word), most)]


def text(x: float, y: float, lines: tuple[str, ...], css: str, font: float) -> str:
    """Write lines one under another around x; y is the first one's base line."""
    said = "".join(
        f'<tspan x="{x:g}" y="{y + i * font * LEADING:.4g}">{escape(line)}</tspan>'
        for i, line in enumerate(lines)
    )
    return f'<text class="{css}">{said}</text>' if said else ""
