"""What the public learns of a tender, as data: OCDS 1.1 releases, one each time something has changed.

Open Contracting Data Standard 1.1.5. A release says everything that is public at its time, so the compiled
record is the newest one. Never changed once published: another one follows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from casework.db import Base, Json, Moment, db
from casework.errors import Unknown

#: Releases in one package.
PAGE = 50
VERSION = "1.1"
#: The extension that gives packages their `links`: served by the office, no validator needs another place.
EXTENSION = {
    "name": {"en": "Links between packages"},
    "description": {"en": "Adds `links` to release packages, as the community's pagination extension does."},
    "compatibility": [VERSION],
    "schemas": ["release-package-schema.json"],
    "codelists": [],
}
LINKS = {
    "properties": {
        "links": {
            "title": "Links",
            "description": "Addresses of further packages.",
            "type": "object",
            "properties": {
                "prev": {
                    "title": "Previous",
                    "description": "The package with the releases before these.",
                    "type": "string",
                    "format": "uri",
                }
            },
        }
    }
}


class Release(Base):
    """One published release; `body` is the whole of it but ocid, id, date and tag."""

    __tablename__ = "release"
    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"), index=True)
    ocid: Mapped[str] = mapped_column(sa.String(120), index=True)
    tag: Mapped[str] = mapped_column(sa.String(40))
    published_at: Mapped[datetime] = mapped_column(Moment)
    body: Mapped[Any] = mapped_column(Json)

    def says(self) -> dict[str, Any]:
        """The release as the standard writes it."""
        head = {"ocid": self.ocid, "id": f"{self.ocid}-{self.id}", "date": stamp(self.published_at)}
        return {**head, "tag": [self.tag], **_numbers(self.body)}


def publish(case_id: int, ocid: str, tag: str, body: Mapping[str, Any], *, now: datetime) -> Release | None:
    """Publish what is known now; None when the newest release already says it."""
    last = db.session.scalars(_of(ocid).limit(1)).first()
    if last is not None and _numbers(last.body) == _numbers(body):
        return None
    found = Release(case_id=case_id, ocid=ocid, tag=tag, published_at=now, body=dict(body))
    db.session.add(found)
    db.session.flush()
    return found


def newest(*, before: int | None = None, limit: int = PAGE) -> list[Release]:
    """The newest releases of all tenders, before the one with this id; Unknown when there is none."""
    query = sa.select(Release).order_by(Release.id.desc()).limit(limit)
    found = list(db.session.scalars(query.where(Release.id < before) if before else query))
    if not found:
        raise Unknown
    return found


def older(than: Release) -> bool:
    """Whether anything was published before it."""
    return db.session.scalar(sa.select(sa.exists().where(Release.id < than.id))) is True


def find(release_id: int) -> Release:
    """One release."""
    found = db.session.get(Release, release_id)
    if found is None:
        raise Unknown
    return found


def last(case_ids: Sequence[int]) -> list[Release]:
    """What is published of these cases as it stands, in the order of the cases."""
    newest = sa.select(sa.func.max(Release.id)).where(Release.case_id.in_(case_ids)).group_by(Release.case_id)
    return list(
        db.session.scalars(sa.select(Release).where(Release.id.in_(newest)).order_by(Release.case_id))
    )


def named(case_id: int) -> str:
    """The open contracting id under which a case is published; empty where it is not."""
    return (
        db.session.scalars(sa.select(Release.ocid).where(Release.case_id == case_id).limit(1)).first() or ""
    )


def of(ocid: str) -> Sequence[Release]:
    """The releases of one contracting process, the oldest first; Unknown when there is none."""
    found = list(db.session.scalars(_of(ocid)))[::-1]
    if not found:
        raise Unknown
    return found


def known(*, after: str = "", limit: int = PAGE) -> list[str]:
    """The contracting processes in the order of their names, after one of them."""
    query = sa.select(Release.ocid).where(Release.ocid > after).distinct().order_by(Release.ocid).limit(limit)
    return list(db.session.scalars(query))


def compiled(releases: Sequence[Release]) -> dict[str, Any]:
    """The record as it stands: every release says all that is public, so the newest one does."""
    return {**releases[-1].says(), "tag": ["compiled"]}


@dataclass(frozen=True)
class Publisher:
    """Who publishes, where its policy and the extension for `links` are, its licence if it gives one."""

    name: str
    policy: str
    extension: str
    license: str = ""


def package(
    uri: str, publisher: Publisher, releases: Sequence[Release], *, older: str = ""
) -> dict[str, Any]:
    """A release package; `older`: where the releases before these are."""
    links = {"extensions": [publisher.extension], "links": {"prev": older}} if older else {}
    return {**_head(uri, publisher, releases), "releases": [one.says() for one in releases], **links}


def record_package(uri: str, publisher: Publisher, releases: Sequence[Release]) -> dict[str, Any]:
    """A record package of one contracting process, with all its releases."""
    record = {
        "ocid": releases[-1].ocid,
        "releases": [one.says() for one in releases],
        "compiledRelease": compiled(releases),
    }
    return {**_head(uri, publisher, releases), "records": [record]}


def stamp(moment: datetime) -> str:
    """A moment as the standard writes it (RFC 3339)."""
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def _head(uri: str, publisher: Publisher, releases: Sequence[Release]) -> dict[str, Any]:
    newest_at = max((one.published_at for one in releases), default=None)
    dated = {"publishedDate": stamp(newest_at)} if newest_at else {}
    under = {"license": publisher.license} if publisher.license else {}
    whose = {"publisher": {"name": publisher.name}, **under, "publicationPolicy": publisher.policy}
    return {"uri": uri, "version": VERSION, **dated, **whose}


def _numbers(said: Any) -> Any:
    """What was read back as an exact number, as JSON has it: an area or a price is a number, never a text."""
    if isinstance(said, Decimal):
        return int(said) if said == said.to_integral_value() else float(said)
    if isinstance(said, Mapping):
        return {name: _numbers(value) for name, value in said.items()}
    return [_numbers(value) for value in said] if isinstance(said, list) else said


def _of(ocid: str) -> sa.Select[Release]:
    return sa.select(Release).where(Release.ocid == ocid).order_by(Release.id.desc())
