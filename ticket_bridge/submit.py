"""A confirmed request becomes a ticket and an outbox row, in the caller's own transaction."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.catalog import categories
from core.clock import iso, now
from ticket_bridge.models import OutboxItem, Ticket, TicketEvent

NoteKind = Literal["supplement", "urge", "withdraw", "dispute", "evaluate"]
MAX_TITLE = 200


@dataclass(frozen=True, slots=True)
class TicketRequest:
    """What a citizen confirmed. ``client_ref`` is its key: the same key is the same request. District, category and
    unit are codes of the catalogues."""

    client_ref: str
    conversation: str
    citizen: str
    channel: str
    audience: str
    request_type: str
    category: str
    title: str
    description: str
    district: str
    address: str
    unit: str | None = None
    lat: float | None = None
    lng: float | None = None
    occurred_at: datetime | None = None
    occurred_until: datetime | None = None
    occurred_text: str | None = None
    contact_name: str | None = None
    contact_phone: str | None = None
    confidential: bool = False
    enterprise_name: str | None = None
    uscc: str | None = None
    urgency: str = "normal"
    attachments: Sequence[dict[str, Any]] = field(default_factory=tuple)


async def submit(session: AsyncSession, request: TicketRequest) -> Ticket:
    """The ticket of ``request``: made now with its outbox row, or the one made earlier under the same key."""
    known = (await session.scalars(select(Ticket).where(Ticket.client_ref == request.client_ref))).first()
    if known is not None:
        return known
    moment = now()
    ticket = Ticket(
        number=await _free_number(session, moment),
        status="received",
        submitted_at=moment,
        **_columns(request),
    )
    session.add(ticket)
    await session.flush()
    session.add(TicketEvent(ticket_id=ticket.id, version=0, status="received", at=moment, source="intake"))
    session.add(OutboxItem(ticket_id=ticket.id, kind="create", key=ticket.client_ref, body=create_body(ticket)))
    return ticket


async def add_note(
    session: AsyncSession,
    ticket: Ticket,
    kind: NoteKind,
    note_ref: str,
    *,
    text: str | None = None,
    rating: int | None = None,
) -> OutboxItem:
    """Queue a note about ``ticket`` behind what is already on its way; the same ``note_ref`` is the same note."""
    known = (await session.scalars(select(OutboxItem).where(OutboxItem.key == note_ref))).first()
    if known is not None:
        return known
    body: dict[str, Any] = {"note_ref": note_ref, "kind": kind}
    if text is not None:
        body["text"] = text
    if rating is not None:
        body["rating"] = rating
    item = OutboxItem(ticket_id=ticket.id, kind="note", key=note_ref, body=body)
    session.add(item)
    return item


def create_body(ticket: Ticket) -> dict[str, Any]:
    """The body of ``POST /tickets`` (contract 6); what is not known is left out."""
    category = categories().get(ticket.category)
    body = {
        "client_ref": ticket.client_ref,
        "channel": ticket.channel,
        "audience": ticket.audience,
        "request_type": ticket.request_type,
        "category": ticket.category,
        "category_name": category.name if category else "",
        "unit": ticket.unit,
        "title": ticket.title,
        "description": ticket.description,
        "district": ticket.district,
        "address": ticket.address,
        "location": {"lat": ticket.lat, "lng": ticket.lng} if ticket.lat is not None else None,
        "occurred_at": iso(ticket.occurred_at) if ticket.occurred_at else None,
        "occurred_until": iso(ticket.occurred_until) if ticket.occurred_until else None,
        "occurred_text": ticket.occurred_text,
        "contact": _contact(ticket),
        "confidential": ticket.confidential,
        "enterprise": _enterprise(ticket),
        "urgency": ticket.urgency,
        "attachments": list(ticket.attachments),
        "submitted_at": iso(ticket.submitted_at),
    }
    return {name: value for name, value in body.items() if value is not None}


def _contact(ticket: Ticket) -> dict[str, str] | None:
    contact = {"name": ticket.contact_name, "phone": ticket.contact_phone}
    return {name: value for name, value in contact.items() if value} or None


def _enterprise(ticket: Ticket) -> dict[str, str] | None:
    enterprise = {"name": ticket.enterprise_name, "uscc": ticket.uscc}
    return {name: value for name, value in enterprise.items() if value} or None


def _columns(request: TicketRequest) -> dict[str, Any]:
    columns = {name: getattr(request, name) for name in TicketRequest.__slots__}
    columns["attachments"] = [dict(item) for item in request.attachments]
    columns["title"] = request.title[:MAX_TITLE]
    return columns


async def _free_number(session: AsyncSession, moment: datetime) -> str:
    """``SQ``, the day, six random digits: easy to read out, and tells nobody how many there are."""
    while True:
        number = f"SQ{moment:%Y%m%d}{secrets.randbelow(1_000_000):06d}"
        if (await session.scalars(select(Ticket.id).where(Ticket.number == number))).first() is None:
            return number
