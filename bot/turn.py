"""Turns: each pending message gets the assistant's reply exactly once, in order, whatever crashes in between.

A message waits in the database until its reply is committed. The reply, its effects and the end of the waiting are one
commit, guarded by the conversation's ``epoch``: what was computed while a person took over is dropped. A turn that was
cut off is not taken twice by the engine either: what it already answered is fetched from it.
"""

import asyncio
import contextlib
from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from bot.assistant import Assistant, AssistantDown, engine_message
from bot.conversation import EventLog, locked
from bot.effects import Effects
from bot.locks import ConversationLock
from bot.models import Conversation, EventRow, Inbound
from bot.observability import TURN_SECONDS, TURNS
from bot.replies import SORRY, Choice, Reply, choices, notice
from core.clock import now
from core.db import Database

RETRY_S = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0)
SWEEP_S = 3.0
GIVE_UP_AFTER = 4
"""Tries of one message that fails by itself, not for want of engine or database."""
_log = structlog.get_logger("turn")


class Turns:
    """Runs turns, one at a time per conversation, several conversations at once."""

    def __init__(
        self, db: Database, log: EventLog, assistant: Assistant, effects: Effects, lock: ConversationLock, *, limit: int
    ) -> None:
        self._db = db
        self._events = log
        self._assistant = assistant
        self._effects = effects
        self._lock = lock
        self._slots = asyncio.Semaphore(limit)
        self._running: dict[str, asyncio.Task[None]] = {}
        self._again: set[str] = set()
        self._first_try: set[str] = set()
        self._sweeper: asyncio.Task[None] | None = None
        self._draining = False

    async def start(self) -> None:
        """Take up every message that was left waiting, and keep looking for such."""
        self._sweeper = asyncio.create_task(self._sweep())

    async def stop(self) -> None:
        """Let turns under way finish; take no new ones."""
        self._draining = True
        if self._sweeper is not None:
            self._sweeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._sweeper
        if self._running:
            await asyncio.wait(tuple(self._running.values()), timeout=20)

    def wake(self, conversation: str, message: str | None = None) -> None:
        """There is something to answer in ``conversation``; ``message`` is the id of one received just now."""
        if message is not None:
            self._first_try.add(message)
        if conversation in self._running:
            self._again.add(conversation)
        elif not self._draining:
            task = asyncio.create_task(self._serve(conversation))
            self._running[conversation] = task
            task.add_done_callback(lambda _: self._served(conversation))

    def _served(self, conversation: str) -> None:
        self._running.pop(conversation, None)
        if conversation in self._again:
            self._again.discard(conversation)
            self.wake(conversation)

    async def _sweep(self) -> None:
        while True:
            try:
                async with self._db.read() as session:
                    waiting = select(Inbound.conversation_id).where(Inbound.state == "pending").distinct()
                    for conversation in (await session.scalars(waiting)).all():
                        if conversation not in self._running:
                            self.wake(conversation)
            except Exception as error:  # the sweep is what repairs; it must outlive every fault
                _log.warning("sweep_failed", kind=type(error).__name__)
            await asyncio.sleep(SWEEP_S)

    async def _serve(self, conversation: str) -> None:
        tries = 0
        while not self._draining:
            try:
                async with self._slots, self._lock.held(conversation) as ours:
                    if not ours:
                        return  # another process serves it; the sweep looks again
                    while (message := await self._next(conversation)) is not None:
                        await self._turn(conversation, message)
                        tries = 0
                return
            except AssistantDown as error:
                _log.warning("assistant_down", conversation=conversation, why=str(error), tries=tries)
                await self._say_degraded(conversation)
            except (SQLAlchemyError, OSError) as error:
                _log.warning("storage_down", conversation=conversation, kind=type(error).__name__, tries=tries)
            except Exception as error:
                _log.exception("turn_failed", conversation=conversation, kind=type(error).__name__)
                if tries >= GIVE_UP_AFTER:
                    await self._apologise(conversation)
            await asyncio.sleep(RETRY_S[min(tries, len(RETRY_S) - 1)])
            tries += 1

    async def _next(self, conversation: str) -> Inbound | None:
        query = (
            select(Inbound)
            .where(Inbound.conversation_id == conversation, Inbound.state == "pending")
            .order_by(Inbound.seq)
            .limit(1)
        )
        async with self._db.read() as session:
            return (await session.scalars(query)).first()

    async def _turn(self, conversation_id: str, message: Inbound) -> None:
        started = asyncio.get_running_loop().time()
        async with self._db.read() as session:
            conversation = await session.get_one(Conversation, conversation_id)
            facts = await self._facts(session, conversation, message)
        replies: list[Reply] = []
        if conversation.holder == "bot":
            replies = await self._ask(conversation, message, facts) or [SORRY]
        await self._finish(conversation_id, message.id, conversation.epoch, replies)
        TURNS.labels(outcome="answered" if replies else "silent").inc()
        TURN_SECONDS.observe(asyncio.get_running_loop().time() - started)

    async def _ask(self, conversation: Conversation, message: Inbound, facts: dict[str, Any]) -> list[Reply]:
        fresh = message.id in self._first_try
        self._first_try.discard(message.id)
        if conversation.assistant_stale:
            await self._assistant.forget(conversation.id)
        elif not fresh:
            earlier = await self._assistant.replay(conversation.id, message.id)
            if earlier is not None:
                return earlier
        return await self._assistant.turn(conversation.id, message.id, engine_message(message.content), facts)

    async def _facts(self, session: Any, conversation: Conversation, message: Inbound) -> dict[str, Any]:
        """What the actions need to know beside the words."""
        facts: dict[str, Any] = {
            "citizen": conversation.citizen_id,
            "conversation": conversation.id,
            "channel": conversation.channel,
            "audience": conversation.audience,
            "received_at": message.received_at.isoformat(),
            "content": message.content,
        }
        if message.content.get("choice") == "emergency:report":
            query = (
                select(EventRow.body)
                .where(
                    EventRow.conversation_id == conversation.id,
                    EventRow.seq < message.seq,
                    EventRow.sender == "user",
                    EventRow.kind == "text",
                )
                .order_by(EventRow.seq.desc())
                .limit(1)
            )
            facts["earlier_text"] = ((await session.scalar(query)) or {}).get("text", "")
        return facts

    async def _finish(self, conversation_id: str, message_id: str, epoch: int, replies: list[Reply]) -> None:
        async with self._db.write() as session:
            conversation = await locked(session, conversation_id)
            message = await session.get_one(Inbound, message_id)
            if message.state != "pending":
                return
            message.state = "done"
            message.done_at = now()
            current = conversation.holder == "bot" and conversation.epoch == epoch
            if current:
                conversation.assistant_stale = False
                conversation.degraded = False
            await self._effects.apply(session, conversation, message, replies, speak=current)

    async def _apologise(self, conversation_id: str) -> None:
        """A message that fails every time for a reason of its own must not hold up the ones behind it."""
        message = await self._next(conversation_id)
        if message is not None:
            async with self._db.read() as session:
                epoch = (await session.get_one(Conversation, conversation_id)).epoch
            await self._finish(conversation_id, message.id, epoch, [SORRY])

    async def _say_degraded(self, conversation_id: str) -> None:
        """Tell the citizen once per outage, and offer a person; the message stays waiting."""
        said = notice("degraded", "智能助手正在恢复，您的消息已经收到，恢复后马上回复，不用重发。")
        offer = choices("着急的话可以先转人工，也可以直接拨打12345。", [Choice("human", "转人工")])
        try:
            async with self._db.write() as session:
                conversation = await locked(session, conversation_id)
                if conversation.degraded or conversation.holder != "bot":
                    return
                conversation.degraded = True
                await self._events.append(session, conversation, "system", said.kind, said.body)
                await self._events.append(session, conversation, "bot", offer.kind, offer.body)
                conversation.offered = offer.body["choices"]
        except Exception as error:  # the outage must not end the retrying
            _log.warning("degraded_not_said", kind=type(error).__name__)
