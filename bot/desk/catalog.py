"""``GET /desk/api/catalog``: what an agent chooses from when opening a ticket."""

from typing import Any

from aiohttp import web

from bot.desk.accounts import Accounts
from bot.desk.guard import signed_in
from bot.dialogue.summary import REQUEST_TYPES
from core.catalog import Category, categories, departments, districts
from core.http import json_response


def catalog_routes(accounts: Accounts) -> list[web.RouteDef]:
    """For agents and supervisors."""

    async def show(request: web.Request) -> web.Response:
        await signed_in(request, accounts, "agent", "supervisor")
        return json_response(catalog())

    return [web.get("/desk/api/catalog", show)]


def catalog() -> dict[str, Any]:
    """``districts`` and ``request_types`` as code and name; ``categories`` as the second level within the first, each
    with the department (code, name) that takes it unless another is named, and examples of what belongs to it."""
    return {
        "districts": [{"code": d.code, "name": d.name} for d in districts().values()],
        "request_types": [{"code": code, "name": name} for code, name in REQUEST_TYPES.items()],
        "categories": [_group(first) for first in categories().values() if not first.parent],
    }


def _group(first: Category) -> dict[str, Any]:
    below = [_second(c) for c in categories().values() if c.parent == first.code]
    return {"code": first.code, "name": first.name, "categories": below}


def _second(category: Category) -> dict[str, Any]:
    department = departments().get(category.department)
    return {
        "code": category.code,
        "name": category.name,
        "unit": category.department,
        "unit_name": department.name if department else "",
        "examples": list(category.examples),
    }
