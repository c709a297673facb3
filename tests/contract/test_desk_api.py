"""Contract 7's desk, with several agents, against the running product."""

import asyncio
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator

import aiohttp
import pytest

from tests.clients import Agent, Citizen, asked
from tests.stack import ROOT, Stack

PASSWORD = "a-long-password"


def add_user(stack: Stack, name: str, *options: str) -> None:
    command = [sys.executable, "-m", "bot", "users", "add", name, "--password-stdin", *options]
    subprocess.run(command, input=f"{PASSWORD}\n", text=True, check=True, cwd=ROOT, env=stack.env, capture_output=True)


@pytest.fixture(scope="module")
def staff(stack: Stack) -> dict[str, str]:
    """Account names by what they are."""
    names = {kind: f"{kind}-{uuid.uuid4().hex[:6]}" for kind in ("one", "two", "tax", "editor")}
    add_user(stack, names["one"], "--role", "agent", "--zone", "general", "--display", "小一")
    add_user(stack, names["two"], "--role", "agent", "--zone", "general", "--display", "小二")
    add_user(stack, names["tax"], "--role", "agent", "--zone", "tax")
    add_user(stack, names["editor"], "--role", "editor")
    return names


@pytest.fixture
async def one(stack: Stack, staff: dict[str, str]) -> AsyncIterator[Agent]:
    async with Agent(stack.base) as person:
        await person.login(staff["one"], PASSWORD)
        yield person


@pytest.fixture
async def two(stack: Stack, staff: dict[str, str]) -> AsyncIterator[Agent]:
    async with Agent(stack.base) as person:
        await person.login(staff["two"], PASSWORD)
        yield person


def path(citizen: Citizen, verb: str = "") -> str:
    return f"/desk/api/conversations/{citizen.conversation}{'/' + verb if verb else ''}"


async def held(citizen: Citizen, agent: Agent) -> None:
    """``citizen`` asks for a person and ``agent`` takes it."""
    await citizen.ask("转人工")
    assert (await agent.call("POST", path(citizen, "claim")))[0] == 200


async def test_sign_in_gives_roles_and_a_token_for_changes(stack: Stack, staff: dict[str, str]) -> None:
    async with Agent(stack.base) as agent:
        body = await agent.login(staff["one"], PASSWORD)
        assert body["user"] == staff["one"] and body["roles"] == ["agent"] and body["csrf"]
        assert (await agent.call("GET", "/desk/api/me"))[1]["csrf"] == body["csrf"]
        cookie = next(iter(agent.http.cookie_jar))
        assert cookie["httponly"] and cookie["samesite"] == "Strict"
        assert (await agent.call("POST", "/desk/api/logout"))[0] == 204
        assert (await agent.call("GET", "/desk/api/me"))[0] == 401


async def test_without_the_token_nothing_is_changed(one: Agent) -> None:
    one.csrf = ""
    status, body = await one.call("PUT", "/desk/api/presence", {"status": "online"})
    assert status == 403 and body["error"]["code"] == "bad_csrf"


async def test_guessing_locks_the_account_without_telling_names(stack: Stack) -> None:
    name = f"guessed-{uuid.uuid4().hex[:6]}"
    add_user(stack, name, "--role", "agent", "--zone", "general")
    async with Agent(stack.base) as agent:
        wrong = {"username": name, "password": "wrong"}
        unknown = await agent.call("POST", "/desk/api/login", {"username": "nobody", "password": "wrong"})
        answers = [await agent.call("POST", "/desk/api/login", wrong) for _ in range(5)]
        assert all(answer == unknown for answer in answers) and unknown[0] == 401
        status, body = await agent.call("POST", "/desk/api/login", {**wrong, "password": PASSWORD})
        assert status == 429 and body["error"]["retry_after"] > 0


async def test_one_of_two_who_claim_at_once_wins(citizen: Citizen, one: Agent, two: Agent) -> None:
    await citizen.ask("转人工")
    answers = await asyncio.gather(*(a.call("POST", path(citizen, "claim")) for a in (one, two)))
    assert sorted(status for status, _ in answers) == [200, 409]


