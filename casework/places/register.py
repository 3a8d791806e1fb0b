"""Putting projects on the register and changing what stands there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from casework import clock
from casework.db import db
from casework.errors import NotYet
from casework.people import Organisation, Post
from casework.people.organisations import within
from casework.places import may
from casework.places.contract import ServiceContract
from casework.places.project import SIZES, Project, SizeRecord, sizes
from casework.words import Words, _, say

#: Old communities whose developer may be gone: the street registers them.
UNFOUNDED = frozenset({"单位自管", "老旧", "失管"})


@dataclass(frozen=True)
class SizeChange:
    """Figures before and after a change, as FEEL contexts: a limit may now be passed."""

    before: Mapping[str, Any]
    after: Mapping[str, Any]


def register(
    given: Mapping[str, Any], *, by: Post, reason: str = "项目登记", file_id: int | None = None
) -> Project:
    """Put a project on the register; NotYet names the figure or party that cannot be right."""
    may.clerk.ask(by)
    _sound(given)
    _parties(given)
    _one_permit(given.get("permit_no", ""), None)
    project = Project(**{"facts": {}, **given, "code": given.get("code") or f"new-{uuid4().hex[:24]}"})
    project.size_version = 1
    project.registered_at = clock.now()
    db.session.add(project)
    db.session.flush()
    may.keep.ask(by, project)
    if not given.get("code"):
        project.code = f"XM-{project.id:06d}"
    _keep_sizes(project, reason, file_id, by)
    return project


def change_sizes(
    project: Project, given: Mapping[str, Any], *, by: Post, reason: str, file_id: int | None = None
) -> SizeChange:
    """Record new figures as the next version; cases that rest on the old ones are compared with these."""
    may.keep.ask(by, project)
    if not reason.strip():
        raise NotYet(_("请写明变更面积的原因。"))
    before = sizes(project)
    after = {**before, **{key: given[key] for key in SIZES if key in given}}
    if after == before:
        raise NotYet(_("面积没有变化。"))
    _sound(after)
    for key in SIZES:
        setattr(project, key, after[key])
    project.size_version += 1
    _keep_sizes(project, reason, file_id, by)
    return SizeChange(before, after)


def amend(
    project: Project, given: Mapping[str, Any], *, by: Post, reason: str, file_id: int | None = None
) -> Project:
    """What a decision says anew of a project on the register; changed figures are the next version."""
    may.keep.ask(by, project)
    _parties(given)
    _one_permit(given.get("permit_no", ""), project)
    for key, value in given.items():
        if key == "facts":
            project.facts = {**project.facts, **value}
        elif key not in {*SIZES, "code"}:
            setattr(project, key, value)
    figures = {key: given[key] for key in SIZES if key in given}
    if {**sizes(project), **figures} != sizes(project):
        change_sizes(project, figures, by=by, reason=reason, file_id=file_id)
    db.session.flush()
    return project


def entrust(
    project: Project, enterprise_id: int | None, *, by: Post, contract: Mapping[str, Any] | None = None
) -> None:
    """Write down which enterprise serves the project, under which contract; None: nobody for now."""
    may.keep.ask(by, project)
    _of_kind(enterprise_id, "enterprise", _("物业服务企业"))
    project.enterprise_id = enterprise_id
    project.facts = {**(project.facts or {}), "service_contract": dict(contract) if contract else None}
    if enterprise_id is not None and contract:
        db.session.add(
            ServiceContract(
                project_id=project.id,
                enterprise_id=enterprise_id,
                number=str(contract.get("number") or "")[:100],
                starts_on=contract.get("starts_on"),
                ends_on=contract.get("ends_on"),
                case_number=str(contract.get("case") or ""),
                recorded_at=clock.now(),
                post_id=by.id,
                recorded_by=f"{by.organisation.name} {by.user.name}",
            )
        )
    db.session.flush()


def name_owners(project: Project, owners_id: int | None, *, by: Post) -> None:
    """Write down the owners' committee that is filed for the project; None: there is none."""
    may.keep.ask(by, project)
    _of_kind(owners_id, "owners", _("业主委员会"))
    if owners_id is not None and not within(db.session.get_one(Organisation, owners_id), project.street_id):
        raise NotYet(_("业主委员会不在项目所在的街道（乡镇）。"))
    project.owners_id = owners_id
    db.session.flush()


def _keep_sizes(project: Project, reason: str, file_id: int | None, by: Post) -> None:
    db.session.add(
        SizeRecord(
            project_id=project.id,
            version=project.size_version,
            sizes=sizes(project),
            reason=reason.strip(),
            file_id=file_id,
            recorded_at=clock.now(),
            post_id=by.id,
            recorded_by=f"{by.organisation.name} {by.user.name}",
        )
    )
    db.session.flush()


def _sound(given: Mapping[str, Any]) -> None:
    """Areas above zero and not larger than the whole (rules.md P01)."""
    total = given.get("gfa_total")
    if total is None or total <= 0:
        raise NotYet(_("总建筑面积须大于 0 平方米。"))
    for key, name in (
        ("gfa_above", _("地上建筑面积")),
        ("gfa_residential", _("住宅建筑面积")),
        ("gfa_nonresidential", _("非住宅建筑面积")),
    ):
        area = given.get(key)
        if area is not None and not 0 <= area <= total:
            raise NotYet(
                say("%(name)s须在 0 至 %(total)s 平方米（总建筑面积）之间。", name=name, total=f"{total:,}")
            )
    parts = [given.get("gfa_residential"), given.get("gfa_nonresidential")]
    if None not in parts and sum(p for p in parts if p is not None) > total:
        raise NotYet(_("住宅与非住宅建筑面积之和不能超过总建筑面积。"))
    share = given.get("state_share")
    if share is not None and not 0 <= share <= 100:
        raise NotYet(_("国有投资比例须在 0% 至 100% 之间。"))


def _one_permit(permit_no: str, project: Project | None) -> None:
    """One planning permit, one project."""
    if not permit_no:
        return
    found = sa.select(Project).where(Project.permit_no == permit_no)
    other = next((one for one in db.session.scalars(found) if one is not project), None)
    if other is not None:
        raise NotYet(
            say(
                "建设工程规划许可证号%(permit)s已用于项目%(name)s（%(code)s）。",
                permit=permit_no,
                name=other.name,
                code=other.code,
            )
        )


def _parties(given: Mapping[str, Any]) -> None:
    founded = given.get("property_class", "市场化") not in UNFOUNDED
    _of_kind(given.get("developer_id"), "developer", _("建设单位"), required=founded)
    _of_kind(given.get("street_id"), "street", _("街道办事处（乡镇政府）"), required=True)
    _of_kind(given.get("community_id"), "community", _("社区居委会"))
    _of_kind(given.get("enterprise_id"), "enterprise", _("物业服务企业"))
    _of_kind(given.get("owners_id"), "owners", _("业主委员会"))

    street_id, community_id = given.get("street_id"), given.get("community_id")
    if community_id is not None and db.session.get_one(Organisation, community_id).parent_id != street_id:
        raise NotYet(_("社区居委会不属于所选的街道（乡镇）。"))


def _of_kind(organisation_id: int | None, kind: str, name: Words, *, required: bool = False) -> None:
    if organisation_id is None and not required:
        return
    one = db.session.get(Organisation, organisation_id) if organisation_id is not None else None
    if one is None or one.kind != kind or not one.active:
        raise NotYet(say("请从名录中选择%(name)s。", name=name))
