"""The desk's JSON API (contract 7)."""

import uuid
from collections.abc import Callable
from typing import Any

from aiohttp import web
from sqlalchemy import select

from bot.conversation import EventLog, locked
from bot.desk import pack
from bot.desk.accounts import Accounts
from bot.desk.guard import COOKIE, must_see, signed_in
from bot.desk.handoff import OUTCOMES, Desk
from bot.desk.tickets import DeskTickets
from bot.desk.zones import ZONES
from bot.files import FileStore
from bot.models import Conversation, EventRow, Staff
from core.clock import now
from core.db import Database
from core.errors import BadRequest, Conflict, NotFound
from core.http import json_response, need, read_json
from knowledge_index.search import Hit, KnowledgeBase

PRESENCE = ("online", "busy", "offline")
MAX_CAPACITY = 50
MAX_NOTE = 1_000
LEAST_SCORE = 0.15
"""A suggestion below this is more distraction than help."""


class DeskApi:
    """Routes under ``/desk/api``."""

    def __init__(
        self,
        db: Database,
        log: EventLog,
        desk: Desk,
        accounts: Accounts,
        files: FileStore,
        knowledge: Callable[[], KnowledgeBase],
        public_url: str,
    ) -> None:
        self._db = db
        self._desk = desk
        self._accounts = accounts
        self._files = files
        self._knowledge = knowledge
        self._tickets = DeskTickets(log, files, public_url)

    def routes(self) -> list[web.RouteDef]:
        base = "/desk/api/conversations"
        return [
            web.post("/desk/api/login", self.login),
            web.post("/desk/api/logout", self.logout),
            web.get("/desk/api/me", self.me),
            web.get("/desk/api/queue", self.queue),
            web.put("/desk/api/presence", self.presence),
            web.get(base, self.mine),
            web.get(base + "/{id}", self.show),
            web.post(base + "/{id}/claim", self.claim),
            web.post(base + "/{id}/messages", self.say),
            web.post(base + "/{id}/transfer", self.transfer),
            web.post(base + "/{id}/ticket", self.ticket),
            web.post(base + "/{id}/close", self.close),
            web.get(base + "/{id}/suggestions", self.suggestions),
        ]

    async def login(self, request: web.Request) -> web.Response:
        body = await read_json(request)
        otp = need(body, "otp", str, optional=True)
        entered = await self._accounts.sign_in(need(body, "username", str), need(body, "password", str), otp)
        response = json_response({**_person(entered.staff), "csrf": entered.csrf})
        secure = request.secure or request.headers.get("X-Forwarded-Proto") == "https"
        response.set_cookie(COOKIE, entered.token, httponly=True, samesite="Strict", secure=secure, path="/")
        return response

    async def logout(self, request: web.Request) -> web.Response:
        await signed_in(request, self._accounts)
        await self._accounts.sign_out(request.cookies.get(COOKIE, ""))
        response = web.Response(status=204)
        response.del_cookie(COOKIE, path="/")
        return response

    async def me(self, request: web.Request) -> web.Response:
        staff = await signed_in(request, self._accounts)
        _, session = await self._accounts.session_of(request.cookies.get(COOKIE, ""))
        zones = [{"code": z.code, "name": z.name, "mine": z.code in staff.zones} for z in ZONES.values()]
        more = {"csrf": session.csrf, "presence": staff.presence, "capacity": staff.capacity, "zones": zones}
        return json_response({**_person(staff), **more})

    async def queue(self, request: web.Request) -> web.Response:
        staff = await self._agent(request)
        async with self._db.read() as session:
            return json_response({"items": await pack.waiting(session, staff)})

    async def mine(self, request: web.Request) -> web.Response:
        staff = await self._agent(request)
        async with self._db.read() as session:
            return json_response({"items": await pack.held_by(session, staff)})

    async def presence(self, request: web.Request) -> web.Response:
        staff = await self._agent(request)
        body = await read_json(request)
        status = need(body, "status", str)
        if status not in PRESENCE:
            raise BadRequest("bad_status", "status 应是 online、busy 或 offline。", field="status")
        capacity = need(body, "capacity", int, optional=True)
        zones = need(body, "zones", list, optional=True)
        if capacity is not None and not 0 < capacity <= MAX_CAPACITY:
            raise BadRequest("bad_capacity", f"capacity 应在1到{MAX_CAPACITY}之间。", field="capacity")
        async with self._db.write() as session:
            row = await session.get_one(Staff, staff.id)
            row.presence, row.seen_at = status, now()
            row.capacity = capacity or row.capacity
            if zones is not None:
                row.zones = _own_zones(row, zones)
        return json_response({"status": status, "zones": row.zones, "capacity": row.capacity})

    async def claim(self, request: web.Request) -> web.Response:
        staff = await self._agent(request)
        async with self._db.write() as session:
            row = must_see(staff, await self._locked(session, request))
            if row.holder == "closed":
                raise Conflict("wrong_holder", "这次对话已经结束了。")
            await self._desk.claim(session, row, staff)
        return json_response({"conversation": row.id, "holder": row.holder})

    async def show(self, request: web.Request) -> web.Response:
        staff = await self._agent(request)
        async with self._db.read() as session:
            row = must_see(staff, await session.get(Conversation, request.match_info["id"]))
            return json_response(await pack.story(session, row, self._files))

    async def say(self, request: web.Request) -> web.Response:
        staff = await self._agent(request)
        body = await read_json(request)
        cid, text = _cid(body), need(body, "text", str)
        async with self._db.write() as session:
            row = must_see(staff, await self._locked(session, request))
            accepted = await self._desk.say(session, row, staff, cid, text)
        return json_response(accepted.as_json(), status=202)

    async def transfer(self, request: web.Request) -> web.Response:
        staff = await self._agent(request)
        body = await read_json(request)
        zone, note = need(body, "zone", str), _note(body) or ""
        async with self._db.write() as session:
            row = must_see(staff, await self._locked(session, request))
            await self._desk.transfer(session, row, staff, zone, note)
        return json_response({"conversation": row.id, "holder": row.holder, "zone": row.zone})

    async def close(self, request: web.Request) -> web.Response:
        staff = await self._agent(request)
        body = await read_json(request)
        outcome = need(body, "outcome", str)
        if outcome not in OUTCOMES:
            raise BadRequest("bad_outcome", f"outcome 应是 {'、'.join(OUTCOMES)} 之一。", field="outcome")
        async with self._db.write() as session:
            row = must_see(staff, await self._locked(session, request))
            await self._desk.close(session, row, staff, outcome, _note(body))
        return json_response({"conversation": row.id, "holder": row.holder})

    async def ticket(self, request: web.Request) -> web.Response:
        staff = await self._agent(request)
        body = await read_json(request)
        async with self._db.write() as session:
            row = must_see(staff, await self._locked(session, request))
            ticket = await self._tickets.open(session, row, staff, body)
        return json_response(ticket, status=201)

    async def suggestions(self, request: web.Request) -> web.Response:
        staff = await self._agent(request)
        async with self._db.read() as session:
            row = must_see(staff, await session.get(Conversation, request.match_info["id"]))
            query = (
                select(EventRow.body)
                .where(EventRow.conversation_id == row.id, EventRow.sender == "user", EventRow.kind == "text")
                .order_by(EventRow.seq.desc())
                .limit(1)
            )
            last = await session.scalar(query)
        asked = request.query.get("q") or (last or {}).get("text", "")
        if not asked.strip():
            return json_response({"query": "", "hits": []})
        found = self._knowledge().search(asked[:500], audience=row.audience, limit=3)
        return json_response(
            {"query": asked[:500], "hits": [_suggestion(hit) for hit in found.hits if hit.score >= LEAST_SCORE]}
        )

    async def _agent(self, request: web.Request) -> Staff:
        return await signed_in(request, self._accounts, "agent", "supervisor")

    async def _locked(self, session: Any, request: web.Request) -> Conversation | None:
        try:
            return await locked(session, request.match_info["id"])
        except NotFound:
            return None


