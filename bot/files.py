"""Uploads: kept under ``INTAKE_VAR/uploads`` by random id, shown only through signed, expiring links."""

import hashlib
import hmac
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import FileRow
from core.db import Database
from core.errors import BadRequest, NotFound, TooLarge
from core.ids import new_id
from core.images import without_position

MAX_FILE = 10 * 1024 * 1024
LINK_S = 24 * 3600

_MAGIC: tuple[tuple[str, int, bytes], ...] = (
    ("image/jpeg", 0, b"\xff\xd8\xff"),
    ("image/png", 0, b"\x89PNG\r\n\x1a\n"),
    ("application/pdf", 0, b"%PDF-"),
    ("audio/mpeg", 0, b"ID3"),
    ("audio/mpeg", 0, b"\xff\xfb"),
    ("audio/mpeg", 0, b"\xff\xf3"),
    ("audio/mpeg", 0, b"\xff\xf2"),
    ("audio/amr", 0, b"#!AMR"),
    ("video/mp4", 4, b"ftyp"),
)


def kind_of(content: bytes) -> str | None:
    """The media type by the content's first bytes, or None when it is none that we take."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    for kind, offset, magic in _MAGIC:
        if content[offset : offset + len(magic)] == magic:
            return kind
    return None


class FileStore:
    """Stores, signs and finds uploads."""

    def __init__(self, db: Database, folder: Path, key: bytes) -> None:
        self._db = db
        self._folder = folder
        self._key = key
        folder.mkdir(parents=True, exist_ok=True)

    async def save(self, conversation: str, name: str, content: bytes) -> dict[str, Any]:
        """Keep ``content``; images lose their position data. Raises TooLarge, BadRequest for a kind we do not take."""
        if len(content) > MAX_FILE:
            raise TooLarge("too_large", "文件太大了，请控制在10MB以内。", field="file")
        kind = kind_of(content)
        if kind is None:
            raise BadRequest("bad_file", "只能上传图片、PDF、录音或MP4视频，请换一个文件。", field="file")
        if kind.startswith("image/"):
            content = without_position(content, kind)
        row = FileRow(
            id=new_id(),
            conversation_id=conversation,
            name=_safe_name(name),
            type=kind,
            size=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
        )
        _write(self._folder / row.id, content)
        async with self._db.write() as session:
            session.add(row)
        return {"file_id": row.id, "name": row.name, "type": row.type, "size": row.size}

    def view(self, row: FileRow) -> dict[str, Any]:
        """The body of a ``file`` event; its link is signed afresh each time an event is shown."""
        return {"file_id": row.id, "name": row.name, "type": row.type, "size": row.size, "url": self.link(row.id)}

    async def attachments(
        self, session: AsyncSession, conversation: str, ids: Sequence[str], public_url: str
    ) -> list[dict[str, Any]]:
        """The conversation's own uploads among ``ids`` as contract 6 sends them, with absolute links."""
        rows = [await session.get(FileRow, file_id) for file_id in ids]
        return [
            {
                "name": row.name,
                "type": row.type,
                "size": row.size,
                "sha256": row.sha256,
                "url": public_url + self.link(row.id),
            }
            for row in rows
            if row is not None and row.conversation_id == conversation
        ]

    def link(self, file_id: str) -> str:
        """A path that serves the file until it expires."""
        until = int(time.time()) + LINK_S
        return f"/files/{quote(file_id)}?until={until}&sig={self._sign(file_id, until)}"

    async def open(self, file_id: str, until: str, signature: str) -> tuple[FileRow, Path]:
        """The stored file for a valid link. Raises NotFound for every other one."""
        valid = until.isdecimal() and hmac.compare_digest(self._sign(file_id, int(until)), signature)
        if not valid or int(until) < time.time():
            raise NotFound("link_expired", "链接已失效，请回到对话里重新打开。")
        async with self._db.read() as session:
            row = await session.get(FileRow, file_id)
        path = self._folder / file_id
        if row is None or not path.is_file():
            raise NotFound("no_file", "没有找到这个文件。")
        return row, path

    def _sign(self, file_id: str, until: int) -> str:
        return hmac.new(self._key, f"{file_id}\n{until}".encode(), hashlib.sha256).hexdigest()


def _write(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _safe_name(name: str) -> str:
    plain = "".join(c for c in Path(name.replace("\\", "/")).name if c.isprintable())
    return plain[:120] or "文件"
