"""Contracts 5 and 8, and the door of contract 6, against the running product."""

import os
import subprocess
import sys
from pathlib import Path

import aiohttp
import pytest

from tests.stack import ROOT, Stack


async def get(http: aiohttp.ClientSession, url: str, **headers: str):  # type: ignore[no-untyped-def]
    async with http.get(url, headers=headers) as response:
        body = await response.json() if response.content_type == "application/json" else await response.text()
        return response.status, body, response.headers


async def test_it_lives_is_ready_and_is_measured(stack: Stack, http: aiohttp.ClientSession) -> None:
    assert (await get(http, stack.base + "/healthz"))[0] == 200
    status, body, _ = await get(http, stack.base + "/readyz")
    assert status == 200
    assert set(body["dependencies"].values()) == {"up"} and "dispatch" in body["dependencies"]
    status, body, _ = await get(http, stack.base + "/metrics")
    assert status == 200 and "intake_turn_seconds" in body


async def test_metrics_are_not_for_those_behind_a_proxy(stack: Stack, http: aiohttp.ClientSession) -> None:
    status, _, _ = await get(http, stack.base + "/metrics", **{"X-Forwarded-For": "1.2.3.4"})
    assert status == 403


async def test_search_is_open_and_cacheable(stack: Stack, http: aiohttp.ClientSession) -> None:
    url = stack.base + "/api/knowledge/search?q=12333还能打吗&limit=3"
    status, body, headers = await get(http, url)
    assert status == 200 and body["answered"] is True and 1 <= len(body["hits"]) <= 3
    hit = body["hits"][0]
    assert hit["topic"] == "hotline.dual-numbers" and 0 <= hit["score"] <= 1
    assert any(c.get("number") == "宿政办发〔2021〕38号" for c in hit["citations"])
    assert (await get(http, url, **{"If-None-Match": headers["ETag"]}))[0] == 304
    status, body, _ = await get(http, stack.base + "/api/knowledge/entries/" + hit["entry"])
    assert status == 200 and body["entry"] == hit["entry"]
    assert (await get(http, stack.base + "/api/knowledge/hot?limit=5"))[0] == 200


@pytest.mark.parametrize("query", ["", "?q=", "?q=x&limit=0", "?q=x&limit=x", "?q=x&audience=alien", "?q=" + "x" * 501])
async def test_odd_searches_are_a_400(stack: Stack, http: aiohttp.ClientSession, query: str) -> None:
    status, body, _ = await get(http, stack.base + "/api/knowledge/search" + query)
    assert status == 400 and body["error"]["field"]


async def test_what_is_no_government_matter_is_not_answered(stack: Stack, http: aiohttp.ClientSession) -> None:
    for words in ("今天天气怎么样", "给我讲个笑话", "1+1等于几"):
        assert (await get(http, f"{stack.base}/api/knowledge/search?q={words}"))[1]["answered"] is False


async def test_unsigned_callbacks_are_refused(stack: Stack, http: aiohttp.ClientSession) -> None:
    async with http.post(stack.base + "/bridge/callbacks", json={"type": "ticket.status"}) as response:
        assert response.status == 401 and (await response.json())["error"]["code"] == "bad_signature"


def intake(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bot", *arguments]
    return subprocess.run(command, cwd=ROOT, env={**os.environ, **env}, capture_output=True, text=True)


def test_a_bad_setting_stops_with_one_line_that_names_it() -> None:
    result = intake("settings", INTAKE_PORT="many")
    assert result.returncode == 2
    assert result.stderr.strip().startswith("INTAKE_PORT") and len(result.stderr.strip().splitlines()) == 1


def test_settings_are_shown_with_their_source_and_secrets_are_masked() -> None:
    shown = intake("settings", INTAKE_ADMIN_PASSWORD="open-sesame", INTAKE_PORT="8099").stdout
    assert "open-sesame" not in shown and "INTAKE_ADMIN_PASSWORD = ********   [environment" in shown
    assert "INTAKE_PORT = 8099   [environment; default 8080]" in shown


def test_a_taken_port_is_named_in_one_line(stack: Stack, tmp_path: Path) -> None:
    env = {**stack.env, "INTAKE_VAR": str(tmp_path / "other")}
    result = subprocess.run([sys.executable, "-m", "bot", "run"], cwd=ROOT, env=env, capture_output=True, text=True)
    assert result.returncode == 1 and f"INTAKE_PORT={stack.port} is in use" in result.stdout


def test_a_second_start_on_the_same_state_is_refused(stack: Stack) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "bot", "run"], cwd=ROOT, env=stack.env, capture_output=True, text=True
    )
    assert result.returncode == 1 and "in use" in result.stdout
