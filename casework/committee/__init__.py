"""Evaluation experts and committees: the register, the draw, the seats, the scores."""

from casework.committee import composition, draw, register, scoring, seats, ties
from casework.committee.model import (
    NOTES,
    SPECIALITIES,
    STATES,
    TIES,
    Draw,
    Expert,
    Member,
    Note,
    Secret,
    Sheet,
    Tie,
)

__all__ = [
    "NOTES",
    "SPECIALITIES",
    "STATES",
    "TIES",
    "Draw",
    "Expert",
    "Member",
    "Note",
    "Secret",
    "Sheet",
    "Tie",
    "composition",
    "draw",
    "register",
    "scoring",
    "seats",
    "ties",
]
