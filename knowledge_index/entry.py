"""One knowledge entry: a front-matter Markdown file that answers one topic."""

import re
from datetime import date
from typing import Any, Literal

import frontmatter
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

Audience = Literal["citizen", "enterprise", "both"]

_FRONT = re.compile(r"\A\ufeff?---\r?\n.*?\r?\n---\s*?(\r?\n|\Z)", re.DOTALL)
_MARKS = re.compile(r"[#*_`>|~\[\]()\s-]")


class EntryError(ValueError):
    """An entry that cannot be read; ``problems`` are (field, message) pairs, the field empty for the whole file."""

    def __init__(self, source: str, problems: list[tuple[str, str]]) -> None:
        self.source = source
        self.problems = problems
        super().__init__("; ".join(f"{source}: {field or 'file'}: {message}" for field, message in problems))


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Citation(_Model):
    """The rule that an answer rests on; ``number`` and ``clause`` only where they are certain."""

    document: str = Field(min_length=2)
    number: str | None = None
    clause: str | None = None
    url: str | None = Field(default=None, pattern=r"^https?://")

    def public(self) -> dict[str, str]:
        """As the contracts show it: absent parts left out."""
        return self.model_dump(exclude_none=True)


class Confusable(_Model):
    """A neighbouring topic that people mix up with this one, and what tells them apart."""

    topic: str
    difference: str


class Entry(_Model):
    """``districts`` are the codes where the entry holds; empty means the whole city. Both dates of validity are
    inclusive; ``body`` is Markdown whose first sentence answers."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]*$")
    topic: str
    audience: Audience
    department: str
    question: str = Field(min_length=2)
    similar: tuple[str, ...]
    citations: tuple[Citation, ...]
    effective_from: date | None = None
    expires: date | None = None
    updated: date
    review_by: date | None = None
    unit: str
    related: tuple[str, ...] = ()
    confusable: tuple[Confusable, ...] = ()
    districts: tuple[str, ...] = ()
    body: str = Field(min_length=1)

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> "Entry":
        if self.effective_from and self.expires and self.expires < self.effective_from:
            raise ValueError("expires is before effective_from")
        return self

    def in_force(self, on: date) -> bool:
        """Whether the entry may be shown on that day."""
        return (self.effective_from is None or self.effective_from <= on) and (
            self.expires is None or on <= self.expires
        )

    @property
    def questions(self) -> tuple[str, ...]:
        """The standard question, then the similar ones."""
        return (self.question, *self.similar)

    @property
    def length(self) -> int:
        """Characters of the body without Markdown marks and white space."""
        return len(_MARKS.sub("", self.body))

    @classmethod
    def parse(cls, text: str, source: str) -> "Entry":
        """From the text of a file; ``source`` names it in errors. Raises EntryError."""
        if not _FRONT.match(text):
            raise EntryError(source, [("", "no front matter between two lines of ---")])
        try:
            post = frontmatter.loads(text)
        except yaml.YAMLError as error:
            raise EntryError(source, [("", f"front matter is not valid YAML: {_one_line(error)}")]) from error
        return cls.of({**post.metadata, "body": post.content}, source)

    @classmethod
    def of(cls, values: dict[str, Any], source: str) -> "Entry":
        """From its fields. Raises EntryError that names each wrong field."""
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            raise EntryError(source, [(_path(e["loc"]), e["msg"]) for e in error.errors()]) from error


def _path(parts: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in parts)


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
