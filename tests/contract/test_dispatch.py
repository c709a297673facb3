"""Contract 6, both sides: our worker, poller and callbacks against the simulator as a process of its own."""

import asyncio
import base64
import json
import os
import random
import secrets
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.supervisor.parts import free_port
from core.db import Base, Database
from core.errors import AppError
from core.http import dumps, errors_middleware
from tests.stack import ROOT
from ticket_bridge.callbacks import callback_routes
from ticket_bridge.dispatch_http import HttpDispatch
from ticket_bridge.models import CallbackRecord, OutboxItem, Ticket, TicketEvent
from ticket_bridge.signing import signed_headers
from ticket_bridge.submit import TicketRequest, add_note, submit
from ticket_bridge.worker import Poller, Worker

STEPS = ["received", "accepted", "assigned", "processing", "replied", "closed"]


def secret() -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()


class Backend:
    """The simulator's process."""

    def __init__(self, folder: Path, key: str, callback_port: int, step_s: float) -> None:
        self.port = free_port()
        self.key = key
        self._argv = [
            sys.executable, "-m", "ticket_bridge.simulator",
            "--port", str(self.port), "--state", str(folder / "d.sqlite"),
            "--callback", f"http://127.0.0.1:{callback_port}/bridge/callbacks", "--step-seconds", str(step_s),
        ]  # fmt: skip
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        self._process = subprocess.Popen(self._argv, cwd=ROOT, env={**os.environ, "INTAKE_DISPATCH_SECRET": self.key})
        for _ in range(200):
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", self.port)
                writer.close()
                return
            except OSError:
                await asyncio.sleep(0.05)
        raise AssertionError("the simulator did not start")

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    async def fault(self, kind: str, count: int) -> None:
        body = {"kind": kind, "count": count}
        async with aiohttp.ClientSession() as http, http.post(f"{self.url}/admin/faults", json=body) as response:
            assert response.status == 200

    async def tickets(self, client_ref: str) -> list[dict[str, Any]]:
        headers = signed_headers([self.key.split()[0]], "")
        url = f"{self.url}/tickets?client_ref={client_ref}"
        async with aiohttp.ClientSession() as http, http.get(url, headers=headers) as response:
            return list((await response.json())["tickets"])


class Bridge:
    """Our side: a database, the worker, the callback door."""

    def __init__(self, folder: Path, backend: Backend, key: str, timeout_s: float = 1.0) -> None:
        self.db = Database(f"sqlite+aiosqlite:///{folder / 'bridge.sqlite'}")
        self.key = key
        self.dispatch = HttpDispatch(backend.url, key, timeout_s=timeout_s)
        self.told: list[tuple[str, str]] = []
        self.worker = Worker(self.db, self.dispatch, self.tell, look_s=0.05)
        self._tasks: list[asyncio.Task[None]] = []

    async def tell(self, session: AsyncSession, ticket: Ticket, event: TicketEvent) -> None:
        self.told.append((ticket.number, event.status))

    async def start(self, port: int) -> None:
        async with self.db.engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
        app = web.Application(middlewares=[errors_middleware])
        app.add_routes(callback_routes(self.db, self.key, self.tell))
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        self.door = f"http://127.0.0.1:{port}/bridge/callbacks"
        await self.dispatch.__aenter__()

    def work(self) -> None:
        self._tasks.append(asyncio.create_task(self.worker.run()))

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.dispatch.__aexit__(None, None, None)
        await self._runner.cleanup()
        await self.db.close()

    async def confirm(self, ref: str = "") -> Ticket:
        async with self.db.write() as session:
            return await submit(session, request(ref or secrets.token_hex(8)))

    async def ticket(self, ref: str) -> Ticket:
        async with self.db.read() as session:
            return (await session.scalars(select(Ticket).where(Ticket.client_ref == ref))).one()

    async def item(self, ref: str) -> OutboxItem:
        async with self.db.read() as session:
            return (await session.scalars(select(OutboxItem).where(OutboxItem.key == ref))).one()

    async def history(self, ref: str) -> list[tuple[str, bool]]:
        async with self.db.read() as session:
            query = select(TicketEvent).join(Ticket, Ticket.id == TicketEvent.ticket_id).where(Ticket.client_ref == ref)
            rows = (await session.scalars(query.order_by(TicketEvent.version, TicketEvent.recorded_at))).all()
        return [(row.status, row.applied) for row in rows]

    async def until(self, ref: str, check: Callable[[Ticket], bool], seconds: float = 15.0) -> Ticket:
        for _ in range(int(seconds / 0.05)):
            ticket = await self.ticket(ref)
            if check(ticket):
                return ticket
            await asyncio.sleep(0.05)
        raise AssertionError((ticket.status, await self.history(ref), (await self.item(ref)).last_error))

    async def call_back(self, body: dict[str, Any], *, webhook_id: str | None = None, key: str | None = None) -> int:
        raw = dumps(body)
        headers = {"Content-Type": "application/json", **signed_headers([key or self.key.split()[0]], raw, webhook_id)}
        async with (
            aiohttp.ClientSession() as http,
            http.post(self.door, data=raw.encode(), headers=headers) as response,
        ):
            return response.status


