"""The public, read-only HTTP API of the knowledge base (contract 5)."""

import hashlib
from collections.abc import Callable
from typing import Any

from aiohttp import web

from core import catalog
from core.errors import BadRequest, NotFound
from core.http import dumps
from knowledge_index.entry import Entry
from knowledge_index.search import Hit, KnowledgeBase

MAX_QUERY = 500
MAX_LIMIT = 20
FRESH_S = 60
Provider = Callable[[], KnowledgeBase]


def knowledge_routes(provider: Provider) -> list[web.RouteDef]:
    """``provider`` gives the knowledge base that serves now; it is asked at every request."""

    async def search(request: web.Request) -> web.Response:
        query = _query(request)
        audience, district, limit = _audience(request), _district(request), _limit(request, 5)
        found = provider().search(query, audience=audience, district=district, limit=limit)
        hits = [hit_body(hit) for hit in found.hits]
        return _cached(request, {"query": query, "answered": found.decision == "answer", "hits": hits})

    async def entry(request: web.Request) -> web.Response:
        kb = provider()
        found = kb.entry(request.match_info["entry"])
        if found is None:
            raise NotFound("entry_not_found", "没有这条知识，可能已经下架，请重新搜索或拨打12345。")
        return _cached(request, _detail(kb, found))

    async def hot(request: web.Request) -> web.Response:
        entries = provider().hot(_audience(request), _limit(request, 10))
        return _cached(request, {"hits": [entry_body(found) for found in entries]})

    return [
        web.get("/api/knowledge/search", search),
        web.get("/api/knowledge/entries/{entry}", entry),
        web.get("/api/knowledge/hot", hot),
    ]


def entry_body(entry: Entry) -> dict[str, Any]:
    """An entry as the public sees it; absent dates are left out."""
    body: dict[str, Any] = {
        "topic": entry.topic,
        "entry": entry.id,
        "question": entry.question,
        "answer": entry.body,
        "audience": entry.audience,
        "department": entry.department,
        "unit": entry.unit,
        "citations": [citation.public() for citation in entry.citations],
        "updated": entry.updated.isoformat(),
    }
    dates = {"effective_from": entry.effective_from, "expires": entry.expires, "review_by": entry.review_by}
    return body | {name: day.isoformat() for name, day in dates.items() if day}


def hit_body(hit: Hit) -> dict[str, Any]:
    """A search hit as the public sees it: the entry and its score."""
    return entry_body(hit.entry) | {"score": hit.score}


def _detail(kb: KnowledgeBase, entry: Entry) -> dict[str, Any]:
    related = [{"topic": e.topic, "entry": e.id, "question": e.question} for e in kb.related(entry)]
    confusable = [{"topic": c.topic, "difference": c.difference} for c in entry.confusable]
    return entry_body(entry) | {"related": related, "confusable": confusable}


def _query(request: web.Request) -> str:
    query = request.query.get("q", "").strip()
    if not query:
        raise BadRequest("missing_field", "请在 q 里写上要查的问题。", field="q")
    if len(query) > MAX_QUERY:
        raise BadRequest("too_long", f"问题太长了，请缩短到{MAX_QUERY}个字以内。", field="q")
    return query


def _audience(request: web.Request) -> str | None:
    audience = request.query.get("audience") or None
    if audience not in (None, "citizen", "enterprise"):
        raise BadRequest("bad_value", "audience 只能是 citizen 或 enterprise，请改正后再试。", field="audience")
    return audience


def _district(request: web.Request) -> str | None:
    district = request.query.get("district") or None
    if district is not None and district not in catalog.districts():
        raise BadRequest("bad_value", "district 不是本市县区的代码，请改正后再试。", field="district")
    return district


def _limit(request: web.Request, default: int) -> int:
    text = request.query.get("limit")
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 4 and 1 <= int(text) <= MAX_LIMIT):
        raise BadRequest("bad_value", f"limit 应是 1 到 {MAX_LIMIT} 的整数，请改正后再试。", field="limit")
    return int(text)


def _cached(request: web.Request, body: dict[str, Any]) -> web.Response:
    """JSON with an ETag of its content; 304 without a body when the client has it already."""
    text = dumps(_encodable(body))
    etag = hashlib.sha256(text.encode("utf-8")).hexdigest()[:32]
    headers = {"Cache-Control": f"public, max-age={FRESH_S}", "ETag": f'"{etag}"'}
    known = request.if_none_match or ()
    if any(tag.value in (etag, "*") for tag in known):
        return web.Response(status=304, headers=headers)
    return web.Response(text=text, content_type="application/json", charset="utf-8", headers=headers)


def _encodable(body: dict[str, Any]) -> dict[str, Any]:
    """A query may carry lone surrogates from broken percent-encoding; they come back as replacement characters."""
    if "query" in body:
        body["query"] = body["query"].encode("utf-8", "replace").decode("utf-8")
    return body
