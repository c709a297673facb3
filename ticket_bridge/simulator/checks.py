"""What the simulator insists on in a request, field by field."""

from typing import Any

from core.catalog import categories, departments, districts
from core.clock import parse_iso
from core.errors import BadRequest

_TYPES = {"consult", "help", "complaint", "report", "suggestion", "praise"}
_REQUIRED = (
    "client_ref", "channel", "audience", "request_type", "category", "category_name", "title", "description",
    "district", "address", "urgency", "submitted_at",
)  # fmt: skip
_NOTES = {"supplement", "urge", "withdraw", "dispute", "evaluate"}


def check_ticket(body: dict[str, Any], key: str) -> None:
    """Refuse what contract 6 does not allow. Raises BadRequest naming the field."""
    for name in _REQUIRED:
        if not isinstance(body.get(name), str):
            raise _wrong(name)
    if body["client_ref"] != key:
        raise _wrong("client_ref")
    allowed: dict[str, Any] = {
        "audience": {"citizen", "enterprise"},
        "request_type": _TYPES,
        "category": categories(),
        "district": {*districts(), ""},
        "urgency": {"normal", "urgent"},
    }
    for name, values in allowed.items():
        if body[name] not in values:
            raise _wrong(name)
    if body.get("unit") is not None and body["unit"] not in departments():
        raise _wrong("unit")
    if not isinstance(body.get("confidential"), bool):
        raise _wrong("confidential")
    if not body["description"].strip() or not body["title"].strip():
        raise _wrong("description")
    _check_times(body)
    _check_secrecy(body)


def _check_times(body: dict[str, Any]) -> None:
    for name in ("occurred_at", "occurred_until", "submitted_at"):
        if name in body:
            try:
                parse_iso(body[name])
            except (TypeError, ValueError):
                raise _wrong(name) from None


def _check_secrecy(body: dict[str, Any]) -> None:
    phone = (body.get("contact") or {}).get("phone")
    if body["confidential"] and phone and (phone in body["title"] or phone in body["description"]):
        raise _wrong("description")


def check_note(body: dict[str, Any], key: str) -> None:
    """The same for a note."""
    if body.get("note_ref") != key:
        raise _wrong("note_ref")
    if body.get("kind") not in _NOTES:
        raise _wrong("kind")
    rating = body.get("rating")
    if rating is not None and (isinstance(rating, bool) or not isinstance(rating, int) or not 1 <= rating <= 5):
        raise _wrong("rating")


def _wrong(field: str) -> BadRequest:
    return BadRequest("bad_field", f"字段 {field} 缺失或不正确。", field=field)
