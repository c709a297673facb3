"""The running product, once per test run, and its users."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import aiohttp
import pytest

from tests.clients import Agent, Citizen
from tests.stack import Stack


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The product in a fresh state folder, its dispatch clock at one second a step."""
    running = Stack(tmp_path_factory.mktemp("var"))
    running.start()
    yield running
    assert running.stop() == 0, "the product did not stop cleanly"


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def citizen(stack: Stack, http: aiohttp.ClientSession) -> Citizen:
    """A new citizen with an open session."""
    await stack.until_ready()
    return await Citizen(stack.base, http).open()


@pytest.fixture
async def agent(stack: Stack) -> AsyncIterator[Agent]:
    """The administrator at the desk, online, and offline again afterwards."""
    async with Agent(stack.base) as person:
        await asyncio.shield(person.login("admin", stack.admin))
        await person.call("PUT", "/desk/api/presence", {"status": "online"})
        yield person
        await person.call("PUT", "/desk/api/presence", {"status": "offline"})
