"""What every action is given and gives back, free of the engine's types."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

import structlog
from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from bot.dialogue.fill import Classify
from bot.dialogue.step import Heard
from bot.replies import SORRY, Reply, to_custom
from core.clock import now, parse_iso
from knowledge_index.search import KnowledgeBase

_log = structlog.get_logger("actions")


class TicketReader(Protocol):
    """The citizen's tickets, newest first, each as the body of a ``ticket`` event with ``history``."""

    def __call__(self, citizen: str) -> Awaitable[list[dict[str, Any]]]: ...


@dataclass(frozen=True, slots=True)
class Services:
    """What actions may reach: the knowledge that serves now, the sorting of requests, the citizen's tickets."""

    knowledge: Callable[[], KnowledgeBase]
    classify: Classify
    tickets: TicketReader


@dataclass(frozen=True, slots=True)
class Turn:
    """One message with what was understood and what is known."""

    heard: Heard
    citizen: str
    audience: str
    slots: dict[str, Any]
    in_form: bool
    resuming: str | None
    """The last action of this same turn, when the form is re-entered after it."""
    earlier_text: str
    last_said: list[dict[str, Any]]
    """What the assistant said in the turn before, as reply JSON."""


@dataclass(slots=True)
class Acted:
    """Replies, and slots to set."""

    replies: list[Reply] = field(default_factory=list)
    slots: dict[str, Any] = field(default_factory=dict)
    reject_form: bool = False
    then: str | None = None
    """An action to go on with in the same turn."""


class IntakeAction(Action):  # type: ignore[misc]  # the SDK is untyped
    """Adapts a plain ``act`` to the engine's protocol. Whatever fails is told as an apology, never as silence."""

    action_name = ""

    def __init__(self, services: Services) -> None:
        self.services = services

    def name(self) -> str:
        return self.action_name

    async def act(self, turn: Turn) -> Acted:
        """What to say and remember."""
        raise NotImplementedError

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        try:
            acted = await self.act(turn_of(tracker))
        except Exception as error:
            _log.exception("action_failed", action=self.name(), kind=type(error).__name__)
            acted = Acted([SORRY])
        for reply in acted.replies:
            dispatcher.utter_message(json_message=to_custom(reply))
        events = [{"event": "slot", "name": name, "value": value} for name, value in acted.slots.items()]
        if acted.reject_form:
            events.append({"event": "action_execution_rejected", "name": "ticket_form"})
        if acted.then is not None:
            events.append({"event": "followup", "name": acted.then})
        return events


def turn_of(tracker: Tracker) -> Turn:
    """The present turn, from the engine's tracker."""
    latest = tracker.latest_message or {}
    facts = latest.get("metadata") or {}
    intent = latest.get("intent") or {}
    content = facts.get("content") or {"type": "text", "text": latest.get("text") or ""}
    said, during = _said_and_done(tracker.events)
    return Turn(
        heard=Heard(
            intent=_best_intent(latest),
            confidence=float(intent.get("confidence") or 0.0),
            words=str(content.get("text") or content.get("title") or ""),
            content=content,
            now=_moment(facts.get("received_at")),
        ),
        citizen=str(facts.get("citizen", "")),
        audience=str(facts.get("audience", "citizen")),
        slots=dict(tracker.slots),
        in_form=(tracker.active_loop or {}).get("name") == "ticket_form",
        resuming=during,
        earlier_text=str(facts.get("earlier_text", "")),
        last_said=said,
    )


def _best_intent(latest: dict[str, Any]) -> str:
    return str((latest.get("intent") or {}).get("name") or "")


def _moment(text: Any) -> datetime:
    return parse_iso(text) if isinstance(text, str) and text else now()


_ENGINE_ACTIONS = frozenset({"action_listen", "action_extract_slots", "action_session_start", "ticket_form"})


def _said_and_done(events: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], str | None]:
    """What was said between the last two messages, and the last action of ours since the last message."""
    last = max((i for i, e in enumerate(events) if e.get("event") == "user"), default=-1)
    done = [e["name"] for e in events[last + 1 :] if e.get("event") == "action" and e["name"] not in _ENGINE_ACTIONS]
    before = max((i for i, e in enumerate(events[: max(last, 0)]) if e.get("event") == "user"), default=-1)
    said = [
        (e.get("data") or {}).get("custom") or {} for e in events[before + 1 : max(last, 0)] if e.get("event") == "bot"
    ]
    return said, done[-1] if done else None
