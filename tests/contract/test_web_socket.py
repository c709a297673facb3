"""Contract 2 over WebSocket."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from tests.clients import Citizen

Socket = aiohttp.ClientWebSocketResponse


@asynccontextmanager
async def connected(citizen: Citizen, last_seq: int = 0) -> AsyncIterator[Socket]:
    async with citizen.http.ws_connect(f"{citizen.base}/web/socket") as socket:
        await socket.send_json({"t": "hello", "v": 1, "token": citizen.token, "last_seq": last_seq})
        welcome = await socket.receive_json(timeout=5)
        assert welcome["t"] == "welcome" and welcome["conversation"] == citizen.conversation
        assert welcome["state"]["holder"] in ("bot", "queue", "agent", "closed")
        yield socket


async def frames(socket: Socket, until: str, seconds: float = 10.0) -> list[dict[str, Any]]:
    """Frames up to and with the first of kind ``until``."""
    got: list[dict[str, Any]] = []
    async with asyncio.timeout(seconds):
        while True:
            got.append(await socket.receive_json())
            if got[-1]["t"] == until:
                return got


def text(words: str, cid: str | None = None) -> dict[str, Any]:
    return {"t": "msg", "message": {"cid": cid or str(uuid.uuid4()), "type": "text", "text": words}}


async def test_a_message_is_accepted_and_answered(citizen: Citizen) -> None:
    async with connected(citizen) as socket:
        frame = text("12333还能打吗")
        await socket.send_json(frame)
        seen: list[dict[str, Any]] = []
        async with asyncio.timeout(15):
            while not any(f["t"] == "event" and f["event"]["kind"] == "answer" for f in seen):
                seen.append(await socket.receive_json())
        accepted = next(f for f in seen if f["t"] == "accepted")
        assert accepted["cid"] == frame["message"]["cid"] and accepted["dup"] is False
        await socket.send_json(frame)
        again = (await frames(socket, "accepted"))[-1]
        assert again["dup"] is True and again["seq"] == accepted["seq"]
        assert [f["event"]["seq"] for f in seen if f["t"] == "event"] == [1, 2]


async def test_what_was_missed_is_replayed_in_order(citizen: Citizen) -> None:
    await citizen.ask("你好")
    await citizen.ask("谢谢")
    last = citizen.seen[-1]["seq"]
    async with connected(citizen, last_seq=1) as socket:
        got = [(await socket.receive_json(timeout=5))["event"]["seq"] for _ in range(last - 1)]
    assert got == list(range(2, last + 1))


async def test_two_sockets_of_one_citizen_see_the_same(citizen: Citizen) -> None:
    async with connected(citizen) as one, connected(citizen) as two:
        await one.send_json(text("你好"))
        first = (await frames(one, "event"))[-1]
        second = (await frames(two, "event"))[-1]
        assert first["event"] == second["event"]


async def test_state_follows_the_holder(citizen: Citizen) -> None:
    async with connected(citizen) as socket:
        await socket.send_json(text("转人工"))
        state = (await frames(socket, "state"))[-1]["state"]
        assert state["holder"] == "queue" and state["queue_position"] >= 1


async def test_ping_typing_read_and_ack_are_taken(citizen: Citizen) -> None:
    async with connected(citizen) as socket:
        for frame in ({"t": "typing", "on": True}, {"t": "read", "seq": 1}, {"t": "ack", "seq": 1}, {"t": "ping"}):
            await socket.send_json(frame)
        assert (await frames(socket, "pong"))[-1] == {"t": "pong"}


async def test_errors_name_the_message_and_keep_the_line(citizen: Citizen) -> None:
    async with connected(citizen) as socket:
        bad = text("字" * 4001)
        await socket.send_json(bad)
        error = (await frames(socket, "error"))[-1]
        assert error["code"] == "too_long" and error["cid"] == bad["message"]["cid"]
        await socket.send_json({"t": "dance"})
        assert (await frames(socket, "error"))[-1]["code"] == "unknown_frame"
        await socket.send_json({"t": "ping"})
        await frames(socket, "pong")


async def test_flooding_is_told_to_slow_down(citizen: Citizen) -> None:
    async with connected(citizen) as socket:
        for _ in range(60):
            await socket.send_json({"t": "ping"})
        error = (await frames(socket, "error"))[-1]
        assert error["code"] == "rate_limited" and error["retry_after"] > 0
        await asyncio.sleep(1.5)
        await socket.send_json({"t": "ping"})
        await frames(socket, "pong")


async def first_close(citizen: Citizen, send: Any) -> int:
    async with citizen.http.ws_connect(f"{citizen.base}/web/socket") as socket:
        await send(socket)
        async with asyncio.timeout(5):
            while not socket.closed:
                await socket.receive()
        assert socket.close_code is not None
        return socket.close_code


@pytest.mark.parametrize(
    ("send", "code"),
    [
        (lambda s: s.send_json({"t": "hello", "v": 1, "token": "forged", "last_seq": 0}), 1008),
        (lambda s: s.send_str("not json"), 1003),
        (lambda s: s.send_bytes(b"\x00"), 1003),
        (lambda s: s.send_str("x" * 70_000), 1009),
    ],
)
async def test_bad_first_frames_close_the_line(citizen: Citizen, send: Any, code: int) -> None:
    assert await first_close(citizen, send) == code


async def test_bad_later_frames_close_it_too(citizen: Citizen) -> None:
    for send, code in (
        (lambda s: s.send_bytes(b"\x00"), 1003),
        (lambda s: s.send_str("[1]"), 1003),
        (lambda s: s.send_str("x" * 70_000), 1009),
    ):
        async with connected(citizen) as socket:
            await send(socket)
            async with asyncio.timeout(5):
                while not socket.closed:
                    await socket.receive()
            assert socket.close_code == code


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1"])
async def test_a_foreign_page_is_refused_before_the_upgrade(citizen: Citizen, origin: str) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
        await citizen.http.ws_connect(f"{citizen.base}/web/socket", headers={"Origin": origin})
    assert caught.value.status == 403


async def test_our_own_page_is_let_in(citizen: Citizen) -> None:
    async with citizen.http.ws_connect(f"{citizen.base}/web/socket", headers={"Origin": citizen.base}) as socket:
        await socket.send_json({"t": "hello", "v": 1, "token": citizen.token, "last_seq": 0})
        assert (await socket.receive_json(timeout=5))["t"] == "welcome"
