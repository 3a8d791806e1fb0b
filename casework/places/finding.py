"""Finding projects, each list by the same rule as the page it leads to."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from casework.db import db
from casework.errors import Unknown
from casework.people import Organisation, Post, of_kind, territory
from casework.places import may
from casework.places.project import Project, SizeRecord

#: The most projects that are offered as neighbours; others are named by their number.
NEAR = 40


def find(project_id: int, *, by: Post | None) -> Project:
    """The project, for whoever may see all of it; Unknown otherwise."""
    project = db.session.get(Project, project_id)
    if project is None or not may.see_all(by, project):
        raise Unknown
    return project


def find_public(project_id: int, *, by: Post | None) -> Project:
    """The project, for whoever may see at least its public part; Unknown otherwise."""
    project = db.session.get(Project, project_id)
    if project is None or not may.see(by, project):
        raise Unknown
    return project


def search(
    by: Post | None, text: str = "", *, own: bool = False, after: int = 0, limit: int = 50
) -> Sequence[Project]:
    """Projects this visitor may see, in the order of registration, after the one with id `after`."""
    found = sa.select(Project).where(may.visible(by), Project.id > after)
    if own and by is not None:
        found = found.where(may.party(by.organisation_id))
    columns = (Project.name, Project.name_en, Project.address, Project.code)
    for word in text.split()[:5]:
        found = found.where(sa.or_(*(column.icontains(word, autoescape=True) for column in columns)))
    parties = (Project.developer, Project.street, Project.community, Project.enterprise)
    found = found.options(*(joinedload(party) for party in parties)).order_by(Project.id).limit(limit)
    return db.session.scalars(found).all()


def own(one: Organisation) -> Sequence[Project]:
    """Projects an organisation has a part in."""
    found = sa.select(Project).where(may.party(one.id))
    return db.session.scalars(found.options(joinedload(Project.street)).order_by(Project.id)).all()


def near(one: Organisation, street_id: int, community_id: int, limit: int = NEAR) -> Sequence[Project]:
    """Projects of the street that an organisation may see, those of the community first, at most `limit`."""
    found = sa.select(Project).where(may.visible_to(one), Project.street_id == street_id)
    first = sa.case((Project.community_id == community_id, 0), else_=1)
    parties = (joinedload(Project.street), joinedload(Project.community))
    return db.session.scalars(found.options(*parties).order_by(first, Project.id).limit(limit)).all()


def named(one: Organisation, text: str) -> Project | None:
    """The project an organisation means: by its number, its whole name, or a part that fits no other."""
    said = text.strip()
    if not said:
        return None
    seen = sa.select(Project).where(may.visible_to(one)).order_by(Project.id).limit(2)
    part = Project.name.icontains(said, autoescape=True)
    for meant in (sa.func.upper(Project.code) == said.upper(), Project.name == said, part):
        found = db.session.scalars(seen.where(meant)).all()
        if found:
            return found[0] if len(found) == 1 else None
    return None


def localities(one: Organisation) -> list[tuple[Organisation, Organisation | None]]:
    """The streets of the district with their communities, each street also without one; a street: its own."""
    home = territory(one).id
    streets = [one] if one.kind == "street" else of_kind("street", home)
    communities = of_kind("community", home)
    found: list[tuple[Organisation, Organisation | None]] = []
    for street in streets:
        found += [(street, each) for each in communities if each.parent_id == street.id]
        found.append((street, None))
    return found


def with_permit(permit_no: str) -> Sequence[Project]:
    """Projects on the register under this planning permit."""
    if not permit_no.strip():
        return ()
    found = sa.select(Project).where(Project.permit_no == permit_no.strip()).order_by(Project.id)
    return db.session.scalars(found).all()


def served_by(enterprise_id: int) -> Sequence[Project]:
    """Projects an enterprise serves: public knowledge."""
    found = sa.select(Project).where(Project.enterprise_id == enterprise_id).order_by(Project.id)
    return db.session.scalars(found).all()


def size_history(project: Project) -> Sequence[SizeRecord]:
    """Every version of the figures, newest first."""
    found = (
        sa.select(SizeRecord).where(SizeRecord.project_id == project.id).order_by(SizeRecord.version.desc())
    )
    return db.session.scalars(found).all()
