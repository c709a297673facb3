"""From a client's JSON to an ``InboundMessage``; every refusal names the field."""

import math
import uuid
from typing import Any

from channels.message import MAX_TEXT, InboundMessage, MessageType
from core.errors import BadRequest
from core.http import need

MAX_ID = 64
MAX_CHOICE = 128
MAX_LABEL = 200


def parse_message(conversation: str, body: dict[str, Any]) -> InboundMessage:
    """The message in ``body`` (contract 2). Raises BadRequest."""
    cid = _cid(need(body, "cid", str))
    kind = need(body, "type", str)
    match kind:
        case "text":
            return _message(conversation, cid, kind, text=_text(need(body, "text", str)))
        case "choice":
            return _message(conversation, cid, kind, choice=_short(body, "choice", MAX_CHOICE))
        case "file":
            return _message(conversation, cid, kind, file_id=_short(body, "file_id", MAX_ID))
        case "location":
            return _message(conversation, cid, kind, location=_location(need(body, "location", dict)))
    raise BadRequest("bad_type", "不支持这种消息，请发文字、选项、文件或位置。", field="type")


def _message(conversation: str, cid: str, kind: MessageType, **content: Any) -> InboundMessage:
    return InboundMessage(conversation, cid, kind, **content)


def _cid(value: str) -> str:
    try:
        return str(uuid.UUID(value))
    except ValueError as error:
        raise BadRequest("bad_cid", "消息编号应是一个 UUID。", field="cid") from error


def _text(value: str) -> str:
    if not value.strip():
        raise BadRequest("empty", "内容是空的，请输入文字后再发。", field="text")
    if len(value) > MAX_TEXT:
        raise BadRequest("too_long", f"内容太长了，请控制在{MAX_TEXT}字以内，分几次发也可以。", field="text")
    return value


def _short(body: dict[str, Any], field: str, limit: int) -> str:
    value: str = need(body, field, str)
    if not value or len(value) > limit:
        raise BadRequest("bad_value", f"{field} 不正确，请重试。", field=field)
    return value


def _location(value: dict[str, Any]) -> dict[str, Any]:
    lat, lng = _degrees(value, "lat", 90), _degrees(value, "lng", 180)
    label = value.get("label") or ""
    if not isinstance(label, str) or len(label) > MAX_LABEL:
        raise BadRequest("wrong_type", "位置名称不正确，请重试。", field="location.label")
    return {"lat": lat, "lng": lng, "label": label}


def _degrees(value: dict[str, Any], name: str, limit: float) -> float:
    number = value.get(name)
    if isinstance(number, bool) or not isinstance(number, (int, float)):
        raise BadRequest("wrong_type", "位置坐标不正确，请重新选择位置。", field=f"location.{name}")
    try:
        degrees = float(number)
    except OverflowError:
        degrees = math.inf
    if not math.isfinite(degrees) or abs(degrees) > limit:
        raise BadRequest("bad_value", "位置坐标不正确，请重新选择位置。", field=f"location.{name}")
    return degrees
