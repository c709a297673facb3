"""HTTP at the edge: strict request bodies and errors of one shape."""

import json
import math
from collections.abc import Awaitable, Callable
from typing import Any, NoReturn

import structlog
from aiohttp import web

from core.errors import AppError, BadRequest, TooLarge

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

MAX_JSON_BYTES = 64 * 1024
MAX_JSON_DEPTH = 32

_log = structlog.get_logger("http")


def error_response(error: AppError) -> web.Response:
    """``error`` as JSON, with ``Retry-After`` when it says when to come back."""
    headers = {}
    if error.retry_after is not None:
        headers["Retry-After"] = str(max(1, math.ceil(error.retry_after)))
    return json_response(error.body(), status=error.status, headers=headers)


def json_response(body: object, *, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """JSON with Chinese left readable."""
    return web.json_response(body, status=status, headers=headers, dumps=dumps)


def dumps(body: object) -> str:
    """Compact JSON, Chinese unescaped, NaN refused."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


@web.middleware
async def errors_middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turns every failure into the one error shape; what was not foreseen is logged and shown as ``internal``."""
    try:
        return await handler(request)
    except AppError as error:
        return error_response(error)
    except web.HTTPException as error:
        if error.status < 400 or not request.path.startswith(
            ("/web/", "/api/", "/app/", "/desk/api", "/console/api", "/bridge")
        ):
            raise
        return error_response(_from_http(error))
    except Exception as error:
        _log.exception("unhandled", path=request.path, kind=type(error).__name__)
        internal = AppError("internal", "系统开小差了，请稍后再试，急事请直接拨打12345。")
        return error_response(internal)


def _from_http(error: web.HTTPException) -> AppError:
    known = {
        404: ("not_found", "没有这个地址，请检查后再试。"),
        405: ("method_not_allowed", "这个地址不支持这种请求方式。"),
        413: ("too_large", "内容太大了，请减小后再试。"),
    }
    code, message = known.get(error.status, ("bad_request", "请求不正确，请检查后再试。"))
    shown = AppError(code, message)
    shown.status = error.status
    return shown


async def read_json(request: web.Request, *, limit: int = MAX_JSON_BYTES) -> dict[str, Any]:
    """The request's JSON object.

    Raises BadRequest for what is not UTF-8, not JSON, not an object, too deep, or holds NaN, infinities or lone
    surrogates; TooLarge, while still streaming, for a body over ``limit`` bytes.
    """
    return parse_json(await read_body(request, limit=limit))


async def read_body(request: web.Request, *, limit: int) -> bytes:
    """The raw body; raises TooLarge as soon as ``limit`` bytes are passed."""
    if request.content_length is not None and request.content_length > limit:
        raise TooLarge("too_large", "内容太大了，请减小后再试。")
    body = bytearray()
    async for chunk in request.content.iter_chunked(16 * 1024):
        body += chunk
        if len(body) > limit:
            raise TooLarge("too_large", "内容太大了，请减小后再试。")
    return bytes(body)


def parse_json(raw: bytes | str) -> dict[str, Any]:
    """A JSON object from foreign bytes, strictly. Raises BadRequest."""
    try:
        text = raw.decode("utf-8") if isinstance(raw, bytes) else raw
        value = json.loads(text, parse_constant=_refuse_constant, parse_float=_finite)
        text.encode("utf-8")
        dumps(value).encode("utf-8")  # finds lone surrogates written as escapes
    except (ValueError, RecursionError) as error:
        raise BadRequest("bad_json", "内容不是有效的 UTF-8 JSON，请检查后再试。") from error
    if not isinstance(value, dict):
        raise BadRequest("bad_json", "内容应是一个 JSON 对象，请检查后再试。")
    if _depth(value) > MAX_JSON_DEPTH:
        raise BadRequest("bad_json", "内容嵌套太深，请简化后再试。")
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(text)
    return value


def _depth(value: object) -> int:
    deepest, level = 0, [value]
    while level:
        deepest += 1
        below: list[object] = []
        for item in level:
            if isinstance(item, dict):
                below.extend(item.values())
            elif isinstance(item, list):
                below.extend(item)
        level = below
    return deepest


def need(body: dict[str, Any], field: str, kind: type, *, optional: bool = False) -> Any:
    """``body[field]`` of type ``kind``; None for an absent optional one. Raises BadRequest naming the field."""
    value = body.get(field)
    if value is None and optional:
        return None
    if value is None:
        raise BadRequest("missing_field", f"缺少 {field}，请补上后再试。", field=field)
    if not isinstance(value, kind) or (kind is not bool and isinstance(value, bool)):
        raise BadRequest("wrong_type", f"{field} 的类型不对，请改正后再试。", field=field)
    return value
