"""The one clock: wall time in China Standard Time, which has no daylight saving."""

from datetime import UTC, datetime, timedelta, timezone

CST = timezone(timedelta(hours=8), "CST")


def now() -> datetime:
    """The current time, aware, in +08:00."""
    return datetime.now(CST)


def iso(moment: datetime) -> str:
    """ISO 8601 with offset +08:00 and millisecond precision.

    A naive ``moment`` is taken as UTC, which is what SQLite hands back.
    """
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(CST).isoformat(timespec="milliseconds")


def parse_iso(text: str) -> datetime:
    """An aware time from ISO 8601; a time without offset is taken as +08:00. Raises ValueError."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=CST)
