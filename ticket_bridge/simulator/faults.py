"""Faults on order: the next N requests fail as told."""

import asyncio
from dataclasses import dataclass
from typing import Literal, get_args

from aiohttp import web

Fault = Literal["none", "refuse", "hang", "drop", "error", "throttle", "html", "reject"]
FAULTS: tuple[Fault, ...] = get_args(Fault)


@dataclass(slots=True)
class Faults:
    """``kind`` applies to the next ``left`` posts. ``drop`` takes the request and loses the answer."""

    kind: Fault = "none"
    left: int = 0
    hang_s: float = 60.0

    def order(self, kind: Fault, count: int) -> None:
        self.kind, self.left = kind, count

    async def before(self, request: web.Request) -> web.Response | None:
        """What to answer instead of working, if a fault is due; ``drop`` is not this method's."""
        if self.left <= 0 or self.kind in ("none", "drop"):
            return None
        self.left -= 1
        match self.kind:
            case "refuse":
                _cut(request)
            case "hang":
                await asyncio.sleep(self.hang_s)
            case "error":
                return web.Response(status=500, text="error")
            case "throttle":
                return web.Response(status=429, headers={"Retry-After": "1"})
            case "html":
                return web.Response(text="<html>ok</html>", content_type="text/html")
            case "reject":
                return web.json_response({"error": {"code": "rejected", "message": "不予受理。"}}, status=422)
        return web.Response(status=504)

    def after(self, request: web.Request) -> None:
        """Lose the answer when a ``drop`` is due."""
        if self.kind == "drop" and self.left > 0:
            self.left -= 1
            _cut(request)


def _cut(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()
