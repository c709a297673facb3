"""Entries on disk: loading a folder, and the checks that an entry must pass before anyone is answered with it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from core import catalog
from knowledge_index.entry import Entry, EntryError
from knowledge_index.text import compact

FOLDER = catalog.ROOT / "data" / "knowledge"
BODY_CHARACTERS = (80, 400)
MIN_SIMILAR = 10
PHONES = frozenset(
    (
        "12345",
        "12333",
        "12366",
        "12393",
        "12329",
        "12348",
        "110",
        "119",
        "120",
        "122",
        "96510",
        "12336",
        "12312",
        "96196",
    )
)

_DIGITS = re.compile(r"(?<![\d.])\d[\d-]*\d(?![\d.])")
_MOBILE = re.compile(r"1[3-9]\d{9}")
_LANDLINE = re.compile(r"0\d{2,3}-\d{7,8}|400-?\d{3}-?\d{4}")
_SHORT = re.compile(r"1(?:2[0-9]{3}|00\d{2}|1[0-9]{3}|1[0-9]|2[0-9])|9[56]\d{3,4}")
_UNIT_AFTER = re.compile(r"\s*(?:元|年|天|日|个|月|人|岁|户|平|万|%|％|公里|小时|分|米|公斤|号|倍|周|件|次|度)")


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one field of one entry."""

    entry: str
    field: str
    message: str

    def __str__(self) -> str:
        return f"{self.entry}: {self.field}: {self.message}"


def load(folder: Path = FOLDER) -> list[Entry]:
    """Every ``*.md`` under ``folder``, ordered by id. Raises EntryError that lists every unreadable file."""
    entries, problems = read(folder)
    if problems:
        raise EntryError(str(folder.name), [(f"{p.entry}: {p.field}", p.message) for p in problems])
    return entries


def read(folder: Path = FOLDER) -> tuple[list[Entry], list[Problem]]:
    """The entries that can be read, ordered by id, and the problems of those that cannot."""
    entries: list[Entry] = []
    problems: list[Problem] = []
    for path in sorted(folder.rglob("*.md")):
        if path.name.upper().startswith("README"):
            continue
        name = path.relative_to(folder).as_posix()
        try:
            entries.append(Entry.parse(path.read_text(encoding="utf-8"), name))
        except EntryError as error:
            problems += [Problem(name, field or "file", message) for field, message in error.problems]
        except (OSError, UnicodeDecodeError) as error:
            problems.append(Problem(name, "file", f"cannot be read as UTF-8 text: {type(error).__name__}"))
    return sorted(entries, key=lambda entry: entry.id), problems


def validate(entries: Iterable[Entry]) -> list[Problem]:
    """Everything that keeps ``entries`` from being published; empty when all is well."""
    entries = list(entries)
    problems: list[Problem] = []
    for entry in entries:
        problems += _references(entry) + _content(entry) + _phones(entry)
    return problems + _duplicate_ids(entries) + _duplicate_questions(entries)


def _references(entry: Entry) -> list[Problem]:
    found: list[tuple[str, str]] = []
    topic = catalog.topics().get(entry.topic)
    if topic is None:
        found.append(("topic", f"{entry.topic} is not in the catalogue"))
    else:
        found += [
            (field, f"{getattr(entry, field)} is not the catalogue's {getattr(topic, field)}")
            for field in ("audience", "department")
            if getattr(entry, field) != getattr(topic, field)
        ]
    known = catalog.topics()
    found += [("related", f"{other} is not in the catalogue") for other in entry.related if other not in known]
    found += [("confusable", f"{c.topic} is not in the catalogue") for c in entry.confusable if c.topic not in known]
    found += [("districts", f"{code} is not a district") for code in entry.districts if code not in catalog.districts()]
    return [Problem(entry.id, field, message) for field, message in found]


def _content(entry: Entry) -> list[Problem]:
    found: list[tuple[str, str]] = []
    low, high = BODY_CHARACTERS
    if not low <= entry.length <= high:
        found.append(("body", f"{entry.length} characters, not {low} to {high}"))
    if len(entry.similar) < MIN_SIMILAR:
        found.append(("similar", f"{len(entry.similar)} questions, fewer than {MIN_SIMILAR}"))
    if not entry.citations:
        found.append(("citations", "none given"))
    if not entry.unit:
        found.append(("unit", "empty"))
    return [Problem(entry.id, field, message) for field, message in found]


def _phones(entry: Entry) -> list[Problem]:
    texts = [("question", entry.question), ("body", entry.body)]
    texts += [("confusable", c.difference) for c in entry.confusable]
    return [
        Problem(entry.id, field, f"{number} is not an allowed phone number")
        for field, text in texts
        for number in phone_numbers(text)
        if number not in PHONES
    ]


def phone_numbers(text: str) -> list[str]:
    """The digit groups of ``text`` that read as telephone numbers, in order."""
    found = []
    for match in _DIGITS.finditer(text):
        number = match.group()
        is_long = _MOBILE.fullmatch(number) or _LANDLINE.fullmatch(number)
        is_short = _SHORT.fullmatch(number) and not _UNIT_AFTER.match(text, match.end())
        if is_long or (is_short and not _is_date(number)):
            found.append(number)
    return found


def _is_date(number: str) -> bool:
    return bool(re.fullmatch(r"(?:19|20)\d{2}(?:-\d{1,2}){0,2}", number))


def _duplicate_ids(entries: list[Entry]) -> list[Problem]:
    seen: set[str] = set()
    problems = []
    for entry in entries:
        if entry.id in seen:
            problems.append(Problem(entry.id, "id", "used by another entry too"))
        seen.add(entry.id)
    return problems


def _duplicate_questions(entries: list[Entry]) -> list[Problem]:
    owner: dict[str, Entry] = {}
    problems = []
    for entry in entries:
        own: set[str] = set()
        for question in entry.questions:
            key = compact(question)
            other = owner.setdefault(key, entry)
            if other.topic != entry.topic:
                problems.append(Problem(entry.id, "similar", f"“{question}” is also asked by {other.id}"))
            elif key in own:
                problems.append(Problem(entry.id, "similar", f"“{question}” is given twice"))
            own.add(key)
    return problems
