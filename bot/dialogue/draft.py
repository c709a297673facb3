"""What is known of a request so far."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

NO_PLACE = frozenset({"suggestion", "praise"})
"""Request types that need no address."""


@dataclass(slots=True)
class Draft:
    """Fields are the assistant's slots of the same names; None is «not known yet», ``skipped`` lists what the citizen
    chose not to say. Times are ISO 8601."""

    request_type: str | None = None
    description: str | None = None
    title: str | None = None
    address: str | None = None
    district: str | None = None
    location: dict[str, Any] | None = None
    occurred_text: str | None = None
    occurred_at: str | None = None
    occurred_until: str | None = None
    category: str | None = None
    unit: str | None = None
    urgency: str | None = None
    consent: bool | None = None
    contact_name: str | None = None
    contact_phone: str | None = None
    confidential: bool | None = None
    enterprise_name: str | None = None
    uscc: str | None = None
    file_ids: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)

    @classmethod
    def from_slots(cls, slots: Mapping[str, Any]) -> "Draft":
        """The draft that the assistant's slots hold."""
        known = {f.name: slots[f.name] for f in fields(cls) if slots.get(f.name) is not None}
        return cls(**known)

    def as_slots(self) -> dict[str, Any]:
        """Every slot with its value, None where nothing is known."""
        return {name: value if value != [] else None for name, value in asdict(self).items()}

    def request(self) -> dict[str, Any]:
        """The fields of a ``ticket_bridge.submit.TicketRequest`` that the draft decides."""
        anonymous = not self.consent
        return {
            "request_type": self.request_type or "help",
            "category": self.category or "",
            "unit": self.unit,
            "title": self.title or "",
            "description": self.description or "",
            "district": self.district or "",
            "address": self.address or "",
            "lat": self.location["lat"] if self.location else None,
            "lng": self.location["lng"] if self.location else None,
            "occurred_at": self.occurred_at,
            "occurred_until": self.occurred_until,
            "occurred_text": self.occurred_text,
            "contact_name": None if anonymous else self.contact_name,
            "contact_phone": None if anonymous else self.contact_phone,
            "confidential": bool(self.confidential),
            "enterprise_name": self.enterprise_name,
            "uscc": self.uscc,
            "urgency": self.urgency or "normal",
            "file_ids": list(self.file_ids),
        }


def missing(draft: Draft) -> str:
    """The one thing to ask next, in the order a person would: what, where, who, then to confirm."""
    if not draft.description:
        return "description"
    if draft.request_type not in NO_PLACE:
        if not draft.address and not draft.location and "address" not in draft.skipped:
            return "address"
        if not draft.district and "district" not in draft.skipped:
            return "district"
    if draft.consent is None:
        return "consent"
    if draft.consent:
        for slot in ("contact_name", "contact_phone"):
            if getattr(draft, slot) is None and slot not in draft.skipped:
                return slot
    return "confirm"
