"""An enterprise under rectification is refused when it bids (T79), by the file itself, until that is closed."""

from __future__ import annotations

import pytest
from acting import played
from tenderhouse import Tender

from casework import papers
from casework.errors import Refused


def test_t79_a_rectification_file_bars_from_its_notice_to_its_close_out(
    open_tender: Tender, keys: dict[str, int]
) -> None:
    played("rectification/serious", keys, after=9)
    assert open_tender.at(3, 20).bid("ent1").act == "placed"  # closed on the 19th
    case = played("rectification/serious", keys, after=3)  # drafted, reviewed, signed
    with pytest.raises(Refused) as no:
        open_tender.at(3, 21).bid("ent1")
    assert papers.of(case.id)[0].number in str(no.value)
    assert "尚未销号" in str(no.value)
    assert "申请复查" in no.value.reasons[0].advice
