"""Units of work on a real SQLite file."""

import asyncio
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select, text

from bot.models import Citizen, Staff
from core.clock import CST, now
from core.db import Base, Database, after_commit


@pytest.fixture
async def db(tmp_path: Path):  # type: ignore[no-untyped-def]
    made = Database(f"sqlite+aiosqlite:///{tmp_path / 'test.sqlite'}")
    async with made.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    yield made
    await made.close()


async def test_every_commit_reaches_the_disk(db: Database) -> None:
    async with db.read() as session:
        assert (await session.scalar(text("PRAGMA synchronous"))) == 2
        assert (await session.scalar(text("PRAGMA journal_mode"))) == "wal"


async def test_nothing_is_kept_and_nobody_woken_after_an_error(db: Database) -> None:
    woken: list[int] = []
    with pytest.raises(RuntimeError):
        async with db.write() as session:
            session.add(Citizen(id="c1"))
            after_commit(session, lambda: woken.append(1))
            raise RuntimeError
    async with db.read() as session:
        assert await session.get(Citizen, "c1") is None
    assert woken == []


async def test_followers_are_woken_after_the_commit(db: Database) -> None:
    woken: list[str] = []
    async with db.write() as session:
        session.add(Citizen(id="c1"))
        after_commit(session, lambda: woken.append("now"))
        assert woken == []
    assert woken == ["now"]


async def test_writers_of_two_processes_take_turns(db: Database) -> None:
    other = Database(db.url)

    async def add(where: Database, who: int) -> None:
        for number in range(20):
            async with where.write() as session:
                session.add(Citizen(id=f"{who}-{number}"))

    await asyncio.gather(add(db, 1), add(other, 2), add(db, 3))
    async with db.read() as session:
        assert len((await session.scalars(select(Citizen))).all()) == 60
    await other.close()


async def test_times_come_back_aware_and_in_our_zone(db: Database) -> None:
    moment = datetime(2026, 11, 23, 23, 30, tzinfo=CST)
    async with db.write() as session:
        session.add(Citizen(id="c1", created_at=moment))
    async with db.read() as session:
        back = (await session.get_one(Citizen, "c1")).created_at
    assert back == moment and back.utcoffset() == now().utcoffset()


async def test_a_naive_time_is_refused(db: Database) -> None:
    with pytest.raises(Exception, match="aware"):
        async with db.write() as session:
            session.add(Staff(username="a", display_name="a", password_hash="x", locked_until=datetime(2026, 1, 1)))
