"""A vote on the use of a management room, by the table of its procedure (民法典 第二百七十八条)."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from casework import profiles
from casework.cases import asking
from casework.engine import decisions

TABLE = decisions.read((Path(__file__).parent.parent / "workflows/rooms_use/rules.dmn").read_bytes())
PROFILE = profiles.of("national", date(2026, 3, 2)).snapshot()
VOTES = [
    # id, matter, taking part (area, owners), in favour (area, owners), passed, what the reason says
    ("T69", "adjust", ("20000", 200), ("10001", 101), True, "均超过参与表决的半数"),
    ("T70", "adjust", ("20000", 200), ("10000", 100), False, "没有均超过参与表决的半数"),
    ("T70 by owners alone", "adjust", ("20000", 200), ("10001", 100), False, "没有均超过"),
    ("T71", "adjust", ("19999", 200), ("19999", 200), False, "没有均达到三分之二"),
    ("T72", "use", ("24000", 240), ("18000", 180), True, "均达到参与表决的四分之三以上"),
    ("T72 just below", "business", ("24000", 240), ("17999.99", 180), False, "没有均达到参与表决的四分之三"),
    ("a majority changes no use", "use", ("30000", 300), ("20000", 200), False, "第八项"),
]


@pytest.mark.parametrize("row", VOTES, ids=[row[0] for row in VOTES])
def test_three_hundred_owners_of_thirty_thousand_square_metres_vote(row):
    _case, matter, joined, yes, passed, says = row
    scope = {
        "profile": PROFILE,
        "matter": matter,
        "total_area": Decimal(30000),
        "total_owners": 300,
        "joined_area": Decimal(joined[0]),
        "joined_owners": joined[1],
        "yes_area": Decimal(yes[0]),
        "yes_owners": yes[1],
    }
    found = TABLE.evaluate("vote", scope, asking.functions(datetime(2026, 6, 1, tzinfo=UTC)))
    assert found["passed"] is passed
    assert says in found["reason"]
    assert "art. 278" in found["reason_en"]
