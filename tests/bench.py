"""``make bench``: what a turn costs beyond the engine's own, and what a search costs beyond bare BM25, in one run.

Times on shared machines mean little by themselves; the ratios compare two things measured alternately.
"""

import asyncio
import json
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Awaitable, Callable
from pathlib import Path

import aiohttp
import bm25s

from bot.settings import ROOT
from knowledge_index.snapshot import open_current
from tests.clients import Citizen
from tests.stack import Stack

TURNS = 200
SAID = ["12333还能打吗", "你好", "失业金怎么领", "你能做什么", "谢谢", "异地看病要备案吗", "公司怎么注册", "再见"]


def quantiles(times: list[float]) -> tuple[float, float]:
    """Median and 95th percentile, in milliseconds."""
    ordered = sorted(times)
    return statistics.median(ordered) * 1000, ordered[int(len(ordered) * 0.95)] * 1000


async def timed(work: Callable[[], Awaitable[object]]) -> float:
    began = time.perf_counter()
    await work()
    return time.perf_counter() - began


async def turn(citizen: Citizen, text: str) -> None:
    """Accepted to reply stored and fetched."""
    accepted = await citizen.send(text)
    while not any(e["from"] != "user" and e["seq"] > accepted["seq"] for e in citizen.seen):
        await citizen.poll(wait=10)


async def bare_engine(http: aiohttp.ClientSession, stack: Stack, sender: str, text: str) -> None:
    """The same words to the engine alone: understanding, deciding, our action, its stores."""
    content = {"type": "text", "text": text}
    metadata = {"message_id": uuid.uuid4().hex, "citizen": "bench", "audience": "citizen", "content": content}
    body = {"text": text, "sender": sender, "metadata": metadata}
    url = f"http://127.0.0.1:{stack.rasa_port}/webhooks/intake/turn"
    async with http.post(url, json=body) as response:
        assert response.status == 200
        await response.read()


async def turns(stack: Stack) -> dict[str, object]:
    """``TURNS`` turns through the web channel, ten a conversation, each beside the same one to the bare engine."""
    ours: list[float] = []
    bare: list[float] = []
    async with aiohttp.ClientSession() as http:
        await turn(await Citizen(stack.base, http).open(), SAID[0])
        for number in range(TURNS):
            if number % 10 == 0:
                citizen, sender = await Citizen(stack.base, http).open(), uuid.uuid4().hex
            text = SAID[number % len(SAID)]
            ours.append(await timed(lambda c=citizen, t=text: turn(c, t)))  # type: ignore[misc]
            bare.append(await timed(lambda s=sender, t=text: bare_engine(http, stack, s, t)))  # type: ignore[misc]
    return {
        "turns": TURNS,
        "turn_p50_p95_ms": [round(x, 1) for x in quantiles(ours)],
        "engine_alone_p50_p95_ms": [round(x, 1) for x in quantiles(bare)],
        "ratio_p50": round(statistics.median(ours) / statistics.median(bare), 2),
    }


def searches(cache: Path) -> dict[str, object]:
    """Whole searches beside bigram BM25 over the same questions."""
    knowledge = open_current(cache / "knowledge")
    queries = [entry.similar[0] for entry in knowledge.entries]
    bigrams = [[q[i : i + 2] for i in range(len(q) - 1)] for e in knowledge.entries for q in e.questions]
    bm25 = bm25s.BM25()
    bm25.index(bigrams, show_progress=False)
    ours, bare = [], []
    for query in queries * 3:
        began = time.perf_counter()
        knowledge.search(query, audience="citizen")
        middle = time.perf_counter()
        bm25.retrieve([[query[i : i + 2] for i in range(len(query) - 1)]], k=5, show_progress=False)
        ours.append(middle - began)
        bare.append(time.perf_counter() - middle)
    return {
        "entries": len(knowledge.entries),
        "search_p50_p95_ms": [round(x, 2) for x in quantiles(ours)],
        "bigram_bm25_p50_p95_ms": [round(x, 2) for x in quantiles(bare)],
        "ratio_p50": round(statistics.median(ours) / statistics.median(bare), 2),
    }


def main() -> None:
    """Print one JSON object."""
    with tempfile.TemporaryDirectory() as folder:
        stack = Stack(Path(folder))
        stack.start()
        try:
            result = {"turns": asyncio.run(turns(stack)), "search": searches(ROOT / ".cache")}
        finally:
            stack.stop()
    json.dump(result, sys.stdout, ensure_ascii=False, indent=1)
    print()


if __name__ == "__main__":
    main()
