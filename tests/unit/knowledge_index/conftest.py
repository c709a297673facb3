"""The knowledge base on the project's own entries, and a small one of entries written here."""

import os
from pathlib import Path
from typing import Any

import pytest

from core.catalog import ROOT
from knowledge_index.build import Source, assemble, build, ensure, own_embedder
from knowledge_index.embed import Embedder
from knowledge_index.entry import Entry
from knowledge_index.lexicon import Lexicon
from knowledge_index.recipe import Recipe
from knowledge_index.search import KnowledgeBase
from knowledge_index.snapshot import open_current

SMALL = Recipe(dimension=32, steps=60)


@pytest.fixture(scope="session")
def kb() -> KnowledgeBase:
    """What setup builds: the project's entries, the default embedder."""
    return open_current(ensure(Path(os.environ.get("INTAKE_CACHE") or ROOT / ".cache")))


def entry(topic: str, question: str, *similar: str, **fields: Any) -> Entry:
    """An entry with what a test does not care about filled in."""
    values: dict[str, Any] = {
        "id": topic,
        "topic": topic,
        "audience": "citizen",
        "department": topic.split(".")[0],
        "question": question,
        "similar": similar,
        "citations": [{"document": "宿迁市政务热线归并工作方案", "number": "宿政办发〔2021〕38号"}],
        "updated": "2026-11-01",
        "unit": "市市域治理现代化指挥中心",
        "body": f"{question}请看这里的说明，以主管部门当年公布的为准。\n\n### 材料\n- 身份证\n- 申请表",
    }
    return Entry.of(values | fields, topic)


ENTRIES = [
    entry("hotline.dual-numbers", "12333、12366这些号码还能打吗？", "12333还能打吗", "12329停用了没", audience="both"),
    entry("hotline.cancelled-numbers", "哪些热线号码取消了？", "96196还能打吗", "96510打不通了", audience="both"),
    entry("hrss.unemployment-benefit", "失业保险金怎么申领？", "失业金咋领", "厂里把我辞了能领钱不",
          related=["hrss.unemployment-registration"]),
    entry("hrss.unemployment-registration", "失业登记怎么办理？", "没工作了去哪登记", "失业要不要登记"),
    entry("data.company-setup", "有限公司怎么注册设立？", "想开公司", "办公司要啥", audience="enterprise"),
    entry("police.dog-keeping", "养犬登记怎么办？", "养狗要办证吗", "狗证去哪办"),
    entry("fund.withdraw-rent", "租房怎么提取住房公积金？", "租房子取公积金", districts=["sucheng"]),
    entry("edu.primary-enroll", "小学怎么报名？", "幼升小报名", expires="2026-08-31"),
    entry("tax.deed-tax", "买房契税怎么缴？", "契税几个点", effective_from="2027-01-01"),
]  # fmt: skip


@pytest.fixture(scope="session")
def source() -> Source:
    return Source(ENTRIES, Lexicon([("没工作", "失业"), ("养狗", "养犬")]), [])


@pytest.fixture(scope="session")
def embedder(source: Source, tmp_path_factory: pytest.TempPathFactory) -> Embedder:
    return own_embedder(tmp_path_factory.mktemp("cache"), source, recipe=SMALL)


@pytest.fixture
def small(source: Source, embedder: Embedder) -> KnowledgeBase:
    return assemble(source, embedder)[0]


@pytest.fixture
def root(source: Source, embedder: Embedder, tmp_path: Path) -> Path:
    """A folder of snapshots with one that serves."""
    build(tmp_path, source, embedder)
    return tmp_path
