"""The outbox: leasing what is due, and writing down what came of it."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import now
from ticket_bridge.models import OutboxItem, Ticket

LEASE = timedelta(seconds=45)
GIVE_UP = timedelta(days=3)
FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 900.0


@dataclass(frozen=True, slots=True)
class Leased:
    """An item to deliver. ``unknown``: an earlier attempt may have arrived. ``fence`` proves the lease."""

    id: str
    fence: int
    kind: str
    key: str
    body: dict[str, Any]
    unknown: bool
    client_ref: str
    dispatch_no: str | None


async def lease(session: AsyncSession, limit: int) -> list[Leased]:
    """Lease due items, the first unfinished one of each ticket only, so that a ticket's items go in order."""
    moment = now()
    heads = (
        select(func.min(OutboxItem.id))
        .where(OutboxItem.state.in_(("pending", "dead", "parked")))
        .group_by(OutboxItem.ticket_id)
    )
    query = (
        select(OutboxItem, Ticket)
        .join(Ticket, Ticket.id == OutboxItem.ticket_id)
        .where(
            OutboxItem.id.in_(heads),
            OutboxItem.state == "pending",
            OutboxItem.next_at <= moment,
            or_(OutboxItem.lease_until.is_(None), OutboxItem.lease_until < moment),
        )
        .order_by(OutboxItem.next_at)
        .limit(limit)
        .with_for_update(of=OutboxItem, skip_locked=True)
    )
    return [_leased(item, ticket) for item, ticket in (await session.execute(query)).all()]


def _leased(item: OutboxItem, ticket: Ticket) -> Leased:
    lost_lease = item.lease_until is not None  # whoever held it may have sent it
    item.unknown = item.unknown or lost_lease
    item.lease_until = now() + LEASE
    item.fence += 1
    item.attempts += 1
    return Leased(
        item.id, item.fence, item.kind, item.key, dict(item.body), item.unknown, ticket.client_ref, ticket.dispatch_no
    )


async def held_by_us(session: AsyncSession, leased: Leased) -> OutboxItem | None:
    """The row when ``leased`` is still its newest lease."""
    item = await session.get(OutboxItem, leased.id, with_for_update=True, populate_existing=True)
    return item if item is not None and item.fence == leased.fence and item.state == "pending" else None


def finish(item: OutboxItem) -> None:
    """Delivered."""
    item.state, item.lease_until, item.last_error, item.unknown = "done", None, None, False


def bury(item: OutboxItem, reason: str) -> None:
    """Will never be taken: a person must look."""
    item.state, item.lease_until, item.last_error = "dead", None, reason[:200]


def postpone(item: OutboxItem, reason: str, *, unknown: bool, wait_s: float | None = None) -> None:
    """Try again later: after ``wait_s``, else with full jitter; given up after ``GIVE_UP``."""
    if now() - item.created_at > GIVE_UP:
        bury(item, f"given up: {reason}")
        return
    longest = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** min(item.attempts, 12))
    pause = wait_s if wait_s is not None else random.uniform(0.2, longest)
    item.next_at = now() + timedelta(seconds=pause)
    item.lease_until = None
    item.unknown = unknown
    item.last_error = reason[:200]


async def dead(session: AsyncSession) -> Sequence[OutboxItem]:
    """Items that wait for a person, oldest first."""
    query = select(OutboxItem).where(OutboxItem.state.in_(("dead", "parked"))).order_by(OutboxItem.created_at)
    return (await session.scalars(query)).all()


async def revive(session: AsyncSession) -> int:
    """Put dead items back in line; returns how many. What they did before is asked of the backend first."""
    items = await dead(session)
    for item in items:
        item.state, item.next_at, item.unknown, item.created_at = "pending", now(), True, now()
    return len(items)
