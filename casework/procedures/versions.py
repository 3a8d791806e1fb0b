"""The version of a folder that a case began with, frozen for as long as the case is kept."""

from __future__ import annotations

import io
import threading
import zipfile
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TypeAlias
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Mapped, mapped_column

from casework.db import Base, Moment, db
from casework.errors import Unknown
from casework.procedures.opening import open_files, open_frozen, read_folder
from casework.procedures.procedure import Procedure, fingerprint


class Version(Base):
    """A procedure folder as it was, kept for as long as a case began with it."""

    __tablename__ = "procedure_version"
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(60), index=True)
    sha256: Mapped[str] = mapped_column(sa.String(64), unique=True)
    archive: Mapped[bytes] = mapped_column(sa.LargeBinary)
    created_at: Mapped[datetime] = mapped_column(Moment)


Opened: TypeAlias = Callable[[str, Mapping[str, bytes]], Procedure]
#: Opened once per process, shared read-only; by what the folder says, so that two databases share too.
_parsed: dict[str, Procedure] = {}
_frozen: WeakKeyDictionary[Engine, dict[int, Procedure]] = WeakKeyDictionary()
_opening = threading.Lock()


def folders(*roots: Path) -> dict[str, Path]:
    """Every procedure folder; a later root wins over an earlier one (a city's own over ours)."""
    found: dict[str, Path] = {}
    for root in roots:
        if root.is_dir():
            found |= {p.parent.name: p.parent for p in sorted(root.glob("*/procedure.yaml"))}
    return found


def install(key: str, folder: Path, now: datetime) -> int:
    """Freeze what the folder says now as the version that new cases begin with; the caller commits."""
    files = read_folder(folder)
    procedure = _open_once(key, files)
    version_id = db.session.scalar(sa.select(Version.id).where(Version.sha256 == procedure.sha256))
    if version_id is None:
        version = Version(key=key, sha256=procedure.sha256, archive=_pack(files), created_at=now)
        db.session.add(version)
        db.session.flush()
        version_id = version.id
    return version_id


def of(version_id: int) -> Procedure:
    """The frozen procedure a case began with."""
    known = _frozen.setdefault(db.engine, {})
    found = known.get(version_id)
    if found is None:
        version = db.session.get(Version, version_id)
        if version is None:
            raise Unknown
        found = known[version_id] = _open_once(version.key, _unpack(version.archive), open_frozen)
    return found


def current(key: str) -> int:
    """The id of the newest version of a procedure."""
    version_id = db.session.scalar(sa.select(sa.func.max(Version.id)).where(Version.key == key))
    if version_id is None:
        raise Unknown
    return version_id


def offered() -> list[Procedure]:
    """The newest version of every procedure, in the order in which a project meets them."""
    newest = sa.select(sa.func.max(Version.id)).group_by(Version.key)
    found = (of(each) for each in db.session.scalars(newest))
    return sorted((one for one in found if not one.outdated), key=lambda one: one.order)


def _open_once(key: str, files: Mapping[str, bytes], opened: Opened = open_files) -> Procedure:
    """`opened`: strictly, or as a frozen version, which may be outdated: such a one is never installed."""
    sha256 = fingerprint(files)
    with _opening:
        found = _parsed.get(sha256)
        if found is None or (found.outdated and opened is open_files):
            found = _parsed[sha256] = opened(key, files)
        return found


def _pack(files: Mapping[str, bytes]) -> bytes:
    """A zip that is the same for the same files."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)
    return target.getvalue()


def _unpack(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
