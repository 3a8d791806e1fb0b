"""Small pictures of photographs and plans, drawn anew from their pixels, as the pages show them."""

from __future__ import annotations

import io
import threading
import warnings
from collections.abc import Mapping

from PIL import Image, ImageOps

from casework import files
from casework.errors import Unknown
from casework.files.pictures import MAX_PIXELS

#: The longest side of each size, in pixels.
SIDES = {"thumb": 320, "large": 1600}
#: Kinds of file that are shown as pictures, with the one reader each may have.
READERS = {"jpg": "JPEG", "png": "PNG"}
#: Bytes a picture may take in memory while it is read; a larger one is only handed out as a file.
ROOM = 96 * 1024 * 1024
#: Bytes of a pixel while it is read; everything else takes four.
_DEPTHS = {"L": 1, "LA": 2, "RGB": 3}
_ONE_AT_A_TIME = threading.Lock()  # many large pictures at once must not fill the memory
_UNREADABLE = (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError)


def shown(name: str) -> bool:
    """Whether a file of this name is shown as a picture."""
    ending = name.rpartition(".")[2].lower()
    return ("jpg" if ending == "jpeg" else ending) in READERS


def of(file: files.File, size: str) -> bytes:
    """The picture in one size, a JPEG, made at the first view and kept beside the file; or Unknown."""
    if file.kind not in READERS or size not in SIDES:
        raise Unknown
    kept = files.beside(file, size)
    try:
        drawn = kept.read_bytes()
    except FileNotFoundError:
        drawn = _drawn(files.read(file), READERS[file.kind], SIDES[size])
        files.write(kept, drawn)
    if not drawn:  # tried before: this file shows nothing
        raise Unknown
    return drawn


def headers(drawn: bytes) -> Mapping[str, str]:
    """HTTP headers of a picture that is shown; a browser takes it for nothing else."""
    return {
        "Content-Type": "image/jpeg",
        "Content-Length": str(len(drawn)),
        "Content-Disposition": "inline",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cache-Control": "private, no-store",
    }


def _drawn(data: bytes, reader: str, side: int) -> bytes:
    """Read by the one reader it may have, turned upright, made small, written anew; empty: it cannot be."""
    with _ONE_AT_A_TIME, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's own advice on size: ROOM decides
        try:
            with Image.open(io.BytesIO(data), formats=(reader,)) as picture:
                return _small(picture, side)
        except _UNREADABLE:
            return b""


def _small(picture: Image.Image, side: int) -> bytes:
    if picture.width * picture.height > MAX_PIXELS:
        return b""
    progressive = bool(picture.info.get("progressive"))  # must be read whole before it can be made small
    if not progressive:
        picture.draft("RGB", (side, side))
    if progressive or picture.format == "PNG":
        depth = _DEPTHS.get(picture.mode, 4)
        if picture.width * picture.height * depth > ROOM:
            return b""
    small = picture.convert("RGBA" if picture.mode == "P" else "L") if picture.mode in "1P" else picture
    small.thumbnail((side, side))
    upright = ImageOps.exif_transpose(small)
    if upright.has_transparency_data:
        upright = upright.convert("RGBA")
        upright = Image.alpha_composite(Image.new("RGBA", upright.size, "white"), upright)
    out = io.BytesIO()
    upright.convert("RGB").save(out, "JPEG", quality=78, optimize=True, comment=b"")
    return out.getvalue()
