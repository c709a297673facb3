"""The ``kb`` commands: build, search, evaluate, validate, train-embedder."""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from knowledge_index import store
from knowledge_index.build import BuildError, Source, ensure, locked, own_embedder
from knowledge_index.embed import EmbedderError
from knowledge_index.entry import EntryError
from knowledge_index.evaluate import evaluate, read_rows
from knowledge_index.search import KnowledgeBase
from knowledge_index.snapshot import SnapshotError, open_current

kb = typer.Typer(no_args_is_help=True, add_completion=False, help="The policy knowledge base.")
app = kb


@dataclass(frozen=True, slots=True)
class Places:
    """Where the commands work; ``embedder`` empty means the own model."""

    cache: Path
    var: Path
    embedder: str


def from_environment() -> Places:
    """INTAKE_CACHE, INTAKE_VAR, INTAKE_EMBEDDER, with the contracts' defaults."""
    read = os.environ.get
    return Places(
        Path(read("INTAKE_CACHE") or "./.cache"), Path(read("INTAKE_VAR") or "./var"), read("INTAKE_EMBEDDER") or ""
    )


_places: Callable[[], Places] = from_environment


def use_places(places: Callable[[], Places]) -> None:
    """Lets the main command line hand in its own settings."""
    global _places
    _places = places


Cache = Annotated[Path | None, typer.Option("--cache", help="Overrides INTAKE_CACHE.")]


@kb.command("build")
def build_command(cache: Cache = None) -> None:
    """Train the embedder and build the index where their inputs changed."""
    places = _places()
    _guard(lambda: ensure(cache or places.cache, places.embedder, progress=_step))


@kb.command("search")
def search_command(
    query: str,
    audience: Annotated[str | None, typer.Option(help="citizen or enterprise")] = None,
    district: Annotated[str | None, typer.Option(help="A district's code.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=20)] = 5,
    explain: Annotated[bool, typer.Option("--explain", help="Show why each entry was found.")] = False,
) -> None:
    """Search as the assistant does."""
    found = _opened().search(query, audience=audience, district=district, limit=limit)
    typer.echo(f"{found.decision}")
    for hit in found.hits:
        typer.echo(f"{hit.score:.3f}  {hit.entry.id}  {hit.entry.question}")
        if explain:
            typer.echo("       " + json.dumps(hit.explain, ensure_ascii=False))


@kb.command("evaluate")
def evaluate_command(file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)]) -> None:
    """Measure on a CSV query,topic[,audience]; prints one JSON object."""
    measured = _guard(lambda: evaluate(_opened(), read_rows(file)))
    typer.echo(json.dumps(measured, ensure_ascii=False))


@kb.command("validate")
def validate_command(
    folder: Annotated[Path, typer.Argument(help="The entries; the project's own when absent.")] = store.FOLDER,
) -> None:
    """Check every entry; each problem is a line that names entry and field."""
    entries, unread = store.read(folder)
    problems = [*unread, *store.validate(entries)]
    for problem in problems:
        typer.echo(str(problem))
    typer.echo(f"{len(entries)} entries, {len(problems)} problems", err=True)
    raise typer.Exit(1 if problems else 0)


@kb.command("train-embedder")
def train_command(cache: Cache = None) -> None:
    """Train the default embedder when its inputs changed; prints its folder."""
    folder = cache or _places().cache

    def trained() -> str:
        with locked(folder / "knowledge", _step):
            return own_embedder(folder, Source.read(), progress=_step).source

    typer.echo(_guard(trained))


def _opened() -> KnowledgeBase:
    """The published snapshot, else the first index, built when there is none."""
    places = _places()

    def opened() -> KnowledgeBase:
        published = places.var / "knowledge"
        if (published / "CURRENT").is_file():
            return open_current(published)
        return open_current(ensure(places.cache, places.embedder, progress=_step))

    result: KnowledgeBase = _guard(opened)
    return result


def _guard(work: Callable[[], Any]) -> Any:
    """Runs ``work``; an expected failure is one line on stderr and exit code 1."""
    try:
        return work()
    except (EntryError, EmbedderError, SnapshotError, BuildError, ValueError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None


def _step(line: str) -> None:
    typer.echo(line, err=True)
