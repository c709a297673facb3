"""What becomes of a ticket, told in the conversation that it came from, within the bridge's own commit."""

from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversation import EventLog, locked
from core.errors import NotFound
from ticket_bridge.models import Ticket, TicketEvent
from ticket_bridge.views import ticket_body


class TicketNews:
    """The bridge's ``OnChange``."""

    def __init__(self, log: EventLog) -> None:
        self._log = log

    async def __call__(self, session: AsyncSession, ticket: Ticket, event: TicketEvent) -> None:
        """Append one ``ticket`` event; a ticket that came from elsewhere has no conversation to tell."""
        try:
            conversation = await locked(session, ticket.conversation)
        except NotFound:
            return
        await self._log.append(session, conversation, "system", "ticket", ticket_body(ticket, event))
