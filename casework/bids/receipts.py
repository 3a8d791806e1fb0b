"""What a bidder holds in hand after each act: what was done, with which hash, when; signed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from casework.bids import secret
from casework.words import Words, _

#: What an act is called on its receipt.
ACTS: dict[str, Words] = {
    "placed": _("递交投标文件"),
    "replaced": _("替换投标文件"),
    "confirmed": _("确认投标文件继续有效"),
    "withdrawn": _("撤回投标文件"),
}


@dataclass(frozen=True)
class Receipt:
    """One act of one bidder. `no` counts the acts of this bidder in this tender, nobody else's."""

    tender: str
    bidder: str
    act: str
    no: int
    sha256: str
    at: datetime
    sealed_by: str

    @property
    def text(self) -> str:
        """Exactly what is signed."""
        said = {
            "tender": self.tender,
            "bidder": self.bidder,
            "act": self.act,
            "no": self.no,
            "sha256": self.sha256,
            "at": self.at.isoformat(),
            "sealed_by": self.sealed_by,
        }
        return json.dumps(said, separators=(",", ":"))

    @property
    def act_name(self) -> Words:
        """What was done, in the reader's language."""
        return ACTS[self.act]

    def dump(self) -> dict[str, str]:
        """The receipt as a file: text, signature, and the key to check it with."""
        return {"receipt": self.text, "signature": secret.sign(self.text), "key": secret.signing_key()}


def genuine(given: Mapping[str, Any]) -> Receipt | None:
    """The receipt in a file, when this installation signed it."""
    try:
        text, signature = str(given["receipt"]), str(given["signature"])
        if not secret.signed(text, signature):
            return None
        said = json.loads(text)
        said["at"] = datetime.fromisoformat(said["at"])
        return Receipt(**said)
    except (KeyError, TypeError, ValueError):
        return None
