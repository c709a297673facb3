"""Contract 2 over HTTP, line by line, against the running product."""

import asyncio
import json
import uuid
from typing import Any

import aiohttp
import pytest

from tests.clients import Citizen
from tests.stack import Stack


def message(**content: Any) -> dict[str, Any]:
    return {"cid": str(uuid.uuid4()), **content}


async def raw(citizen: Citizen, body: bytes) -> tuple[int, Any]:
    headers = {**citizen.headers, "Content-Type": "application/json"}
    async with citizen.http.post(f"{citizen.base}/web/messages", data=body, headers=headers) as response:
        return response.status, await response.json()


async def test_a_session_is_opened_for_either_audience(stack: Stack, http: aiohttp.ClientSession) -> None:
    for audience in ("citizen", "enterprise"):
        async with http.post(f"{stack.base}/web/session", json={"audience": audience}) as response:
            body = await response.json()
        assert response.status == 201
        assert len(body["token"]) >= 22 and body["conversation"] and body["expires_in"] > 0
    async with http.post(f"{stack.base}/web/session", json={"audience": "alien"}) as response:
        assert response.status == 400 and (await response.json())["error"]["field"] == "audience"


async def test_the_same_message_again_is_the_same_place(citizen: Citizen) -> None:
    body = message(type="text", text="你好")
    places = await asyncio.gather(*(citizen.post("/web/messages", body) for _ in range(6)))
    assert {status for status, _ in places} == {202}
    assert len({answer["seq"] for _, answer in places}) == 1
    assert sorted(answer["dup"] for _, answer in places) == [False] + [True] * 5
    status, error = await citizen.post("/web/messages", {**body, "text": "别的"})
    assert status == 409 and error["error"]["code"] == "cid_reused"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"cid": "1", "type": "text", "text": "x"}, "cid"),
        ({"cid": "k" * 300, "type": "text", "text": "x"}, "cid"),
        ({"type": "text", "text": "x"}, "cid"),
        (message(type="text"), "text"),
        (message(type="text", text=5), "text"),
        (message(type="text", text="   "), "text"),
        (message(type="text", text="字" * 4001), "text"),
        (message(type="song", text="x"), "type"),
        (message(type="choice"), "choice"),
        (message(type="file", file_id="nothere"), "file_id"),
        (message(type="location", location={"lat": "33", "lng": 118}), "location.lat"),
        (message(type="location", location={"lat": 133, "lng": 118}), "location.lat"),
        (message(type="location", location={"lat": 10**400, "lng": 118}), "location.lat"),
    ],
)
async def test_what_is_wrong_is_a_400_that_names_the_field(citizen: Citizen, body: dict[str, Any], field: str) -> None:
    status, answer = await citizen.post("/web/messages", body)
    assert status == 400
    assert answer["error"]["field"] == field
    assert answer["error"]["message"] and answer["error"]["code"].replace("_", "").isalpha()


@pytest.mark.parametrize(
    "body",
    [
        b"\xff\xfe", b"[]", b"{", b'{"cid": NaN}', b'{"type": 1e999}', b'{"text": "\\udc00"}',
        b'{"text":' + b"[" * 9_000 + b"]" * 9_000 + b"}",
    ],
)  # fmt: skip
async def test_bytes_that_are_no_json_object_are_a_400(citizen: Citizen, body: bytes) -> None:
    status, answer = await raw(citizen, body)
    assert status == 400 and answer["error"]["code"] == "bad_json"


async def test_a_huge_body_is_refused_while_streaming(citizen: Citizen) -> None:
    sent = 0

    async def endless():  # type: ignore[no-untyped-def]
        nonlocal sent
        while sent < 100 * 1024 * 1024:
            sent += 64 * 1024
            yield b"x" * 64 * 1024

    try:
        async with citizen.http.post(
            f"{citizen.base}/web/messages", data=endless(), headers=citizen.headers
        ) as response:
            assert response.status == 413
    except aiohttp.ClientConnectionError:
        pass  # the server hung up on us, which is as good
    assert sent < 20 * 1024 * 1024


async def test_four_thousand_characters_pass(citizen: Citizen) -> None:
    status, _ = await citizen.post("/web/messages", message(type="text", text="字" * 4000))
    assert status == 202


