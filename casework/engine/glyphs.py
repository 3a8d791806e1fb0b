"""The small signs of BPMN as SVG paths: what a task is, what an event waits for, how a gateway decides.

Each sign is drawn around (0, 0); classes say how: `m` a line, `f` a filled shape.
"""

from __future__ import annotations

from casework.engine.diagram import Point


def sign(at: Point, parts: str) -> str:
    """Put a sign in its place."""
    return f'<g transform="translate({at[0]:g} {at[1]:g})">{parts}</g>' if parts else ""


def line(path: str) -> str:
    """Draw with the pen."""
    return f'<path class="m" d="{path}"/>'


def solid(path: str) -> str:
    """Draw with the brush."""
    return f'<path class="f" d="{path}"/>'


ENVELOPE = "M-8-5.5H8V5.5H-8zM-8-5.5 0 1 8-5.5"
#: At a task's upper left corner, 18 by 18.
TASKS = {
    "userTask": line("M-7 8v-3q0-4 4-5h6q4 1 4 5v3z")
    + line("M-3.6-4a3.6 3.8 0 1 0 7.2 0a3.6 3.8 0 1 0-7.2 0z"),
    "serviceTask": line(
        "M-1.6-8h3.2l.5 2.2 1.7.7 2-1.2 2.2 2.2-1.2 2 .7 1.7 2.2.5v3.2l-2.2.5-.7 1.7"
        " 1.2 2-2.2 2.2-2-1.2-1.7.7-.5 2.2h-3.2l-.5-2.2-1.7-.7-2 1.2-2.2-2.2"
        " 1.2-2-.7-1.7-2.2-.5v-3.2l2.2-.5.7-1.7-1.2-2 2.2-2.2 2 1.2 1.7-.7z"
    )
    + line("M-2.7 1.5a2.7 2.7 0 1 0 5.4 0a2.7 2.7 0 1 0-5.4 0z"),
    "scriptTask": line("M-4.5-8H7q-6 4-2 8t-1.5 8H-8q6-4 2-8t1.5-8zM-3.5-4h6M-2-0.7h6M-1.5 2.6h6M-3 5.5h6"),
    "sendTask": '<path class="f" d="M-8-5.5H8L0 .8z"/><path class="f" d="M-8-4V5.5H8V-4L0 2.6z"/>',
    "receiveTask": line(ENVELOPE),
    "manualTask": line(
        "M-8-1.5 -2.5-6.5q2-.8 2 1l-2 2.2H6q1.6 0 1.6 1.3T6-.7H1M6-.7q1.3.2 1.1 1.3T5.6 1.7H1"
        "M5.6 1.7q1.2.3 1 1.3T5 4H1M5 4q1 .3.7 1.3T4 6.4h-7q-2 0-5-3.4"
    ),
    "businessRuleTask": line("M-8-6.5H8V6.5H-8zM-8-2.5H8M-8 2H8M-3-2.5V6.5") + solid("M-8-6.5H8v4H-8z"),
}

#: Inside an event's circle.
EVENTS = {
    "message": ENVELOPE,
    "timer": "M-9 0a9 9 0 1 0 18 0a9 9 0 1 0-18 0M0-6V0L3.5 3.5M0-9v2M0 7v2M-9 0h2M7 0h2",
    "error": "M-8 8-3.5-7 2 .5 8-8 3.5 7-2-.5z",
    "escalation": "M0-8 6 7 0 1.5-6 7z",
    "signal": "M0-7.5 7.5 5.5H-7.5z",
    "link": "M-8-3.5H1V-7.5L8.5 0 1 7.5V3.5H-8z",
    "compensate": "M0-6V6L-7.5 0zM8-6V6L.5 0z",
    "conditional": "M-6.5-8h13V8h-13zM-4-4.5h8M-4-1.5h8M-4 1.5h8M-4 4.5h8",
    "cancel": "M-7.5-4.8-4.8-7.5 0-2.7 4.8-7.5 7.5-4.8 2.7 0 7.5 4.8 4.8 7.5 0 2.7-4.8 7.5-7.5 4.8-2.7 0z",
    "multiple": "M0-8 8-2 5 7H-5L-8-2z",
    "parallelMultiple": "M-2-8h4v6h6v4h-6v6h-4v-6h-6v-4h6z",
}
TERMINATE = '<circle class="f" r="9"/>'

#: Inside a gateway's diamond.
GATEWAYS = {
    "exclusiveGateway": '<path class="g" d="M-7-8 7 8M7-8-7 8"/>',
    "parallelGateway": '<path class="g" d="M-11 0h22M0-11v22"/>',
    "inclusiveGateway": '<path class="g" d="M-9.5 0a9.5 9.5 0 1 0 19 0a9.5 9.5 0 1 0-19 0"/>',
    "complexGateway": '<path class="g" d="M-11 0h22M0-11v22M-8-8 8 8M8-8-8 8"/>',
    "eventBasedGateway": line(
        "M-13 0a13 13 0 1 0 26 0a13 13 0 1 0-26 0M-10.5 0a10.5 10.5 0 1 0 21 0a10.5 10.5 0 1 0-21 0"
        "M0-6.5 6.5-1.5 4 5.5H-4L-6.5-1.5z"
    ),
}

#: Along a task's lower edge, 14 wide.
MARKERS = {
    "parallel": '<path class="g" d="M-4.5-6V6M0-6V6M4.5-6V6"/>',
    "sequential": '<path class="g" d="M-6-4.5H6M-6 0H6M-6 4.5H6"/>',
    "loop": line("M-3.5 5.5A6 6 0 1 1 1 6M-3.5 5.5v-4M-3.5 5.5h-4"),
    "collapsed": line("M-7-7H7V7H-7zM-4 0h8M0-4v8"),
    "adHoc": '<path class="g" d="M-7 1.5q3.5-6 7-1.5t7-1.5"/>',
    "compensation": line("M0-5V5L-6.5 0zM7-5V5L.5 0z"),
}

#: On a finished step; on one that is being done; on one that is late.
DONE = '<g class="tick"><circle r="9"/><path d="M-4 .2-1.2 3 4-3"/></g>'
NOW = '<g class="tok"><circle r="9"/><circle class="dot" r="3.2"/></g>'
LATE = '<g class="tok"><circle r="9"/><path d="M0-5V1.5M0 4v1"/></g>'
BADGES = {"done": DONE, "now": NOW, "late": LATE}
