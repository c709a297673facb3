"""Handing a conversation to a person and back. Every method works inside the caller's unit of work on a locked
conversation, so a change of holder and what is said about it are one commit."""

import hashlib
from typing import Any, Literal

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot import replies, router
from bot.conversation import EventLog
from bot.desk.zones import ZONES
from bot.models import AgentMessage, Conversation, Handoff, Staff
from channels.message import MAX_TEXT, Accepted
from core.clock import now
from core.db import after_commit
from core.errors import BadRequest, Conflict, Forbidden
from core.signals import Signals
from core.text import legal_text

Outcome = Literal["answered", "ticket", "user_left", "abuse", "back_to_bot"]
OUTCOMES: tuple[Outcome, ...] = ("answered", "ticket", "user_left", "abuse", "back_to_bot")
QUEUE_TOPIC = "desk:queue"
ASSUMED_TALK_S = 300
"""Seconds that one talk is taken to last until enough have been measured."""


class Desk:
    """The moves of a conversation between assistant, queue and agents."""

    def __init__(self, log: EventLog, signals: Signals) -> None:
        self._log = log
        self._signals = signals

    async def ask_person(self, session: AsyncSession, conversation: Conversation, wish: replies.Handoff) -> None:
        """Put the conversation in the queue and tell the citizen the truth about the wait; twice is once."""
        if not router.allowed(conversation.holder, "ask_person"):  # type: ignore[arg-type]
            return
        router.move(conversation, "ask_person")
        conversation.zone = wish.zone if wish.zone in ZONES else "general"
        conversation.reason = wish.reason
        if wish.urgency == "urgent":
            conversation.urgency = "urgent"
        session.add(Handoff(conversation_id=conversation.id, reason=wish.reason, zone=conversation.zone))
        await session.flush()
        for said in await self._queue_words(session, conversation):
            await self._log.append(session, conversation, "system", said.kind, said.body)
            conversation.offered = said.body.get("choices", [])
        self._queue_changed(session)

    async def _queue_words(self, session: AsyncSession, conversation: Conversation) -> list[replies.Say]:
        position = await queue_position(session, conversation)
        online = await agents_online(session, conversation.zone)
        zone = ZONES[conversation.zone].name
        if online:
            words = f"正在为您转接{zone}，您排在第{position}位。坐席接入后会在这里和您说话，请不要离开。"
            first = replies.notice("queue", words, position=position, estimated_wait_s=wait_seconds(position, online))
        else:
            words = (
                f"{zone}现在暂时没有坐席在线，已经为您排队（第{position}位），有人上线会马上接待您。"
                "着急也可以直接拨打12345，24小时有人接听。"
            )
            first = replies.notice("no_agent", words, position=position)
        out = replies.choices(
            "等待时也可以先回到智能助手，之后随时能再转人工。", [replies.Choice("queue:leave", "不等了，回到智能助手")]
        )
        return [first, out]

    async def left_queue(self, session: AsyncSession, conversation: Conversation) -> None:
        """The citizen no longer waits; the holder is already the assistant."""
        conversation.offered = []
        await self._end(session, conversation, "user_left", None)
        said = replies.notice("left_queue", "好的，已经不再排队。有什么事请直接说，需要人工随时告诉我。")
        await self._log.append(session, conversation, "system", said.kind, said.body)
        self._queue_changed(session)

    async def claim(self, session: AsyncSession, conversation: Conversation, agent: Staff) -> None:
        """``agent`` takes the conversation. Raises Conflict when somebody else has it or nobody asked for a person."""
        if conversation.holder == "agent" and conversation.agent_id == agent.id:
            return
        if conversation.holder == "agent":
            raise Conflict("already_claimed", "这次对话已经被其他坐席接走了。")
        router.move(conversation, "claim", agent=agent.id)
        conversation.offered = []
        handoff = await open_handoff(session, conversation.id)
        if handoff is not None:
            handoff.claimed_at = conversation.claimed_at
            handoff.agent_id = agent.id
        said = replies.notice("agent_joined", f"坐席{agent.display_name}已接入，为您服务。", agent=agent.display_name)
        await self._log.append(session, conversation, "system", said.kind, said.body, author=agent.id)
        self._queue_changed(session)

    async def say(
        self, session: AsyncSession, conversation: Conversation, agent: Staff, cid: str, text: str
    ) -> Accepted:
        """An agent's message; the same ``cid`` with the same words is the same message. Raises Forbidden when the
        agent does not hold the conversation, Conflict for a used ``cid`` with other words."""
        words = legal_text(text)
        if not words.strip():
            raise BadRequest("empty", "内容是空的，请输入文字后再发。", field="text")
        if len(words) > MAX_TEXT:
            raise BadRequest("too_long", f"内容太长了，请控制在{MAX_TEXT}字以内。", field="text")
        digest = hashlib.sha256(words.encode()).hexdigest()
        earlier = await session.get(AgentMessage, (conversation.id, cid))
        if earlier is not None:
            if earlier.fingerprint != digest:
                raise Conflict("cid_reused", "同一个消息编号不能用于不同的内容。", field="cid")
            return Accepted(cid, earlier.seq, True)
        self._must_hold(conversation, agent)
        body = {"text": words, "agent": agent.display_name}
        event = await self._log.append(session, conversation, "agent", "text", body, author=agent.id)
        session.add(AgentMessage(conversation_id=conversation.id, cid=cid, fingerprint=digest, seq=event.seq))
        return Accepted(cid, event.seq, False)

    async def close(
        self, session: AsyncSession, conversation: Conversation, agent: Staff, outcome: Outcome, note: str | None
    ) -> None:
        """End the talk: ``back_to_bot`` gives it to the assistant at once, every other outcome closes it."""
        self._must_hold(conversation, agent)
        router.move(conversation, "give_back" if outcome == "back_to_bot" else "close")
        conversation.assistant_stale = True
        conversation.draft = {}
        await self._end(session, conversation, outcome, note)
        words = (
            "坐席已离开，接下来由智能助手为您服务，需要人工随时告诉我。"
            if outcome == "back_to_bot"
            else "本次人工服务已结束，感谢您的来访。还有问题直接发消息就可以。"
        )
        said = replies.notice("agent_left", words, outcome=outcome)
        await self._log.append(session, conversation, "system", said.kind, said.body, author=agent.id)
        self._queue_changed(session)

    async def transfer(
        self, session: AsyncSession, conversation: Conversation, agent: Staff, zone: str, note: str
    ) -> None:
        """Back to the queue of another zone, keeping the citizen's place in time."""
        self._must_hold(conversation, agent)
        if zone not in ZONES:
            raise BadRequest("no_zone", "没有这个专区，请重新选择。", field="zone")
        router.move(conversation, "requeue")
        conversation.zone = zone
        conversation.reason = "transfer"
        await self._end(session, conversation, "transfer", note)
        session.add(Handoff(conversation_id=conversation.id, reason="transfer", zone=zone, note=note))
        said = replies.notice("queue", f"正在为您转到{ZONES[zone].name}，前面的对话会一起转过去，请稍等。")
        await self._log.append(session, conversation, "system", said.kind, said.body, author=agent.id)
        self._queue_changed(session)

    def _must_hold(self, conversation: Conversation, agent: Staff) -> None:
        if conversation.holder != "agent" or conversation.agent_id != agent.id:
            raise Forbidden("not_holder", "您没有接管这次对话，请先在队列里接入。")

    async def _end(self, session: AsyncSession, conversation: Conversation, outcome: str, note: str | None) -> None:
        handoff = await open_handoff(session, conversation.id)
        if handoff is not None:
            handoff.ended_at = now()
            handoff.outcome = outcome
            handoff.note = note

    def _queue_changed(self, session: AsyncSession) -> None:
        after_commit(session, lambda: self._signals.publish(QUEUE_TOPIC))


