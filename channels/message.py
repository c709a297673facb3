"""What every channel hands to the core, and what it gets back.

A channel never holds the core: it is given an ``Inbox`` and calls it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

MAX_TEXT = 4_000
"""Characters of text that one message may have."""

MessageType = Literal["text", "choice", "file", "location"]
Audience = Literal["citizen", "enterprise"]
Holder = Literal["bot", "queue", "agent", "closed"]
Sender = Literal["user", "bot", "agent", "system"]


@dataclass(frozen=True, slots=True)
class InboundMessage:
    """One message of a citizen, verified and parsed.

    ``cid`` is the sender's own key: the same key with the same content is the same message. Exactly the field that
    ``type`` names is set.
    """

    conversation: str
    cid: str
    type: MessageType
    text: str | None = None
    choice: str | None = None
    file_id: str | None = None
    location: Mapping[str, Any] | None = None

    def content(self) -> dict[str, Any]:
        """What makes two messages the same: the type and its field."""
        fields = {"text": self.text, "choice": self.choice, "file_id": self.file_id, "location": self.location}
        return {"type": self.type, **{k: v for k, v in fields.items() if v is not None}}


@dataclass(frozen=True, slots=True)
class Accepted:
    """The committed place of a message: ``seq`` in its conversation; ``dup`` when it was there already."""

    cid: str
    seq: int
    dup: bool

    def as_json(self) -> dict[str, Any]:
        return {"cid": self.cid, "seq": self.seq, "dup": self.dup}


Event = dict[str, Any]
"""One event of a conversation as contract 2 writes it: seq, id, from, kind, body, ts."""

State = dict[str, Any]
"""holder, and where they apply queue_position, estimated_wait_s, agent."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A new web session: ``token`` is the bearer secret, ``expires_in`` seconds."""

    token: str
    conversation: str
    expires_in: int


class Subscription(Protocol):
    """Signals that a conversation has something new; carries no data, so a lost or doubled signal harms nothing."""

    async def wait(self, timeout: float) -> bool:
        """True when something changed, False after ``timeout`` seconds."""

    def close(self) -> None: ...


class Inbox(Protocol):
    """The core as a channel sees it. Every method raises ``core.errors.AppError`` for what the sender can mend."""

    async def receive(self, message: InboundMessage) -> Accepted:
        """Commit the message; when this returns, it is durable."""

    async def events(self, conversation: str, after: int, limit: int = 500) -> list[Event]:
        """Events with ``seq > after``, in order."""

    async def state(self, conversation: str) -> State:
        """Who holds the conversation, the place in the queue, the agent's name."""

    def subscribe(self, conversation: str) -> Subscription:
        """Be woken when events or state change; close it when done."""

    def subscribe_typing(self, conversation: str) -> Subscription:
        """Be woken while somebody on our side types; close it when done."""

    async def typing(self, conversation: str, on: bool) -> None:
        """The citizen began or stopped typing."""

    async def seen(self, conversation: str, seq: int) -> None:
        """The citizen has read up to ``seq``."""

    async def feedback(self, conversation: str, event: str, vote: str, words: str | None) -> None:
        """A thumb for one event; the last vote counts."""

    async def tickets(self, conversation: str) -> list[dict[str, Any]]:
        """The citizen's tickets, newest first, each with its history."""