async def test_outside_ones_zones_nothing_exists(citizen: Citizen, stack: Stack, staff: dict[str, str]) -> None:
    await citizen.ask("转人工")
    async with Agent(stack.base) as tax:
        await tax.login(staff["tax"], PASSWORD)
        for method, verb in (("POST", "claim"), ("GET", ""), ("GET", "suggestions")):
            assert (await tax.call(method, path(citizen, verb)))[0] == 404
        items = (await tax.call("GET", "/desk/api/queue"))[1]["items"]
        assert citizen.conversation not in [item["conversation"] for item in items]
    async with Agent(stack.base) as editor:
        await editor.login(staff["editor"], PASSWORD)
        assert (await editor.call("GET", "/desk/api/queue"))[0] == 403


async def test_only_the_holder_speaks_and_each_key_once(citizen: Citizen, one: Agent, two: Agent) -> None:
    await held(citizen, one)
    key = str(uuid.uuid4())
    first = await one.say(citizen.conversation, "您好", key)
    again = await one.say(citizen.conversation, "您好", key)
    assert again == {**first, "dup": True}
    body = {"cid": key, "text": "别的"}
    assert (await one.call("POST", path(citizen, "messages"), body))[0] == 409
    assert (await two.call("POST", path(citizen, "messages"), {"cid": str(uuid.uuid4()), "text": "插话"}))[0] == 403
    assert (await two.call("POST", path(citizen, "close"), {"outcome": "answered"}))[0] == 403
    await citizen.poll()
    assert [e["body"]["text"] for e in citizen.seen if e["from"] == "agent"] == ["您好"]


async def test_the_assistant_is_silent_while_a_person_holds(citizen: Citizen, one: Agent) -> None:
    await held(citizen, one)
    await citizen.poll()
    before = len(citizen.seen)
    await citizen.send("12333还能打吗")
    await asyncio.sleep(1.5)
    await citizen.poll()
    assert [e["from"] for e in citizen.seen[before:]] == ["system", "user"] or [
        e["from"] for e in citizen.seen[before:]
    ] == ["user"]


@pytest.mark.parametrize(
    ("outcome", "holder"), [("answered", "closed"), ("user_left", "closed"), ("back_to_bot", "bot")]
)
async def test_closing_and_giving_back(citizen: Citizen, one: Agent, outcome: str, holder: str) -> None:
    await held(citizen, one)
    status, body = await one.call("POST", path(citizen, "close"), {"outcome": outcome, "note": "说明"})
    assert status == 200 and body["holder"] == holder
    events = await citizen.ask("12333还能打吗")
    assert any(e["kind"] == "answer" for e in events) and citizen.state["holder"] == "bot"
    assert (await one.call("POST", path(citizen, "messages"), {"cid": str(uuid.uuid4()), "text": "还在吗"}))[0] in (
        403,
        404,
    )


async def test_a_transfer_puts_it_in_another_queue_with_its_story(
    citizen: Citizen, one: Agent, stack: Stack, staff
) -> None:  # type: ignore[no-untyped-def]
    await held(citizen, one)
    status, body = await one.call("POST", path(citizen, "transfer"), {"zone": "tax", "note": "问个税"})
    assert status == 200 and body["holder"] == "queue"
    assert (await one.call("POST", path(citizen, "transfer"), {"zone": "moon", "note": ""}))[0] in (403, 404)
    async with Agent(stack.base) as tax:
        await tax.login(staff["tax"], PASSWORD)
        assert (await tax.call("POST", path(citizen, "claim")))[0] == 200
        story = (await tax.call("GET", path(citizen)))[1]
        assert story["pack"]["note"] == "问个税" and story["transcript"][0]["body"]["text"] == "转人工"