def request(ref: str) -> TicketRequest:
    return TicketRequest(
        client_ref=ref, conversation="c", citizen="p", channel="web", audience="citizen", request_type="help",
        category="tk-traffic.city-road", unit="housing", title="路灯坏了", description="幸福小区门口路灯坏了三天",
        district="sucheng", address="幸福小区门口", contact_name="王", contact_phone="13800001234",
    )  # fmt: skip


def step(ticket: Ticket, version: int, status: str) -> dict[str, Any]:
    return {
        "type": "ticket.status", "ticket_no": ticket.dispatch_no or "YZW1", "client_ref": ticket.client_ref,
        "version": version, "status": status, "at": "2026-11-23T10:00:00+08:00", "note": f"第{version}步",
    }  # fmt: skip


@pytest.fixture
async def world(tmp_path: Path, step_s: float = 1000.0) -> AsyncIterator[tuple[Bridge, Backend]]:
    """A quiet simulator: its clock moves nothing within a test."""
    key, port = f"{secret()} {secret()}", free_port()
    backend = Backend(tmp_path, key, port, step_s)
    await backend.start()
    bridge = Bridge(tmp_path, backend, key)
    await bridge.start(port)
    yield bridge, backend
    await bridge.stop()
    backend.kill()


async def test_a_confirmed_request_goes_all_the_way(tmp_path: Path) -> None:
    key, port = secret(), free_port()
    backend = Backend(tmp_path, key, port, 0.3)
    await backend.start()
    bridge = Bridge(tmp_path, backend, key)
    await bridge.start(port)
    try:
        bridge.work()
        ticket = await bridge.confirm("ref-1")
        await bridge.until("ref-1", lambda t: t.status == "closed")
        assert [status for status, _ in await bridge.history("ref-1")] == STEPS
        assert bridge.told == [(ticket.number, status) for status in STEPS[1:]]
    finally:
        await bridge.stop()
        backend.kill()


@pytest.mark.parametrize("fault", ["drop", "error", "html", "refuse", "hang"])
async def test_an_answer_that_is_lost_makes_no_second_ticket(world: tuple[Bridge, Backend], fault: str) -> None:
    bridge, backend = world
    await backend.fault(fault, 2)
    bridge.work()
    await bridge.confirm("ref-1")
    ticket = await bridge.until("ref-1", lambda t: t.status == "accepted", 25)
    held = await backend.tickets("ref-1")
    assert [t["ticket_no"] for t in held] == [ticket.dispatch_no]
    assert [status for _, status in bridge.told] == ["accepted"]


async def test_a_closed_port_only_delays(world: tuple[Bridge, Backend]) -> None:
    bridge, backend = world
    backend.kill()
    bridge.work()
    await bridge.confirm("ref-1")
    await asyncio.sleep(1.5)
    assert (await bridge.ticket("ref-1")).status == "received"
    await backend.start()
    await bridge.until("ref-1", lambda t: t.status == "accepted", 25)


async def test_too_many_waits_as_told(world: tuple[Bridge, Backend]) -> None:
    bridge, backend = world
    await backend.fault("throttle", 1)
    await bridge.confirm("ref-1")
    await bridge.worker.once()
    item = await bridge.item("ref-1")
    assert item.state == "pending" and item.last_error == "throttled" and not item.unknown
    assert 0.5 < (item.next_at - item.created_at).total_seconds() < 2.5


async def test_a_refusal_is_for_a_person(world: tuple[Bridge, Backend]) -> None:
    bridge, backend = world
    await backend.fault("reject", 1)
    await bridge.confirm("ref-1")
    await bridge.worker.once()
    assert (await bridge.item("ref-1")).state == "dead"
    assert await bridge.worker.once() == 0


async def test_the_backend_killed_midway_goes_on_where_it_was(tmp_path: Path) -> None:
    key, port = secret(), free_port()
    backend = Backend(tmp_path, key, port, 0.5)
    await backend.start()
    bridge = Bridge(tmp_path, backend, key)
    await bridge.start(port)
    try:
        bridge.work()
        await bridge.confirm("ref-1")
        await bridge.until("ref-1", lambda t: t.status == "assigned")
        backend.kill()
        await backend.start()
        await bridge.until("ref-1", lambda t: t.status == "closed")
        assert [status for status, _ in await bridge.history("ref-1")] == STEPS
    finally:
        await bridge.stop()
        backend.kill()


