"""A ticket that an agent opens from the talk."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversation import EventLog
from bot.dialogue.summary import REQUEST_TYPES
from bot.models import Conversation, Staff
from core.catalog import categories, departments, districts
from core.errors import BadRequest, Forbidden
from core.http import need
from core.ids import new_id, stable_uuid
from ticket_bridge import submit as bridge
from ticket_bridge.views import ticket_body

MAX_DESCRIPTION = 4_000


class DeskTickets:
    """Opens tickets for the conversation that an agent holds."""

    def __init__(self, log: EventLog) -> None:
        self._log = log

    async def open(
        self, session: AsyncSession, conversation: Conversation, agent: Staff, body: dict[str, Any]
    ) -> dict[str, Any]:
        """Submit a ticket from ``body`` and show it to the citizen; a repeated ``cid`` is the same ticket.

        What ``body`` leaves out is taken from what the assistant had filled. Raises BadRequest naming the field.
        """
        if conversation.holder != "agent" or conversation.agent_id != agent.id:
            raise Forbidden("not_holder", "您没有接管这次对话，请先在队列里接入。")
        filled = {**conversation.draft, **{k: v for k, v in body.items() if v is not None}}
        request = _request(filled, conversation, str(body.get("cid") or new_id()))
        ticket = await bridge.submit(session, request)
        shown = ticket_body(ticket)
        await self._log.append(session, conversation, "system", "ticket", shown, author=agent.id)
        return shown


def _request(filled: dict[str, Any], conversation: Conversation, cid: str) -> bridge.TicketRequest:
    description = need(filled, "description", str)
    if not 4 <= len(description) <= MAX_DESCRIPTION:
        raise BadRequest("bad_description", "请写清是什么事，4到4000字。", field="description")
    category = _one_of(filled, "category", [c for c, v in categories().items() if v.parent])
    unit = filled.get("unit") or categories()[category].department
    if unit not in departments():
        raise BadRequest("bad_unit", "没有这个承办单位，请重新选择。", field="unit")
    return bridge.TicketRequest(
        client_ref=stable_uuid("desk-ticket", conversation.id, cid),
        conversation=conversation.id,
        citizen=conversation.citizen_id,
        channel=conversation.channel,
        audience=conversation.audience,
        request_type=_one_of(filled, "request_type", list(REQUEST_TYPES), default="help"),
        category=category,
        unit=unit,
        title=str(filled.get("title") or description[:40]),
        description=description,
        district=_one_of(filled, "district", list(districts())),
        address=str(filled.get("address") or ""),
        contact_name=filled.get("contact_name"),
        contact_phone=filled.get("contact_phone"),
        confidential=bool(filled.get("confidential")),
        urgency=_one_of(filled, "urgency", ["normal", "urgent"], default="normal"),
    )


def _one_of(filled: dict[str, Any], field: str, allowed: list[str], default: str | None = None) -> str:
    value = filled.get(field) or default
    if value not in allowed:
        raise BadRequest("bad_value", "请从列表里选择。", field=field)
    return str(value)
