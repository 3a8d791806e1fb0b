"""Lettering on a drawing: lines of Chinese and Latin text that fit a width, with no browser to measure."""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape

#: Width of a character as a part of the font's size, when it is not Chinese.
LATIN = 0.56
#: From one base line to the next, in font sizes.
LEADING = 1.32
#: A word of any alphabet that is not written in squares, a gap, or a single sign.
WORDS = re.compile(r"(?:(?![⺀-\U0010ffff])[\w.,:;%'’\-/@])+|\s+|.", re.DOTALL)
#: Where a word may be parted without a mark of its own: after a hyphen or stroke between two words.
JOINTS = re.compile(r"(?<=[^\W\d]{2}[-/])(?=[^\W\d]{2})")
#: And where one that is too long for its line is parted first.
SEAMS = re.compile(r"(?<=[-/_.@:])(?=\w)|(?<=[a-z])(?=[A-Z])")
NEVER_FIRST = "，。、；：？！）》」』”’…—·％)]},.;:?!%"
NEVER_LAST = "（《「『“‘([{"


def width(text: str) -> float:
    """Measure a text in font sizes."""
    return sum(1.0 if ord(c) > 0x2E7F else LATIN for c in text)


@lru_cache(maxsize=2048)
def wrap(text: str, room: float, most: int = 4) -> tuple[str, ...]:
    """Break a text into even lines of at most `room` font sizes; what is too much ends in an ellipsis."""
    room = max(room, 2.0)
    lines = _even(" ".join(text.split()), room)
    if len(lines) > most:
        lines = [*lines[: most - 1], _cut("".join(lines[most - 1 :]), room)]
    return tuple(line.strip() for line in lines)


@lru_cache(maxsize=2048)
def fits(text: str, room: float, most: int = 4) -> bool:
    """Say whether a text goes into so many lines with no word parted and nothing left out."""
    text = " ".join(text.split())
    return longest(text) <= room and len(_even(text, room)) <= most


def longest(text: str) -> float:
    """Measure the longest word, in font sizes."""
    return max((width(part) for word in WORDS.findall(text) for part in JOINTS.split(word)), default=0.0)


def _even(text: str, room: float) -> list[str]:
    """Break into as few lines as will do, each about as long as the others: no orphan on the last one."""
    lines = _break(text, room)
    if len(lines) < 2:
        return lines
    narrow = max(width(text) / len(lines), min(longest(text), room))
    while narrow < room and len(_break(text, narrow)) > len(lines):
        narrow += 0.25
    even = _break(text, min(narrow, room))
    return even if len(even) <= len(lines) else lines


def _cut(text: str, room: float) -> str:
    """Shorten to the room, between two words where there is a gap."""
    short = text.strip()
    while short and width(short) + 1 > room:
        short = short[:-1]
    rest = text.strip()[len(short) :]
    if rest[:1].isalnum() and width(rest[0]) < 1 and " " in short:
        short = short.rpartition(" ")[0]
    return f"{short.rstrip()}…"


def _break(text: str, room: float) -> list[str]:
    """Fill line after line; each keeps the gap that it ends with."""
    lines, line = [], ""
    for word in _pieces(text, room):
        full = width(line + word.rstrip()) > room
        hangs = len(word) == 1 and word in NEVER_FIRST and width(line) <= room + 0.1
        if full and line and not hangs:
            carry = ""
            while line and line[-1] in NEVER_LAST and len(line) > 1:
                line, carry = line[:-1], line[-1] + carry
            lines.append(line)
            line = carry
        line += word if line or not word.isspace() else ""
    return [*lines, line] if line.strip() else lines


def _pieces(text: str, room: float) -> list[str]:
    """Words as they may be separated; one longer than the line is parted at its seams, then anywhere."""
    most = max(1, int(room / LATIN))
    found: list[str] = []
    for word in WORDS.findall(text):
        for part in JOINTS.split(word):
            for piece in [part] if len(part) <= most else SEAMS.split(part):
                found += [piece[i : i + most] for i in range(0, len(piece), most)]
    return found


def text(x: float, y: float, lines: tuple[str, ...], css: str, font: float) -> str:
    """Write lines one under another around x; y is the first one's base line."""
    said = "".join(
        f'<tspan x="{x:.0f}" y="{y + i * font * LEADING:.0f}">{escape(line)}</tspan>'
        for i, line in enumerate(lines)
    )
    return f'<text class="{css}">{said}</text>' if said else ""
