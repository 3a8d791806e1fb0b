"""The register of enterprises: who may read what of a file, and the list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from casework.db import db
from casework.errors import Unknown
from casework.people import Organisation, Post, territory
from casework.people.organisations import above, within
from casework.rules import rule
from casework.standing.record import BARS, Record
from casework.words import _

#: Offices that read the whole file of every enterprise of their territory.
OFFICES = frozenset({"city", "district", "bureau", "street", "community", "police", "market", "association"})


@dataclass(frozen=True)
class Entry:
    """One line of the list: what this reader may know of an enterprise today."""

    enterprise: Organisation
    stars: int | None
    bars: tuple[Record, ...]


@rule(_("没有找到您要的内容。"))
def read_file(by: Post | None, enterprise: Organisation) -> bool:
    """The whole file: the offices and auditors of the district, and the enterprise itself."""
    if by is None or by.role == "admin":
        return False
    if by.organisation_id == enterprise.id:
        return True
    reads = by.role == "auditor" or by.organisation.kind in OFFICES
    return reads and within(enterprise, territory(by.organisation).id)


def history(organisation_id: int) -> Sequence[Record]:
    """The whole file, newest first."""
    return _records([organisation_id])


def recorded(organisation_id: int, document: str) -> Sequence[Record]:
    """What stands in a file by the paper with this number and has not been lifted."""
    return [one for one in history(organisation_id) if document and one.document == document and not one.lift]


def keepers(organisation_id: int) -> list[int]:
    """The bureaus that keep an enterprise's file, nearest first; of anybody else, none."""
    one = db.session.get(Organisation, organisation_id)
    if one is None or one.kind != "enterprise":
        return []
    line = [each.id for each in above(one)]
    found = sa.select(Organisation.id, Organisation.parent_id).where(
        Organisation.parent_id.in_(line), Organisation.kind == "bureau", Organisation.state == "active"
    )
    rows = db.session.execute(found.order_by(Organisation.id)).all()
    return [row.id for row in sorted(rows, key=lambda row: line.index(row.parent_id))]


def readable(by: Post | None, enterprise: Organisation, on: date) -> Sequence[Record]:
    """What this visitor may read of the file: all of it, or what is public that day."""
    records = history(enterprise.id)
    return records if read_file(by, enterprise) else [r for r in records if r.public(on)]


def find(enterprise_id: int) -> Organisation:
    """An enterprise on the register; Unknown otherwise."""
    one = db.session.get(Organisation, enterprise_id)
    if one is None or one.kind != "enterprise" or one.state == "applied":
        raise Unknown
    return one


def find_record(enterprise_id: int, record_id: int, *, by: Post | None, on: date) -> Record:
    """A record of this enterprise that this visitor may read; Unknown otherwise."""
    one = db.session.get(Record, record_id)
    if one is None or one.organisation_id != enterprise_id:
        raise Unknown
    if not (one.public(on) or read_file(by, one.organisation)):
        raise Unknown
    return one


def search(by: Post | None, on: date, text: str = "", *, after: int = 0, limit: int = 50) -> list[Entry]:
    """Enterprises on the register in the order of registration, after the one with id `after`."""
    found = sa.select(Organisation).where(
        Organisation.kind == "enterprise", Organisation.state == "active", Organisation.id > after
    )
    for word in text.split()[:5]:
        columns = (Organisation.name, Organisation.name_en, Organisation.code)
        found = found.where(sa.or_(*(column.icontains(word, autoescape=True) for column in columns)))
    enterprises = db.session.scalars(found.order_by(Organisation.id).limit(limit)).all()
    records = _records([one.id for one in enterprises])
    return [_entry(by, on, one, [r for r in records if r.organisation_id == one.id]) for one in enterprises]


def _entry(by: Post | None, on: date, one: Organisation, records: Sequence[Record]) -> Entry:
    whole = read_file(by, one)
    seen = [r for r in records if r.in_force(on) and (whole or r.public(on))]
    stars = next((r.value for r in seen if r.kind == "star"), None)
    return Entry(one, stars, tuple(r for r in seen if r.kind in BARS))


def _records(organisation_ids: Sequence[int]) -> Sequence[Record]:
    found = (
        sa.select(Record)
        .where(Record.organisation_id.in_(organisation_ids))
        .options(joinedload(Record.lift))
        .order_by(Record.begins.desc(), Record.id.desc())
    )
    return db.session.scalars(found).all()
