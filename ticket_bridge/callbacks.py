"""What the backend calls back (contract 6): verified, deduplicated, applied once, or set aside where it can be seen."""

from typing import Any

import structlog
from aiohttp import web
from prometheus_client import Counter
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import Database
from core.errors import BadRequest, Unauthorized
from core.http import json_response, need, parse_json, read_body
from ticket_bridge.dispatch import RemoteStep
from ticket_bridge.dispatch_http import step_of
from ticket_bridge.models import CallbackRecord, Ticket
from ticket_bridge.signing import BadSignature, secrets_of, verify
from ticket_bridge.steps import OnChange, apply_step, locked_ticket
from ticket_bridge.ticket import STATUSES

MAX_BODY = 64 * 1024
MAX_ID = 128
RECEIVED = Counter("intake_callbacks_total", "Callbacks, by what became of them", ["state"])
_log = structlog.get_logger("bridge.callbacks")


class Callbacks:
    """``POST /bridge/callbacks``."""

    def __init__(self, db: Database, secrets: str, on_change: OnChange) -> None:
        self._db = db
        self._secrets = secrets_of(secrets)
        self._on_change = on_change

    async def receive(self, request: web.Request) -> web.Response:
        """200 applied or known already, 202 kept for later, 401 badly signed."""
        raw = await read_body(request, limit=MAX_BODY)
        try:
            webhook_id = verify(self._secrets, request.headers, raw)
        except BadSignature:
            raise Unauthorized("bad_signature", "签名不正确或已过期。") from None
        if len(webhook_id) > MAX_ID:
            raise BadRequest("bad_id", "webhook-id 太长。", field="webhook-id")
        state = await self._take(webhook_id, parse_json(raw))
        RECEIVED.labels(state=state).inc()
        return json_response({"state": state}, status=202 if state in ("held", "aside") else 200)

    async def _take(self, webhook_id: str, body: dict[str, Any]) -> str:
        ticket_no, client_ref = need(body, "ticket_no", str), need(body, "client_ref", str)
        step = _step(body)
        try:
            async with self._db.write() as session:
                if await session.get(CallbackRecord, webhook_id) is not None:
                    return "known"
                state = await self._state(session, ticket_no, client_ref, body, step)
                session.add(
                    CallbackRecord(
                        webhook_id=webhook_id,
                        ticket_no=ticket_no[:64],
                        client_ref=client_ref[:64],
                        version=step.version if step else 0,
                        body=body,
                        state=state,
                    )
                )
                return state
        except IntegrityError:
            return "known"  # the same callback, or the same version, was stored at this very moment

    async def _state(
        self, session: AsyncSession, ticket_no: str, client_ref: str, body: dict[str, Any], step: RemoteStep | None
    ) -> str:
        if body.get("type") != "ticket.status" or step is None or step.status not in STATUSES:
            _log.warning("callback_set_aside", kind=str(body.get("type"))[:40])
            return "aside"
        ticket = await locked_ticket(session, client_ref)
        if ticket is None:
            return "held"
        if ticket.dispatch_no is None:
            return "held"
        if ticket.dispatch_no != ticket_no:
            return "aside"
        return await apply_step(session, ticket, step, self._on_change)


def _step(body: dict[str, Any]) -> RemoteStep | None:
    try:
        return step_of(body)
    except (KeyError, TypeError, ValueError):
        return None


async def release_held(session: AsyncSession, ticket: Ticket, on_change: OnChange) -> None:
    """Apply, in order, the callbacks that came before the create's answer."""
    query = (
        select(CallbackRecord)
        .where(CallbackRecord.client_ref == ticket.client_ref, CallbackRecord.state == "held")
        .order_by(CallbackRecord.version)
    )
    for record in (await session.scalars(query)).all():
        step = _step(record.body)
        if step is None or record.ticket_no != ticket.dispatch_no:
            record.state = "aside"
            continue
        record.state = await apply_step(session, ticket, step, on_change)


def callback_routes(db: Database, secrets: str, on_change: OnChange) -> list[web.RouteDef]:
    """The route for the service. Raises ValueError for malformed secrets."""
    return [web.post("/bridge/callbacks", Callbacks(db, secrets, on_change).receive)]
