"""Property projects: where, how large, whose, and who serves there."""

from casework.places import may
from casework.places.area import BOUNDS, Area, companions, current, facts, record_area
from casework.places.area import history as area_history
from casework.places.finding import (
    changed_since,
    choices,
    find,
    find_public,
    localities,
    of_developer,
    search,
    served_by,
    size_history,
    with_permit,
)
from casework.places.project import (
    BUILDING_TYPES,
    PROPERTY_CLASSES,
    SALE_MODES,
    Project,
    SizeRecord,
    sizes,
)
from casework.places.register import SizeChange, amend, change_sizes, entrust, register

__all__ = [
    "BOUNDS",
    "BUILDING_TYPES",
    "PROPERTY_CLASSES",
    "SALE_MODES",
    "Area",
    "Project",
    "SizeChange",
    "SizeRecord",
    "amend",
    "area_history",
    "change_sizes",
    "changed_since",
    "choices",
    "companions",
    "current",
    "entrust",
    "facts",
    "find",
    "find_public",
    "localities",
    "may",
    "of_developer",
    "record_area",
    "register",
    "search",
    "served_by",
    "size_history",
    "sizes",
    "with_permit",
]
