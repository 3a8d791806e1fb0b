"""What a tender says of its bids, as the hub reads it from the case: handed to every act of this noun."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from casework.bids import secret
from casework.bids.envelope import Binding, fingerprint


@dataclass(frozen=True)
class Terms:
    """Plain values, so that long work needs no open transaction."""

    case_id: int
    tender: str
    #: version of the bid form, and of the documents as issued so far
    form: str
    documents: str
    #: the public keys that count, in order, and how many of them open
    publics: tuple[bytes, ...]
    needed: int
    closes_at: datetime
    tenderer: int
    #: who may bid when not everybody may
    invited: frozenset[int] | None
    #: browser | server
    sealing: str

    @property
    def holders(self) -> tuple[str, ...]:
        """The keys by their names."""
        return tuple(fingerprint(public) for public in self.publics)

    def binding(self, organisation_id: int) -> Binding:
        """What an envelope of this organisation must be for."""
        name = secret.pseudonym(self.tender, organisation_id)
        return Binding(self.tender, name, self.form, self.documents)
