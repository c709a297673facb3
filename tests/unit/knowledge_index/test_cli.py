import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from knowledge_index import cli
from knowledge_index.search import KnowledgeBase


@pytest.fixture
def runner(root: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    """Commands on the small knowledge base, published."""
    (root / "var").mkdir()
    (root / "var" / "knowledge").symlink_to(root, target_is_directory=True)
    monkeypatch.setattr(cli, "_places", lambda: cli.Places(root / "cache", root / "var", ""))
    return CliRunner()


def test_search_explains(runner: CliRunner) -> None:
    result = runner.invoke(cli.kb, ["search", "12333还能打吗", "--explain"])
    assert result.exit_code == 0
    assert result.stdout.startswith("answer\n1.000  hotline.dual-numbers")
    assert '"components"' in result.stdout


def test_evaluate_prints_one_json_object(runner: CliRunner, tmp_path: Path) -> None:
    (tmp_path / "q.csv").write_text("query,topic\n12333还能打吗,hotline.dual-numbers\n唱首歌,\n", "utf-8")
    result = runner.invoke(cli.kb, ["evaluate", str(tmp_path / "q.csv")])
    measured = json.loads(result.stdout)
    assert list(measured) == [
        "n", "recall@1", "recall@5", "mrr@10", "answered_in_scope", "answered_out_of_scope", "right_when_answered",
        "p50_ms", "p95_ms", "misses",
    ]  # fmt: skip
    assert (measured["n"], measured["recall@1"], measured["mrr@10"]) == (2, 1.0, 1.0)


def test_validate_lists_problems_and_fails(runner: CliRunner, tmp_path: Path) -> None:
    folder = tmp_path / "entries"
    folder.mkdir()
    (folder / "a.md").write_text("nothing", "utf-8")
    result = runner.invoke(cli.kb, ["validate", str(folder)])
    assert result.exit_code == 1 and "a.md: file" in result.stdout


def test_a_bad_file_is_one_line(runner: CliRunner, tmp_path: Path) -> None:
    (tmp_path / "q.csv").write_text("a,b\n1,2\n", "utf-8")
    result = runner.invoke(cli.kb, ["evaluate", str(tmp_path / "q.csv")])
    assert result.exit_code == 1 and "query,topic" in result.stderr


def test_the_projects_index_opens(kb: KnowledgeBase) -> None:
    assert len(kb.entries) >= 60
