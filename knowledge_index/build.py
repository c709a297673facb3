"""Builds the index: trains or loads the embedder, fits the gate, writes a snapshot beside, verifies it, switches.

Nothing is done twice: the embedder and the snapshot are named by the hash of everything they were made from.
"""

import fcntl
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from core import catalog
from core.clock import now
from knowledge_index import snapshot, store
from knowledge_index.embed import Embedder, load_embedder
from knowledge_index.entry import Entry
from knowledge_index.gate import Gate
from knowledge_index.gate_fit import FALLBACK, Observation, Sample, fit, read_samples
from knowledge_index.index import Index
from knowledge_index.lexicon import Lexicon, read_pairs
from knowledge_index.recipe import Recipe
from knowledge_index.search import KnowledgeBase
from knowledge_index.shadow import shadows

Progress = Callable[[str], None]
KEPT = 3
CODE = 1  # raise when the same inputs must give another index
TRAINING_CODE = ("text", "lexicon", "passages", "train_embedder", "shadow")
INDEX_CODE = ("lexical", "dense", "index", "fuse", "gate", "gate_fit", "signals", "embed", "query", "search")
_HERE = Path(__file__).resolve().parent


class BuildError(RuntimeError):
    """An index that was built but must not serve; the message says why."""


@dataclass(frozen=True, slots=True)
class Source:
    """Everything an index is made from."""

    entries: Sequence[Entry]
    lexicon: Lexicon
    samples: Sequence[Sample]
    shadows: Sequence[Entry] = ()

    @classmethod
    def read(cls, entries: Path = store.FOLDER) -> "Source":
        """From the repository's data. Raises EntryError, ValueError."""
        found = store.load(entries)
        return cls(found, Lexicon(read_pairs()), read_samples(), shadows(found))

    def texts_key(self) -> str:
        """Changes when anything that the embedder learns from changes."""
        everything = [*self.entries, *self.shadows]
        topics = [asdict(topic) for topic in catalog.topics().values()]
        asked = [(e.topic, e.questions, e.body) for e in everything]
        return _hash([CODE, asked, topics, self.lexicon.pairs, _code_digest(TRAINING_CODE)])

    def key(self) -> str:
        """Changes when anything that decides the index changes, beside the embedder."""
        values = [
            self.texts_key(),
            snapshot.FORMAT,
            [entry.model_dump(mode="json") for entry in self.entries],
            [asdict(sample) for sample in self.samples],
            FALLBACK.read_text(encoding="utf-8") if FALLBACK.is_file() else "",
            _code_digest(INDEX_CODE),
        ]
        return _hash(values)


def ensure(cache: Path, embedder: str = "", *, source: Source | None = None, progress: Progress = print) -> Path:
    """The root ``<cache>/knowledge`` with a current snapshot of the repository's entries, built when it must be.

    ``embedder`` is INTAKE_EMBEDDER; empty means the own model, trained when its inputs changed.
    """
    source = source or Source.read()
    root = cache / "knowledge"
    with locked(root, progress):
        model = load_embedder(embedder) if embedder else own_embedder(cache, source, progress=progress)
        build(root, source, model, progress=progress)
    return root


def build(root: Path, source: Source, embedder: Embedder, *, progress: Progress = print) -> str:
    """Makes the snapshot for ``source`` current and returns its name; reuses a whole one of the same inputs.

    Raises BuildError when the new one does not find what it should; what served before goes on serving.
    """
    name = _hash([source.key(), embedder.fingerprint])[:24]
    if not _is_whole(root / name):
        progress(f"index: building {name}")
        _write_beside(root, name, source, embedder, progress)
    if snapshot.current_name(root) != name:
        snapshot.make_current(root, name)
    _prune(root, keep=name)
    progress(f"index: {name} is current, {len(source.entries)} entries")
    return name


