"""Brings the database to the newest schema; does nothing where it is there already."""

from pathlib import Path

from alembic import command
from alembic.config import Config

from bot.settings import Settings


def config(settings: Settings) -> Config:
    """Alembic's configuration for ``settings``."""
    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    made.set_main_option("sqlalchemy.url", settings.effective_database_url().replace("%", "%%"))
    return made


def migrate(settings: Settings) -> None:
    """Upgrade to head; must not run inside an event loop."""
    settings.var.mkdir(parents=True, exist_ok=True)
    command.upgrade(config(settings), "head")
