"""Tickets as citizens see them."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import iso
from ticket_bridge.models import Ticket, TicketEvent
from ticket_bridge.ticket import MEANINGS, NAMES


def ticket_body(ticket: Ticket, event: TicketEvent | None = None) -> dict[str, Any]:
    """The body of a ``ticket`` event (contract 2): where the ticket is, or was at ``event``."""
    status = event.status if event else ticket.status
    body: dict[str, Any] = {
        "ticket": ticket.number,
        "status": status,
        "status_name": NAMES[status],
        "title": ticket.title,
        "meaning": MEANINGS[status],
    }
    if ticket.dispatch_no:
        body["dispatch_no"] = ticket.dispatch_no
    if event is not None and event.note:
        body["note"] = event.note
    if event is not None and event.unit:
        body["unit"] = event.unit
    return body


async def tickets_of(session: AsyncSession, citizen: str) -> list[dict[str, Any]]:
    """The tickets of ``citizen``, newest first, each with its ``history`` in order."""
    query = select(Ticket).where(Ticket.citizen == citizen).order_by(Ticket.submitted_at.desc(), Ticket.id.desc())
    tickets = (await session.scalars(query)).all()
    if not tickets:
        return []
    steps = (
        select(TicketEvent)
        .where(TicketEvent.ticket_id.in_([t.id for t in tickets]))
        .order_by(TicketEvent.version, TicketEvent.recorded_at)
    )
    history: dict[str, list[dict[str, Any]]] = {}
    for step in (await session.scalars(steps)).all():
        history.setdefault(step.ticket_id, []).append(_step(step))
    return [{**ticket_body(ticket), "history": history.get(ticket.id, [])} for ticket in tickets]


def _step(event: TicketEvent) -> dict[str, Any]:
    step: dict[str, Any] = {
        "status": event.status,
        "status_name": NAMES[event.status],
        "at": iso(event.at),
        "meaning": MEANINGS[event.status],
    }
    if event.note:
        step["note"] = event.note
    if event.unit:
        step["unit"] = event.unit
    return step
