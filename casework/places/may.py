"""Who may see which projects; everything not written here is refused."""

from __future__ import annotations

import sqlalchemy as sa

from casework.people import Organisation, Post, subtree, territory
from casework.people.organisations import within
from casework.places.project import Project
from casework.rules import rule
from casework.words import _

#: Offices whose work concerns every project of their territory.
OFFICES = frozenset({"city", "district", "bureau", "police", "market"})
#: Who may be a party of a project (`_parties`).
PARTY_KINDS = frozenset({"developer", "street", "community", "enterprise", "owners"})
#: Who of an enterprise writes into the registers of its projects.
KEEPERS = frozenset({"handler", "head"})


def _parties(project: Project) -> set[int | None]:
    others = {project.community_id, project.enterprise_id, project.owners_id}
    return {project.developer_id, project.street_id, *others}


def _everywhere(by: Post) -> bool:
    return by.role == "auditor" or by.organisation.kind in OFFICES


@rule(_("没有找到您要的内容。"))
def see(by: Post | None, project: Project) -> bool:
    """In public once an enterprise serves it; before that as `see_all`."""
    return project.enterprise_id is not None or see_all(by, project)


@rule(_("没有找到您要的内容。"))
def see_all(by: Post | None, project: Project) -> bool:
    """All figures: for the offices and auditors of the territory and the project's own parties."""
    if by is None or by.role == "admin":
        return False
    if by.organisation_id in _parties(project):
        return True
    return _everywhere(by) and within(project.street, territory(by.organisation).id)


@rule(_("仅项目所在区房管局工作人员可以办理。"))
def keep(by: Post | None, project: Project) -> bool:
    """The bureau whose district the project lies in."""
    return clerk(by) and by is not None and within(project.street, territory(by.organisation).id)


@rule(_("仅区房管局工作人员可以办理。"))
def clerk(by: Post | None) -> bool:
    """A clerk of the housing bureau, whatever desk."""
    return by is not None and by.organisation.kind == "bureau" and by.role in {"window", "examiner", "head"}


@rule(_("没有找到您要的内容。"))
def read_parts(by: Post | None, project: Project) -> bool:
    """Rooms, facilities, records: the bureau and auditors of the territory and the project's own parties."""
    if by is None or by.role == "admin":
        return False
    if by.organisation_id in _parties(project):
        return True
    return _supervises(by) and within(project.street, territory(by.organisation).id)


@rule(_("此登记簿供房管局、审计人员和项目各方（建设单位、街道、社区、物业服务企业、业主委员会）查阅。"))
def registers(by: Post | None) -> bool:
    """Whoever may read the parts of some project: nobody else is offered pages that stay empty."""
    if by is None or by.role == "admin":
        return False
    return _supervises(by) or by.organisation.kind in PARTY_KINDS


@rule(_("用房由项目所在区房管局登记。"), basis=_("物业管理条例 第三十条、第三十七条"))
def keep_rooms(by: Post | None, project: Project) -> bool:
    """The bureau of the district."""
    return bool(keep(by, project))


@rule(
    _("设施设备及其记录由项目的物业服务企业和所在区房管局登记。"),
    basis=_("物业管理条例 第二十九条、第三十五条"),
)
def keep_facilities(by: Post | None, project: Project) -> bool:
    """The enterprise that serves the project keeps its equipment and records; so does the bureau."""
    if by is None:
        return False
    serves = by.organisation_id == project.enterprise_id and by.role in KEEPERS
    return serves or bool(keep(by, project))


@rule(_("设施设备及其记录由项目的物业服务企业和所在区房管局登记。"))
def keeper(by: Post | None) -> bool:
    """Whoever may keep the equipment of some project: a clerk, or an enterprise's own people."""
    own = by is not None and by.organisation.kind == "enterprise" and by.role in KEEPERS
    return own or bool(clerk(by))


def parts_visible(by: Post) -> sa.ColumnElement[bool]:
    """The rule `read_parts` as a condition of a query over projects."""
    if by.role == "admin":
        return sa.false()
    return _within(by.organisation) if _supervises(by) else party(by.organisation_id)


def _supervises(by: Post) -> bool:
    return by.role == "auditor" or by.organisation.kind == "bureau"


def visible(by: Post | None) -> sa.ColumnElement[bool]:
    """The rule `see` as a condition of a query."""
    public = Project.enterprise_id.is_not(None)
    if by is None or by.role == "admin":
        return public
    if by.role == "auditor":
        return sa.or_(public, _within(by.organisation))
    return visible_to(by.organisation)


def visible_to(one: Organisation) -> sa.ColumnElement[bool]:
    """The same for everybody who works in an organisation."""
    seen = _within(one) if one.kind in OFFICES else party(one.id)
    return sa.or_(Project.enterprise_id.is_not(None), seen)


def _within(one: Organisation) -> sa.ColumnElement[bool]:
    return Project.street_id.in_(subtree(territory(one).id))


def party(own: int) -> sa.ColumnElement[bool]:
    """Projects in which an organisation has a part."""
    columns = (Project.developer_id, Project.street_id, Project.community_id, Project.enterprise_id)
    return sa.or_(*(column == own for column in (*columns, Project.owners_id)))
