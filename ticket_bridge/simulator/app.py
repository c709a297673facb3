"""The simulator's HTTP side: contract 6, an admin API for faults, and a page to look at."""

import asyncio
import contextlib
import html
from collections.abc import AsyncIterator, Callable
from typing import Any, TypeVar, get_args

from aiohttp import web

from core.errors import BadRequest, Conflict, NotFound, Unauthorized
from core.http import errors_middleware, json_response, parse_json, read_body
from ticket_bridge.signing import BadSignature, verify
from ticket_bridge.simulator.checks import check_note, check_ticket
from ticket_bridge.simulator.clock import Clock
from ticket_bridge.simulator.faults import Fault, Faults
from ticket_bridge.simulator.store import Held, KeyReused, Store
from ticket_bridge.ticket import NAMES, STATUSES

MAX_BODY = 256 * 1024
MAX_KEY = 255
T = TypeVar("T")
_CLOCK = web.AppKey("clock", asyncio.Task[None])


class Simulator:
    """Handlers over a ``Store``."""

    def __init__(self, store: Store, secrets: list[str], faults: Faults, step_s: float) -> None:
        self._store = store
        self._secrets = secrets
        self._faults = faults
        self._step_s = step_s

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/tickets", self.create),
            web.get("/tickets", self.find),
            web.get("/tickets/{number}", self.show),
            web.post("/tickets/{number}/notes", self.note),
            web.post("/admin/faults", self.order_fault),
            web.post("/admin/tickets/{number}/status", self.set_status),
            web.get("/", self.page),
        ]

    async def create(self, request: web.Request) -> web.StreamResponse:
        if (failed := await self._faults.before(request)) is not None:
            return failed
        body, key = await self._signed_body(request)
        check_ticket(body, key)
        held, new = self._kept(lambda: self._store.create(body, self._step_s))
        self._faults.after(request)
        answer = {"ticket_no": held.ticket_no, "status": "accepted", "accepted_at": held.accepted_at}
        return json_response(answer, status=201 if new else 200)

    async def note(self, request: web.Request) -> web.StreamResponse:
        if (failed := await self._faults.before(request)) is not None:
            return failed
        body, key = await self._signed_body(request)
        held = self._held(request)
        check_note(body, key)
        new = self._kept(lambda: self._store.add_note(held.ticket_no, body))
        if new and body["kind"] == "withdraw":
            self._store.advance(held.ticket_no, "withdrawn", None, "已按您的要求撤回。", None)
        if new and body["kind"] == "dispute":
            self._store.advance(held.ticket_no, "returned", None, "诉求合理，退回重新办理。", self._step_s)
        self._faults.after(request)
        return json_response({"note_ref": body["note_ref"]}, status=201 if new else 200)

    async def find(self, request: web.Request) -> web.Response:
        self._verify(request, b"")
        held = self._store.by_ref(request.query.get("client_ref", ""))
        return json_response({"tickets": [self._ticket(held)] if held else []})

    async def show(self, request: web.Request) -> web.Response:
        self._verify(request, b"")
        return json_response(self._ticket(self._held(request)))

    async def order_fault(self, request: web.Request) -> web.Response:
        body = parse_json(await read_body(request, limit=MAX_BODY))
        if body.get("kind") not in get_args(Fault) or not isinstance(body.get("count"), int):
            raise BadRequest("bad_fault", f"kind 应是 {'、'.join(get_args(Fault))} 之一，count 是次数。", field="kind")
        self._faults.order(body["kind"], body["count"])
        return json_response({"kind": self._faults.kind, "left": self._faults.left})

    async def set_status(self, request: web.Request) -> web.Response:
        body = parse_json(await read_body(request, limit=MAX_BODY))
        if body.get("status") not in STATUSES:
            raise BadRequest("bad_status", "没有这个状态。", field="status")
        held = self._held(request)
        self._store.advance(held.ticket_no, body["status"], body.get("unit"), body.get("note"), None)
        return json_response(self._ticket(self._held(request)))

    async def page(self, _request: web.Request) -> web.Response:
        rows = "".join(_row(held) for held in self._store.all())
        return web.Response(
            text=_PAGE.format(rows=rows or "<tr><td colspan=6>还没有工单</td></tr>"), content_type="text/html"
        )

    async def _signed_body(self, request: web.Request) -> tuple[dict[str, Any], str]:
        raw = await read_body(request, limit=MAX_BODY)
        self._verify(request, raw)
        key = request.headers.get("Idempotency-Key", "")
        if not key or len(key) > MAX_KEY:
            raise BadRequest("bad_key", "Idempotency-Key 缺失或太长。", field="Idempotency-Key")
        return parse_json(raw), key

    def _verify(self, request: web.Request, raw: bytes) -> None:
        try:
            verify(self._secrets, request.headers, raw)
        except BadSignature:
            raise Unauthorized("bad_signature", "签名不正确或已过期。") from None

    def _kept(self, work: Callable[[], T]) -> T:
        try:
            return work()
        except KeyReused:
            raise Conflict("key_reused", "同一个 Idempotency-Key 不能用于不同的内容。") from None

    def _held(self, request: web.Request) -> Held:
        held = self._store.by_number(request.match_info["number"])
        if held is None:
            raise NotFound("no_ticket", "没有这张工单。")
        return held

    def _ticket(self, held: Held) -> dict[str, Any]:
        history = [step.as_json() for step in self._store.history(held.ticket_no)]
        return {
            "ticket_no": held.ticket_no,
            "client_ref": held.client_ref,
            "status": held.status,
            "version": held.version,
            "accepted_at": held.accepted_at,
            "history": history,
            "request": held.body,
        }


_PAGE = """<!doctype html><html lang="zh-CN"><meta charset="utf-8"><meta http-equiv="refresh" content="5">
<title>分拨系统（模拟）</title><style>body{{font:16px/1.5 system-ui,sans-serif;margin:2rem;color:#1f2933}}
table{{border-collapse:collapse;width:100%}}
td,th{{border-bottom:1px solid #d5dbe1;padding:.5rem;text-align:left}}</style>
<h1>分拨系统（模拟）</h1><p>只用于试运行和培训，工单按设定的节奏自动流转。</p>
<table><tr><th>编号</th><th>状态</th><th>归类</th><th>标题</th><th>区县</th><th>受理时间</th></tr>
{rows}</table></html>"""


def _row(held: Held) -> str:
    body = held.body
    cells = (
        held.ticket_no, NAMES[held.status], body.get("category_name", ""), body["title"], body.get("district", ""),
        held.accepted_at[:16].replace("T", " "),
    )  # fmt: skip
    return "<tr>" + "".join(f"<td>{html.escape(str(cell))}</td>" for cell in cells) + "</tr>"


def build(store: Store, secrets: list[str], callback_url: str, step_s: float) -> web.Application:
    """The simulator with its clock running."""
    app = web.Application(middlewares=[errors_middleware], client_max_size=MAX_BODY)
    app.add_routes(Simulator(store, secrets, Faults(), step_s).routes())

    async def ticking(app: web.Application) -> AsyncIterator[None]:
        app[_CLOCK] = asyncio.create_task(Clock(store, callback_url, secrets, step_s).run())
        yield
        app[_CLOCK].cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await app[_CLOCK]

    app.cleanup_ctx.append(ticking)
    return app
