"""Who holds a conversation. One table of legal moves; every change of holder in the product goes through ``move``.

``epoch`` rises with each move, so that whoever computed something for the earlier holder can notice and drop it.
"""

from datetime import datetime
from typing import Literal

from bot.models import Conversation
from channels.message import Holder
from core.clock import now
from core.errors import Conflict

Move = Literal["ask_person", "claim", "requeue", "give_back", "leave_queue", "close", "reopen"]

MOVES: dict[Move, tuple[frozenset[Holder], Holder]] = {
    "ask_person": (frozenset({"bot", "closed"}), "queue"),
    "claim": (frozenset({"queue"}), "agent"),
    "requeue": (frozenset({"agent"}), "queue"),
    "give_back": (frozenset({"agent"}), "bot"),
    "leave_queue": (frozenset({"queue"}), "bot"),
    "close": (frozenset({"agent", "queue", "bot"}), "closed"),
    "reopen": (frozenset({"closed"}), "bot"),
}


def allowed(holder: Holder, move: Move) -> bool:
    """Whether ``move`` is legal for a conversation held by ``holder``."""
    return holder in MOVES[move][0]


def move(conversation: Conversation, step: Move, *, agent: str | None = None, at: datetime | None = None) -> None:
    """Apply ``step``; ``conversation`` must be locked by the caller's unit of work.

    ``claim`` needs ``agent``. A requeued conversation keeps its first place in line: ``queued_at`` is not renewed.
    Raises Conflict when the step is not legal from the present holder.
    """
    sources, target = MOVES[step]
    if conversation.holder not in sources:
        raise Conflict("wrong_holder", "这次对话的状态已经变了，请刷新后再试。")
    moment = at or now()
    conversation.holder = target
    conversation.epoch += 1
    conversation.updated_at = moment
    if step == "ask_person":
        conversation.queued_at = moment
    if step == "claim":
        conversation.claimed_at = moment
    conversation.agent_id = agent if step == "claim" else None
    if target in ("bot", "closed"):
        conversation.queued_at = None
        conversation.claimed_at = None
        conversation.urgency = "normal"
        conversation.reason = ""
