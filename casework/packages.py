"""Archive packages of closed cases: who exported which, when, with which contents; how one is written.

档案法实施条例 第三十九条、GB/T 18894-2016: content, structure, background and process together, in a form
that is checked when it is made and by anyone afterwards (casework/archive_verify.py).
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from casework import archive_verify
from casework.archive_verify import FORM
from casework.db import Base, Json, Moment, db
from casework.people import Post
from casework.rules import rule
from casework.words import Words, _

ORDERED, READY, REFUSED = "ordered", "ready", "refused"
STATES: dict[str, Words] = {
    ORDERED: _("正在生成"),
    READY: _("已生成，核验通过"),
    REFUSED: _("未能归档"),
}
#: How long a case is kept, as procedure.yaml writes it.
TERMS: dict[str, Words] = {"永久": _("永久"), "30年": _("30年"), "10年": _("10年")}
#: The time in every package, so that equal contents are equal bytes.
STAMP = (1980, 1, 1, 0, 0, 0)
#: What is packed already.
PACKED = frozenset({"docx", "xlsx", "jpg", "png", "zip", "pdf", "ofd"})


class Package(Base):
    """One export of a case: ordered by whom, what came of it."""

    __tablename__ = "archive_package"
    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"), index=True)
    case_number: Mapped[str] = mapped_column(sa.String(40))
    title: Mapped[str] = mapped_column(sa.String(300))
    title_en: Mapped[str] = mapped_column(sa.String(300), default="")
    post_id: Mapped[int] = mapped_column(sa.ForeignKey("post.id"))
    #: organisation, person and role as they were
    who: Mapped[str] = mapped_column(sa.String(300))
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    ordered_at: Mapped[datetime] = mapped_column(Moment)
    state: Mapped[str] = mapped_column(sa.String(12), default=ORDERED)
    #: why it was refused, in both languages
    fault: Mapped[Any] = mapped_column(Json, nullable=True)
    made_at: Mapped[datetime | None] = mapped_column(Moment)
    file_id: Mapped[int | None] = mapped_column(sa.ForeignKey("file.id"))
    #: of the whole file; of its contents, which are the same in every export
    sha256: Mapped[str] = mapped_column(sa.String(64), default="")
    content: Mapped[str] = mapped_column(sa.String(64), default="")
    size: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    #: what could not be made on this machine (PDF/A without LibreOffice)
    lacks: Mapped[Any] = mapped_column(Json, nullable=True)
    retention: Mapped[str] = mapped_column(sa.String(20), default="")
    destroy_after: Mapped[date | None]
    post: Mapped[Post] = relationship()

    def says_title(self, lang: str) -> str:
        """What the case is about."""
        return (self.title_en if lang == "en" else "") or self.title

    @property
    def kept_for(self) -> Words:
        """The retention class."""
        return TERMS.get(self.retention, self.retention)

    @property
    def state_name(self) -> Words:
        """Where the export stands."""
        return STATES[self.state]


class LastingPdf(Base):
    """The PDF/A of an issued paper: made once, so that every package of the case holds the same bytes."""

    __tablename__ = "archive_pdf"
    paper_id: Mapped[int] = mapped_column(sa.ForeignKey("paper.id"), primary_key=True)
    file_id: Mapped[int] = mapped_column(sa.ForeignKey("file.id"))


@rule(_("仅区房管局归档员或者负责人可以导出归档包。"), basis=_("档案法实施条例 第三十九条"))
def export(by: Post | None) -> bool:
    """A package is the case whole, with personal data: one post of the bureau, or its head."""
    return by is not None and by.organisation.kind == "bureau" and by.role in {"archivist", "head"}


# -- the register ------------------------------------------------------------------------------------------


def of(case_id: int) -> Sequence[Package]:
    """The exports of a case, newest first."""
    found = sa.select(Package).where(Package.case_id == case_id).order_by(Package.id.desc())
    return db.session.scalars(found).all()


def search(by: Post, *, before: int | None = None, limit: int = 50) -> Sequence[Package]:
    """The exports of this bureau, newest first."""
    found = sa.select(Package).where(Package.organisation_id == by.organisation_id)
    if before is not None:
        found = found.where(Package.id < before)
    return db.session.scalars(found.order_by(Package.id.desc()).limit(limit)).all()


def find(package_id: int, *, by: Post) -> Package | None:
    """One export of this bureau."""
    found = db.session.get(Package, package_id)
    return found if found is not None and found.organisation_id == by.organisation_id else None


def verifier() -> bytes:
    """The script that checks a package without this program."""
    return Path(archive_verify.__file__).read_bytes()


# -- the file ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Part:
    """One file of a package: its bytes, or where they lie."""

    path: str
    data: bytes | Path


@dataclass(frozen=True)
class Made:
    """A package that was written, opened again and found whole."""

    content: str
    faults: tuple[str, ...]


#: Signs a text: the public key and the signature, in hexadecimal.
Signs: TypeAlias = Callable[[bytes], tuple[str, str]]


def write(
    target: Path, case_number: str, parts: Iterable[Part], export_record: Mapping[str, Any], sign: Signs
) -> Made:
    """Write the parts with their lists and the signature, then open the file again and check all of it."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as archive:
        listed = [_put(archive, part) for part in sorted(parts, key=lambda one: one.path)]
        inside = [(one["path"], one["sha256"]) for one in listed]
        lines = archive_verify.listing(inside)
        content = hashlib.sha256(lines).hexdigest()
        key, signature = sign(archive_verify.signed_text(case_number, content))
        listed += [
            _put(archive, Part("contents.txt", lines)),
            _put(archive, Part("signature.json", _json({"key": key, "signature": signature}))),
            _put(archive, Part("export.json", _json(export_record))),
        ]
        manifest = {"form": FORM, "case": case_number, "content": content, "files": listed}
        archive.writestr(_entry("manifest.json"), _json(manifest))
    found = archive_verify.check(target)
    return Made(content, tuple(fault for faults in found.values() for fault in faults))


def _put(archive: zipfile.ZipFile, part: Part) -> dict[str, Any]:
    whole, size = hashlib.sha256(), 0
    with archive.open(_entry(part.path), "w", force_zip64=True) as out:
        for block in _blocks(part.data):
            out.write(block)
            whole.update(block)
            size += len(block)
    return {"path": part.path, "sha256": whole.hexdigest(), "size": size}


def _blocks(data: bytes | Path) -> Iterable[bytes]:
    if isinstance(data, bytes):
        yield data
        return
    with data.open("rb") as stream:
        while block := stream.read(1 << 20):
            yield block


def _entry(path: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(path, STAMP)
    packed = path.rpartition(".")[2] in PACKED
    info.compress_type = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
    info.create_system, info.external_attr = 3, 0o644 << 16
    return info


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()
