"""The core as channels see it: one object that implements ``channels.message.Inbox`` and what the web channel adds."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversation import EventLog, view
from bot.desk.handoff import agents_online, queue_position, wait_seconds
from bot.files import FileStore
from bot.intake import Intake
from bot.models import ChannelIdentity, Citizen, Conversation, EventRow, Feedback, Staff, WebSession
from bot.observability import RECEIVED
from channels.message import Accepted, Audience, Event, InboundMessage, Opened, State
from core.clock import now
from core.db import Database, after_commit
from core.errors import NotFound, Unauthorized
from core.ids import new_id, new_token, token_hash
from core.signals import Follower, Signals
from ticket_bridge.views import tickets_of


class Core:
    """Everything a channel may ask for."""

    def __init__(self, db: Database, signals: Signals, intake: Intake, files: FileStore, *, session_days: int) -> None:
        self._db = db
        self._signals = signals
        self._intake = intake
        self._files = files
        self._lifetime = timedelta(days=session_days)

    async def open_session(self, audience: Audience) -> Opened:
        """A new citizen on the web, with a conversation and the token that opens it."""
        token, session_id = new_token(), new_id()
        async with self._db.write() as session:
            citizen = Citizen(id=new_id())
            session.add(citizen)
            await session.flush()
            conversation = Conversation(id=new_id(), citizen_id=citizen.id, channel="web", audience=audience)
            session.add_all(
                [conversation, ChannelIdentity(channel="web", external_id=session_id, citizen_id=citizen.id)]
            )
            await session.flush()
            expires = now() + self._lifetime
            session.add(WebSession(token_hash=token_hash(token), conversation_id=conversation.id, expires_at=expires))
        return Opened(token, conversation.id, int(self._lifetime.total_seconds()))

    async def conversation_of(self, token: str) -> str:
        """The conversation that ``token`` opens. Raises Unauthorized."""
        async with self._db.read() as session:
            row = await session.get(WebSession, token_hash(token))
        if row is None or row.expires_at < now():
            raise Unauthorized("bad_token", "会话已失效，请刷新页面重新开始。")
        return row.conversation_id

    async def receive(self, message: InboundMessage) -> Accepted:
        """Commit the message; see ``Intake.receive``."""
        accepted = await self._intake.receive(message)
        RECEIVED.labels(channel="web", dup=str(accepted.dup).lower()).inc()
        return accepted

    async def events(self, conversation: str, after: int, limit: int = 500) -> list[Event]:
        """Events with ``seq > after``, in order; links to files are signed afresh."""
        async with self._db.read() as session:
            rows = await EventLog.after(session, conversation, after, limit)
        return [self._shown(row) for row in rows]

    async def last_seq(self, conversation: str) -> int:
        """The number of the newest event."""
        async with self._db.read() as session:
            return (await session.get_one(Conversation, conversation)).last_seq

    def _shown(self, row: EventRow) -> Event:
        event = view(row)
        if row.kind == "file":
            event["body"] = {**row.body, "url": self._files.link(row.body["file_id"])}
        return event

    async def state(self, conversation: str) -> State:
        """Who holds the conversation, and what a waiting citizen should know."""
        async with self._db.read() as session:
            row = await session.get(Conversation, conversation)
            if row is None:
                raise NotFound("no_conversation", "没有找到这次对话，请刷新页面重新开始。")
            return await _state(session, row)

    def subscribe(self, conversation: str) -> Follower:
        """Be woken when the conversation changes, or the queue while it waits."""
        return self._signals.follow(f"conversation:{conversation}")

    def subscribe_typing(self, conversation: str) -> Follower:
        """Be woken while an agent types."""
        return self._signals.follow(f"typing:agent:{conversation}")

    async def typing(self, conversation: str, on: bool) -> None:
        """Tell the desk; nothing is stored."""
        if on:
            self._signals.publish(f"typing:user:{conversation}")

    async def seen(self, conversation: str, seq: int) -> None:
        """Remember how far the citizen has read; never backwards, never beyond what there is."""
        async with self._db.write() as session:
            row = await session.get(Conversation, conversation, with_for_update=True)
            if row is not None and row.read_seq < seq <= row.last_seq:
                row.read_seq = seq
                after_commit(session, lambda: self._signals.publish(f"conversation:{conversation}"))

    async def feedback(self, conversation: str, event: str, vote: str, words: str | None) -> None:
        """Keep a thumb for one of the conversation's events. Raises NotFound."""
        async with self._db.write() as session:
            row = await session.get(EventRow, event)
            if row is None or row.conversation_id != conversation or row.sender == "user":
                raise NotFound("no_event", "没有找到这条消息，无法评价。", field="event")
            query = select(Feedback).where(Feedback.conversation_id == conversation, Feedback.event_id == event)
            known = (await session.scalars(query)).first()
            if known is None:
                known = Feedback(conversation_id=conversation, event_id=event, vote=vote)
                session.add(known)
            known.vote, known.words, known.at = vote, words, now()

    async def tickets(self, conversation: str) -> list[dict[str, Any]]:
        """The citizen's tickets, newest first."""
        async with self._db.read() as session:
            row = await session.get_one(Conversation, conversation)
            return await tickets_of(session, row.citizen_id)

    async def tickets_of_citizen(self, citizen: str) -> list[dict[str, Any]]:
        """The same by citizen, for the assistant's actions."""
        async with self._db.read() as session:
            return await tickets_of(session, citizen)

    async def save_file(self, conversation: str, name: str, content: bytes) -> dict[str, Any]:
        """Keep an upload."""
        return await self._files.save(conversation, name, content)


async def _state(session: AsyncSession, row: Conversation) -> State:
    state: State = {"holder": row.holder}
    if row.holder == "queue":
        position = await queue_position(session, row)
        state["queue_position"] = position
        online = await agents_online(session, row.zone)
        if online:
            state["estimated_wait_s"] = wait_seconds(position, online)
    if row.holder == "agent" and row.agent_id is not None:
        agent = await session.get(Staff, row.agent_id)
        state["agent"] = agent.display_name if agent else "坐席"
    return state