async def open_handoff(session: AsyncSession, conversation_id: str) -> Handoff | None:
    """The handoff that has not ended."""
    query = (
        select(Handoff)
        .where(Handoff.conversation_id == conversation_id, Handoff.ended_at.is_(None))
        .order_by(Handoff.queued_at.desc())
    )
    return (await session.scalars(query)).first()


async def queue_position(session: AsyncSession, conversation: Conversation) -> int:
    """1 for the next to be served in its zone: urgent ones first, then by waiting time."""
    same = [Conversation.holder == "queue", Conversation.zone == conversation.zone, Conversation.id != conversation.id]
    earlier = Conversation.queued_at < conversation.queued_at
    if conversation.urgency == "urgent":
        ahead: Any = (Conversation.urgency == "urgent") & earlier
    else:
        ahead = or_(Conversation.urgency == "urgent", earlier)
    count = await session.scalar(select(func.count()).select_from(Conversation).where(*same, ahead))
    return int(count or 0) + 1


async def agents_online(session: AsyncSession, zone: str) -> int:
    """How many agents of ``zone`` are online now."""
    online = (await session.scalars(select(Staff).where(Staff.presence == "online"))).all()
    return sum(zone in staff.zones for staff in online)


def wait_seconds(position: int, agents: int) -> int:
    """A rough wait: those ahead, each an assumed talk, shared by the agents online."""
    return position * ASSUMED_TALK_S // max(agents, 1)
