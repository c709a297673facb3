"""Applying what the backend says to our own tickets: each version once, never backwards."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Literal

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import now
from ticket_bridge.dispatch import RemoteStep
from ticket_bridge.models import Ticket, TicketEvent
from ticket_bridge.ticket import STATUSES

OnChange = Callable[[AsyncSession, Ticket, TicketEvent], Awaitable[None]]
"""Called in the same transaction, once for each step that moved a ticket."""

Applied = Literal["applied", "known", "late"]


async def locked_ticket(session: AsyncSession, client_ref: str) -> Ticket | None:
    """The ticket under ``client_ref``, held against other writers."""
    query = select(Ticket).where(Ticket.client_ref == client_ref).with_for_update()
    return (await session.scalars(query.execution_options(populate_existing=True))).first()


async def acknowledge(
    session: AsyncSession, ticket: Ticket, ticket_no: str, accepted_at: datetime | None, on_change: OnChange
) -> None:
    """The backend has the ticket under ``ticket_no``; said once, however often it is learnt."""
    if ticket.dispatch_no is not None:
        return
    ticket.dispatch_no = ticket_no
    ticket.accepted_at = accepted_at or now()
    if ticket.status != "received":
        return
    event = TicketEvent(ticket_id=ticket.id, version=0, status="accepted", at=ticket.accepted_at, source="ack")
    ticket.status = "accepted"
    session.add(event)
    await session.flush()
    await on_change(session, ticket, event)


async def apply_step(session: AsyncSession, ticket: Ticket, step: RemoteStep, on_change: OnChange) -> Applied:
    """Take ``step`` into the history, and move the ticket when it is newer than what was applied.

    Raises ValueError for a status that the contract does not know.
    """
    if step.status not in STATUSES:
        raise ValueError(step.status)
    if await _recorded(session, ticket, "dispatch", step.version) is not None:
        return "known"
    newer = step.version > ticket.version
    event = await _merged_with_ack(session, ticket, step) or _event(ticket, step, applied=newer)
    said = event.source == "ack"
    event.source = "dispatch"
    session.add(event)
    if not newer:
        return "late"
    changed = step.status != ticket.status
    ticket.status, ticket.version = step.status, step.version
    ticket.due_at = step.due_at or ticket.due_at
    await session.flush()
    if changed or not said:
        await on_change(session, ticket, event)
    return "applied"


async def _recorded(session: AsyncSession, ticket: Ticket, source: str, version: int) -> TicketEvent | None:
    query = select(TicketEvent).where(
        TicketEvent.ticket_id == ticket.id, TicketEvent.source == source, TicketEvent.version == version
    )
    return (await session.scalars(query)).first()


async def _merged_with_ack(session: AsyncSession, ticket: Ticket, step: RemoteStep) -> TicketEvent | None:
    """The acceptance that the create's answer already told, now with the backend's own number."""
    if step.status != "accepted":
        return None
    event = await _recorded(session, ticket, "ack", 0)
    if event is not None:
        event.version, event.at = step.version, step.at
        event.unit, event.note = step.unit, step.note
    return event


def _event(ticket: Ticket, step: RemoteStep, *, applied: bool) -> TicketEvent:
    return TicketEvent(
        ticket_id=ticket.id,
        version=step.version,
        status=step.status,
        at=step.at,
        unit=step.unit,
        note=step.note,
        source="dispatch",
        applied=applied,
    )
