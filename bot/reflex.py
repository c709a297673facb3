"""What is answered in the very commit that stores a message, without the assistant: emergencies, a wish for a person,
leaving the queue. So it holds while the assistant is slow or down."""

import re

from sqlalchemy.ext.asyncio import AsyncSession

from bot import router
from bot.conversation import EventLog
from bot.desk.handoff import Desk
from bot.emergency import Emergency, recognise
from bot.models import Conversation
from bot.replies import Choice, Handoff, choices, notice

_PERSON = re.compile(
    r"^(?:请|我要|我想|帮我|给我|麻烦|能不能|可以|直接)*(?:转|找|换|接|要)(?:一下|个|一个)?(?:人工|真人|客服|坐席|人工客服|人工服务|人工坐席|活人)(?:服务|客服|坐席|吧|吗|谢谢)?$"
    r"|^(?:人工|真人|人工客服|人工服务|转接人工|轉人工)$"
)


def wants_person(text: str) -> bool:
    """Whether ``text`` is nothing but the wish for a person."""
    return bool(_PERSON.match(re.sub(r"[\s，。！？!?,.~～]+", "", text)))


class Reflex:
    """Answers at the moment of receipt."""

    def __init__(self, log: EventLog, desk: Desk) -> None:
        self._log = log
        self._desk = desk

    async def react(self, session: AsyncSession, conversation: Conversation, content: dict[str, str]) -> bool:
        """Answer ``content`` if it is one of ours; True when no turn of the assistant is needed."""
        emergency = recognise(content["text"]) if content["type"] == "text" else None
        if emergency is not None:
            await self._warn(session, conversation, emergency)
            return True
        if conversation.holder == "queue" and content.get("choice") == "queue:leave":
            await self._leave_queue(session, conversation)
            return True
        if conversation.holder == "bot" and _is_person_wish(content):
            zone = "yiqilai" if conversation.audience == "enterprise" else "general"
            await self._desk.ask_person(session, conversation, Handoff("asked", zone))
            return True
        return conversation.holder != "bot"

    async def _warn(self, session: AsyncSession, conversation: Conversation, emergency: Emergency) -> None:
        body = notice("emergency", emergency.advice, numbers=list(emergency.numbers), about=emergency.code).body
        await self._log.append(session, conversation, "system", "notice", body)
        conversation.urgency = "urgent"
        if conversation.holder != "bot":
            return
        offer = choices(
            "要紧的事请先打电话。电话打过之后，还需要我帮忙吗？",
            [Choice("human", "转人工"), Choice("emergency:report", "不紧急，我要反映这件事")],
        )
        await self._log.append(session, conversation, "bot", offer.kind, offer.body)
        conversation.offered = offer.body["choices"]

    async def _leave_queue(self, session: AsyncSession, conversation: Conversation) -> None:
        router.move(conversation, "leave_queue")
        await self._desk.left_queue(session, conversation)


def _is_person_wish(content: dict[str, str]) -> bool:
    if content["type"] == "choice":
        return content["choice"] == "human"
    return content["type"] == "text" and wants_person(content["text"])
