"""A procedure is a folder: opened, checked, and frozen as the version a case began with."""

from casework.procedures import slips
from casework.procedures.heading import loose
from casework.procedures.opening import EFFECTS, FACTS, FUNCTIONS, BadFolder, open_files, read_folder
from casework.procedures.procedure import Check, Concerns, Life, Outdated, Party, Procedure
from casework.procedures.versions import Version, current, folders, install, of, offered

__all__ = [
    "EFFECTS",
    "FACTS",
    "FUNCTIONS",
    "BadFolder",
    "Check",
    "Concerns",
    "Life",
    "Outdated",
    "Party",
    "Procedure",
    "Version",
    "current",
    "folders",
    "install",
    "loose",
    "of",
    "offered",
    "open_files",
    "read_folder",
    "slips",
]