def own_embedder(cache: Path, source: Source, *, recipe: Recipe | None = None, progress: Progress = print) -> Embedder:
    """The default embedder for ``source`` from ``<cache>/embedder``, trained there when it is not."""
    recipe = recipe or Recipe()
    root = cache / "embedder"
    folder = root / _hash([source.texts_key(), asdict(recipe)])[:24]
    if not (folder / "done").is_file():
        from knowledge_index.train_embedder import train

        progress("embedder: loading the trainer")
        root.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=".", dir=root))
        train([*source.entries, *source.shadows], source.lexicon, beside, recipe, progress)
        (beside / "done").write_text("", encoding="utf-8")
        shutil.rmtree(folder, ignore_errors=True)
        beside.chmod(0o755)
        os.replace(beside, folder)
        _prune_folders(root, keep=folder.name)
    return load_embedder(folder)


@contextmanager
def locked(root: Path, progress: Progress = print) -> Iterator[None]:
    """One builder at a time in ``root``; says when it waits. Left-overs of a builder that died are removed."""
    root.mkdir(parents=True, exist_ok=True)
    with (root / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress("index: another process is building it, waiting")
            fcntl.flock(lock, fcntl.LOCK_EX)
        for left in root.glob(".build-*"):
            shutil.rmtree(left, ignore_errors=True)
        yield


def assemble(source: Source, embedder: Embedder, progress: Progress = print) -> tuple[KnowledgeBase, Index]:
    """The knowledge base in memory, its gate fitted."""
    index = Index.build([*source.entries, *source.shadows], embedder, source.lexicon, progress)

    def with_gate(gate: Gate) -> KnowledgeBase:
        return KnowledgeBase(source.entries, index, embedder, source.lexicon, gate, shadows=source.shadows)

    gate = fit(observe(with_gate(Gate.load(FALLBACK)), source.samples), progress)
    return with_gate(gate), index


def observe(kb: KnowledgeBase, samples: Sequence[Sample]) -> list[Observation]:
    """What the gate would see for each sample. A question whose topic has no entry yet must not be answered either."""
    topics = {entry.topic for entry in kb.entries}
    observations = []
    for sample in samples:
        seen, found = kb.signals(sample.query)
        rank = next((place for place, topic in enumerate(found, start=1) if topic in sample.topics), 0)
        observations.append(Observation(seen, bool(topics & set(sample.topics)), rank))
    return observations


def _write_beside(root: Path, name: str, source: Source, embedder: Embedder, progress: Progress) -> None:
    root.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=".build-", dir=root))
    try:
        kb, index = assemble(source, embedder, progress)
        snapshot.write(beside, kb, index, source.key(), now())
        _check(snapshot.open_snapshot(beside, embedder), kb)
        beside.chmod(0o755)
        shutil.rmtree(root / name, ignore_errors=True)
        os.replace(beside, root / name)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _check(written: KnowledgeBase, kb: KnowledgeBase) -> None:
    """What was written finds each entry in force by its own question, as what was built in memory does."""
    today = now().date()
    lost = []
    for entry in kb.entries:
        if entry.in_force(today):
            hits = written.search(entry.question, district=next(iter(entry.districts), None), on=today).hits
            if not hits or entry.topic not in {hit.entry.topic for hit in hits[:3]}:
                lost.append(entry.id)
    if lost:
        raise BuildError(f"the new index does not find by their own question: {', '.join(lost[:10])}")


def _is_whole(folder: Path) -> bool:
    try:
        snapshot.verify(folder)
    except snapshot.SnapshotError:
        return False
    return True


def _prune(root: Path, keep: str) -> None:
    for name in [n for n in snapshot.names(root) if n != keep][KEPT - 1 :]:
        shutil.rmtree(root / name, ignore_errors=True)


def _prune_folders(root: Path, keep: str) -> None:
    others = sorted((f for f in root.iterdir() if f.is_dir() and f.name != keep), key=lambda f: -f.stat().st_mtime)
    for folder in others[KEPT - 1 :]:
        shutil.rmtree(folder, ignore_errors=True)


def _code_digest(modules: Sequence[str]) -> str:
    return _hash([(_HERE / f"{module}.py").read_text(encoding="utf-8") for module in modules])


def _hash(values: object) -> str:
    return hashlib.sha256(json.dumps(values, ensure_ascii=False, sort_keys=True).encode("utf-8")).hexdigest()
