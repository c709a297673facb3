"""A snapshot on disk: an immutable folder with a manifest of hashes, and the pointer to the one that serves.

<root>/<name>/      entries.jsonl shadows.jsonl lexicon.csv gate.json questions.npz documents.npz dense.faiss
                        vectors.npy rows.npz [embedder/] manifest.json
<root>/CURRENT      the name of the one that serves, replaced atomically
"""

import csv
import hashlib
import json
import os
import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog

from core.clock import iso
from knowledge_index.embed import Embedder, EmbedderError, OwnEmbedder, load_embedder
from knowledge_index.entry import Entry, EntryError
from knowledge_index.gate import Gate
from knowledge_index.index import Index
from knowledge_index.lexicon import Lexicon
from knowledge_index.search import KnowledgeBase

FORMAT = 1
MANIFEST = "manifest.json"
POINTER = "CURRENT"
_NAME = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,80}")
_log = structlog.get_logger("knowledge")


class SnapshotError(RuntimeError):
    """A snapshot that is missing, half-written or damaged; the message says which and how."""


def write(folder: Path, kb: KnowledgeBase, index: Index, inputs: str, created: datetime) -> None:
    """Everything of a snapshot into ``folder`` (new and empty), the manifest last, all of it synced to disk."""
    _write_entries(folder / "entries.jsonl", kb.entries)
    _write_entries(folder / "shadows.jsonl", kb.shadows)
    _write_lexicon(folder / "lexicon.csv", kb.lexicon)
    kb.gate.save(folder / "gate.json")
    index.save(folder)
    if isinstance(kb.embedder, OwnEmbedder):
        kb.embedder.copy_to(folder / "embedder")
    manifest = {
        "format": FORMAT,
        "inputs": inputs,
        "created": iso(created),
        "entries": len(kb.entries),
        "embedder": {
            "source": "embedder" if isinstance(kb.embedder, OwnEmbedder) else kb.embedder.source,
            "own": isinstance(kb.embedder, OwnEmbedder),
            "fingerprint": kb.embedder.fingerprint,
            "dimension": kb.embedder.dimension,
        },
        "files": {name: _sha256(folder / name) for name in _files(folder)},
    }
    (folder / MANIFEST).write_text(json.dumps(manifest, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    for name in [*_files(folder), MANIFEST]:
        _sync(folder / name)
    _sync(folder)


def verify(folder: Path) -> dict[str, Any]:
    """The manifest, once every file has been found and has the hash it should. Raises SnapshotError."""
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        files: dict[str, str] = manifest["files"]
        for name, expected in files.items():
            if _sha256(folder / name) != expected:
                raise SnapshotError(f"snapshot {folder.name} is damaged: {name} is not what was written")
    except FileNotFoundError as error:
        raise SnapshotError(f"snapshot {folder.name} is incomplete: {Path(error.filename).name} is missing") from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise SnapshotError(f"snapshot {folder.name} cannot be read: {type(error).__name__}") from error
    if manifest.get("format") != FORMAT:
        raise SnapshotError(f"snapshot {folder.name} has another format; build the index again")
    return manifest


def open_snapshot(folder: Path, embedder: Embedder | None = None) -> KnowledgeBase:
    """The knowledge base in ``folder``, verified; with its own embedder unless one is given.

    Raises SnapshotError, and EmbedderError when the embedder is not the one that made the vectors.
    """
    manifest = verify(folder)
    embedder = embedder or _embedder(folder, manifest)
    if embedder.fingerprint != manifest["embedder"]["fingerprint"]:
        raise EmbedderError(f"snapshot {folder.name} was made with another embedder; build the index again")
    try:
        entries = _read_entries(folder / "entries.jsonl")
        lexicon = _read_lexicon(folder / "lexicon.csv")
        shadows = _read_entries(folder / "shadows.jsonl")
        index = Index.load(folder, len(entries) + len(shadows))
        gate = Gate.load(folder / "gate.json")
        return KnowledgeBase(entries, index, embedder, lexicon, gate, shadows=shadows, name=folder.name)
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        raise SnapshotError(f"snapshot {folder.name} cannot be read: {type(error).__name__}") from error


def open_current(root: Path, embedder: Embedder | None = None) -> KnowledgeBase:
    """The snapshot that serves; when it is damaged, the newest other one that is whole, and a warning.

    Raises SnapshotError when none can serve.
    """
    wanted = current_name(root)
    failures = []
    for name in ([wanted] if wanted else []) + [n for n in names(root) if n != wanted]:
        try:
            opened = open_snapshot(root / name, embedder)
        except (SnapshotError, EmbedderError) as error:
            failures.append(str(error))
            _log.error("snapshot_refused", snapshot=name, reason=str(error))
            continue
        if failures or name != wanted:
            _log.warning("snapshot_fallback", serving=name, instead_of=wanted)
        return opened
    raise SnapshotError("; ".join(failures) or f"no knowledge index in {root}: run `intake kb build`")


def current_name(root: Path) -> str | None:
    """What the pointer names, when it names something plausible."""
    try:
        name = (root / POINTER).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return None
    return name if _NAME.fullmatch(name) else None


def names(root: Path) -> list[str]:
    """The snapshots that were finished, newest first."""
    found = [path.parent for path in root.glob(f"*/{MANIFEST}") if _NAME.fullmatch(path.parent.name)]
    return [folder.name for folder in sorted(found, key=lambda f: (f / MANIFEST).stat().st_mtime_ns, reverse=True)]


def make_current(root: Path, name: str) -> None:
    """Points at a finished snapshot, atomically and durably. Raises SnapshotError when it is not whole."""
    verify(root / name)
    beside = root / f".{POINTER}.{os.getpid()}"
    beside.write_text(name + "\n", encoding="utf-8")
    _sync(beside)
    os.replace(beside, root / POINTER)
    _sync(root)


def _embedder(folder: Path, manifest: dict[str, Any]) -> Embedder:
    made_with = manifest["embedder"]
    return load_embedder(folder / "embedder" if made_with["own"] else made_with["source"])


def _write_entries(path: Path, entries: Sequence[Entry]) -> None:
    lines = [entry.model_dump_json(exclude_none=True) for entry in entries]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _read_entries(path: Path) -> list[Entry]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        return [Entry.of(json.loads(line), path.name) for line in lines if line]
    except EntryError as error:
        raise SnapshotError(str(error)) from error


def _write_lexicon(path: Path, lexicon: Lexicon) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(lexicon.pairs)


def _read_lexicon(path: Path) -> Lexicon:
    with path.open(encoding="utf-8", newline="") as file:
        return Lexicon((everyday, official) for everyday, official in csv.reader(file))


def _files(folder: Path) -> list[str]:
    return sorted(
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file() and path.name != MANIFEST
    )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
