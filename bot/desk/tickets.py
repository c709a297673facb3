"""A ticket that an agent opens from the talk."""

from dataclasses import fields
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversation import EventLog
from bot.dialogue.draft import Draft
from bot.dialogue.summary import REQUEST_TYPES
from bot.files import FileStore
from bot.models import Conversation, Staff
from core.catalog import categories, departments, districts
from core.clock import parse_iso
from core.errors import BadRequest, Forbidden
from core.http import need
from core.ids import new_id, stable_uuid
from ticket_bridge import submit as bridge
from ticket_bridge.views import ticket_body

MAX_DESCRIPTION = 4_000
MAX_CONTACT = 64


class DeskTickets:
    """Opens tickets for the conversation that an agent holds."""

    def __init__(self, log: EventLog, files: FileStore, public_url: str) -> None:
        self._log = log
        self._files = files
        self._public_url = public_url

    async def open(
        self, session: AsyncSession, conversation: Conversation, agent: Staff, body: dict[str, Any]
    ) -> dict[str, Any]:
        """Submit a ticket from ``body`` and show it to the citizen; a repeated ``cid`` is the same ticket.

        What ``body`` leaves out is taken from what the assistant had filled; contact data only where the citizen
        agreed to it or told it to the agent. Raises BadRequest naming the field.
        """
        if conversation.holder != "agent" or conversation.agent_id != agent.id:
            raise Forbidden("not_holder", "您没有接管这次对话，请先在队列里接入。")
        filled = {**conversation.draft, **_given(body)}
        request = _checked(Draft.from_slots(filled))
        files = await self._files.attachments(session, conversation.id, request.pop("file_ids"), self._public_url)
        ticket = await bridge.submit(
            session,
            bridge.TicketRequest(
                client_ref=stable_uuid("desk-ticket", conversation.id, str(body.get("cid") or new_id())),
                conversation=conversation.id,
                citizen=conversation.citizen_id,
                channel=conversation.channel,
                audience=conversation.audience,
                attachments=files,
                **request,
            ),
        )
        shown = ticket_body(ticket)
        await self._log.append(session, conversation, "system", "ticket", shown, author=agent.id)
        return shown


def _given(body: dict[str, Any]) -> dict[str, Any]:
    """The fields of a draft in ``body``. Contact data that an agent typed was told to them."""
    known = {f.name for f in fields(Draft)}
    given = {name: value for name, value in body.items() if name in known and value is not None}
    for name in ("description", "title", "address", "contact_name", "contact_phone"):
        need(given, name, str, optional=True)
    if given.get("contact_name") or given.get("contact_phone"):
        given["consent"] = True
    return given


def _checked(draft: Draft) -> dict[str, Any]:
    description = draft.description or ""
    if not 4 <= len(description) <= MAX_DESCRIPTION:
        raise BadRequest("bad_description", "请写清是什么事，4到4000字。", field="description")
    _one_of("category", draft.category, {code for code, found in categories().items() if found.parent})
    _one_of("district", draft.district, districts())
    _one_of("request_type", draft.request_type or "help", REQUEST_TYPES)
    _one_of("urgency", draft.urgency or "normal", {"normal", "urgent"})
    draft.unit = draft.unit or categories()[draft.category or ""].department
    _one_of("unit", draft.unit, departments())
    draft.title = draft.title or description[:40]
    for name in ("contact_name", "contact_phone"):
        if len(getattr(draft, name) or "") > MAX_CONTACT:
            raise BadRequest("too_long", "称呼或电话太长，请检查。", field=name)
    request = draft.request()
    for name in ("occurred_at", "occurred_until"):
        request[name] = parse_iso(request[name]) if request[name] else None
    return request


def _one_of(field: str, value: str | None, allowed: Any) -> None:
    if value not in allowed:
        raise BadRequest("bad_value", "请从列表里选择。", field=field)
