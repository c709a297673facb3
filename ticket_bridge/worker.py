"""Delivery: what citizens confirmed reaches the backend exactly once, and what callbacks missed is fetched."""

import asyncio
from datetime import timedelta

import structlog
from prometheus_client import Counter, Gauge
from purgatory import AsyncCircuitBreakerFactory
from purgatory.domain.model import OpenedState
from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import now
from core.db import Database
from ticket_bridge.callbacks import release_held
from ticket_bridge.dispatch import Accepted, Dispatch, DispatchError, Outcome, Refused, Throttled, Unknown, Unreachable
from ticket_bridge.models import OutboxItem, Ticket
from ticket_bridge.outbox import Leased, bury, finish, held_by_us, lease, postpone
from ticket_bridge.steps import OnChange, acknowledge, apply_step, locked_ticket

LOOK_S = 0.3
AT_ONCE = 8
DELIVERED = Counter("intake_dispatch_deliveries_total", "Attempts to deliver, by outcome", ["outcome"])
DEAD = Gauge("intake_dispatch_dead", "Outbox items that wait for a person")
_UNSETTLED = ("closed", "evaluated", "rejected", "merged", "withdrawn")
_log = structlog.get_logger("bridge.worker")


class _Failing(Exception):
    """Carries an outcome through the breaker, so that it counts as a failure."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(type(outcome).__name__)
        self.outcome = outcome


class Worker:
    """Leases due items and delivers them, several tickets at once."""

    def __init__(self, db: Database, dispatch: Dispatch, on_change: OnChange, *, look_s: float = LOOK_S) -> None:
        self._db = db
        self._dispatch = dispatch
        self._on_change = on_change
        self._look_s = look_s
        self._breakers = AsyncCircuitBreakerFactory(default_threshold=5, default_ttl=5.0)

    async def run(self) -> None:
        """Until cancelled; no fault of database or backend ends it."""
        while True:
            try:
                if not await self.once():
                    await asyncio.sleep(self._look_s)
            except Exception as error:
                _log.exception("round_failed", kind=type(error).__name__)
                await asyncio.sleep(1.0)

    async def once(self) -> int:
        """One round; returns how many items were tried."""
        async with self._db.read() as session:
            due = select(func.count()).select_from(OutboxItem).where(
                OutboxItem.state == "pending",
                OutboxItem.next_at <= now(),
                or_(OutboxItem.lease_until.is_(None), OutboxItem.lease_until < now()),
            )  # fmt: skip
            if not await session.scalar(due):
                return 0
        async with self._db.write() as session:
            items = await lease(session, AT_ONCE)
        await asyncio.gather(*(self._deliver(item) for item in items))
        return len(items)

    async def _deliver(self, item: Leased) -> None:
        outcome = await self._guarded(item)
        DELIVERED.labels(outcome=type(outcome).__name__.lower()).inc()
        async with self._db.write() as session:
            row = await held_by_us(session, item)
            if row is None:
                _log.warning("lease_lost", item=item.id)
                return
            match outcome:
                case Accepted():
                    finish(row)
                    if item.kind == "create":
                        await self._accepted(session, item, outcome)
                case Refused(reason):
                    bury(row, reason)
                    DEAD.inc()
                    _log.error("refused", item=item.id, reason=reason)
                case Throttled(retry_after):
                    postpone(row, "throttled", unknown=row.unknown, wait_s=retry_after)
                case Unreachable(reason):
                    postpone(row, reason, unknown=row.unknown)
                case Unknown(reason):
                    postpone(row, reason, unknown=True)

    async def _accepted(self, session: AsyncSession, item: Leased, outcome: Accepted) -> None:
        ticket = await locked_ticket(session, item.client_ref)
        if ticket is None:
            return
        await acknowledge(session, ticket, outcome.ticket_no, outcome.accepted_at, self._on_change)
        await release_held(session, ticket, self._on_change)

    async def _guarded(self, item: Leased) -> Outcome:
        """The outcome, behind the breaker: while it is open nothing is sent."""
        try:
            async with await self._breakers.get_breaker("dispatch"):
                outcome = await self._send(item)
                if isinstance(outcome, (Unreachable, Unknown)):
                    raise _Failing(outcome)
                return outcome
        except _Failing as failing:
            return failing.outcome
        except OpenedState:
            return Unreachable("breaker open")

    async def _send(self, item: Leased) -> Outcome:
        if item.kind == "note":
            if item.dispatch_no is None:
                return Unreachable("ticket not acknowledged yet")
            return await self._dispatch.add_note(item.dispatch_no, item.key, item.body)
        if item.unknown:
            try:
                known = await self._dispatch.find(item.client_ref)
            except DispatchError as error:
                return Unknown(f"asked: {error}")
            if known is not None:
                return Accepted(known.ticket_no, known.accepted_at)
        return await self._dispatch.create(item.key, item.body)


class Poller:
    """Asks the backend about open tickets now and then, and applies what callbacks missed."""

    def __init__(self, db: Database, dispatch: Dispatch, on_change: OnChange, *, interval_s: float) -> None:
        self._db = db
        self._dispatch = dispatch
        self._on_change = on_change
        self._interval = timedelta(seconds=interval_s)

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self.once()
            except Exception as error:
                _log.warning("poll_failed", kind=type(error).__name__)
            await asyncio.sleep(min(self._interval.total_seconds(), 5.0))

    async def once(self, limit: int = 50) -> int:
        """Ask about tickets not asked about for an interval; returns how many steps were repaired."""
        before = now() - self._interval
        query = (
            select(Ticket.client_ref, Ticket.dispatch_no)
            .where(
                Ticket.dispatch_no.is_not(None),
                Ticket.status.not_in(_UNSETTLED),
                func.coalesce(Ticket.polled_at, Ticket.submitted_at) < before,
            )
            .order_by(func.coalesce(Ticket.polled_at, Ticket.submitted_at))
            .limit(limit)
        )
        async with self._db.read() as session:
            due = (await session.execute(query)).all()
        return sum([await self._repair(ref, number) for ref, number in due if number is not None])

    async def _repair(self, client_ref: str, ticket_no: str) -> int:
        try:
            remote = await self._dispatch.get(ticket_no)
        except DispatchError as error:
            _log.info("poll_unanswered", why=str(error))
            return 0
        async with self._db.write() as session:
            ticket = await locked_ticket(session, client_ref)
            if ticket is None:
                return 0
            ticket.polled_at = now()
            steps = sorted(remote.history, key=lambda step: step.version) if remote else []
            done = [await apply_step(session, ticket, step, self._on_change) for step in steps if step.version >= 1]
            return done.count("applied")
