"""The engine's input channel: one turn in, its replies out.

Unlike the stock REST channel it fails with a status instead of an empty answer, logs no words of a citizen, and takes a
known intent as a field, so that nothing of ours goes through the engine's slash parser.
"""

from typing import Any, Awaitable, Callable, Dict, List, Optional

import structlog
from rasa.core.channels.channel import CollectingOutputChannel, InputChannel, UserMessage
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

_log = structlog.get_logger("intake_channel")


def _known(intent: Optional[str], text: str) -> Optional[Dict[str, Any]]:
    if intent is None:
        return None
    return {
        "text": text,
        "intent": {"name": intent, "confidence": 1.0},
        "intent_ranking": [{"name": intent, "confidence": 1.0}],
        "entities": [],
    }


class IntakeChannel(InputChannel):
    """Mounted by ``credentials.yml`` under ``/webhooks/intake``."""

    @classmethod
    def name(cls) -> str:
        return "intake"

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[None]]) -> Blueprint:
        blueprint = Blueprint("intake_channel", __name__)

        @blueprint.route("/", methods=["GET"])
        async def health(_request: Request) -> HTTPResponse:
            return response.json({"status": "ok"})

        @blueprint.route("/turn", methods=["POST"])
        async def turn(request: Request) -> HTTPResponse:
            body = request.json
            collector = CollectingOutputChannel()
            message = UserMessage(
                body["text"],
                collector,
                body["sender"],
                parse_data=_known(body.get("intent"), body["text"]),
                input_channel=self.name(),
                metadata=body["metadata"],
            )
            try:
                await on_new_message(message)
            except Exception as error:
                _log.error("turn_failed", kind=type(error).__name__)
                return response.json({"error": type(error).__name__}, status=500)
            return response.json(_custom(collector.messages))

        return blueprint


def _custom(messages: List[Dict[str, Any]]) -> List[Any]:
    return [message["custom"] for message in messages if "custom" in message]
