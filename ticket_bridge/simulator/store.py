"""The simulator's tickets and the callbacks it still owes, in a SQLite file, so that a kill loses nothing."""

import json
import secrets
import sqlite3
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.clock import iso, now

_SCHEMA = """
CREATE TABLE IF NOT EXISTS ticket (
    ticket_no TEXT PRIMARY KEY, client_ref TEXT UNIQUE NOT NULL, body TEXT NOT NULL, accepted_at TEXT NOT NULL,
    status TEXT NOT NULL, version INTEGER NOT NULL, next_at REAL
);
CREATE TABLE IF NOT EXISTS step (
    ticket_no TEXT NOT NULL, version INTEGER NOT NULL, status TEXT NOT NULL, at TEXT NOT NULL, unit TEXT, note TEXT,
    PRIMARY KEY (ticket_no, version)
);
CREATE TABLE IF NOT EXISTS note (
    note_ref TEXT PRIMARY KEY, ticket_no TEXT NOT NULL, body TEXT NOT NULL, at TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS callback (
    id TEXT PRIMARY KEY, ticket_no TEXT NOT NULL, version INTEGER NOT NULL, body TEXT NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0, next_at REAL NOT NULL, delivered INTEGER NOT NULL DEFAULT 0
);
"""


class KeyReused(Exception):
    """The idempotency key was used for another body."""


@dataclass(frozen=True, slots=True)
class Step:
    version: int
    status: str
    at: str
    unit: str | None
    note: str | None

    def as_json(self) -> dict[str, Any]:
        fields = {"version": self.version, "status": self.status, "at": self.at, "unit": self.unit, "note": self.note}
        return {name: value for name, value in fields.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Held:
    """A ticket as the simulator holds it."""

    ticket_no: str
    client_ref: str
    body: dict[str, Any]
    accepted_at: str
    status: str
    version: int


class Store:
    """Every method is one transaction."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.executescript(_SCHEMA)

    def create(self, body: dict[str, Any], first_step_s: float) -> tuple[Held, bool]:
        """The ticket for ``body['client_ref']`` and whether it is new. Raises KeyReused."""
        with self._transaction():
            known = self.by_ref(body["client_ref"])
            if known is not None:
                if known.body != body:
                    raise KeyReused
                return known, False
            number = f"YZW{now():%Y%m%d}{secrets.randbelow(10**6):06d}"
            at = iso(now())
            self._db.execute(
                "INSERT INTO ticket VALUES (?,?,?,?,?,?,?)",
                (number, body["client_ref"], json.dumps(body), at, "received", 0, time.time() + first_step_s),
            )
            self._add_step(number, body["client_ref"], "accepted", None, "分拨系统已受理。")
        held = self.by_number(number)
        assert held is not None
        return held, True

    def advance(self, ticket_no: str, status: str, unit: str | None, note: str | None, next_s: float | None) -> None:
        """Move a ticket to ``status`` and owe its callback; the next step of the clock is in ``next_s`` seconds."""
        with self._transaction():
            held = self.by_number(ticket_no)
            if held is None:
                return
            self._add_step(ticket_no, held.client_ref, status, unit, note)
            due = time.time() + next_s if next_s is not None else None
            self._db.execute("UPDATE ticket SET next_at=? WHERE ticket_no=?", (due, ticket_no))

    def _add_step(self, ticket_no: str, client_ref: str, status: str, unit: str | None, note: str | None) -> None:
        row = self._db.execute("SELECT version FROM ticket WHERE ticket_no=?", (ticket_no,)).fetchone()
        version = (row["version"] if row else 0) + 1
        step = Step(version, status, iso(now()), unit, note)
        self._db.execute("INSERT INTO step VALUES (?,?,?,?,?,?)", (ticket_no, version, status, step.at, unit, note))
        self._db.execute("UPDATE ticket SET status=?, version=? WHERE ticket_no=?", (status, version, ticket_no))
        body = {"type": "ticket.status", "ticket_no": ticket_no, "client_ref": client_ref, **step.as_json()}
        self._db.execute(
            "INSERT INTO callback VALUES (?,?,?,?,0,?,0)",
            (f"cb_{secrets.token_hex(12)}", ticket_no, version, json.dumps(body, ensure_ascii=False), time.time()),
        )

    def add_note(self, ticket_no: str, body: dict[str, Any]) -> bool:
        """Keep a note; False when it was there already. Raises KeyReused."""
        with self._transaction():
            known = self._db.execute("SELECT body FROM note WHERE note_ref=?", (body["note_ref"],)).fetchone()
            if known is not None:
                if json.loads(known["body"]) != body:
                    raise KeyReused
                return False
            self._db.execute(
                "INSERT INTO note VALUES (?,?,?,?)", (body["note_ref"], ticket_no, json.dumps(body), iso(now()))
            )
            return True

    def by_ref(self, client_ref: str) -> Held | None:
        return _held(self._db.execute("SELECT * FROM ticket WHERE client_ref=?", (client_ref,)).fetchone())

    def by_number(self, ticket_no: str) -> Held | None:
        return _held(self._db.execute("SELECT * FROM ticket WHERE ticket_no=?", (ticket_no,)).fetchone())

    def all(self, limit: int = 200) -> list[Held]:
        """Newest first."""
        rows = self._db.execute("SELECT * FROM ticket ORDER BY accepted_at DESC LIMIT ?", (limit,)).fetchall()
        return [held for row in rows if (held := _held(row)) is not None]

    def due(self) -> list[Held]:
        """Tickets whose next step of the clock has come."""
        rows = self._db.execute("SELECT * FROM ticket WHERE next_at <= ? LIMIT 100", (time.time(),)).fetchall()
        return [held for row in rows if (held := _held(row)) is not None]

    def history(self, ticket_no: str) -> list[Step]:
        rows = self._db.execute("SELECT * FROM step WHERE ticket_no=? ORDER BY version", (ticket_no,)).fetchall()
        return [Step(r["version"], r["status"], r["at"], r["unit"], r["note"]) for r in rows]

    def owed(self) -> list[sqlite3.Row]:
        """Callbacks to send now: of each ticket only the oldest undelivered one, so that steps arrive in order."""
        return self._db.execute(
            "SELECT * FROM callback c WHERE delivered=0 AND next_at <= ? AND NOT EXISTS (SELECT 1 FROM callback o "
            "WHERE o.ticket_no=c.ticket_no AND o.version<c.version AND o.delivered=0) LIMIT 50",
            (time.time(),),
        ).fetchall()

    def delivered(self, callback: str) -> None:
        self._db.execute("UPDATE callback SET delivered=1 WHERE id=?", (callback,))

    def postpone(self, callback: str, seconds: float) -> None:
        self._db.execute("UPDATE callback SET tries=tries+1, next_at=? WHERE id=?", (time.time() + seconds, callback))

    def _transaction(self) -> "_Transaction":
        return _Transaction(self._db)


class _Transaction:
    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def __enter__(self) -> None:
        self._db.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._db.execute("ROLLBACK" if kind else "COMMIT")


def _held(row: sqlite3.Row | None) -> Held | None:
    if row is None:
        return None
    return Held(
        row["ticket_no"], row["client_ref"], json.loads(row["body"]), row["accepted_at"], row["status"], row["version"]
    )
