from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

from core.http import errors_middleware
from knowledge_index.api import knowledge_routes
from knowledge_index.search import KnowledgeBase

Client = TestClient[web.Request, web.Application]


@pytest.fixture
async def client(aiohttp_client: Any, kb: KnowledgeBase) -> Client:
    app = web.Application(middlewares=[errors_middleware])
    app.add_routes(knowledge_routes(lambda: kb))
    opened: Client = await aiohttp_client(app)
    return opened


async def test_search_answers_with_sources(client: Client) -> None:
    response = await client.get("/api/knowledge/search", params={"q": "12333还能打吗", "limit": "3"})
    body = await response.json()
    assert response.status == 200
    assert body["query"] == "12333还能打吗" and body["answered"] is True and len(body["hits"]) == 3
    hit = body["hits"][0]
    assert hit["topic"] == hit["entry"] == "hotline.dual-numbers"
    assert any("宿政办发〔2021〕38号" in str(c) for c in hit["citations"])
    assert {"question", "answer", "score", "audience", "department", "updated"} <= hit.keys()


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({}, "q"),
        ({"q": "  "}, "q"),
        ({"q": "长" * 501}, "q"),
        ({"q": "a", "audience": "people"}, "audience"),
        ({"q": "a", "district": "mars"}, "district"),
        ({"q": "a", "limit": "0"}, "limit"),
        ({"q": "a", "limit": "21"}, "limit"),
        ({"q": "a", "limit": "１"}, "limit"),
        ({"q": "a", "limit": "-1"}, "limit"),
    ],
)
async def test_a_bad_parameter_is_named(client: Client, params: dict[str, str], field: str) -> None:
    response = await client.get("/api/knowledge/search", params=params)
    assert response.status == 400
    assert (await response.json())["error"]["field"] == field


async def test_the_same_answer_is_not_sent_twice(client: Client) -> None:
    first = await client.get("/api/knowledge/search", params={"q": "12333还能打吗"})
    again = {"If-None-Match": first.headers["ETag"]}
    second = await client.get("/api/knowledge/search", params={"q": "12333还能打吗"}, headers=again)
    assert (second.status, await second.read()) == (304, b"")
    other = await client.get("/api/knowledge/search", params={"q": "96196还能打吗"}, headers=again)
    assert other.status == 200
    assert "max-age" in first.headers["Cache-Control"]


async def test_one_entry(client: Client) -> None:
    body = await (await client.get("/api/knowledge/entries/hotline.dual-numbers")).json()
    assert body["topic"] == "hotline.dual-numbers" and body["citations"]
    assert all(other["question"] for other in body["related"])
    missing = await client.get("/api/knowledge/entries/no.such")
    assert missing.status == 404 and (await missing.json())["error"]["code"] == "entry_not_found"


async def test_hot(client: Client) -> None:
    body = await (await client.get("/api/knowledge/hot", params={"audience": "enterprise", "limit": "4"})).json()
    assert len(body["hits"]) == 4
    assert all(hit["audience"] != "citizen" for hit in body["hits"])


async def test_broken_percent_encoding_is_survived(client: Client) -> None:
    from yarl import URL

    response = await client.get(URL("/api/knowledge/search?q=%ED%A0%80%FF12333", encoded=True))
    assert response.status in (200, 400)
