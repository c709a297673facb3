"""Makes a fresh machine ready: both environments, the pages, the knowledge index, the trained assistant.

Standard library only; runs on Python 3.11+. Each step is skipped while the hash of what it is made from is unchanged,
shows what it does and for how long, and leaves its log under the cache. ``bootstrap.py run`` prepares to run,
``bootstrap.py test`` also what the tests need.
"""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from steps import Failed, Missing, Setup, locked


def main() -> int:
    """Run the steps for ``run`` or ``test``; returns the exit code."""
    mode = sys.argv[1] if len(sys.argv) > 1 else "run"
    cache = Path(os.environ.get("INTAKE_CACHE") or "./.cache").resolve()
    try:
        with locked(cache / "setup.lock"):
            Setup(cache).prepare(for_tests=mode == "test")
    except Missing as error:
        print(f"✗ {error}", file=sys.stderr)
        return 2
    except Failed as error:
        print(f"✗ {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nstopped; run the same command again to go on", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
