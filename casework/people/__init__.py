"""Organisations (a tree), users and posts: who acts for whom; how they show who they are."""

from casework.people.organisations import Organisation, bureau, district, of_kind, subtree
from casework.people.posts import ROLES, SIGNING_ROLES, Post, holders, in_force
from casework.people.users import User, by_login

__all__ = [
    "ROLES",
    "SIGNING_ROLES",
    "Organisation",
    "Post",
    "User",
    "bureau",
    "by_login",
    "district",
    "holders",
    "in_force",
    "of_kind",
    "subtree",
]