async def accepted(bridge: Bridge) -> Ticket:
    await bridge.confirm("ref-1")
    await bridge.worker.once()
    return await bridge.ticket("ref-1")


async def test_steps_in_reverse_never_move_back_and_all_are_kept(world: tuple[Bridge, Backend]) -> None:
    bridge, _ = world
    ticket = await accepted(bridge)
    for version in (5, 4, 3, 2):
        assert await bridge.call_back(step(ticket, version, STEPS[version])) == 200
    assert (await bridge.ticket("ref-1")).status == "closed"
    history = [entry for entry in await bridge.history("ref-1") if entry[0] not in ("received", "accepted")]
    assert history == [("assigned", False), ("processing", False), ("replied", False), ("closed", True)]
    assert [status for _, status in bridge.told] == ["accepted", "closed"]


async def test_one_callback_a_hundred_times_at_once_is_one_event(world: tuple[Bridge, Backend]) -> None:
    bridge, _ = world
    ticket = await accepted(bridge)
    body = step(ticket, 2, "assigned")
    same = [bridge.call_back(body, webhook_id="wh-1") for _ in range(60)]
    others = [bridge.call_back(body, webhook_id=f"wh-{n}") for n in range(2, 42)]
    assert set(await asyncio.gather(*same, *others)) == {200}
    assert (await bridge.history("ref-1")).count(("assigned", True)) == 1
    assert [status for _, status in bridge.told].count("assigned") == 1


async def test_what_comes_before_the_creates_answer_is_held_then_applied(world: tuple[Bridge, Backend]) -> None:
    bridge, _ = world
    early = await bridge.confirm("ref-1")
    bodies = [step(early, 2, "assigned"), step(early, 3, "processing")]
    held = await bridge.dispatch.create("ref-1", (await bridge.item("ref-1")).body)
    for body in reversed(bodies):
        body["ticket_no"] = held.ticket_no  # type: ignore[union-attr]
        assert await bridge.call_back(body) == 202
    assert (await bridge.ticket("ref-1")).status == "received"
    await bridge.worker.once()
    assert (await bridge.ticket("ref-1")).status == "processing"
    assert [status for _, status in bridge.told] == ["accepted", "assigned", "processing"]


async def test_strangers_are_set_aside_where_they_can_be_seen(world: tuple[Bridge, Backend]) -> None:
    bridge, _ = world
    ticket = await accepted(bridge)
    unknown = {**step(ticket, 2, "assigned"), "client_ref": "nobody"}
    assert await bridge.call_back(unknown) == 202
    assert await bridge.call_back(step(ticket, 2, "dancing")) == 202
    assert await bridge.call_back({**step(ticket, 2, "assigned"), "type": "ticket.gossip"}) == 202
    assert await bridge.call_back({**step(ticket, 2, "assigned"), "ticket_no": "YZW-of-another"}) == 202
    async with bridge.db.read() as session:
        ours = select(CallbackRecord.state).where(CallbackRecord.version == 2)
        assert sorted((await session.scalars(ours)).all()) == ["aside", "aside", "aside", "held"]
    assert (await bridge.ticket("ref-1")).status == "accepted"


async def test_only_a_fresh_good_signature_opens_the_door(world: tuple[Bridge, Backend]) -> None:
    bridge, _ = world
    ticket = await accepted(bridge)
    raw = dumps(step(ticket, 2, "assigned"))
    first, second = bridge.key.split()
    good = signed_headers([second], raw)
    async with aiohttp.ClientSession() as http:
        for headers in (
            {},
            signed_headers([secret()], raw),
            {**good, "webhook-timestamp": str(int(good["webhook-timestamp"]) - 301)},
            {**good, "webhook-timestamp": "x"},
            {**good, "webhook-signature": "v1"},
            {**good, "webhook-signature": "v1,###"},
            {**good, "webhook-id": "another"},
            signed_headers([first], raw + " "),
        ):
            async with http.post(bridge.door, data=raw.encode(), headers=headers) as response:
                assert response.status == 401, headers
        async with http.post(bridge.door, data=raw.encode(), headers=good) as response:
            assert response.status == 200


async def test_the_poller_brings_what_callbacks_lost(world: tuple[Bridge, Backend]) -> None:
    bridge, backend = world
    ticket = await accepted(bridge)
    await bridge._runner.cleanup()  # callbacks find nobody
    async with aiohttp.ClientSession() as http:
        for status in ("assigned", "processing"):
            url = f"{backend.url}/admin/tickets/{ticket.dispatch_no}/status"
            async with http.post(url, json={"status": status, "note": "好"}) as response:
                assert response.status == 200
    assert await Poller(bridge.db, bridge.dispatch, bridge.tell, interval_s=0.0).once() >= 2
    assert (await bridge.ticket("ref-1")).status == "processing"
    assert [status for _, status in bridge.told] == ["accepted", "assigned", "processing"]


