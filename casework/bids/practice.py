"""A bid to practise with: sealed like a real one, to a key the office holds, opened and thrown away."""

from __future__ import annotations

from typing import Any

from casework.bids import container, envelope, secret
from casework.bids.envelope import Binding, public_bytes
from casework.bids.terms import Terms


def _binding(terms: Terms, organisation_id: int) -> Binding:
    name = secret.mark("practice", terms.tender, organisation_id)
    return Binding(terms.tender, name, "practice", "practice")


def to(terms: Terms, organisation_id: int) -> dict[str, Any]:
    """What the browser needs to seal a practice bid."""
    binding = _binding(terms, organisation_id)
    return {
        "tender": binding.tender,
        "pseudonym": binding.pseudonym,
        "form": binding.form,
        "documents": binding.documents,
        "publics": [public_bytes(secret.practice_key(terms.tender)).hex()],
        "needed": 1,
        "about": {"tender": binding.tender, "bidder": binding.pseudonym},
    }


def read(terms: Terms, organisation_id: int, blob: bytes) -> str:
    """The price in a practice bid: shows that it was sealed, sent and opened; nothing is kept."""
    found, key = envelope.read(blob), secret.practice_key(terms.tender)
    name = envelope.fingerprint(public_bytes(key))
    envelope.check(found, _binding(terms, organisation_id), [name], 1)
    content = container.unpack(envelope.open_with(found, {name: key}))
    return "".join(content.typed.get("price", [])[:1])[:20]
