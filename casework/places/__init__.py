"""Property projects: where, how large, whose, and who serves there."""

from casework.places import may
from casework.places.finding import (
    changed_since,
    find,
    find_public,
    of_developer,
    search,
    served_by,
    size_history,
)
from casework.places.project import (
    BUILDING_TYPES,
    PROPERTY_CLASSES,
    SALE_MODES,
    Project,
    SizeRecord,
    facts,
    sizes,
)
from casework.places.register import SizeChange, change_sizes, entrust, register

__all__ = [
    "BUILDING_TYPES",
    "PROPERTY_CLASSES",
    "SALE_MODES",
    "Project",
    "SizeChange",
    "SizeRecord",
    "change_sizes",
    "changed_since",
    "entrust",
    "facts",
    "find",
    "find_public",
    "may",
    "of_developer",
    "register",
    "search",
    "served_by",
    "size_history",
    "sizes",
]
