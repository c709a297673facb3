"""``/healthz``, ``/readyz`` and ``/metrics``."""

import asyncio
import hmac
import ipaddress
from collections.abc import Awaitable, Callable

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from core.errors import Forbidden
from core.http import json_response

Check = Callable[[], Awaitable[bool]]
CHECK_S = 2.0


class Health:
    """``needed`` checks decide readiness; ``reported`` ones are only shown."""

    def __init__(self, needed: dict[str, Check], reported: dict[str, Check], metrics_token: str) -> None:
        self._needed = needed
        self._reported = reported
        self._token = metrics_token

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/healthz", self.alive),
            web.get("/readyz", self.ready),
            web.get("/metrics", self.metrics),
        ]

    async def alive(self, _request: web.Request) -> web.Response:
        return json_response({"status": "ok"})

    async def ready(self, _request: web.Request) -> web.Response:
        names = [*self._needed, *self._reported]
        checks = [*self._needed.values(), *self._reported.values()]
        results = await asyncio.gather(*(_passes(check) for check in checks))
        states = dict(zip(names, ("up" if ok else "down" for ok in results), strict=True))
        good = all(states[name] == "up" for name in self._needed)
        return json_response({"ready": good, "dependencies": states}, status=200 if good else 503)

    async def metrics(self, request: web.Request) -> web.Response:
        if not self._may_see(request):
            raise Forbidden("forbidden", "这个地址只供运维使用。")
        return web.Response(body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    def _may_see(self, request: web.Request) -> bool:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if self._token and scheme.lower() == "bearer":
            return hmac.compare_digest(token.encode(), self._token.encode())
        peer = request.remote or ""
        try:
            return ipaddress.ip_address(peer).is_loopback and "X-Forwarded-For" not in request.headers
        except ValueError:
            return False


async def _passes(check: Check) -> bool:
    try:
        return await asyncio.wait_for(check(), CHECK_S)
    except Exception:  # whatever a check raises means that it does not pass
        return False