async def test_notes_follow_their_ticket_in_order(world: tuple[Bridge, Backend]) -> None:
    bridge, _backend = world
    ticket = await bridge.confirm("ref-1")
    async with bridge.db.write() as session:
        row = await session.get_one(Ticket, ticket.id)
        for _ in range(2):
            await add_note(session, row, "urge", "note-1", text="快一点")
        await add_note(session, row, "withdraw", "note-2")
    bridge.work()
    await bridge.until("ref-1", lambda t: t.status == "withdrawn")
    for key in ("ref-1", "note-1", "note-2"):
        assert (await bridge.item(key)).state == "done"


async def test_two_workers_deliver_each_request_once(world: tuple[Bridge, Backend]) -> None:
    bridge, backend = world
    other = Worker(Database(bridge.db.url), bridge.dispatch, bridge.tell, look_s=0.02)
    refs = [f"ref-{n}" for n in range(20)]
    for ref in refs:
        await bridge.confirm(ref)
    second = asyncio.create_task(other.run())
    bridge.work()
    for ref in refs:
        await bridge.until(ref, lambda t: t.status == "accepted")
    second.cancel()
    assert sorted(status for _, status in bridge.told) == ["accepted"] * 20
    for ref in refs:
        assert len(await backend.tickets(ref)) == 1 and (await bridge.item(ref)).fence == 1


async def test_a_lease_that_ran_out_is_fenced_and_asked_about(world: tuple[Bridge, Backend]) -> None:
    from datetime import timedelta

    from core.clock import now
    from ticket_bridge.outbox import held_by_us, lease

    bridge, backend = world
    await bridge.confirm("ref-1")
    async with bridge.db.write() as session:
        (stale,) = await lease(session, 5)
    async with bridge.db.write() as session:
        row = await session.get_one(OutboxItem, stale.id)
        row.lease_until = now() - timedelta(seconds=1)
    await bridge.dispatch.create(stale.key, stale.body)  # the slow worker had sent it after all
    await bridge.worker.once()
    assert (await bridge.ticket("ref-1")).status == "accepted" and len(await backend.tickets("ref-1")) == 1
    async with bridge.db.write() as session:
        assert await held_by_us(session, stale) is None


async def post(backend: Backend, key: str, body: dict[str, Any]) -> int:
    raw = dumps(body)
    headers = {"Idempotency-Key": key, **signed_headers([backend.key.split()[0]], raw)}
    url = f"{backend.url}/tickets"
    async with aiohttp.ClientSession() as http, http.post(url, data=raw.encode(), headers=headers) as response:
        return response.status


async def test_the_backend_checks_what_it_is_sent(world: tuple[Bridge, Backend]) -> None:
    bridge, backend = world
    await bridge.confirm("ref-1")
    body = (await bridge.item("ref-1")).body
    assert await post(backend, "ref-1", body) == 201
    assert await post(backend, "ref-1", body) == 200
    assert await post(backend, "ref-1", {**body, "title": "别的"}) == 409
    assert await post(backend, "k" * 300, {**body, "client_ref": "k" * 300}) == 400
    for field, value in [
        ("category", "tk-none"),
        ("district", "mars"),
        ("confidential", "no"),
        ("submitted_at", "soon"),
    ]:
        assert await post(backend, "ref-2", {**body, "client_ref": "ref-2", field: value}) == 400, field
    secret_body = {**body, "client_ref": "ref-3", "confidential": True, "description": "请打13800001234"}
    assert await post(backend, "ref-3", secret_body) == 400


async def test_shuffled_doubled_and_lost_callbacks_end_right(world: tuple[Bridge, Backend]) -> None:
    bridge, _ = world
    ticket = await accepted(bridge)
    calls = [step(ticket, version, STEPS[version]) for version in (1, 2, 3, 4, 5)] * 2
    random.Random(7).shuffle(calls)
    assert set(await asyncio.gather(*(bridge.call_back(body) for body in calls))) == {200}
    assert (await bridge.ticket("ref-1")).status == "closed"
    statuses = [status for status, _ in await bridge.history("ref-1")]
    assert sorted(statuses) == sorted(STEPS)
    assert all([status for _, status in bridge.told].count(status) <= 1 for status in STEPS)


def test_errors_have_the_one_shape() -> None:
    assert json.loads(dumps(AppError("x", "y", field="z", retry_after=2).body())) == {
        "error": {"code": "x", "message": "y", "field": "z", "retry_after": 2}
    }
