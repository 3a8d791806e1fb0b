"""Organisations (a tree), users and posts: who acts for whom; how they show who they are."""

from casework.people import (
    agreement,
    applications,
    codes,
    identity,
    links,
    log,
    may,
    passwords,
    register,
    sessions,
    texts,
)
from casework.people.organisations import KINDS, Organisation, bureau, district, of_kind, subtree, territory
from casework.people.posts import (
    ROLES,
    SIGNING_ROLES,
    Post,
    circle,
    everybody,
    holders,
    in_force,
    signature,
    spoken,
)
from casework.people.sessions import prove
from casework.people.throttle import Locked
from casework.people.users import User, by_login

__all__ = [
    "KINDS",
    "ROLES",
    "SIGNING_ROLES",
    "Locked",
    "Organisation",
    "Post",
    "User",
    "agreement",
    "applications",
    "bureau",
    "by_login",
    "circle",
    "codes",
    "district",
    "everybody",
    "holders",
    "identity",
    "in_force",
    "links",
    "log",
    "may",
    "of_kind",
    "passwords",
    "prove",
    "register",
    "sessions",
    "signature",
    "spoken",
    "subtree",
    "territory",
    "texts",
]
