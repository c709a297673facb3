"""The client of the assistant engine (Rasa), which understands a message and decides what to do.

What a citizen typed never reaches the engine's command parser: a leading slash is sent as its full-width form, and
what a tapped choice means goes in a field of its own.
"""

from collections.abc import Mapping
from typing import Any

import aiohttp
import structlog

from bot.replies import Reply, from_custom

_log = structlog.get_logger("assistant")

_INTENTS = {
    "confirm": "affirm",
    "cancel": "cancel",
    "skip": "skip",
    "human": "request_human",
    "report": "report_issue",
    "emergency:report": "report_issue",
    "tickets": "check_ticket",
}
"""Choices that mean exactly what an intent means; every other choice is the intent ``choose``."""


class AssistantDown(Exception):
    """The engine did not answer, or answered with an error; the turn can be tried again later."""


def literal(text: str) -> str:
    """``text`` such that the engine reads it as words only, with the same meaning to a reader."""
    lead = len(text) - len(text.lstrip())
    if text[lead : lead + 1] == "/":
        text = text[:lead] + "／" + text[lead + 1 :]
    return text.replace("EXTERNAL:", "EXTERNAL：")


def engine_message(content: Mapping[str, Any]) -> dict[str, Any]:
    """The words, and for anything but typed words the intent that it is."""
    match content["type"]:
        case "choice":
            choice = str(content["choice"])
            words = literal(str(content.get("title") or choice))
            return {"text": words, "intent": _INTENTS.get(choice, "choose")}
        case "file":
            return {"text": "[文件]", "intent": "give_file"}
        case "location":
            return {"text": "[位置]", "intent": "give_location"}
        case _:
            return {"text": literal(str(content["text"]))}


class Assistant:
    """One HTTP session to the engine; close it when done."""

    def __init__(self, base_url: str, *, timeout_s: float) -> None:
        self._base = base_url.rstrip("/")
        self._timeout = aiohttp.ClientTimeout(total=timeout_s)
        self._session: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        connector = aiohttp.TCPConnector(limit=64, keepalive_timeout=30)
        self._session = aiohttp.ClientSession(timeout=self._timeout, connector=connector)

    async def stop(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def turn(
        self, conversation: str, message_id: str, message: Mapping[str, Any], facts: Mapping[str, Any]
    ) -> list[Reply]:
        """Let the engine take one turn on an ``engine_message``. ``facts`` reach the actions as the message's
        metadata. Raises AssistantDown."""
        body = {**message, "sender": conversation, "metadata": {"message_id": message_id, **facts}}
        answer = await self._request("POST", "/webhooks/intake/turn", body)
        return _replies(answer)

    async def replay(self, conversation: str, message_id: str) -> list[Reply] | None:
        """The replies the engine already gave to ``message_id``, or None when it has not seen the message.

        Asked after a crash, so that a turn whose answer was lost is not taken twice. Raises AssistantDown.
        """
        tracker = await self._request("GET", f"/conversations/{conversation}/tracker?include_events=AFTER_RESTART")
        return _replies_to(tracker.get("events") or [], message_id)

    async def forget(self, conversation: str) -> None:
        """Begin the dialogue anew: filled slots and an open form are dropped. Raises AssistantDown."""
        await self._request("POST", f"/conversations/{conversation}/tracker/events", [{"event": "restart"}])

    async def alive(self) -> bool:
        """Whether the engine has a model and answers."""
        try:
            status = await self._request("GET", "/status")
        except AssistantDown:
            return False
        return bool(status.get("model_file"))

    async def _request(self, method: str, path: str, body: Any = None) -> Any:
        if self._session is None:
            raise AssistantDown("not started")
        try:
            async with self._session.request(method, self._base + path, json=body) as response:
                if response.status >= 400:
                    raise AssistantDown(f"status {response.status}")
                return await response.json(content_type=None)
        except (TimeoutError, aiohttp.ClientError, ValueError, OSError) as error:
            raise AssistantDown(type(error).__name__) from error


def _replies(answer: Any) -> list[Reply]:
    if not isinstance(answer, list):
        raise AssistantDown("not a list")
    return [reply for item in answer if (reply := _reply(item)) is not None]


def _reply(custom: Any) -> Reply | None:
    if not isinstance(custom, dict):
        return None
    try:
        return from_custom(custom)
    except (TypeError, ValueError):
        _log.warning("unknown_reply")
        return None


def _replies_to(events: list[dict[str, Any]], message_id: str) -> list[Reply] | None:
    found: list[Reply] | None = None
    for event in events:
        if event.get("event") == "user":
            if found is not None:
                break
            if (event.get("metadata") or {}).get("message_id") == message_id:
                found = []
        elif event.get("event") == "bot" and found is not None:
            reply = _reply((event.get("data") or {}).get("custom"))
            if reply is not None:
                found.append(reply)
    return found
