"""Cases and their steps: the one hub, which hands each noun what it needs."""

from casework.cases import keyrooms
from casework.cases.afterwards import begin_application, open_concerning
from casework.cases.context import stamping_lanes
from casework.cases.effects import EFFECTS
from casework.cases.lists import MANY, PAGE, Inbox, inbox, ledger, mine, waiting_count
from casework.cases.model import Case, Desk, Draft, Party, Step, Subscription, Timer
from casework.cases.moves import due, retry, tell, tick
from casework.cases.reckoning import recompute, unsettled
from casework.cases.rows import lock
from casework.cases.shown import Checked, answered, checks, known
from casework.cases.steps import (
    Beaten,
    already,
    complete,
    led,
    once,
    open_case,
    stand_in,
    withdraw,
)
from casework.cases.turn import Turn
from casework.people import signature

__all__ = [
    "EFFECTS",
    "MANY",
    "PAGE",
    "Beaten",
    "Case",
    "Checked",
    "Desk",
    "Draft",
    "Inbox",
    "Party",
    "Step",
    "Subscription",
    "Timer",
    "Turn",
    "already",
    "answered",
    "begin_application",
    "checks",
    "complete",
    "due",
    "inbox",
    "keyrooms",
    "known",
    "led",
    "ledger",
    "lock",
    "mine",
    "once",
    "open_case",
    "open_concerning",
    "recompute",
    "retry",
    "signature",
    "stamping_lanes",
    "stand_in",
    "tell",
    "tick",
    "unsettled",
    "waiting_count",
    "withdraw",
]