async def test_the_story_holds_what_was_filled_and_tried(citizen: Citizen, one: Agent) -> None:
    await citizen.ask("12333还能打吗")
    events = await citizen.ask("宿城区项里街道幸福小区门口的路灯坏了三天了")
    assert asked(events) == "consent"
    await held(citizen, one)
    pack = (await one.call("GET", path(citizen)))[1]["pack"]
    assert pack["reason"] == "asked" and "路灯" in pack["summary"]
    assert pack["slots"]["district"] == "sucheng" and pack["slots"]["category"] == "tk-traffic.city-road"
    assert [tried["topic"] for tried in pack["tried"]] == ["hotline.dual-numbers"]
    status, ticket = await one.call("POST", path(citizen, "ticket"), {"cid": "k1"})
    again = await one.call("POST", path(citizen, "ticket"), {"cid": "k1"})
    assert status == 201 and ticket["status"] == "received" and again[1]["ticket"] == ticket["ticket"]
    await citizen.until(lambda e: e["kind"] == "ticket" and e["body"]["status"] == "accepted")


async def test_a_ticket_without_a_category_names_the_field(citizen: Citizen, one: Agent) -> None:
    await held(citizen, one)
    status, body = await one.call("POST", path(citizen, "ticket"), {"description": "幸福小区路灯坏了"})
    assert status == 400 and body["error"]["field"] == "category"


async def test_suggestions_come_with_their_source(citizen: Citizen, one: Agent) -> None:
    await held(citizen, one)
    await citizen.send("12333还能打吗")
    hits = (await one.call("GET", path(citizen, "suggestions")))[1]["hits"]
    assert hits[0]["topic"] == "hotline.dual-numbers" and hits[0]["citations"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"status": "asleep"}, "status"),
        ({"status": "online", "capacity": 0}, "capacity"),
        ({"status": "online", "zones": ["tax"]}, "zones"),
    ],
)
async def test_odd_presence_is_refused(one: Agent, body: dict[str, object], field: str) -> None:
    status, answer = await one.call("PUT", "/desk/api/presence", body)
    assert status == 400 and answer["error"]["field"] == field


async def test_the_socket_shows_the_queue_and_the_talk(citizen: Citizen, one: Agent, stack: Stack) -> None:
    async with one.http.ws_connect(f"{stack.base}/desk/socket") as socket:
        await citizen.ask("转人工")

        async def frame(wanted) -> dict:  # type: ignore[no-untyped-def,type-arg]
            async with asyncio.timeout(10):
                while True:
                    got = await socket.receive_json()
                    if wanted(got):
                        return dict(got)

        mine = citizen.conversation
        await frame(lambda f: f["t"] == "queue" and mine in [item["conversation"] for item in f["items"]])
        await one.call("POST", path(citizen, "claim"))
        await frame(lambda f: f["t"] == "queue" and mine not in [item["conversation"] for item in f["items"]])
        await socket.send_json({"t": "watch", "conversation": mine, "last_seq": 0})
        await frame(lambda f: f["t"] == "state" and f["holder"] == "agent")
        await citizen.send("您好")
        event = await frame(lambda f: f["t"] == "event" and f["event"]["body"].get("text") == "您好")
        assert event["conversation"] == mine


async def test_each_side_sees_the_other_type(citizen: Citizen, one: Agent, stack: Stack) -> None:
    await held(citizen, one)
    async with (
        one.http.ws_connect(f"{stack.base}/desk/socket") as desk,
        citizen.http.ws_connect(f"{stack.base}/web/socket") as phone,
    ):
        await phone.send_json({"t": "hello", "v": 1, "token": citizen.token, "last_seq": 999})
        await desk.send_json({"t": "watch", "conversation": citizen.conversation, "last_seq": 999})

        async def typing(socket: aiohttp.ClientWebSocketResponse) -> str:
            async with asyncio.timeout(10):
                while (frame := await socket.receive_json())["t"] != "typing":
                    pass
                return str(frame["from"])

        await asyncio.sleep(0.3)
        await desk.send_json({"t": "typing", "conversation": citizen.conversation})
        assert await typing(phone) == "agent"
        await phone.send_json({"t": "typing", "on": True})
        assert await typing(desk) == "user"


async def test_the_socket_needs_a_signed_in_agent_and_our_own_page(one: Agent, stack: Stack) -> None:
    async with aiohttp.ClientSession() as stranger:
        with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
            await stranger.ws_connect(f"{stack.base}/desk/socket")
        assert caught.value.status == 401
    with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
        await one.http.ws_connect(f"{stack.base}/desk/socket", headers={"Origin": "https://evil.example"})
    assert caught.value.status == 403
