"""The city's catalogues: departments, districts, ticket categories, topics and intents, read from ``data/catalog``."""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CATALOG = ROOT / "data" / "catalog"


@dataclass(frozen=True, slots=True)
class Department:
    code: str
    name: str
    hotline: str
    note: str


@dataclass(frozen=True, slots=True)
class District:
    """A county, district or functional zone; ``aliases`` include its towns and streets."""

    code: str
    name: str
    aliases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Category:
    """A ticket category; a first-level one has an empty ``parent`` and ``department``."""

    code: str
    name: str
    parent: str
    department: str
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Topic:
    id: str
    audience: str
    department: str
    title: str
    scope: str
    basis: str


def _rows(name: str) -> list[dict[str, str]]:
    with (CATALOG / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _split(cell: str) -> tuple[str, ...]:
    return tuple(part for part in cell.split("|") if part)


@cache
def departments() -> dict[str, Department]:
    """By code."""
    return {r["code"]: Department(r["code"], r["name"], r["hotline"], r["note"]) for r in _rows("departments")}


@cache
def districts() -> dict[str, District]:
    """By code."""
    return {r["code"]: District(r["code"], r["name"], _split(r["aliases"])) for r in _rows("districts")}


@cache
def categories() -> dict[str, Category]:
    """First and second level, by code."""
    return {
        r["code"]: Category(r["code"], r["name"], r["parent"], r["department"], _split(r["examples"]))
        for r in _rows("ticket_categories")
    }


@cache
def topics() -> dict[str, Topic]:
    """By id."""
    return {r["id"]: Topic(**r) for r in _rows("topics")}


@cache
def intents() -> tuple[str, ...]:
    """The names of the intents that the assistant understands."""
    return tuple(r["intent"] for r in _rows("intents"))
