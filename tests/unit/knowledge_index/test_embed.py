from pathlib import Path

import numpy as np
import pytest

from knowledge_index.build import Source, build, own_embedder
from knowledge_index.embed import Embedder, EmbedderError, TransformerEmbedder, load_embedder, own_input
from knowledge_index.snapshot import open_current, open_snapshot
from tests.unit.knowledge_index.conftest import SMALL

TEXTS = ["失业金咋领？", "12333還能打嗎", "龘靐齉", "", "养狗要办证吗 龘"]


def test_numpy_reads_what_sentence_transformers_reads(embedder: Embedder) -> None:
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(embedder.source, device="cpu")
    expected = model.encode([own_input(text) for text in TEXTS])
    np.testing.assert_allclose(embedder.encode(TEXTS), expected, atol=1e-5)


def test_an_unseen_character_means_nothing_and_breaks_nothing(embedder: Embedder) -> None:
    strange, empty, mixed, plain = embedder.encode(["龘靐齉", "", "养狗要办证吗 龘", "养狗要办证吗"])
    assert not strange.any() and not empty.any()
    assert mixed @ plain > 0.95


def test_training_twice_gives_the_same_model(source: Source, embedder: Embedder, tmp_path: Path) -> None:
    assert own_embedder(tmp_path, source, recipe=SMALL).fingerprint == embedder.fingerprint


def test_what_was_trained_is_not_trained_again(source: Source, tmp_path: Path) -> None:
    own_embedder(tmp_path, source, recipe=SMALL)
    lines: list[str] = []
    own_embedder(tmp_path, source, recipe=SMALL, progress=lines.append)
    assert lines == []


@pytest.fixture(scope="module")
def transformer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A BERT of two small layers with random weights, saved as sentence-transformers save theirs."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import BertConfig, BertModel, BertTokenizer

    folder = tmp_path_factory.mktemp("bert")
    characters = sorted(set("失业保险金怎么申领还能打吗养狗犬登记公积金租房有限司注册小学报名契税一二三"))
    (folder / "vocab.txt").write_text("\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *characters]), "utf-8")
    torch.manual_seed(1)
    config = BertConfig(
        vocab_size=len(characters) + 5, hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64
    )
    BertModel(config).save_pretrained(folder / "bert")
    BertTokenizer(str(folder / "vocab.txt")).save_pretrained(folder / "bert")
    body = Transformer(str(folder / "bert"))
    model = SentenceTransformer(modules=[body, Pooling(body.get_embedding_dimension())], device="cpu")
    model.save(str(folder / "model"))
    return folder / "model"


def test_a_transformer_can_take_the_default_embedders_place(transformer: Path, source: Source, tmp_path: Path) -> None:
    embedder = load_embedder(transformer)
    assert isinstance(embedder, TransformerEmbedder)
    lines: list[str] = []
    vectors = embedder.encode(["失业"] * 130, progress=lines.append)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert lines == ["encoded 64/130", "encoded 128/130", "encoded 130/130"]
    build(tmp_path, source, embedder)
    assert open_current(tmp_path).search("失业金咋领").hits[0].entry.topic == "hrss.unemployment-benefit"


def test_an_index_refuses_another_embedder(transformer: Path, root: Path) -> None:
    name = (root / "CURRENT").read_text("utf-8").strip()
    with pytest.raises(EmbedderError, match="another embedder"):
        open_snapshot(root / name, load_embedder(transformer))


def test_a_missing_model_is_one_clear_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(EmbedderError, match="INTAKE_EMBEDDER"):
        load_embedder(tmp_path / "nothing")
