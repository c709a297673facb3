"""``kill -9`` of any one child during a conversation loses no message and no ticket, and nothing is said twice."""

import asyncio
import uuid

import aiohttp
import pytest

from tests.clients import Citizen, asked, texts
from tests.journeys.test_main_job import ANSWERS, LAMP
from tests.stack import Stack

pytestmark = pytest.mark.journey


async def send_until_taken(citizen: Citizen, text: str) -> int:
    """Post with one key until it is accepted, as a page does; returns its place."""
    message = {"cid": str(uuid.uuid4()), "type": "text", "text": text}
    for _ in range(120):
        try:
            status, body = await citizen.post("/web/messages", message)
            if status == 202:
                return int(body["seq"])
        except (aiohttp.ClientError, OSError):
            pass
        await asyncio.sleep(0.25)
    raise AssertionError("never accepted")


async def poll_patiently(citizen: Citizen, seconds: float = 60.0) -> None:
    """Poll until a question of the assistant follows the newest message of the citizen."""
    end = asyncio.get_running_loop().time() + seconds
    while asyncio.get_running_loop().time() < end:
        try:
            await citizen.poll(wait=1)
        except (aiohttp.ClientError, OSError, AssertionError):
            await asyncio.sleep(0.3)
            continue
        mine = max((e["seq"] for e in citizen.seen if e["from"] == "user"), default=0)
        later = [e for e in citizen.seen if e["seq"] > mine and e["body"].get("code") != "degraded"]
        if any("asks" in e["body"] or e["kind"] in ("answer", "ticket") for e in later):
            await asyncio.sleep(0.3)
            await citizen.poll()
            return
    raise AssertionError(f"no answer; last {citizen.seen[-3:]}")


@pytest.mark.parametrize("child", ["service", "assistant", "redis", "worker", "dispatch"])
async def test_a_killed_child_loses_nothing(child: str, stack: Stack, citizen: Citizen) -> None:
    tickets_before = await stack.count_at_dispatch()
    await citizen.ask(LAMP)
    pid = stack.kill(child)
    said = [LAMP]
    for _ in range(8):
        await poll_patiently(citizen)
        question = asked(citizen.seen)
        if question == "confirm":
            break
        assert question is not None, texts(citizen.seen)
        said.append(ANSWERS[question])
        await send_until_taken(citizen, ANSWERS[question])
    assert question == "confirm"
    said.append("确认提交")
    await send_until_taken(citizen, "确认提交")
    await poll_patiently(citizen)
    await closed(citizen)

    assert [e["body"]["text"] for e in citizen.seen if e["from"] == "user"] == said
    numbers = {e["body"]["ticket"] for e in citizen.seen if e["kind"] == "ticket"}
    assert len(numbers) == 1
    assert await stack.count_at_dispatch() == tickets_before + 1
    asks = [e["body"]["asks"] for e in citizen.seen if "asks" in e["body"]]
    assert len(asks) == len(set(asks)), f"a question was asked twice: {asks}"
    assert stack.children()[child]["pid"] != pid
    await stack.until_ready()


async def closed(citizen: Citizen, seconds: float = 60.0) -> None:
    end = asyncio.get_running_loop().time() + seconds
    while asyncio.get_running_loop().time() < end:
        if any(e["kind"] == "ticket" and e["body"]["status"] == "closed" for e in citizen.seen):
            return
        try:
            await citizen.poll(wait=2)
        except (aiohttp.ClientError, OSError):
            await asyncio.sleep(0.3)
    raise AssertionError([e["body"] for e in citizen.seen if e["kind"] == "ticket"])


async def test_what_was_accepted_just_before_the_kill_is_answered_once(stack: Stack, citizen: Citizen) -> None:
    for _ in range(3):
        await stack.until_ready()
        seq = await send_until_taken(citizen, "12333还能打吗")
        stack.kill("service")
        await poll_patiently(citizen)
        answers = [e for e in citizen.seen if e["kind"] == "answer" and e["seq"] > seq]
        assert len(answers) == 1
