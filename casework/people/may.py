"""Who may keep which organisations, people and posts. Everything not written here is refused."""

from __future__ import annotations

from casework.people.organisations import BELOW, Organisation, district, within
from casework.people.posts import Post, roles_for
from casework.people.users import User
from casework.rules import rule
from casework.words import _


def _keeps(by: Post, organisation: Organisation | None) -> bool:
    return by.role == "admin" and organisation is not None and within(organisation, by.organisation_id)


@rule(_("系统管理员只管理本单位及所属单位。"))
def keep_organisation(by: Post, organisation: Organisation) -> bool:
    """An administrator keeps the people of the own organisation and of those below it."""
    return _keeps(by, organisation)


@rule(_("单位的登记信息由上级单位的系统管理员变更。"))
def change_organisation(by: Post, organisation: Organisation) -> bool:
    """Name, code and state were checked from above and are changed from above; the root keeps itself."""
    own = organisation.id == by.organisation_id
    return _keeps(by, organisation) and (not own or organisation.parent_id is None)


@rule(_("该类单位不能设在此单位之下。"))
def add_organisation(by: Post, parent: Organisation, kind: str) -> bool:
    """Only kinds that may stand below the parent, and only in the administrator's part of the tree."""
    return _keeps(by, parent) and parent.active and kind in BELOW.get(parent.kind, ())


@rule(_("系统管理员只管理本单位及所属单位的人员。"))
def keep_person(by: Post, user: User) -> bool:
    """The person's own organisation, or one above it, keeps the account."""
    return _keeps(by, user.home)


@rule(_("不能停用、重置本人的账号或终止本人的岗位，请由其他管理员办理。"))
def not_oneself(by: Post, user: User) -> bool:
    """Nobody closes or resets the own account: whoever stole a session could."""
    return by.user_id != user.id


@rule(_("不能为本人设置岗位；岗位须符合单位类别。"))
def give_post(by: Post, user: User, organisation: Organisation, role: str) -> bool:
    """Never to oneself, only inside the own part of the tree, only roles this kind of organisation has."""
    own_tree = _keeps(by, organisation) and _keeps(by, user.home)
    return own_tree and by.user_id != user.id and organisation.active and role in roles_for(organisation.kind)


@rule(_("开户申请由房产主管部门的窗口岗位核验。"), basis=_("物业管理条例 第五条"))
def window(by: Post | None) -> bool:
    """The window of a housing bureau."""
    return by is not None and by.role == "window" and by.organisation.kind == "bureau"


@rule(_("开户申请由受理区房产主管部门的窗口岗位核验。"), basis=_("物业管理条例 第五条"))
def check_account(by: Post, district_id: int) -> bool:
    """The window of the bureau of the district where the company applied."""
    its = by.organisation
    own = district(its)
    return its.kind == "bureau" and by.role == "window" and own is not None and own.id == district_id
