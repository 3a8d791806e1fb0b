"""What this machine has and lacks, and what each lack costs the office (`flask doctor`)."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from flask import current_app

from casework import bids, clock
from casework.cases import Case, keeping
from casework.db import db
from casework.journal import Entry
from casework.papers import pdf
from casework.people import User, codes

#: Typefaces the papers ask for by their real names (rules.md C.3).
TYPEFACES = ("仿宋_GB2312", "楷体_GB2312", "方正小标宋简体", "黑体", "宋体")
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "chrome", "msedge")
ENOUGH_ROOM = 2 << 30
#: The first versions in which a WAL reset loses nothing (sqlite.org/wal.html, "WAL-reset bug").
SOUND_SQLITE = (3, 51, 3)
SOUND_BACKPORTS = ((3, 44, 6), (3, 50, 7))


@dataclass(frozen=True)
class Check:
    """One finding in both languages; `costs` says what the office goes without (empty when all is well)."""

    name: str
    ok: bool
    zh: str
    en: str
    costs: str = ""


def checks() -> list[Check]:
    """Every check, in the order of their weight."""
    found = [
        _write(),
        _private(),
        _room(),
        _sqlite(),
        _clock(),
        _secrets(),
        _bid_key(),
        _terms(),
        _converter(),
        _typefaces(),
        _chromium(),
    ]
    return [check for check in found if check is not None]


def _write() -> Check:
    place = Path(current_app.instance_path)
    try:
        with tempfile.NamedTemporaryFile(dir=place) as file:
            file.write(b"?")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        zh, en = (
            f"不能写入数据目录（{error.strerror}）",
            f"the data folder cannot be written ({error.strerror})",
        )
        return Check("write", False, zh, en, "无法保存任何内容 / nothing can be stored")
    return Check("write", True, "数据目录可以写入", "the data folder can be written")


def _private() -> Check | None:
    """Whether another account of this machine can look into the data folder; Windows has other means."""
    place = Path(current_app.instance_path)
    if os.name != "posix" or not place.is_dir():
        return None
    if place.stat().st_mode & 0o007:
        zh = "本机的其他账户可以读取数据目录：请执行 chmod o-rwx"
        en = "other accounts of this machine can read the data folder: chmod o-rwx"
        return Check("private", False, zh, en, "个人信息可能被读取 / personal data may be read")
    return Check(
        "private", True, "数据目录不对本机其他账户开放", "the data folder is closed to other accounts"
    )


def _room() -> Check:
    free = shutil.disk_usage(current_app.instance_path).free
    zh, en = f"磁盘剩余 {free / 2**30:.1f} GB", f"{free / 2**30:.1f} GB of disk are free"
    if free >= ENOUGH_ROOM:
        return Check("room", True, zh, en)
    costs = "附件和备份很快将无法保存，至少应留 2 GB / attachments and backups will soon fail; keep 2 GB free"
    return Check("room", False, zh, en, costs)


def _sqlite() -> Check | None:
    if db.engine.dialect.name != "sqlite":
        return None
    version = str(db.session.scalar(sa.text("SELECT sqlite_version()")))
    zh, en = f"SQLite {version}", f"SQLite {version}"
    if sound(version):
        return Check("sqlite", True, zh, en)
    costs = (
        "多个进程同时写入时可能丢失已提交的内容：请安装 pysqlite3，或升级到 3.51.3 以上 / commits can be "
        "lost when several processes write: install pysqlite3, or SQLite 3.51.3 or newer"
    )
    return Check("sqlite", False, zh, en, costs)


def sound(version: str) -> bool:
    """Whether this SQLite is free of the WAL-reset bug."""
    parts = tuple(int(part) for part in version.split("."))
    return parts >= SOUND_SQLITE or any(parts[:2] == good[:2] and parts >= good for good in SOUND_BACKPORTS)


def _clock() -> Check:
    now, newest = datetime.now(UTC), _newest_entry()
    shown = f"{clock.local(now):%Y-%m-%d %H:%M}"
    if newest is not None and now < newest - timedelta(minutes=1):
        zh = f"服务器时钟 {shown} 早于最近一次办理 {clock.local(newest):%Y-%m-%d %H:%M}"
        en = f"the clock ({shown}) is behind the last recorded act ({clock.local(newest):%Y-%m-%d %H:%M})"
        return Check(
            "clock", False, zh, en, "期限将计算错误，请校时 / deadlines will be wrong: set the clock"
        )
    return Check("clock", True, f"服务器时钟 {shown}（北京时间）", f"the clock says {shown} (Asia/Shanghai)")


def _secrets() -> Check | None:
    """Whether the key is the one under which the one-time codes were bound."""
    if not sa.inspect(db.session.connection()).has_table(User.__tablename__):
        return None
    if not (lost := codes.unreadable()):
        return Check("secrets", True, "动态码密钥可用", "the key of the one-time codes fits")
    zh = f"{lost} 人的动态码无法解密：签名密钥（secret.key 或 TENDOVER_SECRET_KEY）不是绑定时的密钥"
    en = f"the one-time codes of {lost} persons cannot be opened: the signing key is another one"
    costs = (
        "这些人不能登录：请恢复原密钥，或写入 TENDOVER_SECRET_KEY_FALLBACKS / they cannot sign in: bring the "
        "key back, or name the old one in TENDOVER_SECRET_KEY_FALLBACKS"
    )
    return Check("secrets", False, zh, en, costs)


def _bid_key() -> Check | None:
    """The key that tells bids from decoys is in no backup, by design: a copy has to be kept elsewhere."""
    if not sa.inspect(db.session.connection()).has_table(bids.Bidding.__tablename__):
        return None
    running = list(db.session.scalars(sa.select(bids.Bidding).where(bids.Bidding.status != "opened")))
    lost = sum(1 for one in running if not bids.secret.fits(one.tender, one.check))
    if lost:
        zh = f"投标密钥 bids.key 不是 {lost} 项招标开始时的密钥"
        en = f"bids.key is not the one that {lost} tenders began with"
        costs = "认不出这些投标文件：请放回原文件 / their bids cannot be recognised: put the old file back"
        return Check("bids", False, zh, en, costs)
    count = len(running)
    zh = f"投标密钥 bids.key 不在任何备份中，请另行离线保存；{count} 项招标尚未开标，丢失即认不出投标文件"
    en = f"bids.key is in no backup, keep a copy elsewhere, off line: {count} unopened tenders depend on it"
    return Check("bids", True, zh, en)


def _terms() -> Check | None:
    """Cases that have been kept as long as they must: the archive may look at them."""
    if not sa.inspect(db.session.connection()).has_table(Case.__tablename__):
        return None
    count = keeping.over(clock.today())
    zh, en = f"{count} 件案件保管期满，可以鉴定", f"{count} cases have passed their retention period"
    return Check("retention", True, zh, f"{en}; nothing is destroyed by itself")


def _newest_entry() -> datetime | None:
    """When the last act was recorded; None in an office that has not begun."""
    if not sa.inspect(db.session.connection()).has_table(Entry.__tablename__):
        return None
    return db.session.scalar(sa.select(sa.func.max(Entry.at)))


def _converter() -> Check:
    if pdf.converter():
        return Check("soffice", True, "已安装 LibreOffice", "LibreOffice is installed")
    zh, en = "未安装 LibreOffice", "LibreOffice is not installed"
    costs = (
        "文书只有 Word 文件，没有 PDF：请安装 libreoffice-writer / papers are Word files only, without PDF: "
        "install libreoffice-writer"
    )
    return Check("soffice", False, zh, en, costs)


def _typefaces() -> Check | None:
    program = shutil.which("fc-match")
    if program is None:
        return None if sys.platform == "win32" else _no_typefaces("fc-match")
    lacking, standing_in = [], []
    for name in TYPEFACES:
        family, chinese = _matched(program, name)
        if not chinese:
            lacking.append(name)
        elif name not in family:
            standing_in.append(f"{name} → {family.split(',')[0]}")
    if lacking:
        return _no_typefaces("、".join(lacking))
    by = "；".join(standing_in)
    zh = f"PDF 字体齐全（替代：{by}）" if by else "PDF 字体齐全"
    en = f"typefaces for PDF are there (stand-ins: {by})" if by else "typefaces for PDF are there"
    return Check("fonts", True, zh, en)


def _matched(program: str, name: str) -> tuple[str, bool]:
    """The family that a name gives on this machine, and whether it has simplified Chinese."""
    command = [program, "-f", "%{family}\n%{lang}", name]
    surroundings = os.environ | {"FONTCONFIG_FILE": str(pdf.FONTS)}
    try:
        answer = subprocess.run(  # noqa: S603  our own program, our own arguments
            command, env=surroundings, capture_output=True, text=True, timeout=20, check=False
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return "", False
    family, _line, languages = answer.partition("\n")
    return family, "zh-cn" in languages.split("|")


def _no_typefaces(what: str) -> Check:
    costs = (
        "PDF 中的汉字可能缺失或用错字体：请安装 fonts-noto-cjk、fonts-lxgw-wenkai / Chinese characters in "
        "PDFs may be missing or in a wrong face: install fonts-noto-cjk and fonts-lxgw-wenkai"
    )
    return Check("fonts", False, f"缺少中文字体：{what}", f"Chinese typefaces are missing: {what}", costs)


def _chromium() -> Check:
    if any(shutil.which(name) for name in CHROMIUM):
        return Check("chromium", True, "已安装 Chromium", "Chromium is installed")
    costs = "仅影响自动化测试中的浏览器部分 / only the browser journeys of the tests are left out"
    return Check("chromium", False, "未安装 Chromium", "Chromium is not installed", costs)
