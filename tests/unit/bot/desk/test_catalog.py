"""The catalogue that agents choose from: complete, grouped, and for agents only."""

from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.desk.accounts import Accounts
from bot.desk.catalog import catalog, catalog_routes
from bot.desk.guard import COOKIE
from core.catalog import categories, districts
from core.db import Base, Database
from core.http import errors_middleware


def test_every_second_level_category_once_with_its_department() -> None:
    shown = [c for group in catalog()["categories"] for c in group["categories"]]
    codes = [c["code"] for c in shown]
    assert sorted(codes) == sorted(code for code, c in categories().items() if c.parent)
    assert all(c["unit"] and c["unit_name"] and c["name"] for c in shown)
    assert [d["code"] for d in catalog()["districts"]] == list(districts())
    assert {t["code"] for t in catalog()["request_types"]} >= {"help", "complaint"}


@pytest.mark.parametrize(("role", "status"), [("agent", 200), ("administrator", 200), ("editor", 403), (None, 401)])
async def test_only_for_agents(tmp_path: Path, role: str | None, status: int) -> None:
    db = Database(f"sqlite+aiosqlite:///{tmp_path}/desk.sqlite")
    async with db.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    accounts = Accounts(db)
    app = web.Application(middlewares=[errors_middleware])
    app.add_routes(catalog_routes(accounts))
    cookies = {}
    if role is not None:
        await accounts.add("someone", "long-enough", [role], ["general"])
        cookies[COOKIE] = (await accounts.sign_in("someone", "long-enough", None)).token
    async with TestClient(TestServer(app), cookies=cookies) as client:
        answer = await client.get("/desk/api/catalog")
        assert answer.status == status
    await db.close()
