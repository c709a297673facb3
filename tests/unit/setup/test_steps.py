"""What the set-up skips, redoes and refuses."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "setup"))

import steps  # noqa: E402


@pytest.fixture
def setup(tmp_path: Path) -> steps.Setup:
    return steps.Setup(tmp_path / "cache")


def step(setup: steps.Setup, folder: Path, stamp: str) -> int:
    """Run a step that appends a line; returns how many lines there are."""
    out = folder / "out"
    code = f"open({str(out)!r}, 'a').write('x\\n')"
    setup._step("a step", folder / "stamp", stamp, lambda: [[sys.executable, "-c", code]])
    return len(out.read_text().splitlines())


def test_what_is_up_to_date_is_not_redone(setup: steps.Setup, tmp_path: Path) -> None:
    assert [step(setup, tmp_path, s) for s in ("a", "a", "b", "b")] == [1, 1, 2, 2]


def test_a_failed_step_says_why_and_is_tried_again(setup: steps.Setup, tmp_path: Path) -> None:
    bad = [[sys.executable, "-c", "import sys; print('the reason'); sys.exit(4)"]]
    for _ in range(2):
        with pytest.raises(steps.Failed, match="the reason"):
            setup._step("a step", tmp_path / "stamp", "a", lambda: bad)


def test_the_hash_follows_names_and_contents() -> None:
    file = ROOT / "setup" / "app.in"
    assert steps.digest([file]) == steps.digest([file])
    assert steps.digest([file]) != steps.digest([file], "more")
    assert steps.digest([file]) != steps.digest([ROOT / "setup" / "rasa.in"])


def test_two_set_ups_take_turns(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    code = (
        f"import sys, time; sys.path.insert(0, {str(ROOT / 'setup')!r}); import steps, pathlib\n"
        f"with steps.locked(pathlib.Path({str(lock)!r})): print('in', flush=True); time.sleep(1)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as other:
        assert other.stdout is not None and other.stdout.readline() == b"in\n"
        began = time.monotonic()
        with steps.locked(lock):
            assert time.monotonic() - began > 0.3


def test_pins_are_whole_and_name_no_local_build() -> None:
    for name in ("app.txt", "dev.txt", "rasa.txt"):
        lines = [line for line in (ROOT / "setup" / name).read_text().splitlines() if not line.startswith("#")]
        assert lines and all("==" in line and "+" not in line and "://" not in line for line in lines)
    assert "torch==2.13.0" in (ROOT / "setup" / "app.txt").read_text()
