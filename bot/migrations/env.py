"""Alembic's environment: the URL comes from the settings, the tables from the packages that own them."""

import asyncio

from alembic import context
from sqlalchemy import Connection

import ticket_bridge.models  # noqa: F401
from bot.settings import Settings
from core.db import Base, Database


def _run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


async def _online() -> None:
    db = Database(context.config.get_main_option("sqlalchemy.url") or Settings().effective_database_url())
    async with db.engine.begin() as connection:
        await connection.run_sync(_run)
    await db.close()


asyncio.run(_online())
