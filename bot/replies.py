"""What the assistant's actions say and do, typed.

An action never writes to the database: it returns replies, and the turn commits them together with the fact that the
message is answered. So a turn that is repeated after a crash can neither speak twice nor open two tickets.
``Say`` becomes an event; the others are effects of the same commit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Choice:
    """A tappable answer; typing its title or its number means the same."""

    id: str
    title: str


@dataclass(frozen=True, slots=True)
class Say:
    """One event for the citizen: ``kind`` and ``body`` as contract 2 writes them."""

    kind: str
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Handoff:
    """A person is wanted. ``reason`` and ``zone`` are codes of ``bot.desk.zones``."""

    reason: str
    zone: str = "general"
    urgency: str = "normal"


@dataclass(frozen=True, slots=True)
class KeepDraft:
    """What is filled so far, for the agent's view; an empty mapping clears it."""

    fields: dict[str, Any]


@dataclass(frozen=True, slots=True)
class SubmitTicket:
    """A confirmed request; becomes a ticket and its outbox row in the turn's own commit."""

    request: dict[str, Any]


@dataclass(frozen=True, slots=True)
class NoteTicket:
    """Something to pass on about a ticket: supplement, urge, withdraw, dispute or evaluate."""

    number: str
    kind: str
    text: str | None = None
    rating: int | None = None


@dataclass(frozen=True, slots=True)
class RecordConsent:
    version: str
    agreed: bool


@dataclass(frozen=True, slots=True)
class Record:
    """A thing to remember in the audit log, such as a privacy request or abuse; ``detail`` holds no personal data."""

    action: str
    detail: dict[str, Any] = field(default_factory=dict)


Reply = Say | Handoff | KeepDraft | SubmitTicket | NoteTicket | RecordConsent | Record

_KINDS: dict[str, type[Reply]] = {
    "say": Say,
    "handoff": Handoff,
    "draft": KeepDraft,
    "submit": SubmitTicket,
    "note": NoteTicket,
    "consent": RecordConsent,
    "record": Record,
}
_NAMES = {cls: name for name, cls in _KINDS.items()}


def to_custom(reply: Reply) -> dict[str, Any]:
    """The JSON that carries ``reply`` through the assistant engine."""
    return {"reply": _NAMES[type(reply)], **asdict(reply)}


def from_custom(custom: Mapping[str, Any]) -> Reply:
    """The inverse of ``to_custom``. Raises ValueError for anything else."""
    fields = dict(custom)
    cls = _KINDS.get(fields.pop("reply", ""))
    if cls is None:
        raise ValueError("not a reply of ours")
    return cls(**fields)


def text(words: str, *, asks: str | None = None) -> Say:
    """Plain words; ``asks`` names what is being asked for, if anything."""
    return Say("text", _with_asks({"text": words}, asks))


def choices(words: str, options: Sequence[Choice], *, asks: str | None = None) -> Say:
    """Words with tappable answers."""
    body = {"text": words, "choices": [asdict(option) for option in options]}
    return Say("choices", _with_asks(body, asks))


def notice(code: str, words: str, **more: Any) -> Say:
    """A line of the system's own, with a code that pages act on."""
    return Say("notice", {"code": code, "text": words, **more})


def _with_asks(body: dict[str, Any], asks: str | None) -> dict[str, Any]:
    return {**body, "asks": asks} if asks else body


SORRY = choices("抱歉，刚才没有处理好，请再说一次，也可以转人工。", [Choice("human", "转人工")])
"""For what failed inside: an apology and a way on, never silence."""
