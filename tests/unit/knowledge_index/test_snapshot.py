import json
from pathlib import Path

import pytest

from knowledge_index import snapshot
from knowledge_index.build import Source, build
from knowledge_index.embed import Embedder
from knowledge_index.snapshot import SnapshotError, current_name, make_current, names, open_current, verify
from tests.unit.knowledge_index.conftest import ENTRIES


def _second(source: Source) -> Source:
    return Source(ENTRIES[:5], source.lexicon, [])


def test_unchanged_inputs_are_not_built_again(root: Path, source: Source, embedder: Embedder) -> None:
    lines: list[str] = []
    build(root, source, embedder, progress=lines.append)
    assert not any("building" in line for line in lines)
    assert names(root) == [current_name(root)]


def test_the_manifest_tells_what_is_inside(root: Path, embedder: Embedder) -> None:
    manifest = verify(root / str(current_name(root)))
    assert manifest["entries"] == len(ENTRIES)
    assert manifest["embedder"]["fingerprint"] == embedder.fingerprint
    assert {"entries.jsonl", "vectors.npy", "gate.json"} <= set(manifest["files"])


@pytest.mark.parametrize("file", ["entries.jsonl", "vectors.npy", "manifest.json", "gate.json", "dense.faiss"])
@pytest.mark.parametrize("damage", ["flip", "truncate", "remove"])
def test_a_damaged_snapshot_is_refused_and_the_last_good_one_serves(
    root: Path, source: Source, embedder: Embedder, file: str, damage: str
) -> None:
    good = current_name(root)
    bad = build(root, _second(source), embedder)
    path = root / bad / file
    content = path.read_bytes()
    if damage == "remove":
        path.unlink()
    else:
        half = len(content) // 2
        path.write_bytes(content[:half] if damage == "truncate" else content[:half] + b"\x00\xff" + content[half + 2 :])
    with pytest.raises(SnapshotError, match=bad):
        verify(root / bad)
    assert open_current(root).name == good
    assert build(root, _second(source), embedder) == bad  # made whole again
    assert open_current(root).name == bad


def test_with_nothing_to_serve_the_error_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SnapshotError, match="intake kb build"):
        open_current(tmp_path)


def test_a_pointer_that_leads_outside_is_ignored(root: Path) -> None:
    (root / "CURRENT").write_text("../../etc", "utf-8")
    assert current_name(root) is None
    assert open_current(root).search("失业金咋领").hits


def test_a_build_that_dies_leaves_the_old_one_serving(
    root: Path, source: Source, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = current_name(root)

    def die(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(snapshot, "write", die)
    with pytest.raises(OSError, match="disk full"):
        build(root, _second(source), embedder)
    assert current_name(root) == before
    assert sorted(path.name for path in root.iterdir()) == sorted(["CURRENT", str(before)])


def test_rollback_is_one_pointer(root: Path, source: Source, embedder: Embedder) -> None:
    first = str(current_name(root))
    build(root, _second(source), embedder)
    make_current(root, first)
    assert open_current(root).name == first


def test_a_snapshot_of_another_format_is_refused(root: Path) -> None:
    path = root / str(current_name(root)) / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | {"format": 99}), "utf-8")
    with pytest.raises(SnapshotError, match="format"):
        open_current(root)
