"""The database: one declarative base, and read and write units of work over SQLite or PostgreSQL.

Writes on SQLite begin with ``BEGIN IMMEDIATE`` so that two processes queue for the lock instead of failing halfway,
and one process lets its own tasks in one at a time. What must happen only after a commit (waking a listener) is handed
to ``after_commit`` and is dropped on rollback.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Dialect, MetaData, TypeDecorator, event
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.pool import AsyncAdaptedQueuePool

from core.clock import CST

BUSY_TIMEOUT_MS = 10_000

_NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """The base of every table; names of constraints are fixed so that migrations can find them."""

    metadata = MetaData(naming_convention=_NAMING)


class Moment(TypeDecorator[datetime]):
    """An aware time: stored as UTC, handed back in +08:00 on every backend. Refuses naive values."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a stored time must be aware")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        aware = value if value.tzinfo else value.replace(tzinfo=UTC)
        return aware.astimezone(CST)


def after_commit(session: AsyncSession, callback: Callable[[], None]) -> None:
    """Run ``callback`` once the unit of work that ``session`` belongs to has been committed."""
    session.info.setdefault("after_commit", []).append(callback)


class Database:
    """Opens sessions. ``write`` commits at the end and rolls back on any exception; ``read`` never commits."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        self.engine = _engine(url, self.is_sqlite)
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False)
        self._writer: asyncio.Lock | None = asyncio.Lock() if self.is_sqlite else None

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """A session for reading a consistent state."""
        async with self._sessions() as session:
            yield session

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        """A session whose changes are durable when the block is left."""
        if self._writer is None:
            async with self._committed() as session:
                yield session
            return
        async with self._writer, self._committed() as session:
            yield session

    @asynccontextmanager
    async def _committed(self) -> AsyncIterator[AsyncSession]:
        async with self._sessions(info={"write": True}) as session:
            await session.connection(execution_options={"intake_write": True})
            yield session
            await session.commit()
            callbacks: list[Callable[[], None]] = session.info.pop("after_commit", [])
        for callback in callbacks:
            callback()

    async def close(self) -> None:
        """Close every connection."""
        await self.engine.dispose()


def _engine(url: str, is_sqlite: bool) -> AsyncEngine:
    if not is_sqlite:
        return create_async_engine(url, pool_size=10, max_overflow=10, pool_pre_ping=True)
    engine = create_async_engine(url, poolclass=AsyncAdaptedQueuePool, pool_size=8, max_overflow=8)
    event.listen(engine.sync_engine, "connect", _on_sqlite_connect)
    event.listen(engine.sync_engine, "begin", _on_sqlite_begin)
    return engine


def _on_sqlite_connect(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver must not begin transactions of its own
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={BUSY_TIMEOUT_MS}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _on_sqlite_begin(connection: Any) -> None:
    immediate = connection.get_execution_options().get("intake_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")
