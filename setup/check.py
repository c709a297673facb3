"""``make test`` after the set-up: every check runs, also when an earlier one failed; ends with pytest's own summary."""

import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv/bin"
CHECKS: dict[str, list[str]] = {
    "style": [str(BIN / "python"), "-m", "ruff", "check", "."],
    "format": [str(BIN / "python"), "-m", "ruff", "format", "--check", "."],
    "direction of imports": [str(BIN / "lint-imports")],
    "types": [str(BIN / "python"), "-m", "mypy"],
    "pages": ["npm", "--prefix", "ui", "test"],
    "tests": [str(BIN / "python"), "-m", "pytest", "--junitxml=test-results/junit.xml"],
}


def main() -> int:
    """1 when any check failed."""
    failed = []
    for name, command in CHECKS.items():
        began = time.monotonic()
        print(f"── {name}", flush=True)
        if subprocess.run(command, cwd=ROOT).returncode != 0:
            failed.append(name)
        print(f"── {name}: {'FAILED' if name in failed else 'ok'} after {time.monotonic() - began:.0f} s", flush=True)
    if failed:
        print(f"failed: {', '.join(failed)}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
