"""Property projects: where, how large, whose, and who serves there."""

from casework.places import history, importing, listing, may, tables
from casework.places.area import BOUNDS, Area, companions, current, facts, record_area
from casework.places.area import history as area_history
from casework.places.contract import ServiceContract
from casework.places.entering import Source, find_parts, hold, reckon_due, versions
from casework.places.entering import add as add_parts
from casework.places.entering import change as change_parts
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
from casework.places.holdings import delivered, ending, facilities_of, facility_facts, room_facts, rooms_of
from casework.places.kinds import (
    FACILITY_KINDS,
    MANAGEMENT,
    MODES,
    OWNERS,
    RECORD_KINDS,
    RESULTS,
    ROOM_KINDS,
    STATES,
    UNITS,
)
from casework.places.parts import KEPT, REGISTERS, Facility, FacilityRecord, Import, Part, Room, Version, says
from casework.places.project import (
    BUILDING_TYPES,
    PROPERTY_CLASSES,
    SALE_MODES,
    Project,
    SizeRecord,
    sizes,
)
from casework.places.register import SizeChange, amend, change_sizes, entrust, name_owners, register
from casework.places.tables import note_record

__all__ = [
    "BOUNDS",
    "BUILDING_TYPES",
    "FACILITY_KINDS",
    "KEPT",
    "MANAGEMENT",
    "MODES",
    "OWNERS",
    "PROPERTY_CLASSES",
    "RECORD_KINDS",
    "REGISTERS",
    "RESULTS",
    "ROOM_KINDS",
    "SALE_MODES",
    "STATES",
    "UNITS",
    "Area",
    "Facility",
    "FacilityRecord",
    "Import",
    "Part",
    "Project",
    "Room",
    "ServiceContract",
    "SizeChange",
    "SizeRecord",
    "Source",
    "Version",
    "add_parts",
    "amend",
    "area_history",
    "change_parts",
    "change_sizes",
    "changed_since",
    "choices",
    "companions",
    "current",
    "delivered",
    "ending",
    "entrust",
    "facilities_of",
    "facility_facts",
    "facts",
    "find",
    "find_parts",
    "find_public",
    "history",
    "hold",
    "importing",
    "listing",
    "localities",
    "may",
    "name_owners",
    "note_record",
    "of_developer",
    "reckon_due",
    "record_area",
    "register",
    "room_facts",
    "rooms_of",
    "says",
    "search",
    "served_by",
    "size_history",
    "sizes",
    "tables",
    "versions",
    "with_permit",
]