def _person(staff: Staff) -> dict[str, Any]:
    return {"user": staff.username, "name": staff.display_name, "roles": staff.roles}


def _suggestion(hit: Hit) -> dict[str, Any]:
    entry = hit.entry
    return {
        "topic": entry.topic,
        "entry": entry.id,
        "question": entry.question,
        "answer": entry.body,
        "score": hit.score,
        "citations": [citation.public() for citation in entry.citations],
        "updated": entry.updated.isoformat(),
    }


def _own_zones(staff: Staff, wanted: list[Any]) -> list[str]:
    """The zones an agent works in now; only administrators choose beyond what they were given."""
    for zone in wanted:
        if zone not in ZONES or ("administrator" not in staff.roles and zone not in staff.zones):
            raise BadRequest("bad_zone", "只能选择分配给您的专区。", field="zones")
    return [str(zone) for zone in wanted] or staff.zones


def _cid(body: dict[str, Any]) -> str:
    value = need(body, "cid", str)
    try:
        return str(uuid.UUID(value))
    except ValueError as error:
        raise BadRequest("bad_cid", "消息编号应是一个 UUID。", field="cid") from error


def _note(body: dict[str, Any]) -> str | None:
    note: str | None = need(body, "note", str, optional=True)
    if note is not None and len(note) > MAX_NOTE:
        raise BadRequest("too_long", f"备注请控制在{MAX_NOTE}字以内。", field="note")
    return note
