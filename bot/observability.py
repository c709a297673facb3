"""Logs and metrics. Personal data is masked in the logging chain itself, because libraries log too."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog
from prometheus_client import Counter, Gauge, Histogram

from core.redaction import redact, redact_text

TURNS = Counter("intake_turns_total", "Turns taken", ["outcome"])
TURN_SECONDS = Histogram(
    "intake_turn_seconds",
    "Seconds from taking a message up to its stored reply",
    buckets=(0.01, 0.02, 0.04, 0.06, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10),
)
RECEIVED = Counter("intake_messages_received_total", "Messages committed", ["channel", "dup"])
SOCKETS = Gauge("intake_websockets", "Open WebSockets")

_KEPT = frozenset({"event", "level", "timestamp", "logger", "exception"})


def configure_logging(level: str, *, as_json: bool) -> None:
    """One chain for our own and every library's log lines, to stderr."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso"),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    shown = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if as_json
        else structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            _redact_line,
            shown,
        ],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for noisy in ("aiohttp.access", "rasa_sdk", "faiss", "sentence_transformers", "httpx", "asyncio"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def _redact_line(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key in tuple(line):
        value = line[key]
        if key in _KEPT:
            line[key] = redact_text(value) if isinstance(value, str) else value
        else:
            line.update(redact({key: value}))
    return line
