"""The event log of a conversation: the record that every channel and every agent reads."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import Conversation, EventRow
from channels.message import Event, Sender
from core.clock import iso, now
from core.db import after_commit
from core.errors import NotFound
from core.ids import new_id
from core.signals import Signals


async def locked(session: AsyncSession, conversation_id: str) -> Conversation:
    """The conversation, held against every other writer until this unit of work ends. Raises NotFound."""
    row = await session.get(Conversation, conversation_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound("no_conversation", "没有找到这次对话，请刷新页面重新开始。")
    return row


class EventLog:
    """Appends and reads events; whoever follows the conversation is woken after the commit."""

    def __init__(self, signals: Signals) -> None:
        self._signals = signals

    async def append(
        self,
        session: AsyncSession,
        conversation: Conversation,
        sender: Sender,
        kind: str,
        body: dict[str, Any],
        *,
        author: str | None = None,
    ) -> EventRow:
        """Add one event with the next ``seq``; ``conversation`` must come from ``locked`` in this session."""
        conversation.last_seq += 1
        conversation.updated_at = now()
        row = EventRow(
            id=new_id(),
            conversation_id=conversation.id,
            seq=conversation.last_seq,
            sender=sender,
            kind=kind,
            body=body,
            author=author,
            at=conversation.updated_at,
        )
        session.add(row)
        self.changed(session, conversation.id)
        return row

    def changed(self, session: AsyncSession, conversation_id: str) -> None:
        """Wake the followers of the conversation once this unit of work is committed."""
        after_commit(session, lambda: self._signals.publish(f"conversation:{conversation_id}"))

    @staticmethod
    async def after(session: AsyncSession, conversation_id: str, seq: int, limit: int) -> list[EventRow]:
        """Events with a greater ``seq``, in order."""
        query = (
            select(EventRow)
            .where(EventRow.conversation_id == conversation_id, EventRow.seq > seq)
            .order_by(EventRow.seq)
            .limit(limit)
        )
        return list((await session.scalars(query)).all())


def view(row: EventRow) -> Event:
    """The event as contract 2 writes it."""
    return {
        "seq": row.seq,
        "id": row.id,
        "from": row.sender,
        "kind": row.kind,
        "body": row.body,
        "ts": iso(row.at),
    }
