"""Alembic migrations of every table of the product."""
