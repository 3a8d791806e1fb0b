"""Word files as PDF through LibreOffice: one process and one profile per job, with stand-ins for fonts."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import tempfile
import zipfile
from pathlib import Path

from casework.errors import Busy
from casework.words import _

SHARED = Path(__file__).resolve().parents[2] / "workflows" / "shared"
FONTS, LINES = SHARED / "fonts.conf", SHARED / "lines.xcu"
TIMEOUT = 120
PLAIN = "pdf:writer_pdf_Export"
#: ISO 19005-2, level B: fonts and colours inside, nothing that runs; what archives take in (GB/T 18894-2016).
LASTING = PLAIN + ':{"SelectPdfVersion":{"type":"long","value":"2"}}'
PROGRAMS = ("soffice", "libreoffice")
#: LibreOffice ends a line after Word's hyphen that ends none, but not before a word joiner
_HYPHEN, _JOINED = b"<w:noBreakHyphen/>", "<w:t>-\u2060</w:t>".encode()
#: 云房投〔2026〕1号 stands on one line: the joiners in it are heeded as lines.xcu says
_NUMBER = re.compile(r"[\u4e00-\u9fff]{1,3}\u3014\d{4}\u3015\d+\u53f7")
_JUSTIFIED = re.compile(rb'<w:jc w:val="both"\s*/>')


class NoConverter(Busy):
    """LibreOffice is not installed: there is the Word file only."""

    says = _("服务器未安装 LibreOffice，暂只提供 Word 文件；可运行 flask doctor 查看安装方法。")


class NotConverted(Busy):
    """LibreOffice gave no PDF; the worker tries again."""

    says = _("PDF 转换未成功，稍后自动重试。")


def converter() -> str | None:
    """The path of LibreOffice on this machine."""
    return next((found for name in PROGRAMS if (found := shutil.which(name))), None)


def convert(docx: bytes, *, timeout: int = TIMEOUT, lasting: bool = False) -> bytes:
    """A Word file as PDF; raises NoConverter, NotConverted. `timeout` in seconds; `lasting`: as PDF/A-2b."""
    program = converter()
    if program is None:
        raise NoConverter
    with tempfile.TemporaryDirectory(prefix="tendover-pdf-", ignore_cleanup_errors=True) as place:
        folder = Path(place)
        source = folder / "paper.docx"
        source.write_bytes(_flush_left(docx))
        settings = folder / "profile" / "user"
        settings.mkdir(parents=True)
        shutil.copy(LINES, settings / "registrymodifications.xcu")
        command = [
            program,
            f"-env:UserInstallation={(folder / 'profile').as_uri()}",
            "--headless",
            "--norestore",
            "--nolockcheck",
            "--convert-to",
            LASTING if lasting else PLAIN,
            "--outdir",
            str(folder),
            str(source),
        ]
        _run(command, folder, timeout)
        made = folder / "paper.pdf"
        if not made.exists():
            raise NotConverted
        return made.read_bytes()


def _flush_left(docx: bytes) -> bytes:
    """The same file with lines flush left, not justified, numbers whole: every word and mark in its place.

    LibreOffice (seen in 7.4) leaves out a comma or full stop that would hang over the end of a full justified
    line. At 28 characters a line that is one paragraph in forty, and what is lost changes what was signed.
    """
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(docx)) as given, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as copy:
        for part in given.infolist():
            content = given.read(part)
            if part.filename.endswith(".xml"):
                content = _JUSTIFIED.sub(b'<w:jc w:val="left"/>', content).replace(_HYPHEN, _JOINED)
                content = _NUMBER.sub(lambda found: "\u2060".join(found[0]), content.decode()).encode()
            copy.writestr(part, content)
    return made.getvalue()


def _run(command: list[str], folder: Path, timeout: int) -> None:
    """LibreOffice starts children of its own: all of them end with it, also when it takes too long."""
    passed_on = ("PATH", "SYSTEMROOT", "TMP", "TEMP")
    surroundings = {name: os.environ[name] for name in passed_on if name in os.environ}
    surroundings |= {"HOME": str(folder), "LANG": "C.UTF-8", "FONTCONFIG_FILE": str(FONTS)}
    try:
        with subprocess.Popen(  # noqa: S603  our own program, our own arguments
            command,
            env=surroundings,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        ) as process:
            try:
                process.wait(timeout)
            except subprocess.TimeoutExpired as error:
                _end(process)
                raise NotConverted from error
    except OSError as error:
        raise NotConverted from error


def _end(process: subprocess.Popen[bytes]) -> None:
    if hasattr(os, "killpg"):
        os.killpg(process.pid, 9)
    else:
        process.kill()
