import io
from pathlib import Path

import pytest
from PIL import Image

from bot.files import FileStore, kind_of
from bot.models import Citizen, Conversation
from core.db import Base, Database
from core.errors import BadRequest, NotFound


@pytest.fixture
async def store(tmp_path: Path):  # type: ignore[no-untyped-def]
    db = Database(f"sqlite+aiosqlite:///{tmp_path / 'f.sqlite'}")
    async with db.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with db.write() as session:
        session.add(Citizen(id="p"))
        await session.flush()
        session.add(Conversation(id="c", citizen_id="p", channel="web", audience="citizen"))
    yield FileStore(db, tmp_path / "uploads", b"k" * 32)
    await db.close()


def photo() -> bytes:
    image, exif = Image.new("RGB", (8, 8), "red"), Image.Exif()
    exif[0x0112] = 6
    exif.get_ifd(0x8825)[1] = "N"
    exif[0x8825] = {1: "N", 2: (33.0, 57.0, 0.0)}
    out = io.BytesIO()
    image.save(out, "JPEG", exif=exif)
    return out.getvalue()


async def test_a_photo_loses_its_position_and_keeps_its_orientation(store: FileStore, tmp_path: Path) -> None:
    sent = photo()
    assert Image.open(io.BytesIO(sent)).getexif().get_ifd(0x8825)
    saved = await store.save("c", "../../etc/我家.jpg", sent)
    assert saved["name"] == "我家.jpg" and saved["type"] == "image/jpeg"
    kept = Image.open(tmp_path / "uploads" / saved["file_id"])
    assert not kept.getexif().get_ifd(0x8825) and kept.getexif()[0x0112] == 6


@pytest.mark.parametrize("content", [b"<html><script>", b"MZ\x90", b"\xff\xd8\xffnot really", b"PK\x03\x04"])
async def test_what_is_not_what_it_says_is_refused(store: FileStore, content: bytes) -> None:
    with pytest.raises(BadRequest):
        await store.save("c", "a.jpg", content)


async def test_only_an_unexpired_signed_link_opens(store: FileStore) -> None:
    saved = await store.save("c", "a.jpg", photo())
    query = dict(pair.split("=") for pair in store.link(saved["file_id"]).split("?")[1].split("&"))
    row, path = await store.open(saved["file_id"], query["until"], query["sig"])
    assert row.size == path.stat().st_size
    for until, sig in [(query["until"], "0" * 64), ("1", query["sig"]), ("x", query["sig"])]:
        with pytest.raises(NotFound):
            await store.open(saved["file_id"], until, sig)


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"RIFF1234WEBP", "image/webp"),
        (b"%PDF-1.7", "application/pdf"),
        (b"1234ftypisom", "video/mp4"),
        (b"GIF89a", None),
    ],
)
def test_kinds_by_their_first_bytes(head: bytes, kind: str | None) -> None:
    assert kind_of(head) == kind
