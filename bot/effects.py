"""What a turn's replies do, inside the turn's own commit."""

from typing import Any, cast

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversation import EventLog
from bot.desk.handoff import Desk
from bot.files import FileStore
from bot.models import Audit, Consent, Conversation, Inbound
from bot.replies import Handoff, KeepDraft, NoteTicket, Record, RecordConsent, Reply, Say, SubmitTicket
from core.clock import parse_iso
from core.ids import stable_uuid
from ticket_bridge import submit as bridge
from ticket_bridge.models import Ticket
from ticket_bridge.views import ticket_body

_TIMES = ("occurred_at", "occurred_until")


class Effects:
    """Carries out replies. Words are said only while the assistant holds the conversation; a confirmed request, a note
    and a consent count in any case, since the citizen gave them."""

    def __init__(self, log: EventLog, desk: Desk, files: FileStore, public_url: str) -> None:
        self._log = log
        self._desk = desk
        self._files = files
        self._public_url = public_url

    async def apply(
        self,
        session: AsyncSession,
        conversation: Conversation,
        message: Inbound,
        replies: list[Reply],
        *,
        speak: bool,
    ) -> None:
        """Apply ``replies`` in order; ``speak`` is whether the assistant may still say something."""
        offered: list[dict[str, str]] = []
        handoff: Handoff | None = None
        for number, reply in enumerate(replies):
            match reply:
                case Say():
                    if speak:
                        await self._log.append(session, conversation, _sender(reply), reply.kind, reply.body)
                        offered = _options(reply) or offered
                case Handoff():
                    handoff = reply if speak else None
                case KeepDraft():
                    conversation.draft = reply.fields
                case SubmitTicket():
                    ref = stable_uuid("ticket", message.id, str(number))
                    await self._submit(session, conversation, ref, reply.request)
                case NoteTicket():
                    await self._note(session, conversation, stable_uuid("note", message.id, str(number)), reply)
                case RecordConsent():
                    session.add(_consent(conversation, reply))
                case Record():
                    session.add(_audit(conversation, reply))
        if speak and replies:
            conversation.offered = offered
        if handoff is not None:
            await self._desk.ask_person(session, conversation, handoff)

    async def _submit(
        self, session: AsyncSession, conversation: Conversation, ref: str, request: dict[str, Any]
    ) -> None:
        fields = dict(request)
        fields["attachments"] = await self._files.attachments(
            session, conversation.id, fields.pop("file_ids", []), self._public_url
        )
        for name in _TIMES:
            if fields.get(name):
                fields[name] = parse_iso(fields[name])
        ticket = await bridge.submit(
            session,
            bridge.TicketRequest(
                client_ref=ref,
                conversation=conversation.id,
                citizen=conversation.citizen_id,
                channel=conversation.channel,
                audience=conversation.audience,
                **fields,
            ),
        )
        body = {"text": f"已收到，您的工单号是{ticket.number}。我们会马上转派，有进展会在这里告诉您。"}
        await self._log.append(session, conversation, "bot", "text", body)
        await self._log.append(session, conversation, "system", "ticket", ticket_body(ticket))

    async def _note(self, session: AsyncSession, conversation: Conversation, ref: str, reply: NoteTicket) -> None:
        query = select(Ticket).where(Ticket.number == reply.number, Ticket.citizen == conversation.citizen_id)
        ticket = (await session.scalars(query)).first()
        if ticket is not None:
            await bridge.add_note(
                session, ticket, cast(bridge.NoteKind, reply.kind), ref, text=reply.text, rating=reply.rating
            )


def _sender(reply: Say) -> Any:
    return "system" if reply.kind == "notice" else "bot"


def _options(reply: Say) -> list[dict[str, str]]:
    options = reply.body.get("choices") or reply.body.get("suggestions") or []
    return [{"id": option["id"], "title": option["title"]} for option in options]


def _consent(conversation: Conversation, reply: RecordConsent) -> Consent:
    return Consent(
        citizen_id=conversation.citizen_id,
        conversation_id=conversation.id,
        version=reply.version,
        agreed=reply.agreed,
    )


def _audit(conversation: Conversation, reply: Record) -> Audit:
    return Audit(
        actor=f"citizen:{conversation.citizen_id}",
        action=reply.action,
        object=f"conversation:{conversation.id}",
        detail=reply.detail,
    )