async def test_odd_characters_are_kept_where_legal_and_stripped_where_not(citizen: Citizen) -> None:
    await citizen.send("甲\u0000乙\u202e丙\u200b丁𠮷😀👨‍👩‍👧<script>alert(1)</script>")
    await citizen.poll()
    assert citizen.seen[0]["body"]["text"] == "甲乙丙丁𠮷😀👨‍👩‍👧<script>alert(1)</script>"


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer x", "Basic abc", "Bearer " + "A" * 43])
async def test_without_a_good_token_nothing_is_told(
    stack: Stack, http: aiohttp.ClientSession, header: str | None
) -> None:
    headers = {} if header is None else {"Authorization": header}
    for method, path in [
        ("POST", "/web/messages"),
        ("GET", "/web/events"),
        ("GET", "/web/tickets"),
        ("POST", "/web/feedback"),
    ]:
        async with http.request(
            method, stack.base + path, headers=headers, json={} if method == "POST" else None
        ) as response:
            assert response.status == 401
            assert set(await response.json()) == {"error"}


async def test_waiting_returns_as_soon_as_there_is_something(citizen: Citizen) -> None:
    loop = asyncio.get_running_loop()
    began = loop.time()
    waiting = asyncio.create_task(citizen.poll(wait=20))
    await asyncio.sleep(0.3)
    await citizen.send("你好")
    assert await waiting
    assert loop.time() - began < 5


async def test_waiting_ends_with_nothing(citizen: Citizen) -> None:
    began = asyncio.get_running_loop().time()
    assert await citizen.poll(wait=1) == []
    assert 0.9 < asyncio.get_running_loop().time() - began < 5
    assert citizen.state == {"holder": "bot"}


@pytest.mark.parametrize("query", ["after=-1", "after=x", "after=9999999999999999", "wait=x", "wait=-1", "wait=nan"])
async def test_odd_queries_are_a_400(citizen: Citizen, query: str) -> None:
    async with citizen.http.get(f"{citizen.base}/web/events?{query}", headers=citizen.headers) as response:
        assert response.status == 400 and (await response.json())["error"]["field"] in ("after", "wait")


@pytest.mark.parametrize("how", ["id", "title", "number"])
async def test_a_choice_is_its_id_its_title_or_its_number(citizen: Citizen, how: str) -> None:
    events = await citizen.ask("你能做什么")
    options = next(e for e in events if e["kind"] == "choices")["body"]["choices"]
    place = next(i for i, o in enumerate(options) if o["id"] == "report")
    if how == "id":
        events = await citizen.tap("report")
    else:
        events = await citizen.ask(options[place]["title"] if how == "title" else str(place + 1))
    assert events[-1]["body"]["asks"] == "description"


async def test_feedback_only_for_what_was_said_here(
    citizen: Citizen, stack: Stack, http: aiohttp.ClientSession
) -> None:
    events = await citizen.ask("12333还能打吗")
    answer = next(e for e in events if e["kind"] == "answer")
    for vote, words in (("up", None), ("down", "太长")):
        assert (await citizen.post("/web/feedback", {"event": answer["id"], "vote": vote, "words": words}))[0] == 204
    assert (await citizen.post("/web/feedback", {"event": answer["id"], "vote": "sideways"}))[0] == 400
    other = await Citizen(stack.base, http).open()
    assert (await other.post("/web/feedback", {"event": answer["id"], "vote": "up"}))[0] == 404


async def test_an_unknown_address_is_a_404_in_the_one_shape(citizen: Citizen) -> None:
    async with citizen.http.get(f"{citizen.base}/web/nothing") as response:
        assert response.status == 404 and (await response.json())["error"]["code"] == "not_found"
    async with citizen.http.get(f"{citizen.base}/web/messages", headers=citizen.headers) as response:
        assert response.status == 405


async def test_the_pages_are_there_with_a_strict_policy(stack: Stack, http: aiohttp.ClientSession) -> None:
    for path in ("/", "/login", "/desk", "/console"):
        async with http.get(stack.base + path) as response:
            assert response.status == 200 and "script-src 'self'" in response.headers["Content-Security-Policy"]
            assert "<script>" not in await response.text()
    async with http.get(stack.base + "/widget.js") as response:
        assert response.status == 200 and len(await response.read()) < 8_000


async def test_events_are_what_the_contract_says(citizen: Citizen) -> None:
    await citizen.ask("12333还能打吗")
    for event in citizen.seen:
        assert set(event) == {"seq", "id", "from", "kind", "body", "ts"}
        assert event["ts"].endswith("+08:00") and json.dumps(event)
    answer = next(e for e in citizen.seen if e["kind"] == "answer")["body"]
    assert {"text", "topic", "entry", "citations", "suggestions"} <= set(answer)
